//! The credit rule for deletions. *Removed* is a pair that was there in the last reading before a request of ours
//! named its row and is gone in a later one; *already* one that went by itself; what falls short was still there
//! when it was last read; *unproven* is what was sent and could not be read.

use super::claim::Claim;
use super::story::Story;
use super::trace::{Call, Key, Trace};
use doorlist::model::Outcome;
use std::collections::BTreeSet;

pub fn judge(story: &Story, trace: &Trace, item: &str, claim: &Claim) -> Vec<String> {
    let item = item.to_lowercase();
    let belongs = |pair: &&&Key| {
        if story.action.by_sender() {
            pair.1 == item
        } else {
            pair.0 == item
        }
    };
    let pairs: BTreeSet<Key> = trace
        .pairs()
        .iter()
        .filter(belongs)
        .map(|pair| (*pair).clone())
        .collect();
    let mut found = Vec::new();
    for pair in claim.changed.iter().flatten() {
        let by_other = story.loses_requests_unseen() && trace.changes.contains_key(pair);
        if !by_other && !was_removed(trace, pair) {
            found.push(format!("{pair:?} is called removed"));
        }
    }
    for (pair, outcome, _) in &claim.short {
        if let Some(untruth) = judge_short(story, trace, pair, *outcome) {
            found.push(format!("{pair:?} {untruth}"));
        }
    }
    found.extend(judge_counts(trace, claim, &pairs));
    if claim.outcome == Outcome::AlreadyAbsent {
        let stood = pairs
            .iter()
            .filter(|pair| !trace.seen_within(pair, trace.readings()).1);
        found.extend(stood.map(|pair| format!("{pair:?} stood there all along")));
    }
    found
}

/// Requests that name the row of a pair; what was not let in was not done.
fn namings<'a>(trace: &'a Trace, pair: &Key) -> Vec<&'a Call> {
    let has_effect = |call: &&Call| call.names(pair) && !matches!(call.status, Some(401 | 403));
    trace.calls.iter().filter(has_effect).collect()
}

fn was_removed(trace: &Trace, pair: &Key) -> bool {
    namings(trace, pair).iter().any(|call| {
        let (present, _) = trace.seen_within(pair, trace.readings_before(call.sequence));
        let (_, absent) = trace.seen_within(pair, trace.readings_after(call.sequence));
        present && absent
    })
}

fn judge_short(story: &Story, trace: &Trace, pair: &Key, outcome: Outcome) -> Option<String> {
    let namings = namings(trace, pair);
    let last = namings.last().map(|call| call.sequence);
    let (unseen, calm) = (story.loses_requests_unseen(), story.is_calm());
    if outcome == Outcome::Unproven {
        let may_be = match last {
            Some(last) => !calm && !trace.was_read_well(unseen, last),
            None => unseen,
        };
        return (!may_be).then(|| "is called unproven".to_owned());
    }
    let is_there = last.is_none_or(|last| trace.seen_within(pair, trace.readings_after(last)).0);
    if !is_there {
        return Some(format!("is called {outcome}, and is gone or was not read"));
    }
    let is_reason = super::calm::is_reason_to_stay(story, trace, outcome);
    (calm && !is_reason).then(|| format!("is called {outcome} for no reason"))
}

/// What we really removed is told, as long as nobody else had a hand in it.
fn judge_counts(trace: &Trace, claim: &Claim, pairs: &BTreeSet<Key>) -> Vec<String> {
    let mut found = Vec::new();
    let counts = claim.counts;
    let removed: Vec<&Key> = pairs.iter().filter(|pair| removed_by_us(trace, pair)).collect();
    let ambiguous = pairs
        .iter()
        .filter(|pair| trace.was_changed_by_other(pair))
        .count();
    let is_sure = |pair: &&&Key| !trace.was_changed_by_other(pair) && trace.was_seen_gone(pair);
    let sure = removed.iter().filter(is_sure).count();
    if counts.written + counts.unproven < sure {
        found.push(format!("{sure} pairs were removed, {} are told", counts.written));
    }
    if counts.written > removed.len() + ambiguous {
        found.push(format!(
            "{} pairs are called removed, {} were",
            counts.written,
            removed.len()
        ));
    }
    if counts.already > ambiguous {
        found.push(format!(
            "{} pairs are said to have gone by themselves",
            counts.already
        ));
    }
    found
}

/// A change of an earlier run that comes late is not of this one, which never named the row.
fn removed_by_us(trace: &Trace, pair: &Key) -> bool {
    !namings(trace, pair).is_empty() && trace.was_removed_by_us(pair)
}
