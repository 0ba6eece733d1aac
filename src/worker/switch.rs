//! The switch that stops writes, for those who throw it and those who hear of it: in which direction a run writes, and
//! what a person is told. Tasks ask for themselves (`keeper.rs`). Refuses to know who may throw it.

use super::Engine;
use crate::model::Operation;
use crate::pipeline::Run;
use crate::report::Mode;
use crate::store::{Author, Direction, Restart, Scope, Stopped, StoreError, Switched};
use std::time::{Duration, UNIX_EPOCH};

impl Engine {
    /// Stops writes, of every server on this store. When this returns, none begins any more that was not let begin before.
    ///
    /// # Errors
    /// The store cannot keep it.
    pub async fn stop_writes(&self, scope: Scope, author: &Author) -> Result<Switched, StoreError> {
        let switched = self.store.stop_writes(scope, author).await?;
        tracing::warn!(
            client.name = author.client,
            reason = author.reason,
            ?scope,
            "writes are stopped"
        );
        // Tasks that read for long need not come to their next write to hear of it.
        self.cancellations.send_modify(|count| *count += 1);
        Ok(switched)
    }

    /// Starts them again. What ended meanwhile is not begun again.
    ///
    /// # Errors
    /// The store cannot keep it.
    pub async fn start_writes(&self, restart: Restart, author: &Author) -> Result<Switched, StoreError> {
        let switched = self.store.start_writes(restart, author).await?;
        tracing::warn!(
            client.name = author.client,
            reason = author.reason,
            ?restart,
            "writes are started"
        );
        Ok(switched)
    }

    /// What is stopped of that which a run would write, if it wrote.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn stopped_for(&self, run: &Run) -> Result<Option<Stopped>, StoreError> {
        let stopped = self.store.writes_stopped().await?;
        let direction = direction(run.operation);
        Ok(stopped.filter(|stopped| stopped.stops(direction)))
    }

    /// Where something has to be done before a run is accepted, which asks again.
    pub(super) async fn refuse_stopped(&self, direction: Option<Direction>) -> Result<(), StoreError> {
        match (direction, self.store.writes_stopped().await?) {
            (Some(direction), Some(stopped)) if stopped.stops(direction) => Err(StoreError::Stopped(stopped)),
            _ => Ok(()),
        }
    }
}

/// In which direction a run writes; none where all of its appliances are only looked at.
pub(super) fn direction_of(run: &Run) -> Option<Direction> {
    let is_written = run
        .appliances
        .iter()
        .any(|appliance| appliance.mode == Mode::Enforce);
    is_written.then(|| direction(run.operation))
}

/// The same of one of its tasks.
pub(super) fn direction_of_task(run: &Run, place: i64) -> Option<Direction> {
    let appliance = usize::try_from(place)
        .ok()
        .and_then(|place| run.appliances.get(place));
    let is_written = appliance.is_none_or(|appliance| appliance.mode == Mode::Enforce);
    is_written.then(|| direction(run.operation))
}

/// An undo of a deletion lists again, and is an addition like any other.
fn direction(operation: Operation) -> Direction {
    match operation {
        Operation::Add => Direction::Adding,
        Operation::Delete => Direction::Removing,
    }
}

/// What is stopped, since when, by whom and why.
#[must_use]
pub fn words(stopped: &Stopped) -> String {
    let what = match stopped.scope {
        Scope::Additions => "additions are",
        Scope::Everything => "additions and removals are",
    };
    let since = Duration::from_millis(u64::try_from(stopped.since_ms).unwrap_or(0));
    format!(
        "{what} stopped since {} by {}: {}",
        humantime::format_rfc3339_seconds(UNIX_EPOCH + since),
        stopped.by_client,
        stopped.reason
    )
}

/// The same for what ended by it.
pub(super) fn words_of_end(stopped: &Stopped) -> String {
    format!(
        "{}; what was not sent until then is not queued either",
        words(stopped)
    )
}
