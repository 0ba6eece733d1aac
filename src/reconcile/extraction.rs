//! Takes single pairs out of a list and leaves everything else where it is. A machine of its own with the loop's
//! conversation: [`Extraction::next`] says what to do, [`Extraction::feed`] takes what came of it. No sockets, no
//! clock, no store.
//!
//! A round is one request between two readings of its rows: observe, choose, journal, write, observe. What nobody
//! wished away and is gone after it is put back before anything else happens. `extraction/choice.rs` chooses,
//! `trials.rs` remembers refusals, `credit.rs` who did what, `put_back.rs` what is owed to the list; `reading.rs` says
//! how much is read around a request, `settle.rs` how it ended. What the verbs do: `docs/asyncos.md`, "Semantics".
//!
//! One race cannot be won: the API changes no row on condition. Whoever adds a pair to a row after our reading and
//! before our request loses it, unseen, because the request replaces the whole row or takes it away; whoever removes
//! one at that moment sees it again. All that can be done is to keep the moment short: there is one request after each
//! reading, and a mailbox is read by a search for it alone where that is quicker. For a sender's row there is no
//! search, so that the moment is as long as a paging of the list.

mod choice;
mod credit;
mod effort;
mod preview;
mod put_back;
mod reading;
mod settle;
mod trials;
mod wish;

pub use preview::ExtractionPreview;
pub use wish::AbsentPairs;

use super::caps::ListSize;
use super::effort::{INCOMPLETE_DELAY_MS, OBSERVATIONS_MAX, Patience, UNCLEAR_DELAY_MS};
use super::observe::Observer;
use super::scope::{Observation, Scope};
use super::{Calls, Event, Journal, Knowledge, Limits, Settled, Step, is_resting};
use crate::model::{Pair, PairKey, Verdict, View};
use choice::{Hold, Picture, Request, Sent, is_shown};
use credit::Credit;
use effort::Effort;
use put_back::PutBacks;
use reading::Reading;
use settle::{End, Evidence};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trials::Trials;

/// The state machine of one wish for absent pairs.
#[derive(Debug)]
pub struct Extraction {
    wish: AbsentPairs,
    limits: Limits,
    knowledge: Knowledge,
    scope: Arc<Scope>,
    state: State,
    /// For every row the last complete reading; what was seen in others is added.
    seen: Observation,
    size: ListSize,
    trials: Trials,
    put_backs: PutBacks,
    holds: BTreeMap<PairKey, Hold>,
    credit: Credit,
    calls: Calls,
    effort: Effort,
    /// Observations in a row, until one is complete.
    observations: u32,
    /// It ends where the first request would be chosen.
    only_looks: bool,
    /// Pairs that one which only looks would take out.
    would_be: BTreeSet<PairKey>,
    /// Why nothing more is taken out.
    stopped: Option<String>,
    end: Option<End>,
}

#[derive(Debug)]
enum State {
    Observing(Box<Observer>, Reading, Purpose),
    Journaling(Request, Reading),
    Writing(Request, Reading),
    Done,
}

/// What an observation is for.
#[derive(Debug)]
enum Purpose {
    Before,
    After(Sent),
}

impl Extraction {
    /// Begins, or takes up again with a journal that is not empty.
    #[must_use]
    pub fn new(wish: AbsentPairs, limits: Limits, journal: Journal, knowledge: Knowledge) -> Self {
        // What is not of the wish an earlier life was about to put back.
        let (journaled, promised): (BTreeSet<_>, BTreeSet<_>) =
            journal.pairs.into_iter().partition(|pair| wish.names(pair));
        let mut machine = Self {
            scope: Arc::new(wish.scope(&promised)),
            state: State::Done,
            seen: Observation::default(),
            size: ListSize::default(),
            trials: Trials::default(),
            put_backs: PutBacks::new(promised),
            holds: BTreeMap::new(),
            credit: Credit::new(journaled),
            calls: Calls::default(),
            effort: Effort::default(),
            observations: 0,
            only_looks: false,
            would_be: BTreeSet::new(),
            stopped: None,
            end: None,
            wish,
            limits,
            knowledge,
        };
        if !machine.wish.items.is_empty() {
            machine.observe(Reading::Whole, 0, Purpose::Before);
        }
        machine
    }

    /// What to do now. Asking twice without an answer in between gives the same.
    #[must_use]
    pub fn next(&self) -> Step {
        match &self.state {
            State::Observing(observer, ..) => Step::Read(observer.next()),
            State::Journaling(request, _) => Step::Journal(request.pairs.iter().cloned().collect()),
            State::Writing(request, _) => Step::Write(request.write(self.wish.list)),
            State::Done => Step::Done,
        }
    }

