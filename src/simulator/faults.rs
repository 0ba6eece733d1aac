//! What can go wrong on purpose: every fault, and the rule that says on which requests it happens.
//!
//! A rule is one flat object in files and requests, `{"fault": "cut_reply", "after_bytes": 20, "method":
//! "POST"}`, and `cut_reply:after_bytes=20,method=POST` on the command line; both are read in `written.rs`.
//! `firing.rs` counts and decides which rules fire. This file refuses to know how a fault is carried out:
//! what it does to the lists is in `api.rs`, what it does to bytes in `delivery.rs` and `playing.rs`.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::choice::choices;
use super::lists::{ListName, Pair};

mod firing;
mod written;

pub(super) use firing::{Facts, FaultState};

choices! {
    /// A method that a rule may ask for.
    RequestMethod {
        /// Views.
        Get = "GET",
        /// Additions, and logins.
        Post = "POST",
        /// Deletions.
        Delete = "DELETE",
    }
    /// A part of a paging that a rule may ask for.
    Page {
        /// A view from offset 0, or without one.
        First = "first",
        /// A view from a later offset.
        Later = "later",
    }
    /// How a connection ends.
    EndOfConnection {
        /// In order, with a FIN.
        Close = "close",
        /// With a RST.
        Reset = "reset",
    }
    /// When somebody else writes.
    Moment {
        /// Before the request has its effect.
        Before = "before",
        /// After it, before the reply.
        After = "after",
    }
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Before the next connection the listening socket is closed, idle connections end, and it listens again
    /// after a while. Counts connections.
    RefuseConnections {
        /// How long nobody listens.
        for_ms: u64,
    },
    /// A connection is accepted and ended at once. Counts connections.
    AcceptAndClose,
    /// Nothing is applied, and the connection is reset.
    ResetBeforeApply,
    /// The request is applied, and the connection is reset instead of a reply.
    ResetAfterApply,
    /// Nothing is applied, and the connection ends in order, without a reply.
    CloseBeforeApply,
    /// The request is applied, and the connection ends in order, without a reply.
    CloseAfterApply,
    /// The request is applied, and its reply breaks off.
    CutReply {
        /// How many bytes come, of head and body together.
        after_bytes: usize,
        /// What comes then.
        #[serde(default)]
        by: EndOfConnection,
    },
    /// The reply has no length: its body ends with the connection.
    BodyToEof,
    /// A server in front of the appliance answers with a page of its own.
    Html {
        /// From 200 to 599.
        status: u16,
        /// Whether the request reached the appliance all the same.
        #[serde(default)]
        applied: bool,
    },
    /// Another status, with an error of the usual form.
    Status {
        /// From 200 to 599.
        status: u16,
        /// For the header `Retry-After`.
        #[serde(default)]
        retry_after_seconds: Option<u32>,
        /// Whether the request was applied all the same.
        #[serde(default)]
        applied: bool,
    },
    /// The reply comes bit by bit.
    SlowDrip {
        /// How many bytes at a time.
        bytes: usize,
        /// How long the wait between two of them is.
        every_ms: u64,
    },
    /// No reply, until the client leaves.
    Hang {
        /// Whether the request was applied.
        #[serde(default)]
        applied: bool,
    },
    /// A 401; nothing is applied.
    Unauthorized,
    /// All tokens are forgotten before this request.
    KillTokens,
    /// A write is answered as if it had been applied.
    SaysYesDoesNothing,
    /// A write is answered as if it had been applied, and shows only later.
    AppliedLate {
        /// How many further requests do not see it yet.
        after_requests: u64,
    },
    /// Somebody else changes a list.
    OtherWriter {
        /// Before this request or after it.
        when: Moment,
        /// Which list is changed.
        list: ListName,
        /// Put in, as far as they are missing.
        #[serde(default)]
        add: Vec<Pair>,
        /// Taken out, as far as they stand.
        #[serde(default)]
        remove: Vec<Pair>,
    },
}

