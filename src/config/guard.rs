//! `[guard]`: what is never to be listed, and how much one run may change. Own domains are told here, and known
//! by themselves from the mailboxes that configurations name: whoever is protected by a list is not to be
//! blocked by it. The rules are in the `guard` room; this file only gathers what they are made from.

use super::configuration::Configuration;
use super::counterpart::Counterpart;
use super::section::Section;
use crate::model::parse_domain;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Pairs that one run may add unless told otherwise: a hundred senders for five mailboxes.
const ADDED_PAIRS_PER_RUN: u32 = 500;
/// Pairs that one run may remove unless told otherwise. Fewer, because a deletion takes what others put there.
const REMOVED_PAIRS_PER_RUN: u32 = 50;
/// A million pairs is more than a run can read back.
const PAIRS_ALLOWED: RangeInclusive<u32> = 0..=1_000_000;

/// `[guard]`, ready to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardSettings {
    /// The configured own domains and those of every configured recipient, sorted, each once.
    pub own_domains: Vec<OwnDomain>,
    /// Most pairs that one run adds on one appliance. Default 500.
    pub added_pairs_per_run_max: usize,
    /// Most pairs that one run removes on one appliance. Default 50.
    pub removed_pairs_per_run_max: usize,
}

/// A domain that is not to be listed, and where that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDomain {
    /// ASCII, lower case, without a trailing dot.
    pub domain: String,
    /// "own_domains, doorlist.toml:31:15", or the list of recipients that it comes from.
    pub origin: String,
}

/// Reads the table and adds what the configurations tell.
pub(super) fn read(
    mut section: Section<'_>,
    configurations: &BTreeMap<String, Configuration>,
    warnings: &mut Vec<String>,
) -> GuardSettings {
    let written = section.texts("own_domains");
    let added = section.number("added_pairs_per_run_max", PAIRS_ALLOWED);
    let removed = section.number("removed_pairs_per_run_max", PAIRS_ALLOWED);
    let mut own_domains: BTreeMap<String, String> = BTreeMap::new();
    for (place, text) in written.value().unwrap_or_default() {
        match parse_domain(text.trim()) {
            Ok(domain) => {
                own_domains
                    .entry(domain)
                    .or_insert_with(|| format!("own_domains, {place}"));
            }
            Err(refusal) => {
                let text = crate::model::excerpt(&text, 100);
                section.add_mistake(
                    &place,
                    format!("`own_domains` in [guard] holds `{text}`: {refusal}"),
                );
            }
        }
    }
    section.finish();
    for configuration in configurations.values() {
        let Counterpart::Recipients(recipients) = &configuration.counterpart else {
            continue;
        };
        for domain in recipients.iter().filter_map(|recipient| recipient.key().domain()) {
            // An address at an IP address has no domain to protect.
            if let Ok(domain) = parse_domain(domain.as_str()) {
                own_domains
                    .entry(domain)
                    .or_insert_with(|| configuration.counterpart_origin.clone());
            }
        }
    }
    let adds = configurations
        .values()
        .any(|configuration| configuration.counterpart != Counterpart::None);
    if adds && own_domains.is_empty() {
        warnings.push(
            "[guard] knows no own domain: nothing keeps your own from being listed; write own_domains"
                .to_owned(),
        );
    }
    let own_domains = own_domains
        .into_iter()
        .map(|(domain, origin)| OwnDomain { domain, origin })
        .collect();
    GuardSettings {
        own_domains,
        added_pairs_per_run_max: added.or(ADDED_PAIRS_PER_RUN) as usize,
        removed_pairs_per_run_max: removed.or(REMOVED_PAIRS_PER_RUN) as usize,
    }
}
