//! Plans: a preview that is applied exactly, or not at all. What a preview found is kept as a [`Picture`] of each appliance
//! that would be written to; before a run that applies it writes anything, the list is looked at again, and where the
//! picture is another one, nothing is written. What it writes is held to the plan besides (`planned/bounded.rs`). Refuses to
//! know how long a plan is good, and that it is applied once: the store and its callers do.
//!
//! Next: `planned/moved.rs` says what moved.

mod bounded;
mod moved;

pub use moved::Moved;

use super::accept::Run;
use super::drive::Driver;
use super::ended::{Ended, ItemResult, Told, ended};
use super::sent_before;
use super::take_back::take_back;
use super::task::{Task, Way};
use crate::app::{App, Target};
use crate::appliance::WireLog;
use crate::model::{Class, Outcome, PairCounts, PairKey};
use crate::reconcile::{Calls, Journal};
use crate::report::{Mode, Report};
pub(super) use bounded::bounded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Pairs of all the pictures of a plan. They are stored with the plan and with its run, and read at each claim of a task:
/// so many are a megabyte or two.
pub const PICTURE_PAIRS_MAX: usize = 20_000;

/// The plan that a run applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its id.
    pub id: String,
    /// One for each appliance of the run, in its order; of one that is only looked at, an empty one.
    pub pictures: Vec<Picture>,
}

/// Recipient and sender, folded.
type PairTexts = (String, String);

/// What decides on one appliance. Two pictures that are equal mean that the same would be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// One for each item that has a wish, in the order of the run: also what is full, held or on the other list.
    items: Vec<ItemPicture>,
    /// What would be changed, or is kept from it by a cap alone.
    would: BTreeSet<PairTexts>,
    /// Of an addition, what stands already.
    already: BTreeSet<PairTexts>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct ItemPicture {
    outcome: Outcome,
    counts: PairCounts,
}

impl Picture {
    fn of(items: &[ItemResult], would: &[PairKey], already: &[PairKey]) -> Self {
        let texts = |pairs: &[PairKey]| pairs.iter().map(texts).collect();
        let item = |item: &ItemResult| ItemPicture {
            outcome: item.outcome,
            counts: item.counts,
        };
        Self {
            items: items.iter().map(item).collect(),
            would: texts(would),
            already: texts(already),
        }
    }
}

fn texts(pair: &PairKey) -> PairTexts {
    let text = |entry: &crate::model::EntryKey| entry.as_str().to_owned();
    (text(&pair.recipient), text(&pair.sender))
}

/// A preview with all that a plan needs of it.
pub struct Seen {
    /// Its answer.
    pub report: Report,
    /// How it ended on each appliance, in the order of the run.
    pub(super) ends: Vec<Ended>,
}

/// Why a preview cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unkept {
    /// There would be nothing to apply.
    #[error("all appliances are only looked at (mode = \"observe\"), so there is nothing to apply")]
    NothingIsWritten,
    /// It would bind to something that nobody has seen.
    #[error("not all of it could be looked at ({0})")]
    NotSeen(String),
    /// It would take too much room.
    #[error(
        "it is about {0} pairs, and a plan may be about {PICTURE_PAIRS_MAX}; send the indicators in several calls"
    )]
    TooLarge(usize),
}

/// What a preview found, to be kept.
///
/// # Errors
/// It cannot be kept; it is as good a preview all the same.
pub fn pictures(run: &Run, seen: &Seen) -> Result<Vec<Picture>, Unkept> {
    if !run
        .appliances
        .iter()
        .any(|appliance| appliance.mode == Mode::Enforce)
    {
        return Err(Unkept::NothingIsWritten);
    }
    let mut pairs = 0;
    let mut pictures = Vec::new();
    for (place, end) in seen.ends.iter().enumerate() {
        if !is_written_to(run, place) {
            pictures.push(Picture::default());
            continue;
        }
        if let Some(why) = why_unseen(&end.result.items) {
            return Err(Unkept::NotSeen(format!("{}: {why}", end.result.appliance)));
        }
        pairs += end.would.len() + end.already.len();
        pictures.push(Picture::of(&end.result.items, &end.would, &end.already));
    }
    if pairs > PICTURE_PAIRS_MAX {
        return Err(Unkept::TooLarge(pairs));
    }
    Ok(pictures)
}

