//! The sentence, over what stands where.

use super::*;

fn ours(run: &str) -> Ours {
    Ours {
        run: run.to_owned(),
        since: "2026-11-25T03:11:20Z".to_owned(),
        configuration: Some("block-finance".to_owned()),
        client: Some("threatq".to_owned()),
        ticket: Some("INC-1".to_owned()),
        reason: None,
        claimed_by: None,
        unproven: false,
    }
}

fn claimed(run: &str, by: &str) -> Ours {
    Ours {
        claimed_by: Some(by.to_owned()),
        ..ours(run)
    }
}

/// Nobody is told more of it.
fn hidden(run: &str) -> Ours {
    Ours {
        configuration: None,
        client: None,
        ticket: None,
        ..ours(run)
    }
}

fn pair(recipient: &str, entry: &str, ours: Option<Ours>) -> WhyPair {
    WhyPair {
        recipient: recipient.to_owned(),
        entry: entry.to_owned(),
        covers: if entry.contains('@') {
            Covering::Itself
        } else {
            Covering::Domain
        },
        ours,
        put_back_by: None,
        in_force_by: None,
    }
}

fn itself(count: usize, ours: Option<&Ours>) -> Vec<WhyPair> {
    let pairs = 0..count;
    pairs
        .map(|number| pair(&format!("u{number}@example.com"), "M@bad.example", ours.cloned()))
        .collect()
}

fn domain(from: usize, count: usize, ours: Option<&Ours>) -> Vec<WhyPair> {
    let pairs = from..from + count;
    pairs
        .map(|number| pair(&format!("u{number}@example.com"), "bad.example", ours.cloned()))
        .collect()
}

fn list(appliance: &str, list: ListKind, pairs: Vec<Vec<WhyPair>>) -> WhyList {
    WhyList {
        appliance: appliance.to_owned(),
        list,
        unread: None,
        mailboxes: 0,
        list_sync_minutes: None,
        under_way: Vec::new(),
        pairs: pairs.into_iter().flatten().collect(),
        gone: Vec::new(),
    }
}

fn blocked(appliance: &str, pairs: Vec<Vec<WhyPair>>) -> WhyList {
    list(appliance, ListKind::Blocklist, pairs)
}

fn safe(appliance: &str, pairs: Vec<Vec<WhyPair>>) -> WhyList {
    list(appliance, ListKind::Safelist, pairs)
}

fn unread(list: WhyList, words: &str) -> WhyList {
    WhyList {
        unread: Some(words.to_owned()),
        ..list
    }
}

fn hold(recipient: Option<&str>, list: Option<&str>) -> WhyHold {
    WhyHold {
        list: list.map(str::to_owned),
        recipient: recipient.map(str::to_owned),
        entry: Some("m@bad.example".to_owned()),
        text: "on hold until 2026-12-02T03:00:00Z, by alice (hold H)".to_owned(),
    }
}

fn asked(recipient: Option<&str>) -> Asked {
    let entry = |entry: &str, covers| CoveringEntry {
        entry: entry.to_owned(),
        covers,
    };
    Asked {
        value: "M@bad.example".to_owned(),
        entries: vec![
            entry("m@bad.example", Covering::Itself),
            entry("bad.example", Covering::Domain),
        ],
        recipient: recipient.map(str::to_owned),
    }
}

fn text(lists: Vec<WhyList>) -> String {
    Why::new(asked(None), None, Vec::new(), lists).text
}

#[test]
fn the_sentence_says_for_whom_by_what_and_who_put_it_there() {
    let run = ours("RUN");
    for (pairs, expected) in [
        (
            vec![itself(9, Some(&run)), domain(9, 3, None)],
            "for 12 mailboxes: 9 by itself (put there by RUN of block-finance, INC-1), 3 by bad.example (not ours)",
        ),
        (
            vec![itself(2, None), domain(1, 2, None)],
            "for 3 mailboxes: 2 by itself (not ours), 2 by bad.example (not ours), 1 of them by both",
        ),
        (
            vec![itself(1, Some(&hidden("RUN")))],
            "for u0@example.com: by itself (put there by RUN)",
        ),
        (
            vec![domain(0, 1, Some(&claimed("RUN", "LATER")))],
            "for u0@example.com: by bad.example (put there by RUN of block-finance, INC-1, asked for again by LATER)",
        ),
        // A second spelling of a mailbox is no second mailbox.
        (
            vec![
                itself(1, None),
                vec![pair("U0@EXAMPLE.com", "m@bad.example", None)],
            ],
            "for u0@example.com: by itself (not ours)",
        ),
        (
            vec![
                domain(0, 2, Some(&run)),
                domain(2, 3, Some(&hidden("OTHER"))),
                domain(5, 1, None),
            ],
            "for 6 mailboxes: 6 by bad.example (3 put there by OTHER, 2 put there by RUN of block-finance, INC-1, 1 not ours)",
        ),
        (
            (0..5)
                .map(|number| domain(number, 1, Some(&ours(&format!("RUN-{number}")))))
                .collect(),
            "for 5 mailboxes: 5 by bad.example (5 put there by 5 runs)",
        ),
    ] {
        assert_eq!(
            text(vec![blocked("esa-1", pairs), safe("esa-1", vec![])]),
            format!("m@bad.example is blocked on esa-1 {expected}")
        );
    }
}