    /// Takes the answer to [`Extraction::next`].
    ///
    /// # Panics
    /// When the event is no answer to the step: a mistake of the driver that must not become an outcome.
    pub fn feed(&mut self, event: Event) {
        match (std::mem::replace(&mut self.state, State::Done), event) {
            (State::Observing(mut observer, reading, purpose), Event::Read(reply)) => {
                self.calls.reads += u32::from(!is_resting(&reply));
                match observer.feed(reply, &mut self.knowledge) {
                    None => self.state = State::Observing(observer, reading, purpose),
                    Some(Ok(observation)) => self.observed(observation, reading, purpose),
                    Some(Err(verdict)) => self.end_unread(&purpose, End::Failed(verdict)),
                }
            }
            (State::Journaling(request, reading), Event::Journaled) => {
                self.state = State::Writing(request, reading);
            }
            (State::Writing(request, reading), Event::Written(verdict)) => {
                self.written(request, verdict, reading);
            }
            (state, event) => unreachable!("the driver answered {state:?} with {event:?}"),
        }
    }

    /// Takes nothing more out: its time is up, or somebody cancelled it. What was sent is still read back, and what its
    /// rows lost is put back; what was not sent is `not_tried`, with these words.
    pub fn stop(&mut self, why: impl Into<String>) {
        let why = self.stopped.get_or_insert_with(|| why.into()).clone();
        let goes_on = match &self.state {
            State::Observing(_, _, Purpose::After(sent)) if sent.request.puts_back() => true,
            State::Observing(..) => self.may_have_written(),
            State::Journaling(request, _) | State::Writing(request, _) => request.puts_back(),
            State::Done => return,
        };
        if !goes_on {
            self.state = State::Done;
            self.end = Some(End::Stopped(why));
        }
    }

    /// Was anything sent, now or before a crash, that was not read back since?
    #[must_use]
    pub fn may_have_written(&self) -> bool {
        let is_read_back = match &self.state {
            State::Observing(_, _, Purpose::After(sent)) => sent.may_have_changed_rows(),
            State::Observing(..) | State::Journaling(..) | State::Writing(..) | State::Done => false,
        };
        is_read_back || self.credit.has_in_flight() || self.put_backs.has_unread_promises()
    }

    /// Not before the rows of the last request were read, and what they lost was put back.
    #[must_use]
    pub fn may_be_left(&self) -> bool {
        let is_unread = matches!(
            &self.state,
            State::Observing(_, _, Purpose::After(_)) | State::Writing(..)
        );
        !is_unread && !self.put_backs.is_owing()
    }

    /// The end: one standing for each pair of the wish, in its order.
    #[must_use]
    pub fn settled(self) -> Settled {
        let evidence = Evidence {
            wish: &self.wish,
            limits: &self.limits,
            size: self.size,
            seen: &self.seen,
            trials: &self.trials,
            holds: &self.holds,
            put_backs: &self.put_backs,
            credit: &self.credit,
            would_be: &self.would_be,
            end: self.end.as_ref(),
        };
        let items = self.wish.items.iter().map(|item| evidence.item(item)).collect();
        Settled {
            items,
            calls: self.calls,
            configuration_troubles: Vec::new(),
            warnings: self.put_backs.warnings(self.wish.list),
            knowledge: self.knowledge,
        }
    }

    fn observe(&mut self, reading: Reading, delay_ms: u64, purpose: Purpose) {
        self.observations = 0;
        self.observe_again(reading, delay_ms, purpose);
    }

    fn observe_again(&mut self, reading: Reading, delay_ms: u64, purpose: Purpose) {
        self.observations += 1;
        // Also what a row may have lost can only be put back by whoever reads it.
        let patience = if matches!(purpose, Purpose::After(_)) || self.credit.has_in_flight() {
            Patience::Sent
        } else {
            Patience::NothingSent
        };
        let (list, scope) = (self.wish.list, reading.scope(&self.scope));
        let observer = Observer::new(list, scope, View::Recipient, delay_ms, patience, &self.knowledge);
        self.state = State::Observing(Box::new(observer), reading, purpose);
    }

    fn observed(&mut self, observation: Observation, reading: Reading, purpose: Purpose) {
        let is_complete = observation.complete;
        self.see(observation, &reading);
        if !is_complete && self.observations < OBSERVATIONS_MAX {
            return self.observe_again(reading, INCOMPLETE_DELAY_MS << self.observations, purpose);
        }
        if !is_complete {
            return self.end_unread(&purpose, End::Restless);
        }
        match purpose {
            Purpose::After(sent) if self.is_to_be_read_again(&sent) => {
                let purpose = Purpose::After(Sent {
                    delayed: true,
                    ..sent
                });
                self.observe(reading, self.limits.settle_delay_ms, purpose);
            }
            Purpose::After(sent) => {
                self.judge(&sent.request, &sent.verdict);
                self.plan(reading);
            }
            Purpose::Before => self.plan(reading),
        }
    }

