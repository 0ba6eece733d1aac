//! The credit rule for additions. *Already* is what stood before any request of ours named it; *written* is what
//! was absent in the last reading before the first such request and was seen afterwards; what falls short was not
//! there when it was last read; *unproven* is what was sent and could not be read.

use super::claim::Claim;
use super::story::Story;
use super::trace::{Call, Key, Trace};
use doorlist::model::Outcome;

/// What can truly be said of a pair.
#[derive(Debug, Clone, Copy)]
struct Truth {
    already: bool,
    written: bool,
    /// Falls short, and is not unproven.
    short: bool,
    unproven: bool,
}

pub fn judge(story: &Story, trace: &Trace, item: &str, claim: &Claim) -> Vec<String> {
    let mut found = Vec::new();
    let mut unnamed = Vec::new();
    for counterpart in story.counterparts_of(item) {
        let pair = story.pair_with(item, counterpart);
        let truth = truth(story, trace, &pair);
        let is_called = |named: &Option<Vec<Key>>| named.as_ref().is_some_and(|named| named.contains(&pair));
        if is_called(&claim.already) && !truth.already {
            found.push(format!("{pair:?} is said to have stood before; {truth:?}"));
        }
        if is_called(&claim.unproven) && !truth.unproven {
            found.push(format!("{pair:?} is named as unproven; {truth:?}"));
        }
        let is_changed = claim.changed.as_ref().map(|changed| changed.contains(&pair));
        let short = claim.short.iter().find(|(short, ..)| *short == pair);
        match (is_changed, short) {
            (Some(true), _) if !truth.written => found.push(format!("{pair:?} is called written; {truth:?}")),
            (Some(true), _) => {}
            (_, Some((_, outcome, detail))) => {
                if let Some(untruth) = judge_short(story, trace, &pair, *outcome, truth) {
                    found.push(format!("{pair:?} {untruth}"));
                }
                if detail.starts_with("nothing sent") && trace.was_asked_for(&pair) {
                    found.push(format!("{pair:?} was sent, and it is said that nothing was"));
                }
            }
            (changed, None) => unnamed.push((pair, truth, changed.is_some())),
        }
    }
    found.extend(judge_counts(claim, &unnamed));
    let refused = story
        .counterparts
        .iter()
        .filter(|counterpart| super::calm::is_refused(story, counterpart));
    if !story.unwanted.is_empty() && claim.counts.misconfigured > 0 {
        found.push("a side of single pairs is excused as if it were stored".to_owned());
    }
    if story.is_calm() && !super::calm::loses_errors(story) && claim.counts.misconfigured > refused.count() {
        found.push("more stored entries are called refused than are".to_owned());
    }
    found
}

fn truth(story: &Story, trace: &Trace, pair: &Key) -> Truth {
    // What was not let in was not done.
    let has_effect = |call: &&Call| call.names(pair) && !matches!(call.status, Some(401 | 403));
    let namings: Vec<u64> = trace
        .calls
        .iter()
        .filter(has_effect)
        .map(|call| call.sequence)
        .collect();
    let (Some(&first), Some(&last)) = (namings.first(), namings.last()) else {
        let (present, _) = trace.seen_within(pair, trace.readings());
        let (_, absent) = trace.seen_within(pair, trace.readings());
        let never_read = trace.readings().next().is_none();
        let unseen = story.loses_requests_unseen();
        return Truth {
            already: present,
            // Whatever changed it was not named in this run: another writer, or a late effect of an earlier one.
            written: unseen && trace.changes.contains_key(pair),
            short: absent || never_read || !story.is_calm(),
            unproven: unseen,
        };
    };
    let (_, absent_before) = trace.seen_within(pair, trace.readings_before(first));
    let (present_after, _) = trace.seen_within(pair, trace.readings_after(first));
    let after = trace.readings_after(last);
    let (_, absent_at_last) = trace.seen_within(pair, after.iter().copied());
    Truth {
        already: false,
        written: absent_before && present_after,
        short: absent_at_last,
        unproven: !story.is_calm() && !trace.was_read_well(story.loses_requests_unseen(), last),
    }
}

fn judge_short(story: &Story, trace: &Trace, pair: &Key, outcome: Outcome, truth: Truth) -> Option<String> {
    if outcome == Outcome::Unproven {
        return (!truth.unproven).then(|| format!("is called unproven; {truth:?}"));
    }
    if !truth.short {
        return Some(format!("is called {outcome}; {truth:?}"));
    }
    let may_be_held = matches!(outcome, Outcome::Held | Outcome::NotTried | Outcome::Unreachable);
    if story.held.contains(pair) && !may_be_held || !story.held.contains(pair) && outcome == Outcome::Held {
        return Some(format!("is called {outcome}, against what is on hold"));
    }
    let stood_all_along = trace.stood_first(pair) && !trace.changes.contains_key(pair);
    if stood_all_along && !matches!(outcome, Outcome::Unreachable | Outcome::NotTried) {
        return Some(format!("is called {outcome}, and stood there all along"));
    }
    if outcome == Outcome::Conflict && !trace.other_initial.contains(pair) && !story.has_other_writer() {
        return Some("is called a conflict, and does not stand on the other list".to_owned());
    }
    if outcome == Outcome::ListFull && story.limits.list_limit.is_none() {
        return Some("is called list_full, and nobody told a limit".to_owned());
    }
    let is_calm = story.is_calm() && !super::calm::is_reason(story, trace, pair, outcome);
    is_calm.then(|| format!("is called {outcome} for no reason"))
}

/// Pairs that nobody named must be enough for each number, and not too many.
fn judge_counts(claim: &Claim, unnamed: &[(Key, Truth, bool)]) -> Vec<String> {
    let counts = claim.counts;
    let named_changed = claim.changed.as_ref().map_or(0, Vec::len);
    let written = counts.written - named_changed.min(counts.written);
    let short = claim.short_count() - claim.short.len().min(claim.short_count()) + counts.misconfigured;
    let may = |test: &dyn Fn(Truth, bool) -> bool| {
        unnamed
            .iter()
            .filter(|(_, truth, is_exact)| test(*truth, *is_exact))
            .count()
    };
    let may_be_short = |truth: Truth| truth.short || truth.unproven;
    let mut found = Vec::new();
    for (what, claimed, at_most, at_least) in [
        (
            "already",
            counts.already,
            may(&|truth, _| truth.already),
            may(&|truth, exact| truth.already && (exact || !truth.written) && !may_be_short(truth)),
        ),
        (
            "written",
            written,
            may(&|truth, exact| truth.written && !exact),
            may(&|truth, exact| truth.written && !exact && !truth.already && !may_be_short(truth)),
        ),
        (
            "short",
            short,
            may(&|truth, _| may_be_short(truth)),
            may(&|truth, exact| may_be_short(truth) && !truth.already && (exact || !truth.written)),
        ),
    ] {
        if !(at_least..=at_most).contains(&claimed) {
            found.push(format!(
                "{claimed} are called {what}, and it can be {at_least} to {at_most}; {unnamed:?}"
            ));
        }
    }
    let lost = unnamed
        .iter()
        .filter(|(_, truth, exact)| !truth.already && !may_be_short(*truth) && (*exact || !truth.written));
    found.extend(lost.map(|(pair, truth, _)| format!("{pair:?} is not told of; {truth:?}")));
    found
}
