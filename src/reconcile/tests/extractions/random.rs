//! Seeded random extractions: lists, wishes, faults, refusals, spellings and another writer drawn at random, and every
//! outcome held against the list as it really is: told truly, nothing gone that nobody asked for, nothing added.
//! `DOORLIST_SEED=n cargo test extractions` plays one alone, `DOORLIST_SEEDS=n` plays more.

use super::super::random::{Dice, seeds};
use super::*;
use crate::model::{PairKey, View};

/// A pair of the list with the names drawn from so few that rows are shared and spellings meet.
fn draw(dice: &mut Dice) -> (String, String) {
    let (recipient, sender) = (dice.roll(6), dice.roll(7));
    let recipient = if dice.chance(9) {
        format!("U{recipient}")
    } else {
        format!("u{recipient}")
    };
    let sender = if dice.chance(9) {
        format!("S{sender}")
    } else {
        format!("s{sender}")
    };
    pair(&format!("{recipient} {sender}"))
}

fn folded(pair: &(String, String)) -> PairKey {
    let (recipient, sender) = pair.clone();
    Pair { recipient, sender }.key()
}

fn folded_all<'a>(pairs: impl IntoIterator<Item = &'a (String, String)>) -> BTreeSet<PairKey> {
    pairs.into_iter().map(folded).collect()
}

#[derive(Debug)]
struct Case {
    wished: Vec<(String, String)>,
    /// Pairs of touched rows that somebody else takes away meanwhile.
    stolen: BTreeSet<PairKey>,
    /// Pairs of other rows that somebody else adds or takes away meanwhile.
    elsewhere: BTreeSet<PairKey>,
}

fn appliance(dice: &mut Dice) -> Appliance {
    let mut appliance = Appliance {
        append_of_existing_is_refused: dice.chance(2),
        append_makes_rows: !dice.chance(4),
        partial: dice.chance(3),
        search_finds_other_case: dice.chance(2),
        down_from_call: dice.chance(8).then(|| dice.roll(14) as usize),
        forgets: dice.chance(30),
        appends_are_refused: dice.chance(10),
        edits_lose: dice.chance(12).then(|| draw(dice).1),
        ..Appliance::default()
    };
    for view in [View::Recipient, View::Sender] {
        if dice.chance(8) {
            appliance.edits_refused_by.push(view);
        }
    }
    if dice.chance(4) {
        let (recipient, sender) = draw(dice);
        appliance.undeletable = vec![recipient, sender];
    }
    for _ in 0..dice.roll(30) {
        let (recipient, sender) = draw(dice);
        appliance.seed(LIST, &[(&recipient, &sender)]);
    }
    if dice.chance(12) {
        for number in 0..250 {
            put(&mut appliance, &[&format!("f{number} g{number}")]);
        }
    }
    for number in 0..14 {
        let faults = [
            Fault::LostBefore,
            Fault::LostAfter,
            Fault::Down,
            Fault::Refused,
            Fault::Denied,
        ];
        let sides = if dice.chance(6) { 5 } else { 4 };
        let fault = faults[dice.roll(sides) as usize];
        if dice.chance(5) {
            appliance.faults.insert(number, fault);
        }
        if dice.chance(14) {
            appliance.read_faults.insert(number, fault);
        }
    }
    appliance
}

fn case(dice: &mut Dice, appliance: &mut Appliance) -> Case {
    let mut case = Case {
        wished: Vec::new(),
        stolen: BTreeSet::new(),
        elsewhere: BTreeSet::new(),
    };
    // Most of what is wished away is there, and some rows are wished away whole.
    for pair in held(appliance)
        .iter()
        .filter(|pair| pair.0.to_lowercase().starts_with('u'))
    {
        if dice.chance(3) {
            case.wished.push((pair.0.to_lowercase(), pair.1.to_lowercase()));
        }
    }
    for _ in 0..dice.roll(4) {
        let (recipient, sender) = draw(dice);
        case.wished
            .push((recipient.to_lowercase(), sender.to_lowercase()));
    }
    case.wished.sort_by_cached_key(|_| dice.roll(1_000));
    for call in 0..20 {
        if dice.chance(10) {
            let (recipient, sender) = pair(&format!("x{} y{}", dice.roll(3), dice.roll(3)));
            case.elsewhere
                .insert(folded(&(recipient.clone(), sender.clone())));
            let act = if dice.chance(2) { Act::Puts } else { Act::Takes };
            appliance.rival.insert(call, vec![act(LIST, recipient, sender)]);
        } else if dice.chance(25) {
            let (recipient, sender) = draw(dice);
            case.stolen.insert(folded(&(recipient.clone(), sender.clone())));
            appliance
                .rival
                .insert(call, vec![Act::Takes(LIST, recipient, sender)]);
        }
    }
    case
}

