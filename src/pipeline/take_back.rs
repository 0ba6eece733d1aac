//! Runs of single pairs: what an earlier run changed is taken back, or what stands because of us is taken out. Which pairs
//! that are is asked of the store when the task is executed, since the run that is taken back may still be ending in the
//! same lane. Everything else is as with any other task; how the pairs of an item come together is `merge.rs`'s.

use super::accept::Item;
use super::drive::Driver;
use super::merge::Merged;
use super::task::{Task, Told, Way};
use crate::app::Target;
use crate::model::{EntryKey, Operation, Outcome, PairKey, Recipient, Sender, View};
use crate::reconcile::{
    AbsentPairs, Extraction, ExtractionPreview, Preview, ReadBack, Reconcile, SentBefore, Settled, Wish,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

/// A pair that a run takes back, as the store knows it.
#[derive(Debug, Clone)]
pub struct TakenPair {
    /// Whose mailbox.
    pub recipient: Recipient,
    /// Which entry.
    pub sender: Sender,
    /// Why it is left alone.
    pub kept: Option<String>,
    /// It was changed and read back; else it was sent, and nobody knows.
    pub is_proven: bool,
}

impl TakenPair {
    fn key(&self) -> PairKey {
        PairKey {
            recipient: self.recipient.key().clone(),
            sender: self.sender.key().clone(),
        }
    }

    /// The entry of the item that it belongs to.
    fn item(&self, side: View) -> EntryKey {
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
    let mut merged = Merged::new(task.run);
    let mut wished = Vec::new();
    for pair in pairs {
        match &pair.kept {
            // What an earlier attempt began is ended.
            Some(why) if !task.journal.names(&pair.key()) => {
                let item = pair.item(task.run.view);
                merged.keep(&item, &pair.key(), Outcome::RefusedByRule, why);
            }
            _ => wished.push(pair),
        }
    }
    let settled = match task.run.operation {
        Operation::Delete => remove(task, way, target, driver, &wished, &mut merged).await?,
        Operation::Add => put_back(task, way, target, driver, wished.clone(), &mut merged).await?,
    };
    target.learn(&settled.knowledge);
    merged.note_what_changed_since(what, &wished);
    let items = task.run.items.iter().filter_map(Item::wished);
    Some(Told {
        calls: settled.calls,
        configuration_troubles: settled.configuration_troubles,
        warnings: settled.warnings,
        items: items.map(|key| merged.take(key, what)).collect(),
        changed: merged.changed,
        gone: merged.gone,
        already: Vec::new(),
        unproven: merged.unproven,
    })
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
    let guard = &task.app.guard;
    let cleared = wished.iter().map(|pair| {
        (
            guard.clear_removal(&pair.recipient),
            guard.clear_removal(&pair.sender),
        )
    });
    let wish = AbsentPairs::new(task.run.list, &cleared.collect::<Vec<_>>());
    let (limits, knowledge) = (task.limits(), target.knowledge());
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
            merged.gone.push(pair.key());
        }
        merged.add(pair.item(task.run.view), standing);
    }
    Some(settled)
}

/// What comes back to a list is judged like anything that is to be listed.
async fn put_back(
    task: &Task<'_>,
    way: Way,
    target: &Target,
    driver: &mut Driver<'_>,
    wished: Vec<TakenPair>,
    merged: &mut Merged<'_>,
) -> Option<Settled> {
    let (guard, side) = (&task.app.guard, task.run.view);
    let mut cleared = Vec::new();
    let mut allowed = Vec::new();
    for pair in wished {
        match guard.clear_sender(&pair.sender) {
            Ok(sender) => {
                cleared.push((guard.clear_recipient(&pair.recipient), sender));
                allowed.push(pair);
            }
            Err(refused) => {
                let (item, key) = (pair.item(side), pair.key());
                merged.keep(&item, &key, Outcome::RefusedByRule, &refused.to_string());
            }
        }
    }
    let recipients = allowed.iter().map(|pair| pair.recipient.key().clone()).collect();
    let senders = allowed.iter().map(|pair| pair.sender.key().clone()).collect();
    let held = task.keeper.held(task.run.list, recipients, senders).await?;
    let wish = Wish::present_pairs(task.run.list, side, &cleared).without(&held);
    let (limits, knowledge) = (task.limits(), target.knowledge());
    let mut settled = match way {
        Way::Write => {
            let mut machine = Reconcile::new(wish, limits, task.journal.clone(), knowledge);
            if let Some(why) = &task.stopped {
                machine.stop(why.clone());
            }
            driver.run(machine).await?
        }
        Way::Look => {
            let (_lane, resting) = task.lane_of_previews(target).await;
            driver
                .preview(Preview::new(wish, limits, knowledge), resting)
                .await
        }
        Way::ReadBack => {
            let mut settled = read_back(task, target, driver, &allowed).await?;
            for (pair, standing) in allowed.iter().zip(std::mem::take(&mut settled.items)) {
                merged.add(pair.item(side), standing);
            }
            return Some(settled);
        }
    };
    // One standing for each item, in the order in which they first appear.
    let mut seen = BTreeSet::new();
    let items = allowed.iter().map(|pair| pair.item(side));
    let items = items.filter(|item| seen.insert(item.clone()));
    for (item, standing) in items.zip(std::mem::take(&mut settled.items)) {
        merged.add(item, standing);
    }
    Some(settled)
}

async fn read_back(
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
    let (limits, journal) = (task.limits(), task.journal.clone());
    let machine = ReadBack::new(sent, limits, journal, target.knowledge(), Way::NO_MORE);
    driver.read_back(machine).await
}
