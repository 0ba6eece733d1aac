//! The end of the second half: what stands on each appliance becomes one result for each item of the call.

use super::TaskEnd;
use super::accept::{Fate, Item, Run};
use crate::model::{Class, Operation, Outcome, PairCounts};
use crate::reconcile::ItemStanding;
use crate::report::{ApplianceLine, ApplianceResult, CallCounts, Heading, Mode, Report, ResultLine};

/// Builds the report of a run from its tasks, which are in the order of the configuration's appliances.
pub(super) fn report(run: &Run, ends: Vec<TaskEnd>) -> Report {
    let mut standings = Vec::new();
    let mut appliances = Vec::new();
    for TaskEnd {
        appliance: name,
        mode,
        settled,
    } in ends
    {
        let calls = CallCounts {
            reads: settled.calls.reads,
            writes: settled.calls.writes,
        };
        let mut warnings = settled.warnings;
        if mode == Mode::Observe && !run.dry_run {
            warnings.push(format!(
                "{name} is in mode observe: nothing was written there, this was a preview"
            ));
        }
        appliances.push(ApplianceLine {
            name: name.clone(),
            list: run.list,
            mode,
            calls,
            configuration_troubles: settled.configuration_troubles,
            warnings,
        });
        standings.push((name, settled.items.into_iter()));
    }
    let mut results: Vec<ResultLine> = Vec::with_capacity(run.items.len());
    for (index, item) in run.items.iter().enumerate() {
        let result = match &item.fate {
            Fate::Sender(_) | Fate::Recipient(_) => {
                let here = standings.iter_mut().map(|(name, items)| {
                    (
                        name.clone(),
                        items.next().expect("the loop settles every item of its wish"),
                    )
                });
                let here: Vec<_> = here.collect();
                wished(index, item, here, run.operation)
            }
            Fate::Repeated { of, entry } => repeated(index, item, &results[*of], entry),
            Fate::Settled(outcome, reason) => {
                let class = outcome.class().unwrap_or(Class::Refused);
                line(index, item, *outcome, class, reason.clone())
            }
        };
        results.push(result);
    }
    let heading = Heading {
        run: run.id.clone(),
        action: run.action.clone(),
        configuration: run.configuration.clone(),
        format: run.format.to_owned(),
        operation: run.operation,
        list: run.list,
        notes: run.notes.clone(),
        dry_run: run.dry_run,
    };
    Report::new(heading, results, appliances)
}

fn line(index: usize, item: &Item, outcome: Outcome, class: Class, detail: String) -> ResultLine {
    let entry = match &item.fate {
        Fate::Sender(sender) => Some(sender.as_str().to_owned()),
        Fate::Recipient(recipient) => Some(recipient.as_str().to_owned()),
        Fate::Repeated { entry, .. } => Some(entry.clone()),
        Fate::Settled(..) => None,
    };
    ResultLine {
        index,
        id: item.id.clone(),
        r#type: item.indicator_type.clone(),
        value: item.value.clone(),
        entry,
        outcome,
        class,
        ok: class.ok(),
        retry: class.retry(),
        detail,
        of: None,
        pairs: PairCounts::default(),
        notes: item.notes.clone(),
        appliances: Vec::new(),
    }
}

/// The pairs of all appliances together make the outcome; the worst appliance has the word.
fn wished(
    index: usize,
    item: &Item,
    standings: Vec<(String, ItemStanding)>,
    operation: Operation,
) -> ResultLine {
    let mut pairs = PairCounts::default();
    for (_, standing) in &standings {
        pairs.add(&standing.counts);
    }
    let (outcome, class) = pairs.outcome(operation);
    let several = standings.len() > 1;
    let worst = standings
        .iter()
        .max_by_key(|(_, standing)| (standing.class, standing.outcome));
    let detail = worst.map_or_else(String::new, |(name, worst)| {
        if several {
            format!("{name}: {}", worst.detail)
        } else {
            worst.detail.clone()
        }
    });
    let mut result = line(index, item, outcome, class, detail);
    result.pairs = pairs;
    for (name, standing) in standings {
        let named = |note| if several { format!("{name}: {note}") } else { note };
        result.notes.extend(standing.notes.into_iter().map(named));
        result.appliances.push(ApplianceResult {
            name,
            outcome: standing.outcome,
            class: standing.class,
            detail: standing.detail,
            pairs: standing.counts,
            mailboxes: standing.mailboxes,
            examples: standing.examples,
        });
    }
    result
}

/// A repeated entry is as well off as its twin; its pairs are counted there.
fn repeated(index: usize, item: &Item, twin: &ResultLine, entry: &str) -> ResultLine {
    let detail = format!(
        "{entry} stands at index {} already, which is {}",
        twin.index, twin.outcome
    );
    let mut result = line(index, item, Outcome::Repeated, twin.class, detail);
    result.of = Some(twin.index);
    result
}
