//! The product on one page. [`accept()`] turns a request body into a [`Run`], which is stored with one [`Task`] for each
//! appliance ([`tasks`]); [`Task::execute`] makes a list as the run wishes, and [`report`] makes one outcome for each
//! item from how the tasks ended. The halves share nothing except what is stored: everything that executing needs stands
//! in the run, and only credentials are looked up. A [`preview`] is not stored and writes nothing.

mod accept;
mod caps;
mod clear;
mod drive;
mod ended;
mod in_force;
mod judge;
mod merge;
mod outcome;
mod overriding;
mod pair_runs;
mod pinned;
mod planned;
mod put_back;
mod sent_before;
mod take_back;
mod task;
mod whole;
mod whose;
mod why;

pub use accept::{AcceptError, Call, Fate, Item, Run, RunAppliance, accept, caps_of};
pub use clear::spoiled_configurations;
pub use drive::{Call as ApplianceCall, Cause, Keeper, Leave, PutThere, RunTime};
pub use ended::{Ended, ItemResult, TaskResult};
pub use in_force::in_force_by;
pub use judge::{judge_network, judge_recipient, judge_sender};
pub use outcome::report;
pub use overriding::{Override, OverrideOfNothing, PassedBy};
pub use pair_runs::{Removed, remove, undo};
pub use planned::{Compared, Moved, PICTURE_PAIRS_MAX, Picture, Planned, Seen, Unkept, compare, pictures};
pub use take_back::{Kept, TakenPair, TakingBack};
pub use task::Task;
pub use whole::{WholeList, read_whole};
pub use why::{Question, Standing, look};

use crate::app::App;
use crate::model::ListKind;
use crate::reconcile::Journal;
use crate::report::Report;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What is stored of each task of a run: the appliance, and the lanes that it needs for itself.
#[must_use]
pub fn tasks(run: &Run) -> Vec<(String, Vec<String>)> {
    let appliances = run.appliances.iter();
    appliances
        .map(|appliance| (appliance.name.clone(), task::lanes(run, appliance)))
        .collect()
}

/// What the run would do on every appliance, looked at side by side. None where the keeper cannot say what it is about.
pub async fn preview(app: Arc<App>, run: Run, keeper: Arc<dyn Keeper>) -> Option<Report> {
    let run = Arc::new(run);
    let ends = look_at_all(app, Arc::clone(&run), keeper).await?;
    Some(report(&run, ends.into_iter().map(|end| end.result).collect()))
}

/// The same with all that a plan needs of it.
pub async fn look_closely(app: Arc<App>, run: Run, keeper: Arc<dyn Keeper>) -> Option<Seen> {
    let run = Arc::new(run);
    let ends = look_at_all(app, Arc::clone(&run), keeper).await?;
    let report = report(&run, ends.iter().map(|end| end.result.clone()).collect());
    Some(Seen { report, ends })
}

async fn look_at_all(app: Arc<App>, run: Arc<Run>, keeper: Arc<dyn Keeper>) -> Option<Vec<Ended>> {
    let time = RunTime::begin(app.config.server.run_timeout);
    let guard = app.guard();
    let mut tasks = JoinSet::new();
    for place in 0..run.appliances.len() {
        let (app, run, keeper) = (Arc::clone(&app), Arc::clone(&run), Arc::clone(&keeper));
        let guard = Arc::clone(&guard);
        tasks.spawn(async move {
            let task = Task {
                app: &app,
                guard,
                run: &run,
                place,
                journal: Journal::default(),
                stopped: None,
                keeper: &*keeper,
                time,
            };
            (place, task.execute().await)
        });
    }
    let mut ends: BTreeMap<usize, Ended> = BTreeMap::new();
    while let Some(finished) = tasks.join_next().await {
        // A task that broke must not become an outcome; the server answers 500 for the whole run.
        let (place, ended) = finished.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        ends.insert(place, ended?);
    }
    Some(ends.into_values().collect())
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
