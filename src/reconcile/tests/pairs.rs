//! Additions of single pairs: what is not wished is never sent, never counted and never named, whatever goes wrong.

use super::appliance::Act;
use super::extractions::{cleared, holding, pair, sentences};
use super::*;
use crate::model::{Operation, PairKey, View};
use crate::reconcile::{ReadBack, SentBefore};
use std::collections::BTreeSet;

const LIST: ListKind = ListKind::Blocklist;

pub(super) fn present(side: View, pairs: &[&str]) -> Wish {
    let pairs: Vec<_> = pairs.iter().map(|words| pair(words)).collect();
    Wish::present_pairs(LIST, side, &cleared(&pairs))
}

pub(super) fn key(words: &str) -> PairKey {
    let (recipient, sender) = pair(words);
    Pair { recipient, sender }.key()
}

fn all(pairs: &[&str]) -> BTreeSet<(String, String)> {
    pairs.iter().map(|words| pair(words)).collect()
}

/// What is wished of five mailboxes: a for three of them, b for two, c for the last.
const STAIRS: [&str; 6] = ["u1 a", "u2 a", "u3 a", "u3 b", "u4 b", "u5 c"];

#[test]
fn requests_are_full_rectangles_of_what_is_wished_and_missing() {
    for (side, list, wished, requests, why) in [
        (
            View::Sender,
            &[][..],
            &["u1 a", "u2 a", "u1 b", "u2 b"][..],
            &["append by sender a b: u1 u2"][..],
            "a full rectangle goes at once",
        ),
        (
            View::Sender,
            &[],
            &["u1 a", "u2 b"],
            &["append by sender a: u1", "append by sender b: u2"],
            "what would name u1 b or u2 a does not",
        ),
        (
            View::Sender,
            &[],
            &STAIRS,
            &[
                "append by sender a: u1 u2 u3",
                "append by sender b: u3 u4",
                "append by sender c: u5",
            ],
            "each sender with its own mailboxes",
        ),
        (
            View::Recipient,
            &["u1 k"],
            &STAIRS,
            &[
                "append by recipient u1: a",
                "add by recipient u2: a",
                "add by recipient u3: a b",
                "add by recipient u4: b",
                "add by recipient u5: c",
            ],
            "the same by the other side",
        ),
        (
            View::Sender,
            &["u2 a", "u4 b"],
            &STAIRS,
            &[
                "append by sender a: u1 u3",
                "append by sender b: u3",
                "append by sender c: u5",
            ],
            "without what stands",
        ),
        (
            View::Sender,
            &["u1 b", "u2 b"],
            &["u1 a", "u2 a", "U1 a"],
            &["append by sender a: u1 u2"],
            "a pair that is named twice goes once",
        ),
        (View::Sender, &["u1 a", "u1 b"], &["u1 a"], &[], "it stands"),
        (View::Sender, &[], &[], &[], "nothing is wished"),
    ] {
        let mut appliance = holding(list);
        let settled = play(&mut appliance, present(side, wished), limits());
        assert_eq!(sentences(&appliance), requests, "{why}");
        let expected = all(list)
            .into_iter()
            .chain(all(wished).into_iter().map(folded))
            .collect();
        assert_eq!(appliance.pairs(LIST), expected, "{why}");
        assert!(settled.items.iter().all(|item| item.class.ok()), "{why}");
        let wanted: usize = settled.items.iter().map(|item| item.counts.wanted).sum();
        let distinct: BTreeSet<_> = all(wished).into_iter().map(folded).collect();
        assert_eq!(wanted, distinct.len(), "{why}");
    }
}

fn folded((recipient, sender): (String, String)) -> (String, String) {
    (recipient.to_lowercase(), sender.to_lowercase())
}

#[test]
fn items_come_in_the_order_in_which_they_are_named_first_and_count_their_own_pairs_alone() {
    let mut appliance = holding(&["u1 a", "u2 a", "u1 c"]);
    let wished = ["u3 c", "u1 a", "u3 a", "u2 c", "u4 a"];
    let settled = play(&mut appliance, present(View::Sender, &wished), limits());
    let told: Vec<_> = settled
        .items
        .iter()
        .map(|item| (item.counts.wanted, item.counts.already, item.counts.written))
        .collect();
    assert_eq!(told, [(2, 0, 2), (3, 1, 2)]);
    assert_eq!(settled.items[1].already, [key("u1 a")]);
    assert!(settled.items[0].already.is_empty());
    let changed = settled.items.iter().flat_map(|item| &item.changed);
    let changed: BTreeSet<_> = changed.map(|changed| changed.pair.clone()).collect();
    assert_eq!(
        changed,
        ["u3 c", "u2 c", "u3 a", "u4 a"].map(key).into_iter().collect()
    );
}

