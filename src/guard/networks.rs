//! Networks whose addresses are no sender on the Internet: one's own machines, the link, groups, and what nobody
//! was given. Each with the RFC that says so. And the networks that the configuration protects. Both are compared
//! with what is judged in both directions, so that a network is found in a wider one, and IPv4 that is written into
//! IPv6 is IPv4. Refuses to know which networks the operator really uses.
//!
//! The documentation networks (RFC 5737, RFC 3849) are left out on purpose: they stand for real senders in every
//! example and test, here and in what people write, and no mail comes from them that could be lost.

use super::candidate::Candidate;
use super::refused::{BUILT_IN, Refused};
use super::rule::Rule;
use crate::config::Configured;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

struct Network {
    words: &'static str,
    network: IpNet,
    source: &'static str,
}

/// The first that matches is told, so that the narrower stands before the wider.
const NETWORKS: &[Network] = &[
    v4("unspecified network", [0, 0, 0, 0], 8, "RFC 1122"),
    v4("private network", [10, 0, 0, 0], 8, "RFC 1918"),
    v4("shared address space", [100, 64, 0, 0], 10, "RFC 6598"),
    v4("loopback network", [127, 0, 0, 0], 8, "RFC 1122"),
    v4("link-local network", [169, 254, 0, 0], 16, "RFC 3927"),
    v4("private network", [172, 16, 0, 0], 12, "RFC 1918"),
    v4("private network", [192, 168, 0, 0], 16, "RFC 1918"),
    v4("multicast network", [224, 0, 0, 0], 4, "RFC 5771"),
    v4("broadcast address", [255, 255, 255, 255], 32, "RFC 919"),
    v4("reserved network", [240, 0, 0, 0], 4, "RFC 1112"),
    v6("unspecified address", [0; 8], 128, "RFC 4291"),
    v6("loopback address", [0, 0, 0, 0, 0, 0, 0, 1], 128, "RFC 4291"),
    v6("private network", [0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "RFC 4193"),
    v6(
        "link-local network",
        [0xfe80, 0, 0, 0, 0, 0, 0, 0],
        10,
        "RFC 4291",
    ),
    v6("multicast network", [0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "RFC 4291"),
];

const fn v4(words: &'static str, first: [u8; 4], prefix_bits: u8, source: &'static str) -> Network {
    let [a, b, c, d] = first;
    Network {
        words,
        network: IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix_bits),
        source,
    }
}

const fn v6(words: &'static str, first: [u16; 8], prefix_bits: u8, source: &'static str) -> Network {
    let [a, b, c, d, e, f, g, h] = first;
    Network {
        words,
        network: IpNet::new_assert(IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)), prefix_bits),
        source,
    }
}

/// IPv6 addresses that are only another way to write an IPv4 address: the prefix behind which its 32 bits stand, and
/// the words for it.
const CLOTHES: [(Ipv6Net, &str); 3] = [
    // RFC 4291. An entry's key has such an address as IPv4 already; a network comes as it was written.
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
        "",
    ),
    // RFC 3056.
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
        " in a 6to4 address",
    ),
    // RFC 6052.
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
        " in a NAT64 address",
    ),
];
/// Bits of an IPv6 address.
const IPV6_BITS: u8 = 128;
/// Bits of an IPv4 address.
const IPV4_BITS: u8 = 32;

/// Judges `[10.0.0.1]` and `user@[10.0.0.1]` alike: neither is a sender on the Internet.
pub(super) fn find_special(candidate: &Candidate<'_>) -> Option<Refused> {
    for (seen, carrier) in views(candidate.network?) {
        if let Some(special) = NETWORKS.iter().find(|special| overlap(special.network, seen)) {
            let Network { words, network, .. } = special;
            return Some(Refused::new(
                Rule::SpecialNetwork,
                format!("{}{words} {network}{carrier}", relation(seen, *network)),
                format!("{}, {BUILT_IN}", special.source),
            ));
        }
    }
    None
}

/// The networks that the configuration protects.
#[derive(Debug, Clone, Default)]
pub(super) struct ProtectedNetworks(Vec<ProtectedNetwork>);

#[derive(Debug, Clone)]
struct ProtectedNetwork {
    network: IpNet,
    /// The same as everything that it is another way to write of.
    views: Vec<IpNet>,
    origin: String,
}

impl ProtectedNetworks {
    pub(super) fn new(networks: &[Configured<IpNet>]) -> Self {
        let networks = networks.iter().map(|configured| ProtectedNetwork {
            network: configured.value,
            views: views(configured.value)
                .into_iter()
                .map(|(view, _)| view)
                .collect(),
            origin: configured.origin.clone(),
        });
        Self(networks.collect())
    }

    pub(super) fn find(&self, candidate: &Candidate<'_>) -> Option<Refused> {
        let views = views(candidate.network?);
        for ProtectedNetwork {
            network,
            views: protected,
            origin,
        } in &self.0
        {
            let found = views
                .iter()
                .find(|(seen, _)| protected.iter().any(|view| overlap(*view, *seen)));
            let Some((seen, carrier)) = found else {
                continue;
            };
            let is_single = network.prefix_len() == network.max_prefix_len();
            let (noun, shown) = if is_single {
                ("address", network.addr().to_string())
            } else {
                ("network", network.to_string())
            };
            let subject = format!("{}protected {noun} {shown}{carrier}", relation(*seen, *network));
            return Some(Refused::new(Rule::ProtectedNetwork, subject, origin.as_str()));
        }
        None
    }
}

/// What is judged may be wider than what it must not touch.
fn relation(seen: IpNet, network: IpNet) -> &'static str {
    if seen.contains(&network) && seen != network {
        "network that contains the "
    } else {
        ""
    }
}

/// Has one of them an address of the other?
fn overlap(one: IpNet, other: IpNet) -> bool {
    one.contains(&other) || other.contains(&one)
}

/// The network, and the IPv4 that is written into it, with the words for that.
fn views(network: IpNet) -> Vec<(IpNet, &'static str)> {
    let mut views = vec![(network, "")];
    if let IpNet::V6(network) = network {
        let dressed = CLOTHES.iter();
        views.extend(dressed.filter_map(|(prefix, words)| Some((inside(&network, prefix)?, *words))));
    }
    views
}

/// The IPv4 network of the 32 bits behind a prefix.
fn inside(network: &Ipv6Net, prefix: &Ipv6Net) -> Option<IpNet> {
    if network.prefix_len() < prefix.prefix_len() {
        let everything = IpNet::new_assert(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        return network.contains(prefix).then_some(everything);
    }
    if !prefix.contains(network) {
        return None;
    }
    let shift = IPV6_BITS - prefix.prefix_len() - IPV4_BITS;
    let bits = u32::try_from((network.network().to_bits() >> shift) & u128::from(u32::MAX)).ok()?;
    let prefix_bits = (network.prefix_len() - prefix.prefix_len()).min(IPV4_BITS);
    Ipv4Net::new(Ipv4Addr::from_bits(bits), prefix_bits)
        .ok()
        .map(IpNet::V4)
}
