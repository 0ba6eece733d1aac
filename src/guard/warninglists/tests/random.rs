//! Generated networks and names against a second opinion, which looks at every element, one after the other. The seed
//! is in every message.

use super::*;
use std::collections::BTreeSet;

const SEEDS: u64 = 300;
const VALUES_PER_SEED: u64 = 60;

/// Sebastiano Vigna's splitmix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    /// Within few addresses, so that networks meet.
    fn network(&mut self) -> IpNet {
        let low = self.roll(64);
        if self.roll(2) == 0 {
            let bits = 32 - u8::try_from(self.roll(9)).unwrap();
            format!("192.0.2.{low}/{bits}").parse().unwrap()
        } else {
            let bits = 128 - u8::try_from(self.roll(120)).unwrap();
            format!("2001:db8::{low:x}/{bits}").parse().unwrap()
        }
    }

    fn name(&mut self) -> String {
        let labels = ["a", "b", "example", "com", "co", "uk"];
        let count = self.roll(4) + 2;
        let labels: Vec<&str> = (0..count)
            .map(|_| labels[usize::try_from(self.roll(6)).unwrap()])
            .collect();
        labels.join(".")
    }
}

/// Each list with one element of which the number is the list's name, so that no match hides another.
fn one_list_each(elements: &[String], matching: Matching) -> Warninglists {
    let mut builder = WarninglistsBuilder::default();
    for (number, element) in elements.iter().enumerate() {
        builder
            .begin(list(&number.to_string(), Level::Refuse, matching))
            .unwrap();
        builder.add(1, element).unwrap();
    }
    builder.finish().unwrap()
}

fn found(lists: &Warninglists, value: &str) -> BTreeSet<usize> {
    let hits = lists.hits(&EntryKey::of(value)).into_iter();
    hits.filter(Hit::refuses)
        .map(|hit| hit.list().name.parse().unwrap())
        .collect()
}

#[test]
fn networks_match_exactly_those_that_overlap() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let count = dice.roll(40);
        let networks: Vec<IpNet> = (0..count).map(|_| dice.network().trunc()).collect();
        let elements: Vec<String> = networks.iter().map(ToString::to_string).collect();
        let lists = one_list_each(&elements, Matching::Cidr);
        for _ in 0..VALUES_PER_SEED {
            let value = dice.network().trunc();
            let overlapping = networks
                .iter()
                .enumerate()
                .filter(|(_, network)| network.contains(&value) || value.contains(*network));
            let expected: BTreeSet<usize> = overlapping.map(|(number, _)| number).collect();
            assert_eq!(
                found(&lists, &value.to_string()),
                expected,
                "seed {seed}: {value} in {elements:?}"
            );
        }
    }
}

#[test]
fn hosts_match_exactly_those_that_are_the_same_or_above() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let count = dice.roll(40);
        let elements: Vec<String> = (0..count).map(|_| dice.name()).collect();
        let lists = one_list_each(&elements, Matching::Hostname);
        for _ in 0..VALUES_PER_SEED {
            let value = dice.name();
            let above = |element: &String| value == *element || value.ends_with(&format!(".{element}"));
            let matching = elements.iter().enumerate().filter(|(_, element)| above(element));
            let expected: BTreeSet<usize> = matching.map(|(number, _)| number).collect();
            assert_eq!(
                found(&lists, &value),
                expected,
                "seed {seed}: {value} in {elements:?}"
            );
        }
    }
}
