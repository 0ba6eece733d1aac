//! How a list is sorted, searched, judged and cut.

use super::*;

fn arranged(pairs: &[(&str, &str)], view: View) -> Arranged {
    let pair = |(recipient, sender): &(&str, &str)| Pair {
        recipient: (*recipient).to_owned(),
        sender: (*sender).to_owned(),
    };
    let guard = Guard::new([(
        "acme.example".to_owned(),
        "own_domains, doorlist.toml:3".to_owned(),
    )]);
    Arranged::new(
        pairs.iter().map(pair).collect(),
        ListKind::Blocklist,
        view,
        &guard,
    )
}

const PAIRS: [(&str, &str); 6] = [
    ("u2@example.com", "b.example"),
    ("U1@example.com", "[192.0.2.1]"),
    ("u1@example.com", "B.example"),
    ("u1@example.com", "xn--bcher-kva.example"),
    ("u3@example.com", "x@Mail.Acme.Example"),
    ("u1@example.com", "*@wild.example"),
];

fn texts(listed: &[Listed], view: View) -> Vec<(&str, Vec<&str>)> {
    rows(listed, view)
        .map(|row| {
            let counterparts = row.iter().map(|one| one.counterpart(view).1);
            (row[0].row(view).1, counterparts.collect())
        })
        .collect()
}

#[test]
fn rows_come_in_the_order_of_their_folded_keys_and_each_spelling_is_a_row() {
    assert_eq!(
        texts(&arranged(&PAIRS, View::Sender).listed, View::Sender),
        [
            ("*@wild.example", vec!["u1@example.com"]),
            ("[192.0.2.1]", vec!["U1@example.com"]),
            ("B.example", vec!["u1@example.com"]),
            ("b.example", vec!["u2@example.com"]),
            ("x@Mail.Acme.Example", vec!["u3@example.com"]),
            ("xn--bcher-kva.example", vec!["u1@example.com"]),
        ]
    );
    assert_eq!(
        texts(&arranged(&PAIRS, View::Recipient).listed, View::Recipient),
        [
            ("U1@example.com", vec!["[192.0.2.1]"]),
            (
                "u1@example.com",
                vec!["*@wild.example", "B.example", "xn--bcher-kva.example"]
            ),
            ("u2@example.com", vec!["b.example"]),
            ("u3@example.com", vec!["x@Mail.Acme.Example"]),
        ]
    );
}

#[test]
fn a_search_finds_part_of_either_side_in_any_spelling() {
    let arranged = arranged(&PAIRS, View::Sender);
    for (text, expected) in [
        ("b.EXAMPLE", vec!["B.example", "b.example"]),
        ("192.0.2", vec!["[192.0.2.1]"]),
        ("[192", vec!["[192.0.2.1]"]),
        ("Bücher.example", vec!["xn--bcher-kva.example"]),
        ("U3@", vec!["x@Mail.Acme.Example"]),
        ("nothing", vec![]),
    ] {
        let search = Search::of(text);
        let found = arranged.listed.iter().filter(|listed| search.finds(listed));
        let found: Vec<&str> = found.map(|listed| listed.pair.sender.as_str()).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn pages_together_are_the_list_whatever_their_length_and_spellings_of_one_entry_stay_together() {
    for view in [View::Sender, View::Recipient] {
        let arranged = arranged(&PAIRS, view);
        for limit in 1..8 {
            let mut seen = Vec::new();
            let mut after: Option<String> = None;
            loop {
                let (taken, has_more) = page(&arranged.listed, view, after.as_deref(), limit);
                let keys = taken.chunk_by(|one, next| one.row(view).0 == next.row(view).0);
                assert!(
                    rows(taken, view).count() <= limit || keys.count() == 1,
                    "{view}, {limit}"
                );
                after = taken.last().map(|last| last.row(view).0.as_str().to_owned());
                seen.extend_from_slice(taken);
                if !has_more {
                    break;
                }
            }
            assert_eq!(seen, arranged.listed, "{view}, {limit}");
        }
        let (taken, has_more) = page(&arranged.listed, view, Some("~"), 5);
        assert!(taken.is_empty() && !has_more, "behind the end");
    }
}

#[test]
fn a_digest_is_the_same_for_the_same_pairs_alone() {
    let digest = |pairs: &[(&str, &str)], view| arranged(pairs, view).digest;
    let mut turned = PAIRS;
    turned.reverse();
    assert_eq!(digest(&PAIRS, View::Sender), digest(&turned, View::Recipient));
    assert_ne!(digest(&PAIRS, View::Sender), digest(&PAIRS[1..], View::Sender));
    assert_ne!(
        digest(&[("u", "ab")], View::Sender),
        digest(&[("ua", "b")], View::Sender)
    );
}

#[test]
fn every_sender_is_judged_and_what_is_no_entry_is_told_as_not_judged() {
    let arranged = arranged(&PAIRS, View::Recipient);
    let guarded: Vec<_> = arranged
        .guarded
        .iter()
        .map(|(key, guard)| (key.as_str(), guard.verdict, guard.rule.as_str()))
        .collect();
    assert_eq!(
        guarded,
        [
            ("*@wild.example", ListVerdict::NotJudged, "wildcard"),
            ("x@mail.acme.example", ListVerdict::Refused, "own_domain"),
        ]
    );
    let origin = arranged
        .guarded
        .values()
        .find_map(|guard| guard.origin.as_deref());
    assert_eq!(origin, Some("own_domains, doorlist.toml:3"));
    assert_eq!(arranged.count(ListVerdict::Refused), 1);
    assert_eq!(arranged.total, ListCounts { rows: 4, pairs: 6 });
}
