//! What the rules judge: an entry taken apart from its folded key, so that case, brackets, the trailing dot and
//! both forms of an international name are one before any rule looks. Knows no rule.

use crate::model::EntryKey;
use std::net::IpAddr;

/// An entry as the rules look at it. The local part of an address plays no role in any of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// Whether the entry is one mailbox (`user@host`) or the whole host.
    pub(super) is_address: bool,
    /// The folded host, a domain or an IP address.
    pub(super) host: &'a str,
    /// The host where it is an IP address. IPv4 in IPv6 clothes is IPv4 here, as the key has it so already.
    pub(super) ip_address: Option<IpAddr>,
}

impl<'a> Candidate<'a> {
    pub(super) fn of(key: &'a EntryKey) -> Self {
        let (is_address, host) = match key.as_str().rsplit_once('@') {
            Some((_, host)) => (true, host),
            None => (false, key.as_str()),
        };
        Self {
            is_address,
            host,
            ip_address: host.parse().ok(),
        }
    }

    /// The host and every name above it, the nearest first: `a.b.example`, `b.example`, `example`. Cut at dots
    /// alone, so that `notacme.example` is not below `acme.example`. Above an IP address there is nothing.
    pub(super) fn upwards(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let is_name = self.ip_address.is_none();
        std::iter::successors(Some(self.host), move |name| {
            name.split_once('.').map(|(_, parent)| parent).filter(|_| is_name)
        })
    }
}
