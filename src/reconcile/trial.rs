//! What happened to cells that were sent and do not stand: tried with the other verb, cut into parts further and
//! further, at last alone with the appliance's words. Pure bookkeeping; `plan.rs` makes requests of it, and
//! `culprit.rs` says whom a refusal speaks of: an entry of the call, or a stored one that all of them share.

use super::culprit::{Acceptance, Blame};
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
    /// The verb that was refused for these cells; the next request uses the other one.
    refused: Option<RefusedVerb>,
    /// Both verbs were tried on the whole that this is a part of.
    both_verbs: bool,
    /// The last cut was between items, so that the next one is between columns.
    cut_items: bool,
    /// One cell of a single row or column was already sent apart from the rest to learn who is refused.
    probed: bool,
    unclear_tries: u32,
}

/// A verb that was refused, and for what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RefusedVerb {
    verb: Verb,
    /// What the appliance said. Those of the first verb are told in the end: the second one is often refused only
    /// because a row stands.
    words: String,
    /// How many cells the request had.
    cells: usize,
    /// How long the rows of its items were together when it was planned.
    row_lengths: usize,
}

impl Trial {
    /// The verb that was refused, so that the other one is tried.
    pub(super) fn refused_verb(&self) -> Option<Verb> {
        self.refused.as_ref().map(|refused| refused.verb)
    }
}

/// The end of a cell that could not be made to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Settlement {
    /// A clear no to this cell alone, or to everything of its item.
    Refused(String),
    /// A clear no to everything of its column, which the whole call shares.
    ColumnRefused(String),
    /// A yes that nothing came of. It may come late, so that it keeps its place and its share of the cap.
    Vanished(String),
    /// No clear answer, again and again; the list was read and does not hold it.
    Unanswered(String),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Trials {
    trials: BTreeMap<Cell, Trial>,
    settled: BTreeMap<Cell, Settlement>,
    blame: Blame,
    parts: u32,
}

impl Trials {
    pub(super) fn of(&self, cell: Cell) -> Trial {
        self.trials.get(&cell).cloned().unwrap_or_default()
    }

    /// What is known of a cell that does not stand.
    pub(super) fn settlement(&self, cell: Cell) -> Option<Settlement> {
        let own = self.settled.get(&cell).cloned();
        let of_column = || {
            let words = self.blame.refused_column(cell.column)?;
            Some(Settlement::ColumnRefused(words.to_owned()))
        };
        let of_item = || {
            let words = self.blame.refused_item(cell.item)?;
            Some(Settlement::Refused(words.to_owned()))
        };
        own.or_else(of_column).or_else(of_item)
    }

    pub(super) fn is_settled(&self, cell: Cell) -> bool {
        self.settled.contains_key(&cell)
            || self.blame.refused_column(cell.column).is_some()
            || self.blame.refused_item(cell.item).is_some()
    }

    /// Can it still come to stand, as far as we know?
    pub(super) fn is_open(&self, cell: Cell) -> bool {
        matches!(self.settlement(cell), None | Some(Settlement::Vanished(_)))
    }

    pub(super) fn is_refused(&self, cell: Cell) -> bool {
        matches!(
            self.settlement(cell),
            Some(Settlement::Refused(_) | Settlement::ColumnRefused(_))
        )
    }

    pub(super) fn blame(&self) -> &Blame {
        &self.blame
    }

    /// Takes what became of a batch: the verdict, the cells that do not stand now, how long the rows of its items are
    /// now, and what was accepted beside it.
    pub(super) fn judge(
        &mut self,
        batch: &Batch,
        verdict: &Verdict,
        missing: &[Cell],
        row_lengths: usize,
        accepted: &Acceptance,
    ) {
        if missing.is_empty() {
            return;
        }
        let progress = missing.len() < batch.len();
        match verdict {
            Verdict::Done => {
                let words = match batch.verb {
                    Verb::Delete => "accepted but still in the list",
                    Verb::Add | Verb::Append | Verb::Edit => "accepted but not in the list",
                };
                let settlement = Settlement::Vanished(words.to_owned());
                self.settled
                    .extend(missing.iter().map(|cell| (*cell, settlement.clone())));
            }
            Verdict::Refused { .. } if progress => self.move_to_new_part(missing, Trial::default()),
            Verdict::Refused { .. } => self.escalate(batch, verdict, row_lengths, accepted),
            // Nothing was sent: no cell is to blame.
            Verdict::Unreachable { .. } => {}
            Verdict::Unclear { .. } => {
                let unclear_tries = batch.trial.unclear_tries + 1;
                for cell in missing {
                    let trial = Trial {
                        unclear_tries,
                        ..batch.trial.clone()
                    };
                    self.trials.insert(*cell, trial);
                }
                if unclear_tries >= UNCLEAR_TRIES_MAX && !progress {
                    self.escalate(batch, verdict, row_lengths, accepted);
                }
            }
            // Nothing was done and nothing more will be: the loop ends here.
            Verdict::Denied { .. } | Verdict::Resting { .. } | Verdict::Untrusted { .. } => {}
        }
    }

