//! The loop's inputs: what is wished of a list, within which limits, what an earlier life may have sent, and
//! what is known of the appliance. Plain data; the loop itself is in `reconcile.rs`.

use super::caps::Caps;
use crate::guard::Cleared;
use crate::model::{EntryKey, ListKind, PairKey, Recipient, Sender, View};
use std::collections::{BTreeMap, BTreeSet};

/// A wish about one list.
#[derive(Debug, Clone)]
pub struct Wish {
    pub(super) list: ListKind,
    /// Which side the items are.
    pub(super) side: View,
    pub(super) items: Vec<Entry>,
    /// What every item is to be paired with; `None` where every pair with the item is to be gone.
    pub(super) counterparts: Option<Vec<Entry>>,
    /// The columns that are wished for each item, in order; `None` where it is all of them.
    wanted: Option<Vec<Vec<usize>>>,
    /// Pairs that are not to be sent, and why.
    held: BTreeMap<PairKey, String>,
    /// Our own spelling of every entry.
    spellings: BTreeMap<EntryKey, String>,
}

/// A sender or a recipient, reduced to what the loop needs.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) spelling: String,
    pub(super) key: EntryKey,
}

impl From<&Sender> for Entry {
    fn from(sender: &Sender) -> Self {
        Self {
            spelling: sender.as_str().to_owned(),
            key: sender.key().clone(),
        }
    }
}

impl From<&Recipient> for Entry {
    fn from(recipient: &Recipient) -> Self {
        Self {
            spelling: recipient.as_str().to_owned(),
            key: recipient.key().clone(),
        }
    }
}

