//! Networks whose addresses are no sender on the Internet: one's own machines, the link, groups, and what nobody
//! was given. Each with the RFC that says so. Refuses to know which networks the operator really uses.
//!
//! The documentation networks (RFC 5737, RFC 3849) are left out on purpose: they stand for real senders in every
//! example and test, here and in what people write, and no mail comes from them that could be lost.

use super::candidate::Candidate;
use super::refused::{BUILT_IN, Refused, Rule};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

struct Network {
    words: &'static str,
    first: IpAddr,
    prefix_bits: u32,
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

const fn v4(words: &'static str, first: [u8; 4], prefix_bits: u32, source: &'static str) -> Network {
    let [a, b, c, d] = first;
    Network {
        words,
        first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        prefix_bits,
        source,
    }
}

const fn v6(words: &'static str, first: [u16; 8], prefix_bits: u32, source: &'static str) -> Network {
    let [a, b, c, d, e, f, g, h] = first;
    Network {
        words,
        first: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)),
        prefix_bits,
        source,
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        let equal_bits = match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => (first.to_bits() ^ address.to_bits()).leading_zeros(),
            (IpAddr::V6(first), IpAddr::V6(address)) => (first.to_bits() ^ address.to_bits()).leading_zeros(),
            _ => return false,
        };
        equal_bits >= self.prefix_bits
    }
}

/// Judges `[10.0.0.1]` and `user@[10.0.0.1]` alike: neither is a sender on the Internet.
pub(super) fn judge(candidate: &Candidate<'_>) -> Result<(), Refused> {
    let Some(address) = candidate.ip_address else {
        return Ok(());
    };
    let (address, carrier) = embedded_ipv4(address).unwrap_or((address, ""));
    match NETWORKS.iter().find(|network| network.contains(address)) {
        Some(network) => Err(Refused::new(
            Rule::SpecialNetwork,
            format!(
                "{} {}/{}{carrier}",
                network.words, network.first, network.prefix_bits
            ),
            format!("{}, {BUILT_IN}", network.source),
        )),
        None => Ok(()),
    }
}

/// IPv6 addresses that are only another way to write an IPv4 address, with the words for it. Mapped ones
/// (`::ffff:0:0/96`) do not come here: the key has them as IPv4.
fn embedded_ipv4(address: IpAddr) -> Option<(IpAddr, &'static str)> {
    let IpAddr::V6(address) = address else {
        return None;
    };
    let (high, low, words) = match address.segments() {
        // RFC 3056: the 32 bits behind the prefix.
        [0x2002, high, low, ..] => (high, low, " in a 6to4 address"),
        // RFC 6052: the last 32 bits behind the well-known prefix.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low, " in a NAT64 address"),
        _ => return None,
    };
    let inner = Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    Some((IpAddr::V4(inner), words))
}
