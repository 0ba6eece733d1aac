//! The second opinion: which rules speak against an entry, as they would be told to a person, in the slowest and plainest
//! way. It looks at every configured thing, one after the other, and knows nothing of how the guard finds them.

use super::names::Name;
use super::networks::Network;
use super::world::{Pin, Thing, World};
use crate::guard::{Level, Rule};
use crate::model::ListKind;
use std::collections::BTreeSet;

impl World {
    pub(super) fn rules_of_sender(&self, thing: &Thing, list: ListKind) -> BTreeSet<Rule> {
        let on_blocklist = list == ListKind::Blocklist;
        let judgements = [
            (Rule::OwnDomain, takes_along(thing, &self.own)),
            (
                Rule::ProtectedAddress,
                on_blocklist
                    && self
                        .protected
                        .iter()
                        .any(|protected| is_held_by(protected, thing)),
            ),
            (
                Rule::ProtectedNetwork,
                on_blocklist
                    && address_of(thing)
                        .is_some_and(|address| self.networks.iter().any(|it| it.overlaps(address))),
            ),
            (Rule::PublicSuffix, name_of(thing).is_some_and(Name::is_suffix)),
            (
                Rule::SpecialNetwork,
                address_of(thing).is_some_and(Network::is_special),
            ),
            (
                Rule::FreemailDomain,
                matches!(thing, Thing::Domain(name) if name.is_freemail()),
            ),
            (Rule::Warninglist, self.is_on_a_warninglist(thing)),
            (
                Rule::OutsidePartnerDomains,
                !on_blocklist && !self.partners.is_empty() && !is_within(thing, &self.partners),
            ),
        ];
        those_that_hold(judgements)
    }

    /// A whole network has no name and no mailbox.
    pub(super) fn rules_of_network(&self, network: &Network, list: ListKind) -> BTreeSet<Rule> {
        let on_blocklist = list == ListKind::Blocklist;
        let is_protected = self.networks.iter().any(|it| it.overlaps(network));
        let mut listed = self.listed_networks.iter();
        those_that_hold([
            (Rule::ProtectedNetwork, on_blocklist && is_protected),
            (Rule::SpecialNetwork, network.is_special()),
            (
                Rule::Warninglist,
                listed.any(|it| it.overlaps_unless_dressed(network)),
            ),
            (
                Rule::OutsidePartnerDomains,
                !on_blocklist && !self.partners.is_empty(),
            ),
        ])
    }

    pub(super) fn rules_of_recipient(&self, mailbox: &Thing) -> BTreeSet<Rule> {
        let protects = |protected: &Thing| match protected {
            Thing::Domain(name) => is_within(mailbox, std::slice::from_ref(name)),
            single => single == mailbox,
        };
        those_that_hold([
            (
                Rule::ProtectedRecipient,
                self.protected_mailboxes.iter().any(protects),
            ),
            (
                Rule::ForeignRecipient,
                self.is_own_written && !is_within(mailbox, &self.own),
            ),
        ])
    }

    pub(super) fn is_pinned(&self, list: ListKind, mailbox: &Thing, sender: &Thing) -> bool {
        let names = |named: &Option<Thing>, thing: &Thing| named.is_none() || named.as_ref() == Some(thing);
        let holds =
            |pin: &Pin| pin.list == list && names(&pin.recipient, mailbox) && names(&pin.sender, sender);
        self.pins.iter().any(holds)
    }

    /// Neither softened for all nor for this one.
    pub(super) fn refuses(&self, rule: Rule, thing: &Thing) -> bool {
        let is_let_pass = self
            .let_pass
            .iter()
            .any(|passed| *passed == (rule, thing.clone()));
        self.level(rule) == Level::Refuse && !is_let_pass
    }

    pub(super) fn level(&self, rule: Rule) -> Level {
        let written = self.levels.iter().find(|(written, _)| *written == rule);
        written.map_or(Level::Refuse, |(_, level)| *level)
    }

    fn is_on_a_warninglist(&self, thing: &Thing) -> bool {
        let by_name = is_within(thing, &self.listed_names);
        let mut networks = self.listed_networks.iter();
        let by_network =
            address_of(thing).is_some_and(|address| networks.any(|it| it.overlaps_unless_dressed(address)));
        (by_name || by_network) && (!thing.is_mailbox() || self.lists_name_mail_addresses)
    }
}

fn those_that_hold(judgements: impl IntoIterator<Item = (Rule, bool)>) -> BTreeSet<Rule> {
    let held = judgements.into_iter().filter(|(_, holds)| *holds);
    held.map(|(rule, _)| rule).collect()
}

fn name_of(thing: &Thing) -> Option<&Name> {
    match thing {
        Thing::Domain(name) | Thing::Mailbox(_, name) => Some(name),
        Thing::Address(_) | Thing::MailboxAt(..) => None,
    }
}

fn address_of(thing: &Thing) -> Option<&Network> {
    match thing {
        Thing::Address(address) | Thing::MailboxAt(_, address) => Some(address),
        Thing::Domain(_) | Thing::Mailbox(..) => None,
    }
}

/// At or below one of the names, as a domain or with a mailbox.
fn is_within(thing: &Thing, names: &[Name]) -> bool {
    name_of(thing).is_some_and(|name| names.iter().any(|other| name.is_at_or_below(other)))
}

/// The same, or a whole domain above one of them.
fn takes_along(thing: &Thing, names: &[Name]) -> bool {
    let is_above =
        matches!(thing, Thing::Domain(name) if names.iter().any(|other| other.is_at_or_below(name)));
    is_within(thing, names) || is_above
}

/// Would blocking the thing block what is protected?
fn is_held_by(protected: &Thing, thing: &Thing) -> bool {
    match (protected, thing) {
        (Thing::Domain(name), _) => takes_along(thing, std::slice::from_ref(name)),
        (Thing::Mailbox(_, host), Thing::Domain(name)) => host.is_at_or_below(name),
        (Thing::MailboxAt(_, host), Thing::Address(address)) => host == address,
        (single, _) => single == thing,
    }
}
