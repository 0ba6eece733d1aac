//! The loop: observe, diff, journal, write, observe again, until nothing differs, nothing moves any more, or a
//! limit is reached. A pure state machine without sockets, clock or store: [`Reconcile::next`] says what to do,
//! [`Reconcile::feed`] takes what came of it. `pipeline::execute` drives it over HTTP, tests drive it in memory.
//!
//! `observe.rs` reads, `plan.rs` finds what is missing, `trial.rs` takes refused requests apart, `settle.rs`
//! says what stands and who made it so.

mod effort;
mod observe;
mod paging;
mod plan;
mod preview;
mod settle;
mod step;
mod trial;
mod wish;

pub use preview::{Preview, PreviewStep};
pub use settle::ItemStanding;
pub use step::{Calls, Event, Settled, Step};
pub use wish::{Journal, Knowledge, Limits, SearchTrust, Wish};

use crate::model::{EntryKey, ListKind, Pair, PairKey, Verdict, View, Write};
use effort::{Effort, UNCLEAR_DELAY_MS};
use observe::{Observation, Observer, Scope};
use plan::{Batch, Hold, Picture};
use settle::Evidence;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use trial::Trials;
use wish::Cell;

/// The state machine of one wish on one list.
#[derive(Debug)]
pub struct Reconcile {
    wish: Wish,
    limits: Limits,
    knowledge: Knowledge,
    state: State,
    scope: Arc<Scope>,
    seen: Observation,
    /// Pairs that were seen of each row on the side of the items.
    rows: BTreeMap<EntryKey, usize>,
    other_list: Observation,
    trials: Trials,
    holds: BTreeMap<Cell, Hold>,
    admitted: BTreeSet<usize>,
    granted: BTreeMap<Cell, usize>,
    /// Cells that a preview would send.
    would_be: BTreeSet<Cell>,
    requested: BTreeSet<PairKey>,
    clear: BTreeSet<PairKey>,
    in_flight: BTreeSet<Cell>,
    ever_seen: BTreeSet<PairKey>,
    calls: Calls,
    effort: Effort,
    warnings: BTreeSet<String>,
    failure: Option<Verdict>,
    stopped: Option<String>,
}

#[derive(Debug)]
enum State {
    Observing(Box<Observer>, Purpose),
    Journaling(Vec<Pair>, VecDeque<Batch>),
    Writing(Write, Batch, VecDeque<Batch>, Vec<(Batch, Verdict)>),
    Done,
}

/// What an observation is for.
#[derive(Debug)]
enum Purpose {
    First,
    /// Beside the first one of an addition: the list on which the same pair must not stand.
    OtherList,
    ReadBack {
        sent: Vec<(Batch, Verdict)>,
        /// The appliance was given time to show what it had accepted.
        delayed: bool,
    },
}

impl Reconcile {
    /// Begins, or takes up again with a journal that is not empty.
    #[must_use]
    pub fn new(wish: Wish, limits: Limits, journal: Journal, knowledge: Knowledge) -> Self {
        let scope = Arc::new(Scope::of(&wish));
        let mut machine = Self {
            state: State::Done,
            scope,
            seen: Observation::default(),
            rows: BTreeMap::new(),
            other_list: Observation::default(),
            trials: Trials::default(),
            holds: BTreeMap::new(),
            admitted: BTreeSet::new(),
            granted: BTreeMap::new(),
            would_be: BTreeSet::new(),
            in_flight: wish.cells_of(&journal.pairs),
            ever_seen: journal.pairs.clone(),
            requested: journal.pairs,
            clear: BTreeSet::new(),
            calls: Calls::default(),
            effort: Effort::default(),
            warnings: BTreeSet::new(),
            failure: None,
            stopped: None,
            wish,
            limits,
            knowledge,
        };
        machine.admitted = machine.in_flight.iter().map(|cell| cell.item).collect();
        machine.granted = machine.wish.pairs_by_cell(&machine.requested);
        if !machine.wish.items.is_empty() {
            machine.observe(machine.wish.list, 0, Purpose::First);
        }
        machine
    }

    /// What to do now. Asking twice without an answer in between gives the same.
    #[must_use]
    pub fn next(&self) -> Step {
        match &self.state {
            State::Observing(observer, _) => Step::Read(observer.next()),
            State::Journaling(pairs, _) => Step::Journal(pairs.clone()),
            State::Writing(write, ..) => Step::Write(write.clone()),
            State::Done => Step::Done,
        }
    }

