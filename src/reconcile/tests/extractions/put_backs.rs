//! What nobody wished away and is gone after an edit: put back, named, and where that fails, told loudly.

use super::*;
use crate::model::View;

const LIST_OF_FOUR: [&str; 5] = ["u1 a", "u1 k", "u1 l", "u2 a", "u3 a"];

/// Reading, edit, reading: somebody takes the pair before the third call.
fn with_thief(words: &str) -> Appliance {
    let mut appliance = holding(&LIST_OF_FOUR);
    let (recipient, sender) = pair(words);
    appliance
        .rival
        .insert(2, vec![Act::Takes(LIST, recipient, sender)]);
    appliance
}

#[test]
fn a_pair_of_the_row_that_vanished_around_an_edit_is_put_back_and_named() {
    for (thief, faults, requests, why) in [
        (
            "u1 k",
            &[][..],
            &["edit by recipient u1: k l", "append by recipient u1: k"][..],
            "at once",
        ),
        (
            "u1 k",
            &[Fault::LostBefore],
            &[
                "edit by recipient u1: k l",
                "append by recipient u1: k",
                "append by recipient u1: k",
            ],
            "again where the reply and the request were lost",
        ),
        (
            "u1 k",
            &[Fault::LostAfter],
            &["edit by recipient u1: k l", "append by recipient u1: k"],
            "not again where only the reply was lost",
        ),
        (
            "u1 k",
            &[Fault::Refused],
            &[
                "edit by recipient u1: k l",
                "append by recipient u1: k",
                "append by recipient u1: k",
            ],
            "again where it was refused",
        ),
        (
            "u2 a",
            &[],
            &["edit by recipient u1: k l"],
            "not what another row has lost",
        ),
    ] {
        let mut appliance = with_thief(thief);
        for (number, fault) in faults.iter().enumerate() {
            appliance.faults.insert(number + 1, *fault);
        }
        let settled = play(&mut appliance, wish(&["u1 a"]), limits());
        assert_eq!(sentences(&appliance), requests, "{why}");
        assert_eq!(outcomes(&settled), [Outcome::Removed], "{why}");
        assert!(settled.warnings.is_empty(), "{why}: {:?}", settled.warnings);
        let is_put_back = requests.len() > 1;
        let note = "put back: u1@example.com / k.example".to_owned();
        assert_eq!(settled.items[0].notes.contains(&note), is_put_back, "{why}");
        assert!(appliance.holds(LIST, "u1@example.com", "k.example"), "{why}");
    }
}

#[test]
fn what_an_appliance_loses_when_it_rewrites_a_row_is_put_back_in_the_view_of_the_row() {
    for (list, loses, request) in [
        (&LIST_OF_FOUR[..], "l.example", "append by recipient u1: l"),
        (
            &["u1 a", "u1 k", "u1 l", "u1 m", "u2 a", "u3 a"],
            "u3@example.com",
            "append by sender a: u3",
        ),
    ] {
        let mut appliance = holding(list);
        appliance.edits_lose = Some(loses.to_owned());
        let settled = play(&mut appliance, wish(&["u1 a"]), limits());
        assert_eq!(outcomes(&settled), [Outcome::Removed]);
        assert_eq!(sentences(&appliance)[1], request);
        assert_eq!(held(&appliance).len(), list.len() - 1);
        assert!(settled.warnings.is_empty());
    }
}

#[test]
fn a_row_that_lost_everything_is_made_anew_where_it_cannot_be_appended_to() {
    let mut appliance = holding(&["u1 a", "u1 k", "u2 a", "u3 a"]);
    appliance.append_makes_rows = false;
    appliance.edits_lose = Some("k.example".to_owned());
    let settled = play(&mut appliance, wish(&["u1 a"]), limits());
    assert_eq!(
        sentences(&appliance),
        [
            "edit by recipient u1: k",
            "append by recipient u1: k",
            "add by recipient u1: k"
        ]
    );
    assert!(settled.warnings.is_empty());
}

#[test]
fn a_pair_that_cannot_be_put_back_is_told_loudly() {
    for (is_refused, forgets_nothing_but, tries) in [(true, false, 3), (false, true, 3)] {
        let mut appliance = with_thief("u1 k");
        appliance.appends_are_refused = is_refused;
        if forgets_nothing_but {
            for number in 1..9 {
                appliance.faults.insert(number, Fault::LostBefore);
            }
        }
        let settled = play(&mut appliance, wish(&["u1 a"]), limits());
        let appends = appliance.writes.iter().filter(|write| write.verb == Verb::Append);
        assert_eq!(appends.count(), tries);
        assert_eq!(outcomes(&settled), [Outcome::Removed], "the pair itself is gone");
        assert_eq!(
            settled.items[0].notes,
            ["NOT put back: u1@example.com / k.example"]
        );
        let [warning] = settled.warnings.as_slice() else {
            panic!("one warning: {:?}", settled.warnings)
        };
        assert!(
            warning.contains("LOST") && warning.ends_with("u1@example.com / k.example"),
            "{warning}"
        );
    }
}

