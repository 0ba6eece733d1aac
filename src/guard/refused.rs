//! What the guard says where it says no: the rule, what it matched, and where that was configured. Refuses to know how
//! a rule is judged; that is in the file of each rule, and which there are in `rule.rs`.

use super::rule::Rule;
use std::fmt;

/// Where a rule stands that nobody has to configure.
pub(super) const BUILT_IN: &str = "built in";

/// A refused entry. Displays as one sentence without a full stop:
/// `own domain acme.example (own_domains, doorlist.toml:31)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    rule: Rule,
    subject: String,
    origin: String,
}

impl Refused {
    pub(super) fn new(rule: Rule, subject: impl Into<String>, origin: impl Into<String>) -> Self {
        Self {
            rule,
            subject: subject.into(),
            origin: origin.into(),
        }
    }

    /// The rule that forbids it.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// What the rule matched: "subdomain of the own domain acme.example".
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Where that was configured: "own_domains, doorlist.toml:31", or "RFC 1918, built in".
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.subject, self.origin)
    }
}
