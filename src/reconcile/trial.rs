//! What happened to a cell that was sent and does not stand: tried with the other verb, taken apart further
//! and further, at last alone with the appliance's words. Pure bookkeeping; `plan.rs` makes requests of it.

use super::plan::Batch;
use super::wish::Cell;
use crate::model::{Verb, Verdict};
use std::collections::BTreeMap;

/// Times a cell is sent without a clear answer before it is treated like a refusal and taken apart: a service
/// that restarts loses one reply, perhaps two; a request that kills it loses every one.
const UNCLEAR_TRIES_MAX: u32 = 2;

/// How a cell was tried so far. Cells with equal trials may share a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Trial {
    /// Cells of different parts of a batch that was taken apart have different numbers.
    part: u32,
    /// Is the next request to use the verb that is not the usual one?
    pub(super) other_verb: bool,
    /// Both verbs were tried on the whole that this is a part of.
    both_verbs: bool,
    /// The last cut was between items, so that the next one is between columns.
    cut_items: bool,
    unclear_tries: u32,
}

/// The end of a cell that could not be made to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Settlement {
    /// A clear no to this cell alone, or a yes that nothing came of.
    Refused(String),
    /// No clear answer, again and again; the list was read and does not hold it.
    Unanswered(String),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Trials {
    trials: BTreeMap<Cell, Trial>,
    settled: BTreeMap<Cell, Settlement>,
    parts: u32,
}

impl Trials {
    pub(super) fn of(&self, cell: Cell) -> Trial {
        self.trials.get(&cell).cloned().unwrap_or_default()
    }

    pub(super) fn settlement(&self, cell: Cell) -> Option<&Settlement> {
        self.settled.get(&cell)
    }

    pub(super) fn is_settled(&self, cell: Cell) -> bool {
        self.settled.contains_key(&cell)
    }

    pub(super) fn is_refused(&self, cell: Cell) -> bool {
        matches!(self.settled.get(&cell), Some(Settlement::Refused(_)))
    }

    /// Takes what became of a batch: the verdict, and the cells that do not stand now.
    pub(super) fn judge(&mut self, batch: &Batch, verdict: &Verdict, missing: &[Cell]) {
        if missing.is_empty() {
            return;
        }
        let progress = missing.len() < batch.items.len() * batch.columns.len();
        match verdict {
            Verdict::Done => {
                let words = match batch.verb {
                    Verb::Delete => "accepted but still in the list",
                    Verb::Add | Verb::Append | Verb::Edit => "accepted but not in the list",
                };
                let settlement = Settlement::Refused(words.to_owned());
                self.settled
                    .extend(missing.iter().map(|cell| (*cell, settlement.clone())));
            }
            Verdict::Refused { .. } if progress => self.move_to_new_part(missing, Trial::default()),
            Verdict::Refused { .. } => self.escalate(batch, verdict),
            Verdict::Unclear { .. } | Verdict::Unreachable { .. } => {
                let unclear_tries = batch.trial.unclear_tries + 1;
                for cell in missing {
                    self.trials.insert(
                        *cell,
                        Trial {
                            unclear_tries,
                            ..batch.trial.clone()
                        },
                    );
                }
                if unclear_tries >= UNCLEAR_TRIES_MAX && !progress {
                    self.escalate(batch, verdict);
                }
            }
            // Nothing was done and nothing more will be: the loop ends here.
            Verdict::Denied { .. } => {}
        }
    }

    /// One step further with a batch of which nothing came: the other verb, then halves, then the end.
    fn escalate(&mut self, batch: &Batch, verdict: &Verdict) {
        let cells: Vec<Cell> = batch.cells().collect();
        let trial = &batch.trial;
        let is_deletion = batch.verb == Verb::Delete;
        if !trial.both_verbs && !is_deletion && matches!(verdict, Verdict::Refused { .. }) {
            let next = Trial {
                other_verb: true,
                both_verbs: true,
                unclear_tries: 0,
                ..trial.clone()
            };
            return self.move_to_new_part(&cells, next);
        }
        let next = |cut_items| Trial {
            cut_items,
            other_verb: false,
            unclear_tries: 0,
            ..trial.clone()
        };
        let (items, columns) = (&batch.items, &batch.columns);
        if items.len() > 1 && (columns.len() == 1 || !trial.cut_items) {
            for half in items.chunks(items.len().div_ceil(2)) {
                let cells: Vec<Cell> = cells
                    .iter()
                    .filter(|cell| half.contains(&cell.item))
                    .copied()
                    .collect();
                self.move_to_new_part(&cells, next(true));
            }
        } else if columns.len() > 1 {
            for half in columns.chunks(columns.len().div_ceil(2)) {
                let cells: Vec<Cell> = cells
                    .iter()
                    .filter(|cell| half.contains(&cell.column))
                    .copied()
                    .collect();
                self.move_to_new_part(&cells, next(false));
            }
        } else {
            let words = verdict.describe();
            let settlement = match verdict {
                Verdict::Refused { .. } => Settlement::Refused(words),
                _ => Settlement::Unanswered(words),
            };
            self.settled
                .extend(cells.into_iter().map(|cell| (cell, settlement.clone())));
        }
    }

    fn move_to_new_part(&mut self, cells: &[Cell], trial: Trial) {
        self.parts += 1;
        let trial = Trial {
            part: self.parts,
            ..trial
        };
        self.trials
            .extend(cells.iter().map(|cell| (*cell, trial.clone())));
    }
}
