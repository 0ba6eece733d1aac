//! The answer: one result per indicator in the caller's order, numbers that add up, and a first sentence that
//! never sounds better than the run was. Built once from what happened; `summary.rs` makes the sentence with what
//! `spread.rs` counts over several appliances, `observed.rs` tells what an observed one would have done,
//! `in_force.rs` from when on a change counts, `terminal.rs` shows it to a person. `why.rs` is another
//! answer: what stands for a sender, and who put it there; `list.rs` is a whole list. Knows nothing of HTTP or of how the results came about.

mod in_force;
mod list;
mod observed;
mod plan;
mod spread;
mod summary;
mod terminal;
#[cfg(test)]
mod testing;
mod why;

pub use in_force::in_force;
pub use list::{ListCounts, ListGuard, ListOurs, ListPage, ListPair, ListRow, ListVerdict};
pub use plan::PlanLine;
pub use terminal::render;
pub use why::{Asked, Covering, CoveringEntry, Ours, Why, WhyHold, WhyList, WhyPair};

use crate::model::{Class, ListKind, Operation, Outcome, PairCounts, PairExample, Retry};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answer to one call. Its JSON form is the interface: keys are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// One sentence, trouble first.
    pub text: String,
    /// Id of this run; a search term in the log.
    pub run: String,
    /// Id of the action.
    pub action: String,
    /// Name of the stored configuration.
    pub configuration: String,
    /// `add` or `delete`.
    pub operation: Operation,
    /// A preview: nothing was written anywhere.
    pub dry_run: bool,
    /// `done`: every result is final.
    pub state: String,
    /// Which format the body was recognised as.
    pub format: String,
    /// Numbers.
    pub summary: Summary,
    /// One for each item that was sent, in its order.
    pub results: Vec<ResultLine>,
    /// What was done where.
    pub appliances: Vec<ApplianceLine>,
    /// Sentences about the call as a whole.
    pub notes: Vec<String>,
    /// The caller's ticket, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Why the caller asked for it, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The plan that a preview is kept as, or that a run applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanLine>,
    /// The run of the same configuration before this one, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// Where to go next.
    pub links: BTreeMap<String, String>,
}

/// An earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its id.
    pub run: String,
    /// `open` or `done`.
    pub state: String,
    /// Its first sentence; none as long as it is open.
    pub text: Option<String>,
    /// Where it is.
    pub link: String,
}

/// Numbers that add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Results.
    pub total: usize,
    /// Results by outcome; those that did not occur are left out.
    pub by_outcome: BTreeMap<Outcome, usize>,
    /// Results by class; those that did not occur are left out.
    pub by_class: BTreeMap<Class, usize>,
    /// Pairs of all results and of all appliances that count.
    pub pairs: PairCounts,
}

/// What became of one item of the call: on several appliances, what became of it on the worst of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultLine {
    /// Place in the call, counted from 0.
    pub index: usize,
    /// The caller's own id.
    pub id: Option<String>,
    /// Type as ThreatQ calls it, or as given where it is none of ours.
    pub r#type: Option<String>,
    /// As sent.
    pub value: String,
    /// What was sent to the appliance.
    pub entry: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The class of the outcome.
    pub class: Class,
    /// May a playbook go on as if the wish were fulfilled?
    pub ok: bool,
    /// Is sending it again of any use?
    pub retry: Retry,
    /// Why, in one sentence.
    pub detail: String,
    /// For `repeated`: the index of the earlier result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
    /// Pairs over all appliances that count.
    pub pairs: PairCounts,
    /// Sentences that change nothing.
    pub notes: Vec<String>,
    /// The same per appliance; empty where nothing was asked of any.
    pub appliances: Vec<ApplianceResult>,
}

/// What became of one item on one appliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplianceResult {
    /// Name of the appliance.
    pub name: String,
    /// Outcome there.
    pub outcome: Outcome,
    /// Its class.
    pub class: Class,
    /// Only looked at beside appliances that are written to: it counts for nothing in the result.
    #[serde(default)]
    pub skipped: bool,
    /// Why.
    pub detail: String,
    /// Pairs there.
    pub pairs: PairCounts,
    /// Mailboxes whose list was changed, or would be.
    pub mailboxes: usize,
    /// The first pairs that fall short, named.
    pub examples: Vec<PairExample>,
}

