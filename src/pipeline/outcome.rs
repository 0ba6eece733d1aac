//! The end of the second half: what stands on each appliance becomes one result for each item of the call. Decides
//! which appliances count, and that the worst of them has the word; how bad an outcome is, `model` says.

use super::accept::{Fate, Item, Run};
use super::ended::{ItemResult, TaskResult};
use super::in_force::in_force_by;
use super::take_back::TakingBack;
use crate::guard::Rule;
use crate::model::{Class, Outcome, PairCounts};
use crate::report::{ApplianceLine, ApplianceResult, Heading, Mode, PlanLine, Report, ResultLine, in_force};

/// Builds the report of a run from its tasks, which are in the order of the configuration's appliances.
///
/// # Panics
/// When the results are not of this run: a mistake of whoever stored them, that must not become an outcome.
#[must_use]
pub fn report(run: &Run, ends: Vec<TaskResult>) -> Report {
    // Beside appliances that are written to, one that is only looked at counts for nothing.
    let some_are_written_to = ends.iter().any(|end| end.mode == Mode::Enforce);
    let stopped = ends.iter().find_map(|end| end.stopped.clone());
    let plan = run.plan.as_ref().map(|plan| PlanLine {
        moved: ends.iter().flat_map(moved_there).collect(),
        ..PlanLine::of(&plan.id)
    });
    let mut standings = Vec::new();
    let mut appliances = Vec::new();
    for end in ends {
        let is_changed = end.items.iter().any(|item| item.counts.written > 0);
        let in_force_by = end
            .list_sync_minutes
            .filter(|_| is_changed)
            .map(|minutes| in_force_by(end.ended_at, minutes));
        let skipped = end.mode == Mode::Observe && some_are_written_to;
        appliances.push(ApplianceLine {
            name: end.appliance.clone(),
            list: run.list,
            mode: end.mode,
            skipped,
            calls: end.calls,
            configuration_troubles: end.configuration_troubles,
            list_sync_minutes: end.list_sync_minutes,
            in_force: is_changed
                .then(|| in_force(run.operation, in_force_by.as_deref(), end.list_sync_minutes)),
            in_force_by,
            warnings: end.warnings,
        });
        standings.push((end.appliance, skipped, end.items.into_iter()));
    }
    let mut results: Vec<ResultLine> = Vec::with_capacity(run.items.len());
    for item in &run.items {
        // An item that an undo does not tell of has no place either.
        let index = results.len();
        let result = match &item.fate {
            Fate::Sender(_) | Fate::Recipient(_) => {
                let here = standings.iter_mut().map(|(name, skipped, items)| Here {
                    name: name.clone(),
                    skipped: *skipped,
                    standing: items
                        .next()
                        .expect("a task has a result for every item with a wish"),
                });
                let mut here: Vec<_> = here.collect();
                if run.taking_back.is_some() {
                    // Of what it had nothing to do with there, a run of single pairs can say nothing.
                    here.retain(|here| here.standing.counts.wanted > 0);
                }
                match &run.taking_back {
                    // An undo is about what the run changed, and tells of nothing else.
                    Some(TakingBack::Run { .. }) if here.is_empty() => continue,
                    Some(TakingBack::Ours { .. }) if here.is_empty() => not_ours(index, item),
                    _ => wished(index, item, here, run),
                }
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
        format: run.format.clone(),
        operation: run.operation,
        list: run.list,
        notes: [passed_by(run), run.notes.clone()].concat(),
        dry_run: run.dry_run,
    };
    let mut report = Report::new(heading, results, appliances);
    if let Some(words) = stopped {
        report.say_stopped(&words);
    }
    if let Some(first) = plan.as_ref().and_then(|plan| plan.moved.first()) {
        report.text = format!("PLAN NOT APPLIED, it moved: {first}; {}", report.text);
    }
    report.plan = plan;
    // Nobody calls an action to take something back.
    match &run.taking_back {
        Some(TakingBack::Run { id, .. }) => {
            if report.results.is_empty() {
                report.text = format!(
                    "NOTHING TO TAKE BACK: {id} had changed nothing on {} when it ended; run {}",
                    run.list, run.id
                );
            }
            report.links.insert("undone".to_owned(), format!("/v1/runs/{id}"));
        }
        Some(TakingBack::Ours { .. }) if run.configuration.is_empty() => {
            report.links.remove("action");
        }
        Some(TakingBack::Ours { .. }) | None => {}
    }
    report
}

/// What somebody let pass a rule.
fn passed_by(run: &Run) -> Vec<String> {
    let by = run.passed_by.iter();
    by.map(|by| by.note_of_all(&run.passed)).collect()
}

/// The same of one item. Whether a pin was in the way of a deletion, its task tells.
fn passed<'r>(run: &'r Run, item: &'r Item) -> impl Iterator<Item = String> + 'r {
    let entry = item.wished();
    let rules = run.passed.iter().filter(move |(_, named)| Some(*named) == entry);
    let rules = rules.map(|(rule, _)| rule).filter(|rule| *rule != Rule::Pinned);
    rules.filter_map(|rule| Some(run.passed_by.as_ref()?.note(rule)))
}

/// Why a plan was not applied on this appliance.
fn moved_there(end: &TaskResult) -> Option<String> {
    let moved = end.moved.as_ref()?;
    Some(format!("{}: {moved}", end.appliance))
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

/// How an item stands on one appliance.
struct Here {
    name: String,
    /// Only looked at: told, and not counted.
    skipped: bool,
    standing: ItemResult,
}

fn not_ours(index: usize, item: &Item) -> ResultLine {
    let detail = "nothing of it stands because of doorlist; what others listed is left alone";
    line(index, item, Outcome::NotOurs, Class::Skipped, detail.to_owned())
}

/// The worst appliance has the word; of several that are as bad, the first.
fn wished(index: usize, item: &Item, all: Vec<Here>, run: &Run) -> ResultLine {
    let operation = run.operation;
    // Where it is about none that counts, it is told what it is on the others.
    let is_counted_nowhere = all.iter().all(|here| here.skipped);
    let counted = || all.iter().filter(|here| !here.skipped || is_counted_nowhere);
    let mut pairs = PairCounts::default();
    for here in counted() {
        pairs.add(&here.standing.counts);
    }
    // The last of equals is found, so the order is turned round.
    let worst = counted()
        .rev()
        .max_by_key(|here| here.standing.counts.severity(operation))
        .expect("a configuration names an appliance, and not all that it names are skipped");
    let several = run.appliances.len() > 1;
    let named = |name: &str, words: &str| {
        if several {
            format!("{name}: {words}")
        } else {
            words.to_owned()
        }
    };
    let Here { name, standing, .. } = worst;
    let detail = named(name, &standing.detail);
    let mut result = line(index, item, standing.outcome, standing.class, detail);
    result.pairs = pairs;
    if result.outcome != Outcome::RefusedByRule {
        result.notes.extend(passed(run, item));
    }
    for Here {
        name,
        skipped,
        standing,
    } in all
    {
        let notes = standing.notes.iter().map(|note| named(&name, note));
        result.notes.extend(notes);
        result.appliances.push(ApplianceResult {
            name,
            outcome: standing.outcome,
            class: standing.class,
            skipped,
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
