//! The lists under `[guard]`: domains, addresses and networks, each with the place where it was written, and each once.
//! What stands in one list and would mean nothing beside another is a mistake as well. Refuses to know what follows for
//! an entry that is to be listed.

use super::settings::Configured;
use crate::config::addresses::parse_network;
use crate::config::section::Section;
use crate::manifest::Place;
use crate::model::{EntryKey, Recipient, Sender, excerpt, parse_domain};
use ipnet::IpNet;
use std::net::IpAddr;

/// Longest part of a refused entry that a message repeats.
const EXCERPT_CHARACTERS_MAX: usize = 80;

pub(super) fn read_own_domains(section: &mut Section<'_>) -> Vec<Configured<String>> {
    read(section, "own_domains", |text, shown| {
        parse_domain(text).map_err(|refusal| {
            format!(
                "`{shown}` cannot be an own domain; allowed: a name such as \"example.com\", which stands for its \
                 subdomains too; {refusal}"
            )
        })
    })
}

pub(super) fn read_partner_domains(
    section: &mut Section<'_>,
    own_domains: &[Configured<String>],
) -> Vec<Configured<String>> {
    read(section, "partner_domains", |text, shown| {
        let domain = parse_domain(text).map_err(|refusal| {
            format!(
                "`{shown}` cannot be a partner's domain; allowed: a name such as \"example.com\", which stands for \
                 its subdomains and the addresses there too; {refusal}"
            )
        })?;
        match own_domains.iter().find(|own| own.value == domain) {
            Some(own) => Err(format!(
                "`{shown}` is your own domain ({}), and is no partner's; take one out",
                own.origin
            )),
            None => Ok(domain),
        }
    })
}

pub(super) fn read_protected_addresses(
    section: &mut Section<'_>,
    own_domains: &[Configured<String>],
) -> Vec<Configured<EntryKey>> {
    read(section, "protected_addresses", |text, shown| {
        let allowed = "allowed: an address such as \"ceo@example.com\", or a domain, which stands for its subdomains too";
        let sender = Sender::parse_untyped(text)
            .map_err(|refusal| format!("`{shown}` cannot be protected; {allowed}; {refusal}"))?;
        let key = sender.key();
        if key.as_str().parse::<IpAddr>().is_ok() {
            return Err(format!(
                "`{shown}` is an IP address; {allowed}; write it in `protected_networks`"
            ));
        }
        match own_domains.iter().find(|own| own.value == key.as_str()) {
            Some(own) => Err(format!(
                "`{shown}` is protected already, as your own domain ({}); take one out",
                own.origin
            )),
            None => Ok(key.clone()),
        }
    })
}

pub(super) fn read_protected_networks(section: &mut Section<'_>) -> Vec<Configured<IpNet>> {
    read(section, "protected_networks", |text, _| {
        parse_network(text).map_err(|reason| format!("in `protected_networks` of [guard]: {reason}"))
    })
}

pub(super) fn read_protected_recipients(section: &mut Section<'_>) -> Vec<Configured<EntryKey>> {
    read(section, "protected_recipients", |text, shown| {
        let read = if text.contains('@') {
            Recipient::parse(text).map(|parsed| parsed.entry.key().clone())
        } else {
            parse_domain(text).map(|domain| EntryKey::of(&domain))
        };
        read.map_err(|refusal| {
            format!(
                "`{shown}` cannot be a protected mailbox; allowed: an address such as \"board@example.com\", or a \
                 domain, which stands for all mailboxes there and below; {refusal}"
            )
        })
    })
}

/// Each once, whatever its spelling.
fn read<T: PartialEq>(
    section: &mut Section<'_>,
    key: &'static str,
    parse: impl Fn(&str, &str) -> Result<T, String>,
) -> Vec<Configured<T>> {
    let mut entries: Vec<(Place, Configured<T>)> = Vec::new();
    for (place, text) in section.texts(key).value().unwrap_or_default() {
        let shown = excerpt(&text, EXCERPT_CHARACTERS_MAX);
        match parse(&text, &shown) {
            Err(mistake) => section.add_mistake(&place, mistake),
            Ok(value) => match entries.iter().find(|(_, entry)| entry.value == value) {
                Some((first, _)) => {
                    let text = format!("`{shown}` stands in `{key}` twice, first at {first}; take one out");
                    section.add_mistake(&place, text);
                }
                None => {
                    let origin = format!("{key}, {}", place.without_column());
                    entries.push((place, Configured { value, origin }));
                }
            },
        }
    }
    entries.into_iter().map(|(_, entry)| entry).collect()
}
