//! `[guard]`: what no call may list, and how much one run may change. Only collected here; what it means for an
//! entry is judged elsewhere.

use super::configuration::Configuration;
use super::counterpart::Counterpart;
use super::section::Section;
use crate::manifest::Place;
use crate::model::{excerpt, parse_domain};
use std::collections::BTreeMap;

/// Far beyond what one run changes on an appliance that answers in seconds; more could only be a slip.
const PAIRS_PER_RUN_CEILING: usize = 1_000_000;
/// Longest part of a refused domain that a message repeats.
const EXCERPT_CHARACTERS_MAX: usize = 80;

/// `[guard]`, ready to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardSettings {
    /// The configured ones, and the domain of every configured recipient by itself. In alphabetical order,
    /// each once.
    pub own_domains: Vec<OwnDomain>,
    /// Most pairs that one run may add, 1 to 1,000,000. Default 500.
    pub added_pairs_per_run_max: usize,
    /// Most pairs that one run may remove, 1 to 1,000,000. Default 50.
    pub removed_pairs_per_run_max: usize,
}

/// A domain of those who run the appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDomain {
    /// As [`parse_domain`] spells it.
    pub domain: String,
    /// What made it one, as `own_domains, doorlist.toml:31`.
    pub origin: String,
}

/// Reads the table, and the recipients of `configurations`. A wrong value is a mistake, and stands in with its
/// default until all mistakes are told.
pub(super) fn read(
    mut section: Section<'_>,
    configurations: &BTreeMap<String, Configuration>,
    warnings: &mut Vec<String>,
) -> GuardSettings {
    // The first origin of a domain is kept: what somebody wrote there for this very purpose.
    let mut origins = BTreeMap::new();
    for (domain, place) in read_own_domains(&mut section) {
        origins
            .entry(domain)
            .or_insert_with(|| format!("own_domains, {}", place.without_column()));
    }
    for configuration in configurations.values() {
        for domain in recipient_domains(configuration) {
            origins
                .entry(domain)
                .or_insert_with(|| configuration.counterpart_origin.clone());
        }
    }
    let adds = |configuration: &Configuration| configuration.counterpart != Counterpart::None;
    if origins.is_empty() && configurations.values().any(adds) {
        warnings.push(format!(
            "{}: no domain is known as your own, so that nothing keeps it off a list; write own_domains = \
             [\"example.com\"] under [guard]",
            section.place()
        ));
    }
    let settings = GuardSettings {
        own_domains: origins
            .into_iter()
            .map(|(domain, origin)| OwnDomain { domain, origin })
            .collect(),
        added_pairs_per_run_max: section
            .number("added_pairs_per_run_max", 1..=PAIRS_PER_RUN_CEILING)
            .or(500),
        removed_pairs_per_run_max: section
            .number("removed_pairs_per_run_max", 1..=PAIRS_PER_RUN_CEILING)
            .or(50),
    };
    section.finish();
    settings
}

fn read_own_domains(section: &mut Section<'_>) -> BTreeMap<String, Place> {
    let mut domains: BTreeMap<String, Place> = BTreeMap::new();
    for (place, text) in section.texts("own_domains").value().unwrap_or_default() {
        let shown = excerpt(&text, EXCERPT_CHARACTERS_MAX);
        match parse_domain(&text) {
            Err(refusal) => {
                let text = format!(
                    "`{shown}` cannot be an own domain; allowed: a name such as \"example.com\", which stands \
                     for its subdomains too; {refusal}"
                );
                section.add_mistake(&place, text);
            }
            Ok(domain) => match domains.get(&domain) {
                Some(first) => {
                    let text =
                        format!("`{shown}` stands in `own_domains` twice, first at {first}; take one out");
                    section.add_mistake(&place, text);
                }
                None => {
                    domains.insert(domain, place);
                }
            },
        }
    }
    domains
}

/// A recipient at an IP literal has none, and what its brackets hold does not parse as one.
fn recipient_domains(configuration: &Configuration) -> impl Iterator<Item = String> {
    let recipients = match &configuration.counterpart {
        Counterpart::Recipients(recipients) => recipients.as_slice(),
        Counterpart::Senders(_) | Counterpart::None => &[],
    };
    recipients
        .iter()
        .filter_map(|recipient| parse_domain(recipient.key().domain()?.as_str()).ok())
}
