//! Addresses from which a client may call: single ones and networks, IPv4 and IPv6. Strict, because a network
//! that reads wider or narrower than it was meant is only noticed when it is too late. Knows nothing of
//! clients.

use crate::model::excerpt;
use ipnet::IpNet;
use std::net::IpAddr;

/// Longer than any address, for a message that repeats one.
const EXCERPT_CHARACTERS_MAX: usize = 80;
/// Bits of an IPv6 address before the IPv4 address that is mapped into it (RFC 4291, section 2.5.5.2).
const MAPPED_PREFIX_BITS: u8 = 96;

/// Reads one address or network. A single address is the network of that address alone.
pub(super) fn parse_network(text: &str) -> Result<IpNet, String> {
    let shown = excerpt(text, EXCERPT_CHARACTERS_MAX);
    let Some(network) = read(text) else {
        return Err(format!(
            "`{shown}` is not an IP address or network; allowed: \"192.0.2.7\", \"192.0.2.0/24\", \
             \"2001:db8::7\", \"2001:db8::/32\""
        ));
    };
    // Callers are known by their IPv4 address wherever they have one, so that a mapped network matches nobody.
    if is_mapped(&network) {
        let meant = unmapped(&network).map_or_else(String::new, |meant| {
            format!("; did you mean \"{}\"?", spell(&meant))
        });
        return Err(format!(
            "`{shown}` is IPv4 in the form of IPv6, and would match nobody; write it as IPv4{meant}"
        ));
    }
    let meant = network.trunc();
    if meant != network {
        return Err(format!(
            "`{shown}` has bits set behind its first {}; did you mean the network \"{meant}\", or \"{}\" \
             alone?",
            network.prefix_len(),
            network.addr()
        ));
    }
    Ok(network)
}

/// As a person writes it: a single address without a length.
pub(super) fn spell(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// The parser of the standard library, for it refuses `010.0.0.1`, which some read as octal.
fn read(text: &str) -> Option<IpNet> {
    let Some((address, bits)) = text.split_once('/') else {
        return text.parse::<IpAddr>().ok().map(IpNet::from);
    };
    // `u8` would also take "+24".
    let bits = bits.bytes().all(|byte| byte.is_ascii_digit()).then_some(bits)?;
    IpNet::new(address.parse().ok()?, bits.parse().ok()?).ok()
}

fn is_mapped(network: &IpNet) -> bool {
    matches!(network, IpNet::V6(network) if network.addr().to_ipv4_mapped().is_some())
}

/// What `::ffff:192.0.2.0/120` means. None where it would be wider than all of IPv4.
fn unmapped(network: &IpNet) -> Option<IpNet> {
    let bits = network.prefix_len().checked_sub(MAPPED_PREFIX_BITS)?;
    let meant = IpNet::new(network.addr().to_canonical(), bits).ok()?;
    Some(meant.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_are_read_and_what_is_not_quite_one_is_told() {
        let not_one = "is not an IP address or network; allowed: \"192.0.2.7\"";
        for (text, expected) in [
            ("192.0.2.7", Ok("192.0.2.7/32")),
            ("192.0.2.0/24", Ok("192.0.2.0/24")),
            ("0.0.0.0/0", Ok("0.0.0.0/0")),
            ("2001:DB8::7", Ok("2001:db8::7/128")),
            ("2001:db8::/32", Ok("2001:db8::/32")),
            ("::/0", Ok("::/0")),
            (
                "192.0.2.7/24",
                Err(
                    "has bits set behind its first 24; did you mean the network \"192.0.2.0/24\", or \
                     \"192.0.2.7\" alone?",
                ),
            ),
            (
                "2001:db8::7/32",
                Err("did you mean the network \"2001:db8::/32\", or \"2001:db8::7\" alone?"),
            ),
            (
                "::ffff:192.0.2.0/120",
                Err("would match nobody; write it as IPv4; did you mean \"192.0.2.0/24\"?"),
            ),
            (
                "::ffff:192.0.2.7/120",
                Err("would match nobody; write it as IPv4; did you mean \"192.0.2.0/24\"?"),
            ),
            (
                "::ffff:192.0.2.7",
                Err("would match nobody; write it as IPv4; did you mean \"192.0.2.7\"?"),
            ),
            ("::ffff:192.0.2.0/64", Err("would match nobody; write it as IPv4")),
            ("", Err(not_one)),
            ("192.0.2", Err(not_one)),
            ("010.0.0.1", Err(not_one)),
            ("192.0.2.0/33", Err(not_one)),
            ("192.0.2.0/+24", Err(not_one)),
            ("192.0.2.0/", Err(not_one)),
            ("192.0.2.0/255.255.255.0", Err(not_one)),
            ("192.0.2.0 /24", Err(not_one)),
            ("192.0.2.7:443", Err(not_one)),
            ("[::1]", Err(not_one)),
            ("fe80::1%eth0", Err(not_one)),
            ("threatq.example.com", Err(not_one)),
        ] {
            match (parse_network(text), expected) {
                (Ok(network), Ok(expected)) => assert_eq!(network.to_string(), expected),
                (Err(message), Err(expected)) => {
                    assert!(message.starts_with(&format!("`{text}` ")), "{message}");
                    assert!(message.contains(expected), "{text}: {message}");
                }
                (read, expected) => panic!("{text} gave {read:?} and not {expected:?}"),
            }
        }
    }
}
