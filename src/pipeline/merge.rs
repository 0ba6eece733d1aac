//! The pairs of an item come together again: what is settled pair by pair is told as one result for each item, with numbers
//! that add up and the worst pair's reason. Decides nothing about a pair.

use super::accept::Run;
use super::ended::ItemResult;
use super::take_back::{TakenPair, TakingBack};
use crate::model::{Class, EntryKey, Operation, Outcome, PairCounts, PairExample, PairKey, View};
use crate::reconcile::{ChangedPair, ItemStanding, still_covered_note};
use std::collections::{BTreeMap, BTreeSet};

/// As many as any other item names.
const EXAMPLES_MAX: usize = 10;
/// More reasons than a sentence bears.
const REASONS_MAX: usize = 3;

/// What is settled so far.
pub(super) struct Merged<'a> {
    run: &'a Run,
    items: BTreeMap<EntryKey, One>,
    /// Every pair that was changed and read back.
    pub(super) changed: Vec<ChangedPair>,
    /// Every pair that was sent and not read back.
    pub(super) unproven: Vec<PairKey>,
    /// Every pair that was to be taken out, and was gone.
    pub(super) gone: Vec<PairKey>,
    /// Every pair that a preview would change.
    pub(super) would: Vec<PairKey>,
}

#[derive(Default)]
struct One {
    counts: PairCounts,
    mailboxes: usize,
    /// The reason of the pair that is worst off, with how bad it is.
    worst: Option<(PairCounts, String)>,
    /// Why pairs fall short, from the least bad to the worst.
    reasons: BTreeSet<(Option<Class>, Outcome, String)>,
    /// Pairs that were as they had been before us, although we had changed them.
    changed_since: usize,
    notes: BTreeSet<String>,
    still_covered: Vec<PairKey>,
    examples: Vec<PairExample>,
}

impl<'a> Merged<'a> {
    pub(super) fn new(run: &'a Run) -> Self {
        Self {
            run,
            items: BTreeMap::new(),
            changed: Vec::new(),
            unproven: Vec::new(),
            gone: Vec::new(),
            would: Vec::new(),
        }
    }

    /// A pair of which nothing more is to be said than this.
    pub(super) fn keep(&mut self, pair: &PairKey, outcome: Outcome, why: &str) {
        let mut counts = PairCounts {
            wanted: 1,
            ..PairCounts::default()
        };
        match outcome {
            Outcome::RefusedByRule => counts.refused_by_rule = 1,
            Outcome::Unproven => counts.unproven = 1,
            _ => counts.not_tried = 1,
        }
        let example = PairExample {
            recipient: pair.recipient.as_str().to_owned(),
            sender: pair.sender.as_str().to_owned(),
            outcome,
            detail: why.to_owned(),
        };
        let operation = self.run.operation;
        let item = match self.run.view {
            View::Sender => &pair.sender,
            View::Recipient => &pair.recipient,
        };
        let one = self.items.entry(item.clone()).or_default();
        one.count(operation, counts, why.to_owned());
        one.name([example]);
    }

    /// A pair that was to be taken out, and was gone.
    pub(super) fn found_gone(&mut self, pair: &TakenPair) {
        if pair.is_proven {
            let one = self.items.entry(pair.item(self.run.view)).or_default();
            one.changed_since += 1;
        }
        self.gone.push(pair.key());
    }

    /// What became of one pair, or several, of an item.
    pub(super) fn add(&mut self, item: EntryKey, standing: ItemStanding) {
        let operation = self.run.operation;
        let one = self.items.entry(item).or_default();
        one.count(operation, standing.counts, standing.detail);
        one.mailboxes += standing.mailboxes;
        one.notes.extend(standing.notes);
        one.still_covered.extend(standing.still_covered);
        one.name(standing.examples);
        self.changed.extend(standing.changed);
        self.unproven.extend(standing.unproven);
        self.would.extend(standing.would);
    }

