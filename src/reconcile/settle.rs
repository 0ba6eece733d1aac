//! The truth of outcomes: what stands after the last observation, who made it so, and why the rest does not.
//! The credit rule is here and nowhere else: *written* is what was absent in our last observation before we
//! first asked for it and is as wished in the last one; *already* is what was so before we asked.

use super::caps::ListSize;
use super::culprit::Acceptance;
use super::plan::Hold;
use super::scope::Observation;
use super::step::{ChangedPair, ItemStanding};
use super::trial::{Settlement, Trials};
use super::trouble::Troubles;
use super::wish::{Cell, Limits, Wish};
use super::words::still_covered_note;
use crate::model::{EntryKey, ListKind, Operation, Outcome, PairCounts, PairExample, PairKey, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs named in one result, those that fall short first. More would drown the reader.
pub(super) const EXAMPLES_MAX: usize = 10;

/// How one pair stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Already,
    Written {
        /// The last reply that named it was a clear yes, and it was not so before: hardly anybody else did it.
        sole: bool,
    },
    /// A preview would make it so.
    Would,
    Short(Outcome, String),
    /// The stored entry on the other side is refused: told once, not here.
    Misconfigured(String),
}

/// Everything that is known when the loop ends.
pub(super) struct Evidence<'a> {
    pub(super) wish: &'a Wish,
    pub(super) limits: &'a Limits,
    pub(super) size: ListSize,
    pub(super) seen: &'a Observation,
    pub(super) other_list: &'a Observation,
    pub(super) trials: &'a Trials,
    pub(super) accepted: Acceptance,
    pub(super) holds: &'a BTreeMap<Cell, Hold>,
    /// Every pair that a request of ours named, or that the journal says one may have named.
    pub(super) requested: &'a BTreeSet<PairKey>,
    /// Those of them whose last request got a clear yes.
    pub(super) clear: &'a BTreeSet<PairKey>,
    /// Cells that were sent, or may have been, and not read since.
    pub(super) in_flight: &'a BTreeSet<Cell>,
    /// Cells that a preview would send.
    pub(super) would_be: &'a BTreeSet<Cell>,
    /// For deletions: every pair that was ever seen, by its item.
    pub(super) ever_seen: BTreeMap<&'a EntryKey, Vec<&'a PairKey>>,
    /// Senders that were seen in each recipient's row.
    pub(super) row_lengths: BTreeMap<&'a EntryKey, usize>,
    /// Why the loop ended before its time.
    pub(super) failure: Option<&'a Verdict>,
    /// Was the list read whole at any time?
    pub(super) was_read_whole: bool,
    /// The list that could not be read whole.
    pub(super) unreadable: Option<ListKind>,
    /// Why it stopped by itself.
    pub(super) stopped: Option<&'a str>,
}

