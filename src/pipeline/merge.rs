//! The pairs of an item come together again: what is settled pair by pair is told as one result for each item, with numbers
//! that add up and the worst pair's reason. Decides nothing about a pair.

use super::accept::Run;
use super::take_back::{TakenPair, TakingBack};
use super::task::ItemResult;
use crate::model::{EntryKey, Operation, Outcome, PairCounts, PairExample, PairKey, View};
use crate::reconcile::{ChangedPair, ItemStanding};
use std::collections::{BTreeMap, BTreeSet};

/// As many as any other item names.
const EXAMPLES_MAX: usize = 10;

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
}

#[derive(Default)]
struct One {
    counts: PairCounts,
    mailboxes: usize,
    /// The reason of the pair that is worst off, with how bad it is.
    worst: Option<(PairCounts, String)>,
    notes: BTreeSet<String>,
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
        }
    }

    /// A pair that is left as it is.
    pub(super) fn keep(&mut self, item: &EntryKey, pair: &PairKey, outcome: Outcome, why: &str) {
        let counts = PairCounts {
            wanted: 1,
            refused_by_rule: 1,
            ..PairCounts::default()
        };
        let example = PairExample {
            recipient: pair.recipient.as_str().to_owned(),
            sender: pair.sender.as_str().to_owned(),
            outcome,
            detail: why.to_owned(),
        };
        let operation = self.run.operation;
        let one = self.items.entry(item.clone()).or_default();
        one.count(operation, counts, why.to_owned());
        one.name([example]);
    }

    /// What became of one pair, or several, of an item.
    pub(super) fn add(&mut self, item: EntryKey, standing: ItemStanding) {
        let operation = self.run.operation;
        let one = self.items.entry(item).or_default();
        one.count(operation, standing.counts, standing.detail);
        one.mailboxes += standing.mailboxes;
        one.notes.extend(standing.notes);
        one.name(standing.examples);
        self.changed.extend(standing.changed);
        self.unproven.extend(standing.unproven);
    }

    /// What was as it had been before us when we came again, although we had changed it: somebody else has.
    pub(super) fn note_what_changed_since(&mut self, what: &TakingBack, wished: &[TakenPair]) {
        let TakingBack::Run { id, .. } = what else {
            return;
        };
        let mut proven: BTreeMap<EntryKey, usize> = BTreeMap::new();
        for pair in wished.iter().filter(|pair| pair.is_proven) {
            let item = match self.run.view {
                View::Sender => pair.sender.key(),
                View::Recipient => pair.recipient.key(),
            };
            *proven.entry(item.clone()).or_default() += 1;
        }
        for (item, one) in &mut self.items {
            let since = one.counts.already.min(proven.get(item).copied().unwrap_or(0));
            if since == 0 {
                continue;
            }
            one.notes.insert(match self.run.operation {
                Operation::Delete => format!("{since} of its pairs somebody has removed since {id}"),
                Operation::Add => format!("{since} of its pairs somebody has listed again since {id}"),
            });
        }
    }

    /// The result of an item; of one without any pair too.
    pub(super) fn take(&mut self, item: &EntryKey, what: &TakingBack) -> ItemResult {
        let one = self.items.remove(item).unwrap_or_default();
        let (outcome, class) = one.counts.outcome(self.run.operation);
        let detail = match (one.counts.wanted, one.worst) {
            (0, _) => match what {
                TakingBack::Run { id, .. } => format!("nothing of it was changed by {id}"),
                TakingBack::Ours { .. } => "nothing of it stands because of doorlist".to_owned(),
            },
            (_, Some((_, detail))) if !class.ok() => detail,
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
        let room = EXAMPLES_MAX.saturating_sub(self.examples.len());
        self.examples.extend(examples.into_iter().take(room));
    }
}
