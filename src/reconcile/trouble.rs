//! What is told once for an appliance and not with every item: a stored entry that it refuses, a mailbox that seems
//! to be full. `culprit.rs` counts the refusals, `settle.rs` has the standings that go with them.

use super::settle::Evidence;
use crate::model::{PairKey, View};

/// What is told once and not with every item.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    /// Stored entries that the appliance refuses.
    pub(super) configuration: Vec<String>,
    /// Rows that seem to be full.
    pub(super) crowded_rows: Vec<String>,
}

impl Evidence<'_> {
    /// Is the stored entry of this column what the appliance refuses? Nothing of it stands, and the refusals speak
    /// of it. Where single pairs are wished, no side of them is stored, and none excuses the other.
    pub(super) fn is_misconfigured(&self, column: usize) -> bool {
        self.wish.counterparts.is_some()
            && !self.wish.is_of_pairs()
            && self.trials.blame().speaks_of_column(column, &self.accepted)
            && !self.column_stands(column)
    }

    fn column_stands(&self, column: usize) -> bool {
        let Some(counterparts) = &self.wish.counterparts else {
            return false;
        };
        let key = &counterparts[column].key;
        let on_its_side = |pair: &PairKey| match self.wish.side {
            View::Sender => pair.recipient == *key,
            View::Recipient => pair.sender == *key,
        };
        self.seen.pairs.keys().any(on_its_side)
    }

    pub(super) fn column(&self, column: usize) -> &str {
        let counterparts = self.wish.counterparts.as_ref();
        counterparts.map_or("", |counterparts| counterparts[column].spelling.as_str())
    }

    /// Refusals that speak of a stored entry and not of those of the call.
    pub(super) fn troubles(&self) -> Troubles {
        let mut troubles = Troubles::default();
        let side = match self.wish.side {
            View::Sender => "recipient",
            View::Recipient => "sender",
        };
        for (column, words) in self.trials.blame().columns_with_refusals() {
            let entry = self.column(column);
            if self.is_misconfigured(column) {
                troubles.configuration.push(format!(
                    "the stored {side} {entry} is refused, and nothing is listed with it: {words}"
                ));
            } else if self.trials.blame().speaks_of_column(column, &self.accepted)
                && !self.trials.blame().grew_since(column, &self.accepted)
                && let Some(counterparts) = &self.wish.counterparts
                && let Some(length) = self.row_lengths.get(&counterparts[column].key)
            {
                troubles.crowded_rows.push(format!(
                    "{entry} holds {length} senders, and entries were refused for it: if that is its limit, set list_limit = {length}"
                ));
            }
        }
        troubles
    }
}