impl Evidence<'_> {
    /// One standing for each item, and what is told once.
    pub(super) fn settle(&self) -> (Vec<ItemStanding>, Troubles) {
        let covering = self.still_covered();
        let of_domain = |item: usize| self.wish.items[item].key.domain();
        let covering = |item| of_domain(item).and_then(|domain| covering.get(&domain).cloned());
        let items = 0..self.wish.items.len();
        let items: Vec<_> = items
            .map(|item| self.item(item, covering(item).unwrap_or_default()))
            .collect();
        for item in &items {
            let counts = item.counts;
            assert!(counts.adds_up(), "the pairs of an item must add up: {counts:?}");
        }
        (items, self.troubles())
    }

    fn item(&self, item: usize, still_covered: Vec<PairKey>) -> ItemStanding {
        let standings = if self.wish.is_addition() {
            self.addition(item)
        } else {
            self.deletion(item)
        };
        let operation = if self.wish.is_addition() {
            Operation::Add
        } else {
            Operation::Delete
        };
        let mut counts = PairCounts::default();
        let mut examples = Vec::new();
        let mut worst: Option<(Outcome, String)> = None;
        let (mut changed, mut already, mut unproven) = (Vec::new(), Vec::new(), Vec::new());
        let mut would = Vec::new();
        let mut mailboxes = BTreeSet::new();
        for (pair, standing) in standings {
            count(&mut counts, &standing);
            match standing {
                Standing::Already => already.extend(pair),
                Standing::Written { sole } => {
                    mailboxes.extend(pair.iter().map(|pair| pair.recipient.clone()));
                    changed.extend(pair.map(|pair| ChangedPair { pair, sole }));
                }
                Standing::Would => {
                    mailboxes.extend(pair.iter().map(|pair| pair.recipient.clone()));
                    would.extend(pair);
                }
                // Not worse than anything that is the item's own, but better than no reason at all.
                Standing::Misconfigured(words) => {
                    worst.get_or_insert((Outcome::NotTried, words));
                }
                Standing::Short(outcome, detail) => {
                    let rank = |outcome: Outcome| (outcome.class(), outcome);
                    if worst
                        .as_ref()
                        .is_none_or(|(worst, _)| rank(outcome) > rank(*worst))
                    {
                        worst = Some((outcome, detail.clone()));
                    }
                    if outcome == Outcome::Unproven {
                        unproven.extend(pair.clone());
                    }
                    if outcome == Outcome::OverCap {
                        would.extend(pair.clone());
                    }
                    if let Some(pair) = pair.filter(|_| examples.len() < EXAMPLES_MAX) {
                        let (recipient, sender) =
                            (self.wish.spell(&pair.recipient), self.wish.spell(&pair.sender));
                        examples.push(PairExample {
                            recipient,
                            sender,
                            outcome,
                            detail,
                        });
                    }
                }
            }
        }
        // Who is gone already, nobody can claim.
        if operation == Operation::Delete {
            already.clear();
        }
        let (outcome, class) = counts.outcome(operation);
        if class.ok() {
            worst = None;
        }
        let mut notes = self.entries_of_the_other_list(item);
        notes.extend(still_covered_note(self.wish.list, &still_covered));
        if changed.iter().any(|changed| !changed.sole) {
            notes.push("a reply was lost or not a clear yes; read back".to_owned());
        }
        let detail = self.describe(&counts, outcome, worst.map(|(_, detail)| detail));
        ItemStanding {
            counts,
            mailboxes: mailboxes.len(),
            outcome,
            class,
            detail,
            notes,
            examples,
            changed,
            already,
            unproven,
            still_covered,
            would,
        }
    }

    fn addition(&self, item: usize) -> Vec<(Option<PairKey>, Standing)> {
        self.wish
            .cells(item)
            .filter_map(|cell| self.wish.pair_key(cell).map(|pair| (cell, pair)))
            .map(|(cell, pair)| {
                let standing = if self.seen.holds(&pair) {
                    self.credit(&pair)
                } else {
                    self.shortfall(cell)
                };
                (Some(pair), standing)
            })
            .collect()
    }

    fn deletion(&self, item: usize) -> Vec<(Option<PairKey>, Standing)> {
        let cell = Cell { item, column: 0 };
        let key = &self.wish.items[item].key;
        let is_in_flight = self.in_flight.contains(&cell);
        let Some(known) = self.ever_seen.get(key) else {
            // Nothing was ever seen: it is absent if that was proven once, else one unknown pair stands for all.
            return if self.was_read_whole && !is_in_flight {
                Vec::new()
            } else {
                vec![(None, self.shortfall(cell))]
            };
        };
        let standing = |pair: &PairKey| {
            // What an incomplete reading did not show is remembered from the one before, and what was sent is in
            // flight until a complete one: so whatever is neither is gone for certain.
            if !self.seen.holds(pair) && !is_in_flight {
                self.credit(pair)
            } else {
                self.shortfall(cell)
            }
        };
        known
            .iter()
            .map(|pair| (Some((*pair).clone()), standing(pair)))
            .collect()
    }

    fn credit(&self, pair: &PairKey) -> Standing {
        if self.requested.contains(pair) {
            Standing::Written {
                sole: self.clear.contains(pair),
            }
        } else {
            Standing::Already
        }
    }

    fn shortfall(&self, cell: Cell) -> Standing {
        if self.would_be.contains(&cell) {
            return Standing::Would;
        }
        if let Some(words) = self.why_held(cell) {
            return Standing::Short(Outcome::Held, words.to_owned());
        }
        let failure = self.failure.map(Verdict::describe);
        if self.in_flight.contains(&cell) {
            let why = failure.unwrap_or_else(|| "the list kept changing while it was read".to_owned());
            return Standing::Short(Outcome::Unproven, format!("sent, and not read afterwards: {why}"));
        }
        match self.trials.settlement(cell) {
            Some(Settlement::Refused(words) | Settlement::ColumnRefused(words)) => {
                return self.refused(cell, words);
            }
            Some(Settlement::Vanished(words)) => {
                return Standing::Short(Outcome::RefusedByAppliance, words);
            }
            Some(Settlement::Unanswered(words)) => {
                let words = format!("{words}; tried again, and read back: not as wished");
                return Standing::Short(Outcome::Unreachable, words);
            }
            None => {}
        }
        let other_list = self.wish.list.other();
        let ended_early = failure.is_some() || self.stopped.is_some() || self.unreadable.is_some();
        // Room that earlier entries of the call were to take is not taken where the run ended before.
        let hold = self
            .holds
            .get(&cell)
            .filter(|hold| !(ended_early && hold.is_for_others()));
        match (hold, failure, self.stopped) {
            (Some(Hold::Conflict), _, _) => Standing::Short(
                Outcome::Conflict,
                format!("stands on the {other_list} of {}", self.mailbox(cell)),
            ),
            (Some(Hold::Full { row_length, taken }), _, _) => {
                let limit = self.limits.list_limit.unwrap_or_default();
                let mailbox = self.mailbox(cell);
                let mut words =
                    format!("the list of {mailbox} is full: it holds {row_length} of {limit} senders");
                if *taken > 0 {
                    words.push_str(&format!(", and {taken} more go to earlier entries of this call"));
                }
                Standing::Short(Outcome::ListFull, words)
            }
            (Some(Hold::Waiting), _, _) => {
                let places = self.limits.objects_per_run;
                Standing::Short(
                    Outcome::Waiting,
                    format!("over {places} objects per run; the next call goes on"),
                )
            }
            (Some(Hold::OverCap(excess)), _, _) => {
                let change = if self.wish.is_addition() {
                    "added"
                } else {
                    "removed"
                };
                let words = self.limits.tell_excess(*excess, self.size, change);
                Standing::Short(Outcome::OverCap, words)
            }
            (None, Some(failure), _) => Standing::Short(Outcome::Unreachable, failure),
            (None, None, Some(stopped)) => Standing::Short(Outcome::NotTried, stopped.to_owned()),
            (None, None, None) => Standing::Short(Outcome::Unreachable, self.why_unread(cell)),
        }
    }

    /// Why a cell is held. Whether a pair stands all the same was read, or nobody would know that it had to be held.
    fn why_held(&self, cell: Cell) -> Option<&str> {
        let is_known_absent = self.was_read_whole && !self.in_flight.contains(&cell);
        self.wish.why_held(cell).filter(|_| is_known_absent)
    }

    fn refused(&self, cell: Cell, words: String) -> Standing {
        if self.is_misconfigured(cell.column) {
            let entry = self.column(cell.column);
            return Standing::Misconfigured(format!("the stored entry {entry} is refused: {words}"));
        }
        let row = self.wish.pair_key(cell);
        let row_length = row.and_then(|pair| self.row_lengths.get(&pair.recipient).copied());
        Standing::Short(
            Outcome::RefusedByAppliance,
            match row_length {
                Some(length) => format!(
                    "{words} (the list of {} holds {length} senders)",
                    self.mailbox(cell)
                ),
                None => words,
            },
        )
    }

    /// Why a cell of which nothing is in flight was not sent.
    fn why_unread(&self, cell: Cell) -> String {
        let beginning = if self.was_requested(cell) {
            "not as wished when it was last read, and not sent again"
        } else {
            "nothing sent"
        };
        match self.unreadable {
            Some(list) => format!(
                "{beginning}: the {list} could not be read whole, because it kept changing or tells no row count"
            ),
            None => format!("{beginning}: the run ended before its turn"),
        }
    }

    fn was_requested(&self, cell: Cell) -> bool {
        match self.wish.pair_key(cell) {
            Some(pair) => self.requested.contains(&pair),
            None => {
                let known = self.ever_seen.get(&self.wish.items[cell.item].key);
                known.is_some_and(|known| known.iter().any(|pair| self.requested.contains(*pair)))
            }
        }
    }

    fn mailbox(&self, cell: Cell) -> String {
        self.wish
            .pair_key(cell)
            .map(|pair| self.wish.spell(&pair.recipient))
            .unwrap_or_default()
    }
}

fn count(counts: &mut PairCounts, standing: &Standing) {
    counts.wanted += 1;
    let part = match standing {
        Standing::Already => &mut counts.already,
        Standing::Written { .. } => &mut counts.written,
        Standing::Would => &mut counts.would,
        Standing::Misconfigured(_) => &mut counts.misconfigured,
        Standing::Short(Outcome::Held, _) => &mut counts.held,
        Standing::Short(Outcome::OverCap, _) => &mut counts.over_cap,
        Standing::Short(Outcome::Conflict, _) => &mut counts.conflict,
        Standing::Short(Outcome::ListFull, _) => &mut counts.full,
        Standing::Short(Outcome::RefusedByAppliance, _) => &mut counts.refused,
        Standing::Short(Outcome::Waiting, _) => &mut counts.waiting,
        Standing::Short(Outcome::NotTried, _) => &mut counts.not_tried,
        Standing::Short(Outcome::Unreachable, _) => &mut counts.unreachable,
        Standing::Short(_, _) => &mut counts.unproven,
    };
    *part += 1;
}
