//! What is told of an appliance that was only looked at: that nothing was written there and, where it stands beside
//! appliances that are written to, that it counts for nothing, and what would have become of the call there. Refuses
//! to know which appliances count; `pipeline` decides that.

use super::spread::{Bucket, reason};
use super::{ApplianceLine, Heading, Mode, ResultLine};
use crate::model::{Class, Operation, Outcome, excerpt};
use std::collections::BTreeMap;

/// Characters of why an appliance could not be looked at; its entry in each result has the whole.
const DETAIL_CHARACTERS_MAX: usize = 160;

/// The sentence for an appliance in mode `observe`, unless the caller asked for a preview anyway.
pub(super) fn warning(heading: &Heading, results: &[ResultLine], line: &ApplianceLine) -> Option<String> {
    if line.mode != Mode::Observe || heading.dry_run {
        return None;
    }
    let name = &line.name;
    if !line.skipped {
        return Some(format!(
            "{name} is in mode observe: nothing was written there, this was a preview"
        ));
    }
    let mut parts = vec![format!(
        "{name} is in mode observe: skipped, nothing written there"
    )];
    parts.extend(would_have_been(heading.operation, results, name));
    Some(parts.join("; "))
}

/// What one result is on the observed appliance.
struct Glimpse<'a> {
    outcome: Outcome,
    class: Class,
    bucket: Bucket,
    detail: &'a str,
}

/// "2 of 3 would be listed", "1 of 3 listed already", "3 of 3 could not be looked at: connection refused".
fn would_have_been(operation: Operation, results: &[ResultLine], name: &str) -> Vec<String> {
    let (done, already) = match operation {
        Operation::Add => ("listed", "listed already"),
        Operation::Delete => ("taken off", "off the list already"),
    };
    let total = results.len();
    let glimpses: Vec<_> = results
        .iter()
        .map(|result| glimpse(result, results, name))
        .collect();
    let (in_trouble, seen): (Vec<_>, Vec<_>) = glimpses
        .iter()
        .partition(|glimpse| glimpse.class == Class::Trouble);
    let mut parts = Vec::new();
    for (bucket, words) in [
        (Bucket::Preview, format!("would be {done}")),
        (Bucket::InPlace, already.to_owned()),
        (Bucket::Partly, format!("would be {done} in part")),
        (Bucket::Waiting, "would wait for the next run".to_owned()),
    ] {
        let count = seen.iter().filter(|glimpse| glimpse.bucket == bucket).count();
        if count > 0 {
            parts.push(format!("{count} of {total} {words}"));
        }
    }
    let mut reasons: BTreeMap<Outcome, usize> = BTreeMap::new();
    for glimpse in seen.iter().filter(|glimpse| glimpse.bucket == Bucket::Short) {
        *reasons.entry(glimpse.outcome).or_default() += 1;
    }
    if !reasons.is_empty() {
        let short: usize = reasons.values().sum();
        let reasons = reasons.iter().rev();
        let reasons: Vec<_> = reasons
            .map(|(outcome, count)| format!("{count} {}", reason(*outcome)))
            .collect();
        parts.push(format!(
            "{short} of {total} would not be {done} ({})",
            reasons.join(", ")
        ));
    }
    if let [first, ..] = in_trouble.as_slice() {
        parts.push(format!(
            "{} of {total} could not be looked at: {}",
            in_trouble.len(),
            excerpt(first.detail, DETAIL_CHARACTERS_MAX)
        ));
    }
    parts
}

fn glimpse<'a>(result: &'a ResultLine, results: &'a [ResultLine], name: &str) -> Glimpse<'a> {
    let twin = result.of.and_then(|twin| results.get(twin)).unwrap_or(result);
    match twin.appliances.iter().find(|appliance| appliance.name == name) {
        Some(there) => Glimpse {
            outcome: there.outcome,
            class: there.class,
            bucket: Bucket::of(there.outcome, there.class, &there.pairs),
            detail: &there.detail,
        },
        None => Glimpse {
            outcome: twin.outcome,
            class: twin.class,
            bucket: Bucket::of(twin.outcome, twin.class, &twin.pairs),
            detail: &twin.detail,
        },
    }
}
