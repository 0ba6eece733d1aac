//! Caps: which of them holds something up, how each is told, and what is read to know the size of a list.

use super::super::caps::{Caps, HourCap, HourUse, ShareCap};
use super::*;
use crate::model::{EntryKey, PairKey, View};
use crate::reconcile::{AbsentPairs, Extraction, SearchTrust};
use std::time::Duration;

const LIST: ListKind = ListKind::Blocklist;

fn with(changed_pairs_max: usize, hour: Option<HourCap>, share: Option<ShareCap>) -> Limits {
    let run_table = "[configurations.one]".to_owned();
    Limits {
        changed_pairs_max,
        caps: Caps {
            run_table,
            hour,
            share,
            ..Caps::default()
        },
        ..limits()
    }
}

/// (run, pairs, seconds until they are back)
fn hour(pairs_max: usize, uses: &[(&str, usize, u64)]) -> Option<HourCap> {
    let hour_use = |(run, pairs, seconds): &(&str, usize, u64)| HourUse {
        run: (*run).to_owned(),
        pairs: *pairs,
        back_in: Duration::from_secs(*seconds),
    };
    Some(HourCap {
        pairs_max,
        table: "[guard]".to_owned(),
        uses: uses.iter().map(hour_use).collect(),
    })
}

/// Ten percent.
fn share(floor_pairs: usize) -> Option<ShareCap> {
    Some(ShareCap {
        percent_max: 10,
        percent_table: "[configurations.one]".to_owned(),
        floor_pairs,
        floor_table: "[guard]".to_owned(),
    })
}

/// Three senders for two mailboxes.
fn six_pairs() -> Wish {
    let two = recipients(&["u1@example.com", "u2@example.com"]);
    Wish::present_senders(LIST, &senders(&["a.example", "b.example", "c.example"]), &two)
}

#[test]
fn the_smallest_cap_of_an_addition_holds_up_what_passes_it_and_says_how_to_go_on() {
    let cases = [
        (
            with(5, None, None),
            2,
            "over the cap of 5 pairs added in one run (added_pairs_per_run_max under [configurations.one]): 2 pairs \
             are wanted after 4 of this run; the next call goes on, or raise it there",
        ),
        (
            with(1, None, None),
            0,
            "over the cap of 1 pair added in one run (added_pairs_per_run_max under [configurations.one]): 2 pairs \
             are wanted; no run has room for that; raise it there",
        ),
        (
            with(5, hour(20, &[("A", 10, 23 * 60)]), None),
            2,
            "over the cap of 5 pairs added in one run (",
        ),
        (
            with(5, hour(20, &[("A", 15, 60)]), None),
            2,
            "over the cap of 5 pairs added in one run (",
        ),
        (
            with(500, hour(20, &[("A", 10, 23 * 60), ("B", 5, 3000)]), None),
            2,
            "over the cap of 20 pairs added on this list within an hour (added_pairs_per_hour_max under [guard]): 2 \
             pairs are wanted after 4 of this run, and 15 of 20 are used (5 by B, 10 by A); there is room in 23 \
             minutes: call again then, or raise it there",
        ),
        (
            with(500, hour(20, &[("A", 1, 60), ("B", 19, 61)]), None),
            0,
            "over the cap of 20 pairs added on this list within an hour (added_pairs_per_hour_max under [guard]): 2 \
             pairs are wanted, and 20 of 20 are used (19 by B, 1 by A); there is room in 2 minutes:",
        ),
        (
            with(
                500,
                hour(
                    2,
                    &[("A", 1, 0), ("B", 1, 0), ("C", 1, 0), ("D", 1, 0), ("E", 3, 0)],
                ),
                None,
            ),
            0,
            "over the cap of 2 pairs added on this list within an hour (added_pairs_per_hour_max under [guard]): 2 \
             pairs are wanted, and 7 of 2 are used (3 by E, 1 by D, 1 by C, 2 by 2 earlier runs); there is room in 1 \
             minute: call again then",
        ),
        (
            with(500, hour(5, &[]), None),
            2,
            "over the cap of 5 pairs added on this list within an hour (added_pairs_per_hour_max under [guard]): 2 \
             pairs are wanted after 4 of this run; there is room in 60 minutes: call again then",
        ),
        (
            with(500, hour(1, &[]), None),
            0,
            "over the cap of 1 pair added on this list within an hour (added_pairs_per_hour_max under [guard]): 2 \
             pairs are wanted; more than an hour has; raise it there",
        ),
    ];
    for (limits, added, words) in cases {
        let mut looked_at = Appliance::default();
        let told = preview(&mut looked_at, six_pairs(), limits.clone());
        let mut appliance = Appliance::default();
        let settled = play(&mut appliance, six_pairs(), limits);
        let expected: Vec<Outcome> = (0..3)
            .map(|item| {
                if item < added {
                    Outcome::Added
                } else {
                    Outcome::OverCap
                }
            })
            .collect();
        assert_eq!(outcomes(&settled), expected, "{words}");
        assert_eq!(appliance.pairs(LIST).len(), 2 * added, "{words}");
        let detail = &settled.items[added].detail;
        assert!(detail.contains(words), "{detail}\nis not\n{words}");
        assert_eq!(told.items[added].detail, *detail, "a preview tells it alike");
        assert_eq!(told.items[added].outcome, Outcome::OverCap);
        assert!(looked_at.writes.is_empty());
    }
}

