//! The networks: the first and the last address of each, and the addresses just outside.

use super::{Rule, check, judged};

#[test]
fn addresses_of_special_networks_are_not_listed() {
    for (values, sentence) in [
        (
            ["0.0.0.0", "0.255.255.255"],
            "unspecified network 0.0.0.0/8 (RFC 1122, built in)",
        ),
        (
            ["10.0.0.0", "10.255.255.255"],
            "private network 10.0.0.0/8 (RFC 1918, built in)",
        ),
        (
            ["100.64.0.0", "100.127.255.255"],
            "shared address space 100.64.0.0/10 (RFC 6598, built in)",
        ),
        (
            ["127.0.0.0", "127.255.255.255"],
            "loopback network 127.0.0.0/8 (RFC 1122, built in)",
        ),
        (
            ["169.254.0.0", "169.254.255.255"],
            "link-local network 169.254.0.0/16 (RFC 3927, built in)",
        ),
        (
            ["172.16.0.0", "172.31.255.255"],
            "private network 172.16.0.0/12 (RFC 1918, built in)",
        ),
        (
            ["192.168.0.0", "192.168.255.255"],
            "private network 192.168.0.0/16 (RFC 1918, built in)",
        ),
        (
            ["224.0.0.0", "239.255.255.255"],
            "multicast network 224.0.0.0/4 (RFC 5771, built in)",
        ),
        (
            ["240.0.0.0", "255.255.255.254"],
            "reserved network 240.0.0.0/4 (RFC 1112, built in)",
        ),
        (
            ["255.255.255.255", "[255.255.255.255]"],
            "broadcast address 255.255.255.255/32 (RFC 919, built in)",
        ),
        (
            ["::", "[ipv6:0:0::0]"],
            "unspecified address ::/128 (RFC 4291, built in)",
        ),
        (
            ["::1", "[ipv6:0:0::1]"],
            "loopback address ::1/128 (RFC 4291, built in)",
        ),
        (
            ["fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
            "private network fc00::/7 (RFC 4193, built in)",
        ),
        (
            ["fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
            "link-local network fe80::/10 (RFC 4291, built in)",
        ),
        (
            ["ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
            "multicast network ff00::/8 (RFC 4291, built in)",
        ),
    ] {
        for value in values {
            check(Rule::SpecialNetwork, &[(value, Some(sentence))]);
        }
    }
}

#[test]
fn the_addresses_just_outside_and_those_of_examples_pass() {
    for value in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.1",
        "192.167.255.255",
        "192.169.0.0",
        "223.255.255.255",
        "::2",
        "fbff:ffff::1",
        "fe00::1",
        "fe7f:ffff::1",
        "fec0::1",
        "feff::1",
        // Documentation networks stand for real senders.
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "2001:db8::1",
        "user@[192.0.2.1]",
    ] {
        assert_eq!(judged(value), Ok(()), "{value}");
    }
}

#[test]
fn an_address_is_judged_in_whatever_clothes_it_comes() {
    let private = "private network 10.0.0.0/8 (RFC 1918, built in)";
    check(
        Rule::SpecialNetwork,
        &[
            ("10.0.0.1", Some(private)),
            ("[10.0.0.1]", Some(private)),
            ("user@[10.0.0.1]", Some(private)),
            ("::ffff:10.0.0.1", Some(private)),
            ("[IPv6:::FFFF:a00:1]", Some(private)),
            ("user@[IPv6:::ffff:10.0.0.1]", Some(private)),
            (
                "user@[ipv6:FE80::1]",
                Some("link-local network fe80::/10 (RFC 4291, built in)"),
            ),
            (
                "2002:a00:1::",
                Some("private network 10.0.0.0/8 in a 6to4 address (RFC 1918, built in)"),
            ),
            (
                "user@[ipv6:2002:7f00:1:ffff::9]",
                Some("loopback network 127.0.0.0/8 in a 6to4 address (RFC 1122, built in)"),
            ),
            (
                "64:ff9b::192.168.0.1",
                Some("private network 192.168.0.0/16 in a NAT64 address (RFC 1918, built in)"),
            ),
            ("2002:c000:201::1", None),
            ("64:ff9b::192.0.2.1", None),
            // Not behind the well-known prefix, and one beside 2002::/16.
            ("64:ff9b:0:0:0:1:a00:1", None),
            ("2003:a00:1::", None),
            // A name is no address, whatever it looks like.
            ("10.0.0.1.example", None),
            ("10.0.0.1@bad.example", None),
        ],
    );
}

/// A recipient may have a mailbox at an address literal; its host is then one's own, and no name is above it.
#[test]
fn an_own_host_may_be_an_ip_address() {
    let origin = "recipient_list of block-lab, doorlist.toml:70".to_owned();
    let guard = super::Guard::new([("[192.0.2.25]".to_owned(), origin)]);
    let judged = |value: &str| {
        super::clear(&guard, value)
            .err()
            .map(|refused| refused.to_string())
    };
    assert_eq!(
        judged("user@[192.0.2.25]").as_deref(),
        Some("address at the own domain 192.0.2.25 (recipient_list of block-lab, doorlist.toml:70)")
    );
    assert!(judged("192.0.2.25").is_some());
    assert_eq!(judged("192.0.2.26"), None);
}