    /// Takes the answer to [`Reconcile::next`].
    ///
    /// # Panics
    /// When the event is no answer to the step: a mistake of the driver that must not become an outcome.
    pub fn feed(&mut self, event: Event) {
        match (std::mem::replace(&mut self.state, State::Done), event) {
            (State::Observing(mut observer, purpose), Event::Read(reply)) => {
                self.calls.reads += 1;
                match observer.feed(reply, &mut self.knowledge) {
                    None => self.state = State::Observing(observer, purpose),
                    Some(Ok(observation)) => self.observed(observation, purpose),
                    Some(Err(verdict)) if matches!(purpose, Purpose::OtherList) => {
                        let list = self.wish.list.other();
                        self.failure = Some(verdict.with_words(&format!("reading the {list}: ")));
                    }
                    Some(Err(verdict)) => self.failure = Some(verdict),
                }
            }
            (State::Journaling(_, batches), Event::Journaled) => self.write_next(batches, Vec::new()),
            (State::Writing(_, batch, batches, sent), Event::Written(verdict)) => {
                self.written(batch, verdict, batches, sent);
            }
            (state, event) => unreachable!("the driver answered {state:?} with {event:?}"),
        }
    }

    /// The end: one standing for each item of the wish, in its order.
    #[must_use]
    pub fn settled(self) -> Settled {
        let mut ever_seen: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for pair in &self.ever_seen {
            ever_seen.entry(self.wish.item_side(pair)).or_default().push(pair);
        }
        let evidence = Evidence {
            wish: &self.wish,
            limits: &self.limits,
            seen: &self.seen,
            other_list: &self.other_list,
            trials: &self.trials,
            holds: &self.holds,
            requested: &self.requested,
            clear: &self.clear,
            in_flight: &self.in_flight,
            would_be: &self.would_be,
            ever_seen,
            failure: self.failure.as_ref(),
            stopped: self.stopped.as_deref(),
        };
        let items: Vec<_> = (0..self.wish.items.len())
            .map(|item| evidence.item(item))
            .collect();
        for item in &items {
            assert!(
                item.counts.adds_up(),
                "the pairs of an item must add up: {:?}",
                item.counts
            );
        }
        let warnings = self.warnings.into_iter().collect();
        Settled {
            items,
            calls: self.calls,
            warnings,
            knowledge: self.knowledge,
        }
    }

    /// Ends the loop where it would begin to write; what it would send is known then.
    fn stop_before_writing(&mut self) {
        if let State::Journaling(_, batches) = &self.state {
            self.would_be = batches.iter().flat_map(Batch::cells).collect();
            self.state = State::Done;
        }
    }

    fn observe(&mut self, list: ListKind, delay_ms: u64, purpose: Purpose) {
        let home = if self.wish.is_addition() {
            View::Recipient
        } else {
            self.wish.side
        };
        let observer = Observer::new(list, Arc::clone(&self.scope), home, delay_ms, &self.knowledge);
        self.state = State::Observing(Box::new(observer), purpose);
    }

    fn observed(&mut self, observation: Observation, purpose: Purpose) {
        if let Purpose::OtherList = purpose {
            self.other_list = observation;
            return self.plan();
        }
        self.see(observation);
        match purpose {
            Purpose::First if self.wish.is_addition() => {
                self.observe(self.wish.list.other(), 0, Purpose::OtherList);
            }
            Purpose::First | Purpose::OtherList => self.plan(),
            Purpose::ReadBack { sent, delayed } => {
                let doubted = |(batch, verdict): &(Batch, Verdict)| {
                    *verdict == Verdict::Done && !self.missing(batch).is_empty()
                };
                if !delayed && sent.iter().any(doubted) {
                    let purpose = Purpose::ReadBack { sent, delayed: true };
                    return self.observe(self.wish.list, self.limits.settle_delay_ms, purpose);
                }
                for (batch, verdict) in &sent {
                    self.trials.judge(batch, verdict, &self.missing(batch));
                }
                self.plan();
            }
        }
    }

    fn see(&mut self, observation: Observation) {
        self.seen = observation;
        self.rows.clear();
        for pair in self.seen.pairs.keys() {
            *self.rows.entry(self.wish.item_side(pair).clone()).or_default() += 1;
        }
        if self.seen.complete {
            self.in_flight.clear();
        } else if self.wish.is_addition() {
            let seen = &self.seen;
            let wish = &self.wish;
            self.in_flight
                .retain(|cell| wish.pair_key(*cell).is_none_or(|pair| !seen.holds(&pair)));
        }
        if !self.wish.is_addition() {
            self.ever_seen.extend(self.seen.pairs.keys().cloned());
        }
        if let Some(limit) = self.limits.list_limit {
            let longest = self.seen.row_lengths().into_values().max().unwrap_or_default();
            if longest > limit {
                self.warnings.insert(format!(
                    "a mailbox holds {longest} senders, more than list_limit = {limit}: the setting does not match the appliance"
                ));
            }
        }
    }

