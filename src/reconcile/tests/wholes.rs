//! Whole lists: what is read, by which view, and what is never handed over in part.

use super::*;
use crate::model::View;
use crate::reconcile::{Unread, Whole};

fn read(
    appliance: &mut Appliance,
    home: View,
    knowledge: Knowledge,
) -> (Result<Vec<Pair>, Unread>, Knowledge) {
    let mut whole = Whole::new(ListKind::Blocklist, home, knowledge);
    for _ in 0..1_000 {
        match whole.next() {
            PreviewStep::Read(read) => {
                appliance.let_rival_act();
                whole.feed(appliance.view(&read));
            }
            PreviewStep::Done => {
                let read = whole.whole();
                return (read.pairs, read.knowledge);
            }
        }
    }
    panic!("the reading does not end");
}

/// So many senders, each for the same three mailboxes.
fn seed(appliance: &mut Appliance, senders: usize) {
    for number in 0..senders {
        for mailbox in ["u1@example.com", "U2@example.com", "u3@example.com"] {
            appliance.seed(ListKind::Blocklist, &[(mailbox, &format!("S{number}.example"))]);
        }
    }
}

#[test]
fn every_pair_is_read_in_its_spelling_by_the_view_that_is_shorter() {
    // (senders, view, pages of the first reading, pages of the second one)
    for (senders, home, first, second) in [
        (0, View::Sender, 1, 1),
        (5, View::Sender, 1, 1),
        (150, View::Sender, 2, 2),
        (900, View::Sender, 2, 1),
        (900, View::Recipient, 1, 1),
    ] {
        let mut appliance = Appliance::default();
        seed(&mut appliance, senders);
        let what = format!("{senders} by {home}");
        let mut knowledge = Knowledge::default();
        for calls in [first, second] {
            appliance.reads.clear();
            let (pairs, learned) = read(&mut appliance, home, knowledge);
            let mut found: Vec<_> = pairs
                .unwrap()
                .into_iter()
                .map(|pair| (pair.recipient, pair.sender))
                .collect();
            found.sort_unstable();
            let expected: Vec<_> = appliance.pairs(ListKind::Blocklist).into_iter().collect();
            assert_eq!(found, expected, "{what}");
            assert_eq!(appliance.reads.len(), calls, "{what}");
            assert!(appliance.reads.iter().all(|read| read.search.is_none()), "{what}");
            knowledge = learned;
        }
        assert_eq!(appliance.writes, [], "{what}");
    }
}

#[test]
fn a_list_that_cannot_be_proven_whole_is_unread_with_the_reason() {
    type Case = (&'static str, fn(&mut Appliance), fn(&Unread) -> bool);
    let cases: [Case; 4] = [
        (
            "it gains a row with every page",
            |appliance| appliance.restless = true,
            |unread| *unread == Unread::Moved,
        ),
        (
            "nothing answers after the first page",
            |appliance| appliance.down_from_call = Some(1),
            |unread| matches!(unread, Unread::Failed(_)),
        ),
        (
            "three reads in a row are lost",
            |appliance| appliance.read_faults = (1..4).map(|read| (read, Fault::LostBefore)).collect(),
            |unread| matches!(unread, Unread::Failed(_)),
        ),
        (
            "not let in",
            |appliance| appliance.denied = true,
            |unread| matches!(unread, Unread::Failed(_)),
        ),
    ];
    for (what, spoil, is_expected) in cases {
        let mut appliance = Appliance::default();
        for number in 0..300 {
            let pair = (&*format!("u{number}@example.com"), &*format!("s{number}.example"));
            appliance.seed(ListKind::Blocklist, &[pair]);
        }
        spoil(&mut appliance);
        let (pairs, _) = read(&mut appliance, View::Sender, Knowledge::default());
        let unread = pairs.expect_err(what);
        assert!(is_expected(&unread), "{what}: {unread:?}");
    }
}

#[test]
fn a_lost_page_is_asked_for_again_and_a_row_that_comes_meanwhile_is_in_the_list() {
    let mut appliance = Appliance::default();
    seed(&mut appliance, 150);
    for number in 0..150 {
        appliance.seed(
            ListKind::Blocklist,
            &[(&format!("v{number}@example.com"), "x.example")],
        );
    }
    appliance.read_faults = [(0, Fault::LostBefore), (2, Fault::Down)].into();
    let newcomer = appliance::Act::Puts(ListKind::Blocklist, "a@example.com".into(), "a.example".into());
    appliance.rival = [(1, vec![newcomer])].into();
    let (pairs, _) = read(&mut appliance, View::Recipient, Knowledge::default());
    assert_eq!(pairs.unwrap().len(), 150 * 3 + 150 + 1);
}

#[test]
fn pages_without_a_row_count_prove_nothing_and_a_list_that_is_too_long_is_not_kept() {
    use crate::model::{Page, ReadReply, Row};
    use crate::reconcile::WHOLE_PAIRS_MAX;
    let page = |total_count, first: usize, values: usize| {
        let row = |number| Row {
            key: format!("k{number}"),
            values: vec!["v.example".to_owned(); values],
        };
        ReadReply::Page(Page {
            total_count,
            rows: (first..first + 100).map(row).collect(),
        })
    };
    let mut whole = Whole::new(ListKind::Safelist, View::Sender, Knowledge::default());
    let mut pages = 0;
    while whole.next() != PreviewStep::Done {
        whole.feed(page(None, 0, 1));
        pages += 1;
    }
    assert_eq!(whole.whole().pairs, Err(Unread::NoRowCount));
    assert_eq!(pages, 12, "two tries of either view, three times");

    let mut whole = Whole::new(ListKind::Safelist, View::Sender, Knowledge::default());
    whole.feed(page(Some(250), 0, WHOLE_PAIRS_MAX / 100));
    assert_ne!(whole.next(), PreviewStep::Done, "as long as is read");
    let mut whole = Whole::new(ListKind::Safelist, View::Sender, Knowledge::default());
    whole.feed(page(Some(250), 0, WHOLE_PAIRS_MAX / 100 + 1));
    assert_eq!(whole.whole().pairs, Err(Unread::TooLong));
}

#[test]
fn a_reading_that_did_not_end_is_no_list() {
    let whole = Whole::new(ListKind::Blocklist, View::Sender, Knowledge::default());
    assert_eq!(whole.whole().pairs, Err(Unread::Moved));
}
