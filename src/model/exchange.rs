//! One question to an appliance and its answer, in our words: what is read or written, and what is known
//! afterwards. `reconcile` asks in these, `appliance` answers in these; neither knows the other's insides.

use super::entry::Pair;
use super::list::{ListKind, View};

/// One page of one view of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Which list.
    pub list: ListKind,
    /// Which side the rows are keyed by.
    pub view: View,
    /// Only rows that contain this text; the appliance offers it in the recipient view alone.
    pub search: Option<String>,
    /// First row wanted, counted from 0.
    pub offset: usize,
    /// Most rows wanted.
    pub limit: usize,
    /// How long to wait before asking, in milliseconds.
    pub delay_ms: u64,
}

impl Read {
    /// The first row by recipient: enough to see whether a list can be read.
    #[must_use]
    pub fn first_row(list: ListKind) -> Self {
        Self {
            list,
            view: View::Recipient,
            search: None,
            offset: 0,
            limit: 1,
            delay_ms: 0,
        }
    }
}

/// One row: the key side and everything paired with it, in the appliance's own spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// A recipient or a sender, as `view` says.
    pub key: String,
    /// The other side.
    pub values: Vec<String>,
}

impl Row {
    /// The pairs that this row stands for.
    pub fn pairs(&self, view: View) -> impl Iterator<Item = Pair> + '_ {
        self.values.iter().map(move |value| match view {
            View::Recipient => Pair {
                recipient: self.key.clone(),
                sender: value.clone(),
            },
            View::Sender => Pair {
                recipient: value.clone(),
                sender: self.key.clone(),
            },
        })
    }
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Rows of the whole view (or of the whole search), when the appliance said so.
    pub total_count: Option<usize>,
    /// The rows of this page, in the appliance's order.
    pub rows: Vec<Row>,
}

/// What became of a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadReply {
    /// A page.
    Page(Page),
    /// Anything else, with the same meaning as for a write.
    Failed(Verdict),
}

/// How a write changes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Makes rows; refused where one stands already.
    Add,
    /// Adds values to rows, and makes those that are missing.
    Append,
    /// Replaces the values of rows.
    Edit,
    /// Takes whole rows away.
    Delete,
}

impl Verb {
    /// Cisco's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Append => "append",
            Self::Edit => "edit",
            Self::Delete => "delete",
        }
    }
}

/// One change: every key with every value. A delete has keys alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Which list.
    pub list: ListKind,
    /// Which side the keys are.
    pub view: View,
    /// How.
    pub verb: Verb,
    /// Rows, in the spelling to send.
    pub keys: Vec<String>,
    /// What the rows are to hold, in the spelling to send.
    pub values: Vec<String>,
}

/// What is known after a call. No decision hangs on `words`: they are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A clear yes.
    Done,
    /// A clear no: the appliance read the request and did not want it.
    Refused {
        /// HTTP status.
        status: u16,
        /// The appliance's words, escaped and capped.
        words: String,
    },
    /// Sent, and nobody knows what became of it.
    Unclear {
        /// What was seen.
        words: String,
    },
    /// The appliance did not let us in; nothing was done.
    Denied {
        /// HTTP status.
        status: u16,
        /// The appliance's words.
        words: String,
    },
    /// It was not asked at all: it is left alone for a while, after it refused a login or did not answer.
    Resting {
        /// Why, until when, and what ends it.
        words: String,
    },
    /// Whoever answers there did not prove to be the appliance: nothing was sent, and asking again changes nothing.
    Untrusted {
        /// What was found, and which way out there is.
        words: String,
    },
    /// Nothing of it reached the appliance: no connection, or a proxy that did not let it through.
    Unreachable {
        /// What was tried and what came.
        words: String,
    },
}

impl Verdict {
    /// Nobody knows what became of it, or it was not even reached.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        matches!(self, Self::Unclear { .. } | Self::Unreachable { .. })
    }

    /// The same with a beginning that says what was asked.
    #[must_use]
    pub fn with_words(self, beginning: &str) -> Self {
        let longer = |words: String| format!("{beginning}{words}");
        match self {
            Self::Done => Self::Done,
            Self::Refused { status, words } => Self::Refused {
                status,
                words: longer(words),
            },
            Self::Denied { status, words } => Self::Denied {
                status,
                words: longer(words),
            },
            Self::Unclear { words } => Self::Unclear { words: longer(words) },
            Self::Unreachable { words } => Self::Unreachable { words: longer(words) },
            Self::Resting { words } => Self::Resting { words: longer(words) },
            Self::Untrusted { words } => Self::Untrusted { words: longer(words) },
        }
    }

    /// One sentence for the report.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Done => "accepted".to_owned(),
            Self::Refused { status, words } | Self::Denied { status, words } if words.is_empty() => {
                format!("the appliance answered {status}")
            }
            Self::Refused { status, words } | Self::Denied { status, words } => {
                format!("the appliance answered {status}: {words}")
            }
            Self::Unclear { words } => format!("no clear answer: {words}"),
            Self::Unreachable { words } | Self::Untrusted { words } => format!("not reached: {words}"),
            Self::Resting { words } => format!("not asked: {words}"),
        }
    }
}
