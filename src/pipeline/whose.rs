//! What a task asks about its pairs: before the loop which of them are on hold, after it whose they are. Refuses to know
//! where that is kept.

use super::accept::{Item, Run};
use super::drive::PutThere;
use super::task::Task;
use crate::model::{Operation, PairKey, View};
use crate::reconcile::ItemStanding;
use std::collections::{BTreeMap, BTreeSet};

impl Task<'_> {
    /// The pairs of an addition that are on hold, and why.
    pub(super) async fn held(&self, judged: &Run) -> Option<BTreeMap<PairKey, String>> {
        if judged.operation == Operation::Delete {
            return Some(BTreeMap::new());
        }
        let counterparts = judged.counterpart_keys();
        let items = judged.items.iter().filter_map(Item::wished).cloned().collect();
        let (recipients, senders) = match judged.view {
            View::Sender => (counterparts, items),
            View::Recipient => (items, counterparts),
        };
        self.keeper.held(judged.list, recipients, senders).await
    }

    /// Whose pairs a deletion takes, and which of those that an addition lists somebody else has taken out since we did.
    pub(super) async fn note_whose(&self, items: &mut [ItemStanding]) -> Option<()> {
        let pairs: Vec<Vec<PairKey>> = items
            .iter()
            .map(|item| changed_or_would(item).cloned().collect())
            .collect();
        let notes = self.whose(&pairs).await?;
        for (item, note) in items.iter_mut().zip(notes) {
            item.notes.extend(note);
        }
        Some(())
    }

    /// The same of the pairs of each item: one sentence, where there is something to say.
    pub(super) async fn whose(&self, pairs_of_items: &[Vec<PairKey>]) -> Option<Vec<Option<String>>> {
        let appliance = &self.run.appliances[self.place].name;
        let pairs = pairs_of_items.concat();
        if pairs.is_empty() {
            return Some(vec![None; pairs_of_items.len()]);
        }
        let owned = self.keeper.owned(appliance, self.run.list, pairs).await?;
        let told = pairs_of_items.iter().map(|pairs| {
            let put_there = pairs.iter().filter_map(|pair| owned.get(pair)).collect();
            told(self.run.operation, pairs.len(), put_there)
        });
        Some(told.collect())
    }
}

fn told(operation: Operation, count: usize, put_there: Vec<&PutThere>) -> Option<String> {
    let ours = put_there.len();
    // Of what was never seen there, nobody can have removed it.
    let stood = put_there.into_iter().filter(|put_there| put_there.is_proven);
    let stood: Vec<&str> = stood.map(|put_there| put_there.run.as_str()).collect();
    match operation {
        Operation::Delete if count > ours => Some(match (count, count - ours) {
            (1, _) => "the pair was not put there by doorlist".to_owned(),
            (count, others) if others == count => {
                format!("none of the {count} pairs was put there by doorlist")
            }
            (count, others) => {
                format!("{others} of the {count} pairs were not put there by doorlist")
            }
        }),
        Operation::Add if !stood.is_empty() => {
            let runs: BTreeSet<&str> = stood.iter().copied().collect();
            Some(format!(
                "{} of its pairs had been listed before, and somebody has removed them since {}",
                stood.len(),
                runs.into_iter().take(3).collect::<Vec<_>>().join(", ")
            ))
        }
        Operation::Delete | Operation::Add => None,
    }
}

/// The pairs that an item's standing changed, or a preview would change.
fn changed_or_would(standing: &ItemStanding) -> impl Iterator<Item = &PairKey> {
    let changed = standing.changed.iter().map(|changed| &changed.pair);
    changed.chain(&standing.would)
}
