//! Which pair came and went, when, and by whom: the truth that a test compares a report with.
//!
//! This file refuses to know why something changed; `store.rs` tells it.

use std::collections::VecDeque;

use serde::Serialize;

use super::choice::choices;
use super::lists::{ListName, Pair};

/// The oldest changes are forgotten beyond this number, for the reason of the request log.
pub(super) const CHANGES_MAX: usize = 100_000;

choices! {
    /// What happened to a pair.
    PairChange {
        /// It was not there, and is.
        Added = "added",
        /// It was there, and is no longer.
        Removed = "removed",
    }
    /// Who changed it.
    ChangedBy {
        /// A request of the API.
        Api = "api",
        /// The fault `other_writer`.
        OtherWriter = "other_writer",
        /// The control interface, or a method of the handle.
        Control = "control",
    }
}

/// One change of one pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// The number of the request during which, or after which, it happened; 0 before the first.
    pub sequence: u64,
    /// Which list.
    pub list: ListName,
    /// Of the pair.
    pub recipient: String,
    /// Of the pair.
    pub sender: String,
    /// What happened.
    pub change: PairChange,
    /// Who did it.
    pub by: ChangedBy,
}

#[derive(Debug, Default)]
pub(super) struct History {
    entries: VecDeque<HistoryEntry>,
}

impl History {
    pub(super) fn note(
        &mut self,
        sequence: u64,
        list: ListName,
        pairs: Vec<Pair>,
        change: PairChange,
        by: ChangedBy,
    ) {
        for Pair { recipient, sender } in pairs {
            if self.entries.len() >= CHANGES_MAX {
                self.entries.pop_front();
            }
            self.entries.push_back(HistoryEntry {
                sequence,
                list,
                recipient,
                sender,
                change,
                by,
            });
        }
    }

    pub(super) fn entries(&self) -> Vec<HistoryEntry> {
        self.entries.iter().cloned().collect()
    }
}