#[test]
fn limits_count_what_is_wished_and_nothing_else() {
    use Outcome::{Added, ListFull, OverCap, Partly, Waiting};
    for (objects_per_run, changed_pairs_max, list_limit, expected, why) in [
        (10, 10, None, [Added, Added, Added], "room for all"),
        (
            usize::MAX,
            usize::MAX,
            None,
            [Added, Added, Added],
            "no limit at all",
        ),
        (2, 10, None, [Added, Added, Waiting], "two senders in one run"),
        (10, 5, None, [Added, Added, OverCap], "five pairs, not fifteen"),
        (10, 3, None, [Added, OverCap, Added], "as a whole or not at all"),
        (
            10,
            10,
            Some(1),
            [Added, Partly, Added],
            "one sender for each mailbox",
        ),
        (10, 10, Some(0), [ListFull, ListFull, ListFull], "and none"),
    ] {
        // What makes the first case of three pairs and a cap true: c is alone, and fits where b does not.
        let mut appliance = holding(&[]);
        let wished = if changed_pairs_max == 3 {
            &["u1 a", "u2 a", "u3 b", "u4 b", "u5 c"][..]
        } else {
            &STAIRS
        };
        let limits = Limits {
            objects_per_run,
            changed_pairs_max,
            list_limit,
            ..limits()
        };
        let settled = play(&mut appliance, present(View::Sender, wished), limits);
        assert_eq!(outcomes(&settled), expected, "{why}");
    }
}

#[test]
fn what_is_refused_is_taken_apart_without_naming_what_is_not_wished() {
    let named = |appliance: &Appliance| -> BTreeSet<(String, String)> {
        let of = |write: &crate::model::Write| -> Vec<(String, String)> {
            let pair = |key: &String, value: &String| match write.view {
                View::Sender => (value.clone(), key.clone()),
                View::Recipient => (key.clone(), value.clone()),
            };
            let pairs = write.keys.iter();
            pairs
                .flat_map(|key| write.values.iter().map(move |value| pair(key, value)))
                .collect()
        };
        appliance.writes.iter().flat_map(of).collect()
    };
    for (bad, expected, why) in [
        (
            "a.example",
            [Outcome::RefusedByAppliance, Outcome::Added, Outcome::Added],
            "a sender",
        ),
        (
            "u3@example.com",
            [Outcome::Partly, Outcome::Partly, Outcome::Added],
            "a mailbox",
        ),
        (
            "u5@example.com",
            [Outcome::Added, Outcome::Added, Outcome::RefusedByAppliance],
            "a mailbox with one sender, which is no stored entry that would excuse it",
        ),
    ] {
        for (partial, side) in [
            (false, View::Sender),
            (true, View::Sender),
            (false, View::Recipient),
        ] {
            let mut appliance = holding(&["u1 b", "u1 c", "u9 a"]);
            appliance.bad = vec![bad.to_owned()];
            appliance.partial = partial;
            let settled = play(&mut appliance, present(side, &STAIRS), limits());
            assert!(named(&appliance).is_subset(&all(&STAIRS)), "{why}");
            assert!(settled.configuration_troubles.is_empty(), "{why}");
            if side == View::Sender {
                assert_eq!(outcomes(&settled), expected, "{why}");
            }
            let misconfigured: usize = settled.items.iter().map(|item| item.counts.misconfigured).sum();
            assert_eq!(misconfigured, 0, "{why}");
        }
    }
}

#[test]
fn many_senders_that_one_mailbox_refuses_are_refused_and_not_excused() {
    let wished = ["u1 a", "u1 b", "u1 c", "u1 d", "u2 a"];
    let mut appliance = holding(&[]);
    appliance.bad = vec!["u1@example.com".to_owned()];
    let settled = play(&mut appliance, present(View::Sender, &wished), limits());
    use Outcome::{Partly, RefusedByAppliance};
    assert_eq!(
        outcomes(&settled),
        [Partly, RefusedByAppliance, RefusedByAppliance, RefusedByAppliance]
    );
    assert!(settled.configuration_troubles.is_empty());
}

#[test]
fn a_bad_sender_is_given_up_after_its_own_roomiest_mailbox_refused_it() {
    // u6 has more room, and a is not wished for it.
    let mut appliance = holding(&[
        "u1 k", "u2 k", "u2 l", "u3 k", "u3 l", "u4 k", "u4 l", "u5 k", "u5 l",
    ]);
    appliance.bad = vec!["a.example".to_owned()];
    let wished = ["u1 a", "u2 a", "u3 a", "u4 a", "u5 a", "u1 b", "u6 c"];
    let settled = play(&mut appliance, present(View::Sender, &wished), limits());
    assert_eq!(
        outcomes(&settled),
        [Outcome::RefusedByAppliance, Outcome::Added, Outcome::Added]
    );
    let tries = sentences(&appliance);
    let alone = tries.iter().filter(|words| {
        let rest = words.split_once("sender a: ").map(|(_, mailboxes)| mailboxes);
        rest.is_some_and(|mailboxes| mailboxes != "u1" && !mailboxes.contains(' '))
    });
    assert_eq!(alone.count(), 0, "no other mailbox is asked alone: {tries:?}");
}

