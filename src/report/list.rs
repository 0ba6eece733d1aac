//! A look at one list of one appliance: its rows in the asked view, whose each pair is, and what the guard would say of
//! each sender today. The document and its first sentence; refuses to know how the list was read and sorted.

use crate::model::{ListKind, View};
use serde::{Deserialize, Serialize};

/// A page of a list. Its JSON form is the interface: keys are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPage {
    /// One sentence, trouble first.
    pub text: String,
    /// The appliance's name.
    pub appliance: String,
    /// Which list.
    pub list: ListKind,
    /// Which side the rows are keyed by.
    pub view: View,
    /// When the list had been read, in RFC 3339 and UTC. Each page is a reading of its own.
    pub read_at: String,
    /// The same as long as the list holds the same pairs: pages with two of them are of no one moment.
    pub digest: String,
    /// What the list holds.
    pub total: ListCounts,
    /// What of it is asked for.
    pub matching: ListCounts,
    /// Senders of the list that today's rules would not let onto it.
    pub senders_refused: usize,
    /// Senders of the list that are no entries as doorlist reads them, so that no rule can be asked.
    pub senders_not_judged: usize,
    /// Rows, in the order of their keys.
    pub rows: Vec<ListRow>,
    /// The key after which the next page begins; null where this is the last.
    pub next: Option<String>,
}

/// Rows of the view and the pairs in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCounts {
    /// Rows.
    pub rows: usize,
    /// Pairs.
    pub pairs: usize,
}

/// One row: an entry, and everything that it is paired with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    /// As the appliance spells it.
    pub entry: String,
    /// Folded: spellings of one entry have the same.
    pub key: String,
    /// What the guard has against the sender of this row; null where that is nothing, and in the recipient view.
    pub guard: Option<ListGuard>,
    /// Its other sides that are asked for, in the order of their keys.
    pub pairs: Vec<ListPair>,
}

/// The other side of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPair {
    /// As the appliance spells it.
    pub entry: String,
    /// What the guard has against this sender; null where that is nothing, and in the sender view.
    pub guard: Option<ListGuard>,
    /// Who put the pair there; null where that was none of us.
    pub ours: Option<ListOurs>,
}

/// Who put a pair there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOurs {
    /// The run.
    pub run: String,
    /// When, in RFC 3339 and UTC.
    pub since: String,
    /// The last run that asked for it since, and found it there.
    pub claimed_by: Option<String>,
    /// Its request was not read back, nor has any run found the pair there since.
    pub unproven: bool,
}

/// What the guard has against a sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListGuard {
    /// Judged, or not.
    pub verdict: ListVerdict,
    /// The code of the rule: of the guard, or of what makes it no entry.
    pub rule: String,
    /// The words of a person.
    pub text: String,
    /// Where the rule stands; null where none was asked.
    pub origin: Option<String>,
}

/// How the guard stands to a sender that it does not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListVerdict {
    /// A rule of today forbids it.
    Refused,
    /// No entry as doorlist reads them.
    NotJudged,
}

impl ListVerdict {
    /// The word in documents and queries.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NotJudged => "not_judged",
        }
    }
}

impl ListPage {
    /// Makes the sentence of the numbers.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut parts = Vec::new();
        let place = format!("the {} of {}", self.list, self.appliance);
        if self.senders_refused > 0 {
            let senders = counted(self.senders_refused, "sender");
            let verb = if self.senders_refused == 1 {
                "breaks"
            } else {
                "break"
            };
            parts.push(format!("{senders} on {place} {verb} today's rules"));
        }
        if self.senders_not_judged > 0 {
            let senders = counted(self.senders_not_judged, "sender");
            parts.push(format!("{senders} there cannot be judged"));
        }
        parts.push(format!(
            "{place} holds {} in {} by {}",
            counted(self.total.pairs, "pair"),
            counted(self.total.rows, "row"),
            self.view
        ));
        if self.matching != self.total {
            parts.push(format!("{} asked for", counted(self.matching.pairs, "pair")));
        }
        parts.join("; ")
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_has_trouble_first_and_says_how_much_is_asked_for() {
        let counts = |rows, pairs| ListCounts { rows, pairs };
        for (refused, not_judged, total, matching, expected) in [
            (
                0,
                0,
                counts(0, 0),
                counts(0, 0),
                "the blocklist of esa-1 holds 0 pairs in 0 rows by sender",
            ),
            (
                0,
                0,
                counts(1, 1),
                counts(1, 1),
                "the blocklist of esa-1 holds 1 pair in 1 row by sender",
            ),
            (
                1,
                2,
                counts(3, 9),
                counts(1, 1),
                "1 sender on the blocklist of esa-1 breaks today's rules; 2 senders there cannot be judged; \
                 the blocklist of esa-1 holds 9 pairs in 3 rows by sender; 1 pair asked for",
            ),
            (
                2,
                0,
                counts(3, 9),
                counts(3, 9),
                "2 senders on the blocklist of esa-1 break today's rules; \
                 the blocklist of esa-1 holds 9 pairs in 3 rows by sender",
            ),
        ] {
            let page = ListPage {
                text: String::new(),
                appliance: "esa-1".to_owned(),
                list: ListKind::Blocklist,
                view: View::Sender,
                read_at: String::new(),
                digest: String::new(),
                total,
                matching,
                senders_refused: refused,
                senders_not_judged: not_judged,
                rows: Vec::new(),
                next: None,
            };
            assert_eq!(page.sentence(), expected);
        }
    }
}