/// What was done on one appliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplianceLine {
    /// Name of the appliance.
    pub name: String,
    /// Which list.
    pub list: ListKind,
    /// Whether anything could be written there.
    pub mode: Mode,
    /// Only looked at beside appliances that are written to: it counts for nothing in results and summary.
    #[serde(default)]
    pub skipped: bool,
    /// Calls that were made.
    pub calls: CallCounts,
    /// Stored entries of the configuration that it refuses: nothing is listed with them until the configuration is
    /// mended. Told here once, and not with every indicator.
    #[serde(default)]
    pub configuration_troubles: Vec<String>,
    /// Minutes until a change reaches the engine that filters mail, at most, where the operator told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_sync_minutes: Option<u32>,
    /// From when on what was changed there counts for mail, or that nobody can say; absent where nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<String>,
    /// The moment itself, in RFC 3339 and UTC; absent where it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force_by: Option<String>,
    /// What an operator should know of it.
    pub warnings: Vec<String>,
}

/// Was a task allowed to write?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What was wished was done.
    Enforce,
    /// A preview: nothing was written.
    Observe,
}

/// Calls to one appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounts {
    /// Pages read.
    pub reads: u32,
    /// Requests that change something.
    pub writes: u32,
}

/// What a report is built from, beside the results.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Id of the run.
    pub run: String,
    /// Id of the action.
    pub action: String,
    /// Name of the configuration.
    pub configuration: String,
    /// Format of the body.
    pub format: String,
    /// Add or delete.
    pub operation: Operation,
    /// Which list.
    pub list: ListKind,
    /// Sentences about the call.
    pub notes: Vec<String>,
    /// The caller asked for a preview.
    pub dry_run: bool,
}

impl Report {
    /// Puts the parts together.
    ///
    /// # Panics
    /// When the results are not one for each item in its order: no report is better than an untrue one.
    #[must_use]
    pub fn new(heading: Heading, results: Vec<ResultLine>, mut appliances: Vec<ApplianceLine>) -> Self {
        let in_order = results
            .iter()
            .enumerate()
            .all(|(index, result)| result.index == index);
        assert!(in_order, "one result for each item, in its order");
        let mut summary = Summary {
            total: results.len(),
            by_outcome: BTreeMap::new(),
            by_class: BTreeMap::new(),
            pairs: PairCounts::default(),
        };
        for result in &results {
            assert!(
                result.pairs.adds_up(),
                "the pairs of result {} do not add up",
                result.index
            );
            *summary.by_outcome.entry(result.outcome).or_default() += 1;
            *summary.by_class.entry(result.class).or_default() += 1;
            if result.of.is_none() {
                summary.pairs.add(&result.pairs);
            }
        }
        for line in &mut appliances {
            let warning = observed::warning(&heading, &results, line);
            line.warnings.extend(warning);
        }
        let all_observe = !appliances.is_empty() && appliances.iter().all(|line| line.mode == Mode::Observe);
        let dry_run = heading.dry_run || all_observe;
        let text = summary::sentence(&heading, &results, &appliances, dry_run);
        let mut links = BTreeMap::from([("action".to_owned(), format!("/v1/actions/{}", heading.action))]);
        // A preview is not stored.
        if !heading.dry_run {
            links.insert("self".to_owned(), format!("/v1/runs/{}", heading.run));
        }
        Self {
            text,
            run: heading.run,
            action: heading.action,
            configuration: heading.configuration,
            operation: heading.operation,
            dry_run,
            state: "done".to_owned(),
            format: heading.format,
            summary,
            results,
            appliances,
            notes: heading.notes,
            ticket: None,
            reason: None,
            plan: None,
            previous: None,
            links,
        }
    }

    /// Says before anything else that writes are stopped, or were when it ended.
    pub fn say_stopped(&mut self, words: &str) {
        self.text = format!("WRITES STOPPED: {words}; {}", self.text);
        self.notes.insert(0, words.to_owned());
    }

    /// The worst class of its results.
    #[must_use]
    pub fn worst_class(&self) -> Class {
        let classes = self.summary.by_class.keys().copied();
        classes.max().unwrap_or(Class::Skipped)
    }

    /// Results of a class.
    #[must_use]
    pub fn count(&self, class: Class) -> usize {
        self.summary.by_class.get(&class).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
