//! What is read, what is refused by which rule and with which suggestion, and which spellings are one entry.

use super::super::refusal::Rule;
use super::*;
use IndicatorType::{EmailAddress, Fqdn, IpAddress, Ipv6Address};

#[test]
fn values_become_what_asyncos_accepts() {
    for (indicator_type, value, entry) in [
        (EmailAddress, "Billing@Example.NET", "Billing@example.net"),
        (EmailAddress, " billing@example.net ", "billing@example.net"),
        (EmailAddress, "billing@example.net.", "billing@example.net"),
        (EmailAddress, "o'neil+tag@example.org", "o'neil+tag@example.org"),
        (EmailAddress, "user@[192.0.2.9]", "user@[192.0.2.9]"),
        (EmailAddress, "user@[IPv6:2001:DB8::9]", "user@[ipv6:2001:db8::9]"),
        (EmailAddress, "info@bücher.example", "info@xn--bcher-kva.example"),
        (Fqdn, "Mail.Example.ORG.", "mail.example.org"),
        (Fqdn, "bücher.example", "xn--bcher-kva.example"),
        (IpAddress, "192.0.2.25", "[192.0.2.25]"),
        (IpAddress, "[192.0.2.25]", "[192.0.2.25]"),
        (IpAddress, "2001:db8::25", "[ipv6:2001:db8::25]"),
        (Ipv6Address, "2001:0DB8:0::25", "[ipv6:2001:db8::25]"),
        (Ipv6Address, "[ipv6:2001:db8::25]", "[ipv6:2001:db8::25]"),
        (Ipv6Address, "::ffff:192.0.2.25", "[192.0.2.25]"),
    ] {
        let parsed = Sender::parse(value, indicator_type).map(|parsed| parsed.entry.as_str().to_owned());
        assert_eq!(parsed.as_deref(), Ok(entry), "{value}");
    }
}

#[test]
fn what_cannot_be_listed_is_refused_with_the_rule_and_what_was_meant() {
    let long_local = format!("{}@example.com", "a".repeat(250));
    for (indicator_type, value, rule, suggestion) in [
        (Fqdn, "", Rule::Empty, None),
        (Fqdn, " \t ", Rule::Empty, None),
        (IpAddress, "192.0.2.0/24", Rule::Network, None),
        (IpAddress, "192.0.2.7/32", Rule::Network, Some("[192.0.2.7]")),
        (Ipv6Address, "2001:db8::/32", Rule::Network, None),
        (Fqdn, "*.example.com", Rule::Wildcard, Some("example.com")),
        (EmailAddress, "*@example.com", Rule::Wildcard, Some("example.com")),
        (Fqdn, "ex*mple.com", Rule::Wildcard, None),
        (EmailAddress, "sales*@example.com", Rule::Wildcard, None),
        (Fqdn, ".example.com", Rule::LeadingDot, Some("example.com")),
        (EmailAddress, "@example.com", Rule::LeadingAt, Some("example.com")),
        (
            Fqdn,
            "https://evil.example:8443/login?x=1",
            Rule::Url,
            Some("evil.example"),
        ),
        (Fqdn, "evil.example/login", Rule::Url, Some("evil.example")),
        (
            EmailAddress,
            "mailto:a@evil.example?subject=x",
            Rule::Url,
            Some("a@evil.example"),
        ),
        (
            Fqdn,
            "https://[2001:db8::1]/",
            Rule::Url,
            Some("[ipv6:2001:db8::1]"),
        ),
        (
            Fqdn,
            "hxxps://evil[.]example/login",
            Rule::Defanged,
            Some("evil.example"),
        ),
        (Fqdn, "evil[.]example", Rule::Defanged, Some("evil.example")),
        (
            EmailAddress,
            "user(at)evil[.]example",
            Rule::Defanged,
            Some("user@evil.example"),
        ),
        (IpAddress, "192[.]0[.]2[.]1", Rule::Defanged, Some("[192.0.2.1]")),
        (
            EmailAddress,
            "Jane Doe <jane@example.org>",
            Rule::DisplayName,
            Some("jane@example.org"),
        ),
        (
            EmailAddress,
            "a@example.org, b@example.org",
            Rule::SeveralValues,
            None,
        ),
        (Fqdn, "com", Rule::SingleLabel, None),
        (EmailAddress, "root@localhost", Rule::SingleLabel, None),
        (Fqdn, "example.com:25", Rule::Port, Some("example.com")),
        (Fqdn, "exa mple.com", Rule::WhiteSpace, None),
        (Fqdn, "example\u{0}.com", Rule::WhiteSpace, None),
        (
            Fqdn,
            "192.0.2.1",
            Rule::NotADomain,
            Some("192.0.2.1 with type IP Address"),
        ),
        (
            Fqdn,
            "a@example.com",
            Rule::NotADomain,
            Some("a@example.com with type Email Address"),
        ),
        (EmailAddress, "example.com", Rule::NotAnAddress, None),
        (EmailAddress, "a@b@example.com", Rule::NotAnAddress, None),
        (EmailAddress, "a..b@example.com", Rule::NotAnAddress, None),
        (EmailAddress, "\"quoted\"@example.com", Rule::NotAnAddress, None),
        (
            EmailAddress,
            "user@192.0.2.1",
            Rule::NotAnAddress,
            Some("user@[192.0.2.1]"),
        ),
        (EmailAddress, "user@[300.0.2.1]", Rule::NotAnIpAddress, None),
        (EmailAddress, long_local.as_str(), Rule::TooLong, None),
        (IpAddress, "010.0.0.1", Rule::NotAnIpAddress, None),
        (IpAddress, "example.com", Rule::NotAnIpAddress, None),
    ] {
        let refusal = Sender::parse(value, indicator_type).expect_err(value);
        assert_eq!(
            (refusal.rule(), refusal.suggestion()),
            (rule, suggestion),
            "{value}"
        );
    }
}