fn key(recipient: &str, sender: &str) -> PairKey {
    PairKey {
        recipient: EntryKey::of(recipient),
        sender: EntryKey::of(sender),
    }
}

#[test]
fn what_an_earlier_attempt_has_sent_counts_once_and_is_not_stopped() {
    let mut appliance = Appliance::default();
    appliance.seed(
        LIST,
        &[("u1@example.com", "a.example"), ("u2@example.com", "a.example")],
    );
    let sent = ["a.example", "b.example"]
        .map(|sender| ["u1@example.com", "u2@example.com"].map(|recipient| key(recipient, sender)));
    // The hour has room for four, as it had when the task was first begun.
    let limits = with(500, hour(10, &[("A", 6, 60)]), None);
    let journal = Journal::of(sent.into_iter().flatten());
    let settled = play_again(&mut appliance, six_pairs(), limits, journal, Knowledge::default());
    assert_eq!(
        outcomes(&settled),
        [Outcome::Added, Outcome::Added, Outcome::OverCap]
    );
}

/// A list of so many pairs, each of a mailbox of its own; the first ones have the sender `many.example`.
fn list(pairs: usize, many: usize) -> Appliance {
    let mut appliance = Appliance::default();
    for number in 0..pairs {
        let sender = if number < many {
            "many.example".to_owned()
        } else {
            format!("s{number}.example")
        };
        appliance.seed(LIST, &[(&format!("u{number}@example.com"), &sender)]);
    }
    appliance
}

#[test]
fn a_removal_takes_a_share_of_the_list_or_the_floor_and_no_more() {
    let share_of_100 = "over the cap of 10 pairs removed in one run, the larger of 10 % of the 100 pairs on the list \
                        (removed_share_max_percent under [configurations.one]) and 3 (removed_share_floor_pairs under \
                        [guard]): 11 pairs are wanted; no run has room for that; raise it there";
    for (pairs, many, run_max, expected, words) in [
        (100, 10, 50, Outcome::Removed, ""),
        (100, 11, 50, Outcome::OverCap, share_of_100),
        (
            100,
            11,
            10,
            Outcome::OverCap,
            "over the cap of 10 pairs removed in one run (removed_pairs_per_run_max",
        ),
        (20, 3, 50, Outcome::Removed, ""),
        (
            20,
            4,
            50,
            Outcome::OverCap,
            "over the cap of 3 pairs removed in one run, the larger of 10 % of the 20 pairs",
        ),
        (3, 3, 50, Outcome::Removed, ""),
    ] {
        let mut appliance = list(pairs, many);
        let wish = || Wish::absent_senders(LIST, &senders(&["many.example"]));
        let told = preview(&mut appliance, wish(), with(run_max, None, share(3)));
        let settled = play(&mut appliance, wish(), with(run_max, None, share(3)));
        let item = &settled.items[0];
        assert_eq!(item.outcome, expected, "{many} of {pairs}");
        if expected == Outcome::OverCap {
            assert!(item.detail.contains(words), "{}\nis not\n{words}", item.detail);
            assert_eq!(told.items[0].detail, item.detail);
            assert!(appliance.writes.is_empty());
        }
    }
}