/// What became of one pair, against the list before and after.
fn check_item(outcome: Outcome, was: bool, is: bool, stolen: bool, words: &str) {
    let is_true = match outcome {
        Outcome::Removed => was && !is,
        Outcome::AlreadyAbsent => (!was || stolen) && !is,
        Outcome::RefusedByAppliance | Outcome::Waiting | Outcome::OverCap => was && (is || stolen),
        // Nothing of it was done, whatever it was.
        Outcome::Unreachable | Outcome::NotTried => was == is || stolen,
        Outcome::Unproven => was && words.starts_with("sent"),
        _ => false,
    };
    assert!(
        is_true,
        "{outcome}, though before {was}, after {is}, stolen {stolen}: {words}"
    );
}

fn check(case: &Case, before: &BTreeSet<PairKey>, appliance: &Appliance, settled: &Settled, limits: &Limits) {
    let after = folded_all(&held(appliance));
    let wished = folded_all(&case.wished);
    assert_eq!(
        settled.items.len(),
        case.wished.len(),
        "one standing for each pair"
    );
    for (pair, item) in case.wished.iter().zip(&settled.items) {
        let key = folded(pair);
        assert!(
            item.counts.adds_up() && item.counts.wanted == 1,
            "{:?}",
            item.counts
        );
        let changed: Vec<_> = item.changed.iter().map(|changed| &changed.pair).collect();
        assert_eq!(changed == [&key], item.outcome == Outcome::Removed, "{changed:?}");
        let (was, is) = (before.contains(&key), after.contains(&key));
        check_item(item.outcome, was, is, case.stolen.contains(&key), &item.detail);
    }
    let told = settled.warnings.join(" ").to_lowercase();
    for pair in before
        .iter()
        .filter(|pair| !wished.contains(pair) && !after.contains(pair))
    {
        let is_explained = case.stolen.contains(pair) || case.elsewhere.contains(pair);
        let name = format!("{} / {}", pair.recipient.as_str(), pair.sender.as_str());
        assert!(
            is_explained || told.contains(&name),
            "{name} is gone, and nobody says so: {told}"
        );
    }
    for pair in after.difference(before) {
        assert!(case.elsewhere.contains(pair), "{pair:?} was added");
    }
    let distinct = |outcomes: &[Outcome]| {
        let items = case.wished.iter().zip(&settled.items);
        folded_all(
            items
                .filter(|(_, item)| outcomes.contains(&item.outcome))
                .map(|(pair, _)| pair),
        )
        .len()
    };
    let changed = distinct(&[Outcome::Removed, Outcome::Unproven]);
    // An appliance that loses pairs keeps to no limit.
    let changed = if appliance.edits_lose.is_some() {
        0
    } else {
        changed
    };
    assert!(changed <= limits.changed_pairs_max, "{changed} pairs under a cap");
    assert!(changed <= 2 * limits.objects_per_run, "{changed} pairs of a run");
    for write in &appliance.writes {
        let rows_max = if write.verb == Verb::Delete {
            limits.items_per_call
        } else {
            1
        };
        assert!((1..=rows_max).contains(&write.keys.len()), "{write:?}");
        assert_eq!(write.values.is_empty(), write.verb == Verb::Delete, "{write:?}");
    }
}

#[test]
fn no_random_extraction_ends_in_an_untrue_outcome_or_costs_a_pair_that_nobody_named() {
    let mut outcomes_met = BTreeSet::new();
    let (all, mut put_back) = (seeds(), 0);
    let is_whole_run = all.end - all.start > 1;
    for seed in all {
        let mut dice = Dice(seed);
        let mut appliance = appliance(&mut dice);
        let case = case(&mut dice, &mut appliance);
        let limits = Limits {
            objects_per_run: dice.roll(12) as usize + 1,
            items_per_call: dice.roll(6) as usize + 1,
            changed_pairs_max: if dice.chance(5) {
                dice.roll(8) as usize
            } else {
                10_000
            },
            ..limits()
        };
        let before = folded_all(&held(&appliance));
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let wish = AbsentPairs::new(LIST, &cleared(&case.wished));
            let settled = play(&mut appliance, wish, limits.clone());
            check(&case, &before, &appliance, &settled, &limits);
            settled
        }));
        let Ok(settled) = ran else {
            panic!("seed {seed}: {case:?}\nrepeat with DOORLIST_SEED={seed} cargo test extractions")
        };
        outcomes_met.extend(outcomes(&settled));
        let notes = settled.items.iter().flat_map(|item| &item.notes);
        put_back += notes.filter(|note| note.starts_with("put back")).count();
    }
    // Dice that never roll a case would prove nothing about it.
    assert!(
        !is_whole_run || (outcomes_met.len() >= 7 && put_back > 20),
        "{outcomes_met:?}, {put_back}"
    );
}
