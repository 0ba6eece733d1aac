//! Why a value cannot be an entry of a list: the rule, in words a person can act on, and what was probably
//! meant. The forms that AsyncOS takes are told in `docs/asyncos.md`, "Entries".

use std::fmt;

/// The rule that a value broke. A closed list: each has a code for programs and a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Nothing but white space.
    Empty,
    /// Longer than an address (254 bytes) or a domain (253 bytes) can be, or a label longer than 63.
    TooLong,
    /// White space or a control character inside.
    WhiteSpace,
    /// More than one value in one indicator.
    SeveralValues,
    /// A network such as `192.0.2.0/24`.
    Network,
    /// `*`, `%` or `?` as a stand-in for anything.
    Wildcard,
    /// `.example.com`, meant as "and all subdomains".
    LeadingDot,
    /// `@example.com`, meant as "everybody there".
    LeadingAt,
    /// `https://example.com/login`.
    Url,
    /// `evil[.]example`, `hxxp://`, `user(at)example.com`.
    Defanged,
    /// `Jane Doe <jane@example.com>`.
    DisplayName,
    /// `com`, `localhost`: one label without a dot.
    SingleLabel,
    /// `example.com:25`.
    Port,
    /// Not a domain name for another reason.
    NotADomain,
    /// Not a mail address for another reason.
    NotAnAddress,
    /// Not an IP address.
    NotAnIpAddress,
}

impl Rule {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::WhiteSpace => "white_space",
            Self::SeveralValues => "several_values",
            Self::Network => "network",
            Self::Wildcard => "wildcard",
            Self::LeadingDot => "leading_dot",
            Self::LeadingAt => "leading_at",
            Self::Url => "url",
            Self::Defanged => "defanged",
            Self::DisplayName => "display_name",
            Self::SingleLabel => "single_label",
            Self::Port => "port",
            Self::NotADomain => "not_a_domain",
            Self::NotAnAddress => "not_an_address",
            Self::NotAnIpAddress => "not_an_ip_address",
        }
    }

    /// One sentence without a full stop.
    #[must_use]
    pub fn explain(self) -> &'static str {
        match self {
            Self::Empty => "the value is empty",
            Self::TooLong => {
                "longer than a mail address (254), a domain (253) or one of its labels (63) can be"
            }
            Self::WhiteSpace => "white space or a control character inside",
            Self::SeveralValues => "more than one value; send one indicator for each",
            Self::Network => "a network; the lists take single addresses only",
            Self::Wildcard => "a wildcard; the lists take whole names only",
            Self::LeadingDot => "a leading dot; the lists cover a name as it is written, not its subdomains",
            Self::LeadingAt => "a leading @; a domain is listed by its name alone",
            Self::Url => "a URL, not a sender",
            Self::Defanged => "a defanged value; send it as it is",
            Self::DisplayName => "a display name around the address",
            Self::SingleLabel => "a single label; a top-level domain or host name alone cannot be listed",
            Self::Port => "a port behind the name",
            Self::NotADomain => "not a domain name",
            Self::NotAnAddress => "not a mail address",
            Self::NotAnIpAddress => "not an IP address",
        }
    }
}

/// A refused value: the rule it broke and, where there is one, what was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    rule: Rule,
    suggestion: Option<String>,
}

impl Refusal {
    /// A refusal without a suggestion.
    #[must_use]
    pub fn new(rule: Rule) -> Self {
        Self {
            rule,
            suggestion: None,
        }
    }

    /// A refusal with the spelling that would have been accepted.
    #[must_use]
    pub fn suggesting(rule: Rule, suggestion: impl Into<String>) -> Self {
        Self {
            rule,
            suggestion: Some(suggestion.into()),
        }
    }

    /// The rule that was broken.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The spelling that would have been accepted.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule.explain())?;
        match &self.suggestion {
            Some(suggestion) => write!(f, ". Did you mean {suggestion}?"),
            None => Ok(()),
        }
    }
}