fn entries<'a, T: 'a>(from: &'a [Cleared<T>]) -> Vec<Entry>
where
    Entry: From<&'a T>,
{
    from.iter().map(|cleared| Entry::from(cleared.entry())).collect()
}

/// Different entries, numbered as they come.
#[derive(Default)]
struct Numbered {
    entries: Vec<Entry>,
    numbers: BTreeMap<EntryKey, usize>,
}

impl Numbered {
    fn number(&mut self, entry: Entry) -> usize {
        let next = self.entries.len();
        let number = *self.numbers.entry(entry.key.clone()).or_insert(next);
        if number == next {
            self.entries.push(entry);
        }
        number
    }
}

impl Wish {
    /// Every sender is to stand for every recipient.
    #[must_use]
    pub fn present_senders(
        list: ListKind,
        senders: &[Cleared<Sender>],
        recipients: &[Cleared<Recipient>],
    ) -> Self {
        Self::new(list, View::Sender, entries(senders), Some(entries(recipients)))
    }

    /// Every recipient is to hold every sender.
    #[must_use]
    pub fn present_recipients(
        list: ListKind,
        recipients: &[Cleared<Recipient>],
        senders: &[Cleared<Sender>],
    ) -> Self {
        Self::new(list, View::Recipient, entries(recipients), Some(entries(senders)))
    }

    /// The senders are to be gone, for any recipient.
    #[must_use]
    pub fn absent_senders(list: ListKind, senders: &[Cleared<Sender>]) -> Self {
        Self::new(list, View::Sender, entries(senders), None)
    }

    /// The recipients are to hold nothing.
    #[must_use]
    pub fn absent_recipients(list: ListKind, recipients: &[Cleared<Recipient>]) -> Self {
        Self::new(list, View::Recipient, entries(recipients), None)
    }

    /// These pairs are to stand, and nothing is said of any other. The items are the entries on this side in the order
    /// in which they first appear; a pair that is named twice counts once.
    #[must_use]
    pub fn present_pairs(
        list: ListKind,
        side: View,
        pairs: &[(Cleared<Recipient>, Cleared<Sender>)],
    ) -> Self {
        let named = pairs.iter().map(|(recipient, sender)| {
            let (recipient, sender) = (Entry::from(recipient.entry()), Entry::from(sender.entry()));
            match side {
                View::Sender => (sender, recipient),
                View::Recipient => (recipient, sender),
            }
        });
        let (mut items, mut counterparts) = (Numbered::default(), Numbered::default());
        let mut wanted: Vec<BTreeSet<usize>> = Vec::new();
        for (item, counterpart) in named {
            let item = items.number(item);
            wanted.resize_with(items.entries.len(), BTreeSet::new);
            wanted[item].insert(counterparts.number(counterpart));
        }
        Self {
            wanted: Some(wanted.into_iter().map(Vec::from_iter).collect()),
            ..Self::new(list, side, items.entries, Some(counterparts.entries))
        }
    }

    /// Each of these pairs is an item of its own, which was to stand. Only for what is read and never sent.
    pub(super) fn present_one_by_one(list: ListKind, pairs: &[(Recipient, Sender)]) -> Self {
        let mut recipients = Numbered::default();
        let wanted = pairs
            .iter()
            .map(|(recipient, _)| vec![recipients.number(recipient.into())]);
        let wanted = Some(wanted.collect());
        let senders = pairs.iter().map(|(_, sender)| sender.into()).collect();
        Self {
            wanted,
            ..Self::new(list, View::Sender, senders, Some(recipients.entries))
        }
    }

    /// The same, but these pairs are not sent: where they do not stand, they are held, in these words. Only an addition
    /// heeds it.
    #[must_use]
    pub fn without(mut self, held: &BTreeMap<PairKey, String>) -> Self {
        let held = held.iter().map(|(pair, words)| (pair.clone(), words.clone()));
        self.held.extend(held);
        self
    }

    pub(super) fn new(
        list: ListKind,
        side: View,
        items: Vec<Entry>,
        counterparts: Option<Vec<Entry>>,
    ) -> Self {
        let named = items.iter().chain(counterparts.iter().flatten());
        let spellings = named
            .map(|entry| (entry.key.clone(), entry.spelling.clone()))
            .collect();
        Self {
            list,
            side,
            items,
            counterparts,
            wanted: None,
            held: BTreeMap::new(),
            spellings,
        }
    }

    pub(super) fn is_addition(&self) -> bool {
        self.counterparts.is_some()
    }

    /// Columns of the grid of cells: one for each counterpart, a single one for a deletion.
    pub(super) fn columns(&self) -> usize {
        self.counterparts.as_ref().map_or(1, Vec::len)
    }

    /// Are single pairs wished, and not every item with every counterpart?
    pub(super) fn is_of_pairs(&self) -> bool {
        self.wanted.is_some()
    }

    /// The cells of an item that are wished, in the order of the columns.
    pub(super) fn cells(&self, item: usize) -> impl Iterator<Item = Cell> + '_ {
        let wanted = self.wanted.as_ref().map(|wanted| wanted[item].as_slice());
        let count = wanted.map_or_else(|| self.columns(), <[usize]>::len);
        (0..count).map(move |place| Cell {
            item,
            column: wanted.map_or(place, |wanted| wanted[place]),
        })
    }

    /// Why the cell is not to be sent.
    pub(super) fn why_held(&self, cell: Cell) -> Option<&str> {
        if self.held.is_empty() {
            return None;
        }
        self.held.get(&self.pair_key(cell)?).map(String::as_str)
    }

    /// The columns of an item that may be sent, where that is not all of them.
    pub(super) fn sendable_columns(&self, item: usize) -> Option<Vec<usize>> {
        if self.wanted.is_none() && self.held.is_empty() {
            return None;
        }
        let sendable = self.cells(item).filter(|cell| self.why_held(*cell).is_none());
        Some(sendable.map(|cell| cell.column).collect())
    }

    /// The cells that these pairs belong to.
    pub(super) fn cells_of(&self, pairs: &BTreeSet<PairKey>) -> BTreeSet<Cell> {
        let items: BTreeSet<_> = pairs.iter().map(|pair| self.item_side(pair)).collect();
        let is_named = |cell: &Cell| match self.pair_key(*cell) {
            Some(pair) => pairs.contains(&pair),
            None => items.contains(&self.items[cell.item].key),
        };
        let cells = (0..self.items.len()).flat_map(|item| self.cells(item));
        cells.filter(is_named).collect()
    }

    /// How many of these pairs belong to each cell.
    pub(super) fn pairs_by_cell(&self, pairs: &BTreeSet<PairKey>) -> BTreeMap<Cell, usize> {
        let mut rows: BTreeMap<&EntryKey, usize> = BTreeMap::new();
        for pair in pairs {
            *rows.entry(self.item_side(pair)).or_default() += 1;
        }
        let count = |cell: Cell| {
            if self.is_addition() {
                1
            } else {
                rows[&self.items[cell.item].key]
            }
        };
        self.cells_of(pairs)
            .into_iter()
            .map(|cell| (cell, count(cell)))
            .collect()
    }

    /// The pair of a cell of an addition.
    pub(super) fn pair_key(&self, cell: Cell) -> Option<PairKey> {
        let item = self.items[cell.item].key.clone();
        let counterpart = self.counterparts.as_ref()?[cell.column].key.clone();
        Some(match self.side {
            View::Sender => PairKey {
                recipient: counterpart,
                sender: item,
            },
            View::Recipient => PairKey {
                recipient: item,
                sender: counterpart,
            },
        })
    }

    /// The key of a pair on the side of the items.
    pub(super) fn item_side<'a>(&self, pair: &'a PairKey) -> &'a EntryKey {
        match self.side {
            View::Sender => &pair.sender,
            View::Recipient => &pair.recipient,
        }
    }

    /// Our spelling of an entry of the wish; the folded key of any other.
    pub(super) fn spell(&self, key: &EntryKey) -> String {
        self.spellings
            .get(key)
            .cloned()
            .unwrap_or_else(|| key.as_str().to_owned())
    }
}

