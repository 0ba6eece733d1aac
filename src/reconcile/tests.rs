//! The loop played against an appliance in memory: stories first, then seeded random runs in which every
//! outcome is held against what the list really holds.

mod appliance;
mod random;

use super::*;
use crate::model::{ListKind, Outcome, Recipient, Sender, Verb};
use appliance::{Appliance, Fault};

const RECIPIENT: &str = "user1@example.com";

fn senders(values: &[&str]) -> Vec<Sender> {
    values
        .iter()
        .map(|value| Sender::parse_untyped(value).unwrap())
        .collect()
}

fn recipients(values: &[&str]) -> Vec<Recipient> {
    values
        .iter()
        .map(|value| Recipient::parse(value).unwrap().entry)
        .collect()
}

fn numbered(count: usize) -> Vec<Sender> {
    (0..count)
        .map(|number| Sender::parse_untyped(&format!("s{number}@bad.example")).unwrap())
        .collect()
}

fn limits() -> Limits {
    Limits {
        objects_per_run: 100,
        items_per_call: 50,
        list_limit: None,
        settle_delay_ms: 1,
    }
}

fn play(appliance: &mut Appliance, wish: Wish, limits: Limits) -> Settled {
    play_again(appliance, wish, limits, Journal::default(), Knowledge::default())
}

/// Drives the loop to its end; a loop that does not end is a failure of its own.
fn play_again(
    appliance: &mut Appliance,
    wish: Wish,
    limits: Limits,
    journal: Journal,
    knowledge: Knowledge,
) -> Settled {
    let mut machine = Reconcile::new(wish, limits, journal, knowledge);
    for _ in 0..20_000 {
        let event = match machine.next() {
            Step::Read(read) => Event::Read(appliance.view(&read)),
            Step::Journal(pairs) => {
                assert!(!pairs.is_empty(), "a round without pairs");
                Event::Journaled
            }
            Step::Write(write) => Event::Written(appliance.write(&write)),
            Step::Done => return machine.settled(),
        };
        machine.feed(event);
    }
    panic!("the loop does not end");
}

fn outcomes(settled: &Settled) -> Vec<Outcome> {
    settled.items.iter().map(|item| item.outcome).collect()
}

fn add(list_of: &[&str]) -> Wish {
    Wish::present_senders(ListKind::Blocklist, &senders(list_of), &recipients(&[RECIPIENT]))
}

#[test]
fn fifty_new_senders_for_one_mailbox_take_four_calls() {
    let mut appliance = Appliance::default();
    let wish = Wish::present_senders(ListKind::Blocklist, &numbered(50), &recipients(&[RECIPIENT]));
    let settled = play(&mut appliance, wish, limits());
    assert!(settled.items.iter().all(|item| item.outcome == Outcome::Added));
    assert_eq!(settled.calls, Calls { reads: 3, writes: 1 });
    assert_eq!(appliance.writes[0].verb, Verb::Append);
}

#[test]
fn the_same_again_writes_nothing() {
    let mut appliance = Appliance::default();
    play(&mut appliance, add(&["a.example", "b.example"]), limits());
    let settled = play(&mut appliance, add(&["A.EXAMPLE", "b.example"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::AlreadyPresent; 2]);
    assert_eq!(settled.calls, Calls { reads: 2, writes: 0 });
}

#[test]
fn a_recipient_without_a_row_is_added_and_one_with_a_row_is_appended_to() {
    let mut appliance = Appliance::default();
    appliance.seed(ListKind::Blocklist, &[(RECIPIENT, "old.example")]);
    let wish = Wish::present_recipients(
        ListKind::Blocklist,
        &recipients(&[RECIPIENT, "user2@example.com"]),
        &senders(&["new.example"]),
    );
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Added; 2]);
    let verbs: Vec<_> = appliance
        .writes
        .iter()
        .map(|write| (write.verb, write.keys.clone()))
        .collect();
    assert_eq!(
        verbs,
        [
            (Verb::Append, vec![RECIPIENT.to_owned()]),
            (Verb::Add, vec!["user2@example.com".to_owned()])
        ]
    );
    assert!(appliance.holds(ListKind::Blocklist, RECIPIENT, "old.example"));
}

