//! What the configuration protects, and on which list: one table per rule. How a rule can be softened: `levels.rs`.

use crate::config::{Configured, GuardSettings, OwnDomain};
use crate::guard::{Guard, Level, Passed};
use crate::model::{EntryKey, ListKind, Recipient, Sender};
use ListKind::{Blocklist, Safelist};

fn configured<T>(value: T, origin: &str) -> Configured<T> {
    Configured {
        value,
        origin: origin.to_owned(),
    }
}

pub(super) fn settings() -> GuardSettings {
    let keys = |key: &str, values: &[&str]| {
        let values = values.iter().enumerate();
        let told = |(line, value): (usize, &&str)| {
            configured(EntryKey::of(value), &format!("{key}, doorlist.toml:{}", line + 1))
        };
        values.map(told).collect::<Vec<_>>()
    };
    let networks = [
        "192.0.2.0/24",
        "198.51.100.7/32",
        "2001:db8:1::/48",
        "2002:cb00:7100::/48",
    ];
    GuardSettings {
        own_domains: vec![OwnDomain {
            is_of_recipient: false,
            domain: "acme.example".to_owned(),
            origin: "own_domains, doorlist.toml:9".to_owned(),
        }],
        own_domains_origin: Some("own_domains, doorlist.toml:9".to_owned()),
        partner_domains: vec![configured(
            "partner.example".to_owned(),
            "partner_domains, doorlist.toml:10",
        )],
        partner_domains_origin: Some("partner_domains, doorlist.toml:10".to_owned()),
        protected_addresses: keys(
            "protected_addresses",
            &[
                "bank.co.uk",
                "Press@mx.News.example.",
                "ceo@gmail.com",
                "Bücher.example",
                "a@[203.0.113.9]",
            ],
        ),
        protected_networks: networks
            .map(|network| configured(network.parse().unwrap(), "protected_networks, doorlist.toml:20"))
            .to_vec(),
        protected_recipients: keys(
            "protected_recipients",
            &["board@acme.example", "law.acme.example"],
        ),
        ..GuardSettings::default()
    }
}

/// The sentence with the code of its rule, or nothing where the value passes.
pub(super) fn judged(guard: &Guard, value: &str, list: ListKind) -> String {
    let sender = Sender::parse_untyped(value).unwrap();
    match guard.clear_sender(&sender, list, &Passed::default()) {
        Ok(_) => String::new(),
        Err(refused) => format!("{}: {refused}", refused.rule().code()),
    }
}

#[test]
fn protected_addresses_and_domains_are_not_blocked_nor_is_what_would_take_them_along() {
    let guard = Guard::of(&settings());
    for (value, expected) in [
        (
            "bank.co.uk",
            "protected domain bank.co.uk (protected_addresses, doorlist.toml:1)",
        ),
        (
            "MX.Bank.co.uk.",
            "subdomain of the protected domain bank.co.uk (protected_addresses, doorlist.toml:1)",
        ),
        (
            "x@bank.co.uk",
            "address at the protected domain bank.co.uk (protected_addresses, doorlist.toml:1)",
        ),
        (
            "x@mx.bank.co.uk",
            "address at a subdomain of the protected domain bank.co.uk (protected_addresses, doorlist.toml:1)",
        ),
        (
            "press@MX.news.example",
            "protected address press@mx.news.example (protected_addresses, doorlist.toml:2)",
        ),
        (
            "mx.news.example",
            "domain of the protected address press@mx.news.example (protected_addresses, doorlist.toml:2)",
        ),
        (
            "news.example",
            "parent of the domain of the protected address press@mx.news.example (protected_addresses, doorlist.toml:2)",
        ),
        (
            "ceo@gmail.com",
            "protected address ceo@gmail.com (protected_addresses, doorlist.toml:3)",
        ),
        (
            "gmail.com",
            "domain of the protected address ceo@gmail.com (protected_addresses, doorlist.toml:3)",
        ),
        (
            "xn--bcher-kva.example",
            "protected domain xn--bcher-kva.example (protected_addresses, doorlist.toml:4)",
        ),
        (
            "203.0.113.9",
            "domain of the protected address a@203.0.113.9 (protected_addresses, doorlist.toml:5)",
        ),
        // Other mailboxes there, and names beside.
        ("other@mx.news.example", ""),
        ("www.news.example", ""),
        ("a.mx.news.example", ""),
        ("someone@gmail.com", ""),
        ("mybank.co.uk", ""),
        ("bank.co.uk.evil.example", ""),
    ] {
        let expected = match expected {
            "" => String::new(),
            sentence => format!("protected_address: {sentence}"),
        };
        assert_eq!(judged(&guard, value, Blocklist), expected, "{value}");
    }
    // Its own rule says better what a public suffix is, and the protected name below it is found where that is off.
    assert!(judged(&guard, "co.uk", Blocklist).starts_with("public_suffix: "));
    let levels = [("public_suffix", Level::Off)].into();
    let guard = Guard::of(&GuardSettings { levels, ..settings() });
    assert_eq!(
        judged(&guard, "co.uk", Blocklist),
        "protected_address: parent of the protected domain bank.co.uk (protected_addresses, doorlist.toml:1)"
    );
}