#[test]
fn after_a_crash_what_was_taken_off_before_it_counts_as_having_been_there() {
    // 100 pairs: five of them are gone, and five more are ten percent together.
    let mut appliance = list(95, 5);
    let journal = (0..5).map(|number| key(&format!("gone{number}@example.com"), "gone.example"));
    let journal = Journal::of(journal);
    let wish = Wish::absent_senders(LIST, &senders(&["gone.example", "many.example"]));
    let limits = with(50, None, share(3));
    let settled = play_again(&mut appliance, wish, limits, journal, Knowledge::default());
    assert_eq!(outcomes(&settled), [Outcome::Removed, Outcome::Removed]);
}

#[test]
fn a_list_that_was_only_searched_is_read_whole_where_more_than_the_floor_is_to_go() {
    let searching = || Knowledge {
        search: SearchTrust::Proven,
        row_counts: [((LIST, View::Recipient), 300), ((LIST, View::Sender), 300)].into(),
    };
    // (senders of the mailbox, is the list restless, does the first page fail, whole readings, outcome, words)
    for (held, restless, fails, is_paged, expected, words) in [
        (3, false, false, false, Outcome::Removed, ""),
        (4, false, false, true, Outcome::Removed, ""),
        (
            40,
            false,
            false,
            true,
            Outcome::OverCap,
            "the larger of 10 % of the 339 pairs on the list",
        ),
        (
            4,
            true,
            false,
            true,
            Outcome::OverCap,
            "nobody can tell how large the list is",
        ),
        (4, false, true, false, Outcome::Unreachable, ""),
    ] {
        let mut appliance = list(299, 0);
        for number in 0..held {
            appliance.seed(LIST, &[("held@example.com", &format!("h{number}.example"))]);
        }
        appliance.restless = restless;
        // The search is the first read; no page after it is answered, and only what is answered counts as read.
        appliance.down_from_call = fails.then_some(1);
        let wish = Wish::absent_recipients(LIST, &recipients(&["held@example.com"]));
        let limits = with(500, None, share(3));
        let settled = play_again(&mut appliance, wish, limits, Journal::default(), searching());
        let item = &settled.items[0];
        let why = format!("{held}, restless {restless}, fails {fails}");
        assert_eq!(item.outcome, expected, "{why}: {}", item.detail);
        assert!(item.detail.contains(words), "{why}: {}", item.detail);
        let pages = appliance.reads.iter().filter(|read| read.search.is_none());
        assert_eq!(pages.count() > 0, is_paged, "{why}");
        assert_eq!(appliance.writes.is_empty(), expected != Outcome::Removed, "{why}");
    }
}

#[test]
fn single_pairs_have_the_same_caps() {
    for (limits, removed, words) in [
        (
            with(500, None, share(1)),
            3,
            "over the cap of 3 pairs removed in one run, the larger of 10 % of the 30 pairs on the list",
        ),
        (
            with(500, hour(9, &[("A", 7, 61)]), share(1)),
            2,
            "over the cap of 9 pairs removed on this list within an hour (removed_pairs_per_hour_max under [guard]): 1 \
             pair is wanted after 2 of this run, and 7 of 9 are used (7 by A); there is room in 2 minutes",
        ),
    ] {
        let mut appliance = list(30, 5);
        let wished: Vec<_> = (0..5)
            .map(|number| {
                let recipient = recipients(&[&format!("u{number}@example.com")]).remove(0);
                (recipient, clear("many.example"))
            })
            .collect();
        let wish = AbsentPairs::new(LIST, &wished);
        let mut machine = Extraction::new(wish, limits, Journal::default(), Knowledge::default());
        loop {
            let event = match machine.next() {
                Step::Read(read) => Event::Read(appliance.view(&read)),
                Step::Journal(_) => Event::Journaled,
                Step::Write(write) => Event::Written(appliance.write(&write)),
                Step::Done => break,
            };
            machine.feed(event);
        }
        let settled = machine.settled();
        let expected: Vec<Outcome> = (0..5)
            .map(|item| {
                if item < removed {
                    Outcome::Removed
                } else {
                    Outcome::OverCap
                }
            })
            .collect();
        assert_eq!(outcomes(&settled), expected, "{words}");
        let detail = &settled.items[removed].detail;
        assert!(detail.contains(words), "{detail}\nis not\n{words}");
    }
}