#[test]
fn appliances_alike_are_told_together_and_the_safelist_tells_where_both_lists_have_it() {
    for (lists, expected) in [
        (
            vec![
                blocked("esa-1", vec![itself(2, None)]),
                safe("esa-1", vec![]),
                blocked("esa-2", vec![itself(2, None)]),
                safe("esa-2", vec![]),
                blocked("esa-3", vec![itself(1, None)]),
                safe("esa-3", vec![]),
            ],
            "m@bad.example is blocked on esa-1 and esa-2 for 2 mailboxes: 2 by itself (not ours); on esa-3 for u0@example.com: by itself (not ours)",
        ),
        (
            vec![
                blocked("esa-1", vec![domain(0, 2, None)]),
                safe("esa-1", vec![itself(1, None)]),
            ],
            "m@bad.example is blocked on esa-1 for 2 mailboxes: 2 by bad.example (not ours); and it is on the safelist of esa-1 for u0@example.com: by itself (not ours), which is also on its blocklist",
        ),
        (
            vec![
                blocked("esa-1", vec![domain(1, 2, None)]),
                safe("esa-1", vec![itself(2, None)]),
            ],
            "m@bad.example is blocked on esa-1 for 2 mailboxes: 2 by bad.example (not ours); and it is on the safelist of esa-1 for 2 mailboxes: 2 by itself (not ours), 1 of them also on its blocklist",
        ),
        (
            vec![blocked("esa-1", vec![]), safe("esa-1", vec![itself(1, None)])],
            "m@bad.example is on the safelist of esa-1 for u0@example.com: by itself (not ours), and no blocklist covers it",
        ),
        (
            vec![blocked("esa-1", vec![]), safe("esa-1", vec![])],
            "nothing on any list covers m@bad.example",
        ),
    ] {
        assert_eq!(text(lists), expected);
    }
}

#[test]
fn what_is_not_known_comes_first_and_nothing_is_concluded_from_it() {
    // (lists, sentence, in doubt, nothing known)
    for (lists, expected, is_in_doubt, is_unknown) in [
        (
            vec![
                blocked("esa-1", vec![itself(1, None)]),
                safe("esa-1", vec![]),
                unread(blocked("esa-2", vec![]), "no answer within 1s"),
                unread(safe("esa-2", vec![]), "not asked"),
            ],
            "NOT KNOWN for esa-2: no answer within 1s; m@bad.example is blocked on esa-1 for u0@example.com: by itself (not ours)",
            true,
            false,
        ),
        (
            vec![
                unread(blocked("esa-1", vec![itself(2, None)]), "it broke off"),
                safe("esa-1", vec![]),
            ],
            "NOT KNOWN for the blocklist of esa-1: it broke off; m@bad.example is blocked on esa-1 for at least 2 mailboxes: 2 by itself (not ours)",
            true,
            false,
        ),
        (
            vec![
                unread(blocked("esa-1", vec![]), "it broke off"),
                safe("esa-1", vec![itself(1, None)]),
            ],
            "NOT KNOWN for the blocklist of esa-1: it broke off; m@bad.example is on the safelist of esa-1 for u0@example.com: by itself (not ours)",
            true,
            false,
        ),
        (
            vec![
                blocked("esa-1", vec![]),
                unread(safe("esa-1", vec![]), "it broke off"),
            ],
            "NOT KNOWN for the safelist of esa-1: it broke off; nothing on the lists that could be read covers m@bad.example",
            true,
            false,
        ),
        (
            vec![
                unread(blocked("esa-1", vec![]), "no answer"),
                unread(safe("esa-1", vec![]), "no answer"),
                unread(blocked("esa-2", vec![]), "\u{1b}[1mrefused"),
                unread(safe("esa-2", vec![]), "refused"),
            ],
            "NOT KNOWN for esa-1: no answer; for esa-2: \\u{1b}[1mrefused",
            true,
            true,
        ),
        (vec![], "NOT KNOWN: there is no appliance to look at", true, true),
        (
            vec![blocked("esa-1", vec![]), safe("esa-1", vec![])],
            "nothing on any list covers m@bad.example",
            false,
            false,
        ),
    ] {
        let why = Why::new(asked(None), None, Vec::new(), lists);
        assert_eq!(why.text, expected);
        assert_eq!(
            (why.is_in_doubt(), why.is_unknown()),
            (is_in_doubt, is_unknown),
            "{expected}"
        );
    }
}

