//! The words of an item for people: one sentence for how it stands, and what is worth knowing beside it. Concludes
//! nothing; `settle.rs` does.

use super::settle::{EXAMPLES_MAX, Evidence};
use crate::model::{EntryKey, ListKind, Outcome, PairCounts, PairKey, View};
use std::collections::{BTreeMap, BTreeSet};

/// That an address is still blocked, or let in, by its domain; nothing where no such pair stays.
#[must_use]
pub fn still_covered_note(list: ListKind, covering: &[PairKey]) -> Option<String> {
    let domain = covering.first()?.sender.as_str();
    let recipients: BTreeSet<&EntryKey> = covering.iter().map(|pair| &pair.recipient).collect();
    let done = match list {
        ListKind::Blocklist => "blocked",
        ListKind::Safelist => "let in",
    };
    Some(match recipients.len() {
        1 => format!("still {done} by {domain} for 1 mailbox"),
        count => format!("still {done} by {domain} for {count} mailboxes"),
    })
}

impl Evidence<'_> {
    /// What stands on the other list of the same mailboxes beside an addition: for an address its domain, for a domain
    /// addresses there. Allowed, and worth knowing.
    pub(super) fn entries_of_the_other_list(&self, item: usize) -> Vec<String> {
        let other = self.wish.list.other();
        let mut notes = BTreeSet::new();
        for pair in self.wish.cells(item).filter_map(|cell| self.wish.pair_key(cell)) {
            let mailbox = || self.wish.spell(&pair.recipient);
            let Some(domain) = pair.sender.domain() else {
                let there = self.addresses_on_the_other_list(&pair);
                notes.extend(there.map(|address| {
                    format!("the {other} of {} holds {address}, an address there", mailbox())
                }));
                continue;
            };
            let covering = PairKey {
                recipient: pair.recipient.clone(),
                sender: domain,
            };
            if self.other_list.holds(&covering) {
                let domain = covering.sender.as_str();
                notes.insert(format!("the {other} of {} holds its domain {domain}", mailbox()));
            }
        }
        let more = notes.len().saturating_sub(EXAMPLES_MAX);
        let mut notes: Vec<String> = notes.into_iter().take(EXAMPLES_MAX).collect();
        if more > 0 {
            notes.push(format!("{more} more entries of the {other} are like these"));
        }
        notes
    }

    fn addresses_on_the_other_list<'a>(&'a self, pair: &'a PairKey) -> impl Iterator<Item = &'a str> {
        let row = PairKey {
            recipient: pair.recipient.clone(),
            sender: EntryKey::of(""),
        };
        let row = self.other_list.pairs.range(row..).map(|(other, _)| other);
        let row = row.take_while(move |other| other.recipient == pair.recipient);
        let at_domain = move |entry: &&str| {
            let local = entry.strip_suffix(pair.sender.as_str());
            local.is_some_and(|local| local.ends_with('@'))
        };
        row.map(|other| other.sender.as_str()).filter(at_domain)
    }

    /// Where addresses were deleted, or would be: the pairs of their domains which are not deleted as well, by domain.
    pub(super) fn still_covered(&self) -> BTreeMap<EntryKey, Vec<PairKey>> {
        let mut covering = BTreeMap::new();
        if self.wish.side == View::Recipient || self.wish.is_addition() {
            return covering;
        }
        let items = || self.wish.items.iter().map(|item| &item.key);
        covering.extend(items().filter_map(|key| Some((key.domain()?, Vec::new()))));
        for key in items() {
            covering.remove(key);
        }
        for pair in self.seen.pairs.keys() {
            if let Some(pairs) = covering.get_mut(&pair.sender) {
                pairs.push(pair.clone());
            }
        }
        covering
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
