//! Seeded random runs: wishes, lists, switches and faults drawn at random, and every outcome held against the
//! list as it really is. A failure names its seed; `DOORLIST_SEED=n cargo test random` plays it alone, and
//! `DOORLIST_SEEDS=n` plays more of them than every test run needs.

use super::appliance::{Appliance, Fault};
use super::{limits, play};
use crate::model::{EntryKey, ListKind, Outcome};
use crate::reconcile::{Limits, Settled, Wish};
use std::collections::BTreeSet;

const SEEDS: u64 = 3_000;

/// The seeds of one test run, as the environment asks for them.
pub(super) fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("DOORLIST_SEED") {
        Some(only) => only..only + 1,
        None => 0..number("DOORLIST_SEEDS").unwrap_or(SEEDS),
    }
}

/// Sebastiano Vigna's splitmix64: small, and the same everywhere.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    pub(super) fn chance(&mut self, one_in: u64) -> bool {
        self.roll(one_in) == 0
    }
}

fn names(dice: &mut Dice, prefix: &str, suffix: &str, most: u64) -> Vec<String> {
    let count = dice.roll(most) + 1;
    let numbers: BTreeSet<u64> = (0..count).map(|_| dice.roll(most + 4)).collect();
    numbers
        .into_iter()
        .map(|number| format!("{prefix}{number}{suffix}"))
        .collect()
}

fn appliance(dice: &mut Dice) -> Appliance {
    let mut appliance = Appliance {
        append_of_existing_is_refused: dice.chance(2),
        add_needs_absent_row: dice.chance(2),
        append_makes_rows: !dice.chance(4),
        partial: dice.chance(3),
        search_finds_other_case: dice.chance(2),
        list_limit: dice.chance(3).then(|| dice.roll(12) as usize + 1),
        down_from_call: dice.chance(8).then(|| dice.roll(12) as usize),
        ..Appliance::default()
    };
    if dice.chance(3) {
        appliance.bad = vec![
            format!("s{}.example", dice.roll(12)),
            format!("u{}@example.com", dice.roll(8)),
        ];
    }
    for list in ListKind::ALL {
        for _ in 0..dice.roll(20) {
            let (recipient, sender) = (dice.roll(9), dice.roll(14));
            let other = list.other();
            let (recipient, sender) = (format!("u{recipient}@example.com"), format!("s{sender}.example"));
            if !appliance.holds(other, &recipient, &sender) {
                appliance.seed(list, &[(&recipient, &sender)]);
            }
        }
    }
    for number in 0..12 {
        let fault = [Fault::LostBefore, Fault::LostAfter, Fault::Down][dice.roll(3) as usize];
        if dice.chance(5) {
            appliance.faults.insert(number, fault);
        }
        if dice.chance(12) {
            appliance.read_faults.insert(number, fault);
        }
    }
    appliance
}

#[derive(Debug)]
struct Case {
    is_addition: bool,
    by_sender: bool,
    list: ListKind,
    senders: Vec<String>,
    recipients: Vec<String>,
}

impl Case {
    fn draw(dice: &mut Dice) -> Self {
        Self {
            is_addition: !dice.chance(3),
            by_sender: dice.chance(2),
            list: ListKind::ALL[dice.roll(2) as usize],
            senders: names(dice, "s", ".example", 12),
            recipients: names(dice, "u", "@example.com", 7),
        }
    }

    fn wish(&self) -> Wish {
        let senders: Vec<_> = self.senders.iter().map(String::as_str).collect();
        let recipients: Vec<_> = self.recipients.iter().map(String::as_str).collect();
        let (senders, recipients) = (super::senders(&senders), super::recipients(&recipients));
        match (self.is_addition, self.by_sender) {
            (true, true) => Wish::present_senders(self.list, &senders, &recipients),
            (true, false) => Wish::present_recipients(self.list, &recipients, &senders),
            (false, true) => Wish::absent_senders(self.list, &senders),
            (false, false) => Wish::absent_recipients(self.list, &recipients),
        }
    }

    /// Does a pair belong to the item with this name?
    fn touches(&self, item: &str, pair: &(String, String)) -> bool {
        if self.by_sender {
            pair.1 == item
        } else {
            pair.0 == item
        }
    }

    /// The pairs of an item that the wish names.
    fn wanted(&self, item: &str) -> Vec<(String, String)> {
        let others = if self.by_sender {
            &self.recipients
        } else {
            &self.senders
        };
        let pair = |other: &String| {
            if self.by_sender {
                (other.clone(), item.to_owned())
            } else {
                (item.to_owned(), other.clone())
            }
        };
        others.iter().map(pair).collect()
    }
}

