//! What the configuration protects by name: a domain like an own one, with everything above and below it; a single
//! address with the domains whose blocking would take it along. The same for mailboxes for which nothing is added.
//! Refuses to know on which list.

use super::candidate::Candidate;
use super::names::Names;
use super::refused::Refused;
use super::rule::Rule;
use crate::config::Configured;
use crate::model::EntryKey;
use std::collections::HashMap;

/// Domains and addresses, each with its place.
#[derive(Debug, Clone, Default)]
pub(super) struct Protected {
    pub(super) domains: Names,
    addresses: HashMap<String, String>,
    /// The hosts of the addresses.
    hosts: Names,
    address_at: HashMap<String, String>,
}

impl Protected {
    pub(super) fn new(entries: &[Configured<EntryKey>]) -> Self {
        let is_address = |entry: &&Configured<EntryKey>| entry.value.domain().is_some();
        let told = |entry: &Configured<EntryKey>| (entry.value.as_str().to_owned(), entry.origin.clone());
        let (addresses, domains): (Vec<_>, Vec<_>) = entries.iter().partition(is_address);
        let mut address_at = HashMap::new();
        for entry in &addresses {
            let host = entry.value.domain().map(|host| host.as_str().to_owned());
            address_at
                .entry(host.unwrap_or_default())
                .or_insert_with(|| entry.value.as_str().to_owned());
        }
        Self {
            domains: Names::new(domains.into_iter().map(told)),
            hosts: Names::new(addresses.iter().map(|entry| told(entry))),
            addresses: addresses.into_iter().map(told).collect(),
            address_at,
        }
    }

    /// The candidate is protected itself, or is at or below what is.
    pub(super) fn find(&self, candidate: &Candidate<'_>, rule: Rule, noun: &str) -> Option<Refused> {
        if let Some(origin) = self.addresses.get(candidate.text) {
            let subject = format!("{noun} {}", candidate.text);
            return Some(Refused::new(rule, subject, origin.as_str()));
        }
        let named = self.domains.reaching(candidate)?;
        Some(named.refuse_at(candidate, rule, "protected domain"))
    }

    /// The candidate is a whole domain that holds what is protected: it is above a protected domain, or is the domain
    /// of a protected address or above that.
    pub(super) fn find_within(&self, candidate: &Candidate<'_>, rule: Rule) -> Option<Refused> {
        if let Some(named) = self.domains.below(candidate) {
            return Some(named.refuse_above(rule, "protected domain"));
        }
        if candidate.is_address {
            return None;
        }
        if let Some(address) = self.address_at.get(candidate.host) {
            let origin = self.addresses.get(address).map_or("", String::as_str);
            let subject = format!("domain of the protected address {address}");
            return Some(Refused::new(rule, subject, origin));
        }
        let host = self.hosts.below(candidate)?;
        let address = self.address_at.get(&host.name)?;
        let subject = format!("parent of the domain of the protected address {address}");
        Some(Refused::new(rule, subject, host.origin.as_str()))
    }
}
