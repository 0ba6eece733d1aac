//! Refusals, lost replies and absent appliances while pairs are taken out: what is told, and that nothing is repeated
//! blindly or for ever.

use super::*;
use crate::model::View;

/// One pair that is not alone in either of its rows: the shorter one is the sender's.
const BY_SENDER: [&str; 4] = ["u1 a", "u1 k", "u1 l", "u2 a"];
/// The same with the shorter row the mailbox's.
const BY_RECIPIENT: [&str; 4] = ["u1 a", "u1 k", "u2 a", "u3 a"];

#[test]
fn a_refused_edit_is_tried_again_then_by_recipient_and_then_believed() {
    use View::{Recipient as ByRecipient, Sender as BySender};
    let no_edits = "the appliance answered 400: no edits";
    for (list, refused_once, refused_by, writes, outcome, detail) in [
        (
            BY_SENDER,
            true,
            &[][..],
            &["sender", "sender"][..],
            Outcome::Removed,
            "taken off",
        ),
        (
            BY_RECIPIENT,
            true,
            &[],
            &["recipient", "recipient"],
            Outcome::Removed,
            "taken off",
        ),
        (
            BY_SENDER,
            false,
            &[BySender],
            &["sender", "sender", "recipient"],
            Outcome::Removed,
            "taken off",
        ),
        (
            BY_SENDER,
            false,
            &[BySender, ByRecipient],
            &["sender", "sender", "recipient"],
            Outcome::RefusedByAppliance,
            no_edits,
        ),
        (
            BY_RECIPIENT,
            false,
            &[ByRecipient],
            &["recipient", "recipient"],
            Outcome::RefusedByAppliance,
            no_edits,
        ),
    ] {
        let mut appliance = holding(&list);
        appliance.edits_refused_by = refused_by.to_vec();
        if refused_once {
            appliance.faults.insert(0, Fault::Refused);
        }
        let settled = play(&mut appliance, wish(&["u1 a"]), limits());
        let views: Vec<_> = appliance.writes.iter().map(|write| write.view.word()).collect();
        assert_eq!(views, writes, "{list:?} {refused_by:?}");
        assert!(appliance.writes.iter().all(|write| write.verb == Verb::Edit));
        assert_eq!(outcomes(&settled), [outcome]);
        assert!(
            settled.items[0].detail.starts_with(detail),
            "{}",
            settled.items[0].detail
        );
        assert_eq!(
            held(&appliance).len(),
            if outcome == Outcome::Removed { 3 } else { 4 }
        );
        assert_eq!(
            settled.calls.reads as usize,
            writes.len() + 1,
            "a reading before each"
        );
    }
}

#[test]
fn a_row_that_cannot_be_deleted_does_not_spoil_the_others() {
    let wished: Vec<String> = (0..8).map(|number| format!("u{number} a")).collect();
    let wished: Vec<&str> = wished.iter().map(String::as_str).collect();
    let mut appliance = holding(&wished);
    put(&mut appliance, &["u9 a"]);
    appliance.undeletable = vec![pair("u3 a").0];
    let settled = play(&mut appliance, wish(&wished), limits());
    for (number, item) in settled.items.iter().enumerate() {
        let expected = if number == 3 {
            Outcome::RefusedByAppliance
        } else {
            Outcome::Removed
        };
        assert_eq!(item.outcome, expected, "{number}: {}", item.detail);
    }
    assert!(settled.calls.writes <= 9, "{:?}", sentences(&appliance));
    assert_eq!(held(&appliance), BTreeSet::from([pair("u3 a"), pair("u9 a")]));
}

#[test]
fn a_senders_row_that_cannot_be_deleted_is_emptied_by_mailbox() {
    let mut appliance = holding(&["u1 a", "u1 k", "u2 a", "u2 k"]);
    appliance.undeletable = vec![pair("u1 a").1];
    let settled = play(&mut appliance, wish(&["u1 a", "u2 a"]), limits());
    assert_eq!(
        sentences(&appliance),
        [
            "delete by sender a",
            "delete by sender a",
            "edit by recipient u1: k",
            "edit by recipient u2: k"
        ]
    );
    assert_eq!(outcomes(&settled), [Outcome::Removed; 2]);
}

