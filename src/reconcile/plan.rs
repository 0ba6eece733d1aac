//! What is missing, what of it may be sent, and in how few requests. A pure function of the wish, the latest
//! observation, which must be complete, and what happened so far: every cell gets a place in a batch or a reason why not, so that
//! nothing is left out in silence. `trial.rs` tells how refused batches are taken apart.

use super::caps::{Excess, ListSize};
use super::room::Room;
use super::scope::Observation;
use super::trial::{Trial, Trials};
use super::wish::{Cell, Limits, Wish};
use crate::model::{EntryKey, Verb, View, Write};
use std::collections::{BTreeMap, BTreeSet};

/// Why a cell that is not as wished is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// The other list has the pair.
    Conflict,
    /// The recipient's row would pass the limit: it holds so many senders now, and so many more go to earlier
    /// entries of this call.
    Full { row_length: usize, taken: usize },
    /// Over the objects per run.
    Waiting,
    /// Over the pairs that the task may change.
    OverCap(Excess),
}

impl Hold {
    /// Is it only because of earlier entries of the same call?
    pub(super) fn is_for_others(&self) -> bool {
        matches!(self, Self::Full { taken: 1.., .. })
    }
}

/// One request in the making: every item with every column, each of which is wished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) verb: Verb,
    pub(super) items: Vec<usize>,
    pub(super) columns: Vec<usize>,
    /// How its cells were tried before; the same for all of them.
    pub(super) trial: Trial,
    /// How long the rows of its items are together, before it is sent.
    pub(super) row_lengths: usize,
}

impl Batch {
    /// Cells.
    pub(super) fn len(&self) -> usize {
        self.items.len() * self.columns.len()
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let columns = &self.columns;
        self.items
            .iter()
            .flat_map(move |&item| columns.iter().map(move |&column| Cell { item, column }))
    }
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) batches: Vec<Batch>,
    pub(super) holds: BTreeMap<Cell, Hold>,
    /// Items that this plan sends for the first time.
    pub(super) admitted: BTreeSet<usize>,
    /// Cells that this plan sends for the first time, and the pairs that each changes.
    pub(super) granted: BTreeMap<Cell, usize>,
}

/// What the plan is made from.
pub(super) struct Picture<'a> {
    pub(super) wish: &'a Wish,
    pub(super) limits: &'a Limits,
    pub(super) size: ListSize,
    pub(super) seen: &'a Observation,
    /// The other list, for additions.
    pub(super) other_list: &'a Observation,
    pub(super) trials: &'a Trials,
    /// Items for which something was sent before.
    pub(super) admitted: &'a BTreeSet<usize>,
    /// Cells that were sent before, and the pairs that each was to change.
    pub(super) granted: &'a BTreeMap<Cell, usize>,
    /// Pairs that were seen of each row on the side of the items.
    pub(super) rows: &'a BTreeMap<EntryKey, usize>,
}

