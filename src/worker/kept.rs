//! What is kept of a task and of the pairs that it changed, in the store's words. Refuses to decide anything.

use crate::model::{Operation, Outcome, PairKey, View, counted};
use crate::pipeline::{Ended, Fate, Run};
use crate::store::{
    ADDED, AbsentEntries, NewHold, REMOVED, Side, StoredChange, StoredPair, TaskEnd, UNPROVEN_ADDED,
    UNPROVEN_REMOVED,
};
use std::collections::BTreeMap;

/// The end of the task of a run at this place.
pub(super) fn task_end(run: &Run, place: usize, ended: &Ended) -> TaskEnd {
    let (change, unproven_change) = match run.operation {
        Operation::Add => (ADDED, UNPROVEN_ADDED),
        Operation::Delete => (REMOVED, UNPROVEN_REMOVED),
    };
    let changed = ended.changed.iter().map(|changed| StoredChange {
        pair: stored(&changed.pair),
        change,
        sole: changed.sole,
    });
    let unproven = ended.unproven.iter().map(|pair| StoredChange {
        pair: stored(pair),
        change: unproven_change,
        sole: false,
    });
    let changed: Vec<StoredChange> = changed.chain(unproven).collect();
    let gone: Vec<StoredPair> = ended.gone.iter().map(stored).collect();
    let calls = &ended.result.calls;
    TaskEnd {
        holds: holds(run, changed.iter().map(|change| &change.pair).chain(&gone)),
        result: serde_json::to_string(&ended.result)
            .expect("text, numbers and lists always have a JSON form"),
        changed,
        gone,
        absent: AbsentEntries {
            side: match run.view {
                View::Sender => Side::Sender,
                View::Recipient => Side::Recipient,
            },
            entries: ended.absent.iter().map(|key| key.as_str().to_owned()).collect(),
        },
        already: ended.already.iter().map(stored).collect(),
        outcomes: outcomes(run, place, ended),
        audit: format!(
            "{}, {}",
            counted(calls.reads, "read"),
            counted(calls.writes, "write")
        ),
    }
}

/// What a run takes out is not to come back with the next call: what it found gone is not wanted there either.
fn holds<'p>(run: &Run, taken_out: impl Iterator<Item = &'p StoredPair>) -> Vec<NewHold> {
    let Some(hold_for) = run.hold_for else {
        return Vec::new();
    };
    let hold = |pair: &StoredPair| NewHold {
        list: Some(run.list.word().to_owned()),
        recipient: Some(pair.recipient.clone()),
        sender: Some(pair.sender.clone()),
        hold_for,
    };
    taken_out.map(hold).collect()
}

/// How often each occurred on this appliance; what was settled before any appliance was asked is counted with the first.
fn outcomes(run: &Run, place: usize, ended: &Ended) -> Vec<(String, i64)> {
    let mut outcomes: BTreeMap<&str, i64> = BTreeMap::new();
    for item in &ended.result.items {
        *outcomes.entry(item.outcome.code()).or_default() += 1;
    }
    for item in run.items.iter().filter(|_| place == 0) {
        let settled = match &item.fate {
            Fate::Settled(outcome, _) => outcome.code(),
            Fate::Repeated { .. } => Outcome::Repeated.code(),
            Fate::Sender(_) | Fate::Recipient(_) => continue,
        };
        *outcomes.entry(settled).or_default() += 1;
    }
    let outcomes = outcomes.into_iter();
    outcomes
        .map(|(outcome, count)| (outcome.to_owned(), count))
        .collect()
}

/// Folded, as it is compared.
pub(super) fn stored(pair: &PairKey) -> StoredPair {
    StoredPair {
        recipient: pair.recipient.as_str().to_owned(),
        sender: pair.sender.as_str().to_owned(),
    }
}

/// A pair of the journal.
pub(super) fn pair_of(stored: &StoredPair) -> crate::model::Pair {
    crate::model::Pair {
        recipient: stored.recipient.clone(),
        sender: stored.sender.clone(),
    }
}