#[test]
fn only_missing_pairs_are_sent_in_full_rectangles() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[("u1@example.com", "a.example"), ("u2@example.com", "b.example")],
    );
    let wish = Wish::present_senders(
        ListKind::Blocklist,
        &senders(&["a.example", "b.example", "c.example", "d.example"]),
        &recipients(&["u1@example.com", "u2@example.com"]),
    );
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Added; 4]);
    assert_eq!(settled.items[0].counts.already, 1);
    assert_eq!(
        appliance.writes.len(),
        3,
        "one for a, one for b, one for c and d together"
    );
    assert_eq!(appliance.refusals, 0);
}

#[test]
fn a_pair_on_the_other_list_is_a_conflict_and_its_domain_there_is_a_note() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Safelist,
        &[(RECIPIENT, "partner@a.example"), (RECIPIENT, "b.example")],
    );
    let settled = play(
        &mut appliance,
        add(&["partner@a.example", "news@b.example"]),
        limits(),
    );
    assert_eq!(outcomes(&settled), [Outcome::Conflict, Outcome::Added]);
    assert!(
        settled.items[1].notes[0].contains("holds its domain b.example"),
        "{:?}",
        settled.items[1].notes
    );
    assert_eq!(appliance.writes[0].keys, ["news@b.example"]);
}

#[test]
fn a_full_mailbox_is_told_before_anything_is_sent_and_does_not_stop_the_others() {
    let mut appliance = Appliance {
        list_limit: Some(3),
        ..Appliance::default()
    };
    appliance.seed(
        ListKind::Blocklist,
        &[(RECIPIENT, "x.example"), (RECIPIENT, "y.example")],
    );
    let wish = Wish::present_senders(
        ListKind::Blocklist,
        &senders(&["a.example", "b.example"]),
        &recipients(&[RECIPIENT, "empty@example.com"]),
    );
    let settled = play(
        &mut appliance,
        wish,
        Limits {
            list_limit: Some(3),
            ..limits()
        },
    );
    assert_eq!(outcomes(&settled), [Outcome::Added, Outcome::Partly]);
    assert_eq!(
        (settled.items[1].counts.written, settled.items[1].counts.full),
        (1, 1)
    );
    assert_eq!(settled.items[1].examples[0].outcome, Outcome::ListFull);
    assert_eq!(appliance.refusals, 0);
}

#[test]
fn a_row_longer_than_the_setting_proves_the_setting_wrong() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[(RECIPIENT, "x.example"), (RECIPIENT, "y.example")],
    );
    let settled = play(
        &mut appliance,
        add(&["a.example"]),
        Limits {
            list_limit: Some(1),
            ..limits()
        },
    );
    assert_eq!(outcomes(&settled), [Outcome::ListFull]);
    assert!(
        settled.warnings[0].contains("holds 2 senders"),
        "{:?}",
        settled.warnings
    );
}