#[test]
fn what_is_gone_under_way_held_or_guarded_follows() {
    let gone = WhyList {
        gone: itself(1, Some(&ours("RUN"))),
        ..blocked("esa-1", vec![])
    };
    let more_gone = WhyList {
        gone: [itself(1, Some(&ours("RUN"))), domain(1, 2, Some(&ours("OTHER")))].concat(),
        ..blocked("esa-1", vec![])
    };
    let under_way = WhyList {
        under_way: vec!["RUN".to_owned()],
        ..blocked("esa-1", vec![])
    };
    let nothing = "nothing on any list covers m@bad.example";
    for (list, holds, guard, expected) in [
        (
            gone,
            vec![],
            None,
            "; somebody removed 1 pair from the blocklist of esa-1 since RUN put it there",
        ),
        (
            more_gone,
            vec![],
            None,
            "; somebody removed 3 pairs from the blocklist of esa-1 since 2 runs put them there",
        ),
        (
            under_way,
            vec![],
            None,
            "; runs are under way on esa-1, so ask again when they are done",
        ),
        (
            blocked("esa-1", vec![]),
            vec![hold(None, None)],
            Some("own domain acme.example (own_domains, doorlist.toml:31)"),
            "; m@bad.example is on hold until 2026-12-02T03:00:00Z, by alice (hold H); the guard would not list it today: own domain acme.example (own_domains, doorlist.toml:31)",
        ),
        (
            blocked("esa-1", vec![]),
            vec![hold(Some("u1@example.com"), Some("blocklist")), hold(None, None)],
            None,
            "; m@bad.example for u1@example.com (blocklist) is on hold until 2026-12-02T03:00:00Z, by alice (hold H), and 1 more hold is on it",
        ),
    ] {
        let lists = vec![list, safe("esa-1", vec![])];
        let why = Why::new(asked(None), guard.map(str::to_owned), holds, lists);
        assert_eq!(why.text, format!("{nothing}{expected}"));
    }
    let lists = vec![blocked("esa-1", vec![]), safe("esa-1", vec![])];
    let why = Why::new(asked(Some("u1@example.com")), None, Vec::new(), lists);
    assert_eq!(why.text, format!("{nothing} for u1@example.com"));
}

#[test]
fn a_document_has_no_more_than_a_thousand_pairs_and_its_numbers_count_them_all() {
    let lists = vec![
        blocked("esa-1", vec![itself(700, None)]),
        safe("esa-1", vec![]),
        WhyList {
            gone: itself(10, Some(&ours("RUN"))),
            ..blocked("esa-2", vec![itself(700, None)])
        },
        safe("esa-2", vec![]),
    ];
    let why = Why::new(asked(None), None, vec![hold(None, None); 130], lists);
    let shown: Vec<_> = why
        .lists
        .iter()
        .map(|list| (list.mailboxes, list.pairs.len(), list.gone.len()))
        .collect();
    assert_eq!(shown, [(700, 700, 0), (0, 0, 0), (700, 300, 0), (0, 0, 0)]);
    assert_eq!(
        (why.pairs_left_out, why.holds.len(), why.holds_left_out),
        (410, 100, 30)
    );
    assert!(
        why.text
            .contains("on esa-1 and esa-2 for 700 mailboxes: 700 by itself (not ours)"),
        "{}",
        why.text
    );
    let document = serde_json::to_string(&why).unwrap();
    assert!(document.starts_with("{\"text\":\""), "{}", &document[..40]);
    assert_eq!(serde_json::from_str::<Why>(&document).unwrap(), why);
}
