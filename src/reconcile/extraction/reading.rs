//! How much of the list is read around a request of an extraction: everything that the wish touches, or only the
//! mailboxes of the request, where searches for them are fewer calls. Says which, and takes what was read into
//! what is known; the pages themselves are `reconcile/observe.rs`'s.

use super::choice::Request;
use crate::model::{EntryKey, ListKind, PairKey, View};
use crate::reconcile::paging::PAGE_ROWS_MAX;
use crate::reconcile::scope::{Observation, Scope};
use crate::reconcile::wish::{Knowledge, SearchTrust};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A mailbox that is read alone costs a search before the request and one after it. What the whole costs is read
/// once for each request, because the reading after one is the reading before the next.
const SEARCHES_PER_MAILBOX: usize = 2;

/// How much is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// The rows of every pair of the wish, in both views.
    Whole,
    /// The rows of these mailboxes.
    Mailboxes(BTreeSet<EntryKey>),
}

impl Reading {
    /// The reading that shows the rows of a request in the shortest time. There is no search for a sender's row.
    pub(super) fn around(request: &Request, list: ListKind, knowledge: &Knowledge) -> Self {
        let rows = [View::Recipient, View::Sender].map(|view| knowledge.row_counts.get(&(list, view)));
        let shorter_view = rows.into_iter().flatten().min();
        let calls = shorter_view.map_or(1, |rows| rows.div_ceil(PAGE_ROWS_MAX));
        let keys: BTreeSet<EntryKey> = request.keys.iter().map(|key| EntryKey::of(key)).collect();
        let is_shorter = request.view == View::Recipient && keys.len() * SEARCHES_PER_MAILBOX < calls;
        let mailboxes = Self::Mailboxes(keys);
        let may_search =
            knowledge.search != SearchTrust::Disproven && mailboxes.scope(&Arc::default()).searchable();
        if is_shorter && may_search {
            mailboxes
        } else {
            Self::Whole
        }
    }

    /// What is read of the list; `whole` is everything that the wish touches.
    pub(super) fn scope(&self, whole: &Arc<Scope>) -> Arc<Scope> {
        match self {
            Self::Whole => Arc::clone(whole),
            Self::Mailboxes(recipients) => Arc::new(Scope {
                recipients: recipients.clone(),
                senders: BTreeSet::new(),
            }),
        }
    }

    /// Does it show whether this pair of the wish stands?
    pub(super) fn covers(&self, pair: &PairKey) -> bool {
        match self {
            Self::Whole => true,
            Self::Mailboxes(recipients) => recipients.contains(&pair.recipient),
        }
    }

    /// Presence counts from any reading, absence only from a complete one that covers the row.
    pub(super) fn take_into(&self, seen: &mut Observation, observation: Observation) {
        match self {
            Self::Whole if observation.complete => *seen = observation,
            Self::Mailboxes(_) if observation.complete => {
                seen.pairs.retain(|pair, _| !self.covers(pair));
                seen.pairs.extend(observation.pairs);
            }
            Self::Whole | Self::Mailboxes(_) => {
                for (pair, shown) in observation.pairs {
                    seen.pairs.entry(pair).or_default().extend(shown);
                }
            }
        }
    }
}
