//! What `[guard]` comes to: plain values, which the guard is made of. Refuses to know how they were written; `entries.rs`
//! and `pinned.rs` read them. Kept free of everything else, so that the guard can be built without the rest of the
//! configuration (`tests/support/mutations` does).

use crate::config::{CapSettings, RuleFiles};
use crate::model::{EntryKey, Level, ListKind};
use ipnet::IpNet;
use std::collections::BTreeMap;

/// `[guard]`, ready to use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuardSettings {
    /// The configured ones, and the domain of every configured recipient by itself. In alphabetical order,
    /// each once.
    pub own_domains: Vec<OwnDomain>,
    /// Where it was written which domains are one's own, as `own_domains, doorlist.toml:31`; none where only the
    /// configured recipients tell. With it, a mailbox elsewhere is somebody else's.
    pub own_domains_origin: Option<String>,
    /// What may change while a server runs: `own_domains_file` and `warninglists`. None of it is among the others.
    pub files: RuleFiles,
    /// Domains of partners, which may be safelisted. Default: none.
    pub partner_domains: Vec<Configured<String>>,
    /// Where they were written; none for no rule about them.
    pub partner_domains_origin: Option<String>,
    /// Addresses and domains that are never blocked, folded. Default: none.
    pub protected_addresses: Vec<Configured<EntryKey>>,
    /// Networks of which nothing is blocked. Default: none.
    pub protected_networks: Vec<Configured<IpNet>>,
    /// Addresses and domains of mailboxes for which nothing is added, folded. Default: none.
    pub protected_recipients: Vec<Configured<EntryKey>>,
    /// Pairs that no deletion takes off their list. Default: none.
    pub pinned: Vec<Pinned>,
    /// Rules by their code whose level was written; the others refuse.
    pub levels: BTreeMap<&'static str, Level>,
    /// For every configuration that does not say otherwise.
    pub caps: CapSettings,
}

impl GuardSettings {
    /// The rules whose level can be set, by their codes. The others are there only where somebody wrote what they
    /// protect.
    pub const RULES_WITH_A_LEVEL: [&str; 7] = [
        "own_domain",
        "public_suffix",
        "special_network",
        "freemail_domain",
        "warninglist",
        "outside_partner_domains",
        "foreign_recipient",
    ];
}

/// A domain of those who run the appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDomain {
    /// As [`crate::model::parse_domain`] spells it.
    pub domain: String,
    /// What made it one, as `own_domains, doorlist.toml:31`.
    pub origin: String,
    /// Nobody wrote it, but a configured recipient is there.
    pub is_of_recipient: bool,
}

/// Something that was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured<T> {
    /// Ready to use.
    pub value: T,
    /// As `protected_addresses, doorlist.toml:40`.
    pub origin: String,
}

/// `[[guard.pinned]]`, ready to use. It names a mailbox, an entry of its list, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// On which list.
    pub list: ListKind,
    /// Whose entries, folded; none for everybody's.
    pub recipient: Option<EntryKey>,
    /// Which entry, folded; none for all of the mailbox.
    pub sender: Option<EntryKey>,
    /// As `guard.pinned, doorlist.toml:44`.
    pub origin: String,
}
