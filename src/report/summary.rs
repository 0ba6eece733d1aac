//! The first sentence of a report. ThreatQ's activity log and many chat tools show the beginning of an answer
//! and no more, so what went wrong comes first: the first 120 bytes alone never sound better than the run was, and
//! with several appliances they say where. `spread.rs` counts.

use super::spread::{Bucket, Spread, listed};
use super::{ApplianceLine, Heading, ResultLine, in_force};
use crate::model::{Operation, Outcome};

/// Characters of a trouble of the configuration in the sentence; the whole stands with its appliance.
const TROUBLE_CHARACTERS_MAX: usize = 160;

/// "NOT LISTED 3 of 100 (2 full mailbox, 1 invalid); 97 listed (12 new); blocklist of esa-1; run 0193...".
pub(super) fn sentence(
    heading: &Heading,
    results: &[ResultLine],
    appliances: &[ApplianceLine],
    is_preview: bool,
) -> String {
    let named = |is_skipped: bool| -> Vec<&str> {
        let lines = appliances.iter().filter(|line| line.skipped == is_skipped);
        lines.map(|line| line.name.as_str()).collect()
    };
    let (counted, left_out) = (named(false), named(true));
    let spread = Spread::over(results, &counted);
    let words = Words::of(heading.operation);
    let mut parts = Vec::new();
    if is_preview {
        parts.push("PREVIEW, nothing written".to_owned());
    }
    parts.extend(shortfalls(&spread, &words, results.len(), appliances));
    let is_well = parts.len() == usize::from(is_preview);
    parts.extend(what_stands(&spread, &words, results.len(), is_well));
    let skipped = spread.count(Bucket::Skipped);
    if skipped > 0 {
        parts.push(format!("{skipped} skipped"));
    }
    if !left_out.is_empty() {
        parts.push(format!("{} skipped (observe)", listed(&left_out)));
    }
    if !counted.is_empty() {
        parts.push(format!("{} of {}", heading.list, listed(&counted)));
    }
    parts.extend(in_force::part(heading.operation, appliances));
    parts.push(format!("run {}", heading.run));
    parts.join("; ")
}

/// Everything that is not as wished, the worst first.
fn shortfalls(spread: &Spread<'_>, words: &Words, total: usize, appliances: &[ApplianceLine]) -> Vec<String> {
    let part = |bucket: Bucket, text: &dyn Fn(usize) -> String| {
        let count = spread.count(bucket);
        (count > 0).then(|| format!("{}{}", text(count), spread.reasons(bucket)))
    };
    let Words { done, done_loud, .. } = words;
    let parts = [
        part(Bucket::Unproven, &|count| {
            format!("UNPROVEN {count} of {total}: may or may not be {done}")
        }),
        configuration_trouble(appliances),
        part(Bucket::Short, &|count| {
            format!("NOT {done_loud} {count} of {total}")
        }),
        part(Bucket::ShortOnSome, &|count| {
            format!("NOT {done_loud} ON ALL {count} of {total}")
        }),
        part(Bucket::Partly, &|count| {
            format!("PARTLY {done_loud} {count} of {total}")
        }),
        part(Bucket::Waiting, &|count| {
            format!("{count} of {total} wait for the next run")
        }),
    ];
    parts.into_iter().flatten().collect()
}

/// What is as wished, or would be: everywhere first, then where there is more of it than everywhere.
fn what_stands(spread: &Spread<'_>, words: &Words, total: usize, is_well: bool) -> Vec<String> {
    let (would, in_place) = (spread.count(Bucket::Preview), spread.count(Bucket::InPlace));
    let mut parts = Vec::new();
    if would > 0 {
        let places = spread.reasons(Bucket::Preview);
        parts.push(format!("{would} of {total} would be {}{places}", words.would));
    }
    let would_beyond = spread.beyond(Bucket::Preview, words.changed);
    parts.extend(
        would_beyond
            .iter()
            .map(|(place, count, _)| format!("on {place} {count} of {total} would be {}", words.would)),
    );
    let beyond = spread.beyond(Bucket::InPlace, words.changed);
    let everywhere = if beyond.is_empty() { "" } else { " on all" };
    if in_place > 0 || total == 0 || (is_well && parts.is_empty()) {
        let changed = spread.count_outcome(words.changed);
        parts.push(format!(
            "{in_place} of {total} {}{everywhere} ({changed} {})",
            words.done, words.now
        ));
    }
    parts.extend(beyond.iter().map(|(place, count, changed)| {
        format!(
            "on {place} {count} of {total} {} ({changed} {})",
            words.done, words.now
        )
    }));
    parts
}

struct Words {
    done: &'static str,
    done_loud: &'static str,
    now: &'static str,
    would: &'static str,
    changed: Outcome,
}

impl Words {
    fn of(operation: Operation) -> Self {
        match operation {
            Operation::Add => Self {
                done: "listed",
                done_loud: "LISTED",
                now: "new",
                would: "listed",
                changed: Outcome::Added,
            },
            Operation::Delete => Self {
                done: "off the list",
                done_loud: "REMOVED",
                now: "removed now",
                would: "taken off",
                changed: Outcome::Removed,
            },
        }
    }
}

/// The first stored entry that is refused, and how many more there are: who mends the configuration reads on.
fn configuration_trouble(appliances: &[ApplianceLine]) -> Option<String> {
    let mut troubles = appliances.iter().flat_map(|line| {
        let named = |trouble: &String| format!("{} on {}", trouble, line.name);
        line.configuration_troubles.iter().map(named)
    });
    let first = troubles.next()?;
    let more = match troubles.count() {
        0 => String::new(),
        count => format!(" (and {count} more)"),
    };
    Some(format!(
        "CONFIGURATION: {}{more}",
        crate::model::excerpt(&first, TROUBLE_CHARACTERS_MAX)
    ))
}

#[cfg(test)]
mod tests;
