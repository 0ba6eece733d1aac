//! The first sentence of a report. ThreatQ's activity log and many chat tools show the beginning of an answer
//! and no more, so what went wrong comes first: the first 120 bytes alone never sound better than the run was.

use super::{ApplianceLine, Heading, ResultLine};
use crate::model::{Class, Operation, Outcome};
use std::collections::BTreeMap;

/// Characters of a trouble of the configuration in the sentence; the whole stands with its appliance.
const TROUBLE_CHARACTERS_MAX: usize = 160;

/// "NOT LISTED 3 of 100 (2 full mailbox, 1 invalid); 97 listed (12 new); blocklist of esa-1; run 0193...".
pub(super) fn sentence(
    heading: &Heading,
    results: &[ResultLine],
    appliances: &[ApplianceLine],
    is_preview: bool,
) -> String {
    let total = results.len();
    let words = Words::of(heading.operation);
    let mut parts = Vec::new();
    if is_preview {
        parts.push("PREVIEW, nothing written".to_owned());
    }
    let count = |bucket| {
        results
            .iter()
            .filter(|result| Bucket::of(result, results) == bucket)
            .count()
    };
    let (unproven, partly, waiting) = (
        count(Bucket::Unproven),
        count(Bucket::Partly),
        count(Bucket::Waiting),
    );
    let (would, in_place, skipped) = (
        count(Bucket::Preview),
        count(Bucket::InPlace),
        count(Bucket::Skipped),
    );
    if unproven > 0 {
        parts.push(format!(
            "UNPROVEN {unproven} of {total}: may or may not be {}",
            words.done
        ));
    }
    parts.extend(configuration_trouble(appliances));
    parts.extend(fallen_short(results, &words));
    if partly > 0 {
        parts.push(format!("PARTLY {} {partly} of {total}", words.done_loud));
    }
    if waiting > 0 {
        parts.push(format!("{waiting} of {total} wait for the next run"));
    }
    if would > 0 {
        parts.push(format!("{would} of {total} would be {}", words.would));
    }
    if in_place > 0 || total == 0 || parts.len() == usize::from(is_preview) {
        let changed = results
            .iter()
            .filter(|result| words.changed == result.outcome)
            .count();
        parts.push(format!(
            "{in_place} of {total} {} ({changed} {})",
            words.done, words.now
        ));
    }
    if skipped > 0 {
        parts.push(format!("{skipped} skipped"));
    }
    let names: Vec<_> = appliances
        .iter()
        .map(|appliance| appliance.name.as_str())
        .collect();
    if !names.is_empty() {
        parts.push(format!("{} of {}", heading.list, names.join(", ")));
    }
    parts.push(format!("run {}", heading.run));
    parts.join("; ")
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

/// Where a result is counted: in exactly one place, so that the numbers add up. A repeated entry is counted where
/// its twin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bucket {
    Unproven,
    Short,
    Partly,
    Waiting,
    Preview,
    InPlace,
    Skipped,
}

impl Bucket {
    fn of(result: &ResultLine, results: &[ResultLine]) -> Self {
        let result = result.of.and_then(|twin| results.get(twin)).unwrap_or(result);
        match (result.outcome, result.class) {
            (Outcome::Unproven, _) => Self::Unproven,
            (Outcome::Partly, _) if result.pairs.unproven > 0 => Self::Unproven,
            (Outcome::Partly, _) => Self::Partly,
            (_, Class::Refused | Class::Trouble) => Self::Short,
            (_, Class::Waiting) => Self::Waiting,
            (_, Class::Preview) => Self::Preview,
            (_, Class::InPlace) => Self::InPlace,
            (_, Class::Skipped) => Self::Skipped,
        }
    }
}

