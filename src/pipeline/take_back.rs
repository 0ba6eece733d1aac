//! Runs of single pairs: what an earlier run changed is taken back, or what stands because of us is taken out. Which pairs
//! that are is asked of the store when the task is executed, since the run that is taken back may still be ending in the
//! same lane. Everything else is as with any other task; what is put back to a list is `put_back.rs`'s, and how the pairs
//! of an item come together `merge.rs`'s.

use super::accept::Item;
use super::drive::Driver;
use super::ended::{ItemResult, Told};
use super::merge::Merged;
use super::put_back::put_back;
use super::task::{Task, Way};
use crate::app::Target;
use crate::model::{EntryKey, Operation, Outcome, PairKey, Recipient, Sender, View};
use crate::reconcile::{AbsentPairs, Extraction, ExtractionPreview, ReadBack, SentBefore, Settled};
use serde::{Deserialize, Serialize};

/// What a run of single pairs is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakingBack {
    /// What this run changed, or may have.
    Run {
        /// Its id.
        id: String,
        /// Also what a later run asked for since.
        force: bool,
    },
    /// What stands of the run's items because of us.
    Ours {
        /// For this mailbox alone, folded.
        recipient: Option<String>,
    },
}

impl TakingBack {
    /// What is said of an item without any pair.
    fn nothing(&self) -> String {
        match self {
            Self::Run { id, .. } => format!("nothing of it was changed by {id}"),
            Self::Ours { .. } => "nothing of it stands because of doorlist".to_owned(),
        }
    }
}

/// A pair that a run takes back, as the store knows it.
#[derive(Debug, Clone)]
pub struct TakenPair {
    /// Whose mailbox.
    pub recipient: Recipient,
    /// Which entry.
    pub sender: Sender,
    /// Why it is left alone, where it is.
    pub kept: Option<Kept>,
    /// It was changed and read back; else it was sent, and nobody knows.
    pub is_proven: bool,
}

/// Why a pair is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It stays whatever stands, with the words for it: it is a later run's, or pinned.
    LeftAlone(String),
    /// It is not the run's any more: where it is gone, it is as wished; what stands is somebody else's, with the words for it.
    WhereItStands(String),
}

impl TakenPair {
    pub(super) fn key(&self) -> PairKey {
        PairKey {
            recipient: self.recipient.key().clone(),
            sender: self.sender.key().clone(),
        }
    }

    /// The entry of the item that it belongs to.
    pub(super) fn item(&self, side: View) -> EntryKey {
        match side {
            View::Sender => self.sender.key().clone(),
            View::Recipient => self.recipient.key().clone(),
        }
    }
}

/// Takes the pairs back, looks what that would do, or reads what an earlier attempt did. None where it was interrupted, or
/// the store cannot be asked.
pub(super) async fn take_back(
    task: &Task<'_>,
    what: &TakingBack,
    way: Way,
    target: &Target,
    driver: &mut Driver<'_>,
) -> Option<Told> {
    let pairs = task.keeper.pairs_to_take_back(what, task.run, task.place).await?;
    // What somebody takes back by hand is never held up; a workflow that deletes what is ours is like any other.
    let heeds_pins = matches!(what, TakingBack::Ours { .. }) && !task.run.configuration.is_empty();
    let mut merged = Merged::new(task.run);
    let (mut wished, mut let_go) = (Vec::new(), Vec::new());
    for pair in pairs {
        let pinned = heeds_pins.then(|| task.pinned(&pair.key())).flatten();
        if let Some(note) = heeds_pins.then(|| task.passed_pin(&pair.key())).flatten() {
            merged.note(&pair.item(task.run.view), note);
        }
        let pinned = pinned.map(|refused| Kept::LeftAlone(refused.to_string()));
        match &pair.kept.clone().or(pinned) {
            // What an earlier attempt began is ended.
            _ if task.journal.names(&pair.key()) => wished.push(pair),
            None => wished.push(pair),
            Some(Kept::LeftAlone(why)) => merged.keep(&pair.key(), Outcome::RefusedByRule, why),
            Some(Kept::WhereItStands(why)) => let_go.push((pair.clone(), why.clone())),
        }
    }
    let mut settled = match task.run.operation {
        Operation::Delete => remove(task, way, target, driver, &wished, &mut merged).await?,
        Operation::Add => put_back(task, way, target, driver, &wished, &mut merged).await?,
    };
    target.learn(&settled.knowledge);
    if !let_go.is_empty() {
        let found = look_whether_gone(task, target, driver, let_go, &mut merged).await?;
        settled.calls.reads += found.calls.reads;
        settled.warnings.extend(found.warnings);
    }
    merged.note_what_changed_since(what);
    let nothing = what.nothing();
    let items = task.run.items.iter().filter_map(Item::wished);
    Some(Told {
        calls: settled.calls,
        configuration_troubles: settled.configuration_troubles,
        warnings: settled.warnings,
        items: items.map(|key| merged.take(key, &nothing)).collect(),
        changed: merged.changed,
        gone: merged.gone,
        would: merged.would,
        unproven: merged.unproven,
        ..Told::default()
    })
}

