//! The part of a list that a wish touches, and what was seen of it. `observe.rs` reads it, `plan.rs` compares it with
//! the wish.

use super::wish::Wish;
use crate::model::{EntryKey, Pair, PairKey, View};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The part of a list that matters: every pair with one of these recipients or one of these senders.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) recipients: BTreeSet<EntryKey>,
    pub(super) senders: BTreeSet<EntryKey>,
}

impl Scope {
    /// An addition touches the rows of its recipients, also for their length; a deletion those of its items. Of an address
    /// that is deleted, the row of its domain is looked at as well: for whom that stays, mail is stopped as before.
    pub(super) fn of(wish: &Wish) -> Self {
        let items: BTreeSet<EntryKey> = wish.items.iter().map(|entry| entry.key.clone()).collect();
        let counterparts = wish
            .counterparts
            .iter()
            .flatten()
            .map(|entry| entry.key.clone())
            .collect();
        match (wish.side, wish.is_addition()) {
            (View::Recipient, _) => Self {
                recipients: items,
                ..Self::default()
            },
            (View::Sender, true) => Self {
                recipients: counterparts,
                ..Self::default()
            },
            (View::Sender, false) => Self {
                senders: items
                    .iter()
                    .filter_map(EntryKey::domain)
                    .chain(items.clone())
                    .collect(),
                ..Self::default()
            },
        }
    }

    pub(super) fn holds(&self, pair: &PairKey) -> bool {
        self.recipients.contains(&pair.recipient) || self.senders.contains(&pair.sender)
    }

    /// A search looks for text, so that it finds only spellings that contain the folded key: not a name in its
    /// other international form, and not an address whose IP address stands in brackets or in another form.
    pub(super) fn searchable(&self) -> bool {
        let plain = |key: &EntryKey| {
            let is_literal = key
                .domain()
                .is_some_and(|domain| domain.as_str().parse::<IpAddr>().is_ok());
            key.as_str().is_ascii() && !key.as_str().contains("xn--") && !is_literal
        };
        self.senders.is_empty() && self.recipients.iter().all(plain)
    }
}

/// What was seen: the pairs of the scope in all their spellings.
#[derive(Debug, Clone, Default)]
pub(super) struct Observation {
    pub(super) pairs: BTreeMap<PairKey, BTreeSet<Pair>>,
    /// A pair of the scope that is not here is not on the list.
    pub(super) complete: bool,
    /// Pairs on the whole list, where it was read whole.
    pub(super) list_pairs: Option<usize>,
}

impl Observation {
    pub(super) fn holds(&self, pair: &PairKey) -> bool {
        self.pairs.contains_key(pair)
    }

    /// Senders in the row of each recipient of the scope that has one.
    pub(super) fn row_lengths(&self) -> BTreeMap<&EntryKey, usize> {
        let mut lengths = BTreeMap::new();
        for pair in self.pairs.keys() {
            *lengths.entry(&pair.recipient).or_insert(0) += 1;
        }
        lengths
    }

    pub(super) fn extend(&mut self, scope: &Scope, pairs: impl IntoIterator<Item = Pair>) {
        for pair in pairs {
            let key = pair.key();
            if scope.holds(&key) {
                self.pairs.entry(key).or_default().insert(pair);
            }
        }
    }
}
