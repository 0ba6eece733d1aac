//! What is refused with which sentence, and what must pass. One table per rule: each row that is there for one
//! weakness of a rule alone says so. `random.rs` holds the whole guard against a second opinion, `suffix_vectors.rs` the
//! public suffixes against the list's own test vectors; `tests/support/mutations` tries whether all these can fail.

mod configured;
mod levels;
mod networks;
mod notes;
mod random;
mod spellings;
mod suffix_vectors;

use super::{Candidate, Cleared, Guard, Passed, Refused, Rule};
use crate::model::{EntryKey, ListKind, Recipient, Sender};

fn guard() -> Guard {
    let configured = |domain: &str, origin: &str| (domain.to_owned(), origin.to_owned());
    Guard::new([
        configured("acme.example", "own_domains, doorlist.toml:31"),
        configured("mail.acme.co.uk", "own_domains, doorlist.toml:32"),
        configured("Bücher.example.", "own_domains, doorlist.toml:33"),
        configured("shop.github.io", "own_domains, doorlist.toml:34"),
        configured(
            "eu.acme.example",
            "recipient_list of block-finance, doorlist.toml:60",
        ),
        configured(
            "acme.example",
            "recipient_list of block-finance, doorlist.toml:60",
        ),
    ])
}

/// Judged for the blocklist, with nothing that somebody lets pass.
fn clear(guard: &Guard, value: &str) -> Result<Cleared<Sender>, Refused> {
    let sender = Sender::parse_untyped(value).unwrap();
    guard.clear_sender(&sender, ListKind::Blocklist, &Passed::default())
}

fn judged(value: &str) -> Result<(), Refused> {
    let sender = Sender::parse_untyped(value).unwrap();
    clear(&guard(), value).map(|cleared| {
        assert_eq!(cleared.entry(), &sender);
        assert_eq!(cleared.into_entry(), sender);
    })
}

/// Checks rows of value and sentence; none where the value must pass.
fn check(rule: Rule, rows: &[(&str, Option<&str>)]) {
    for (value, expected) in rows {
        let refused = judged(value).err();
        let sentence = refused.as_ref().map(Refused::to_string);
        assert_eq!(sentence.as_deref(), *expected, "{value}");
        assert!(
            refused.is_none_or(|refused| refused.rule() == rule),
            "{value} is refused by another rule"
        );
    }
}

#[test]
fn own_domains_are_not_listed_nor_what_is_below_or_above_them() {
    check(
        Rule::OwnDomain,
        &[
            (
                "acme.example",
                Some("own domain acme.example (own_domains, doorlist.toml:31)"),
            ),
            (
                "mx.acme.example",
                Some("subdomain of the own domain acme.example (own_domains, doorlist.toml:31)"),
            ),
            (
                "a.b.c.acme.example",
                Some("subdomain of the own domain acme.example (own_domains, doorlist.toml:31)"),
            ),
            // The nearest own domain is the one that is told.
            (
                "mx.eu.acme.example",
                Some(
                    "subdomain of the own domain eu.acme.example (recipient_list of block-finance, doorlist.toml:60)",
                ),
            ),
            (
                "acme.co.uk",
                Some("parent of the own domain mail.acme.co.uk (own_domains, doorlist.toml:32)"),
            ),
            (
                "ceo@acme.example",
                Some("address at the own domain acme.example (own_domains, doorlist.toml:31)"),
            ),
            (
                "ceo@mx.acme.example",
                Some("address at a subdomain of the own domain acme.example (own_domains, doorlist.toml:31)"),
            ),
            // Below a public suffix like any other.
            (
                "shop.github.io",
                Some("own domain shop.github.io (own_domains, doorlist.toml:34)"),
            ),
            // Somebody else's mailbox, though the domain itself is a parent of ours.
            ("ceo@acme.co.uk", None),
            ("www.acme.co.uk", None),
            // Cut in the middle of a label.
            ("notacme.example", None),
            ("me.example", None),
            ("acme.example.net", None),
            ("acme.example.evil.example", None),
            ("acme-example.example", None),
            ("acme.net", None),
            ("acme.example@evil.example", None),
        ],
    );
}

#[test]
fn a_parent_is_refused_at_any_height_up_to_the_public_suffix() {
    let guard = Guard::new([("a.b.c.acme.co.uk".to_owned(), "own_domains".to_owned())]);
    for (value, rule) in [
        ("b.c.acme.co.uk", Rule::OwnDomain),
        ("c.acme.co.uk", Rule::OwnDomain),
        ("acme.co.uk", Rule::OwnDomain),
        ("co.uk", Rule::PublicSuffix),
    ] {
        let refused = clear(&guard, value);
        assert_eq!(refused.map_err(|refused| refused.rule()), Err(rule), "{value}");
    }
}

