//! Reasons that count on a calm day, when nothing goes wrong and nobody else writes: who falls short then without
//! one of them was lost.

use super::story::Story;
use super::trace::{Key, Kind, Trace};
use doorlist::model::Outcome;
use doorlist::simulator::knobs::{ErrorFraming, Roots};
use std::collections::BTreeSet;

/// Writes and rounds of writes beyond which the loop may stop by itself.
const WRITES_MANY: usize = 400;
const ROUNDS_MANY: usize = 40;

pub fn is_reason(story: &Story, trace: &Trace, pair: &Key, outcome: Outcome) -> bool {
    let knobs = &story.knobs;
    // As the appliance counts: two spellings may be two entries.
    let row_length = || {
        trace
            .standing
            .iter()
            .filter(|(recipient, _)| recipient.to_lowercase() == pair.0)
            .count()
    };
    let writes = trace
        .calls
        .iter()
        .filter(|call| !matches!(call.kind, Kind::Read))
        .count();
    let errors_are_lost = loses_errors(story);
    match outcome {
        Outcome::RefusedByAppliance => {
            is_refused(story, &pair.0)
                || is_refused(story, &pair.1)
                || knobs
                    .list_limit
                    .is_some_and(|limit| row_length() >= limit as usize)
        }
        Outcome::Held => story.held.contains(pair),
        Outcome::Conflict => trace.other_initial.contains(pair),
        Outcome::ListFull => story.limits.list_limit.is_some_and(|limit| row_length() >= limit),
        Outcome::Waiting => {
            let mut sent = BTreeSet::new();
            for call in &trace.calls {
                if let Kind::Put(_, recipients, senders) = &call.kind {
                    sent.extend(if story.action.by_sender() {
                        senders
                    } else {
                        recipients
                    });
                }
            }
            // A run in vain stops before every place is used.
            errors_are_lost || sent.len() >= story.limits.objects_per_run
        }
        Outcome::OverCap => story.limits.changed_pairs_max < story.items.len() * story.counterparts.len(),
        Outcome::Unreachable => errors_are_lost,
        Outcome::NotTried => writes >= WRITES_MANY || rounds(trace) >= ROUNDS_MANY || errors_are_lost,
        _ => false,
    }
}

/// Does the appliance refuse this entry wherever it occurs?
pub fn is_refused(story: &Story, name: &str) -> bool {
    let mut refused = story.knobs.refused_entries.iter();
    refused.any(|entry| entry.to_lowercase() == name.to_lowercase())
}

/// Who falls short in a deletion.
pub fn is_reason_to_stay(story: &Story, trace: &Trace, outcome: Outcome) -> bool {
    let mut sent = BTreeSet::new();
    for call in &trace.calls {
        if let Kind::Delete(rows) = &call.kind {
            sent.extend(rows);
        }
    }
    match outcome {
        Outcome::Waiting => loses_errors(story) || sent.len() >= story.limits.objects_per_run,
        Outcome::OverCap => trace.pairs().len() > story.limits.changed_pairs_max,
        Outcome::Unreachable | Outcome::NotTried | Outcome::RefusedByAppliance => loses_errors(story),
        _ => false,
    }
}

/// Does nobody ever see an error of this appliance, or any answer of this root?
pub fn loses_errors(story: &Story) -> bool {
    story.knobs.error_framing == ErrorFraming::Rst || story.knobs.roots == Roots::Sma
}

fn rounds(trace: &Trace) -> usize {
    let kinds: Vec<bool> = trace
        .calls
        .iter()
        .map(|call| matches!(call.kind, Kind::Read))
        .collect();
    kinds.windows(2).filter(|pair| !pair[0] && pair[1]).count()
}
