//! What is told when the list cannot be read any more: what was proven before stays told, and what was sent is
//! `unproven`, never "nothing sent".

use super::*;
use crate::model::{Page, Read, ReadReply, Row, Verdict, View};
use std::collections::BTreeMap;

/// A page of the blocklist; without a count it proves no absence.
fn page(read: &Read, senders: &[&str], is_whole: bool) -> ReadReply {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let of_this_list = senders.iter().filter(|_| read.list == ListKind::Blocklist);
    for sender in of_this_list {
        let (key, value) = match read.view {
            View::Recipient => (RECIPIENT, *sender),
            View::Sender => (*sender, RECIPIENT),
        };
        rows.entry(key.to_owned()).or_default().push(value.to_owned());
    }
    let rows: Vec<Row> = rows
        .into_iter()
        .map(|(key, values)| Row { key, values })
        .collect();
    ReadReply::Page(Page {
        total_count: is_whole.then_some(rows.len()),
        rows,
    })
}

/// Plays against readings that depend on how many writes there were, and answers to the writes.
fn play_readings(
    wish: Wish,
    mut read: impl FnMut(usize, &Read) -> ReadReply,
    write: impl Fn(usize) -> Verdict,
) -> Settled {
    let limits = Limits {
        items_per_call: 1,
        ..limits()
    };
    let mut machine = Reconcile::new(wish, limits, Journal::default(), Knowledge::default());
    let mut writes = 0;
    for _ in 0..2_000 {
        let event = match machine.next() {
            Step::Read(step) => Event::Read(read(writes, &step)),
            Step::Journal(_) => Event::Journaled,
            Step::Write(_) => {
                writes += 1;
                Event::Written(write(writes))
            }
            Step::Done => return machine.settled(),
        };
        machine.feed(event);
    }
    panic!("the loop does not end");
}

fn unclear() -> Verdict {
    Verdict::Unclear {
        words: "connection reset".into(),
    }
}

#[test]
fn a_removal_and_an_absence_that_were_proven_stay_told_when_the_list_cannot_be_read_later() {
    let names = ["a.example", "b.example", "c.example"];
    let wish = Wish::absent_senders(ListKind::Blocklist, &senders(&names));
    let read = |writes, read: &Read| match writes {
        0 => page(read, &["a.example", "b.example"], true),
        1 | 2 => page(read, &["b.example"], true),
        _ => page(read, &["b.example"], false),
    };
    let settled = play_readings(
        wish,
        read,
        |number| if number == 1 { Verdict::Done } else { unclear() },
    );
    use Outcome::{AlreadyAbsent, Removed, Unproven};
    assert_eq!(outcomes(&settled), [Removed, Unproven, AlreadyAbsent]);
    assert_eq!(settled.items[0].changed.len(), 1);
}

#[test]
fn what_was_accepted_and_could_not_be_looked_at_again_is_unproven() {
    for fails in [false, true] {
        let mut readings = 0;
        let read = |writes, read: &Read| {
            readings += usize::from(writes > 0);
            match readings {
                0 | 1 => page(read, &[], true),
                _ if fails => ReadReply::Failed(unclear()),
                _ => page(read, &[], false),
            }
        };
        let settled = play_readings(add(&["a.example"]), read, |_| Verdict::Done);
        assert_eq!(outcomes(&settled), [Outcome::Unproven]);
        assert!(
            settled.items[0]
                .detail
                .starts_with("sent, and not read afterwards")
        );
    }
}

#[test]
fn a_reading_that_is_refused_once_after_something_was_sent_is_tried_again() {
    let mut readings = 0;
    let read = |writes, read: &Read| {
        readings += usize::from(writes > 0);
        match (writes, readings) {
            (0, _) => page(read, &[], true),
            (_, 1) => ReadReply::Failed(Verdict::Refused {
                status: 404,
                words: "Not Found.".into(),
            }),
            _ => page(read, &["a.example"], true),
        }
    };
    let settled = play_readings(add(&["a.example"]), read, |_| Verdict::Done);
    assert_eq!(outcomes(&settled), [Outcome::Added]);
}

#[test]
fn one_pair_that_came_onto_the_other_list_meanwhile_blames_no_mailbox() {
    let mut appliance = Appliance::default();
    let act = super::appliance::Act::Puts(ListKind::Safelist, "u2@example.com".into(), "a.example".into());
    appliance.rival.insert(2, vec![act]);
    let names = ["u1@example.com", "u2@example.com"];
    let wish = Wish::present_senders(ListKind::Blocklist, &senders(&["a.example"]), &recipients(&names));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::Partly]);
    assert!(settled.configuration_troubles.is_empty());
}

#[test]
fn two_full_mailboxes_blame_no_stored_sender() {
    let mut appliance = Appliance {
        list_limit: Some(1),
        ..Appliance::default()
    };
    appliance.seed(
        ListKind::Blocklist,
        &[("u1@example.com", "x.example"), ("u2@example.com", "y.example")],
    );
    let names = ["u1@example.com", "u2@example.com"];
    let wish = Wish::present_recipients(ListKind::Blocklist, &recipients(&names), &senders(&["z.example"]));
    let settled = play(&mut appliance, wish, limits());
    assert_eq!(outcomes(&settled), [Outcome::RefusedByAppliance; 2]);
    assert!(
        settled.items[0].detail.contains("too many"),
        "{}",
        settled.items[0].detail
    );
    assert!(settled.configuration_troubles.is_empty());
}

#[test]
fn a_deletion_names_no_more_spellings_than_a_request_may() {
    let mut appliance = Appliance::default();
    appliance.seed(
        ListKind::Blocklist,
        &[
            ("u1@example.com", "A.example"),
            ("u2@example.com", "a.example"),
            ("u3@example.com", "b.example"),
            ("u4@example.com", "B.example"),
            ("u5@example.com", "c.example"),
        ],
    );
    let wish = Wish::absent_senders(
        ListKind::Blocklist,
        &senders(&["a.example", "b.example", "c.example"]),
    );
    let limits = Limits {
        items_per_call: 3,
        ..limits()
    };
    let settled = play(&mut appliance, wish, limits);
    assert_eq!(outcomes(&settled), [Outcome::Removed; 3]);
    let named: Vec<usize> = appliance.writes.iter().map(|write| write.keys.len()).collect();
    assert_eq!(named, [2, 3]);
}
