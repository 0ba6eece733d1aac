//! The guard: may this entry be put on a list? Nobody blocks their own company, a public suffix, their own
//! network or a whole freemail provider by mistake, and nobody lets in the whole world. It is the only maker of
//! [`Cleared`], so that whoever asks for a `Cleared<Sender>` cannot be handed one that nobody judged.
//!
//! Pure: the same guard judges the same entry alike at `accept` and again at `execute`. Refuses to know who asks, and
//! what stands on the appliance. What it finds is in `guard/find.rs`, one file per rule beside it: `names.rs` (own
//! domains, partners), `protected.rs`, `suffixes.rs`, `networks.rs`, `freemail.rs`, `warninglists.rs`, `pins.rs`; what
//! refuses nothing is in `notes.rs` and `look_alikes.rs`, what they judge in `candidate.rs`, what they say in
//! `refused.rs`.

mod candidate;
mod find;
mod freemail;
mod look_alikes;
mod names;
mod networks;
mod notes;
mod passed;
mod pins;
mod protected;
mod refused;
mod rule;
mod suffixes;
#[cfg(test)]
mod tests;
mod warninglists;

pub use crate::model::Level;
pub use notes::COVERS_NAME_ONLY;
pub use passed::Passed;
pub use refused::Refused;
pub use rule::Rule;
pub use warninglists::{
    Hit, Matching, Relation, Warninglist, WarninglistMistake, Warninglists, WarninglistsBuilder,
};

use crate::config::{GuardSettings, OwnDomain};
use crate::model::{EntryKey, ListKind, Recipient, Sender, View};
use candidate::Candidate;
use ipnet::IpNet;
use look_alikes::LookAlikes;
use names::Names;
use networks::ProtectedNetworks;
use pins::Pins;
use protected::Protected;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rules, ready to judge. Built from the configuration once; judging allocates only where a rule matches.
#[derive(Debug, Clone)]
pub struct Guard {
    own_domains: Names,
    /// Where somebody wrote which they are; with the domains of configured mailboxes alone, others may be missing.
    all_own_domains: Option<String>,
    partners: Names,
    /// Where somebody told who the partners are.
    all_partners: Option<String>,
    protected: Protected,
    protected_networks: ProtectedNetworks,
    protected_recipients: Protected,
    pins: Pins,
    levels: BTreeMap<Rule, Level>,
    look_alikes: LookAlikes,
    warninglists: Arc<Warninglists>,
}

/// What a rule found, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Is it refused, or only noted, or not even that?
    pub level: Level,
    /// The rule, what it matched, and where that was configured.
    pub refused: Refused,
}

impl Guard {
    /// A guard for the given own domains and nothing else that is configured, each with its place
    /// ("own_domains, doorlist.toml:31").
    pub fn new(own_domains: impl IntoIterator<Item = (String, String)>) -> Self {
        let own_domains = own_domains.into_iter();
        Self::of(&GuardSettings {
            own_domains: own_domains
                .map(|(domain, origin)| OwnDomain {
                    domain,
                    origin,
                    is_of_recipient: false,
                })
                .collect(),
            ..GuardSettings::default()
        })
    }

    /// The guard of a configuration. What stands twice is told by its first place. Whoever read it has refused what is
    /// no domain; a mail address among the own domains stands for its domain.
    #[must_use]
    pub fn of(settings: &GuardSettings) -> Self {
        // Who has a mailbox at a freemail provider does not own the provider.
        let own = settings
            .own_domains
            .iter()
            .filter(|own| !own.is_of_recipient || everybodys(&own.domain).is_none());
        let own_domains = Names::new(own.map(|own| (own.domain.clone(), own.origin.clone())));
        let partners = settings.partner_domains.iter();
        let partners = Names::new(partners.map(|partner| (partner.value.clone(), partner.origin.clone())));
        let protected = Protected::new(&settings.protected_addresses);
        let known = [&own_domains, &partners, &protected.domains];
        Self {
            look_alikes: LookAlikes::new(known.into_iter().flat_map(Names::iter)),
            own_domains,
            all_own_domains: settings.own_domains_origin.clone(),
            partners,
            all_partners: settings.partner_domains_origin.clone(),
            protected,
            protected_networks: ProtectedNetworks::new(&settings.protected_networks),
            protected_recipients: Protected::new(&settings.protected_recipients),
            pins: Pins::new(&settings.pinned),
            levels: settings
                .levels
                .iter()
                .filter_map(|(code, level)| Some((Rule::of_code(code)?, *level)))
                .collect(),
            warninglists: Arc::default(),
        }
    }

    /// May this sender be put on this list, for anybody? `passed` are the entries that somebody lets pass a rule.
    ///
    /// # Errors
    /// The first rule that forbids it.
    pub fn clear_sender(
        &self,
        sender: &Sender,
        list: ListKind,
        passed: &Passed,
    ) -> Result<Cleared<Sender>, Refused> {
        let found = self.find_sender(&Candidate::of(sender.key()), list);
        self.clear(sender, sender.key(), found, passed)
    }

    /// May entries be added for this mailbox? The same for both lists.
    ///
    /// # Errors
    /// The first rule that forbids it.
    pub fn clear_recipient(
        &self,
        recipient: &Recipient,
        _list: ListKind,
        passed: &Passed,
    ) -> Result<Cleared<Recipient>, Refused> {
        let found = self.find_recipient(&Candidate::of(recipient.key()));
        self.clear(recipient, recipient.key(), found, passed)
    }

