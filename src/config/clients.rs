//! `[clients.NAME]`: who may call, with which configurations and from which addresses; nothing by default.
//! What proves that it is them stands in `tokens.rs`. Refuses to know requests; whoever takes them compares.

use super::Surroundings;
use super::addresses::{parse_network, spell};
use super::rights::{self, Right};
use super::section::Section;
use super::setting::Setting;
use super::tokens::{self, Owners, fingerprint};
use crate::manifest::{Mistakes, Place, unknown};
use crate::model::escape_control;
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::fmt;

/// The pieces of a list, as they were written.
type Texts = Vec<(Place, String)>;

/// `[clients.NAME]`, ready to use.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// NAME of the table.
    pub name: String,
    /// SHA-256 of the tokens that are its: one, or two while it changes from one to the other. No other client
    /// has any of them.
    pub token_sha256: Vec<[u8; 32]>,
    /// Names of the configurations that it may use, all of which exist; each once. Empty by default.
    pub configurations: Vec<String>,
    /// Where it may call from; each network once. Empty by default, which is from nowhere. An IPv4 address is
    /// always written as one, so that a caller's has to be brought to that form (`to_canonical`).
    pub addresses: Vec<IpNet>,
    /// What it may do beside running actions; each once. Empty by default.
    pub rights: Vec<Right>,
}

/// Tells hashes apart and shows none, for a log should be of no use to whoever guesses tokens.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprints: Vec<String> = self.token_sha256.iter().map(fingerprint).collect();
        f.debug_struct("Client")
            .field("name", &self.name)
            .field("token_sha256", &fingerprints)
            .field("configurations", &self.configurations)
            .field("addresses", &self.addresses)
            .field("rights", &self.rights)
            .finish()
    }
}

/// The table as it was written.
struct Table {
    place: Place,
    tokens: tokens::Written,
    configurations: Setting<Texts>,
    addresses: Setting<Texts>,
    rights: Setting<Texts>,
}

impl Table {
    fn read(mut section: Section<'_>) -> Self {
        let table = Self {
            place: section.place(),
            tokens: tokens::Written::read(&mut section),
            configurations: section.texts("configurations"),
            addresses: section.texts("addresses"),
            rights: section.texts("rights"),
        };
        section.finish();
        table
    }
}

/// Reads all of the tables. Where anything is wrong, what is handed out is not complete.
pub(super) fn read(
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
    warnings: &mut Vec<String>,
) -> BTreeMap<String, Client> {
    let mut clients = BTreeMap::new();
    let mut owners = Owners::default();
    for name in &surroundings.client_names {
        let table = Table::read(surroundings.layers.section(&["clients", name], mistakes));
        warn_of_nothing(name, &table, warnings);
        let tokens = table
            .tokens
            .into_hashes(name, &table.place, surroundings.base_dir, mistakes);
        owners.add(name, &tokens, mistakes);
        let known = &surroundings.configuration_names;
        let client = Client {
            name: name.clone(),
            token_sha256: tokens.into_iter().map(|(_, hash)| hash).collect(),
            configurations: read_configurations(name, table.configurations, known, mistakes),
            addresses: read_addresses(name, table.addresses, mistakes),
            rights: rights::read(name, table.rights, mistakes),
        };
        clients.insert(name.clone(), client);
    }
    clients
}

fn read_configurations(
    client: &str,
    written: Setting<Texts>,
    known: &[String],
    mistakes: &mut Mistakes,
) -> Vec<String> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut names = Vec::new();
    for (place, name) in written.value().unwrap_or_default() {
        let shown = escape_control(&name);
        if !known.contains(&name.as_str()) {
            let what = format!("configuration `{shown}` in [clients.{client}]");
            mistakes.add(&place, unknown(&what, &name, "known configurations", &known));
        } else if names.contains(&name) {
            let text =
                format!("the configuration `{shown}` stands in [clients.{client}] twice; take one out");
            mistakes.add(&place, text);
        } else {
            names.push(name);
        }
    }
    names
}

/// A client that can do nothing is safe, and hardly what was meant.
fn warn_of_nothing(client: &str, table: &Table, warnings: &mut Vec<String>) {
    // Whoever reads the audit or puts entries on hold needs none.
    let has_rights = matches!(&table.rights, Setting::Written(rights, _) if !rights.is_empty());
    for (written, lacks) in [
        (
            (!has_rights).then_some(&table.configurations),
            "may use no configuration, so that all of its calls are refused; write configurations = [\"NAME\"]",
        ),
        (
            Some(&table.addresses),
            "may call from no address, so that all of its calls are refused; write addresses = [\"192.0.2.7\"]",
        ),
    ] {
        match written {
            None => {}
            Some(Setting::Absent) => warnings.push(format!("{}: client `{client}` {lacks}", table.place)),
            Some(Setting::Written(texts, place)) if texts.is_empty() => {
                warnings.push(format!("{place}: client `{client}` {lacks}"));
            }
            Some(Setting::Written(..) | Setting::Wrong(_)) => {}
        }
    }
}

fn read_addresses(client: &str, written: Setting<Texts>, mistakes: &mut Mistakes) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for (place, text) in written.value().unwrap_or_default() {
        match parse_network(&text) {
            Ok(network) if networks.contains(&network) => {
                let text = format!(
                    "the address {} stands in [clients.{client}] twice; take one out",
                    spell(&network)
                );
                mistakes.add(&place, text);
            }
            Ok(network) => networks.push(network),
            Err(reason) => mistakes.add(&place, format!("in `addresses` of [clients.{client}]: {reason}")),
        }
    }
    networks
}
