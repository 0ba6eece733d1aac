//! The whole guard against a second opinion: configurations, names, addresses and networks drawn at random, each in many
//! spellings and for both lists. What is protected never gets through, what is unrelated always does, and the rules that
//! are told are exactly those that a slow reading of the configuration finds (`random/opinion.rs`). A failure names its
//! seed; `DOORLIST_SEED=n cargo test --lib guard::tests::random` plays it alone, `DOORLIST_SEEDS=n` plays more of them.
//! What is drawn: `random/world.rs`, of `random/names.rs` and `random/networks.rs`.

mod dice;
mod names;
mod networks;
mod opinion;
mod world;

use crate::guard::{Guard, Passed, Rule};
use crate::model::{EntryKey, ListKind, Recipient, Sender};
use dice::{Dice, SEEDS, seeds};
use std::collections::{BTreeMap, BTreeSet};
use world::{Thing, World};

/// Each in a spelling of its own.
const SPELLINGS_PER_THING: usize = 2;
/// Pairs of a mailbox and a sender that are held against the pins, per seed.
const PAIRS_PER_SEED: usize = 30;

/// The guard, and what is let pass it.
struct Judge {
    guard: Guard,
    passed: Passed,
}

/// How often each rule refused, and what passed, so that a generator that meets nothing is noticed.
#[derive(Default)]
struct Tally {
    refused: BTreeMap<Rule, usize>,
    passed_count: usize,
}

impl Tally {
    fn count(&mut self, refused: Option<Rule>) {
        match refused {
            Some(rule) => *self.refused.entry(rule).or_default() += 1,
            None => self.passed_count += 1,
        }
    }
}

/// What the guard says of one thing, beside what it should say.
fn hold(
    guard_finds: &BTreeSet<Rule>,
    guard_refuses: Option<Rule>,
    expected: &BTreeSet<Rule>,
    refuses: impl Fn(Rule) -> bool,
) -> Result<(), String> {
    if guard_finds != expected {
        return Err(format!("finds {guard_finds:?} and not {expected:?}"));
    }
    match guard_refuses {
        Some(rule) if !(expected.contains(&rule) && refuses(rule)) => Err(format!("is refused by {rule:?}")),
        None if expected.iter().any(|rule| refuses(*rule)) => Err(format!("passes in spite of {expected:?}")),
        _ => Ok(()),
    }
}

impl World {
    fn hold_sender(&self, judge: &Judge, thing: &Thing, spelling: &str, list: ListKind, tally: &mut Tally) {
        let sender = Sender::parse_untyped(spelling);
        let sender = sender.unwrap_or_else(|refusal| panic!("{}: {spelling}: {refusal}", self.told()));
        let findings = judge.guard.explain_sender(&sender, list);
        let finds = findings.iter().map(|finding| finding.refused.rule()).collect();
        let refused = judge.guard.clear_sender(&sender, list, &judge.passed).err();
        let refused = refused.map(|refused| refused.rule());
        let expected = self.rules_of_sender(thing, list);
        let held = hold(&finds, refused, &expected, |rule| self.refuses(rule, thing));
        assert_eq!(held, Ok(()), "{}: {spelling} on the {list}", self.told());
        for finding in findings {
            assert_eq!(finding.level, self.level(finding.refused.rule()), "{spelling}");
        }
        tally.count(refused);
    }

    fn hold_recipient(
        &self,
        judge: &Judge,
        thing: &Thing,
        spelling: &str,
        list: ListKind,
        tally: &mut Tally,
    ) {
        let parsed = Recipient::parse(spelling);
        let recipient = parsed.unwrap_or_else(|refusal| panic!("{}: {spelling}: {refusal}", self.told()));
        let recipient = recipient.entry;
        let findings = judge.guard.explain_recipient(&recipient).into_iter();
        let finds = findings.map(|finding| finding.refused.rule()).collect();
        let refused = judge.guard.clear_recipient(&recipient, list, &judge.passed).err();
        let refused = refused.map(|refused| refused.rule());
        let expected = self.rules_of_recipient(thing);
        let held = hold(&finds, refused, &expected, |rule| self.refuses(rule, thing));
        assert_eq!(held, Ok(()), "{}: mailbox {spelling} on the {list}", self.told());
        tally.count(refused);
    }

    fn hold_pins(&self, judge: &Judge, dice: &mut Dice, tally: &mut Tally) {
        for _ in 0..PAIRS_PER_SEED {
            let (mailbox, sender) = self.pair(dice);
            for list in ListKind::ALL {
                let keys = [&mailbox, &sender].map(|thing| EntryKey::of(&thing.spell(dice)));
                let refused = judge.guard.pinned(list, &keys[0], &keys[1]);
                let expected = self.is_pinned(list, &mailbox, &sender);
                assert_eq!(
                    refused.is_some(),
                    expected,
                    "{}: pinned on the {list} {keys:?}",
                    self.told()
                );
                tally.count(refused.map(|refused| refused.rule()));
            }
        }
    }
}

#[test]
fn nothing_protected_gets_through_in_any_spelling_and_nothing_else_is_refused() {
    let mut tally = Tally::default();
    for seed in seeds() {
        let mut dice = Dice(seed);
        let world = World::draw(seed, &mut dice);
        let judge = Judge {
            guard: world.guard(&mut dice),
            passed: world.passed(&mut dice),
        };
        for thing in &world.things {
            for _ in 0..SPELLINGS_PER_THING {
                let spelling = thing.spell(&mut dice);
                for list in ListKind::ALL {
                    world.hold_sender(&judge, thing, &spelling, list, &mut tally);
                }
            }
        }
        for thing in world.things.iter().filter(|thing| thing.is_mailbox()) {
            let spelling = thing.spell(&mut dice);
            for list in ListKind::ALL {
                world.hold_recipient(&judge, thing, &spelling, list, &mut tally);
            }
        }
        world.hold_pins(&judge, &mut dice, &mut tally);
        for network in &world.wide_networks {
            for list in ListKind::ALL {
                let findings = judge
                    .guard
                    .explain_network(network.spell().parse().unwrap(), list);
                let finds: BTreeSet<Rule> = findings.iter().map(|finding| finding.refused.rule()).collect();
                let expected = world.rules_of_network(network, list);
                assert_eq!(
                    finds,
                    expected,
                    "{}: {} on the {list}",
                    world.told(),
                    network.spell()
                );
            }
        }
    }
    if seeds() == (0..SEEDS) {
        let Tally {
            refused,
            passed_count,
        } = &tally;
        let met_seldom = Rule::ALL
            .iter()
            .filter(|rule| refused.get(rule).is_none_or(|count| *count < 50));
        assert_eq!(met_seldom.collect::<Vec<_>>(), [] as [&Rule; 0], "{refused:?}");
        assert!(*passed_count > 10_000, "{passed_count} passed, {refused:?}");
    }
    let refused_count: usize = tally.refused.values().sum();
    println!(
        "{refused_count} refused, {} passed: {:?}",
        tally.passed_count, tally.refused
    );
}
