//! How a rule is softened: by its level, for single entries that somebody lets pass. And what is pinned, which nothing
//! softens but that.

use super::configured::{judged, settings};
use crate::config::{GuardSettings, Pinned};
use crate::guard::{Guard, Level, Passed, Rule};
use crate::model::{EntryKey, ListKind, Recipient, Sender, View};
use ListKind::{Blocklist, Safelist};

#[test]
fn a_level_decides_whether_a_rule_refuses_notes_or_is_silent() {
    for (code, value, list) in [
        ("own_domain", "mx.acme.example", Blocklist),
        ("public_suffix", "co.jp", Blocklist),
        ("special_network", "10.0.0.1", Blocklist),
        ("freemail_domain", "yahoo.com", Blocklist),
        ("outside_partner_domains", "other.example", Safelist),
    ] {
        let sender = Sender::parse_untyped(value).unwrap();
        for level in Level::ALL {
            let guard = Guard::of(&GuardSettings {
                levels: [(code, level)].into(),
                ..settings()
            });
            let is_refused = judged(&guard, value, list).starts_with(code);
            let is_noted = guard
                .notes(&sender, list)
                .iter()
                .any(|note| note.starts_with("noted, not refused: "));
            assert_eq!(is_refused, level == Level::Refuse, "{code} = {level}");
            assert_eq!(is_noted, level == Level::Note, "{code} = {level}");
            let found = guard.explain_sender(&sender, list);
            let of_rule = found.iter().find(|finding| finding.refused.rule().code() == code);
            assert_eq!(
                of_rule.map(|finding| finding.level),
                Some(level),
                "{code} = {level}"
            );
        }
    }
    let guard = Guard::of(&GuardSettings {
        levels: [("foreign_recipient", Level::Note)].into(),
        ..settings()
    });
    let recipient = Recipient::parse("x@evil.example").unwrap().entry;
    assert!(
        guard
            .clear_recipient(&recipient, Blocklist, &Passed::default())
            .is_ok()
    );
    assert_eq!(
        guard.recipient_notes(&recipient),
        [
            "noted, not refused: mailbox outside your own domains, at evil.example (own_domains, doorlist.toml:9)"
        ]
    );
}

#[test]
fn every_rule_whose_level_can_be_set_is_one_of_these() {
    for code in GuardSettings::RULES_WITH_A_LEVEL {
        assert!(Rule::of_code(code).is_some(), "{code}");
    }
}

#[test]
fn what_somebody_lets_pass_is_one_rule_for_one_entry() {
    let guard = Guard::of(&settings());
    let entry = |value: &str| Sender::parse_untyped(value).unwrap();
    let passed = Passed::from_iter([(Rule::FreemailDomain, EntryKey::of("GMX.de"))]);
    let clear = |value: &str, list| guard.clear_sender(&entry(value), list, &passed).map(|_| ());
    assert_eq!(clear("gmx.de", Blocklist), Ok(()));
    assert!(clear("mail.gmx.de", Blocklist).is_err());
    assert!(clear("yahoo.com", Blocklist).is_err());
    // The next rule still judges it.
    let refused = clear("gmx.de", Safelist).unwrap_err();
    assert_eq!(refused.rule(), Rule::OutsidePartnerDomains);
}

#[test]
fn a_pin_holds_for_every_pair_that_has_what_it_names() {
    let pin = |list, recipient: Option<&str>, sender: Option<&str>, line: usize| Pinned {
        list,
        recipient: recipient.map(EntryKey::of),
        sender: sender.map(EntryKey::of),
        origin: format!("guard.pinned, doorlist.toml:{line}"),
    };
    let guard = Guard::of(&GuardSettings {
        pinned: vec![
            pin(Blocklist, Some("a@acme.example"), Some("bad.example"), 1),
            pin(Blocklist, None, Some("worse.example"), 2),
            pin(Safelist, Some("b@acme.example"), None, 3),
        ],
        ..GuardSettings::default()
    });
    for (list, recipient, sender, expected) in [
        (
            Blocklist,
            "A@acme.example",
            "BAD.example.",
            "pinned on the blocklist: bad.example for a@acme.example (guard.pinned, doorlist.toml:1)",
        ),
        (
            Blocklist,
            "b@acme.example",
            "worse.example",
            "pinned on the blocklist: worse.example (guard.pinned, doorlist.toml:2)",
        ),
        (
            Safelist,
            "b@acme.example",
            "any.example",
            "pinned on the safelist: everything of b@acme.example (guard.pinned, doorlist.toml:3)",
        ),
        (Blocklist, "b@acme.example", "bad.example", ""),
        (Safelist, "a@acme.example", "bad.example", ""),
        (Blocklist, "b@acme.example", "any.example", ""),
        (Blocklist, "a@acme.example", "x@bad.example", ""),
    ] {
        let refused = guard.pinned(list, &EntryKey::of(recipient), &EntryKey::of(sender));
        let told = refused.map_or_else(String::new, |refused| refused.to_string());
        assert_eq!(told, expected, "{list}: {recipient} {sender}");
    }
    for (list, side, entries, expected) in [
        (Blocklist, View::Sender, &["bad.example"][..], true),
        (Blocklist, View::Sender, &["other.example"], false),
        // One pin names no mailbox, so that any may have its entry.
        (Blocklist, View::Recipient, &["c@acme.example"], true),
        (Safelist, View::Sender, &["other.example"], true),
        (
            Safelist,
            View::Recipient,
            &["c@acme.example", "b@acme.example"],
            true,
        ),
        (Safelist, View::Recipient, &["c@acme.example"], false),
    ] {
        let keys: Vec<EntryKey> = entries.iter().map(|entry| EntryKey::of(entry)).collect();
        assert_eq!(
            guard.may_pin(list, side, keys.iter()),
            expected,
            "{list} {side} {entries:?}"
        );
    }
}
