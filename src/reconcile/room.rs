//! Room in the rows of the recipients, where the operator told how many senders the appliance allows: taken in input
//! order, so that the caller's first indicators are served first. `plan.rs` asks; this file sends nothing.

use super::plan::{Hold, Picture};
use crate::model::EntryKey;
use std::collections::BTreeMap;

/// Free places in the rows of the recipients, taken in input order.
pub(super) struct Room<'a> {
    limit: Option<usize>,
    lengths: BTreeMap<&'a EntryKey, usize>,
    taken: BTreeMap<EntryKey, usize>,
}

impl<'a> Room<'a> {
    pub(super) fn of(picture: &Picture<'a>) -> Self {
        let limit = picture.limits.list_limit.filter(|_| picture.wish.is_addition());
        let lengths = if limit.is_some() {
            picture.seen.row_lengths()
        } else {
            BTreeMap::new()
        };
        Self {
            limit,
            lengths,
            taken: BTreeMap::new(),
        }
    }

    pub(super) fn take(&mut self, recipient: &EntryKey) -> Result<(), Hold> {
        let Some(limit) = self.limit else { return Ok(()) };
        let row_length = self.lengths.get(recipient).copied().unwrap_or_default();
        let taken = self.taken.entry(recipient.clone()).or_default();
        if row_length + *taken >= limit {
            return Err(Hold::Full {
                row_length,
                taken: *taken,
            });
        }
        *taken += 1;
        Ok(())
    }

    pub(super) fn give_back(&mut self, recipient: Option<EntryKey>) {
        if let Some(taken) = recipient.and_then(|recipient| self.taken.get_mut(&recipient)) {
            *taken -= 1;
        }
    }
}
