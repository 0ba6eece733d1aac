//! Looks at what stands for some senders: which pairs are found, and what a reading does not prove.

use super::*;
use crate::model::EntryKey;
use crate::reconcile::{Look, Looked};

fn look_for(appliance: &mut Appliance, senders: &[&str], recipient: Option<&str>) -> Looked {
    let mut look = Look::new(
        ListKind::Blocklist,
        senders.iter().map(|sender| EntryKey::of(sender)),
        recipient.map(EntryKey::of),
        Knowledge::default(),
    );
    for _ in 0..1_000 {
        match look.next() {
            PreviewStep::Read(read) => look.feed(appliance.view(&read)),
            PreviewStep::Done => return look.looked(),
        }
    }
    panic!("the look does not end");
}

fn found(looked: &Looked) -> Vec<(&str, &str)> {
    let pairs = looked.pairs.iter();
    pairs
        .map(|pair| (pair.recipient.as_str(), pair.sender.as_str()))
        .collect()
}

/// So many mailboxes with a sender each, and as many senders of one mailbox: more than a page in either view.
fn seed_pages(appliance: &mut Appliance, count: usize) {
    for number in 0..count {
        appliance.seed(
            ListKind::Blocklist,
            &[
                (&format!("v{number}@example.com"), "x.example"),
                ("v0@example.com", &format!("y{number}.example")),
            ],
        );
    }
}

#[test]
fn a_look_finds_what_covers_in_the_spelling_of_the_appliance_and_nothing_else() {
    type Case = (
        &'static [&'static str],
        Option<&'static str>,
        &'static [(&'static str, &'static str)],
    );
    let cases: [Case; 8] = [
        (
            &["m@bad.example", "bad.example"],
            None,
            &[
                ("u1@example.com", "M@Bad.Example"),
                ("u2@example.com", "bad.example"),
            ],
        ),
        (&["bad.example"], None, &[("u2@example.com", "bad.example")]),
        (
            &["m@bad.example", "bad.example"],
            Some("U1@EXAMPLE.com"),
            &[("u1@example.com", "M@Bad.Example")],
        ),
        (&["m@bad.example"], Some("u2@example.com"), &[]),
        (&["192.0.2.1"], None, &[("u1@example.com", "[192.0.2.1]")]),
        (
            &["[ipv6:2001:db8::1]"],
            None,
            &[("u2@example.com", "[IPv6:2001:DB8:0::1]")],
        ),
        (
            &["twice.example"],
            Some("u3@example.com"),
            &[
                ("U3@example.com", "twice.example"),
                ("u3@example.com", "Twice.example"),
            ],
        ),
        (&["sub.bad.example"], None, &[]),
    ];
    // (rows beside them, whether searches find the other case)
    for (pages, search_finds_other_case) in [(0, true), (150, true), (150, false)] {
        for (senders, recipient, expected) in cases {
            let mut appliance = Appliance {
                search_finds_other_case,
                ..Appliance::default()
            };
            appliance.seed(
                ListKind::Blocklist,
                &[
                    ("u1@example.com", "M@Bad.Example"),
                    ("u2@example.com", "bad.example"),
                    ("u1@example.com", "[192.0.2.1]"),
                    ("u2@example.com", "[IPv6:2001:DB8:0::1]"),
                    ("u3@example.com", "Twice.example"),
                    ("U3@example.com", "twice.example"),
                ],
            );
            appliance.seed(ListKind::Safelist, &[("u1@example.com", "bad.example")]);
            seed_pages(&mut appliance, pages);
            let looked = look_for(&mut appliance, senders, recipient);
            let what = format!("{senders:?} for {recipient:?} beside {pages}, {search_finds_other_case}");
            assert_eq!(found(&looked), expected, "{what}");
            assert!(looked.is_complete && looked.failure.is_none(), "{what}");
            assert_eq!(appliance.writes, [], "{what}");
        }
    }
}

#[test]
fn the_row_of_one_mailbox_is_searched_for_where_searches_can_be_believed() {
    let mut appliance = Appliance::default();
    seed_pages(&mut appliance, 950);
    appliance.seed(ListKind::Blocklist, &[("zoe@example.com", "bad.example")]);
    let looked = look_for(&mut appliance, &["bad.example"], Some("zoe@example.com"));
    assert_eq!(found(&looked), [("zoe@example.com", "bad.example")]);
    assert_eq!(appliance.reads.len(), 3, "a page, a probe, a search");
}

#[test]
fn where_a_reading_fails_what_was_seen_is_told_and_the_rest_is_not_known() {
    // (which reads fail, from which call on nothing answers, denied, restless, seen, complete, failed)
    type Case = (&'static [usize], Option<usize>, bool, bool, bool, bool, bool);
    let cases: [Case; 6] = [
        (&[0, 1], None, false, false, true, true, false),
        (&[0, 1, 2], None, false, false, false, false, true),
        (&[], Some(0), false, false, false, false, true),
        (&[], None, true, false, false, false, true),
        // The first page had it, and the second did not come.
        (&[], Some(1), false, false, true, false, true),
        (&[], None, false, true, true, false, false),
    ];
    for (number, (faults, down_from_call, denied, restless, seen, complete, failed)) in
        cases.into_iter().enumerate()
    {
        let mut appliance = Appliance {
            read_faults: faults.iter().map(|read| (*read, Fault::LostBefore)).collect(),
            down_from_call,
            denied,
            restless,
            ..Appliance::default()
        };
        seed_pages(&mut appliance, 150);
        appliance.seed(ListKind::Blocklist, &[("u1@example.com", "bad.example")]);
        let looked = look_for(&mut appliance, &["bad.example"], None);
        let expected: &[_] = if seen {
            &[("u1@example.com", "bad.example")]
        } else {
            &[]
        };
        assert_eq!(found(&looked), expected, "case {number}");
        assert_eq!(
            (looked.is_complete, looked.failure.is_some()),
            (complete, failed),
            "case {number}: {looked:?}"
        );
    }
}

#[test]
fn a_look_that_did_not_end_proves_nothing() {
    let look = Look::new(
        ListKind::Blocklist,
        [EntryKey::of("bad.example")],
        None,
        Knowledge::default(),
    );
    assert!(!look.looked().is_complete);
}