/// Everything that is refused or in trouble, with the reasons counted.
fn fallen_short(results: &[ResultLine], words: &Words) -> Option<String> {
    let mut reasons: BTreeMap<Outcome, usize> = BTreeMap::new();
    for result in results
        .iter()
        .filter(|result| Bucket::of(result, results) == Bucket::Short)
    {
        *reasons.entry(result.outcome).or_default() += 1;
    }
    let short: usize = reasons.values().sum();
    // Worst first, so that a cut sentence keeps it.
    let reasons: Vec<_> = reasons
        .iter()
        .rev()
        .map(|(outcome, count)| format!("{count} {}", reason(*outcome)))
        .collect();
    let total = results.len();
    (short > 0).then(|| {
        format!(
            "NOT {} {short} of {total} ({})",
            words.done_loud,
            reasons.join(", ")
        )
    })
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

fn reason(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::ListFull => "full mailbox",
        Outcome::Conflict => "on the other list",
        Outcome::RefusedByAppliance => "refused by the appliance",
        Outcome::NotTried => "not tried",
        Outcome::RefusedByRule => "refused by rule",
        Outcome::OverCap => "over the cap",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ListKind, PairCounts};

    fn heading(operation: Operation) -> Heading {
        Heading {
            run: "R".into(),
            action: "a".into(),
            configuration: "c".into(),
            format: "plain".into(),
            operation,
            list: ListKind::Blocklist,
            notes: vec![],
            dry_run: false,
        }
    }

    fn results(outcomes: &[(Outcome, Class)]) -> Vec<ResultLine> {
        let line = |(index, (outcome, class)): (usize, &(Outcome, Class))| ResultLine {
            index,
            id: None,
            r#type: None,
            value: String::new(),
            entry: None,
            outcome: *outcome,
            class: *class,
            ok: class.ok(),
            retry: class.retry(),
            detail: String::new(),
            of: (*outcome == Outcome::Repeated).then_some(0),
            pairs: PairCounts {
                wanted: 1,
                unproven: usize::from(*outcome == Outcome::Unproven),
                ..PairCounts::default()
            },
            notes: vec![],
            appliances: vec![],
        };
        outcomes.iter().enumerate().map(line).collect()
    }

    #[test]
    fn trouble_comes_first_and_the_numbers_add_up() {
        use Class::{InPlace, Refused, Skipped, Trouble, Waiting};
        use Outcome as O;
        for (operation, outcomes, expected) in [
            (
                Operation::Add,
                vec![(O::Added, InPlace), (O::AlreadyPresent, InPlace)],
                "2 of 2 listed (1 new); run R",
            ),
            (Operation::Add, vec![], "0 of 0 listed (0 new); run R"),
            (
                Operation::Add,
                vec![
                    (O::Added, InPlace),
                    (O::ListFull, Refused),
                    (O::Invalid, Refused),
                    (O::ListFull, Refused),
                ],
                "NOT LISTED 3 of 4 (2 full mailbox, 1 invalid); 1 of 4 listed (1 new); run R",
            ),
            (
                Operation::Add,
                vec![
                    (O::Unproven, Trouble),
                    (O::Unreachable, Trouble),
                    (O::Waiting, Waiting),
                ],
                "UNPROVEN 1 of 3: may or may not be listed; NOT LISTED 1 of 3 (1 unreachable); 1 of 3 wait for the next run; run R",
            ),
            (
                Operation::Add,
                vec![(O::Partly, Refused), (O::UnsupportedType, Skipped)],
                "PARTLY LISTED 1 of 2; 1 skipped; run R",
            ),
            (
                Operation::Add,
                vec![(O::Partly, Refused), (O::Repeated, Refused), (O::Added, InPlace)],
                "PARTLY LISTED 2 of 3; 1 of 3 listed (1 new); run R",
            ),
            (
                Operation::Delete,
                vec![
                    (O::Removed, InPlace),
                    (O::AlreadyAbsent, InPlace),
                    (O::Unreachable, Trouble),
                ],
                "NOT REMOVED 1 of 3 (1 unreachable); 2 of 3 off the list (1 removed now); run R",
            ),
        ] {
            assert_eq!(
                sentence(&heading(operation), &results(&outcomes), &[], false),
                expected
            );
        }
    }

    #[test]
    fn a_trouble_of_the_configuration_comes_before_what_is_well() {
        let line = |name: &str, troubles: &[&str]| ApplianceLine {
            name: name.into(),
            list: ListKind::Blocklist,
            mode: crate::report::Mode::Enforce,
            calls: crate::report::CallCounts { reads: 1, writes: 1 },
            configuration_troubles: troubles.iter().map(|trouble| (*trouble).to_owned()).collect(),
            warnings: vec![],
        };
        let outcomes = results(&[(Outcome::Added, Class::InPlace)]);
        let heading = heading(Operation::Add);
        for (lines, expected) in [
            (
                vec![line("esa-1", &["u1 is refused"])],
                "CONFIGURATION: u1 is refused on esa-1; 1 of 1 listed (1 new); blocklist of esa-1; run R",
            ),
            (
                vec![
                    line("esa-1", &["u1 is refused", "u2 is refused"]),
                    line("esa-2", &["u1 is refused"]),
                ],
                "CONFIGURATION: u1 is refused on esa-1 (and 2 more); 1 of 1 listed (1 new); blocklist of esa-1, esa-2; run R",
            ),
        ] {
            assert_eq!(sentence(&heading, &outcomes, &lines, false), expected);
        }
    }
}
