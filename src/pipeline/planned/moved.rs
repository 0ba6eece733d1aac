//! What moved since a plan was kept, in words that name it: each pair that stands otherwise, the mailbox that is full by
//! now, the rule that forbids it by now. Decides nothing; that two pictures differ, its caller has found.

use super::{PairTexts, Picture};
use crate::model::{EntryKey, Operation, Outcome, View};
use crate::pipeline::accept::{Item, Run};
use crate::pipeline::ended::ItemResult;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Things named. More would drown the reader.
const NAMED_MAX: usize = 10;

/// What moved: some of it named, the rest counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// In words.
    pub named: Vec<String>,
    /// Further ones.
    pub more: usize,
}

impl Moved {
    /// One thing.
    #[must_use]
    pub fn of(words: String) -> Self {
        let mut moved = Self::default();
        moved.add(words);
        moved
    }

    pub(super) fn is_empty(&self) -> bool {
        self.named.is_empty() && self.more == 0
    }

    pub(super) fn add(&mut self, words: String) {
        if self.named.contains(&words) {
            return;
        }
        if self.named.len() < NAMED_MAX {
            self.named.push(words);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        for words in other.named {
            self.add(words);
        }
        self.more += other.more;
    }

    pub(super) fn on(mut self, appliance: &str) -> Self {
        for words in &mut self.named {
            *words = format!("{appliance}: {words}");
        }
        self
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.named.join("; "))?;
        match self.more {
            0 => Ok(()),
            more => write!(formatter, "; and {more} more"),
        }
    }
}

/// How a pair stands in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Would,
    Already,
    /// Full, held, on the other list, refused; or of a deletion, not there.
    Otherwise,
}

impl Standing {
    fn of(pair: &PairTexts, picture: &Picture) -> Self {
        if picture.would.contains(pair) {
            Self::Would
        } else if picture.already.contains(pair) {
            Self::Already
        } else {
            Self::Otherwise
        }
    }
}

/// What differs between two pictures of an appliance, of which the second was made of these items.
pub(super) fn words(run: &Run, before: &Picture, now: &Picture, items: &[ItemResult]) -> Moved {
    let entries: Vec<&str> = run
        .items
        .iter()
        .filter_map(Item::wished)
        .map(EntryKey::as_str)
        .collect();
    let places: BTreeMap<&str, usize> = entries
        .iter()
        .enumerate()
        .map(|(place, entry)| (*entry, place))
        .collect();
    let would = before.would.symmetric_difference(&now.would);
    let already = before.already.symmetric_difference(&now.already);
    let pairs: BTreeSet<&PairTexts> = would.chain(already).collect();
    let mut moved = Moved::default();
    let mut told = BTreeSet::new();
    for pair in pairs {
        let entry = match run.view {
            View::Sender => &pair.1,
            View::Recipient => &pair.0,
        };
        let place = places.get(entry.as_str()).copied();
        told.extend(place);
        let item = place.and_then(|place| items.get(place));
        moved.add(of_pair(run, pair, before, now, item));
    }
    for (place, item) in items.iter().enumerate() {
        if before.items.get(place) == now.items.get(place) || told.contains(&place) {
            continue;
        }
        let was = before
            .items
            .get(place)
            .map_or("not there", |item| item.outcome.code());
        let entry = entries.get(place).copied().unwrap_or_default();
        moved.add(format!(
            "{entry} was {was}, and by now it is {}: {}",
            item.outcome, item.detail
        ));
    }
    if moved.is_empty() {
        moved.add("the plan is about other items".to_owned());
    }
    moved
}

fn of_pair(
    run: &Run,
    pair: &PairTexts,
    before: &Picture,
    now: &Picture,
    item: Option<&ItemResult>,
) -> String {
    let (recipient, sender) = pair;
    let name = format!("{recipient} / {sender}");
    match (run.operation, Standing::of(pair, before), Standing::of(pair, now)) {
        (_, _, Standing::Already) => format!("{name} is on the list already"),
        (Operation::Add, Standing::Already, Standing::Would) => format!("{name} is gone"),
        (Operation::Add, _, Standing::Would) => format!("{name} would be added by now"),
        (Operation::Delete, _, Standing::Would) => format!("{name} is on the list by now"),
        (_, _, Standing::Otherwise) => of_one_that_falls_short(run, pair, item),
    }
}

/// A pair that was to be changed, or stood, and would not be changed now.
fn of_one_that_falls_short(run: &Run, pair: &PairTexts, item: Option<&ItemResult>) -> String {
    let (recipient, sender) = pair;
    let name = format!("{recipient} / {sender}");
    let is_of_pair = |recipient_now: &str, sender_now: &str| {
        EntryKey::of(recipient_now).as_str() == recipient && EntryKey::of(sender_now).as_str() == sender
    };
    let mut examples = item.into_iter().flat_map(|item| &item.examples);
    let example = examples.find(|example| is_of_pair(&example.recipient, &example.sender));
    match (example, item) {
        (Some(example), _) => match example.outcome {
            Outcome::ListFull => format!("the list of {recipient} is full by now"),
            Outcome::Conflict => format!("{name} stands on the {} by now", run.list.other()),
            Outcome::Held => format!("{name} is {}", example.detail),
            _ => format!("{name}: {}", example.detail),
        },
        (None, Some(item)) if item.outcome == Outcome::RefusedByRule => match run.view {
            View::Sender => format!("{sender} is refused by a rule by now: {}", item.detail),
            View::Recipient => format!("{recipient} is refused by a rule by now: {}", item.detail),
        },
        (None, _) => match run.operation {
            Operation::Delete => format!("{name} is gone"),
            Operation::Add => format!("{name} would not be added by now"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_things_are_named_once_each_and_the_rest_is_counted() {
        let mut moved = Moved::default();
        for number in 0..13 {
            moved.add(format!("thing {number}"));
            moved.add("thing 0".to_owned());
        }
        assert_eq!((moved.named.len(), moved.more), (10, 3));
        assert!(moved.to_string().ends_with("thing 9; and 3 more"), "{moved}");
        let mut both = Moved::of("another".to_owned());
        both.append(moved.on("esa-1"));
        assert_eq!((both.named.len(), both.more), (10, 4));
        assert_eq!(both.named[..2], ["another", "esa-1: thing 0"]);
    }
}
