//! The loop: observe, diff, journal, write, observe again, until nothing differs, nothing moves any more, or a
//! limit is reached. A pure state machine without sockets, clock or store: [`Reconcile::next`] says what to do,
//! [`Reconcile::feed`] takes what came of it. `pipeline::Task` drives it over HTTP, tests drive it in memory.
//!
//! `observe.rs` reads, `sight.rs` takes in what was read, `round.rs` and `plan.rs` find what is missing, `caps.rs` what is
//! too much, `trial.rs` takes refused
//! requests apart, `culprit.rs` says whom a refusal speaks of, `settle.rs` what stands and who made it so,
//! `words.rs` how that is told. `preview.rs` and `read_back.rs` are the loop without a step that writes; `extraction.rs`
//! is a machine of its own that takes single pairs out, `machine.rs` what drivers see of any of them.

mod caps;
mod culprit;
mod effort;
mod extraction;
mod look;
mod machine;
mod observe;
mod paging;
mod plan;
mod preview;
mod read_back;
mod room;
mod round;
mod scope;
mod settle;
mod sight;
mod step;
mod trial;
mod trouble;
mod whole;
mod wish;
mod words;

pub use caps::{Caps, HourCap, HourUse, ShareCap};
pub use extraction::{AbsentPairs, Extraction, ExtractionPreview};
pub use look::{Look, Looked};
pub use machine::{Machine, ReadingMachine};
pub use preview::{Preview, PreviewStep};
pub use read_back::{ReadBack, SentBefore};
pub use step::{Calls, ChangedPair, Event, ItemStanding, Settled, Step};
pub use whole::{Unread, WHOLE_PAIRS_MAX, Whole, WholeRead};
pub use wish::{Journal, Knowledge, Limits, SearchTrust, Wish};
pub use words::still_covered_note;

