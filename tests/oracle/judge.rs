//! Holds every claim of a run against what really happened to each pair. An untruth is a sentence; a run without
//! any is true. `additions.rs` and `deletions.rs` have the rules of the two kinds of wish, here are those of both:
//! nothing is changed that nobody asked for, nothing is repeated blindly, limits hold, nothing is lost.

use super::additions;
use super::claim::{Claim, Played};
use super::deletions;
use super::extractions;
use super::story::{Action, Story};
use super::trace::{Key, Kind, Trace};
use doorlist::model::Outcome;
use doorlist::simulator::faults::Fault;
use doorlist::simulator::{ChangedBy, PairChange};
use std::collections::{BTreeMap, BTreeSet};

pub fn judge(story: &Story, played: &Played) -> Vec<String> {
    let Played { claims, trace, .. } = played;
    let mut untruths = Vec::new();
    if claims.len() != story.items.len() {
        return vec![format!("{} items, {} outcomes", story.items.len(), claims.len())];
    }
    for (item, claim) in story.items.iter().zip(claims) {
        if !names_what_it_counts(claim, story.action) {
            untruths.push(format!("{item}: {claim:?} does not name what it counts"));
        }
        if !claim.counts.adds_up() || !follows(claim, story.action.is_addition()) {
            untruths.push(format!(
                "{item}: {} does not follow from {:?}",
                claim.outcome, claim.counts
            ));
        }
        let found = match story.action {
            Action::AddSenders | Action::AddRecipients => additions::judge(story, trace, item, claim),
            Action::DeleteSenders | Action::DeleteRecipients => deletions::judge(story, trace, item, claim),
            Action::RemovePairs => extractions::judge(story, trace, item, claim),
        };
        untruths.extend(found.into_iter().map(|untruth| format!("{item}: {untruth}")));
    }
    if story.action == Action::RemovePairs {
        untruths.extend(extractions::foreign_changes(story, played));
    } else {
        untruths.extend(foreign_changes(story, trace));
        untruths.extend(unwished_requests(story, trace));
        untruths.extend(broken_limits(story, played));
    }
    untruths.extend(blind_repeats(trace));
    untruths
}

/// Are the pairs named that are counted? A deletion may have sent what it never saw.
fn names_what_it_counts(claim: &Claim, action: Action) -> bool {
    let named = |pairs: &Option<Vec<Key>>| pairs.as_ref().map(Vec::len);
    let already = if action.is_addition() {
        claim.counts.already
    } else {
        0
    };
    let unproven = claim.counts.unproven;
    let is_deletion = matches!(action, Action::DeleteSenders | Action::DeleteRecipients);
    named(&claim.already).is_none_or(|named| named == already)
        && named(&claim.unproven).is_none_or(|named| named == unproven || is_deletion && named < unproven)
}

/// No request of an addition names a pair that nobody wishes, or one that is on hold.
fn unwished_requests(story: &Story, trace: &Trace) -> Vec<String> {
    let wished: BTreeSet<Key> = story
        .items
        .iter()
        .flat_map(|item| {
            let counterparts = story.counterparts_of(item);
            counterparts.map(|counterpart| story.pair_with(item, counterpart))
        })
        .filter(|pair| !story.held.contains(pair))
        .collect();
    let mut found = Vec::new();
    for call in trace.calls.iter().filter(|_| story.action.is_addition()) {
        let Kind::Put(_, recipients, senders) = &call.kind else {
            continue;
        };
        for (recipient, sender) in recipients.iter().flat_map(|recipient| {
            senders
                .iter()
                .map(move |sender| (recipient.clone(), sender.clone()))
        }) {
            let pair = (recipient, sender);
            if !wished.contains(&pair) {
                found.push(format!("request {} names {pair:?}", call.sequence));
            }
        }
    }
    found
}

/// Does the outcome follow from the numbers?
fn follows(claim: &Claim, is_addition: bool) -> bool {
    let counts = claim.counts;
    let short = claim.short_count();
    let expected = match (short, counts.misconfigured, counts.written) {
        (0, misconfigured, _) if misconfigured > 0 && misconfigured == counts.wanted => Outcome::NotTried,
        (0, _, 0) if is_addition => Outcome::AlreadyPresent,
        (0, _, 0) => Outcome::AlreadyAbsent,
        (0, ..) if is_addition => Outcome::Added,
        (0, ..) => Outcome::Removed,
        _ if counts.in_place() > 0 => Outcome::Partly,
        // The worst of several has the word.
        _ => {
            return claim
                .short
                .iter()
                .any(|(_, outcome, _)| *outcome == claim.outcome)
                || claim.short.is_empty();
        }
    };
    claim.outcome == expected
}

