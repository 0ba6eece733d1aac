//! The wish of an extraction: single pairs that are to be gone from one list. Plain data, made of what the guard
//! has let through and of nothing else. What is done about it: `choice.rs`.

use crate::guard::Cleared;
use crate::model::{ListKind, Pair, PairKey, Recipient, Sender};
use crate::reconcile::scope::Scope;
use std::collections::BTreeSet;

/// Single pairs that are to be gone from one list; whatever else their rows hold is to stay.
#[derive(Debug, Clone)]
pub struct AbsentPairs {
    pub(super) list: ListKind,
    pub(super) items: Vec<Item>,
    keys: BTreeSet<PairKey>,
}

/// One pair of the wish.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) key: PairKey,
    /// In our own spelling, for people; what is sent is in the spelling that the appliance shows.
    pub(super) pair: Pair,
}

impl AbsentPairs {
    /// Every pair is an item. One that is named twice is sent once, and has two equal standings.
    #[must_use]
    pub fn new(list: ListKind, pairs: &[(Cleared<Recipient>, Cleared<Sender>)]) -> Self {
        let pairs = pairs.iter();
        Self::of(
            list,
            pairs.map(|(recipient, sender)| (recipient.entry(), sender.entry())),
        )
    }

    /// The same of pairs that were read on the list, whose entries need not be such as we would send.
    #[must_use]
    pub fn found(list: ListKind, pairs: &[Cleared<PairKey>]) -> Self {
        let items = pairs.iter().map(|cleared| {
            let key = cleared.entry().clone();
            let pair = Pair {
                recipient: key.recipient.as_str().to_owned(),
                sender: key.sender.as_str().to_owned(),
            };
            Item { key, pair }
        });
        Self::of_items(list, items.collect())
    }

    /// The same of pairs that nobody cleared. Only for what is read and never sent.
    pub(in crate::reconcile) fn sent_before(list: ListKind, pairs: &[(Recipient, Sender)]) -> Self {
        Self::of(list, pairs.iter().map(|(recipient, sender)| (recipient, sender)))
    }

    fn of<'a>(list: ListKind, pairs: impl Iterator<Item = (&'a Recipient, &'a Sender)>) -> Self {
        let item = |(recipient, sender): (&Recipient, &Sender)| Item {
            key: PairKey {
                recipient: recipient.key().clone(),
                sender: sender.key().clone(),
            },
            pair: Pair {
                recipient: recipient.as_str().to_owned(),
                sender: sender.as_str().to_owned(),
            },
        };
        Self::of_items(list, pairs.map(item).collect())
    }

    fn of_items(list: ListKind, items: Vec<Item>) -> Self {
        Self {
            list,
            keys: items.iter().map(|item| item.key.clone()).collect(),
            items,
        }
    }

    /// Is the pair wished away, in whatever spelling?
    pub(super) fn names(&self, pair: &PairKey) -> bool {
        self.keys.contains(pair)
    }

    /// Both sides of every pair, so that the row of each is known whole in either view; besides them the
    /// mailboxes of pairs that an earlier life may have left to be put back.
    pub(super) fn scope(&self, promised: &BTreeSet<PairKey>) -> Scope {
        let recipients = self.keys.iter().chain(promised);
        Scope {
            recipients: recipients.map(|pair| pair.recipient.clone()).collect(),
            senders: self.keys.iter().map(|pair| pair.sender.clone()).collect(),
        }
    }
}
