//! How a run ended, for whoever waits for it or asks later: its report is made from how its tasks ended, and kept.
//! Refuses to know who asks, and in which form.

use super::{Engine, POLL_INTERVAL, locked};
use crate::model::Class;
use crate::pipeline::{self, Run, TaskResult};
use crate::report::Report;
use crate::store::{RunState, StoreError, StoredRun};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

impl Engine {
    /// Waits for a run to end, up to a time, or until this server stops: then it goes on at the next start. None where
    /// there is no report yet, or it cannot be read.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn wait(&self, run: &str, wait: Duration) -> Result<Option<Report>, StoreError> {
        let end = Instant::now() + wait;
        let waiting = Waiting::of(self, run);
        loop {
            // Made before looking, so that an end in between is not missed.
            let ended = waiting.notify.notified();
            if self.store.state(run).await? == Some(RunState::Done) {
                return match self.store.run(run).await? {
                    Some(stored) => Ok(self.report(&stored).await),
                    None => Ok(None),
                };
            }
            if Instant::now() >= end || *self.stopping.borrow() {
                return Ok(None);
            }
            // Another server may have worked on it: nobody tells us of that.
            let look_again = (Instant::now() + POLL_INTERVAL).min(end);
            // Whether it was told or the time is up does not matter: it is looked at.
            let _ = timeout_at(look_again, ended).await;
        }
    }

    /// The report of a run that is done; made from how its tasks ended where nobody made it before. None for one that is
    /// not done, or whose rows this version cannot read, which is kept and told as trouble.
    pub async fn report(&self, stored: &StoredRun) -> Option<Report> {
        if stored.state != RunState::Done {
            return None;
        }
        if let Some(report) = &stored.report
            && let Ok(report) = serde_json::from_str(report)
        {
            return Some(report);
        }
        let made = make_report(stored);
        let (document, text, class) = match &made {
            Ok(report) => {
                let document = serde_json::to_string(report).expect("a report always has a JSON form");
                (document, report.text.clone(), report.worst_class())
            }
            Err(error) => {
                tracing::error!(run.id = stored.id, %error, "a run that is done cannot be read");
                let text = format!(
                    "UNREADABLE: the run is done, and this version of doorlist cannot read how it ended; run {}",
                    stored.id
                );
                (String::new(), text, Class::Trouble)
            }
        };
        let kept = self.store.keep_report(&stored.id, &document, &text, class.code());
        if let Err(error) = kept.await {
            tracing::warn!(run.id = stored.id, %error, "the report cannot be kept; it is made again when it is asked for");
        }
        if made.is_ok() {
            tracing::info!(run.id = stored.id, text, "run finished");
        }
        made.ok()
    }

    /// Makes the reports of runs whose server died, or had no store, between the last task's end and the report.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn make_missing_reports(&self) -> Result<(), StoreError> {
        for run in self.store.without_report().await? {
            if let Some(stored) = self.store.run(&run).await? {
                self.report(&stored).await;
            }
        }
        Ok(())
    }

    pub(super) fn tell_waiting(&self, run: &str) {
        let notify = locked(&self.waiting).get(run).cloned();
        if let Some(notify) = notify {
            notify.notify_waiters();
        }
    }
}

fn make_report(stored: &StoredRun) -> Result<Report, serde_json::Error> {
    let run: Run = serde_json::from_str(&stored.document)?;
    let results = stored.tasks.iter().map(|task| {
        let result = task.result.as_deref().unwrap_or_default();
        serde_json::from_str::<TaskResult>(result)
    });
    let mut report = pipeline::report(&run, results.collect::<Result<_, _>>()?);
    report.ticket.clone_from(&stored.ticket);
    report.reason.clone_from(&stored.reason);
    Ok(report)
}

/// A place among those that wait for a run, given back also where the caller hangs up.
struct Waiting<'a> {
    engine: &'a Engine,
    run: &'a str,
    notify: Arc<Notify>,
}

impl<'a> Waiting<'a> {
    fn of(engine: &'a Engine, run: &'a str) -> Self {
        let mut waiting = locked(&engine.waiting);
        let notify = Arc::clone(waiting.entry(run.to_owned()).or_default());
        Self { engine, run, notify }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waiting = locked(&self.engine.waiting);
        // One is in the map and one is ours: nobody else waits for it. Whoever tells the others has one for a moment,
        // and then it is the next who leaves that takes it out.
        if Arc::strong_count(&self.notify) <= 2 {
            waiting.remove(self.run);
        }
    }
}