#[test]
fn public_suffixes_are_not_listed_and_names_below_them_are() {
    check(
        Rule::PublicSuffix,
        &[
            (
                "co.uk",
                Some("public suffix co.uk (public suffix list, built in)"),
            ),
            (
                "github.io",
                Some("privately run public suffix github.io (public suffix list, built in)"),
            ),
            (
                "x@co.uk",
                Some("address at the public suffix co.uk (public suffix list, built in)"),
            ),
            (
                "x@github.io",
                Some("address at the privately run public suffix github.io (public suffix list, built in)"),
            ),
            // By the wildcard *.ck, and its exception !www.ck.
            (
                "anything.ck",
                Some("public suffix anything.ck (public suffix list, built in)"),
            ),
            ("www.ck", None),
            ("bad.co.uk", None),
            ("bad.github.io", None),
            ("x@bad.co.uk", None),
            // No list knows these top-level names, which makes them no public suffixes one label higher.
            ("bad.example", None),
            ("bad.internal", None),
            ("notco.uk", None),
        ],
    );
}

/// The parsers of senders let no such name through; the guard does not lean on them.
#[test]
fn a_bare_top_level_name_is_not_listed_whether_it_is_known_or_not() {
    for (key, sentence) in [
        ("com", "public suffix com (public suffix list, built in)"),
        (
            "x@com",
            "address at the public suffix com (public suffix list, built in)",
        ),
        ("рф", "public suffix xn--p1ai (public suffix list, built in)"),
        ("internal", "top-level name internal (built in)"),
        ("x@example", "address at the top-level name example (built in)"),
    ] {
        let key = EntryKey::of(key);
        let found = guard().find_sender(&Candidate::of(&key), ListKind::Blocklist);
        let refused = found.first().unwrap();
        assert_eq!(refused.to_string(), sentence);
        assert_eq!(refused.rule(), Rule::PublicSuffix);
    }
}

#[test]
fn whole_freemail_providers_are_not_listed_and_their_customers_are() {
    check(
        Rule::FreemailDomain,
        &[
            ("gmail.com", Some("whole freemail provider gmail.com (built in)")),
            (
                "mail.gmail.com",
                Some("subdomain of the freemail provider gmail.com (built in)"),
            ),
            (
                "yahoo.co.uk",
                Some("whole freemail provider yahoo.co.uk (built in)"),
            ),
            ("web.de", Some("whole freemail provider web.de (built in)")),
            (
                "comcast.net",
                Some("whole freemail provider comcast.net (built in)"),
            ),
            ("someone@gmail.com", None),
            ("someone@mail.gmail.com", None),
            ("mygmail.com", None),
            ("gmail.com.evil.example", None),
            ("gmail.evil.example", None),
            ("com.gmail.example", None),
        ],
    );
}

#[test]
fn an_own_domain_comes_before_every_other_rule() {
    let own = ["gmail.com", "github.io", "deep.uk.com"];
    let guard = Guard::new(own.map(|domain| (domain.to_owned(), "own_domains".to_owned())));
    for (value, rule) in [
        ("gmail.com", Rule::OwnDomain),
        ("github.io", Rule::OwnDomain),
        ("someone@gmail.com", Rule::OwnDomain),
        ("user.github.io", Rule::OwnDomain),
        // A suffix above an own domain is told as the suffix that it is.
        ("uk.com", Rule::PublicSuffix),
    ] {
        let refused = clear(&guard, value);
        assert_eq!(refused.map_err(|refused| refused.rule()), Err(rule), "{value}");
    }
}

#[test]
fn without_own_domains_the_built_in_rules_still_judge() {
    let guard = Guard::new([]);
    assert!(clear(&guard, "acme.example").is_ok());
    assert!(clear(&guard, "gmail.com").is_err());
}

#[test]
fn recipients_and_removals_are_let_through() {
    let recipient = Recipient::parse("ceo@acme.example").unwrap().entry;
    let cleared = guard().clear_recipient(&recipient, ListKind::Blocklist, &Passed::default());
    assert_eq!(cleared.map(Cleared::into_entry), Ok(recipient));
    for value in ["acme.example", "co.uk", "[10.0.0.1]", "gmail.com"] {
        let sender = Sender::parse_untyped(value).unwrap();
        assert!(clear(&guard(), value).is_err());
        assert_eq!(guard().clear_removal(&sender).entry(), &sender);
    }
}

#[test]
fn every_rule_has_a_code_of_its_own_and_a_sentence_without_a_full_stop() {
    let codes = Rule::ALL.map(Rule::code);
    assert_eq!(
        codes,
        [
            "own_domain",
            "protected_address",
            "protected_network",
            "public_suffix",
            "special_network",
            "freemail_domain",
            "warninglist",
            "outside_partner_domains",
            "protected_recipient",
            "foreign_recipient",
            "pinned",
        ]
    );
    for rule in Rule::ALL {
        assert_eq!(Rule::of_code(rule.code()), Some(rule));
        assert!(!rule.explain().is_empty() && !rule.explain().ends_with('.'));
    }
}

#[test]
fn a_refusal_tells_rule_match_and_place_apart() {
    let refused = judged("mx.acme.example").unwrap_err();
    assert_eq!(refused.rule(), Rule::OwnDomain);
    assert_eq!(refused.subject(), "subdomain of the own domain acme.example");
    assert_eq!(refused.origin(), "own_domains, doorlist.toml:31");
}
