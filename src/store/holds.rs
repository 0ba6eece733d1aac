//! Holds: pairs that are not to be added until a time. Put down with an undo or by hand, ended by hand or by an undo that
//! is undone, and over by themselves. Refuses to know what covers what: entries are folded by whoever brings them, and
//! are equal or not. Next: `holds/index.rs` tells which hold a pair is under, `holds/put.rs` puts them down and ends them,
//! `holds/look.rs` finds them.

mod index;
mod look;
mod put;

pub use index::HoldIndex;
pub(super) use put::{end_of_run, of_run, put_down, words};

use super::nouns::{Author, StoredPair};
use super::{Store, StoreError};
use std::collections::BTreeSet;
use std::time::Duration;

/// A hold, about to be put down. Entries are folded; none is any, though not for both of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHold {
    /// On this list alone.
    pub list: Option<String>,
    /// For this mailbox alone.
    pub recipient: Option<String>,
    /// For this sender alone.
    pub sender: Option<String>,
    /// From now on.
    pub hold_for: Duration,
}

/// List, recipient and sender of a hold; none is any.
type Entries = (Option<String>, Option<String>, Option<String>);

impl NewHold {
    pub(super) fn entries(&self) -> Entries {
        (self.list.clone(), self.recipient.clone(), self.sender.clone())
    }
}

/// A hold as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHold {
    /// A UUIDv7.
    pub id: String,
    /// On this list alone.
    pub list: Option<String>,
    /// For this mailbox alone, folded.
    pub recipient: Option<String>,
    /// For this sender alone, folded.
    pub sender: Option<String>,
    /// Who put it down.
    pub by_client: String,
    /// Why.
    pub reason: Option<String>,
    /// With this run.
    pub run: Option<String>,
    /// When.
    pub created_ms: i64,
    /// It is over then.
    pub until_ms: i64,
    /// It was ended before.
    pub ended_ms: Option<i64>,
    /// Who ended it.
    pub ended_by: Option<String>,
}

/// Which holds are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoldFilter {
    /// Neither ended nor over.
    pub only_active: bool,
    /// The `next` of the page before.
    pub before: Option<String>,
    /// Most holds on the page; at least 1 is taken.
    pub limit: i64,
}

/// Holds, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldPage {
    /// Those of this page.
    pub holds: Vec<StoredHold>,
    /// The `before` of the next page, where there is one.
    pub next: Option<String>,
    /// The database's time when this was read.
    pub now_ms: i64,
}

impl StoredHold {
    /// Is the pair, folded, under this hold? Whether the hold is active is not asked.
    #[must_use]
    pub fn matches(&self, list: &str, pair: &StoredPair) -> bool {
        let is_any_or = |held: &Option<String>, value: &str| held.as_deref().is_none_or(|held| held == value);
        is_any_or(&self.list, list)
            && is_any_or(&self.recipient, &pair.recipient)
            && is_any_or(&self.sender, &pair.sender)
    }

    /// Does it hold anything at this time?
    #[must_use]
    pub fn is_active(&self, now_ms: i64) -> bool {
        self.ended_ms.is_none() && self.until_ms > now_ms
    }
}

impl Store {
    /// Puts a hold down.
    ///
    /// # Errors
    /// It was not put down then. `Broken` where it would hold everything.
    pub async fn add_hold(&self, hold: NewHold, author: &Author) -> Result<StoredHold, StoreError> {
        let author = author.clone();
        self.inner.write(put::Add { hold, author }).await
    }

    /// Ends a hold. False where there is none, or it was over already.
    ///
    /// # Errors
    /// It goes on then.
    pub async fn end_hold(&self, id: &str, author: &Author) -> Result<bool, StoreError> {
        let (id, author) = (id.to_owned(), author.clone());
        self.inner.write(put::End { id, author }).await
    }

    /// Holds, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn holds(&self, filter: &HoldFilter) -> Result<HoldPage, StoreError> {
        let filter = filter.clone();
        self.inner.read(look::Page { filter }).await
    }

    /// Every active hold under which a pair of these entries, folded, may be; [`HoldIndex`] tells which is.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn holds_for(
        &self,
        list: &str,
        recipients: &[String],
        senders: &[String],
    ) -> Result<Vec<StoredHold>, StoreError> {
        // In their order, each once.
        let set = |entries: &[String]| entries.iter().cloned().collect::<BTreeSet<_>>();
        let work = look::For {
            list: list.to_owned(),
            recipients: set(recipients),
            senders: set(senders),
            is_any_recipient: false,
        };
        self.inner.read(work).await
    }

    /// Every active hold on the list that names one of these senders, folded, for whichever mailbox.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn holds_of_senders(
        &self,
        list: &str,
        senders: &[String],
    ) -> Result<Vec<StoredHold>, StoreError> {
        let work = look::For {
            list: list.to_owned(),
            recipients: BTreeSet::new(),
            senders: senders.iter().cloned().collect(),
            is_any_recipient: true,
        };
        self.inner.read(work).await
    }
}
