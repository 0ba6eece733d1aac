//! What a request may do to the lists: add, append, edit and delete, decided over [`Lists`] and changing
//! nothing.
//!
//! A change is checked whole before anything moves; with the knob `batch_with_conflict` it happens entirely
//! or not at all, or what was not refused happens (`docs/asyncos.md`, "Semantics", no source). The checks are
//! in `refusals.rs`. This file refuses to know HTTP; statuses are in `errors.rs`, request bodies in
//! `writing.rs`.

use std::collections::{HashMap, HashSet};

use super::effects::Effect;
use super::knobs::{BatchWithConflict, DeleteCount, DeleteOfAbsent, Knobs};
use super::lists::{ListName, Lists, View};
use super::refusals::{self, Refusal};
use super::standing::{Standing, Wanted};

/// What to do with the rows that a change names: `action` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// New rows.
    Add,
    /// More values in rows that stand, or new rows.
    Append,
    /// Other values in rows that stand.
    Edit,
}

/// One write: every sender for every recipient, and from which side the rows are meant.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) verb: Verb,
    pub(super) view: View,
    pub(super) recipients: Vec<String>,
    pub(super) senders: Vec<String>,
}

/// What comes of a write. There may be both: an effect, and a refusal of the rest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) effect: Effect,
    pub(super) refusal: Option<Refusal>,
    /// Of a deletion; 0 for others.
    pub(super) total_count: usize,
}

pub(super) fn decide(lists: &Lists, name: ListName, change: &Change, knobs: &Knobs) -> Decision {
    let spelling = knobs.spelling;
    let mut wanted = Wanted::new(&change.recipients, &change.senders, spelling);
    let here = Standing::of(lists.list(name), &wanted, spelling);
    let there = Standing::of(lists.list(name.other()), &wanted, spelling);

    refusals::bad_entry(&mut wanted, knobs);
    match change.verb {
        Verb::Add => refusals::add_on_existing(&mut wanted, &here, change.view, knobs),
        Verb::Append => refusals::append(&mut wanted, &here, change.view, knobs),
        Verb::Edit => refusals::edit_on_missing_row(&mut wanted, &here, change.view, knobs),
    }
    refusals::pair_in_the_other_list(&mut wanted, &there, knobs);
    refusals::row_beyond_the_limit(&mut wanted, &here, change, knobs);

    let effect = match change.verb {
        _ if is_all_off(wanted.refusal.as_ref(), knobs) => Effect::Nothing,
        Verb::Add | Verb::Append => put(&wanted, &here),
        Verb::Edit => replace(&wanted, &here, change.view, knobs),
    };
    Decision {
        effect,
        refusal: wanted.refusal,
        total_count: 0,
    }
}

/// Takes whole rows out.
///
/// Unsettled (`docs/asyncos.md`, "Semantics", I from XI): what is absent lowers the count and is no error.
/// That the count is of rows, not of pairs, is inferred too (TQ: 1 for 1).
pub(super) fn decide_deletion(
    lists: &Lists,
    name: ListName,
    view: View,
    keys: &[String],
    knobs: &Knobs,
) -> Decision {
    let spelling = knobs.spelling;
    let named: HashSet<String> = keys
        .iter()
        .map(|key| spelling.compared(key).into_owned())
        .collect();
    let mut found: HashMap<String, usize> = HashMap::new();
    for pair in lists.list(name) {
        let key = spelling.compared(pair.key(view));
        if named.contains(key.as_ref()) {
            *found.entry(key.into_owned()).or_default() += 1;
        }
    }
    let absent = keys
        .iter()
        .find(|key| !found.contains_key(spelling.compared(key).as_ref()));
    let refusal = match knobs.delete_of_absent {
        DeleteOfAbsent::Taken => None,
        DeleteOfAbsent::NotFound => absent.map(|key| Refusal::RowMissing(key.clone())),
    };
    let total_count = match knobs.delete_count {
        DeleteCount::Rows => found.len(),
        DeleteCount::Pairs => found.values().sum(),
    };
    let effect = if is_all_off(refusal.as_ref(), knobs) || found.is_empty() {
        Effect::Nothing
    } else {
        Effect::TakeRows {
            view,
            spelling,
            keys: found.into_keys().collect(),
        }
    };
    Decision {
        effect,
        refusal,
        total_count,
    }
}

/// Unsettled (`docs/asyncos.md`, "Semantics", no source).
fn is_all_off(refusal: Option<&Refusal>, knobs: &Knobs) -> bool {
    refusal.is_some() && knobs.batch_with_conflict == BatchWithConflict::Atomic
}

fn put(wanted: &Wanted<'_>, here: &Standing<'_>) -> Effect {
    let missing = wanted
        .open()
        .into_iter()
        .filter(|(recipient, sender)| !here.has_pair(*recipient, *sender));
    let pairs = missing.map(|(recipient, sender)| here.stored_pair(wanted, recipient, sender));
    Effect::Put(pairs.collect())
}

/// `edit` replaces the whole value list of a row (`docs/asyncos.md`, "Semantics", XS). A row of which every
/// value was refused stays as it is.
fn replace(wanted: &Wanted<'_>, here: &Standing<'_>, view: View, knobs: &Knobs) -> Effect {
    let mut rows: Vec<(String, Vec<super::Pair>)> = Vec::new();
    let mut row_of_key: HashMap<usize, usize> = HashMap::new();
    for (recipient, sender) in wanted.open() {
        let next = rows.len();
        let row = *row_of_key
            .entry(Wanted::key_index(view, recipient, sender))
            .or_insert(next);
        if row == next {
            let key = knobs.spelling.compared(wanted.key(view, recipient, sender));
            rows.push((key.into_owned(), Vec::new()));
        }
        rows[row].1.push(here.stored_pair(wanted, recipient, sender));
    }
    Effect::Replace {
        view,
        spelling: knobs.spelling,
        rows,
    }
}

/// A change in the fewest letters, for the tests of this room.
#[cfg(test)]
pub(super) fn change(verb: Verb, view: View, recipients: &[&str], senders: &[&str]) -> Change {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Change {
        verb,
        view,
        recipients: texts(recipients),
        senders: texts(senders),
    }
}

#[cfg(test)]
mod tests;