/// What is known of the items where the appliance cannot be asked: what the journal names may have been changed.
pub(super) async fn unread(task: &Task<'_>, what: &TakingBack, reason: &str) -> Option<Vec<ItemResult>> {
    let mut merged = Merged::new(task.run);
    for pair in task.keeper.pairs_to_take_back(what, task.run, task.place).await? {
        match &pair.kept {
            _ if task.journal.names(&pair.key()) => {
                let words = format!("sent, and not read afterwards: {reason}");
                merged.keep(&pair.key(), Outcome::Unproven, &words);
            }
            Some(Kept::LeftAlone(why)) => merged.keep(&pair.key(), Outcome::RefusedByRule, why),
            Some(Kept::WhereItStands(_)) | None => merged.keep(&pair.key(), Outcome::NotTried, reason),
        }
    }
    let items = task.run.items.iter().filter_map(Item::wished);
    Some(items.map(|key| merged.take(key, &what.nothing())).collect())
}

/// No rule holds up what leaves a list.
async fn remove(
    task: &Task<'_>,
    way: Way,
    target: &Target,
    driver: &mut Driver<'_>,
    wished: &[TakenPair],
    merged: &mut Merged<'_>,
) -> Option<Settled> {
    let wish = absent(task, wished);
    let (limits, knowledge) = (task.limits().await?, target.knowledge());
    let mut settled = match way {
        Way::Write => {
            let mut machine = Extraction::new(wish, limits, task.journal.clone(), knowledge);
            if let Some(why) = &task.stopped {
                machine.stop(why.clone());
            }
            driver.run(machine).await?
        }
        Way::Look => {
            let (_lane, resting) = task.lane_of_previews(target).await;
            let preview = ExtractionPreview::new(wish, limits, knowledge);
            driver.preview(preview, resting).await
        }
        Way::ReadBack => read_back(task, target, driver, wished).await?,
    };
    for (pair, standing) in wished.iter().zip(std::mem::take(&mut settled.items)) {
        if standing.counts.already > 0 {
            merged.found_gone(pair);
        }
        merged.add(pair.item(task.run.view), standing);
    }
    Some(settled)
}

fn absent(task: &Task<'_>, pairs: &[TakenPair]) -> AbsentPairs {
    let cleared = pairs.iter().map(|pair| {
        (
            task.guard.clear_removal(&pair.recipient),
            task.guard.clear_removal(&pair.sender),
        )
    });
    AbsentPairs::new(task.run.list, &cleared.collect::<Vec<_>>())
}

/// Pairs that are the run's no more are looked at, and never written.
async fn look_whether_gone(
    task: &Task<'_>,
    target: &Target,
    driver: &mut Driver<'_>,
    let_go: Vec<(TakenPair, String)>,
    merged: &mut Merged<'_>,
) -> Option<Settled> {
    let (pairs, whys): (Vec<TakenPair>, Vec<String>) = let_go.into_iter().unzip();
    let preview = ExtractionPreview::new(absent(task, &pairs), task.limits().await?, target.knowledge());
    let mut settled = driver.preview(preview, target.appliance.resting()).await;
    target.learn(&settled.knowledge);
    for ((pair, standing), why) in pairs.iter().zip(std::mem::take(&mut settled.items)).zip(&whys) {
        if standing.counts.would > 0 {
            merged.keep(&pair.key(), Outcome::RefusedByRule, why);
        } else {
            merged.add(pair.item(task.run.view), standing);
        }
    }
    Some(settled)
}

pub(super) async fn read_back(
    task: &Task<'_>,
    target: &Target,
    driver: &mut Driver<'_>,
    wished: &[TakenPair],
) -> Option<Settled> {
    let pairs: Vec<_> = wished
        .iter()
        .map(|pair| (pair.recipient.clone(), pair.sender.clone()))
        .collect();
    let sent = SentBefore::pairs(task.run.list, task.run.operation, &pairs);
    let (limits, journal) = (task.limits().await?, task.journal.clone());
    let machine = ReadBack::new(sent, limits, journal, target.knowledge(), Way::NO_MORE);
    driver.read_back(machine).await
}
