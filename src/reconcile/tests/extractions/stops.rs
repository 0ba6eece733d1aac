//! Extractions that are told to stop, at every step that they have, and those that only look: nothing more is taken
//! out, what was taken out is told, and what a row has lost by it is put back all the same.

use super::*;
use crate::model::PairKey;
use crate::reconcile::{ExtractionPreview, PreviewStep};

const WHY: &str = "the time of the run was up";
const LIST_OF_SIX: [&str; 9] = [
    "u1 a", "u1 k", "u1 l", "u2 a", "u2 k", "u2 l", "u3 a", "u3 k", "u3 l",
];
const WISHED: [&str; 3] = ["u1 a", "u2 k", "u3 l"];

fn key(words: &str) -> PairKey {
    let (recipient, sender) = pair(words);
    Pair { recipient, sender }.key()
}

/// Plays up to a step, stops there, and goes on to the end. What takes something out must not follow.
fn play_and_stop(appliance: &mut Appliance, journal: Journal, after_steps: usize) -> (Settled, bool) {
    let mut machine = Extraction::new(wish(&WISHED), limits(), journal, Knowledge::default());
    let (mut is_stopped, mut puts_back) = (false, false);
    for step in 0..20_000 {
        if step == after_steps {
            machine.stop(WHY);
            machine.stop("a second reason, which nobody hears");
            is_stopped = true;
        }
        let event = match machine.next() {
            Step::Read(read) => Event::Read(appliance.view(&read)),
            Step::Journal(_) => Event::Journaled,
            Step::Write(write) => {
                let is_put_back = matches!(write.verb, Verb::Add | Verb::Append);
                assert!(is_put_back || !is_stopped, "{write:?} after {after_steps} steps");
                puts_back |= is_put_back && is_stopped;
                Event::Written(appliance.write(&write))
            }
            Step::Done => return (machine.settled(), puts_back),
        };
        machine.feed(event);
    }
    panic!("the extraction does not end");
}

#[test]
fn whenever_it_is_stopped_nothing_more_is_taken_out_and_what_is_gone_is_told() {
    let (mut not_tried, mut removed, mut put_back) = (0, 0, 0);
    for fault in [
        None,
        Some(Fault::LostAfter),
        Some(Fault::LostBefore),
        Some(Fault::Down),
    ] {
        for loses in [None, Some("l.example")] {
            for after_steps in 0..30 {
                let mut appliance = holding(&LIST_OF_SIX);
                appliance.edits_lose = loses.map(str::to_owned);
                if let Some(fault) = fault {
                    appliance.faults.insert(1, fault);
                }
                let (settled, puts_back) = play_and_stop(&mut appliance, Journal::default(), after_steps);
                let why = format!("{fault:?}, {loses:?}, stopped after {after_steps} steps");
                for (words, item) in WISHED.iter().zip(&settled.items) {
                    let (recipient, sender) = pair(words);
                    let expected = if appliance.holds(LIST, &recipient, &sender) {
                        not_tried += 1;
                        assert_eq!(item.detail, WHY, "{why}");
                        Outcome::NotTried
                    } else {
                        removed += 1;
                        Outcome::Removed
                    };
                    assert_eq!(item.outcome, expected, "{why}: {words}");
                }
                for words in LIST_OF_SIX.iter().filter(|words| !WISHED.contains(words)) {
                    let (recipient, sender) = pair(words);
                    assert!(
                        appliance.holds(LIST, &recipient, &sender),
                        "{why}: {words} is gone"
                    );
                }
                assert!(settled.warnings.is_empty(), "{why}: {:?}", settled.warnings);
                put_back += usize::from(puts_back);
            }
        }
    }
    assert!(not_tried > 0 && removed > 0 && put_back > 0);
}

