//! What the loop makes of an observation: what stands now, what is still open, what was accepted, and the evidence
//! for the end. Reads the machine's memory and changes nothing but that; `reconcile.rs` moves from step to step.

use super::Reconcile;
use super::culprit::Acceptance;
use super::plan::{Batch, Picture};
use super::scope::Observation;
use super::settle::Evidence;
use super::wish::{Cell, Entry};
use crate::model::{Pair, PairKey, View};
use std::collections::{BTreeMap, BTreeSet};

impl Reconcile {
    /// Takes in what was read. Presence counts from any reading, so that what an incomplete one did not show is
    /// remembered from the one before; absence only from a complete one.
    pub(super) fn see(&mut self, observation: Observation) {
        let before = std::mem::replace(&mut self.seen, observation);
        if self.seen.complete {
            self.was_read_whole = true;
            self.in_flight.clear();
        } else {
            for (key, spellings) in before.pairs {
                self.seen.pairs.entry(key).or_default().extend(spellings);
            }
        }
        if !self.seen.complete && self.wish.is_addition() {
            let (seen, wish) = (&self.seen, &self.wish);
            self.in_flight
                .retain(|cell| wish.pair_key(*cell).is_none_or(|pair| !seen.holds(&pair)));
        }
        self.rows.clear();
        for pair in self.seen.pairs.keys() {
            *self.rows.entry(self.wish.item_side(pair).clone()).or_default() += 1;
        }
        if !self.wish.is_addition() {
            self.ever_seen.extend(self.seen.pairs.keys().cloned());
        }
        self.size.learn(&self.seen, &self.requested);
        if let Some(limit) = self.limits.list_limit {
            let longest = self.seen.row_lengths().into_values().max().unwrap_or_default();
            if longest > limit {
                self.warnings.insert(format!(
                    "a mailbox holds {longest} senders, more than list_limit = {limit}: the setting does not match the appliance"
                ));
            }
        }
    }

    /// The cells of a batch that are not as wished.
    pub(super) fn missing(&self, batch: &Batch) -> Vec<Cell> {
        let picture = self.picture();
        batch.cells().filter(|cell| !picture.stands(*cell)).collect()
    }

    /// How long the rows of the items of a batch are together.
    pub(super) fn row_lengths(&self, batch: &Batch) -> usize {
        let keys = batch.items.iter().map(|item| &self.wish.items[*item].key);
        keys.filter_map(|key| self.rows.get(key)).sum()
    }

    pub(super) fn picture(&self) -> Picture<'_> {
        Picture {
            wish: &self.wish,
            limits: &self.limits,
            size: self.size,
            seen: &self.seen,
            other_list: &self.other_list,
            trials: &self.trials,
            admitted: &self.admitted,
            granted: &self.granted,
            rows: &self.rows,
        }
    }

    /// Items and columns that the appliance took, as far as an addition shows it.
    pub(super) fn acceptance(&self) -> Acceptance {
        let mut accepted = Acceptance::default();
        match (self.wish.side, &self.wish.counterparts) {
            (View::Sender, Some(recipients)) => {
                let lengths = self.seen.row_lengths();
                let length = |recipient: &Entry| lengths.get(&recipient.key).copied().unwrap_or_default();
                accepted.column_rows = Some(recipients.iter().map(length).collect());
            }
            _ => {
                let items = self.wish.items.iter().enumerate();
                let without_row = items.filter(|(_, item)| !self.rows.contains_key(&item.key));
                accepted.items_without_row = without_row.map(|(item, _)| item).collect();
            }
        }
        for item in 0..self.wish.items.len() {
            if let Some(columns) = self.wish.sendable_columns(item) {
                accepted.own_columns.insert(item, columns);
            }
            for cell in self.wish.cells(item) {
                let Some(pair) = self.wish.pair_key(cell) else {
                    continue;
                };
                if self.seen.holds(&pair) {
                    accepted.items.insert(item);
                    if self.requested.contains(&pair) {
                        accepted.columns.insert(cell.column);
                    }
                }
            }
        }
        accepted
    }

    /// The pairs that a request would change.
    pub(super) fn pairs(&self, batch: &Batch) -> Vec<Pair> {
        let spell = |pair: &PairKey| Pair {
            recipient: self.wish.spell(&pair.recipient),
            sender: self.wish.spell(&pair.sender),
        };
        if self.wish.is_addition() {
            return batch
                .cells()
                .filter_map(|cell| self.wish.pair_key(cell))
                .map(|pair| spell(&pair))
                .collect();
        }
        let keys: BTreeSet<_> = batch
            .items
            .iter()
            .map(|&item| &self.wish.items[item].key)
            .collect();
        let touched = self
            .seen
            .pairs
            .iter()
            .filter(|(key, _)| keys.contains(self.wish.item_side(key)));
        touched
            .flat_map(|(_, spellings)| spellings.iter().cloned())
            .collect()
    }

    /// Everything that the end is judged by.
    pub(super) fn evidence(&self) -> Evidence<'_> {
        let mut ever_seen: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for pair in &self.ever_seen {
            ever_seen.entry(self.wish.item_side(pair)).or_default().push(pair);
        }
        Evidence {
            wish: &self.wish,
            limits: &self.limits,
            size: self.size,
            seen: &self.seen,
            other_list: &self.other_list,
            trials: &self.trials,
            accepted: self.acceptance(),
            holds: &self.holds,
            requested: &self.requested,
            clear: &self.clear,
            in_flight: &self.in_flight,
            would_be: &self.would_be,
            ever_seen,
            row_lengths: self.seen.row_lengths(),
            failure: self.failure.as_ref(),
            was_read_whole: self.was_read_whole,
            unreadable: self.unreadable,
            stopped: self.stopped.as_deref(),
        }
    }
}
