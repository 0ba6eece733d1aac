//! MISP warninglists: what is known to be harmless, such as the most used domains or the networks of a cloud, and would be
//! listed by mistake. They are matched as MISP matches them: `string` the whole value, `hostname` a name and what is
//! below it, `cidr` addresses, `substring` and `regex` any part; and a list is held only against the kinds of values
//! that it names. Two matches are only worth a note, whatever the level of the list: a name above a listed one, because
//! listing it does not list that; and an address at a host of a list that does not name mail addresses.
//!
//! Pure: it is handed what was read, element by element ([`WarninglistsBuilder`]). Refuses to know files and JSON. Read
//! on in `warninglists/names.rs`, `networks.rs` and `patterns.rs`, one for each way to find a match, and `hit.rs`.

mod builder;
mod hit;
mod names;
mod networks;
mod patterns;
#[cfg(test)]
mod tests;

pub use builder::{WarninglistMistake, WarninglistsBuilder};
pub use hit::{Hit, Relation};

use super::Level;
use super::refused::Refused;
use super::rule::Rule;
use crate::model::EntryKey;
use ipnet::IpNet;
use names::Names;
use networks::Networks;
use patterns::Patterns;
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// How the elements of a list are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// The whole value.
    String,
    /// Any part of the value.
    Substring,
    /// The host of the value, or a name above it.
    Hostname,
    /// The network that the address is in.
    Cidr,
    /// A regular expression, anywhere in the value.
    Regex,
}

/// What a list says of itself, and what the operator made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warninglist {
    /// `List of known google domains`.
    pub name: String,
    /// The file, as the operator knows it.
    pub file: String,
    /// What a match does.
    pub level: Level,
    /// How its elements are matched.
    pub matching: Matching,
    /// Is it held against names of hosts and domains?
    pub of_names: bool,
    /// Is it held against IP addresses?
    pub of_ip_addresses: bool,
    /// Is it held against mail addresses?
    pub of_mail_addresses: bool,
}

/// All lists, ready to judge.
#[derive(Default)]
pub struct Warninglists {
    lists: Vec<Warninglist>,
    names: Names,
    networks: Networks,
    patterns: Patterns,
}

impl Warninglists {
    /// The lists that are asked.
    #[must_use]
    pub fn lists(&self) -> &[Warninglist] {
        &self.lists
    }

    /// Bytes that the elements take, without what regular expressions are compiled to, which has a limit of its own.
    #[must_use]
    pub fn element_bytes(&self) -> usize {
        self.names.bytes() + self.networks.bytes() + self.patterns.bytes()
    }