#[test]
fn what_cannot_be_put_back_does_not_keep_the_other_pairs() {
    let mut appliance = holding(&[
        "u1 a", "u1 k", "u1 l", "u2 b", "u2 k", "u2 m", "u3 a", "u3 b", "u4 a", "u4 b",
    ]);
    appliance.edits_lose = Some("k.example".to_owned());
    appliance.appends_are_refused = true;
    let settled = play(&mut appliance, wish(&["u1 a", "u2 b"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed; 2]);
    assert_eq!(
        settled.items[1].notes,
        ["NOT put back: u2@example.com / k.example"]
    );
    assert_eq!(settled.warnings.len(), 1);
    assert!(settled.warnings[0].contains("u1@example.com / k.example, u2@example.com / k.example"));
}

#[test]
fn what_vanished_while_nothing_was_sent_is_not_ours_to_put_back() {
    let mut appliance = with_thief("u1 k");
    appliance.faults.insert(0, Fault::Down);
    let settled = play(&mut appliance, wish(&["u1 a"]), limits());
    assert_eq!(
        sentences(&appliance),
        ["edit by recipient u1: k l", "edit by recipient u1: l"]
    );
    assert_eq!(outcomes(&settled), [Outcome::Removed]);
}

/// The one race that cannot be won, so that nobody takes it for mended: between our reading and our request
/// somebody adds to the row, and the request overwrites it unseen.
#[test]
fn a_pair_that_comes_between_the_reading_and_the_edit_is_overwritten_unseen() {
    let mut appliance = holding(&LIST_OF_FOUR);
    let (recipient, sender) = pair("u1 new");
    appliance
        .rival
        .insert(1, vec![Act::Puts(LIST, recipient.clone(), sender.clone())]);
    // Driven by hand: the change of a pair that nobody journaled is what this is about.
    let mut machine = Extraction::new(
        wish(&["u1 a"]),
        limits(),
        Journal::default(),
        Knowledge::default(),
    );
    while machine.next() != Step::Done {
        let event = match machine.next() {
            Step::Read(read) => Event::Read(appliance.view(&read)),
            Step::Write(write) => Event::Written(appliance.write(&write)),
            Step::Journal(_) | Step::Done => Event::Journaled,
        };
        machine.feed(event);
    }
    assert_eq!(outcomes(&machine.settled()), [Outcome::Removed]);
    assert!(!appliance.holds(LIST, &recipient, &sender));
    assert_eq!(appliance.writes[0].view, View::Recipient);
}

#[test]
fn a_pair_that_is_not_taken_any_more_keeps_back_no_other() {
    let mut appliance = with_thief("u1 k");
    put(&mut appliance, &["u1 m", "u4 a"]);
    let (recipient, sender) = pair("u1 l");
    appliance
        .rival
        .entry(2)
        .or_default()
        .push(Act::Takes(LIST, recipient, sender));
    appliance.bad = vec!["k.example".to_owned()];
    let settled = play(&mut appliance, wish(&["u1 a"]), limits());
    let [_, together, rest @ ..] = &sentences(&appliance)[..] else {
        panic!("{:?}", sentences(&appliance))
    };
    assert_eq!(together, "append by recipient u1: k l");
    assert_eq!(rest.last().unwrap(), "append by recipient u1: l");
    assert!(appliance.holds(LIST, "u1@example.com", "l.example"));
    assert!(
        settled.warnings[0].ends_with(": u1@example.com / k.example"),
        "{:?}",
        settled.warnings
    );
}

#[test]
fn a_wished_pair_that_had_no_turn_and_goes_with_the_others_is_ours_and_not_put_back() {
    let mut appliance = holding(&LIST_OF_FOUR);
    put(&mut appliance, &["u2 k", "u3 k"]);
    appliance.edits_lose = Some("k.example".to_owned());
    let limits = Limits {
        objects_per_run: 1,
        ..limits()
    };
    let settled = play(&mut appliance, wish(&["u1 a", "u1 k"]), limits);
    assert_eq!(outcomes(&settled), [Outcome::Removed; 2]);
    assert!(settled.items[0].notes.is_empty());
    assert_eq!(settled.items[1].notes.len(), 1, "nobody said yes to it");
    assert_eq!(settled.calls.writes, 1);
}