#[test]
fn a_pair_on_the_other_list_is_a_conflict_only_where_it_is_wished() {
    let mut appliance = holding(&[]);
    for words in ["u1 a", "u2 b"] {
        let (recipient, sender) = pair(words);
        appliance.seed(LIST.other(), &[(&recipient, &sender)]);
    }
    let settled = play(
        &mut appliance,
        present(View::Sender, &["u1 a", "u2 a", "u1 b"]),
        limits(),
    );
    assert_eq!(outcomes(&settled), [Outcome::Partly, Outcome::Added]);
    assert_eq!(settled.items[0].counts.conflict, 1);
    assert_eq!(settled.items[1].counts.wanted, 1);
}

#[test]
fn a_journal_is_read_back_for_the_wished_pairs_alone() {
    let mut appliance = holding(&["u1 a", "u2 b", "u9 b"]);
    let journal = Journal::of(["u1 a", "u1 b", "u9 b"].map(key));
    let wish = present(View::Sender, &["u1 a", "u2 b"]);
    let settled = play_again(&mut appliance, wish, limits(), journal, Knowledge::default());
    assert_eq!(outcomes(&settled), [Outcome::Added, Outcome::AlreadyPresent]);
    assert_eq!(settled.calls.writes, 0);
}

#[test]
fn what_was_sent_and_cannot_be_read_is_named_pair_by_pair() {
    let mut appliance = holding(&["u1 a"]);
    // Two readings and one write are answered.
    appliance.down_from_call = Some(3);
    let settled = play(
        &mut appliance,
        present(View::Sender, &["u1 a", "u2 a", "u3 b"]),
        Limits {
            items_per_call: 1,
            ..limits()
        },
    );
    assert_eq!(settled.items[0].unproven, [key("u2 a")]);
    assert_eq!(settled.items[0].already, [key("u1 a")]);
    assert!(settled.items[1].unproven.is_empty(), "it was not sent");
}

#[test]
fn a_deletion_names_what_is_unproven_and_claims_nothing() {
    let mut appliance = holding(&["u1 a", "u2 a", "u3 b"]);
    appliance.down_from_call = Some(2);
    let wish = Wish::absent_senders(LIST, &senders(&["a.example"]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(settled.items[0].unproven, [key("u1 a"), key("u2 a")]);
    assert!(settled.items[0].already.is_empty());

    let mut appliance = holding(&["u1 a", "u2 a"]);
    let (recipient, sender) = pair("u2 a");
    appliance
        .rival
        .insert(1, vec![Act::Takes(LIST, recipient, sender)]);
    appliance.faults.insert(0, Fault::Down);
    let wish = Wish::absent_senders(LIST, &senders(&["a.example"]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(
        (settled.items[0].counts.already, settled.items[0].counts.written),
        (1, 1)
    );
    assert!(
        settled.items[0].already.is_empty(),
        "gone by itself is nothing to claim"
    );
}

#[test]
fn pairs_that_were_sent_before_are_read_back_one_by_one_for_either_operation() {
    use Outcome::{Added, AlreadyAbsent, AlreadyPresent, NotTried, Removed};
    let wished = ["u1 a", "u2 a", "u1 b", "u2 b"];
    for (operation, expected) in [
        (Operation::Add, [Added, NotTried, AlreadyPresent, NotTried]),
        (Operation::Delete, [NotTried, Removed, NotTried, AlreadyAbsent]),
    ] {
        let mut appliance = holding(&["u1 a", "u1 b", "u3 a"]);
        let parse = |words: &str| {
            let (recipient, sender) = pair(words);
            let recipient = Recipient::parse(&recipient).unwrap().entry;
            (recipient, Sender::parse_untyped(&sender).unwrap())
        };
        let sent = SentBefore::pairs(LIST, operation, &wished.map(parse));
        let journal = Journal::of(["u1 a", "u2 a"].map(key));
        let mut machine = ReadBack::new(sent, limits(), journal, Knowledge::default(), "cancelled");
        while let PreviewStep::Read(read) = machine.next() {
            machine.feed(appliance.view(&read));
        }
        let settled = machine.settled();
        assert_eq!(outcomes(&settled), expected, "{operation:?}");
        assert!(appliance.writes.is_empty());
        let not_tried = settled.items.iter().filter(|item| item.outcome == NotTried);
        assert!(not_tried.clone().count() > 0);
        for item in not_tried {
            assert_eq!(item.detail, "cancelled");
        }
    }
}

#[test]
fn a_preview_of_single_pairs_tells_only_those() {
    let mut appliance = holding(&["u1 a"]);
    let settled = preview(
        &mut appliance,
        present(View::Sender, &["u1 a", "u2 a", "u3 b"]),
        limits(),
    );
    assert_eq!(outcomes(&settled), [Outcome::WouldAdd; 2]);
    let counts = settled.items[0].counts;
    assert_eq!((counts.wanted, counts.already, counts.would), (2, 1, 1));
}
