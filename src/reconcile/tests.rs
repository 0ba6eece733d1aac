//! The loop played against an appliance in memory: stories first, then seeded random runs in which every
//! outcome is held against what the list really holds.

mod additions;
mod appliance;
mod deletions;
mod faults;
mod random;
mod readings;

use super::{Calls, Event, Journal, Knowledge, Limits, Reconcile, Settled, Step, Wish};
use crate::model::{ListKind, Outcome, Pair, Recipient, Sender, Verb};
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