    /// Pairs of an item that were to be listed again, and stood.
    pub(super) fn found_listed(&mut self, item: &EntryKey, pairs: usize) {
        let one = self.items.entry(item.clone()).or_default();
        one.changed_since += pairs;
    }

    /// What was as it had been before us when we came again, although we had changed it: somebody else has.
    pub(super) fn note_what_changed_since(&mut self, what: &TakingBack) {
        let TakingBack::Run { id, .. } = what else {
            return;
        };
        for one in self.items.values_mut() {
            let words = match self.run.operation {
                Operation::Delete => "removed",
                Operation::Add => "listed again",
            };
            if one.changed_since > 0 {
                let since = one.changed_since;
                one.notes
                    .insert(format!("{since} of its pairs somebody has {words} since {id}"));
            }
        }
    }

    /// A sentence that changes nothing.
    pub(super) fn note(&mut self, item: &EntryKey, note: String) {
        self.items.entry(item.clone()).or_default().notes.insert(note);
    }

    /// The result of an item; of one without any pair too, which is told in the words of `nothing`.
    pub(super) fn take(&mut self, item: &EntryKey, nothing: &str) -> ItemResult {
        let mut one = self.items.remove(item).unwrap_or_default();
        one.notes
            .extend(still_covered_note(self.run.list, &one.still_covered));
        let (outcome, class) = one.counts.outcome(self.run.operation);
        let detail = match (one.counts.wanted, one.worst) {
            (0, _) => nothing.to_owned(),
            (1, Some((_, detail))) if !class.ok() => detail,
            (wanted, worst) if !class.ok() => {
                let mut reasons: Vec<String> = one.reasons.into_iter().rev().map(|(_, _, why)| why).collect();
                if reasons.is_empty() {
                    reasons.extend(worst.map(|(_, detail)| detail));
                }
                reasons.truncate(REASONS_MAX);
                let done = match self.run.operation {
                    Operation::Delete => "off the list",
                    Operation::Add => "on the list",
                };
                format!(
                    "{} of {wanted} pairs {done}; {}",
                    one.counts.in_place(),
                    reasons.join("; ")
                )
            }
            (wanted, _) => {
                let PairCounts {
                    already,
                    written,
                    would,
                    ..
                } = one.counts;
                let (done, stood) = match self.run.operation {
                    Operation::Delete => ("taken out", "gone already"),
                    Operation::Add => ("listed again", "there already"),
                };
                match (written, would, already) {
                    (0, 0, already) => format!("{already} of {wanted} pairs {stood}"),
                    (0, would, 0) => format!("{would} of {wanted} pairs would be {done}"),
                    (0, would, already) => {
                        format!("{would} of {wanted} pairs would be {done}, {already} {stood}")
                    }
                    (written, _, 0) => format!("{written} of {wanted} pairs {done}"),
                    (written, _, already) => {
                        format!("{written} of {wanted} pairs {done}, {already} {stood}")
                    }
                }
            }
        };
        ItemResult {
            counts: one.counts,
            mailboxes: one.mailboxes,
            outcome,
            class,
            detail,
            notes: one.notes.into_iter().collect(),
            examples: one.examples,
        }
    }
}

impl One {
    fn count(&mut self, operation: Operation, counts: PairCounts, detail: String) {
        self.counts.add(&counts);
        let is_worse = self
            .worst
            .as_ref()
            .is_none_or(|(worst, _)| counts.severity(operation) > worst.severity(operation));
        if is_worse {
            self.worst = Some((counts, detail));
        }
    }

    fn name(&mut self, examples: impl IntoIterator<Item = PairExample>) {
        for example in examples {
            let outcome = example.outcome;
            self.reasons
                .insert((outcome.class(), outcome, example.detail.clone()));
            if self.reasons.len() > REASONS_MAX {
                self.reasons.pop_first();
            }
            if self.examples.len() < EXAMPLES_MAX {
                self.examples.push(example);
            }
        }
    }
}