impl Picture<'_> {
    /// Is the cell as wished, as far as was seen?
    pub(super) fn stands(&self, cell: Cell) -> bool {
        match self.wish.pair_key(cell) {
            Some(pair) => self.seen.holds(&pair),
            None => !self.has_row(cell.item),
        }
    }

    fn has_row(&self, item: usize) -> bool {
        self.rows.contains_key(&self.wish.items[item].key)
    }

    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        let mut room = Room::of(self);
        let mut sendable = BTreeSet::new();
        for item in 0..self.wish.items.len() {
            let mut wanted = BTreeSet::new();
            for cell in self.wish.cells(item) {
                if self.trials.is_settled(cell) || self.wish.why_held(cell).is_some() {
                    continue;
                }
                match self.hold(cell, &mut room) {
                    Judgement::Stands => {}
                    Judgement::Held(hold) => {
                        plan.holds.insert(cell, hold);
                    }
                    Judgement::Sendable => {
                        wanted.insert(cell);
                    }
                }
            }
            if wanted.is_empty() {
                continue;
            }
            for (cell, hold) in self.withhold(item, &wanted, &mut plan) {
                room.give_back(self.recipient(cell));
                plan.holds.insert(cell, hold);
                wanted.remove(&cell);
            }
            if wanted.is_empty() {
                self.wait_with_the_item(item, &mut plan);
            }
            sendable.extend(wanted);
        }
        plan.batches = self.batches(&sendable);
        plan
    }

    /// The cells of an item that are not sent after all: no place is left for the item, or its pairs would pass
    /// the cap. An item is sent for the first time as a whole or not at all.
    fn withhold(&self, item: usize, wanted: &BTreeSet<Cell>, plan: &mut Plan) -> Vec<(Cell, Hold)> {
        let new: Vec<Cell> = wanted
            .iter()
            .filter(|cell| !self.granted.contains_key(cell))
            .copied()
            .collect();
        let all = |hold| new.iter().map(|cell| (*cell, hold)).collect();
        let is_admitted = self.admitted.contains(&item);
        if !is_admitted && self.budget() <= plan.admitted.len() {
            return all(Hold::Waiting);
        }
        let row = self
            .rows
            .get(&self.wish.items[item].key)
            .copied()
            .unwrap_or_default();
        let pairs_of_a_cell = if self.wish.is_addition() { 1 } else { row };
        // A row may have grown since it was granted.
        let is_grown = |cell: &&Cell| {
            self.granted
                .get(cell)
                .is_some_and(|granted| *granted < pairs_of_a_cell)
        };
        let grown: Vec<Cell> = wanted.iter().filter(is_grown).copied().collect();
        let granted: usize = grown.iter().map(|cell| self.granted[cell]).sum();
        let more = (new.len() + grown.len()) * pairs_of_a_cell - granted;
        let before = self.granted_pairs() + plan.granted.values().sum::<usize>();
        if more > 0 && before + more > self.limits.pairs_max(self.size) {
            let cells = new.iter().chain(&grown);
            let hold = Hold::OverCap(Excess { wanted: more, before });
            return cells.map(|cell| (*cell, hold)).collect();
        }
        if !is_admitted {
            plan.admitted.insert(item);
        }
        let granted = new.into_iter().chain(grown);
        plan.granted.extend(granted.map(|cell| (cell, pairs_of_a_cell)));
        Vec::new()
    }

    /// A row that only this call would fill is not full while the item is withheld.
    fn wait_with_the_item(&self, item: usize, plan: &mut Plan) {
        let cells = self.wish.cells(item);
        let own: Vec<(Cell, Hold)> = cells
            .filter_map(|cell| Some((cell, *plan.holds.get(&cell)?)))
            .collect();
        let withheld = own
            .iter()
            .find(|(_, hold)| matches!(hold, Hold::Waiting | Hold::OverCap(_)));
        let Some((_, withheld)) = withheld.copied() else {
            return;
        };
        for (cell, hold) in own {
            if hold.is_for_others() {
                plan.holds.insert(cell, withheld);
            }
        }
    }

    /// Pairs that are changed, or may be yet: what was refused gives its share of the cap back.
    fn granted_pairs(&self) -> usize {
        let open = self
            .granted
            .iter()
            .filter(|(cell, _)| self.stands(**cell) || self.trials.is_open(**cell));
        open.map(|(_, pairs)| pairs).sum()
    }

    /// Items that may still be sent for the first time. One that was refused alone gives its place back, at
    /// most as often as there are places, so that a bad hundred cannot starve the rest.
    fn budget(&self) -> usize {
        let places = self.limits.objects_per_run;
        let refused = self
            .admitted
            .iter()
            .filter(|&&item| self.was_refused_alone(item))
            .count();
        places
            .saturating_add(refused.min(places))
            .saturating_sub(self.admitted.len())
    }

    /// Was everything refused that the item still lacked? What only waits for room may be sent yet.
    fn was_refused_alone(&self, item: usize) -> bool {
        self.wish.cells(item).all(|cell| {
            if self.stands(cell) {
                return !self.granted.contains_key(&cell);
            }
            let is_in_conflict = self
                .wish
                .pair_key(cell)
                .is_some_and(|pair| self.other_list.holds(&pair));
            is_in_conflict || self.wish.why_held(cell).is_some() || self.trials.is_refused(cell)
        })
    }

    fn hold(&self, cell: Cell, room: &mut Room<'_>) -> Judgement {
        if self.stands(cell) {
            return Judgement::Stands;
        }
        let Some(pair) = self.wish.pair_key(cell) else {
            return Judgement::Sendable;
        };
        if self.other_list.holds(&pair) {
            return Judgement::Held(Hold::Conflict);
        }
        match room.take(&pair.recipient) {
            Ok(()) => Judgement::Sendable,
            Err(full) => Judgement::Held(full),
        }
    }

    fn recipient(&self, cell: Cell) -> Option<EntryKey> {
        self.wish.pair_key(cell).map(|pair| pair.recipient)
    }

    /// Full rectangles of what is all missing, so that an existing pair cannot spoil a request.
    fn batches(&self, sendable: &BTreeSet<Cell>) -> Vec<Batch> {
        // Items with the same missing columns, tried alike, under the same verb, share a rectangle.
        let mut shares: BTreeMap<(Trial, Verb, usize), Vec<usize>> = BTreeMap::new();
        for cell in sendable {
            let trial = self.trials.of(*cell);
            let key = (
                trial.clone(),
                self.verb(self.has_row(cell.item), &trial),
                cell.item,
            );
            shares.entry(key).or_default().push(cell.column);
        }
        let mut rectangles: BTreeMap<(Trial, Verb, Vec<usize>), Vec<usize>> = BTreeMap::new();
        for ((trial, verb, item), columns) in shares {
            rectangles.entry((trial, verb, columns)).or_default().push(item);
        }
        let most = self.limits.items_per_call.max(1);
        let mut batches = Vec::new();
        for ((trial, verb, columns), items) in rectangles {
            for (chunk, columns) in columns.chunks(most).enumerate() {
                // The first request has made the rows.
                let verb = if chunk > 0 && trial.refused_verb().is_none() && verb == Verb::Add {
                    Verb::Append
                } else {
                    verb
                };
                for items in self.chunks(&items, most) {
                    let keys = items.iter().map(|&item| &self.wish.items[item].key);
                    batches.push(Batch {
                        verb,
                        row_lengths: keys.filter_map(|key| self.rows.get(key)).sum(),
                        items: items.to_vec(),
                        columns: columns.to_vec(),
                        trial: trial.clone(),
                    });
                }
            }
        }
        // In input order, so that the caller's first indicators are served first.
        batches.sort_by_key(|batch| (batch.items.first().copied(), batch.columns.first().copied()));
        batches
    }

    /// Items in parts that name no more entries than one request may; a deletion names every spelling of each.
    fn chunks<'i>(&self, items: &'i [usize], most: usize) -> Vec<&'i [usize]> {
        if self.wish.is_addition() {
            return items.chunks(most).collect();
        }
        let spellings = self.spellings(items);
        let count = |item: &usize| spellings.get(item).map_or(0, BTreeSet::len);
        let mut chunks = Vec::new();
        let (mut begin, mut named) = (0, 0);
        for (place, item) in items.iter().enumerate() {
            if place > begin && named + count(item) > most {
                chunks.push(&items[begin..place]);
                (begin, named) = (place, 0);
            }
            named += count(item);
        }
        chunks.push(&items[begin..]);
        chunks
    }

    /// ThreatQ's own choice: senders are appended by sender; recipients are added where they have no row yet.
    /// A batch that was refused without progress is tried once with the other verb.
    fn verb(&self, has_row: bool, trial: &Trial) -> Verb {
        if !self.wish.is_addition() {
            return Verb::Delete;
        }
        let usual = if self.wish.side == View::Recipient && !has_row {
            Verb::Add
        } else {
            Verb::Append
        };
        match trial.refused_verb() {
            Some(Verb::Add) => Verb::Append,
            Some(_) => Verb::Add,
            None => usual,
        }
    }

    /// The request of a batch. A deletion names every spelling that the appliance shows of its items.
    pub(super) fn write(&self, batch: &Batch) -> Write {
        let (keys, values) = match &self.wish.counterparts {
            Some(counterparts) => (
                batch
                    .items
                    .iter()
                    .map(|&item| self.wish.items[item].spelling.clone())
                    .collect(),
                batch
                    .columns
                    .iter()
                    .map(|&column| counterparts[column].spelling.clone())
                    .collect(),
            ),
            None => (self.shown_spellings(&batch.items), Vec::new()),
        };
        Write {
            list: self.wish.list,
            view: self.wish.side,
            verb: batch.verb,
            keys,
            values,
        }
    }

    fn shown_spellings(&self, items: &[usize]) -> Vec<String> {
        let spellings = self.spellings(items).into_values();
        spellings.flatten().map(str::to_owned).collect()
    }

    fn spellings(&self, items: &[usize]) -> BTreeMap<usize, BTreeSet<&str>> {
        let named: BTreeMap<&EntryKey, usize> = items
            .iter()
            .map(|&item| (&self.wish.items[item].key, item))
            .collect();
        let mut spellings: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for (key, pairs) in &self.seen.pairs {
            let Some(&item) = named.get(self.wish.item_side(key)) else {
                continue;
            };
            let shown = pairs.iter().map(|pair| match self.wish.side {
                View::Sender => pair.sender.as_str(),
                View::Recipient => pair.recipient.as_str(),
            });
            spellings.entry(item).or_default().extend(shown);
        }
        spellings
    }
}

enum Judgement {
    Stands,
    Held(Hold),
    Sendable,
}