#[test]
fn a_lost_reply_is_settled_by_reading() {
    use Fault::{Down, LostAfter, LostBefore};
    use Outcome::{Removed, Unreachable};
    for (faults, writes, outcome, is_noted) in [
        (&[LostAfter][..], 1, Removed, true),
        (&[LostBefore], 2, Removed, false),
        (&[Down], 2, Removed, false),
        (&[LostBefore, LostAfter], 2, Removed, true),
        (&[LostBefore, LostBefore], 2, Unreachable, false),
        (&[Down, Down], 2, Unreachable, false),
    ] {
        for list in [&BY_SENDER[..], &BY_RECIPIENT, &["u1 a"]] {
            let mut appliance = holding(list);
            appliance.faults = faults.iter().copied().enumerate().collect();
            let settled = play(&mut appliance, wish(&["u1 a"]), limits());
            assert_eq!(outcomes(&settled), [outcome], "{faults:?}");
            assert_eq!(appliance.writes.len(), writes, "{faults:?}");
            assert_eq!(!settled.items[0].notes.is_empty(), is_noted, "{faults:?}");
            let left = list.len() - usize::from(outcome == Removed);
            assert_eq!(held(&appliance).len(), left, "{faults:?}");
        }
    }
}

#[test]
fn only_what_was_sent_and_not_read_afterwards_is_unproven() {
    use Outcome::{AlreadyAbsent, Removed, Unproven, Unreachable};
    // Reading, edit, reading, edit, reading; u9 a is not there.
    for (down_from_call, expected) in [
        (0, [Unreachable, Unreachable, Unreachable]),
        (1, [Unreachable, Unreachable, AlreadyAbsent]),
        (2, [Unproven, Unreachable, AlreadyAbsent]),
        (3, [Removed, Unreachable, AlreadyAbsent]),
        (4, [Removed, Unproven, AlreadyAbsent]),
        (5, [Removed, Removed, AlreadyAbsent]),
    ] {
        let mut appliance = holding(&["u1 a", "u1 k", "u2 a", "u2 k", "u3 a"]);
        appliance.down_from_call = Some(down_from_call);
        let settled = play(&mut appliance, wish(&["u1 a", "u2 a", "u9 a"]), limits());
        assert_eq!(outcomes(&settled), expected, "down from call {down_from_call}");
        let is_unread = expected.contains(&Unproven);
        assert_eq!(
            settled.warnings.len(),
            usize::from(is_unread),
            "{:?}",
            settled.warnings
        );
        if is_unread {
            let row = if down_from_call == 2 {
                "u1@example.com / k.example"
            } else {
                "u2@example.com / k.example"
            };
            assert!(settled.warnings[0].ends_with(row), "{:?}", settled.warnings);
        }
    }
}

