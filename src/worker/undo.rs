//! Taking back: the undo of a run, and the removal of an entry that stands because of us. Each is a run of its own, which
//! is accepted together with the holds that keep the next call from putting back what it takes out. Refuses to know who
//! may ask for it.

use super::lookup::why_kept;
use super::{Asked, Engine, kept::stored};
use crate::model::{ListKind, Operation};
use crate::pipeline::{self, Removed, Run, RunAppliance};
use crate::store::{
    ADDED, Accepted, Author, NewHold, NewKey, Owned, Side, StoreError, StoredPair, StoredRun, UNPROVEN,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// How an undo is asked for.
#[derive(Debug, Clone)]
pub struct UndoOptions {
    /// Also what a later run asked for since.
    pub force: bool,
    /// How long additions of what is taken out are refused.
    pub hold_for: Duration,
    /// The caller's key for it.
    pub key: Option<NewKey>,
}

/// Why nothing is taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// The store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Written by another version.
    #[error("its document cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It is done, and changed nothing.
    #[error("it changed nothing")]
    NothingChanged,
}

impl Engine {
    /// The run that takes another one back, for a look at what it would do.
    ///
    /// # Errors
    /// There is nothing to take back.
    pub async fn undo_run(
        &self,
        undone: &StoredRun,
        id: &str,
        force: bool,
        dry_run: bool,
    ) -> Result<Run, UndoError> {
        let before: Run = serde_json::from_str(&undone.document)?;
        let changes = self.store.changes_of(&undone.id).await?;
        let is_unchanged = changes.iter().all(|task| task.changes.is_empty());
        if undone.done_ms.is_some() && is_unchanged {
            return Err(UndoError::NothingChanged);
        }
        Ok(pipeline::undo(&self.app, &before, id, force, dry_run))
    }

    /// Accepts it: a run that is still under way is cancelled first, and the undo waits behind it.
    ///
    /// # Errors
    /// Nothing was accepted then; the run may have been cancelled all the same.
    pub async fn undo(
        &self,
        undone: &StoredRun,
        run: &Run,
        author: Author,
        options: UndoOptions,
    ) -> Result<Accepted, UndoError> {
        if undone.done_ms.is_none() {
            let words = format!("cancelled to be undone by {}", author.client);
            self.cancel(&undone.id, &author, &words).await?;
        }
        let holds = match run.operation {
            Operation::Delete if !options.hold_for.is_zero() => {
                let pairs = self.pairs_to_hold(undone, run, options.force).await?;
                holds(pairs, run.list, options.hold_for)
            }
            Operation::Delete | Operation::Add => Vec::new(),
        };
        let asked = Asked {
            undo_of: Some(undone.id.clone()),
            holds,
            // What the undone undo put on hold is wanted again.
            end_holds_of: (run.operation == Operation::Add).then(|| undone.id.clone()),
            ..Asked::by(author, options.key)
        };
        Ok(self.accept_asked(run, asked).await?)
    }

    /// What stands because of us on the configured appliances, in their order.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn ours(&self, what: &Removed, list: ListKind) -> Result<Vec<Owned>, StoreError> {
        let (entry, side) = match what {
            Removed::Sender(sender, _) => (sender.key(), Side::Sender),
            Removed::Recipient(recipient) => (recipient.key(), Side::Recipient),
        };
        let list = Some(list.word());
        let mut owned = self.store.owned_of(entry.as_str(), side, None, list).await?;
        // What stands on an appliance that is not configured any more cannot be taken out.
        owned.retain(|owned| !owned.is_restored && self.app.target(&owned.appliance).is_some());
        if let Removed::Sender(_, Some(recipient)) = what {
            owned.retain(|owned| owned.pair.recipient == recipient.key().as_str());
        }
        Ok(owned)
    }

    /// Accepts a removal, and holds what it takes out.
    ///
    /// # Errors
    /// Nothing was accepted then.
    pub async fn remove(
        &self,
        run: &Run,
        ours: &[Owned],
        author: Author,
        hold_for: Duration,
        key: Option<NewKey>,
    ) -> Result<Accepted, StoreError> {
        let pairs = ours.iter().map(|owned| owned.pair.clone()).collect();
        let asked = Asked {
            is_remove: true,
            holds: if hold_for.is_zero() {
                Vec::new()
            } else {
                holds(pairs, run.list, hold_for)
            },
            ..Asked::by(author, key)
        };
        self.accept_asked(run, asked).await
    }

    /// What the run changed so far; of one that is still under way, whatever it may yet change.
    async fn pairs_to_hold(
        &self,
        undone: &StoredRun,
        run: &Run,
        force: bool,
    ) -> Result<Vec<StoredPair>, StoreError> {
        let mut pairs: Vec<StoredPair> = Vec::new();
        for task in self.store.changes_of(&undone.id).await? {
            let mut changes = task.changes;
            changes.retain(|change| change.change == ADDED || change.change == UNPROVEN);
            let wanted: Vec<StoredPair> = changes.iter().map(|change| change.pair.clone()).collect();
            let owned = self.store.owned(&task.appliance, &task.list, &wanted).await?;
            let owned: BTreeMap<&StoredPair, &Owned> =
                owned.iter().map(|owned| (&owned.pair, owned)).collect();
            // What is not taken out is not held either.
            changes.retain(|change| {
                let owned = owned.get(&change.pair).copied();
                why_kept(change, owned, &undone.id, force).is_none()
            });
            pairs.extend(changes.into_iter().map(|change| change.pair));
        }
        let is_written_to = |appliance: &RunAppliance| appliance.mode == crate::report::Mode::Enforce;
        if undone.done_ms.is_none() && run.appliances.iter().any(is_written_to) {
            pairs.extend(run.wished_pairs().iter().map(stored));
        }
        pairs.sort_unstable();
        pairs.dedup();
        Ok(pairs)
    }
}

fn holds(pairs: Vec<StoredPair>, list: ListKind, hold_for: Duration) -> Vec<NewHold> {
    let hold = |pair: StoredPair| NewHold {
        list: Some(list.word().to_owned()),
        recipient: Some(pair.recipient),
        sender: Some(pair.sender),
        hold_for,
    };
    pairs.into_iter().map(hold).collect()
}