#[test]
fn what_may_have_been_sent_before_a_crash_is_read_although_it_is_stopped_at_once() {
    use Outcome::{AlreadyAbsent, NotTried, Removed};
    for (journaled, expected, reads, warnings, why) in [
        (&[][..], [NotTried; 3], 0, 0, "nothing was sent, nothing is read"),
        (
            &["u1 a"],
            [Removed, AlreadyAbsent, NotTried],
            1,
            0,
            "a pair of the wish",
        ),
        (
            &["u1 m"],
            [AlreadyAbsent, AlreadyAbsent, NotTried],
            1,
            1,
            "what was to be put back, and is not there",
        ),
        (
            &["u1 k"],
            [AlreadyAbsent, AlreadyAbsent, NotTried],
            1,
            0,
            "what was to be put back, and is there",
        ),
    ] {
        let mut appliance = holding(&["u1 k", "u3 l", "u3 k"]);
        let journal = Journal::of(journaled.iter().map(|words| key(words)));
        let machine = Extraction::new(wish(&WISHED), limits(), journal.clone(), Knowledge::default());
        assert_eq!(machine.may_have_written(), !journaled.is_empty(), "{why}");
        let (settled, _) = play_and_stop(&mut appliance, journal, 0);
        assert_eq!(outcomes(&settled), expected, "{why}");
        assert_eq!((settled.calls.reads, settled.calls.writes), (reads, 0), "{why}");
        assert_eq!(settled.warnings.len(), warnings, "{why}: {:?}", settled.warnings);
    }
}

#[test]
fn what_was_sent_and_is_not_read_yet_may_have_been_written() {
    let mut appliance = holding(&LIST_OF_SIX);
    let mut machine = Extraction::new(wish(&WISHED), limits(), Journal::default(), Knowledge::default());
    let mut told = Vec::new();
    while told.len() < 4 {
        told.push(machine.may_have_written());
        let event = match machine.next() {
            Step::Read(read) => Event::Read(appliance.view(&read)),
            Step::Journal(_) => Event::Journaled,
            Step::Write(write) => Event::Written(appliance.write(&write)),
            Step::Done => panic!("too early"),
        };
        machine.feed(event);
    }
    assert_eq!(told, [false, false, false, true], "read, journal, write, read");
    assert!(!machine.may_have_written());
}

#[test]
fn a_pair_that_was_sent_and_cannot_be_read_is_named_as_unproven() {
    let mut appliance = holding(&LIST_OF_SIX);
    appliance.down_from_call = Some(2);
    let settled = play(&mut appliance, wish(&WISHED), limits());
    assert_eq!(outcomes(&settled)[0], Outcome::Unproven);
    assert_eq!(settled.items[0].unproven, [key("u1 a")]);
    let others = settled.items[1..].iter();
    assert!(others.clone().all(|item| item.unproven.is_empty()));
    assert!(settled.items.iter().all(|item| item.already.is_empty()));
}

fn look(appliance: &mut Appliance, pairs: &[&str], limits: Limits) -> Settled {
    let mut preview = ExtractionPreview::new(wish(pairs), limits, Knowledge::default());
    for _ in 0..20_000 {
        match preview.next() {
            PreviewStep::Read(read) => preview.feed(appliance.view(&read)),
            PreviewStep::Done => return preview.settled(),
        }
    }
    panic!("the preview does not end");
}

#[test]
fn a_preview_tells_every_pair_that_would_go_and_writes_nothing() {
    use Outcome::{AlreadyAbsent, OverCap, Unreachable, Waiting, WouldRemove};
    let wished = ["u1 a", "u9 a", "u2 k", "u3 l"];
    for (limits, is_down, expected) in [
        (
            limits(),
            false,
            [WouldRemove, AlreadyAbsent, WouldRemove, WouldRemove],
        ),
        (
            Limits {
                objects_per_run: 2,
                ..limits()
            },
            false,
            [WouldRemove, AlreadyAbsent, WouldRemove, Waiting],
        ),
        (
            Limits {
                changed_pairs_max: 1,
                ..limits()
            },
            false,
            [WouldRemove, AlreadyAbsent, OverCap, OverCap],
        ),
        (limits(), true, [Unreachable; 4]),
    ] {
        let mut appliance = holding(&LIST_OF_SIX);
        appliance.down_from_call = is_down.then_some(0);
        let settled = look(&mut appliance, &wished, limits);
        assert_eq!(outcomes(&settled), expected);
        assert!(appliance.writes.is_empty());
        for item in settled.items.iter().filter(|item| item.outcome == WouldRemove) {
            assert_eq!((item.counts.would, item.mailboxes, item.changed.len()), (1, 1, 0));
            assert!(item.detail.starts_with("would be taken off"), "{}", item.detail);
        }
        if !is_down {
            assert_eq!(settled.calls.reads, 1, "it reads the list once");
        }
    }
}