    fn missing(&self, batch: &Batch) -> Vec<Cell> {
        let picture = self.picture();
        batch.cells().filter(|cell| !picture.stands(*cell)).collect()
    }

    fn picture(&self) -> Picture<'_> {
        Picture {
            wish: &self.wish,
            limits: &self.limits,
            seen: &self.seen,
            other_list: &self.other_list,
            trials: &self.trials,
            admitted: &self.admitted,
            granted: &self.granted,
            rows: &self.rows,
        }
    }

    /// Diffs, and begins the next round or ends.
    fn plan(&mut self) {
        if self.failure.is_some() {
            return;
        }
        let plan = self.picture().plan();
        self.holds = plan.holds;
        if plan.batches.is_empty() {
            return;
        }
        let batches: VecDeque<Batch> = plan.batches.into_iter().take(self.effort.writes_left()).collect();
        if batches.is_empty() {
            self.stopped = Some(self.effort.describe());
            return;
        }
        self.effort.begin_round();
        self.admitted.extend(plan.admitted);
        self.granted.extend(plan.granted);
        let pairs = batches.iter().flat_map(|batch| self.pairs(batch)).collect();
        self.state = State::Journaling(pairs, batches);
    }

    /// The pairs that a request would change.
    fn pairs(&self, batch: &Batch) -> Vec<Pair> {
        let spell = |pair: &PairKey| Pair {
            recipient: self.wish.spell(&pair.recipient),
            sender: self.wish.spell(&pair.sender),
        };
        if self.wish.is_addition() {
            return batch
                .cells()
                .filter_map(|cell| self.wish.pair_key(cell))
                .map(|pair| spell(&pair))
                .collect();
        }
        let keys: BTreeSet<_> = batch
            .items
            .iter()
            .map(|&item| &self.wish.items[item].key)
            .collect();
        let touched = self
            .seen
            .pairs
            .iter()
            .filter(|(key, _)| keys.contains(self.wish.item_side(key)));
        touched
            .flat_map(|(_, spellings)| spellings.iter().cloned())
            .collect()
    }

    fn write_next(&mut self, mut batches: VecDeque<Batch>, sent: Vec<(Batch, Verdict)>) {
        match batches.pop_front() {
            Some(batch) => {
                let write = self.picture().write(&batch);
                self.state = State::Writing(write, batch, batches, sent);
            }
            // Nothing was sent that a reading could tell more about.
            None if self.in_flight.is_empty() && self.failure.is_some() => {}
            None => {
                let unclear = sent.iter().any(|(_, verdict)| verdict.is_unclear());
                let delay_ms = if unclear { UNCLEAR_DELAY_MS } else { 0 };
                self.observe(
                    self.wish.list,
                    delay_ms,
                    Purpose::ReadBack { sent, delayed: false },
                );
            }
        }
    }

    fn written(
        &mut self,
        batch: Batch,
        verdict: Verdict,
        mut batches: VecDeque<Batch>,
        mut sent: Vec<(Batch, Verdict)>,
    ) {
        self.calls.writes += 1;
        self.effort.count(&verdict);
        if self.effort.is_in_vain() {
            batches.clear();
        }
        let named: Vec<PairKey> = self.pairs(&batch).iter().map(Pair::key).collect();
        match &verdict {
            Verdict::Done => {
                self.clear.extend(named.iter().cloned());
                self.requested.extend(named);
                self.in_flight.extend(batch.cells());
            }
            Verdict::Refused { .. } | Verdict::Unclear { .. } => {
                for pair in &named {
                    self.clear.remove(pair);
                }
                self.requested.extend(named);
                self.in_flight.extend(batch.cells());
            }
            // Not let in: nothing was done, and asking on would only lock the account.
            Verdict::Denied { .. } => {
                self.failure = Some(verdict.clone());
                batches.clear();
            }
            // Not reached: nothing was sent; the reading tells whether the appliance is back.
            Verdict::Unreachable { .. } => batches.clear(),
        }
        sent.push((batch, verdict));
        self.write_next(batches, sent);
    }
}

#[cfg(test)]
mod tests;
