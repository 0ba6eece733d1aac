//! Names that look like one's own: `acrne.example` and `acme.example`, `paypa1`, a Cyrillic letter among Latin ones. Only
//! a note, for a look-alike is just what one wants to block, and a reason to look twice before it is let in. Compares the
//! labels that were registered below a public suffix; refuses to know who registered them.
//!
//! Two labels look alike where Unicode's table of confusable characters makes one skeleton of both (UTS 39), whatever
//! suffix they stand under; or, where the suffix is the same, where one slip of the hand makes one the other. The same
//! label under another suffix is another name, and no look-alike.

use super::candidate::Candidate;
use super::names::Named;
use super::suffixes;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use unicode_security::confusable_detection::skeleton;

/// Of shorter labels too many are one letter apart by chance.
const SLIP_CHARACTERS_MIN: usize = 5;

/// Names to be found by what looks like them, in a few look-ups however many there are.
#[derive(Debug, Clone, Default)]
pub(super) struct LookAlikes {
    names: Vec<Registered>,
    by_skeleton: HashMap<String, u32>,
    /// Hashes of each label with any one of its characters left out, and of the whole; in order. Two labels that are one
    /// slip apart share one of them.
    by_rest: Vec<(u64, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Registered {
    /// As a person reads it.
    label: String,
    suffix: String,
    name: String,
}

impl LookAlikes {
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a Named>) -> Self {
        let mut names: Vec<&str> = names.map(|named| named.name.as_str()).collect();
        names.sort_unstable();
        let mut set = Self::default();
        for name in names {
            let Some(registered) = read(name) else {
                continue;
            };
            if set.names.last() == Some(&registered) {
                continue;
            }
            let number = u32::try_from(set.names.len()).unwrap_or(u32::MAX);
            let skeleton = skeleton_of(&registered.label);
            set.by_skeleton.entry(skeleton).or_insert(number);
            set.by_rest
                .extend(rests(&registered).into_iter().map(|rest| (rest, number)));
            set.names.push(registered);
        }
        set.by_rest.sort_unstable();
        set
    }

    /// The name that the candidate looks like, and is not.
    pub(super) fn find(&self, candidate: &Candidate<'_>) -> Option<&str> {
        if candidate.network.is_some() || self.names.is_empty() {
            return None;
        }
        let seen = read(candidate.host)?;
        if self.holds(&seen) {
            return None;
        }
        let same_skeleton = self.by_skeleton.get(&skeleton_of(&seen.label));
        let alike = same_skeleton.map(|number| &self.names[*number as usize]);
        let alike = alike.filter(|own| own.label != seen.label);
        alike
            .or_else(|| self.one_slip_from(&seen))
            .map(|own| own.name.as_str())
    }

    fn holds(&self, seen: &Registered) -> bool {
        self.with_rest(rest(&seen.label, None))
            .any(|own| own.name == seen.name)
    }

    fn one_slip_from(&self, seen: &Registered) -> Option<&Registered> {
        let rests = rests(seen).into_iter();
        let mut near = rests.flat_map(|rest| self.with_rest(rest));
        near.find(|own| own.suffix == seen.suffix && is_one_slip(&own.label, &seen.label))
    }

    fn with_rest(&self, rest: u64) -> impl Iterator<Item = &Registered> {
        let begin = self.by_rest.partition_point(|(other, _)| *other < rest);
        let equal = self.by_rest[begin..]
            .iter()
            .take_while(move |(other, _)| *other == rest);
        equal.map(|(_, number)| &self.names[*number as usize])
    }
}

fn read(host: &str) -> Option<Registered> {
    let (label, suffix) = suffixes::registered(host)?;
    let (shown, _) = idna::domain_to_unicode(label);
    Some(Registered {
        label: shown,
        suffix: suffix.to_owned(),
        name: format!("{label}.{suffix}"),
    })
}

/// Unicode's own skeleton tells apart what is alike only in lower case, or in many typefaces.
fn skeleton_of(label: &str) -> String {
    let confusable: String = skeleton(label).collect();
    confusable
        .to_lowercase()
        .replace(['1', 'i', '|'], "l")
        .replace('0', "o")
        .replace("vv", "w")
}

fn rests(registered: &Registered) -> Vec<u64> {
    let label = registered.label.as_str();
    let mut rests = vec![rest(label, None)];
    if label.chars().count() >= SLIP_CHARACTERS_MIN {
        rests.extend((0..label.chars().count()).map(|place| rest(label, Some(place))));
    }
    rests
}

fn rest(label: &str, without: Option<usize>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (place, character) in label.chars().enumerate() {
        if Some(place) != without {
            character.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// One character more, less or other, or two neighbours that changed places; in labels that are long enough.
fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() {
        (&one, &other)
    } else {
        (&other, &one)
    };
    if short.len() < SLIP_CHARACTERS_MIN - 1
        || long.len() < SLIP_CHARACTERS_MIN
        || long.len() - short.len() > 1
    {
        return false;
    }
    let same = short
        .iter()
        .zip(long)
        .take_while(|(one, other)| one == other)
        .count();
    let (short, long) = (&short[same..], &long[same..]);
    match (short, long) {
        ([], []) => false,
        (short, [_, rest @ ..]) if short.len() == rest.len() => short == rest,
        ([a, b, short @ ..], [c, d, long @ ..]) if a == d && b == c => short == long,
        ([_, short @ ..], [_, long @ ..]) => short == long,
        _ => false,
    }
}