    /// One step further with a batch of which nothing came: the other verb, then parts, then the end.
    fn escalate(&mut self, batch: &Batch, verdict: &Verdict, row_lengths: usize, accepted: &Acceptance) {
        let is_refused = matches!(verdict, Verdict::Refused { .. });
        if is_refused && is_other_verb_worth_a_try(batch, row_lengths) {
            let next = Trial {
                refused: Some(RefusedVerb {
                    verb: batch.verb,
                    words: first_words(batch, verdict),
                    cells: batch.len(),
                    row_lengths: batch.row_lengths,
                }),
                both_verbs: true,
                unclear_tries: 0,
                ..batch.trial.clone()
            };
            let cells: Vec<Cell> = batch.cells().collect();
            return self.move_to_new_part(&cells, next);
        }
        if is_refused {
            self.blame.count(batch, &first_words(batch, verdict), accepted);
        }
        match cut(batch, accepted) {
            Some((parts, trial)) => {
                for cells in parts {
                    self.move_to_new_part(&cells, trial.clone());
                }
            }
            None => self.settle_single(batch, verdict, accepted),
        }
    }

    fn settle_single(&mut self, batch: &Batch, verdict: &Verdict, accepted: &Acceptance) {
        let is_refused = matches!(verdict, Verdict::Refused { .. });
        let words = if is_refused {
            first_words(batch, verdict)
        } else {
            verdict.describe()
        };
        for cell in batch.cells() {
            let settlement = if is_refused {
                self.blame.judge_item(cell, &words, accepted);
                Settlement::Refused(words.clone())
            } else {
                Settlement::Unanswered(words.clone())
            };
            self.settled.insert(cell, settlement);
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

/// The words with which these cells were refused first.
fn first_words(batch: &Batch, verdict: &Verdict) -> String {
    let before = batch.trial.refused.as_ref();
    let before = before.filter(|refused| refused.cells == batch.len());
    before.map_or_else(|| verdict.describe(), |refused| refused.words.clone())
}

/// Once for the whole; and once more for a single cell, because a batch may have been refused by either verb for a
/// reason of another of its cells.
fn is_other_verb_worth_a_try(batch: &Batch, row_lengths: usize) -> bool {
    // What was refused as a part of something larger, or before another request made a row or made it grow, was not
    // refused as it is now.
    let was_refused = batch
        .trial
        .refused
        .as_ref()
        .is_some_and(|refused| refused.cells == batch.len() && refused.row_lengths == row_lengths);
    batch.verb != Verb::Delete && !was_refused && (!batch.trial.both_verbs || batch.len() == 1)
}

/// The two parts of a batch and how they are tried next; `None` for a single cell. A side that is known to be
/// good is not cut. In a single row or column one cell goes ahead where that can tell who is refused.
fn cut(batch: &Batch, accepted: &Acceptance) -> Option<([Vec<Cell>; 2], Trial)> {
    let (items, columns) = (&batch.items, &batch.columns);
    let trial = &batch.trial;
    let items_are_good = items.iter().all(|item| accepted.item(*item));
    let columns_are_good = columns.iter().all(|column| accepted.column(*column));
    let next = |cut_items, probed| Trial {
        cut_items,
        probed,
        refused: None,
        unclear_tries: 0,
        ..trial.clone()
    };
    let by = |is_first: &dyn Fn(&Cell) -> bool| -> [Vec<Cell>; 2] {
        let (first, second) = batch.cells().partition(is_first);
        [first, second]
    };
    match (items.len(), columns.len()) {
        (1, 1) => None,
        (_, 1) if items_are_good && !columns_are_good && !trial.probed => {
            let probe = items[0];
            Some((by(&|cell| cell.item == probe), next(true, true)))
        }
        (1, _) if !items_are_good && !trial.probed => {
            // Where most room is, a refusal speaks of the item.
            let probe = *columns
                .iter()
                .min_by_key(|column| accepted.row_length(**column))?;
            let tells = accepted.column(probe);
            if tells {
                Some((by(&|cell| cell.column == probe), next(false, true)))
            } else {
                halve(columns, |middle| by(&|cell| cell.column < middle))
                    .map(|parts| (parts, next(false, false)))
            }
        }
        (1, _) => halve(columns, |middle| by(&|cell| cell.column < middle))
            .map(|parts| (parts, next(false, trial.probed))),
        (_, 1) => halve(items, |middle| by(&|cell| cell.item < middle))
            .map(|parts| (parts, next(true, trial.probed))),
        _ if !columns_are_good && (items_are_good || trial.cut_items) => {
            halve(columns, |middle| by(&|cell| cell.column < middle)).map(|parts| (parts, next(false, false)))
        }
        _ => halve(items, |middle| by(&|cell| cell.item < middle)).map(|parts| (parts, next(true, false))),
    }
}

/// Cuts a sorted side in the middle.
fn halve(side: &[usize], parts: impl Fn(usize) -> [Vec<Cell>; 2]) -> Option<[Vec<Cell>; 2]> {
    side.get(side.len().div_ceil(2)).map(|middle| parts(*middle))
}