/// The smallest unit of the wish: one item with one counterpart, or one item to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cell {
    pub(super) item: usize,
    pub(super) column: usize,
}

/// Limits of one task.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Most indicators for which anything is sent.
    pub objects_per_run: usize,
    /// Most entries on either side of one request.
    pub items_per_call: usize,
    /// Most senders of one recipient, as set on the appliance. Unset: nothing is refused beforehand.
    pub list_limit: Option<usize>,
    /// Most pairs that this task may change.
    pub changed_pairs_max: usize,
    /// What else holds for their number, and where that is set.
    pub caps: Caps,
    /// How long an appliance that said yes is given to show it, before it is not believed; in milliseconds.
    pub settle_delay_ms: u64,
}

/// The pairs that an earlier life of the same run may have asked for. Empty for a new run.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    pub(super) pairs: BTreeSet<PairKey>,
}

impl Journal {
    /// The journal of a run that is taken up again.
    #[must_use]
    pub fn of(pairs: impl IntoIterator<Item = PairKey>) -> Self {
        Self {
            pairs: pairs.into_iter().collect(),
        }
    }

    /// How many of its pairs each entry on this side has.
    #[must_use]
    pub fn pairs_by_entry(&self, side: View) -> BTreeMap<&EntryKey, usize> {
        let mut counts = BTreeMap::new();
        for pair in &self.pairs {
            let entry = match side {
                View::Sender => &pair.sender,
                View::Recipient => &pair.recipient,
            };
            *counts.entry(entry).or_default() += 1;
        }
        counts
    }

    /// The pairs, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = &PairKey> {
        self.pairs.iter()
    }

    /// May this pair have been sent?
    #[must_use]
    pub fn names(&self, pair: &PairKey) -> bool {
        self.pairs.contains(pair)
    }

    /// Was nothing begun?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

/// What is known of an appliance since start. Goes in, comes out, and belongs to whoever drives the loop.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// May a search be believed when it finds nothing?
    pub search: SearchTrust,
    /// Rows that a view had when it was last paged: a hint for choosing the cheapest reading, never a truth.
    pub row_counts: BTreeMap<(ListKind, View), usize>,
}

impl Knowledge {
    /// Adds what another run learned at the same time. A search that failed once is not believed again.
    pub fn merge(&mut self, learned: &Self) {
        self.search = self.search.max(learned.search);
        self.row_counts.extend(&learned.row_counts);
    }
}

/// Whether a row that was seen by paging was found again by search. In the order in which a later lesson
/// outweighs an earlier one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SearchTrust {
    /// Not tried yet.
    #[default]
    Untried,
    /// Found, and in another case than it is stored, so that a search overlooks no spelling.
    Proven,
    /// Not found, or refused: lists are paged.
    Disproven,
}