/// Only pairs of the wish are changed, and only in its direction.
fn foreign_changes(story: &Story, trace: &Trace) -> Vec<String> {
    let lower =
        |names: &[String]| -> BTreeSet<String> { names.iter().map(|name| name.to_lowercase()).collect() };
    let (items, counterparts) = (lower(&story.items), lower(&story.counterparts));
    let is_asked_for = |key: &Key| {
        let (item, other) = if story.action.by_sender() {
            (&key.1, &key.0)
        } else {
            (&key.0, &key.1)
        };
        items.contains(item) && (!story.action.is_addition() || counterparts.contains(other))
    };
    let direction = if story.action.is_addition() {
        PairChange::Added
    } else {
        PairChange::Removed
    };
    let mut found = Vec::new();
    if trace.other_list_changed {
        found.push("the other list was changed".to_owned());
    }
    for (key, changes) in &trace.changes {
        let ours = changes.iter().filter(|change| change.by == ChangedBy::Api);
        for change in ours {
            if !is_asked_for(key) || change.change != direction {
                found.push(format!("nobody asked for {key:?} to be {:?}", change.change));
            }
        }
    }
    found
}

/// A pair is never named by two writes without a reading in between.
fn blind_repeats(trace: &Trace) -> Vec<String> {
    let mut found = Vec::new();
    let mut named: BTreeMap<Key, u64> = BTreeMap::new();
    let mut last_reading = 0;
    for call in &trace.calls {
        let pairs: Vec<Key> = match &call.kind {
            Kind::Read => {
                if call.is_reading() {
                    last_reading = call.sequence;
                }
                continue;
            }
            Kind::Put(_, recipients, senders) => {
                let of = |recipient: &String| {
                    let recipient = recipient.clone();
                    senders
                        .iter()
                        .map(move |sender| (recipient.clone(), sender.clone()))
                };
                recipients.iter().flat_map(of).collect()
            }
            Kind::Delete(rows) => rows.iter().map(|row| (row.clone(), String::new())).collect(),
        };
        for pair in pairs {
            if let Some(before) = named.insert(pair.clone(), call.sequence)
                && before > last_reading
            {
                found.push(format!(
                    "{pair:?} was sent again (requests {before} and {}) without a reading in between",
                    call.sequence
                ));
            }
        }
    }
    found
}

fn broken_limits(story: &Story, played: &Played) -> Vec<String> {
    let mut found = Vec::new();
    let limits = &story.limits;
    let mut named = BTreeSet::new();
    for call in &played.trace.calls {
        let items = match &call.kind {
            Kind::Read => continue,
            Kind::Put(_, recipients, senders) => {
                if recipients.len().max(senders.len()) > limits.items_per_call {
                    found.push(format!("request {} is larger than items_per_call", call.sequence));
                }
                if story.action.by_sender() {
                    senders
                } else {
                    recipients
                }
            }
            Kind::Delete(rows) => rows,
        };
        named.extend(items.iter().cloned());
    }
    let is_refused = |item: &&String| {
        let place = story
            .items
            .iter()
            .position(|other| other.to_lowercase() == **item);
        place.is_some_and(|place| {
            let counts = played.claims[place].counts;
            let refused = counts.refused + counts.misconfigured;
            let unsent = counts.already + counts.conflict + counts.full + counts.held;
            refused > 0 && refused + unsent == counts.wanted
        })
    };
    let refused = named.iter().filter(is_refused).count();
    // What was refused, gave its place back, and stands in the end all the same, was sent within the limit.
    let may_come_late =
        story.has_fault(|fault| matches!(fault, Fault::AppliedLate { .. } | Fault::OtherWriter { .. }));
    if !may_come_late && named.len() - refused.min(limits.objects_per_run) > limits.objects_per_run {
        found.push(format!(
            "{} items were sent, {refused} of them refused alone",
            named.len()
        ));
    }
    let changed: usize = played.claims.iter().map(|claim| claim.counts.written).sum();
    // What somebody else changed after we asked for it cannot be told apart.
    if changed > limits.changed_pairs_max && !story.has_other_writer() {
        found.push(format!("{changed} pairs were changed"));
    }
    found
}