#[test]
fn recipients_are_addresses_alone() {
    assert_eq!(
        Recipient::parse("User@Example.com").map(|r| r.entry.as_str().to_owned()),
        Ok("User@example.com".to_owned())
    );
    for value in ["example.com", "192.0.2.1", ".*@example.com", "*@example.com", ""] {
        let refusal = Recipient::parse(value).expect_err(value);
        assert_eq!(refusal.suggestion(), None, "{value}");
    }
    let suggested = Recipient::parse("jane(at)example.com").expect_err("defanged");
    assert_eq!(suggested.suggestion(), Some("jane@example.com"));
}

#[test]
fn all_spellings_of_one_entry_have_one_key() {
    for (one, other) in [
        ("User@Example.com", "user@example.COM."),
        ("[192.0.2.1]", "192.0.2.1"),
        ("[ipv6:2001:DB8:0::1]", "2001:db8::1"),
        ("user@[IPv6:2001:DB8::1]", "user@[ipv6:2001:db8:0::1]"),
        ("bücher.example", "xn--bcher-kva.example."),
        ("::ffff:192.0.2.1", "[192.0.2.1]"),
    ] {
        assert_eq!(EntryKey::of(one), EntryKey::of(other), "{one} and {other}");
    }
    assert_ne!(EntryKey::of("a@example.com"), EntryKey::of("example.com"));
    assert_ne!(EntryKey::of("a.example.com"), EntryKey::of("example.com"));
}

#[test]
fn the_key_of_an_address_knows_its_domain() {
    assert_eq!(
        EntryKey::of("A@Example.com").domain(),
        Some(EntryKey::of("example.com"))
    );
    assert_eq!(EntryKey::of("example.com").domain(), None);
}

#[test]
fn a_value_made_to_hurt_is_refused_at_once() {
    for piece in [".", "@", "*.", "[.]", "mailto:", "<", "https://"] {
        let value = piece.repeat(100_000);
        let refusal = Sender::parse_untyped(&value).expect_err(piece);
        assert_eq!(refusal.rule(), Rule::TooLong, "{piece}");
        let value = piece.repeat(2_000 / piece.len());
        assert!(Sender::parse_untyped(&value).is_err(), "{piece}");
    }
}
