//! A run that is told to stop, at every step that it has: nothing more is written, and what was written is told.

use super::*;

/// Plays up to a step, stops there, and goes on to the end; what was written after the stop.
fn play_and_stop(
    appliance: &mut Appliance,
    wish: Wish,
    limits: Limits,
    after_steps: usize,
) -> (Settled, usize) {
    let mut machine = Reconcile::new(wish, limits, Journal::default(), Knowledge::default());
    let mut writes_before = appliance.writes.len();
    for step in 0..20_000 {
        if step == after_steps {
            machine.stop("the time of the run was up");
            writes_before = appliance.writes.len();
        }
        let event = match machine.next() {
            Step::Read(read) => Event::Read(appliance.view(&read)),
            Step::Journal(_) => Event::Journaled,
            Step::Write(write) => Event::Written(appliance.write(&write)),
            Step::Done if step <= after_steps => return (machine.settled(), 0),
            Step::Done => return (machine.settled(), appliance.writes.len() - writes_before),
        };
        machine.feed(event);
    }
    panic!("the loop does not end");
}

#[test]
fn whenever_it_is_stopped_nothing_more_is_written_and_what_stands_is_told() {
    let limits = Limits {
        items_per_call: 2,
        ..limits()
    };
    let mut not_tried = 0;
    for fault in [None, Some(Fault::LostAfter), Some(Fault::LostBefore)] {
        for after_steps in 0..20 {
            let mut appliance = Appliance::default();
            if let Some(fault) = fault {
                appliance.faults.insert(1, fault);
            }
            let wish = Wish::present_senders(ListKind::Blocklist, &numbered(7), &recipients(&[RECIPIENT]));
            let (settled, writes_after) = play_and_stop(&mut appliance, wish, limits.clone(), after_steps);
            assert_eq!(writes_after, 0, "{fault:?}, stopped after {after_steps} steps");
            for (number, item) in settled.items.iter().enumerate() {
                let sender = format!("s{number}@bad.example");
                let stands = appliance.holds(ListKind::Blocklist, RECIPIENT, &sender);
                let expected = if stands { Outcome::Added } else { Outcome::NotTried };
                assert_eq!(
                    item.outcome, expected,
                    "{fault:?}, stopped after {after_steps} steps, {number}"
                );
                if !stands {
                    assert_eq!(item.detail, "the time of the run was up");
                    not_tried += 1;
                }
            }
        }
    }
    assert!(not_tried > 0);
}

#[test]
fn what_may_have_been_written_before_a_crash_is_read_although_it_is_stopped_at_once() {
    let mut appliance = Appliance::default();
    let wish = add(&["a.example", "b.example"]);
    let settled = play(&mut appliance, add(&["a.example"]), limits());
    let journal = Journal::of(
        settled.items[0]
            .changed
            .iter()
            .map(|changed| changed.pair.clone()),
    );
    let mut machine = Reconcile::new(wish, limits(), journal, Knowledge::default());
    machine.stop("cancelled");
    let Step::Read(read) = machine.next() else {
        panic!("{:?}", machine.next())
    };
    machine.feed(Event::Read(appliance.view(&read)));
    assert_eq!(machine.next(), Step::Done);
    assert_eq!(outcomes(&machine.settled()), [Outcome::Added, Outcome::NotTried]);
}
