//! For tests: results and appliances of a made-up call. Knows how `pipeline` lets the worst appliance have the word,
//! and nothing of sentences.

use super::{ApplianceLine, ApplianceResult, CallCounts, Heading, Mode, ResultLine};
use crate::model::{Class, ListKind, Operation, Outcome, PairCounts};

/// What a call begins with.
pub(super) fn heading(operation: Operation) -> Heading {
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

/// Pairs of one appliance that amount to this outcome.
fn counts(outcome: Outcome) -> PairCounts {
    let mut counts = PairCounts {
        wanted: if outcome == Outcome::Partly { 2 } else { 1 },
        ..PairCounts::default()
    };
    *match outcome {
        Outcome::Added | Outcome::Removed | Outcome::Partly => &mut counts.written,
        Outcome::AlreadyPresent | Outcome::AlreadyAbsent => &mut counts.already,
        Outcome::WouldAdd | Outcome::WouldRemove => &mut counts.would,
        Outcome::Waiting => &mut counts.waiting,
        Outcome::ListFull => &mut counts.full,
        Outcome::NotTried => &mut counts.not_tried,
        Outcome::Unreachable => &mut counts.unreachable,
        Outcome::Unproven => &mut counts.unproven,
        other => panic!("no appliance is drawn with {other}"),
    } = 1;
    if outcome == Outcome::Partly {
        counts.full = 1;
    }
    counts
}

/// A result that is this on esa-1, esa-2, ...; one that is nothing anywhere was refused before.
pub(super) fn result(operation: Operation, index: usize, on: &[Outcome], skipped: &[usize]) -> ResultLine {
    let there: Vec<ApplianceResult> = on
        .iter()
        .enumerate()
        .map(|(place, outcome)| {
            let pairs = counts(*outcome);
            let (outcome, class) = pairs.outcome(operation);
            ApplianceResult {
                name: format!("esa-{}", place + 1),
                outcome,
                class,
                skipped: skipped.contains(&place),
                detail: String::new(),
                pairs,
                mailboxes: 1,
                examples: vec![],
            }
        })
        .collect();
    let counted = there.iter().filter(|on| !on.skipped);
    let worst = counted.max_by_key(|on| on.pairs.severity(operation));
    let (outcome, class) = worst.map_or((Outcome::Invalid, Class::Refused), |on| (on.outcome, on.class));
    let mut pairs = PairCounts::default();
    for on in there.iter().filter(|on| !on.skipped) {
        pairs.add(&on.pairs);
    }
    ResultLine {
        index,
        id: None,
        r#type: None,
        value: String::new(),
        entry: None,
        outcome,
        class,
        ok: class.ok(),
        retry: class.retry(),
        detail: String::new(),
        of: None,
        pairs,
        notes: vec![],
        appliances: there,
    }
}

/// So many appliances; those at these places were only looked at.
pub(super) fn lines(count: usize, skipped: &[usize]) -> Vec<ApplianceLine> {
    let line = |place: usize| ApplianceLine {
        name: format!("esa-{}", place + 1),
        list: ListKind::Blocklist,
        mode: if skipped.contains(&place) {
            Mode::Observe
        } else {
            Mode::Enforce
        },
        skipped: skipped.contains(&place),
        calls: CallCounts { reads: 1, writes: 1 },
        configuration_troubles: vec![],
        list_sync_minutes: None,
        in_force: None,
        in_force_by: None,
        warnings: vec![],
    };
    (0..count).map(line).collect()
}
