//! Refusals, lost replies, absent appliances: what is told, and that nothing is repeated blindly.

use super::*;

#[test]
fn an_item_that_is_refused_alone_gives_its_place_back() {
    let mut appliance = Appliance {
        bad: vec!["a.example".into(), "b.example".into()],
        ..Appliance::default()
    };
    let limits = Limits {
        objects_per_run: 2,
        ..limits()
    };
    let settled = play(
        &mut appliance,
        add(&["a.example", "b.example", "c.example", "d.example"]),
        limits,
    );
    use Outcome::{Added, RefusedByAppliance};
    assert_eq!(
        outcomes(&settled),
        [RefusedByAppliance, RefusedByAppliance, Added, Added]
    );
}

#[test]
fn one_bad_item_of_fifty_stands_alone_with_the_words_of_the_appliance() {
    let mut appliance = Appliance {
        bad: vec!["s17@bad.example".into()],
        ..Appliance::default()
    };
    let wish = Wish::present_senders(ListKind::Blocklist, &numbered(50), &recipients(&[RECIPIENT]));
    let settled = play(&mut appliance, wish, limits());
    for (number, item) in settled.items.iter().enumerate() {
        let expected = if number == 17 {
            Outcome::RefusedByAppliance
        } else {
            Outcome::Added
        };
        assert_eq!(item.outcome, expected, "{number}");
    }
    assert!(
        settled.items[17].detail.contains("bad entry"),
        "{}",
        settled.items[17].detail
    );
    assert!(settled.calls.writes <= 16, "{:?}", settled.calls);
}

#[test]
fn a_lost_reply_is_settled_by_reading_and_never_by_a_blind_repeat() {
    for (fault, writes) in [(Fault::LostAfter, 1), (Fault::LostBefore, 2)] {
        let mut appliance = Appliance::default();
        appliance.faults.insert(0, fault);
        let settled = play(&mut appliance, add(&["a.example"]), limits());
        assert_eq!(outcomes(&settled), [Outcome::Added]);
        assert_eq!(appliance.writes.len(), writes, "{fault:?}");
        assert_eq!(appliance.refusals, 0, "{fault:?}");
        assert_eq!(
            settled.items[0].notes.is_empty(),
            fault == Fault::LostBefore,
            "{fault:?}"
        );
    }
}

#[test]
fn an_appliance_that_is_not_there_leaves_every_item_unreachable() {
    let mut appliance = Appliance {
        down_from_call: Some(0),
        ..Appliance::default()
    };
    let settled = play(&mut appliance, add(&["a.example", "b.example"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Unreachable; 2]);
    assert!(
        settled.items[0].detail.contains("connection refused"),
        "{}",
        settled.items[0].detail
    );
}

#[test]
fn what_was_sent_and_cannot_be_read_is_unproven_and_what_was_not_sent_is_not() {
    // Two reads, then one write of two, then nothing answers any more.
    let mut appliance = Appliance {
        down_from_call: Some(3),
        ..Appliance::default()
    };
    let limits = Limits {
        items_per_call: 1,
        ..limits()
    };
    let settled = play(&mut appliance, add(&["a.example", "b.example"]), limits);
    assert_eq!(outcomes(&settled), [Outcome::Unproven, Outcome::Unreachable]);
}

#[test]
fn an_appliance_that_does_not_let_us_in_is_asked_once() {
    let mut appliance = Appliance {
        denied: true,
        ..Appliance::default()
    };
    let settled = play(&mut appliance, add(&["a.example"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Unreachable]);
    assert!(
        settled.items[0].detail.contains("401"),
        "{}",
        settled.items[0].detail
    );
    assert_eq!(settled.calls, Calls { reads: 1, writes: 0 });
}

#[test]
fn accepted_but_not_there_is_not_believed() {
    let mut appliance = Appliance {
        forgets: true,
        ..Appliance::default()
    };
    let settled = play(&mut appliance, add(&["a.example"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::RefusedByAppliance]);
    assert_eq!(settled.items[0].detail, "accepted but not in the list");
    assert_eq!(
        settled.calls,
        Calls { reads: 4, writes: 1 },
        "two lists, read back, read back again later"
    );
}

#[test]
fn a_journaled_pair_that_is_found_present_is_ours() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[(RECIPIENT, "a.example"), (RECIPIENT, "b.example")],
    );
    let pair = Pair {
        recipient: RECIPIENT.into(),
        sender: "a.example".into(),
    };
    let journal = Journal::of([pair.key()]);
    let wish = add(&["a.example", "b.example"]);
    let settled = play_again(
        &mut appliance,
        wish,
        limits(),
        journal.clone(),
        Knowledge::default(),
    );
    assert_eq!(outcomes(&settled), [Outcome::Added, Outcome::AlreadyPresent]);

    let mut gone = Appliance {
        down_from_call: Some(0),
        ..Appliance::default()
    };
    let settled = play_again(
        &mut gone,
        add(&["a.example", "b.example"]),
        limits(),
        journal,
        Knowledge::default(),
    );
    assert_eq!(outcomes(&settled), [Outcome::Unproven, Outcome::Unreachable]);
}
