//! The product on one page: [`accept()`] turns a request body into a run, [`execute`] makes the lists as the run
//! wishes and reports one outcome for each item. They are called one after the other, but share nothing except
//! the run: everything that `execute` needs stands in it, and only credentials are looked up.

mod accept;
mod outcome;

pub use accept::{AcceptError, Call, Fate, ITEMS_MAX, Item, Run, accept};

use crate::app::{App, Target};
use crate::config::Counterpart;
use crate::model::{ListKind, Operation, View};
use crate::reconcile::{Event, Journal, Limits, Reconcile, Settled, Step, Wish};
use crate::report::Report;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// An appliance that says yes is given this long to show it. Nothing tells how long its list takes to catch up
/// with itself; two seconds cost one run once, and only when a doubt arose.
const SETTLE_DELAY_MS: u64 = 2_000;

/// Runs the wish on every appliance of the configuration, side by side, and reports.
pub async fn execute(app: Arc<App>, run: Run) -> Report {
    let run = Arc::new(run);
    let mut tasks = JoinSet::new();
    for (place, name) in run.appliances.iter().enumerate() {
        let (app, run, name) = (Arc::clone(&app), Arc::clone(&run), name.clone());
        tasks.spawn(async move { (place, execute_task(&app, &run, &name).await) });
    }
    let mut settled: Vec<Option<Settled>> = run.appliances.iter().map(|_| None).collect();
    while let Some(finished) = tasks.join_next().await {
        // A task that broke must not become an outcome; the server answers 500 for the whole run.
        let (place, task) = finished.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        settled[place] = Some(task);
    }
    let tasks = run
        .appliances
        .iter()
        .cloned()
        .zip(settled.into_iter().flatten())
        .collect();
    outcome::report(&run, tasks)
}

/// The wish of the run on one list of one appliance.
async fn execute_task(app: &App, run: &Run, appliance_name: &str) -> Settled {
    let target = app
        .target(appliance_name)
        .expect("a checked configuration names appliances that exist");
    let limits = Limits {
        objects_per_run: run.objects_per_run,
        items_per_call: target.items_per_call,
        list_limit: target.list_limit,
        settle_delay_ms: SETTLE_DELAY_MS,
    };
    // One writer for a list: whoever comes second sees what the first one did, and credits it to nobody.
    let _lane = target.lane(run.list).lock().await;
    let machine = Reconcile::new(wish(run), limits, Journal::default(), target.knowledge());
    let settled = drive(target, machine).await;
    target.learn(&settled.knowledge);
    let calls = settled.calls;
    tracing::info!(
        run.id = %run.id, appliance.name = appliance_name, list.kind = %run.list,
        reads = calls.reads, writes = calls.writes, "task finished"
    );
    settled
}

fn wish(run: &Run) -> Wish {
    let (senders, recipients) = run.wished();
    match (run.operation, run.view, &run.counterpart) {
        (Operation::Add, View::Sender, Counterpart::Recipients(stored)) => {
            Wish::present_senders(run.list, &senders, stored)
        }
        (Operation::Add, View::Recipient, Counterpart::Senders(stored)) => {
            Wish::present_recipients(run.list, &recipients, stored)
        }
        (Operation::Delete, View::Sender, Counterpart::None) => Wish::absent_senders(run.list, &senders),
        (Operation::Delete, View::Recipient, Counterpart::None) => {
            Wish::absent_recipients(run.list, &recipients)
        }
        (operation, view, counterpart) => unreachable!(
            "a checked configuration fits its action: {} by {view} with {counterpart:?}",
            operation.word()
        ),
    }
}

/// Does what the loop says, until it says that it is done.
async fn drive(target: &Target, mut machine: Reconcile) -> Settled {
    loop {
        let event = match machine.next() {
            Step::Read(read) => {
                if read.delay_ms > 0 {
                    tokio::time::sleep(Duration::from_millis(read.delay_ms)).await;
                }
                Event::Read(target.appliance.view(&read).await)
            }
            // Runs do not survive a crash yet: there is no journal that an answer would have to wait for.
            Step::Journal(_) => Event::Journaled,
            Step::Write(write) => Event::Written(target.appliance.write(&write).await),
            Step::Done => return machine.settled(),
        };
        machine.feed(event);
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
