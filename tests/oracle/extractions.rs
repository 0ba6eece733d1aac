//! The rules for single pairs that are taken out of rows: a pair called removed stood there and is gone, and a pair
//! that nobody asked for is there in the end, or its loss is told.

use super::claim::{Claim, Played};
use super::story::Story;
use super::trace::{Call, Key, Kind, Trace, key};
use doorlist::model::Outcome;
use doorlist::simulator::faults::Fault;
use doorlist::simulator::{ChangedBy, PairChange};
use std::collections::BTreeSet;

pub fn judge(story: &Story, trace: &Trace, item: &str, claim: &Claim) -> Vec<String> {
    let (recipient, sender) = Story::pair(item);
    let pair = key(&recipient, &sender);
    let requests: Vec<&Call> = trace.calls.iter().filter(|call| touches(call, &pair)).collect();
    let was_let_in = |call: &&&Call| !matches!(call.status, Some(401 | 403));
    let last = requests.iter().rfind(was_let_in).map(|call| call.sequence);
    let is_ours = !comes_late(story) && trace.was_removed_by_us(&pair) && !trace.was_changed_by_other(&pair);
    let untruth = match claim.outcome {
        Outcome::Removed => {
            let before = last.map(|last| trace.readings().filter(move |reading| *reading < last));
            let stood = before.is_some_and(|before| trace.seen_within(&pair, before).0);
            let is_gone = trace.seen_within(&pair, trace.readings()).1;
            let unseen = story.loses_requests_unseen() && trace.changes.contains_key(&pair);
            (!unseen && (!stood || !is_gone)).then_some("is called removed")
        }
        Outcome::AlreadyAbsent if is_ours => Some("was removed by us and is called absent before"),
        Outcome::AlreadyAbsent => {
            let was_absent = trace.seen_within(&pair, trace.readings()).1;
            (!was_absent).then_some("is called absent and stood there all along")
        }
        Outcome::Unproven => {
            let was_sent = !requests.is_empty() || story.loses_requests_unseen();
            (story.is_calm() || !was_sent).then_some("is called unproven")
        }
        _ if is_ours && trace.was_seen_gone(&pair) => Some("was removed and falls short"),
        Outcome::Waiting | Outcome::OverCap => None,
        // A row that holds an entry which the appliance refuses cannot be rewritten.
        _ if story.is_calm()
            && story.knobs.refused_entries.is_empty()
            && !super::calm::loses_errors(story) =>
        {
            Some("falls short for no reason")
        }
        _ => None,
    };
    untruth
        .map(|untruth| format!("{} {untruth}", claim.outcome))
        .into_iter()
        .collect()
}

/// What an appliance does long after it said that it was done, to rows as they were then, no caller can follow; an
/// earlier run may have asked for it.
fn comes_late(story: &Story) -> bool {
    story.has_fault(|fault| matches!(fault, Fault::AppliedLate { .. }))
}

/// May this request have taken the pair out? An `edit` names the row and what is left of it.
fn touches(call: &Call, pair: &Key) -> bool {
    match &call.kind {
        Kind::Read => false,
        Kind::Delete(rows) => rows.contains(&pair.0) || rows.contains(&pair.1),
        Kind::Put(verb, recipients, senders) => {
            verb == "edit" && (recipients.contains(&pair.0) || senders.contains(&pair.1))
        }
    }
}

/// What nobody asked for stays, or is put back, or its loss is told.
pub fn foreign_changes(story: &Story, played: &Played) -> Vec<String> {
    let wished: BTreeSet<Key> = story
        .items
        .iter()
        .map(|item| {
            let (recipient, sender) = Story::pair(item);
            key(&recipient, &sender)
        })
        .collect();
    let trace = &played.trace;
    if comes_late(story) {
        return Vec::new();
    }
    let told = played.warnings.join(" ").to_lowercase();
    let mut found = Vec::new();
    for (pair, changes) in &trace.changes {
        let mut stood = trace.stood_first(pair);
        for change in changes {
            let is_added = change.by == ChangedBy::Api && change.change == PairChange::Added;
            // A row that is written again holds what it held, also a pair of the wish whose turn is yet to come.
            if is_added && !stood {
                found.push(format!("nobody asked for {pair:?}"));
            }
            stood |= change.stands;
        }
        let is_lost = trace.was_removed_by_us(pair) && !changes.last().is_some_and(|change| change.stands);
        let is_told = told.contains(&pair.0) && told.contains(&pair.1);
        if is_lost && !wished.contains(pair) && !trace.was_changed_by_other(pair) && !is_told {
            found.push(format!("{pair:?} was lost, and nobody says so"));
        }
    }
    found
}