/// On which requests a fault happens; without anything set, on the next one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct When {
    /// Only requests with this method.
    pub method: Option<RequestMethod>,
    /// Only requests about this list.
    pub list: Option<ListName>,
    /// Only views of this part.
    pub page: Option<Page>,
    /// How many requests of the kind pass first.
    pub skip: u64,
    /// How often it happens.
    pub times: Times,
    /// How likely it is at each occasion, from 0 to 1; drawn from the seed.
    pub chance: Chance,
}

/// How often a fault happens at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// So often. The default is once.
    AtMost(u64),
    /// At every occasion.
    Always,
}

/// From 0 to 1; 1 by default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Chance(f64);

/// A fault and when it happens. Read from text with [`str::parse`].
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    fault: Fault,
    when: When,
}

/// Why something is no rule.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No such fault, a key that is missing, or a value of the wrong kind; in serde's words, which name what
    /// is allowed.
    #[error("{0}")]
    Form(String),
    /// The fault does not know a key.
    #[error("`{fault}` takes no `{key}`; its keys are: {keys}")]
    StrangeKey {
        /// Which fault.
        fault: String,
        /// Which key.
        key: String,
        /// What it takes.
        keys: String,
    },
    /// A value that makes no sense.
    #[error("`{key}` is to be {expected}")]
    Value {
        /// Which key.
        key: &'static str,
        /// What it can be.
        expected: &'static str,
    },
    /// A filter that the fault cannot have.
    #[error("`{fault}` {reason}")]
    Filter {
        /// Which fault.
        fault: String,
        /// Why not.
        reason: &'static str,
    },
}

impl FaultRule {
    /// A fault with its occasion.
    ///
    /// # Errors
    ///
    /// When the fault cannot be asked for so, such as one of a connection for a certain method.
    pub fn new(fault: Fault, when: When) -> Result<Self, FaultError> {
        written::check(&fault, &when)?;
        Ok(Self { fault, when })
    }

    /// What happens.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// When it happens.
    #[must_use]
    pub fn when(&self) -> &When {
        &self.when
    }
}

impl Default for Times {
    fn default() -> Self {
        Self::AtMost(1)
    }
}

impl Chance {
    /// `None` for what is not from 0 to 1.
    #[must_use]
    pub fn new(chance: f64) -> Option<Self> {
        (0.0..=1.0).contains(&chance).then_some(Self(chance))
    }

    /// From 0 to 1.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Chance {
    type Error = FaultError;

    fn try_from(chance: f64) -> Result<Self, FaultError> {
        Self::new(chance).ok_or(FaultError::Value {
            key: "chance",
            expected: "a number from 0 to 1",
        })
    }
}

impl From<Chance> for f64 {
    fn from(chance: Chance) -> Self {
        chance.0
    }
}

impl Default for Chance {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Fault {
    /// As it is written in files, requests and arguments.
    #[must_use]
    pub fn name(&self) -> String {
        let written = written::keys_of(self);
        let name = written.get("fault").and_then(serde_json::Value::as_str);
        name.unwrap_or_default().to_owned()
    }

    /// Faults that count connections; at that time nobody knows what will be asked.
    pub(super) fn is_of_connections(&self) -> bool {
        matches!(self, Self::RefuseConnections { .. } | Self::AcceptAndClose)
    }

    /// Faults that make sense for nothing but a write of a list.
    pub(super) fn is_of_writes(&self) -> bool {
        matches!(self, Self::SaysYesDoesNothing | Self::AppliedLate { .. })
    }
}

/// As the request log names it, `cut_reply after_bytes=20 by=reset`; of pairs only how many there are.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())?;
        for (key, value) in written::keys_of(self) {
            match value {
                _ if key == "fault" => {}
                Value::Null => {}
                Value::Array(items) => write!(formatter, " {key}={}", items.len())?,
                Value::String(text) => write!(formatter, " {key}={text}")?,
                value => write!(formatter, " {key}={value}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
