//! What the appliance stores: two lists of (recipient, sender) pairs, and the two ways of looking at them.
//!
//! Both views of the API show the same pairs (`docs/asyncos.md`, "Semantics"), so pairs are all that is kept
//! and rows are made when somebody looks (`rows.rs`). Entries are kept as sent; whether two of them are the same
//! is for the knob `spelling`. This file refuses to know what a request may change; that is `rules.rs`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::choice::choices;

/// The content of the safelist and the blocklist, in the order in which the pairs were added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lists {
    /// Blocked senders of each recipient.
    pub blocklist: Vec<Pair>,
    /// Let-through senders of each recipient.
    pub safelist: Vec<Pair>,
}

/// One entry: mail from this sender to this recipient is blocked, or let through.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Mostly a mail address, but anything may stand here.
    pub recipient: String,
    /// An address, a domain, or an IP address in square brackets.
    pub sender: String,
}

choices! {
    /// Which of the two lists.
    ListName {
        /// Of senders whose mail is blocked.
        Blocklist = "blocklist",
        /// Of senders whose mail is let through.
        Safelist = "safelist",
    }
}

/// From which side the pairs are looked at: `viewBy` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Recipient,
    Sender,
}

impl Lists {
    pub(super) fn list(&self, name: ListName) -> &[Pair] {
        match name {
            ListName::Blocklist => &self.blocklist,
            ListName::Safelist => &self.safelist,
        }
    }

    pub(super) fn list_mut(&mut self, name: ListName) -> &mut Vec<Pair> {
        match name {
            ListName::Blocklist => &mut self.blocklist,
            ListName::Safelist => &mut self.safelist,
        }
    }

    /// A list is a set: a pair that is named twice is kept once, where it stood first.
    pub(super) fn without_repeated_pairs(self) -> Self {
        Self {
            blocklist: without_repeats(self.blocklist),
            safelist: without_repeats(self.safelist),
        }
    }
}

impl ListName {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Blocklist => Self::Safelist,
            Self::Safelist => Self::Blocklist,
        }
    }
}

impl View {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "recipient" => Some(Self::Recipient),
            "sender" => Some(Self::Sender),
            _ => None,
        }
    }
}

impl Pair {
    pub(super) fn key(&self, view: View) -> &str {
        match view {
            View::Recipient => &self.recipient,
            View::Sender => &self.sender,
        }
    }

    pub(super) fn value(&self, view: View) -> &str {
        match view {
            View::Recipient => &self.sender,
            View::Sender => &self.recipient,
        }
    }
}

fn without_repeats(pairs: Vec<Pair>) -> Vec<Pair> {
    let is_first: Vec<bool> = {
        let mut seen = HashSet::with_capacity(pairs.len());
        pairs.iter().map(|pair| seen.insert(pair)).collect()
    };
    let mut is_first = is_first.into_iter();
    let mut pairs = pairs;
    pairs.retain(|_| is_first.next().unwrap_or(true));
    pairs
}

/// A pair in the fewest letters, for the tests of this room.
#[cfg(test)]
pub(super) fn pair(recipient: &str, sender: &str) -> Pair {
    Pair {
        recipient: recipient.to_owned(),
        sender: sender.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_named_twice_is_kept_once() {
        let lists = Lists {
            blocklist: vec![
                pair("a@x.com", "s.com"),
                pair("A@x.com", "s.com"),
                pair("a@x.com", "s.com"),
            ],
            safelist: vec![],
        };
        assert_eq!(
            lists.without_repeated_pairs().blocklist,
            [pair("a@x.com", "s.com"), pair("A@x.com", "s.com")]
        );
    }

    #[test]
    fn the_json_form_fills_in_a_missing_list_and_refuses_an_unknown_key() {
        let parse = serde_json::from_str::<Lists>;
        assert_eq!(parse("{}").ok(), Some(Lists::default()));
        assert_eq!(
            parse(r#"{"safelist":[{"recipient":"a@x.com","sender":"s.com"}]}"#).ok(),
            Some(Lists {
                blocklist: vec![],
                safelist: vec![pair("a@x.com", "s.com")]
            })
        );
        assert!(parse(r#"{"blacklist":[]}"#).is_err());
        assert!(parse(r#"{"safelist":[{"recipient":"a@x.com","from":"s.com"}]}"#).is_err());
    }
}
