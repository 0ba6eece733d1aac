//! The loop played against an appliance in memory: stories first, then seeded random runs in which every
//! outcome is held against what the list really holds.

mod additions;
mod appliance;
mod caps;
mod culprits;
mod deletions;
mod extractions;
mod faults;
mod held;
mod looks;
mod pairs;
mod previews;
mod random;
mod readings;
mod stops;
mod unread;
mod wholes;

use super::{
    Calls, Caps, Event, Journal, Knowledge, Limits, Preview, PreviewStep, Reconcile, Settled, Step, Wish,
};
use crate::guard::{Cleared, Guard, Passed};
use crate::model::{ListKind, Outcome, Pair, Recipient, Sender, Verb};
use appliance::{Appliance, Fault};

const RECIPIENT: &str = "user1@example.com";

fn guard() -> Guard {
    Guard::new([])
}

fn clear(value: &str) -> Cleared<Sender> {
    guard()
        .clear_sender(
            &Sender::parse_untyped(value).unwrap(),
            ListKind::Blocklist,
            &Passed::default(),
        )
        .unwrap()
}

fn senders(values: &[&str]) -> Vec<Cleared<Sender>> {
    values.iter().map(|value| clear(value)).collect()
}

fn recipients(values: &[&str]) -> Vec<Cleared<Recipient>> {
    let parse = |value: &&str| {
        let recipient = Recipient::parse(value).unwrap().entry;
        guard()
            .clear_recipient(&recipient, ListKind::Blocklist, &Passed::default())
            .unwrap()
    };
    values.iter().map(parse).collect()
}

fn numbered(count: usize) -> Vec<Cleared<Sender>> {
    (0..count)
        .map(|number| clear(&format!("s{number}@bad.example")))
        .collect()
}

fn limits() -> Limits {
    Limits {
        objects_per_run: 100,
        items_per_call: 50,
        list_limit: None,
        changed_pairs_max: 10_000,
        caps: Caps::default(),
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

/// Drives a preview, which has no step that writes.
fn preview(appliance: &mut Appliance, wish: Wish, limits: Limits) -> Settled {
    let mut preview = Preview::new(wish, limits, Knowledge::default());
    for _ in 0..20_000 {
        match preview.next() {
            PreviewStep::Read(read) => preview.feed(appliance.view(&read)),
            PreviewStep::Done => return preview.settled(),
        }
    }
    panic!("the preview does not end");
}

fn outcomes(settled: &Settled) -> Vec<Outcome> {
    settled.items.iter().map(|item| item.outcome).collect()
}

fn add(list_of: &[&str]) -> Wish {
    Wish::present_senders(ListKind::Blocklist, &senders(list_of), &recipients(&[RECIPIENT]))
}