#[test]
fn protected_networks_are_found_from_inside_and_outside_in_whatever_clothes() {
    let guard = Guard::of(&settings());
    let at = "(protected_networks, doorlist.toml:20)";
    for (value, expected) in [
        ("192.0.2.0", "protected network 192.0.2.0/24"),
        ("[192.0.2.255]", "protected network 192.0.2.0/24"),
        ("user@[192.0.2.9]", "protected network 192.0.2.0/24"),
        ("::ffff:192.0.2.9", "protected network 192.0.2.0/24"),
        (
            "2002:c000:209::1",
            "protected network 192.0.2.0/24 in a 6to4 address",
        ),
        (
            "64:ff9b::192.0.2.9",
            "protected network 192.0.2.0/24 in a NAT64 address",
        ),
        ("198.51.100.7", "protected address 198.51.100.7"),
        ("2001:db8:1:ffff::1", "protected network 2001:db8:1::/48"),
        // Protected in the form of 6to4, and judged as IPv4.
        ("203.0.113.0", "protected network 2002:cb00:7100::/48"),
        ("192.0.1.255", ""),
        ("192.0.3.0", ""),
        ("198.51.100.8", ""),
        ("2001:db8:2::1", ""),
        ("203.0.113.1", ""),
    ] {
        let expected = match expected {
            "" => String::new(),
            sentence => format!("protected_network: {sentence} {at}"),
        };
        assert_eq!(judged(&guard, value, Blocklist), expected, "{value}");
    }
    let explained = |network: &str| {
        let found = guard.explain_network(network.parse().unwrap(), Blocklist);
        let told = found.iter().map(|finding| finding.refused.to_string());
        told.collect::<Vec<_>>()
    };
    for (network, expected) in [
        (
            "192.0.0.0/16",
            format!("network that contains the protected network 192.0.2.0/24 {at}"),
        ),
        ("192.0.2.128/25", format!("protected network 192.0.2.0/24 {at}")),
        (
            "10.0.0.0/7",
            "network that contains the private network 10.0.0.0/8 (RFC 1918, built in)".to_owned(),
        ),
        (
            "10.1.0.0/16",
            "private network 10.0.0.0/8 (RFC 1918, built in)".to_owned(),
        ),
        (
            "::ffff:10.0.0.0/104",
            "private network 10.0.0.0/8 (RFC 1918, built in)".to_owned(),
        ),
        (
            "2002:a00::/24",
            "private network 10.0.0.0/8 in a 6to4 address (RFC 1918, built in)".to_owned(),
        ),
        (
            "fc00::/6",
            "network that contains the private network fc00::/7 (RFC 4193, built in)".to_owned(),
        ),
    ] {
        assert!(
            explained(network).contains(&expected),
            "{network}: {:?}",
            explained(network)
        );
    }
    assert_eq!(explained("198.51.101.0/24"), Vec::<String>::new());
    // Everything overlaps with all there is, also with what is written into IPv6.
    assert_eq!(explained("0.0.0.0/0").len(), 2);
    assert_eq!(explained("::/0").len(), 2);
}

