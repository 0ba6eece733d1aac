//! What the guard says where it says no: the rule, what it matched, and where that was configured. A closed list
//! of rules, each with a code for programs and a sentence for people. Refuses to know how a rule is judged; that
//! is in the file of each rule.

use std::fmt;

/// Where a rule stands that nobody has to configure.
pub(super) const BUILT_IN: &str = "built in";

/// A rule of the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// One of the operator's own domains, or a name above or below one, or an address there.
    OwnDomain,
    /// `com`, `co.uk`, `github.io`: a name below which strangers register theirs.
    PublicSuffix,
    /// `10.0.0.1`, `127.0.0.1`: not the address of one stranger on the Internet.
    SpecialNetwork,
    /// `gmail.com`: everybody who has an address there.
    FreemailDomain,
}

impl Rule {
    /// All rules, in the order in which they judge.
    pub const ALL: [Self; 4] = [
        Self::OwnDomain,
        Self::PublicSuffix,
        Self::SpecialNetwork,
        Self::FreemailDomain,
    ];

    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OwnDomain => "own_domain",
            Self::PublicSuffix => "public_suffix",
            Self::SpecialNetwork => "special_network",
            Self::FreemailDomain => "freemail_domain",
        }
    }

    /// One sentence without a full stop.
    #[must_use]
    pub fn explain(self) -> &'static str {
        match self {
            Self::OwnDomain => {
                "one of your own domains, a name above or below one, or an address there; it is never listed"
            }
            Self::PublicSuffix => {
                "a name below which anybody may register, or an address at one; list the name that was registered there"
            }
            Self::SpecialNetwork => {
                "an address of a private, local or reserved network; it is not one sender on the Internet"
            }
            Self::FreemailDomain => {
                "a whole freemail provider, or a name below it; list the single address instead"
            }
        }
    }
}

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
