//! Single pairs taken out of rows: which request is chosen, and what stays. Shared by the stories of refusals, lost
//! replies and put-backs (`extractions/faults.rs`, `put_backs.rs`), by those that end early or only look (`stops.rs`)
//! and by the random runs (`random.rs`).

mod faults;
mod put_backs;
mod random;
mod readings;
mod stops;

use super::appliance::{Act, Appliance, Fault};
use super::{guard, limits, outcomes};
use crate::guard::Cleared;
use crate::model::{ListKind, Outcome, Pair, Recipient, Sender, Verb, Write};
use crate::reconcile::{
    AbsentPairs, Event, Extraction, Journal, Knowledge, Limits, SearchTrust, Settled, Step,
};
use std::collections::BTreeSet;

const LIST: ListKind = ListKind::Blocklist;

/// A pair as "recipient sender", without the domain of the one and the end of the other: "u1 a" is
/// u1@example.com with a.example.
pub(super) fn pair(words: &str) -> (String, String) {
    let (recipient, sender) = words.split_once(' ').unwrap();
    (format!("{recipient}@example.com"), format!("{sender}.example"))
}

pub(super) fn cleared(pairs: &[(String, String)]) -> Vec<(Cleared<Recipient>, Cleared<Sender>)> {
    let clear = |(recipient, sender): &(String, String)| {
        let recipient = Recipient::parse(recipient).unwrap().entry;
        let sender = Sender::parse_untyped(sender).unwrap();
        (guard().clear_removal(&recipient), guard().clear_removal(&sender))
    };
    pairs.iter().map(clear).collect()
}

fn wish(pairs: &[&str]) -> AbsentPairs {
    let pairs: Vec<_> = pairs.iter().map(|words| pair(words)).collect();
    AbsentPairs::new(LIST, &cleared(&pairs))
}

pub(super) fn holding(pairs: &[&str]) -> Appliance {
    let mut appliance = Appliance::default();
    put(&mut appliance, pairs);
    appliance
}

fn put(appliance: &mut Appliance, pairs: &[&str]) {
    for words in pairs {
        let (recipient, sender) = pair(words);
        appliance.seed(LIST, &[(&recipient, &sender)]);
    }
}

fn play(appliance: &mut Appliance, wish: AbsentPairs, limits: Limits) -> Settled {
    play_again(appliance, wish, limits, Journal::default(), Knowledge::default())
}

/// Drives an extraction to its end. Whatever a request changes must have been journaled before it, but for what an
/// appliance loses by itself.
fn play_again(
    appliance: &mut Appliance,
    wish: AbsentPairs,
    limits: Limits,
    journal: Journal,
    knowledge: Knowledge,
) -> Settled {
    let mut machine = Extraction::new(wish, limits, journal, knowledge);
    let mut journaled: BTreeSet<(String, String)> = BTreeSet::new();
    for _ in 0..20_000 {
        let event = match machine.next() {
            Step::Read(read) => Event::Read(appliance.view(&read)),
            Step::Journal(pairs) => {
                assert!(!pairs.is_empty(), "a round without pairs");
                journaled = pairs
                    .into_iter()
                    .map(|pair| (pair.recipient, pair.sender))
                    .collect();
                Event::Journaled
            }
            Step::Write(write) => {
                // Nor does it name what somebody else takes away at that moment and the request brings back.
                let earlier = appliance.pairs(LIST);
                appliance.let_rival_act();
                let before = appliance.pairs(LIST);
                let verdict = appliance.write(&write);
                let after = appliance.pairs(LIST);
                let lost = appliance.edits_lose.clone().unwrap_or_default();
                let is_excused = |pair: &(String, String)| {
                    pair.0 == lost || pair.1 == lost || (earlier.contains(pair) && !before.contains(pair))
                };
                for pair in before
                    .symmetric_difference(&after)
                    .filter(|pair| !is_excused(pair))
                {
                    assert!(
                        journaled.contains(pair),
                        "{pair:?} was not journaled before {write:?}"
                    );
                }
                Event::Written(verdict)
            }
            Step::Done => return machine.settled(),
        };
        machine.feed(event);
    }
    panic!("the extraction does not end");
}