    fn see(&mut self, observation: Observation, reading: &Reading) {
        let is_proof_for = |pair: &PairKey| observation.complete && reading.covers(pair);
        let is_wished = |pair: &PairKey| self.wish.names(pair);
        let returned = self.credit.read(&observation, is_wished, is_proof_for);
        self.trials.count_returns(&returned);
        self.size.learn(&observation, self.credit.requested());
        let complete = observation.complete;
        reading.take_into(&mut self.seen, observation);
        if complete {
            self.put_backs.read(&self.seen);
        }
    }

    /// Nothing more can be known, also not whether the rows of the last request still hold what they are to hold.
    fn end_unread(&mut self, purpose: &Purpose, end: End) {
        self.end = Some(end);
        if let Purpose::After(sent) = purpose
            && sent.may_have_changed_rows()
        {
            self.put_backs.leave_unread(&sent.request);
        }
    }

    /// A clear yes of which nothing is to be seen, for the first time.
    fn is_to_be_read_again(&self, sent: &Sent) -> bool {
        let request = &sent.request;
        let is_fulfilled = if request.puts_back() {
            request.pairs.iter().all(|pair| self.seen.holds(&pair.key()))
        } else {
            !request.pairs.iter().any(|pair| is_shown(&self.seen, pair))
        };
        sent.verdict == Verdict::Done && !sent.delayed && !is_fulfilled
    }

    fn judge(&mut self, request: &Request, verdict: &Verdict) {
        if request.puts_back() {
            return self.put_backs.judge(request, verdict);
        }
        // Each spelling by itself: another one may stand in a row that has its turn later.
        let (standing, gone): (BTreeSet<Pair>, BTreeSet<Pair>) = request
            .pairs
            .iter()
            .cloned()
            .partition(|pair| is_shown(&self.seen, pair));
        let progress = gone.iter().any(|pair| !self.trials.has_returned(&pair.key()));
        self.trials.judge(request, verdict, &standing);
        // Where nothing was sent, what vanished is nothing of ours. Else what was wished away and had no turn yet
        // went with the others: by our doing, if without a clear yes.
        let mut lost = request.spared.clone();
        lost.retain(|pair| !self.seen.holds(pair));
        if matches!(verdict, Verdict::Unreachable { .. }) {
            lost.clear();
        } else {
            self.put_backs.owe(request, &self.seen);
        }
        self.credit.take(gone, lost);
        self.effort.end_round(progress);
    }

    /// Begins the next round, reads a row once more before it, or ends; `fresh` was read just now. What is owed to
    /// the list comes first, and under no limit but its own: its row was read after the request that it lost it by.
    fn plan(&mut self, fresh: Reading) {
        if let Some(request) = self.put_backs.request(&self.seen, self.limits.items_per_call) {
            return self.begin(request, fresh);
        }
        let choice = Picture {
            wish: &self.wish,
            limits: &self.limits,
            size: self.size,
            seen: &self.seen,
            trials: &self.trials,
            requested: self.credit.requested(),
        }
        .choose();
        self.holds = choice.holds;
        if self.only_looks {
            self.would_be = choice.open;
            return;
        }
        let Some(request) = choice.request else {
            return;
        };
        if let Some(why) = &self.stopped {
            self.end = Some(End::Stopped(why.clone()));
            return;
        }
        if self.effort.is_exhausted() {
            self.end = Some(End::Stopped(self.effort.describe()));
            return;
        }
        let reading = Reading::around(&request, self.wish.list, &self.knowledge);
        if reading == fresh {
            self.begin(request, reading);
        } else {
            self.effort.look();
            self.observe(reading, 0, Purpose::Before);
        }
    }

    fn begin(&mut self, request: Request, reading: Reading) {
        self.effort.begin_round();
        self.state = State::Journaling(request, reading);
    }

    fn written(&mut self, request: Request, verdict: Verdict, reading: Reading) {
        self.calls.writes += u32::from(!matches!(verdict, Verdict::Resting { .. }));
        self.effort.count(&verdict);
        let mut wished = request.pair_keys();
        wished.retain(|pair| self.wish.names(pair));
        self.credit.send(wished, &verdict);
        // Not let in: nothing was done, and asking on would only lock the account.
        if matches!(
            verdict,
            Verdict::Denied { .. } | Verdict::Resting { .. } | Verdict::Untrusted { .. }
        ) {
            self.end = Some(End::Failed(verdict));
            return;
        }
        // Also where nothing was sent: the reading tells whether the appliance is back.
        let delay_ms = if verdict.is_unclear() { UNCLEAR_DELAY_MS } else { 0 };
        let purpose = Purpose::After(Sent {
            request,
            verdict,
            delayed: false,
        });
        self.observe(reading, delay_ms, purpose);
    }
}
