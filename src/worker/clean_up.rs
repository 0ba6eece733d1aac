//! Forgets what was kept long enough, now and then. What is forgotten is gone, so that a clock which has just jumped is
//! not believed. Refuses to know what belongs to a run; the store does.

use super::Engine;
use crate::store::Retention;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often.
const INTERVAL: Duration = Duration::from_secs(3600);
/// The first time after a start, when a clock that was wrong at power-on is likely to be set.
const AFTER_START: Duration = Duration::from_secs(600);
/// The database's clock may go that much faster or slower than ours between two looks.
const DIFFERENCE_MAX_MS: u128 = 60_000;

impl Engine {
    pub(super) async fn clean_up(self: Arc<Self>) {
        let mut pause = AFTER_START;
        loop {
            match self.is_steady_clock_for(pause).await {
                Ok(true) => self.clean_up_once().await,
                Ok(false) => tracing::warn!(
                    "the clock of the store jumped; old runs are kept until it was steady for {}",
                    humantime::format_duration(INTERVAL)
                ),
                Err(error) => tracing::warn!(%error, "old runs cannot be forgotten; tried again"),
            }
            pause = INTERVAL;
        }
    }

    async fn clean_up_once(&self) {
        let server = &self.app.config.server;
        // A key is of no use without its run.
        let keep = Retention {
            unchanged: server.keep_runs_without_change.max(server.keep_keys),
            changed: server.keep_runs_with_change.max(server.keep_keys),
            audit: server.keep_audit,
        };
        match self.store.clean_up(&keep).await {
            Ok(cleaned) => tracing::debug!(?cleaned, "what was kept long enough is forgotten"),
            Err(error) => tracing::warn!(%error, "old runs cannot be forgotten; tried again"),
        }
    }

    /// Waits, and tells whether the database's clock went as far as ours meanwhile.
    async fn is_steady_clock_for(&self, pause: Duration) -> Result<bool, crate::store::StoreError> {
        let (began, began_ms) = (Instant::now(), self.store.now_ms().await?);
        sleep(pause).await;
        let (ours_ms, theirs_ms) = (began.elapsed().as_millis(), self.store.now_ms().await? - began_ms);
        // A clock that was put back cannot be as far.
        Ok(u128::try_from(theirs_ms).is_ok_and(|theirs_ms| theirs_ms.abs_diff(ours_ms) <= DIFFERENCE_MAX_MS))
    }
}