fn check(
    case: &Case,
    before: &BTreeSet<(String, String)>,
    after: &BTreeSet<(String, String)>,
    settled: &Settled,
    limits: &Limits,
) {
    let items = if case.by_sender {
        &case.senders
    } else {
        &case.recipients
    };
    assert_eq!(settled.items.len(), items.len(), "one standing for each item");
    for (name, item) in items.iter().zip(&settled.items) {
        let counts = item.counts;
        assert!(counts.adds_up());
        let (there, new) = if case.is_addition {
            let wanted = case.wanted(name);
            let there = wanted.iter().filter(|pair| after.contains(*pair)).count();
            let new = wanted
                .iter()
                .filter(|pair| after.contains(*pair) && !before.contains(*pair))
                .count();
            (there, new)
        } else {
            let had = before.iter().filter(|pair| case.touches(name, pair));
            let gone = had.filter(|pair| !after.contains(*pair)).count();
            (gone, gone)
        };
        // Only what is called unproven may have changed without credit. What could not be read at all may have
        // stood there before.
        let changed_most = counts.written + counts.unproven;
        assert!(
            counts.written <= new && new <= changed_most,
            "{name}: {counts:?}, really changed {new}"
        );
        let there_most = counts.in_place() + counts.unproven + counts.unreachable;
        assert!(
            counts.in_place() <= there && there <= there_most,
            "{name}: {counts:?}, really in place {there}"
        );
        if item.outcome == Outcome::AlreadyAbsent {
            assert!(
                !before.iter().any(|pair| case.touches(name, pair)),
                "{name} was there"
            );
        }
    }
    let foreign = |pair: &&(String, String)| {
        let named =
            |names: &[String], name: &str| names.iter().any(|own| EntryKey::of(own) == EntryKey::of(name));
        if case.is_addition {
            !(named(&case.senders, &pair.1) && named(&case.recipients, &pair.0))
        } else {
            !items.iter().any(|item| case.touches(item, pair))
        }
    };
    let foreign_before: BTreeSet<_> = before.iter().filter(foreign).collect();
    let foreign_after: BTreeSet<_> = after.iter().filter(foreign).collect();
    assert_eq!(foreign_before, foreign_after, "pairs that nobody asked for");
    if case.is_addition {
        assert!(before.is_subset(after), "an addition takes nothing away");
    }
    let changed: usize = settled.items.iter().map(|item| item.counts.written).sum();
    assert!(
        changed <= limits.changed_pairs_max,
        "{changed} pairs changed under a cap"
    );
}

#[test]
fn ten_thousand_random_previews_write_nothing_and_tell_what_the_run_would_do() {
    for seed in 0..10_000 {
        let mut dice = Dice(seed);
        let case = Case::draw(&mut dice);
        let mut appliance = appliance(&mut dice);
        let before = ListKind::ALL.map(|list| appliance.pairs(list));
        let settled = super::preview(&mut appliance, case.wish(), limits());
        assert_eq!(
            before,
            ListKind::ALL.map(|list| appliance.pairs(list)),
            "seed {seed}: {case:?}"
        );
        assert!(appliance.writes.is_empty(), "seed {seed}: {case:?}");
        for item in &settled.items {
            assert_eq!(item.counts.written, 0, "seed {seed}: {case:?}");
            assert!(
                !matches!(item.outcome, Outcome::Added | Outcome::Removed),
                "seed {seed}: {case:?}"
            );
        }
    }
}

#[test]
fn no_random_run_ends_in_an_untrue_outcome() {
    for seed in seeds() {
        let mut dice = Dice(seed);
        let case = Case::draw(&mut dice);
        let mut appliance = appliance(&mut dice);
        let limits = Limits {
            objects_per_run: dice.roll(10) as usize + 1,
            items_per_call: dice.roll(6) as usize + 1,
            changed_pairs_max: if dice.chance(4) {
                dice.roll(20) as usize
            } else {
                10_000
            },
            list_limit: appliance.list_limit.filter(|_| dice.chance(2)),
            ..limits()
        };
        let before = appliance.pairs(case.list);
        let other_before = appliance.pairs(case.list.other());
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let settled = play(&mut appliance, case.wish(), limits.clone());
            check(&case, &before, &appliance.pairs(case.list), &settled, &limits);
            assert_eq!(other_before, appliance.pairs(case.list.other()), "the other list");
        }));
        assert!(
            ran.is_ok(),
            "seed {seed}: {case:?}\nrepeat with DOORLIST_SEED={seed} cargo test random"
        );
    }
}