#[test]
fn an_appliance_that_does_not_let_us_in_is_asked_once() {
    let mut appliance = holding(&BY_RECIPIENT);
    appliance.faults.insert(0, Fault::Denied);
    let settled = play(&mut appliance, wish(&["u1 a"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Unreachable]);
    assert!(
        settled.items[0].detail.contains("401"),
        "{}",
        settled.items[0].detail
    );
    assert_eq!((settled.calls.reads, settled.calls.writes), (1, 1));

    appliance.denied = true;
    let settled = play(&mut appliance, wish(&["u1 a"]), limits());
    assert_eq!(outcomes(&settled), [Outcome::Unreachable]);
    assert_eq!((settled.calls.reads, settled.calls.writes), (1, 0));
}

#[test]
fn accepted_but_still_there_is_not_believed() {
    for list in [&BY_SENDER[..], &BY_RECIPIENT, &["u1 a"]] {
        let mut appliance = holding(list);
        appliance.forgets = true;
        let settled = play(&mut appliance, wish(&["u1 a"]), limits());
        assert_eq!(outcomes(&settled), [Outcome::RefusedByAppliance]);
        assert_eq!(settled.items[0].detail, "accepted but still in the list");
        assert_eq!(
            (settled.calls.reads, settled.calls.writes),
            (3, 1),
            "read back, and again later"
        );
    }
}

#[test]
fn a_refused_pair_gives_its_place_back() {
    let mut appliance = holding(&["u1 a", "u2 b", "u3 c", "u1 k", "u2 k", "u3 k"]);
    appliance.undeletable = vec![pair("u1 a").1];
    appliance.edits_refused_by = vec![View::Recipient];
    let limits = Limits {
        objects_per_run: 1,
        ..limits()
    };
    let settled = play(&mut appliance, wish(&["u1 a", "u2 b", "u3 c"]), limits);
    use Outcome::{RefusedByAppliance, Removed, Waiting};
    assert_eq!(outcomes(&settled), [RefusedByAppliance, Removed, Waiting]);
}

#[test]
fn whoever_puts_a_pair_back_each_time_is_not_fought() {
    let mut appliance = holding(&BY_RECIPIENT);
    let (recipient, sender) = pair("u1 a");
    // Before each of our requests but the first, and never between a request and its reading.
    for call in (3..100).step_by(2) {
        let act = Act::Puts(LIST, recipient.clone(), sender.clone());
        appliance.rival.insert(call, vec![act]);
    }
    // Another pair keeps the extraction reading on.
    put(
        &mut appliance,
        &["u4 b", "u4 k", "u5 b", "u6 b", "u7 b", "u7 k", "u5 k"],
    );
    let settled = play(&mut appliance, wish(&["u1 a", "u4 b", "u7 b"]), limits());
    assert_eq!(
        settled.items[0].outcome,
        Outcome::NotTried,
        "{}",
        settled.items[0].detail
    );
    assert_eq!(settled.items[1].outcome, Outcome::Removed);
    assert!(settled.calls.writes < 8, "{:?}", sentences(&appliance));
}

#[test]
fn an_extraction_that_is_taken_up_again_credits_what_its_journal_names() {
    let key = |words: &str| {
        let (recipient, sender) = pair(words);
        Pair { recipient, sender }.key()
    };
    let journal = Journal::of([key("u1 a"), key("u2 k"), key("u3 k")]);
    let wished = ["u1 a", "u2 b", "u4 c"];
    let mut appliance = holding(&["u2 b", "u2 k"]);
    let settled = play_again(
        &mut appliance,
        wish(&wished),
        limits(),
        journal.clone(),
        Knowledge::default(),
    );
    use Outcome::{AlreadyAbsent, Removed, Unproven, Unreachable};
    assert_eq!(outcomes(&settled), [Removed, Removed, AlreadyAbsent]);
    assert!(
        !settled.items[0].notes.is_empty(),
        "nobody knows the reply any more"
    );
    // u2 k and u3 k were to be put back: the first one was.
    assert_eq!(settled.warnings.len(), 1);
    assert!(
        settled.warnings[0].contains("u3@example.com / k.example"),
        "{:?}",
        settled.warnings
    );
    assert!(
        !settled.warnings[0].contains("u2@example.com"),
        "{:?}",
        settled.warnings
    );

    let mut gone = Appliance {
        down_from_call: Some(0),
        ..Appliance::default()
    };
    let settled = play_again(&mut gone, wish(&wished), limits(), journal, Knowledge::default());
    assert_eq!(outcomes(&settled), [Unproven, Unreachable, Unreachable]);
    assert_eq!(settled.warnings.len(), 1);
}

#[test]
fn an_appliance_that_answers_nothing_or_refuses_everything_is_left_alone_in_the_end() {
    let mailboxes: Vec<String> = (0..170).map(|number| format!("u{number}")).collect();
    for (is_silent, tried, outcome, writes) in [
        (true, 10, Outcome::Unreachable, 20),
        (false, 150, Outcome::RefusedByAppliance, 300),
    ] {
        let mut appliance = Appliance::default();
        for mailbox in &mailboxes {
            put(
                &mut appliance,
                &[&format!("{mailbox} a"), &format!("{mailbox} k")],
            );
        }
        if is_silent {
            appliance.faults = (0..500).map(|number| (number, Fault::LostBefore)).collect();
        }
        appliance.edits_refused_by = vec![View::Recipient];
        // The sender's row is not to go whole.
        let wished: Vec<String> = mailboxes
            .iter()
            .skip(1)
            .map(|mailbox| format!("{mailbox} a"))
            .collect();
        let wished: Vec<&str> = wished.iter().map(String::as_str).collect();
        let settled = play(&mut appliance, wish(&wished), limits());
        let count = |outcome| {
            settled
                .items
                .iter()
                .filter(|item| item.outcome == outcome)
                .count()
        };
        assert_eq!((count(outcome), settled.calls.writes), (tried, writes));
        assert!(count(Outcome::NotTried) > 0 && count(Outcome::Removed) == 0);
        assert_eq!(held(&appliance).len(), 2 * mailboxes.len());
    }
}