    /// Every list that an entry is on, each once with its strongest match; lists that refuse it come first. An entry
    /// may be a network as well (`192.0.2.0/24`), though none that can be listed is.
    #[must_use]
    pub fn hits(&self, key: &EntryKey) -> Vec<Hit<'_>> {
        let mut hits = Hits {
            lists: &self.lists,
            found: Vec::new(),
        };
        let value = Value::of(key);
        match value.network {
            Some(network) => self.find_network(&value, network, &mut hits),
            None => self
                .names
                .find_below_and_above(value.host, &mut |list, relation, element, line| {
                    hits.add(&value, list, Part::Host, relation, element.into(), line);
                }),
        }
        if value.is_mail_address {
            self.names.find_whole(value.whole, &mut |list, element, line| {
                hits.add(&value, list, Part::Whole, Relation::Is, element.into(), line);
            });
        }
        self.find_patterns(&value, Part::Whole, value.whole, &mut hits);
        if value.is_mail_address {
            self.find_patterns(&value, Part::Host, value.host, &mut hits);
        }
        let mut found = hits.found;
        found.sort_by_key(|hit| !hit.refuses());
        found
    }

    /// The list that refuses an entry, or a network.
    pub(super) fn find(&self, text: &str) -> Option<Refused> {
        if self.lists.is_empty() {
            return None;
        }
        let key = EntryKey::of(text);
        let hits = self.hits(&key);
        let hit = hits.first().filter(|hit| hit.refuses())?;
        Some(Refused::new(Rule::Warninglist, hit.to_string(), hit.origin()))
    }

    /// One sentence for each list that an entry is on without being refused by it.
    pub(super) fn notes(&self, key: &EntryKey) -> Vec<String> {
        let hits = self.hits(key).into_iter();
        hits.filter(|hit| !hit.refuses())
            .map(|hit| format!("{hit} ({})", hit.origin()))
            .collect()
    }

    fn find_network<'a>(&'a self, value: &Value<'_>, network: IpNet, hits: &mut Hits<'a>) {
        self.networks.find(network, &mut |list, relation, element, line| {
            hits.add(
                value,
                list,
                Part::Host,
                relation,
                element.to_string().into(),
                line,
            );
        });
        self.names.find_whole(value.host, &mut |list, element, line| {
            hits.add(value, list, Part::Host, Relation::Is, element.into(), line);
        });
    }

    /// A pattern may be written in either form of an international name.
    fn find_patterns<'a>(&'a self, value: &Value<'_>, part: Part, text: &str, hits: &mut Hits<'a>) {
        if self.patterns.is_empty() {
            return;
        }
        let mut add = |list, relation, element: &'a str, line| {
            hits.add(value, list, part, relation, element.into(), line);
        };
        self.patterns.find(text, &mut add);
        if text.contains("xn--") {
            let (local, host) = text
                .rsplit_once('@')
                .map_or((None, text), |(local, host)| (Some(local), host));
            let (host, _) = idna::domain_to_unicode(host);
            let text = local.map_or_else(|| host.clone(), |local| format!("{local}@{host}"));
            self.patterns.find(&text, &mut add);
        }
    }
}

/// Not the elements, of which there are millions.
impl fmt::Debug for Warninglists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warninglists")
            .field("lists", &self.lists.len())
            .field("element_bytes", &self.element_bytes())
            .finish()
    }
}

/// A folded key taken apart.
struct Value<'k> {
    whole: &'k str,
    host: &'k str,
    is_mail_address: bool,
    network: Option<IpNet>,
}

impl<'k> Value<'k> {
    fn of(key: &'k EntryKey) -> Self {
        let whole = key.as_str();
        let (is_mail_address, host) = match whole.rsplit_once('@') {
            Some((_, host)) => (true, host),
            None => (false, whole),
        };
        let single = || host.parse::<IpAddr>().map(IpNet::from).ok();
        let network = host.parse::<IpNet>().ok().or_else(single);
        Self {
            whole,
            host,
            is_mail_address,
            network: network.map(|network| builder::unmapped(network.trunc())),
        }
    }
}

/// Which part of a value was matched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Host,
}

/// What was found so far.
struct Hits<'a> {
    lists: &'a [Warninglist],
    found: Vec<Hit<'a>>,
}

impl<'a> Hits<'a> {
    fn add(
        &mut self,
        value: &Value<'_>,
        list: usize,
        part: Part,
        relation: Relation,
        element: Cow<'a, str>,
        line: u32,
    ) {
        let list = &self.lists[list];
        let of_host = match value.network {
            Some(_) => list.of_ip_addresses,
            None => list.of_names,
        };
        let is_of_its_kind = if value.is_mail_address {
            list.of_mail_addresses
        } else {
            of_host
        };
        let is_at_host = value.is_mail_address && part == Part::Host;
        // An address at a name above a listed one is somebody else's; and a pattern for mail addresses is held against
        // the whole of one.
        let is_others =
            is_at_host && (relation == Relation::Above || (relation == Relation::Matches && is_of_its_kind));
        let is_held = is_of_its_kind || (is_at_host && of_host);
        if is_others || !is_held {
            return;
        }
        let hit = Hit::new(list, relation, is_at_host, is_of_its_kind, element, line);
        match self
            .found
            .iter_mut()
            .find(|other| std::ptr::eq(other.list(), list))
        {
            Some(other) if hit.refuses() && !other.refuses() => *other = hit,
            Some(_) => {}
            None => self.found.push(hit),
        }
    }
}
