//! The product on one page: [`accept()`] turns a request body into a run, [`execute`] makes the lists as the run
//! wishes and reports one outcome for each item. They are called one after the other, but share nothing except
//! the run: everything that `execute` needs stands in it, and only credentials are looked up.

mod accept;
mod clear;
mod outcome;

pub use accept::{AcceptError, Call, Fate, Item, Run, accept};

use crate::app::App;
use crate::appliance::Appliance;
use crate::model::{ListKind, Operation, Read, ReadReply};
use crate::reconcile::{Event, Journal, Limits, Preview, PreviewStep, Reconcile, Settled, Step, Wish};
use crate::report::{Mode, Report};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// An appliance that says yes is given this long to show it. Nothing tells how long its list takes to catch up
/// with itself; two seconds cost one run once, and only when a doubt arose.
const SETTLE_DELAY_MS: u64 = 2_000;

/// How one task ended, and whether it was allowed to write.
struct TaskEnd {
    appliance: String,
    mode: Mode,
    settled: Settled,
}

/// Runs the wish on every appliance of the configuration, side by side, and reports.
pub async fn execute(app: Arc<App>, mut run: Run) -> Report {
    let wish = clear::clear(&app.guard, &mut run);
    let run = Arc::new(run);
    let mut tasks = JoinSet::new();
    for (place, name) in run.appliances.iter().enumerate() {
        let (app, run, name, wish) = (Arc::clone(&app), Arc::clone(&run), name.clone(), wish.clone());
        tasks.spawn(async move { (place, execute_task(&app, &run, &name, wish).await) });
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
async fn execute_task(app: &App, run: &Run, appliance_name: &str, wish: Wish) -> TaskEnd {
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
    let settled = match mode {
        Mode::Observe => {
            drive_preview(&target.appliance, Preview::new(wish, limits, target.knowledge())).await
        }
        Mode::Enforce => {
            // One writer for a list: whoever comes second sees what the first one did, and credits it to nobody.
            // An addition holds the other list as well, on which the same pair must not appear meanwhile.
            let other = if run.operation == Operation::Add {
                Some(run.list.other())
            } else {
                None
            };
            let _lanes = target.lanes(run.list, other).await;
            let machine = Reconcile::new(wish, limits, Journal::default(), target.knowledge());
            drive(&target.appliance, machine).await
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
        settled,
    }
}

/// Does what the loop says, until it says that it is done.
async fn drive(appliance: &Appliance, mut machine: Reconcile) -> Settled {
    loop {
        let event = match machine.next() {
            Step::Read(read) => Event::Read(view(appliance, &read).await),
            // Runs do not survive a crash yet: there is no journal that an answer would have to wait for.
            Step::Journal(_) => Event::Journaled,
            Step::Write(write) => Event::Written(appliance.write(&write).await),
            Step::Done => return machine.settled(),
        };
        machine.feed(event);
    }
}

/// The same for a preview, whose steps have no write.
async fn drive_preview(appliance: &Appliance, mut preview: Preview) -> Settled {
    loop {
        match preview.next() {
            PreviewStep::Read(read) => preview.feed(view(appliance, &read).await),
            PreviewStep::Done => return preview.settled(),
        }
    }
}

async fn view(appliance: &Appliance, read: &Read) -> ReadReply {
    if read.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(read.delay_ms)).await;
    }
    appliance.view(read).await
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
