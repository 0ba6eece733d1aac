//! The product on one page: [`accept()`] turns a request body into a run, [`execute`] makes the lists as the run
//! wishes and reports one outcome for each item. They are called one after the other, but share nothing except
//! the run: everything that `execute` needs stands in it, and only credentials are looked up.

mod accept;
mod clear;
mod drive;
mod in_force;
mod outcome;

pub use accept::{AcceptError, Call, Fate, Item, Run, accept};

use crate::app::App;
use crate::appliance::WireLog;
use crate::model::{ListKind, Operation};
use crate::reconcile::{Journal, Limits, Preview, Reconcile, Settled, Wish};
use crate::report::{Mode, Report};
use drive::{Driver, RunTime};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::task::JoinSet;

/// An appliance that says yes is given this long to show it. Nothing tells how long its list takes to catch up
/// with itself; two seconds cost one run once, and only when a doubt arose.
const SETTLE_DELAY_MS: u64 = 2_000;

/// How one task ended, and whether it was allowed to write.
struct TaskEnd {
    appliance: String,
    mode: Mode,
    /// As the operator told.
    list_sync_minutes: Option<u32>,
    /// After its last write.
    ended_at: SystemTime,
    settled: Settled,
}

/// Runs the wish on every appliance of the configuration, side by side, and reports.
pub async fn execute(app: Arc<App>, mut run: Run) -> Report {
    let wish = clear::clear(&app.guard, &mut run);
    let run = Arc::new(run);
    let time = RunTime::begin(app.config.server.run_timeout);
    let log = Arc::new(app.wire_log(&run.id));
    let mut tasks = JoinSet::new();
    for (place, name) in run.appliances.iter().enumerate() {
        let (app, run, log) = (Arc::clone(&app), Arc::clone(&run), Arc::clone(&log));
        let (name, wish) = (name.clone(), wish.clone());
        tasks.spawn(async move { (place, execute_task(&app, &run, &name, wish, time, &log).await) });
    }
    let mut ends: BTreeMap<usize, TaskEnd> = BTreeMap::new();
    while let Some(finished) = tasks.join_next().await {
        // A task that broke must not become an outcome; the server answers 500 for the whole run.
        let (place, end) = finished.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        ends.insert(place, end);
    }
    outcome::report(&run, ends.into_values().collect())
}

/// The wish of the run on one list of one appliance.
async fn execute_task(
    app: &App,
    run: &Run,
    appliance_name: &str,
    wish: Wish,
    time: RunTime,
    log: &WireLog,
) -> TaskEnd {
    let target = app
        .target(appliance_name)
        .expect("a checked configuration names appliances that exist");
    let caps = &app.config.guard;
    let limits = Limits {
        objects_per_run: run.objects_per_run,
        items_per_call: target.items_per_call,
        list_limit: target.list_limit,
        changed_pairs_max: match run.operation {
            Operation::Add => caps.added_pairs_per_run_max,
            Operation::Delete => caps.removed_pairs_per_run_max,
        },
        settle_delay_ms: SETTLE_DELAY_MS,
    };
    let mode = if run.dry_run { Mode::Observe } else { target.mode };
    let mut driver = Driver::new(&target.appliance, time, log);
    // A resting appliance is told at once, and not after the runs before this one.
    let resting = target.appliance.resting();
    let settled = match mode {
        Mode::Observe => {
            let preview = Preview::new(wish, limits, target.knowledge());
            let _lane = match &resting {
                Some(_) => None,
                None => time.wait_for(target.lane_of_previews()).await,
            };
            driver.preview(preview, resting).await
        }
        Mode::Enforce => {
            // One writer for a list: whoever comes second sees what the first one did, and credits it to nobody.
            // An addition holds the other list as well, on which the same pair must not appear meanwhile.
            let other = if run.operation == Operation::Add {
                Some(run.list.other())
            } else {
                None
            };
            let lanes = match &resting {
                Some(_) => None,
                None => time.wait_for(target.lanes(run.list, other)).await,
            };
            let mut machine = Reconcile::new(wish, limits, Journal::default(), target.knowledge());
            if resting.is_none() && lanes.is_none() {
                machine.stop("other runs held the list until the time of this one was up");
            }
            driver.run(machine, resting).await
        }
    };
    target.learn(&settled.knowledge);
    let calls = settled.calls;
    tracing::info!(
        run.id = %run.id, appliance.name = appliance_name, list.kind = %run.list,
        reads = calls.reads, writes = calls.writes, "task finished"
    );
    TaskEnd {
        appliance: appliance_name.to_owned(),
        mode,
        list_sync_minutes: target.list_sync_minutes,
        ended_at: SystemTime::now(),
        settled,
    }
}

/// The statuses that may be listed, where the configuration names none: what is deployed, and on a safelist
/// also what an analyst called harmless.
#[must_use]
pub fn default_deploy_statuses(list: ListKind) -> &'static [&'static str] {
    match list {
        ListKind::Blocklist => &["Active"],
        ListKind::Safelist => &["Active", "Whitelisted"],
    }
}
