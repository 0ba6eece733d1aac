//! What each verb does to rows, with the knobs as they are by default; below, what the knobs make of it.

use super::super::lists::{Pair, pair};
use super::*;
use View::{Recipient as ByRecipient, Sender as BySender};

mod knobs;

fn two_recipients() -> Lists {
    Lists {
        blocklist: vec![
            pair("a@x.com", "1.com"),
            pair("b@x.com", "1.com"),
            pair("a@x.com", "2.com"),
        ],
        safelist: vec![],
    }
}

/// What the blocklist holds after a change that must succeed.
fn blocklist_after(change: &Change) -> Vec<Pair> {
    let mut lists = two_recipients();
    let decision = decide(&lists, ListName::Blocklist, change, &Knobs::default());
    assert_eq!(decision.refusal, None);
    decision.effect.carry_out(&mut lists.blocklist);
    lists.blocklist
}

#[test]
fn add_and_append_put_every_sender_on_every_recipient() {
    let change_of_four = |verb| change(verb, ByRecipient, &["c@x.com", "d@x.com"], &["1.com", "3.com"]);
    for verb in [Verb::Add, Verb::Append] {
        assert_eq!(
            blocklist_after(&change_of_four(verb))[3..],
            [
                pair("c@x.com", "1.com"),
                pair("c@x.com", "3.com"),
                pair("d@x.com", "1.com"),
                pair("d@x.com", "3.com")
            ]
        );
    }
}

#[test]
fn an_entry_named_twice_in_one_request_counts_once() {
    let twice = change(
        Verb::Append,
        BySender,
        &["c@x.com", "c@x.com"],
        &["3.com", "3.com"],
    );
    assert_eq!(blocklist_after(&twice)[3..], [pair("c@x.com", "3.com")]);
}

#[test]
fn edit_replaces_the_row_in_its_view_and_leaves_it_in_its_place() {
    for (edit, expected) in [
        (
            change(Verb::Edit, ByRecipient, &["a@x.com"], &["3.com", "2.com"]),
            vec![
                pair("a@x.com", "3.com"),
                pair("a@x.com", "2.com"),
                pair("b@x.com", "1.com"),
            ],
        ),
        (
            change(Verb::Edit, BySender, &["c@x.com"], &["1.com"]),
            vec![pair("c@x.com", "1.com"), pair("a@x.com", "2.com")],
        ),
    ] {
        assert_eq!(blocklist_after(&edit), expected);
    }
}

#[test]
fn a_refused_change_leaves_the_lists_as_they_were() {
    let half_new = change(Verb::Append, BySender, &["a@x.com", "c@x.com"], &["1.com"]);
    let decision = decide(
        &two_recipients(),
        ListName::Blocklist,
        &half_new,
        &Knobs::default(),
    );
    assert!(decision.refusal.is_some());
    assert_eq!(decision.effect, Effect::Nothing);
}

#[test]
fn delete_takes_rows_in_its_view_and_counts_only_those_that_stood() {
    for (view, keys, count, left) in [
        (ByRecipient, vec!["a@x.com"], 1, vec![pair("b@x.com", "1.com")]),
        (BySender, vec!["1.com"], 1, vec![pair("a@x.com", "2.com")]),
        (BySender, vec!["1.com", "2.com", "9.com"], 2, vec![]),
        (
            BySender,
            vec!["1.com", "1.com"],
            1,
            vec![pair("a@x.com", "2.com")],
        ),
        (
            ByRecipient,
            vec!["A@x.com", "1.com"],
            0,
            two_recipients().blocklist,
        ),
    ] {
        let mut lists = two_recipients();
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        let decision = decide_deletion(&lists, ListName::Blocklist, view, &keys, &Knobs::default());
        assert_eq!(
            (decision.total_count, decision.refusal),
            (count, None),
            "{keys:?}"
        );
        decision.effect.carry_out(&mut lists.blocklist);
        assert_eq!(lists.blocklist, left, "{keys:?}");
    }
}
