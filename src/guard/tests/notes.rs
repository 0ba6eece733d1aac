//! What is said of an entry that is listed all the same.

use crate::config::{Configured, GuardSettings, OwnDomain};
use crate::guard::Guard;
use crate::model::{EntryKey, ListKind, Sender};

fn guard() -> Guard {
    let own = [
        "acme-bank.example",
        "paypal.example",
        "mail.modern.co.uk",
        "abc.example",
        "Bücher.example",
    ];
    Guard::of(&GuardSettings {
        own_domains: own
            .map(|domain| OwnDomain {
                is_of_recipient: false,
                domain: domain.to_owned(),
                origin: "own_domains".to_owned(),
            })
            .to_vec(),
        partner_domains: vec![Configured {
            value: "contoso.example".to_owned(),
            origin: "partner_domains".to_owned(),
        }],
        protected_addresses: ["fabrikam.example", "ceo@woodgrove.example"]
            .map(|entry| Configured {
                value: EntryKey::of(entry),
                origin: "protected_addresses".to_owned(),
            })
            .to_vec(),
        ..GuardSettings::default()
    })
}

fn notes(value: &str) -> Vec<String> {
    guard().notes(&Sender::parse_untyped(value).unwrap(), ListKind::Blocklist)
}

#[test]
fn a_registered_name_covers_no_subdomain_and_who_writes_a_subdomain_knows() {
    let covers = |value: &str| notes(value).contains(&"covers this name only, not its subdomains".to_owned());
    for value in ["bad.example", "bad.co.uk", "bad.github.io", "BAD.com."] {
        assert!(covers(value), "{value}");
    }
    for value in [
        "mx.bad.example",
        "mx.bad.co.uk",
        "x@bad.example",
        "192.0.2.1",
        "x@[192.0.2.1]",
        "co.uk",
    ] {
        assert!(!covers(value), "{value}");
    }
}

#[test]
fn look_alikes_of_known_names_are_told_and_the_names_themselves_are_not() {
    for (value, expected) in [
        // The same skeleton, under any suffix.
        ("paypa1.example", "paypal.example"),
        ("paypai.net", "paypal.example"),
        ("p\u{430}ypal.example", "paypal.example"),
        ("rnodern.co.uk", "modern.co.uk"),
        ("m0dern.co.uk", "modern.co.uk"),
        ("c0ntoso.org", "contoso.example"),
        ("someone@paypa1.example", "paypal.example"),
        ("mx.login.paypa1.example", "paypal.example"),
        ("acme-bamk.example", "acme-bank.example"),
        // One slip, under the same suffix.
        ("paypall.example", "paypal.example"),
        ("papal.example", "paypal.example"),
        ("payapl.example", "paypal.example"),
        ("pzypal.example", "paypal.example"),
        ("apaypal.example", "paypal.example"),
        ("acmebank.example", "acme-bank.example"),
        ("fabrikan.example", "fabrikam.example"),
        ("bücherr.example", "xn--bcher-kva.example"),
        ("bucher.example", "xn--bcher-kva.example"),
        // The names themselves, what is below them, and the same label elsewhere.
        ("paypal.example", ""),
        ("mx.paypal.example", ""),
        ("paypal.net", ""),
        ("modern.co.uk", ""),
        ("bücher.example", ""),
        // One slip under another suffix, two slips, and what is too short to be no accident.
        ("paypall.net", ""),
        ("ppaypall.example", ""),
        ("abd.example", ""),
        // A protected address is no name.
        ("woodgr0ve.example", ""),
        ("192.0.2.1", ""),
        ("other.example", ""),
    ] {
        let alike = notes(value)
            .into_iter()
            .find(|note| note.starts_with("look-alike"));
        let expected = match expected {
            "" => None,
            name => Some(format!("look-alike of {name}")),
        };
        assert_eq!(alike, expected, "{value}");
    }
}

#[test]
fn of_fifty_thousand_names_the_one_that_is_meant_is_found() {
    let names = (0..50_000).map(|number| (format!("subsidiary-{number}.example"), String::new()));
    let guard = Guard::new(names);
    let notes = |value: &str| guard.notes(&Sender::parse_untyped(value).unwrap(), ListKind::Blocklist);
    assert!(
        notes("subsidiary-4242.example")
            .iter()
            .all(|note| !note.starts_with("look-alike"))
    );
    assert!(
        notes("subsidiarry-40404.example").contains(&"look-alike of subsidiary-40404.example".to_owned())
    );
    assert!(
        notes("unrelated.example")
            .iter()
            .all(|note| !note.starts_with("look-alike"))
    );
}
