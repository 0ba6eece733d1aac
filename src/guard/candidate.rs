//! What the rules judge: an entry taken apart from its folded key, so that case, brackets, the trailing dot and
//! both forms of an international name are one before any rule looks. A whole network can be judged as well, although
//! no list holds one. Knows no rule.

use crate::model::EntryKey;
use ipnet::IpNet;
use std::net::IpAddr;

/// An entry as the rules look at it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// All of it, folded.
    pub(super) text: &'a str,
    /// Whether the entry is one mailbox (`user@host`) or the whole host.
    pub(super) is_address: bool,
    /// The folded host, a domain or an IP address.
    pub(super) host: &'a str,
    /// The host where it is an IP address, as the network of that one alone. IPv4 that is mapped into IPv6 is IPv4
    /// here, as the key has it so already.
    pub(super) network: Option<IpNet>,
}

impl<'a> Candidate<'a> {
    pub(super) fn of(key: &'a EntryKey) -> Self {
        let (is_address, host) = match key.as_str().rsplit_once('@') {
            Some((_, host)) => (true, host),
            None => (false, key.as_str()),
        };
        Self {
            text: key.as_str(),
            is_address,
            host,
            network: host.parse::<IpAddr>().ok().map(IpNet::from),
        }
    }

    /// A whole network, whose spelling is for people alone.
    pub(super) fn of_network(spelling: &'a str, network: IpNet) -> Self {
        Self {
            text: spelling,
            is_address: false,
            host: spelling,
            network: Some(network.trunc()),
        }
    }

    /// The host and every name above it, the nearest first: `a.b.example`, `b.example`, `example`. Cut at dots
    /// alone, so that `notacme.example` is not below `acme.example`. Above an IP address there is nothing.
    pub(super) fn upwards(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let is_name = self.network.is_none();
        std::iter::successors(Some(self.host), move |name| {
            name.split_once('.').map(|(_, parent)| parent).filter(|_| is_name)
        })
    }
}
