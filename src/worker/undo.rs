//! Taking back: the undo of a run, and the removal of an entry that stands because of us. Each is a run of its own; what
//! it takes out is put on hold with the end of its task. Refuses to know who may ask for it.

use super::{Asked, Engine, switch};
use crate::model::{ListKind, Operation};
use crate::pipeline::{self, Removed, Run};
use crate::store::{Accepted, Author, NewKey, Owned, Side, StoreError, StoredRun};
use std::time::Duration;

/// How a run is taken back.
#[derive(Debug, Clone, Copy)]
pub struct UndoOptions {
    /// Also what a later run asked for since.
    pub force: bool,
    /// How long additions of what is taken out are refused.
    pub hold_for: Option<Duration>,
    /// Only look.
    pub dry_run: bool,
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
    /// The run that takes another one back.
    ///
    /// # Errors
    /// There is nothing to take back.
    pub async fn undo_run(
        &self,
        undone: &StoredRun,
        id: &str,
        options: UndoOptions,
    ) -> Result<Run, UndoError> {
        let before: Run = serde_json::from_str(&undone.document)?;
        let changes = self.store.changes_of(&undone.id).await?;
        let is_unchanged = changes.iter().all(|task| task.changes.is_empty());
        if undone.done_ms.is_some() && is_unchanged {
            return Err(UndoError::NothingChanged);
        }
        let undo = pipeline::undo(&self.app, &before, id, options.force).holding(options.hold_for);
        Ok(Run {
            dry_run: options.dry_run,
            ..undo
        })
    }

    /// Accepts it: a run that is still under way is cancelled first, and the undo waits behind it.
    ///
    /// # Errors
    /// Nothing was accepted then; the run may have been cancelled all the same, but not where writes were stopped
    /// before.
    pub async fn undo(
        &self,
        undone: &StoredRun,
        run: &Run,
        author: Author,
        key: Option<NewKey>,
    ) -> Result<Accepted, UndoError> {
        self.refuse_stopped(switch::direction_of(run)).await?;
        if undone.done_ms.is_none() {
            let words = format!("cancelled to be undone by {}", author.client);
            self.cancel(&undone.id, &author, &words).await?;
        }
        let asked = Asked {
            undo_of: Some(undone.id.clone()),
            // What the undone undo put on hold is wanted again.
            end_holds_of: (run.operation == Operation::Add).then(|| undone.id.clone()),
            ..Asked::by(author, key)
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

    /// Accepts a removal.
    ///
    /// # Errors
    /// Nothing was accepted then.
    pub async fn remove(
        &self,
        run: &Run,
        author: Author,
        key: Option<NewKey>,
    ) -> Result<Accepted, StoreError> {
        let asked = Asked {
            is_remove: true,
            ..Asked::by(author, key)
        };
        self.accept_asked(run, asked).await
    }
}
