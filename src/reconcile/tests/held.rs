//! Pairs on hold: not sent, told as `held` in the words that came with them, unless they stand already.

use super::extractions::{holding, sentences};
use super::pairs::{key, present};
use super::*;
use crate::model::{Class, PairKey, View};
use std::collections::BTreeMap;

const WORDS: &str = "held by undo of run-1 until Friday";

fn held(pairs: &[&str]) -> BTreeMap<PairKey, String> {
    pairs.iter().map(|words| (key(words), WORDS.to_owned())).collect()
}

/// Two senders for two mailboxes.
fn square() -> Wish {
    Wish::present_senders(
        ListKind::Blocklist,
        &senders(&["a.example", "b.example"]),
        &recipients(&["u1@example.com", "u2@example.com"]),
    )
}

#[test]
fn a_held_pair_is_not_sent_and_told_in_the_words_of_its_hold() {
    use Outcome::{Added, AlreadyPresent, Held, Partly};
    for (list, holds, requests, expected, why) in [
        (
            &[][..],
            &[][..],
            &["append by sender a b: u1 u2"][..],
            [Added, Added],
            "none is held",
        ),
        (
            &[],
            &["u1 a"],
            &["append by sender a: u2", "append by sender b: u1 u2"],
            [Partly, Added],
            "the rest goes",
        ),
        (
            &[],
            &["u1 a", "u2 a"],
            &["append by sender b: u1 u2"],
            [Held, Added],
            "nothing of a goes",
        ),
        (
            &["u1 a"],
            &["u1 a", "u2 a"],
            &["append by sender b: u1 u2"],
            [Partly, Added],
            "one stands already, and stays",
        ),
        (
            &["u1 a", "u2 a"],
            &["u1 a", "u2 a"],
            &["append by sender b: u1 u2"],
            [AlreadyPresent, Added],
            "what stands is not held",
        ),
        (
            &[],
            &["u1 a", "u2 a", "u1 b", "u2 b"],
            &[],
            [Held, Held],
            "no write at all",
        ),
        (
            &[],
            &["u9 a", "u1 z"],
            &["append by sender a b: u1 u2"],
            [Added, Added],
            "others are",
        ),
    ] {
        let mut appliance = holding(list);
        let settled = play(&mut appliance, square().without(&held(holds)), limits());
        assert_eq!(sentences(&appliance), requests, "{why}");
        assert_eq!(outcomes(&settled), expected, "{why}");
        for item in &settled.items {
            assert!(item.counts.adds_up() && item.counts.wanted == 2, "{why}");
            let named = item.examples.iter().filter(|example| example.outcome == Held);
            assert_eq!(named.clone().count(), item.counts.held, "{why}");
            for example in named {
                assert_eq!(example.detail, WORDS, "{why}");
            }
            if item.counts.held > 0 {
                assert_eq!(item.class, Class::Refused, "{why}");
                assert!(item.detail.ends_with(WORDS), "{why}: {}", item.detail);
            }
        }
        let mut appliance = holding(list);
        let looked = preview(&mut appliance, square().without(&held(holds)), limits());
        for (item, would) in settled.items.iter().zip(&looked.items) {
            assert_eq!(
                item.counts.held, would.counts.held,
                "a preview tells the same: {why}"
            );
        }
    }
}

#[test]
fn what_is_held_takes_no_place_no_room_and_no_share_of_a_cap() {
    use Outcome::{Added, Held};
    for (limits, why) in [
        (
            Limits {
                objects_per_run: 1,
                ..limits()
            },
            "a place",
        ),
        (
            Limits {
                changed_pairs_max: 2,
                ..limits()
            },
            "a share",
        ),
        (
            Limits {
                list_limit: Some(1),
                ..limits()
            },
            "room",
        ),
    ] {
        let mut appliance = holding(&[]);
        let settled = play(&mut appliance, square().without(&held(&["u1 a", "u2 a"])), limits);
        assert_eq!(outcomes(&settled), [Held, Added], "{why}");
    }
}

#[test]
fn an_item_whose_rest_was_refused_gives_its_place_back_although_a_pair_of_it_is_held() {
    let mut appliance = holding(&[]);
    appliance.bad = vec!["a.example".to_owned()];
    let limits = Limits {
        objects_per_run: 1,
        ..limits()
    };
    let settled = play(&mut appliance, square().without(&held(&["u1 a"])), limits);
    assert_eq!(outcomes(&settled), [Outcome::RefusedByAppliance, Outcome::Added]);
    assert_eq!(settled.items[0].counts.held, 1);
}

#[test]
fn single_pairs_can_be_held_too() {
    let mut appliance = holding(&[]);
    let wish = present(View::Recipient, &["u1 a", "u1 b", "u2 b"]).without(&held(&["u1 b", "u2 a"]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Partly, Outcome::Added]);
    assert_eq!(
        sentences(&appliance),
        ["add by recipient u1: a", "add by recipient u2: b"]
    );
}

#[test]
fn what_was_sent_before_the_hold_came_is_read_back_and_ours() {
    for (list, expected) in [
        (&["u1 a", "u2 a"][..], [Outcome::Added, Outcome::NotTried]),
        (&[], [Outcome::Held, Outcome::NotTried]),
    ] {
        let mut appliance = holding(list);
        let wish = square().without(&held(&["u1 a", "u2 a"]));
        let journal = Journal::of(["u1 a", "u2 a"].map(key));
        let mut machine = Reconcile::new(wish, limits(), journal, Knowledge::default());
        machine.stop("cancelled");
        while let Step::Read(read) = machine.next() {
            machine.feed(Event::Read(appliance.view(&read)));
        }
        assert_eq!(outcomes(&machine.settled()), expected);
    }
}

#[test]
fn nobody_says_held_of_a_list_that_was_not_read() {
    let mut appliance = holding(&["u1 a"]);
    appliance.down_from_call = Some(0);
    let settled = play(
        &mut appliance,
        square().without(&held(&["u1 a", "u2 a"])),
        limits(),
    );
    assert_eq!(outcomes(&settled), [Outcome::Unreachable; 2]);

    // The other list is read second; that the pair is not on this one is known by then.
    let mut appliance = holding(&[]);
    appliance.down_from_call = Some(1);
    let settled = play(
        &mut appliance,
        square().without(&held(&["u1 a", "u2 a"])),
        limits(),
    );
    assert_eq!(outcomes(&settled), [Outcome::Held, Outcome::Unreachable]);
}

#[test]
fn a_hold_is_nothing_to_a_deletion() {
    let mut appliance = holding(&["u1 a"]);
    let wish = Wish::absent_senders(ListKind::Blocklist, &senders(&["a.example"]));
    let settled = play(&mut appliance, wish.without(&held(&["u1 a"])), limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed]);
}