/// "delete by sender a", "edit by recipient u1: b c", without domains as in [`pair`].
fn sentence(write: &Write) -> String {
    let short = |names: &[String]| {
        let name = |name: &String| name.split(['@', '.']).next().unwrap().to_owned();
        names.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    let (verb, keys, values) = (write.verb.word(), short(&write.keys), short(&write.values));
    let colon = if values.is_empty() { "" } else { ": " };
    format!("{verb} by {} {keys}{colon}{values}", write.view)
}

pub(super) fn sentences(appliance: &Appliance) -> Vec<String> {
    appliance.writes.iter().map(sentence).collect()
}

fn held(appliance: &Appliance) -> BTreeSet<(String, String)> {
    appliance.pairs(LIST)
}

#[test]
fn rows_go_whole_where_nothing_else_is_in_them_and_else_the_shorter_row_is_rewritten() {
    for (list, wished, requests, why) in [
        (
            &["u1 a"][..],
            &["u1 a"][..],
            &["delete by recipient u1"][..],
            "the row of the mailbox is as good",
        ),
        (
            &["u1 a", "u2 a", "u3 a", "u1 k", "u2 k", "u3 k"],
            &["u1 a", "u2 a", "u3 a"],
            &["delete by sender a"],
            "a sender for all of its mailboxes",
        ),
        (
            &["u1 a", "u1 b", "u2 a", "u2 b", "u3 a", "u3 b", "u3 k"],
            &["u1 a", "u1 b", "u2 a", "u2 b"],
            &["delete by recipient u1 u2"],
            "mailboxes with all of their senders, in one request",
        ),
        (
            &["u1 a", "u1 b", "u2 a", "u2 k"],
            &["u1 a", "u1 b", "u2 a"],
            &["delete by sender a b"],
            "by the side of which one request takes more pairs",
        ),
        (
            &["u1 a", "u1 k", "u2 a", "u2 k"],
            &["u1 a"],
            &["edit by recipient u1: k"],
            "of rows of one length, that of the mailbox",
        ),
        (
            &["u1 a", "u1 k", "u1 l", "u2 a"],
            &["u1 a"],
            &["edit by sender a: u2"],
            "the shorter row is the sender's",
        ),
        (
            &["u1 a", "u1 b", "u1 k", "u2 a", "u2 b", "u2 k", "u3 a", "u3 b"],
            &["u1 a", "u1 b"],
            &["edit by recipient u1: k"],
            "everything wished of a row goes at once",
        ),
        (
            &["u1 a", "u1 k", "u2 a", "u2 b"],
            &["u1 a", "u2 b"],
            &["delete by sender b", "edit by recipient u1: k"],
            "whole rows come first",
        ),
        (
            &[
                "u1 A", "u1 a", "U1 a", "u1 k", "U1 l", "u2 a", "u2 A", "u3 a", "u3 A",
            ],
            &["u1 a"],
            &["edit by recipient U1: l", "edit by recipient u1: k"],
            "every spelling goes, each in its row",
        ),
        (&["u2 a", "u1 b"], &["u1 a"], &[], "it is not there"),
    ] {
        let mut appliance = holding(list);
        let settled = play(&mut appliance, wish(wished), limits());
        assert_eq!(sentences(&appliance), requests, "{why}");
        let expected = if requests.is_empty() {
            Outcome::AlreadyAbsent
        } else {
            Outcome::Removed
        };
        assert!(
            outcomes(&settled).iter().all(|outcome| *outcome == expected),
            "{why}"
        );
        assert!(settled.warnings.is_empty(), "{why}: {:?}", settled.warnings);
        let folded =
            |(recipient, sender): &(String, String)| (recipient.to_lowercase(), sender.to_lowercase());
        let wished: BTreeSet<_> = wished.iter().map(|words| pair(words)).collect();
        let kept = list.iter().map(|words| pair(words));
        let kept: BTreeSet<_> = kept.filter(|pair| !wished.contains(&folded(pair))).collect();
        assert_eq!(held(&appliance), kept, "{why}");
    }
}

#[test]
fn rows_beyond_the_items_of_one_call_go_in_the_next_one() {
    let mut appliance = holding(&[
        "u1 a", "u1 b", "u2 a", "u2 b", "u3 a", "u3 b", "u4 a", "u4 b", "u4 k",
    ]);
    let limits = Limits {
        items_per_call: 2,
        ..limits()
    };
    let all = ["u1 a", "u1 b", "u2 a", "u2 b", "u3 a", "u3 b"];
    let settled = play(&mut appliance, wish(&all), limits);
    assert_eq!(
        sentences(&appliance),
        ["delete by recipient u1 u2", "delete by recipient u3"]
    );
    assert_eq!(outcomes(&settled), [Outcome::Removed; 6]);
    assert_eq!(
        settled.calls.reads, 3,
        "one reading before each request, which is the one after the last"
    );
}

#[test]
fn what_has_no_place_in_this_run_keeps_its_row() {
    use Outcome::{AlreadyAbsent, OverCap, Removed, Waiting};
    for (objects_per_run, changed_pairs_max, expected) in [
        (10, 10, [AlreadyAbsent, Removed, Removed, Removed]),
        (2, 10, [AlreadyAbsent, Removed, Removed, Waiting]),
        (10, 1, [AlreadyAbsent, Removed, OverCap, OverCap]),
        (2, 0, [AlreadyAbsent, OverCap, OverCap, OverCap]),
    ] {
        let all = [
            "u1 a", "u1 b", "u1 c", "u2 a", "u2 b", "u2 c", "u4 a", "u4 b", "u4 c",
        ];
        let mut appliance = holding(&all);
        let limits = Limits {
            objects_per_run,
            changed_pairs_max,
            ..limits()
        };
        let wished = ["u3 a", "u1 a", "u1 b", "u1 c"];
        let settled = play(&mut appliance, wish(&wished), limits);
        assert_eq!(outcomes(&settled), expected);
        let removed = expected.iter().filter(|outcome| **outcome == Removed).count();
        assert_eq!(held(&appliance).len(), all.len() - removed);
        assert!(appliance.writes.len() <= 1, "{:?}", appliance.writes);
    }
}

#[test]
fn a_pair_that_is_named_twice_is_sent_once_and_answered_twice() {
    let mut appliance = holding(&["u1 a", "u1 k", "u2 a"]);
    let settled = play(&mut appliance, wish(&["u1 a", "u1 a"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed; 2]);
    assert_eq!(settled.calls.writes, 1);
}

#[test]
fn a_wish_for_nothing_asks_nothing() {
    let mut appliance = holding(&["u1 a"]);
    let settled = play(&mut appliance, wish(&[]), limits());
    assert_eq!((settled.items.len(), settled.calls.reads), (0, 0));
}
