//! `[guard]`: what no call may list, and the caps for everybody (`caps.rs`). Only collected here; what it means for an
//! entry is judged elsewhere. What comes out is in `guard/settings.rs`; what is written by name is read in
//! `guard/entries.rs`, what is pinned in `guard/pinned.rs`.

mod entries;
mod pinned;
mod settings;

pub use settings::{Configured, GuardSettings, OwnDomain, Pinned};

use super::caps;
use super::configuration::Configuration;
use super::counterpart::Counterpart;
use super::rule_files::RuleFiles;
use super::section::Section;
use super::setting::Setting;
use crate::model::{Level, parse_domain};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads the table, and the recipients of `configurations`. A wrong value is a mistake, and stands in with its
/// default until all mistakes are told.
pub(super) fn read(
    mut section: Section<'_>,
    configurations: &BTreeMap<String, Configuration>,
    base_dir: &Path,
    warnings: &mut Vec<String>,
) -> GuardSettings {
    let written = entries::read_own_domains(&mut section);
    let own_domains_origin = written.first().map(|own| own.origin.clone());
    // The first origin of a domain is kept: what somebody wrote there for this very purpose.
    let files = RuleFiles::read(&mut section, base_dir);
    let own_domains_origin = own_domains_origin.or_else(|| files.own_domains_origin());
    let mut origins: BTreeMap<String, (String, bool)> = BTreeMap::new();
    let written_origins = written.iter().map(|own| (own.value.clone(), own.origin.clone()));
    origins.extend(written_origins.map(|(domain, origin)| (domain, (origin, false))));
    for configuration in configurations.values() {
        for domain in recipient_domains(configuration) {
            origins
                .entry(domain)
                .or_insert_with(|| (configuration.counterpart_origin.clone(), true));
        }
    }
    if own_domains_origin.is_none() {
        warn_of_no_own_domain(&section, &origins, configurations, warnings);
    }
    let partner_domains = entries::read_partner_domains(&mut section, &written);
    let settings = GuardSettings {
        own_domains: origins
            .into_iter()
            .map(|(domain, (origin, is_of_recipient))| OwnDomain {
                domain,
                origin,
                is_of_recipient,
            })
            .collect(),
        own_domains_origin,
        files,
        partner_domains_origin: partner_domains.first().map(|partner| partner.origin.clone()),
        partner_domains,
        protected_addresses: entries::read_protected_addresses(&mut section, &written),
        protected_networks: entries::read_protected_networks(&mut section),
        protected_recipients: entries::read_protected_recipients(&mut section),
        pinned: pinned::read(&mut section),
        levels: read_levels(section.table("rules"), warnings),
        caps: caps::Written::read(&mut section).settings(),
    };
    section.finish();
    settings
}

fn warn_of_no_own_domain(
    section: &Section<'_>,
    origins: &BTreeMap<String, (String, bool)>,
    configurations: &BTreeMap<String, Configuration>,
    warnings: &mut Vec<String>,
) {
    let adds = |configuration: &Configuration| configuration.counterpart != Counterpart::None;
    if origins.is_empty() && configurations.values().any(adds) {
        warnings.push(format!(
            "{}: no domain is known as your own, so that nothing keeps it off a list; write own_domains = \
             [\"example.com\"] under [guard]",
            section.place()
        ));
    }
}

/// What the operator thinks of each rule. A company that can block itself is told so at every start.
fn read_levels(mut section: Section<'_>, warnings: &mut Vec<String>) -> BTreeMap<&'static str, Level> {
    let mut levels = BTreeMap::new();
    for rule in GuardSettings::RULES_WITH_A_LEVEL {
        let allowed = Level::ALL.map(|level| (level.word(), level));
        let Setting::Written(level, place) = section.choice(rule, &allowed) else {
            continue;
        };
        if rule == "own_domain" && level != Level::Refuse {
            warnings.push(format!(
                "{place}: {rule} = \"{level}\" lets your own domains be put on a list; write \"refuse\", and \
                 let single entries pass where they have to"
            ));
        }
        levels.insert(rule, level);
    }
    section.finish();
    levels
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
