//! Whom a refusal speaks of. A request names entries of the call and stored ones (the mailboxes of an *add
//! senders*), and the appliance's words name neither for certain. What was accepted beside it tells: a sender that
//! stands for other mailboxes is not the reason, a mailbox that took other senders is not either. Pure counting;
//! `trial.rs` uses it to send no more than is needed, `settle.rs` to tell a bad stored entry once.

use super::plan::Batch;
use super::wish::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Refusals of requests that name nobody else, before everything else of the same item is given up: the whole, and
/// one cell where most room is.
const ITEM_REFUSALS_MIN: u32 = 2;
/// The same of a column: the whole, one cell, and the whole without that cell, which may have been the only reason.
const COLUMN_REFUSALS_MIN: u32 = 3;
/// Different entries of the call that are refused one by one for a stored entry for which nothing ever stood,
/// before that one is thought to be the reason: two bad indicators in one call are common, three that are all
/// there is and nothing else are rather one bad mailbox.
const REFUSED_ITEMS_MIN: usize = 3;

/// The same of entries that stand beside it and so are not the reason: one may have come onto the other list since
/// that was read.
const REFUSED_GOOD_ITEMS_MIN: usize = 2;

/// What was taken so far, as far as the last observation shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Acceptance {
    /// Items that stand in some pair: well-formed, and not refused as such.
    pub(super) items: BTreeSet<usize>,
    /// Columns that took something from us in this run: well-formed, and not full at that time.
    pub(super) columns: BTreeSet<usize>,
    /// Senders in the row of each column, where the columns are recipients. An appliance has one limit for all of
    /// them, so that whoever is refused for the shortest row is not refused because a row is full.
    pub(super) column_rows: Option<Vec<usize>>,
    /// The columns of each item that may be sent with it, where those are not all.
    pub(super) own_columns: BTreeMap<usize, Vec<usize>>,
    /// Items without any row that was seen, where the items are recipients: those are not full either.
    pub(super) items_without_row: BTreeSet<usize>,
}

impl Acceptance {
    pub(super) fn item(&self, item: usize) -> bool {
        self.items.contains(&item)
    }

    pub(super) fn column(&self, column: usize) -> bool {
        self.columns.contains(&column)
    }

    pub(super) fn row_length(&self, column: usize) -> usize {
        let rows = self.column_rows.as_ref();
        rows.and_then(|rows| rows.get(column).copied())
            .unwrap_or_default()
    }

    fn is_sendable(&self, cell: Cell) -> bool {
        let own = self.own_columns.get(&cell.item);
        own.is_none_or(|own| own.binary_search(&cell.column).is_ok())
    }

    fn columns_are_recipients(&self) -> bool {
        self.column_rows.is_some()
    }
}

/// Refusals, by whom they were alone with.
#[derive(Debug, Clone, Default)]
pub(super) struct Blame {
    item_refusals: BTreeMap<usize, u32>,
    column_refusals: BTreeMap<usize, u32>,
    /// Single cells that were refused, by column.
    singles: BTreeMap<usize, BTreeSet<usize>>,
    /// Words of the first refusal of a single cell, by column.
    words: BTreeMap<usize, String>,
    /// How long the row of a column was at the last refusal of a single cell.
    row_lengths: BTreeMap<usize, usize>,
    refused_items: BTreeMap<usize, String>,
    refused_columns: BTreeMap<usize, String>,
}

impl Blame {
    /// Notes a request that was refused whole and will not be repeated as it was.
    pub(super) fn count(&mut self, batch: &Batch, words: &str, accepted: &Acceptance) {
        if let [item] = batch.items[..] {
            *self.item_refusals.entry(item).or_default() += 1;
        }
        if let [column] = batch.columns[..] {
            *self.column_refusals.entry(column).or_default() += 1;
            if let [item] = batch.items[..] {
                self.singles.entry(column).or_default().insert(item);
                self.words.entry(column).or_insert_with(|| words.to_owned());
                self.row_lengths.insert(column, accepted.row_length(column));
            }
            self.judge_column(batch, column, words, accepted);
        }
    }