#[test]
fn what_is_over_the_objects_per_run_waits_and_what_is_there_does_not_count() {
    let mut appliance = Appliance::default();
    let limits = Limits {
        objects_per_run: 2,
        ..limits()
    };
    let wish = || add(&["a.example", "b.example", "c.example", "d.example", "e.example"]);
    use Outcome::{Added, AlreadyPresent, Waiting};
    for expected in [
        [Added, Added, Waiting, Waiting, Waiting],
        [AlreadyPresent, AlreadyPresent, Added, Added, Waiting],
        [
            AlreadyPresent,
            AlreadyPresent,
            AlreadyPresent,
            AlreadyPresent,
            Added,
        ],
    ] {
        assert_eq!(outcomes(&play(&mut appliance, wish(), limits)), expected);
    }
}

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
fn one_bad_recipient_does_not_spoil_the_others() {
    let mut appliance = Appliance {
        bad: vec!["bad@example.com".into()],
        ..Appliance::default()
    };
    let wish = Wish::present_senders(
        ListKind::Blocklist,
        &numbered(8),
        &recipients(&["u1@example.com", "bad@example.com", "u2@example.com"]),
    );
    let settled = play(&mut appliance, wish, limits());
    for item in &settled.items {
        assert_eq!(item.outcome, Outcome::Partly);
        assert_eq!((item.counts.written, item.counts.refused), (2, 1));
    }
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
        settled.items[0].detail.contains("role"),
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
fn a_sender_is_deleted_for_every_recipient_in_every_spelling_the_appliance_shows() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[
            ("u1@example.com", "Bad.Example"),
            ("u2@example.com", "bad.example"),
            ("u2@example.com", "kept.example"),
        ],
    );
    let wish = Wish::absent_senders(ListKind::Blocklist, &senders(&["bad.example", "absent.example"]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed, Outcome::AlreadyAbsent]);
    assert_eq!(settled.items[0].counts.written, 2);
    assert_eq!(appliance.writes[0].keys, ["Bad.Example", "bad.example"]);
    assert_eq!(appliance.pairs(ListKind::Blocklist).len(), 1);
}

#[test]
fn a_recipient_is_deleted_with_its_whole_row() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Safelist,
        &[(RECIPIENT, "a.example"), (RECIPIENT, "b.example")],
    );
    let wish = Wish::absent_recipients(ListKind::Safelist, &recipients(&[RECIPIENT]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Removed]);
    assert_eq!(settled.items[0].counts.written, 2);
    assert_eq!(settled.calls, Calls { reads: 2, writes: 1 });
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

#[test]
fn rows_are_read_by_the_cheapest_way() {
    let many_recipients: Vec<(String, String)> = (0..950)
        .map(|n| (format!("u{n}@example.com"), format!("s{n}.example")))
        .collect();
    let one_sender: Vec<(String, String)> = (0..950)
        .map(|n| (format!("u{n}@example.com"), "s.example".into()))
        .collect();
    // (what is there, does search find the other case, reads for the first observation)
    for (pairs, search, reads, way) in [
        (
            &many_recipients,
            true,
            3,
            "a page, a probe of the search, a search",
        ),
        (
            &one_sender,
            false,
            3,
            "a page by recipient, a failed probe, one page by sender",
        ),
        (
            &many_recipients,
            false,
            12,
            "a page, a failed probe, a look at the other view, nine pages more",
        ),
    ] {
        let mut appliance = Appliance {
            search_finds_other_case: search,
            ..Appliance::default()
        };
        for (recipient, sender) in pairs {
            appliance.seed(ListKind::Blocklist, &[(recipient, sender)]);
        }
        let settled = play(&mut appliance, add(&["new.example"]), limits());
        assert_eq!(outcomes(&settled), [Outcome::Added]);
        let first = appliance
            .reads
            .iter()
            .take_while(|read| read.list == ListKind::Blocklist)
            .count();
        assert_eq!(first, reads, "{way}");
    }
}

#[test]
fn a_list_that_changes_while_it_is_paged_proves_nothing_and_nothing_is_written() {
    let mut appliance = Appliance {
        restless: true,
        search_finds_other_case: false,
        ..Appliance::default()
    };
    for number in 0..150 {
        appliance.seed(
            ListKind::Blocklist,
            &[(&format!("u{number}@example.com"), "x.example")],
        );
        appliance.seed(
            ListKind::Blocklist,
            &[("u0@example.com", &format!("s{number}.example"))],
        );
    }
    let settled = play(&mut appliance, add(&["new.example"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Unproven]);
    assert_eq!(appliance.writes.len(), 0);
    assert!(
        settled.items[0].detail.contains("kept changing"),
        "{}",
        settled.items[0].detail
    );
}