#[test]
fn a_safelist_lets_in_partners_alone_and_never_the_whole_world() {
    let guard = Guard::of(&settings());
    for (value, expected) in [
        ("partner.example", ""),
        ("mx.partner.example", ""),
        ("x@Partner.example.", ""),
        ("x@mx.partner.example", ""),
        (
            "example.net",
            "outside_partner_domains: example.net is of no partner's domain (partner_domains, doorlist.toml:10)",
        ),
        ("notpartner.example", "outside_partner_domains"),
        ("x@gmail.com", "outside_partner_domains"),
        ("192.0.2.9", "outside_partner_domains"),
        ("gmail.com", "freemail_domain"),
        ("co.uk", "public_suffix"),
        ("10.0.0.1", "special_network"),
        // Whoever lets in the own domain lets in everybody who forges it.
        ("acme.example", "own_domain"),
        ("ceo@acme.example", "own_domain"),
    ] {
        let value = if value == "example" { "example.net" } else { value };
        let told = judged(&guard, value, Safelist);
        assert!(
            told.starts_with(expected) && expected.is_empty() == told.is_empty(),
            "{value}: {told}"
        );
    }
    // What is protected against blocking may be let in, where nobody told who the partners are.
    let open = Guard::of(&GuardSettings {
        partner_domains_origin: None,
        partner_domains: Vec::new(),
        ..settings()
    });
    for value in [
        "bank.co.uk",
        "press@mx.news.example",
        "192.0.2.9",
        "other.example",
    ] {
        assert_eq!(judged(&open, value, Safelist), "", "{value}");
    }
}

#[test]
fn nothing_is_added_for_protected_mailboxes_nor_for_those_of_others() {
    let guard = Guard::of(&settings());
    let judged = |guard: &Guard, value: &str| {
        let recipient = Recipient::parse(value).unwrap().entry;
        let both = ListKind::ALL.map(|list| {
            let cleared = guard.clear_recipient(&recipient, list, &Passed::default());
            cleared
                .err()
                .map(|refused| format!("{}: {refused}", refused.rule().code()))
        });
        assert_eq!(both[0], both[1], "the same on both lists");
        both[0].clone().unwrap_or_default()
    };
    for (value, expected) in [
        (
            "Board@Acme.example.",
            "protected_recipient: protected mailbox board@acme.example (protected_recipients, doorlist.toml:1)",
        ),
        (
            "x@law.acme.example",
            "protected_recipient: address at the protected domain law.acme.example (protected_recipients, doorlist.toml:2)",
        ),
        (
            "x@eu.law.acme.example",
            "protected_recipient: address at a subdomain of the protected domain law.acme.example (protected_recipients, doorlist.toml:2)",
        ),
        (
            "x@evil.example",
            "foreign_recipient: mailbox outside your own domains, at evil.example (own_domains, doorlist.toml:9)",
        ),
        (
            "x@notacme.example",
            "foreign_recipient: mailbox outside your own domains, at notacme.example (own_domains, doorlist.toml:9)",
        ),
        ("x@acme.example", ""),
        ("x@eu.acme.example", ""),
        ("boards@acme.example", ""),
    ] {
        assert_eq!(judged(&guard, value), expected, "{value}");
    }
    // The domains of configured mailboxes alone are too few to call others foreign.
    let unwritten = Guard::of(&GuardSettings {
        own_domains_origin: None,
        ..settings()
    });
    assert_eq!(judged(&unwritten, "x@evil.example"), "");
}

#[test]
fn whoever_has_a_mailbox_at_a_freemail_provider_does_not_own_the_provider() {
    let of = |domain: &str, is_of_recipient: bool| OwnDomain {
        domain: domain.to_owned(),
        origin: "recipient_list of block, doorlist.toml:60".to_owned(),
        is_of_recipient,
    };
    let guard = |own: OwnDomain| {
        Guard::of(&GuardSettings {
            own_domains: vec![own],
            ..GuardSettings::default()
        })
    };
    for (own, is_refused) in [
        (of("gmail.com", true), false),
        (of("github.io", true), false),
        (of("acme.example", true), true),
        // Whoever writes it means it.
        (of("gmail.com", false), true),
    ] {
        let value = format!("someone@{}", own.domain);
        let refused = judged(&guard(own.clone()), &value, ListKind::Blocklist);
        let is_own = refused.starts_with("own_domain");
        assert_eq!(is_own, is_refused, "{own:?}: {refused}");
    }
}
