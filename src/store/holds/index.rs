//! Which hold a pair is under, by at most four looks, whatever the number of holds. Refuses to know a clock: whoever
//! brings holds, brings active ones.

use super::StoredHold;
use crate::store::StoredPair;
use std::collections::BTreeMap;

/// Holds of one list, by what they name.
#[derive(Debug, Clone, Default)]
pub struct HoldIndex<'h> {
    /// Recipient and sender; none is any.
    holds: BTreeMap<(Option<&'h str>, Option<&'h str>), &'h StoredHold>,
}

impl<'h> HoldIndex<'h> {
    /// Of the holds that are about this list. Where two name the same, the one that holds longer is told.
    #[must_use]
    pub fn of(list: &str, holds: &'h [StoredHold]) -> Self {
        let mut index = Self::default();
        for hold in holds {
            if hold.list.as_deref().is_some_and(|only| only != list) {
                continue;
            }
            let named = (hold.recipient.as_deref(), hold.sender.as_deref());
            let kept = index.holds.entry(named).or_insert(hold);
            if kept.until_ms < hold.until_ms {
                *kept = hold;
            }
        }
        index
    }

    /// The hold that holds the pair, folded, for the longest time.
    #[must_use]
    pub fn hold_of(&self, pair: &StoredPair) -> Option<&'h StoredHold> {
        let (recipient, sender) = (Some(pair.recipient.as_str()), Some(pair.sender.as_str()));
        let named = [(recipient, sender), (None, sender), (recipient, None)];
        let holds = named.iter().filter_map(|named| self.holds.get(named).copied());
        holds.max_by_key(|hold| hold.until_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(list: Option<&str>, recipient: Option<&str>, sender: Option<&str>, until_ms: i64) -> StoredHold {
        StoredHold {
            id: "hold".to_owned(),
            list: list.map(str::to_owned),
            recipient: recipient.map(str::to_owned),
            sender: sender.map(str::to_owned),
            by_client: "alice".to_owned(),
            reason: None,
            run: None,
            created_ms: 0,
            until_ms,
            ended_ms: None,
            ended_by: None,
        }
    }

    fn pair(recipient: &str, sender: &str) -> StoredPair {
        StoredPair {
            recipient: recipient.to_owned(),
            sender: sender.to_owned(),
        }
    }

    #[test]
    fn a_hold_is_about_what_it_names_and_about_all_that_it_does_not_name() {
        let (r1, r2, s1, s2) = (
            "r1@example.org",
            "r2@example.org",
            "s1@example.com",
            "s2@example.com",
        );
        // (list, recipient and sender of the hold; list and pair that is asked for; is it under the hold?)
        for (list, recipient, sender, asked, asked_pair, expected) in [
            (None, Some(r1), Some(s1), "blocklist", pair(r1, s1), true),
            (None, Some(r1), Some(s1), "blocklist", pair(r2, s1), false),
            (None, Some(r1), Some(s1), "blocklist", pair(r1, s2), false),
            (None, None, Some(s1), "blocklist", pair(r2, s1), true),
            (None, None, Some(s1), "blocklist", pair(s1, r1), false),
            (None, Some(r1), None, "safelist", pair(r1, s2), true),
            (None, Some(r1), None, "safelist", pair(r2, s2), false),
            (Some("blocklist"), None, Some(s1), "blocklist", pair(r1, s1), true),
            (Some("blocklist"), None, Some(s1), "safelist", pair(r1, s1), false),
            // Equal or not: what covers what is for others to know.
            (None, None, Some("example.com"), "blocklist", pair(r1, s1), false),
        ] {
            let holds = [hold(list, recipient, sender, 1)];
            assert_eq!(
                holds[0].matches(asked, &asked_pair),
                expected,
                "{holds:?} {asked} {asked_pair:?}"
            );
            let index = HoldIndex::of(asked, &holds);
            assert_eq!(
                index.hold_of(&asked_pair),
                expected.then_some(&holds[0]),
                "{holds:?}"
            );
        }
    }

    #[test]
    fn of_several_holds_the_longest_is_told() {
        let (r1, s1) = (Some("r1@example.org"), Some("s1@example.com"));
        let holds = [
            hold(None, r1, s1, 3),
            hold(Some("blocklist"), r1, s1, 5),
            hold(None, None, s1, 4),
            hold(Some("safelist"), r1, None, 9),
        ];
        let asked = pair("r1@example.org", "s1@example.com");
        // (list, how long it is held)
        for (list, until_ms) in [("blocklist", 5), ("safelist", 9), ("another", 4)] {
            let index = HoldIndex::of(list, &holds);
            assert_eq!(
                index.hold_of(&asked).map(|hold| hold.until_ms),
                Some(until_ms),
                "{list}"
            );
        }
    }
}