/// What a new look says of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// The same would be done.
    Same,
    /// It would not.
    Moved(Moved),
    /// Nobody can tell.
    Unseen(String),
}

/// Compares a plan with what a preview of its run finds now.
#[must_use]
pub fn compare(app: &App, run: &Run, planned: &Planned, seen: &Seen) -> Compared {
    let mut all = Moved::default();
    let several = run.appliances.len() > 1;
    let places = seen.ends.iter().zip(&planned.pictures).enumerate();
    for (_, (end, picture)) in places.filter(|(place, _)| is_written_to(run, *place)) {
        let name = &end.result.appliance;
        if app.target(name).is_none_or(|target| target.mode == Mode::Observe) {
            all.add(format!("{name} is not written to by now (mode = \"observe\")"));
            continue;
        }
        match compare_one(run, picture, &end.result.items, &end.would, &end.already) {
            Compared::Same => {}
            Compared::Moved(moved) if several => all.append(moved.on(name)),
            Compared::Moved(moved) => all.append(moved),
            Compared::Unseen(why) => return Compared::Unseen(format!("{name}: {why}")),
        }
    }
    if all.is_empty() {
        Compared::Same
    } else {
        Compared::Moved(all)
    }
}

fn compare_one(
    run: &Run,
    before: &Picture,
    items: &[ItemResult],
    would: &[PairKey],
    already: &[PairKey],
) -> Compared {
    let now = Picture::of(items, would, already);
    if *before == now {
        return Compared::Same;
    }
    match why_unseen(items) {
        Some(why) => Compared::Unseen(why),
        None => Compared::Moved(moved::words(run, before, &now, items)),
    }
}

/// A picture of what was not read would be one of nothing.
fn why_unseen(items: &[ItemResult]) -> Option<String> {
    let unseen = items.iter().find(|item| item.class == Class::Trouble);
    unseen.map(|item| item.detail.clone())
}

fn is_written_to(run: &Run, place: usize) -> bool {
    run.appliances[place].mode == Mode::Enforce
}

/// Whether a task may begin to write.
pub(super) enum Start {
    /// It may; so many calls told so.
    Free(Calls),
    /// It is over without a write.
    Over(Box<Ended>),
}

/// Looks once more, in the lanes in which none of us can come in between. A task that is taken up again has looked before
/// it began. None where it was interrupted.
pub(super) async fn look_before_writing(
    task: &Task<'_>,
    way: Way,
    target: &Target,
    log: &WireLog,
) -> Option<Start> {
    let Some(planned) = &task.run.plan else {
        return Some(Start::Free(Calls::default()));
    };
    if way != Way::Write || !task.journal.is_empty() || task.stopped.is_some() {
        return Some(Start::Free(Calls::default()));
    }
    let mut driver = Driver::new(&target.appliance, task.time, log, task.keeper);
    let look = async {
        match &task.run.taking_back {
            Some(what) => take_back(task, what, Way::Look, target, &mut driver).await,
            None if task.may_meet_pins() => task.remove_but_pinned(Way::Look, target, &mut driver).await,
            None => task.look(target, &mut driver).await,
        }
    };
    let told = tokio::select! {
        told = look => told?,
        () = task.keeper.stopped() => return None,
    };
    let picture = planned.pictures.get(task.place).cloned().unwrap_or_default();
    let moved = match compare_one(task.run, &picture, &told.items, &told.would, &told.already) {
        Compared::Same => return Some(Start::Free(told.calls)),
        Compared::Moved(moved) => moved,
        Compared::Unseen(why) => Moved::of(format!("whether anything moved cannot be seen: {why}")),
    };
    let reason = format!(
        "nothing was written here, because it is not as it was when the plan {} was kept: {moved}",
        planned.id
    );
    tracing::info!(run.id = %task.run.id, plan.id = planned.id, %moved, "a plan is not applied");
    let told = Told {
        calls: told.calls,
        items: sent_before::unread(task.run, &Journal::default(), &reason),
        moved: Some(moved),
        ..Told::default()
    };
    let appliance = &task.run.appliances[task.place];
    Some(Start::Over(Box::new(ended(appliance, appliance.mode, told))))
}