    /// Gives a column up that refuses good items: together, and one of them alone, and the others without it.
    fn judge_column(&mut self, batch: &Batch, column: usize, words: &str, accepted: &Acceptance) {
        let is_often_refused = self.column_refusals.get(&column) >= Some(&COLUMN_REFUSALS_MIN);
        let was_refused_before = |item: &usize| accepted.item(*item) && !batch.items.contains(item);
        let singles = self.singles.get(&column);
        let another_alone = singles.is_some_and(|items| items.iter().any(was_refused_before));
        let items_are_good = batch.items.iter().all(|item| accepted.item(*item));
        // A stored sender may be refused because the recipients' rows are full: those are tried one by one.
        let may_speak = accepted.columns_are_recipients() && !accepted.column(column);
        if is_often_refused && another_alone && items_are_good && may_speak {
            self.refused_columns.insert(column, words.to_owned());
        }
    }

    /// Gives an item up of which nothing stands, where the mailbox with most room refuses it alone as well.
    pub(super) fn judge_item(&mut self, cell: Cell, words: &str, accepted: &Acceptance) {
        let Cell { item, column } = cell;
        let is_often_refused = self.item_refusals.get(&item) >= Some(&ITEM_REFUSALS_MIN);
        let may_speak = !accepted.item(item) && accepted.column(column);
        if is_often_refused && may_speak && self.has_most_room(cell, accepted) {
            self.refused_items.insert(item, words.to_owned());
        }
    }

    /// Is there no column with a shorter row that the item may be sent with, but for those that refuse everything?
    fn has_most_room(&self, cell: Cell, accepted: &Acceptance) -> bool {
        let Some(rows) = &accepted.column_rows else {
            return true;
        };
        let is_other = |column: &usize| {
            let other = Cell {
                column: *column,
                ..cell
            };
            accepted.is_sendable(other) && self.refused_column(*column).is_none()
        };
        let mut others = (0..rows.len()).filter(is_other);
        others.all(|other| rows[cell.column] <= rows[other])
    }

    /// Why nothing more of an item is sent.
    pub(super) fn refused_item(&self, item: usize) -> Option<&str> {
        self.refused_items.get(&item).map(String::as_str)
    }

    /// Why nothing more of a column is sent.
    pub(super) fn refused_column(&self, column: usize) -> Option<&str> {
        self.refused_columns.get(&column).map(String::as_str)
    }

    /// Columns for which single cells were refused, with the words of the first.
    pub(super) fn columns_with_refusals(&self) -> impl Iterator<Item = (usize, &str)> {
        self.words.iter().map(|(column, words)| (*column, words.as_str()))
    }

    /// Did the row of the column grow after the last refusal? Then it was not full.
    pub(super) fn grew_since(&self, column: usize, accepted: &Acceptance) -> bool {
        let before = self.row_lengths.get(&column);
        before.is_some_and(|before| accepted.row_length(column) > *before)
    }

    /// Is the column the reason, given that nothing of it stands? It is when items that are known to be good were
    /// refused for it, or when every one of several items was. Where the items are recipients, only those count
    /// that cannot be full.
    pub(super) fn speaks_of_column(&self, column: usize, accepted: &Acceptance) -> bool {
        let Some(refused) = self.singles.get(&column) else {
            return false;
        };
        if accepted.columns_are_recipients() {
            let good = refused.iter().filter(|item| accepted.item(**item)).count();
            return refused.len() >= REFUSED_ITEMS_MIN
                || good >= REFUSED_GOOD_ITEMS_MIN
                || self.refused_column(column).is_some();
        }
        let cannot_be_full = |item: &&usize| accepted.items_without_row.contains(item);
        refused.iter().filter(cannot_be_full).count() >= REFUSED_ITEMS_MIN
    }
}