use crate::model::{EntryKey, ListKind, Pair, PairKey, ReadReply, Verdict, View, Write};
use caps::ListSize;
use effort::{Effort, INCOMPLETE_DELAY_MS, OBSERVATIONS_MAX, Patience, UNCLEAR_DELAY_MS};
use observe::Observer;
use plan::{Batch, Hold};
use scope::{Observation, Scope};
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
    /// Pairs whose last request got a clear yes.
    clear: BTreeSet<PairKey>,
    in_flight: BTreeSet<Cell>,
    ever_seen: BTreeSet<PairKey>,
    calls: Calls,
    /// Observations of one list in a row, because the ones before were not complete.
    observations: u32,
    effort: Effort,
    warnings: BTreeSet<String>,
    failure: Option<Verdict>,
    /// The list was read whole once.
    was_read_whole: bool,
    size: ListSize,
    /// The list was read for nothing but its size.
    size_was_sought: bool,
    /// A list that could not be read whole: nothing more is sent.
    unreadable: Option<ListKind>,
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
    /// Beside the first one of a deletion that found its rows by searching: how large the list is.
    Size,
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
            clear: BTreeSet::new(),
            requested: journal.pairs,
            was_read_whole: false,
            size: ListSize::default(),
            size_was_sought: false,
            calls: Calls::default(),
            observations: 0,
            effort: Effort::default(),
            warnings: BTreeSet::new(),
            failure: None,
            unreadable: None,
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
                self.calls.reads += u32::from(!is_resting(&reply));
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

    /// Begins no further change: its time is up, or somebody cancelled it. What was sent is still read back; what
    /// was not is `not_tried`, with these words.
    pub fn stop(&mut self, why: impl Into<String>) {
        self.stopped.get_or_insert_with(|| why.into());
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::Writing(.., sent) => {
                self.write_next(VecDeque::new(), sent);
                return;
            }
            // What was sent, or may have been before a crash, is read to its end.
            state @ State::Observing(..) if !self.in_flight.is_empty() => state,
            State::Observing(..) | State::Journaling(..) | State::Done => State::Done,
        };
    }

    /// Was anything sent, now or before a crash, that was not read back since?
    #[must_use]
    pub fn may_have_written(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Always: whatever was sent stands in the journal.
    #[must_use]
    pub fn may_be_left(&self) -> bool {
        true
    }

    /// The end: one standing for each item of the wish, in its order.
    #[must_use]
    pub fn settled(self) -> Settled {
        let (items, troubles) = self.evidence().settle();
        let mut warnings = self.warnings;
        warnings.extend(troubles.crowded_rows);
        Settled {
            items,
            calls: self.calls,
            configuration_troubles: troubles.configuration,
            warnings: warnings.into_iter().collect(),
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
        self.observations = 0;
        self.observe_again(list, delay_ms, purpose);
    }

    fn observe_again(&mut self, list: ListKind, delay_ms: u64, purpose: Purpose) {
        self.observations += 1;
        let home = if self.wish.is_addition() {
            View::Recipient
        } else {
            self.wish.side
        };
        let patience = if self.in_flight.is_empty() {
            Patience::NothingSent
        } else {
            Patience::Sent
        };
        let scope = Arc::clone(&self.scope);
        let mut observer = Observer::new(list, scope, home, delay_ms, patience, &self.knowledge);
        if matches!(purpose, Purpose::Size) {
            observer = observer.by_paging_alone(&self.knowledge);
        }
        self.state = State::Observing(Box::new(observer), purpose);
    }

    fn observed(&mut self, observation: Observation, purpose: Purpose) {
        let is_complete = observation.complete;
        let list = match purpose {
            Purpose::OtherList => self.wish.list.other(),
            Purpose::First | Purpose::Size | Purpose::ReadBack { .. } => self.wish.list,
        };
        match purpose {
            Purpose::OtherList => self.other_list = observation,
            // The rows of the wish were read whole before, and that holds.
            Purpose::Size if !is_complete => {}
            Purpose::First | Purpose::Size | Purpose::ReadBack { .. } => self.see(observation),
        }
        if !is_complete && self.observations < OBSERVATIONS_MAX {
            return self.observe_again(list, INCOMPLETE_DELAY_MS << self.observations, purpose);
        }
        if !is_complete && !matches!(purpose, Purpose::Size) {
            self.unreadable = Some(list);
            return;
        }
        match purpose {
            Purpose::First if self.wish.is_addition() && self.stopped.is_none() => {
                self.observe(self.wish.list.other(), 0, Purpose::OtherList);
            }
            Purpose::First | Purpose::OtherList | Purpose::Size => self.plan(),
            Purpose::ReadBack { sent, delayed } => self.read_back(sent, delayed),
        }
    }

    /// Judges what was sent by what is there now. What was accepted and is not there gets time once.
    fn read_back(&mut self, sent: Vec<(Batch, Verdict)>, delayed: bool) {
        let accepted_batches = sent.iter().filter(|(_, verdict)| *verdict == Verdict::Done);
        let doubted: Vec<Cell> = accepted_batches
            .flat_map(|(batch, _)| self.missing(batch))
            .collect();
        if !delayed && !doubted.is_empty() {
            // It may still come, so that nobody knows until it was read again.
            self.in_flight.extend(doubted);
            let purpose = Purpose::ReadBack { sent, delayed: true };
            return self.observe(self.wish.list, self.limits.settle_delay_ms, purpose);
        }
        let accepted = self.acceptance();
        for (batch, verdict) in &sent {
            let missing = self.missing(batch);
            let row_lengths = self.row_lengths(batch);
            self.trials
                .judge(batch, verdict, &missing, row_lengths, &accepted);
        }
        self.plan();
    }

    fn write_next(&mut self, mut batches: VecDeque<Batch>, sent: Vec<(Batch, Verdict)>) {
        match batches.pop_front() {
            Some(batch) => {
                let write = self.picture().write(&batch);
                self.state = State::Writing(write, batch, batches, sent);
            }
            // Nothing was sent that a reading could tell more about.
            None if self.in_flight.is_empty() && (self.failure.is_some() || self.stopped.is_some()) => {}
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
        self.calls.writes += u32::from(!matches!(verdict, Verdict::Resting { .. }));
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
            // Not let in, or not asked: nothing was done, and asking on would only lock the account.
            Verdict::Denied { .. } | Verdict::Resting { .. } | Verdict::Untrusted { .. } => {
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

/// Nothing was asked, so that there is no call to count.
fn is_resting(reply: &ReadReply) -> bool {
    matches!(reply, ReadReply::Failed(Verdict::Resting { .. }))
}

#[cfg(test)]
mod tests;
