//! The nouns of the appliance: which list, seen from which side, changed in which direction.
//! Knows nothing of JSON or URLs; `appliance::wire` turns these into what AsyncOS wants to read.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One of the two lists of a spam quarantine. With an appliance's name it is the unit of exclusive writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListKind {
    /// Mail from these senders is quarantined or deleted for the recipient.
    Blocklist,
    /// Mail from these senders skips the anti-spam engine for the recipient.
    Safelist,
}

impl ListKind {
    /// Both lists, in the order in which documents name them.
    pub const ALL: [Self; 2] = [Self::Blocklist, Self::Safelist];

    /// Cisco's word, also the last segment of the resource's path.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Blocklist => "blocklist",
            Self::Safelist => "safelist",
        }
    }

    /// The list on which the same pair must not stand at the same time.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Blocklist => Self::Safelist,
            Self::Safelist => Self::Blocklist,
        }
    }

    /// Reads the word as ThreatQ ("Blocklist") or the API ("blocklist") writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|list| list.word().eq_ignore_ascii_case(text.trim()))
    }
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The side from which a list is looked at: rows keyed by sender or by recipient. Both show the same pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// Rows are senders, values are recipients.
    Sender,
    /// Rows are recipients, values are senders.
    Recipient,
}

impl View {
    /// Cisco's word for the query key `viewBy`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Recipient => "recipient",
        }
    }

    /// The same pairs from the other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Sender => Self::Recipient,
            Self::Recipient => Self::Sender,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What an action wants of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Every indicator is paired with the stored counterpart list, and the pairs are to stand.
    Add,
    /// Every pair with the indicator is to be gone, whoever put it there: ThreatQ's meaning of delete.
    Delete,
}

impl Operation {
    /// The word used in manifests and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Delete => "delete",
        }
    }
}
