//! The rules of the guard: a closed list, each with a code for programs and a sentence for people. Refuses to know how
//! one is judged; that is in the file of each.

/// A rule of the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// One of the operator's own domains, or a name above or below one, or an address there.
    OwnDomain,
    /// What the configuration protects by name: an address, a domain.
    ProtectedAddress,
    /// An address in a network that the configuration protects.
    ProtectedNetwork,
    /// `com`, `co.uk`, `github.io`: a name below which strangers register theirs.
    PublicSuffix,
    /// `10.0.0.1`, `127.0.0.1`: not the address of one stranger on the Internet.
    SpecialNetwork,
    /// `gmail.com`: everybody who has an address there.
    FreemailDomain,
    /// On one of the operator's lists of what is known to be harmless.
    Warninglist,
    /// On its way to a safelist, and of none of the partners.
    OutsidePartnerDomains,
    /// A mailbox for which nothing is added.
    ProtectedRecipient,
    /// A mailbox of somebody else.
    ForeignRecipient,
    /// A pair that is not taken off its list.
    Pinned,
}

impl Rule {
    /// All rules, in the order in which they judge.
    pub const ALL: [Self; 11] = [
        Self::OwnDomain,
        Self::ProtectedAddress,
        Self::ProtectedNetwork,
        Self::PublicSuffix,
        Self::SpecialNetwork,
        Self::FreemailDomain,
        Self::Warninglist,
        Self::OutsidePartnerDomains,
        Self::ProtectedRecipient,
        Self::ForeignRecipient,
        Self::Pinned,
    ];

    /// Stable code for programs, and the key under `[guard.rules]`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OwnDomain => "own_domain",
            Self::ProtectedAddress => "protected_address",
            Self::ProtectedNetwork => "protected_network",
            Self::PublicSuffix => "public_suffix",
            Self::SpecialNetwork => "special_network",
            Self::FreemailDomain => "freemail_domain",
            Self::Warninglist => "warninglist",
            Self::OutsidePartnerDomains => "outside_partner_domains",
            Self::ProtectedRecipient => "protected_recipient",
            Self::ForeignRecipient => "foreign_recipient",
            Self::Pinned => "pinned",
        }
    }

    /// The rule with this code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// One sentence without a full stop.
    #[must_use]
    pub fn explain(self) -> &'static str {
        match self {
            Self::OwnDomain => {
                "one of your own domains, a name above or below one, or an address there; it is never listed"
            }
            Self::ProtectedAddress => {
                "protected by name, or a domain that would take something protected with it; it is not blocked"
            }
            Self::ProtectedNetwork => "an address of a network that is protected; it is not blocked",
            Self::PublicSuffix => {
                "a name below which anybody may register, or an address at one; list the name that was registered there"
            }
            Self::SpecialNetwork => {
                "an address of a private, local or reserved network; it is not one sender on the Internet"
            }
            Self::FreemailDomain => {
                "a whole freemail provider, or a name below it; list the single address instead"
            }
            Self::Warninglist => "on a list of names and networks that are known to be harmless",
            Self::OutsidePartnerDomains => {
                "not of a partner's domain; a safelist lets in whoever writes under the name that it holds"
            }
            Self::ProtectedRecipient => "a mailbox that is protected; nothing is added for it",
            Self::ForeignRecipient => {
                "a mailbox outside your own domains; senders among recipients are a collection that was swapped"
            }
            Self::Pinned => "pinned; it is not taken off its list",
        }
    }
}
