//! The words of an item for people: one sentence for how it stands, and what is worth knowing beside it. Concludes
//! nothing; `settle.rs` does.

use super::settle::{EXAMPLES_MAX, Evidence};
use crate::model::{Outcome, PairCounts, PairKey, View};
use std::collections::BTreeSet;

impl Evidence<'_> {
    /// An address whose domain stands on the other list of the same mailbox: allowed, and worth knowing.
    pub(super) fn covering_entries(&self, item: usize) -> Vec<String> {
        let mut notes = BTreeSet::new();
        for cell in self.wish.cells(item) {
            let Some(pair) = self.wish.pair_key(cell) else {
                continue;
            };
            let Some(domain) = pair.sender.domain() else {
                continue;
            };
            let covering = PairKey {
                recipient: pair.recipient,
                sender: domain,
            };
            if self.other_list.holds(&covering) {
                notes.insert(format!(
                    "the {} of {} holds its domain {}",
                    self.wish.list.other(),
                    self.wish.spell(&covering.recipient),
                    covering.sender.as_str()
                ));
            }
        }
        notes.into_iter().take(EXAMPLES_MAX).collect()
    }

    pub(super) fn describe(&self, counts: &PairCounts, outcome: Outcome, why: Option<String>) -> String {
        let (wanted, in_place) = (counts.wanted, counts.in_place());
        let side = match (self.wish.side, wanted) {
            (View::Sender, 1) => "mailbox",
            (View::Sender, _) => "mailboxes",
            (View::Recipient, 1) => "sender",
            (View::Recipient, _) => "senders",
        };
        let list = self.wish.list;
        let preposition = if self.wish.side == View::Sender {
            "for"
        } else {
            "with"
        };
        match (outcome, why) {
            (Outcome::AlreadyAbsent, _) if wanted == 0 => format!("not on the {list}"),
            (Outcome::AlreadyAbsent, _) => format!("gone from the {list} by itself"),
            (Outcome::WouldAdd, _) => {
                let would = counts.would;
                format!("would be put on the {list} {preposition} {would} of {wanted} {side}")
            }
            (Outcome::WouldRemove, _) => {
                format!(
                    "would be taken off the {list} {preposition} {} {side}",
                    counts.would
                )
            }
            (Outcome::Removed, _) => format!("taken off the {list} {preposition} {in_place} {side}"),
            (_, None) => format!("on the {list} {preposition} {in_place} of {wanted} {side}"),
            (_, Some(why)) if wanted > 1 => format!("{in_place} of {wanted} {side}; {why}"),
            (_, Some(why)) => why,
        }
    }
}