    /// For what is to be taken off a list, and for nothing else: a wrong entry must always be able to leave,
    /// and the more so when a rule forbids it today. What is pinned says [`Guard::pinned`].
    pub fn clear_removal<T: Clone>(&self, entry: &T) -> Cleared<T> {
        Cleared { entry: entry.clone() }
    }

    /// The same guard with these warninglists in the place of those that it had; at first it has none.
    #[must_use]
    pub fn with_warninglists(self, warninglists: Warninglists) -> Self {
        Self {
            warninglists: Arc::new(warninglists),
            ..self
        }
    }

    /// How many domains are one's own.
    #[must_use]
    pub fn own_domain_count(&self) -> usize {
        self.own_domains.len()
    }

    /// What it has of warninglists.
    #[must_use]
    pub fn warninglists(&self) -> &Warninglists {
        &self.warninglists
    }

    /// A sentence without a full stop for each warninglist that an entry is on without being refused by it.
    #[must_use]
    pub fn warninglist_notes(&self, key: &EntryKey) -> Vec<String> {
        self.warninglists.notes(key)
    }

    /// Why a pair is not taken off its list.
    #[must_use]
    pub fn pinned(&self, list: ListKind, recipient: &EntryKey, sender: &EntryKey) -> Option<Refused> {
        self.pins.find(list, recipient, sender)
    }

    /// Could a pair of one of these entries be pinned? Without a look at the list nobody knows more.
    pub fn may_pin<'a>(
        &self,
        list: ListKind,
        side: View,
        entries: impl Iterator<Item = &'a EntryKey>,
    ) -> bool {
        self.pins.may_touch(list, side, entries)
    }

    /// Does a pin of this list name this entry on that side?
    #[must_use]
    pub fn names_in_pin(&self, list: ListKind, side: View, entry: &EntryKey) -> bool {
        self.pins.name(list, side, entry)
    }

    /// Everything that a rule finds about a sender, in the order in which they judge; the first that refuses is the one
    /// that [`Guard::clear_sender`] tells.
    #[must_use]
    pub fn explain_sender(&self, sender: &Sender, list: ListKind) -> Vec<Finding> {
        self.told(self.find_sender(&Candidate::of(sender.key()), list))
    }

    /// The same for a mailbox.
    #[must_use]
    pub fn explain_recipient(&self, recipient: &Recipient) -> Vec<Finding> {
        self.told(self.find_recipient(&Candidate::of(recipient.key())))
    }

    /// The same for a whole network, which no list can hold, for those who ask what a rule would say.
    #[must_use]
    pub fn explain_network(&self, network: IpNet, list: ListKind) -> Vec<Finding> {
        let spelling = network.to_string();
        self.told(self.find_sender(&Candidate::of_network(&spelling, network), list))
    }

    /// What the configuration makes of a rule.
    #[must_use]
    pub fn level(&self, rule: Rule) -> Level {
        self.levels.get(&rule).copied().unwrap_or_default()
    }

    fn clear<T: Clone>(
        &self,
        entry: &T,
        key: &EntryKey,
        found: Vec<Refused>,
        passed: &Passed,
    ) -> Result<Cleared<T>, Refused> {
        let refuses = |refused: &Refused| {
            self.level(refused.rule()) == Level::Refuse && !passed.names(refused.rule(), key)
        };
        match found.into_iter().find(refuses) {
            Some(refused) => Err(refused),
            None => Ok(Cleared { entry: entry.clone() }),
        }
    }

    fn told(&self, found: Vec<Refused>) -> Vec<Finding> {
        let told = |refused: Refused| Finding {
            level: self.level(refused.rule()),
            refused,
        };
        found.into_iter().map(told).collect()
    }
}

/// What a domain is where it is nobody's own: a public suffix, or a freemail provider.
#[must_use]
pub fn everybodys(domain: &str) -> Option<&'static str> {
    if suffixes::is_suffix(domain) {
        Some("public suffix")
    } else if freemail::is_provider(domain) {
        Some("freemail provider")
    } else {
        None
    }
}

/// An entry that the guard has let through. Never stored: after a restart today's rules judge it again.
///
/// ```
/// use doorlist::guard::{Cleared, Guard, Passed};
/// use doorlist::model::{ListKind, Sender};
///
/// let sender = Sender::parse_untyped("bad.example").unwrap();
/// let guard = Guard::new([]);
/// let cleared: Cleared<Sender> =
///     guard.clear_sender(&sender, ListKind::Blocklist, &Passed::default()).unwrap();
/// assert_eq!(cleared.entry(), &sender);
/// ```
///
/// Nobody else can make one:
///
/// ```compile_fail,E0451
/// use doorlist::guard::Cleared;
/// use doorlist::model::Sender;
///
/// let sender = Sender::parse_untyped("bad.example").unwrap();
/// let cleared: Cleared<Sender> = Cleared { entry: sender.clone() };
/// assert_eq!(cleared.entry(), &sender);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared<T> {
    entry: T,
}

impl<T> Cleared<T> {
    /// What was let through.
    pub fn entry(&self) -> &T {
        &self.entry
    }

    /// What was let through, without the proof.
    pub fn into_entry(self) -> T {
        self.entry
    }
}
