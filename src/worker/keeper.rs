//! Keeps a claimed task ours while it is executed: renews the lease, hears of a cancellation and of stopped writes, writes
//! the journal, and tells how far it is. All that the pipeline knows of the store.

use super::{crash_point, lookup, switch};
use crate::model::{EntryKey, ListKind, Operation, Pair, PairKey};
use crate::pipeline::{ApplianceCall, Cause, Keeper, Leave, PutThere, Run, TakenPair, TakingBack};
use crate::reconcile::HourUse;
use crate::store::{Claim, Direction, Stopped, Store, StoreError, StoredPair};
use async_trait::async_trait;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// How often a cancellation is looked for, which may come by way of another server.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// A lease is renewed so often that two failures do not end it.
pub(super) const RENEWALS_PER_LEASE: u32 = 4;

#[derive(Debug, Clone)]
pub(super) struct ClaimKeeper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    claim: Claim,
    /// In which it writes; none where it only looks.
    direction: Option<Direction>,
    lease: Duration,
    stopping: watch::Receiver<bool>,
    state: Mutex<State>,
}

/// How far a task is, for those who look. A hint, and no outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct Progress {
    /// Pages that were asked for, in this attempt.
    reads: u32,
    /// Requests that change something, in this attempt.
    writes: u32,
    /// Pairs of the journal: those that may have been changed.
    pairs_begun: usize,
}

#[derive(Debug)]
struct State {
    /// By our own clock, from before the lease was asked for.
    lease_end: Instant,
    is_lost: bool,
    cancelled: Option<String>,
    switched_off: Option<String>,
    progress: Progress,
}

impl ClaimKeeper {
    /// `claim` was made for this lease a moment ago.
    pub(super) fn new(
        store: Store,
        claim: Claim,
        direction: Option<Direction>,
        lease: Duration,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let state = State {
            // The claim was asked for a moment ago; a renewal sets it right before anything is written.
            lease_end: Instant::now() + lease / 2,
            is_lost: false,
            cancelled: claim.cancel_reason.clone(),
            switched_off: None,
            progress: Progress {
                pairs_begun: claim.journal.len(),
                ..Progress::default()
            },
        };
        Self(Arc::new(Inner {
            store,
            claim,
            direction,
            lease,
            stopping,
            state: Mutex::new(state),
        }))
    }

    pub(super) fn claim(&self) -> &Claim {
        &self.0.claim
    }

    /// The task is somebody else's by now.
    pub(super) fn is_lost(&self) -> bool {
        let state = self.state();
        state.is_lost || Instant::now() >= state.lease_end
    }

    /// Looks whether what it writes is stopped. Where that cannot be read, the journal asks again.
    pub(super) async fn look_at_switch(&self) {
        let inner = &self.0;
        if let Some(direction) = inner.direction
            && let Ok(Some(stopped)) = inner.store.writes_stopped().await
            && stopped.stops(direction)
        {
            self.switch_off(&stopped);
        }
    }

    /// For good, as far as this task goes: what ends in words is not begun again.
    fn switch_off(&self, stopped: &Stopped) -> String {
        let words = switch::words_of_end(stopped);
        self.state().switched_off.get_or_insert(words).clone()
    }

    /// Renews and listens, until it is ended or the task is lost. `cancellations` changes when this server was asked for
    /// one, of any run.
    pub(super) async fn keep(self, mut cancellations: watch::Receiver<u64>) {
        let inner = &self.0;
        let mut renew_at = Instant::now();
        let mut failed = false;
        let mut told = Progress::default();
        loop {
            if Instant::now() >= renew_at {
                let asked_at = Instant::now();
                match inner.store.renew(&inner.claim, inner.lease).await {
                    Ok(()) => {
                        self.state().lease_end = asked_at + inner.lease;
                        renew_at = asked_at + inner.lease / RENEWALS_PER_LEASE;
                        failed = false;
                    }
                    Err(StoreError::Fenced) => return self.lose(),
                    // Told once: a store that is away is asked twice a second.
                    Err(error) if !failed => {
                        tracing::warn!(run.id = inner.claim.run, %error, "a lease cannot be renewed; tried again");
                        failed = true;
                    }
                    Err(_) => {}
                }
            }
            if let Ok(Some(reason)) = inner.store.cancel_reason(&inner.claim.run).await {
                self.state().cancelled = Some(reason);
            }
            self.look_at_switch().await;
            let progress = self.state().progress;
            if progress != told {
                let document = serde_json::to_string(&progress).expect("numbers always have a JSON form");
                match inner.store.progress(&inner.claim, &document).await {
                    Ok(()) => told = progress,
                    Err(error) => {
                        tracing::debug!(run.id = inner.claim.run, %error, "how far a task is cannot be told")
                    }
                }
            }
            // Whether one came or the time is up does not matter: it is looked for.
            let _ = timeout(LOOK_INTERVAL, cancellations.changed()).await;
        }
    }

    /// What a row has lost is put back whatever is stopped.
    fn stoppable(&self, cause: Cause) -> Option<Direction> {
        self.0.direction.filter(|_| cause == Cause::Wish)
    }

    fn lose(&self) {
        self.state().is_lost = true;
        tracing::warn!(
            run.id = self.0.claim.run,
            "the lease ended before the task did; it is left to whoever has it now"
        );
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing in there is left half-done by a panic.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Keeper for ClaimKeeper {
    async fn journal(&self, pairs: &[Pair], cause: Cause) -> Leave {
        let pairs: Vec<StoredPair> = pairs
            .iter()
            .map(|pair| StoredPair {
                recipient: pair.recipient.clone(),
                sender: pair.sender.clone(),
            })
            .collect();
        let (store, claim) = (&self.0.store, &self.0.claim);
        let journaled = match self.stoppable(cause) {
            Some(direction) => store.journal_unless_stopped(claim, &pairs, direction).await,
            None => store.journal(claim, &pairs).await,
        };
        match journaled {
            Ok(new) => {
                self.state().progress.pairs_begun += new;
                Leave::Given
            }
            Err(StoreError::Stopped(stopped)) => Leave::Stopped(self.switch_off(&stopped)),
            Err(StoreError::Fenced) => {
                self.lose();
                Leave::Withheld
            }
            Err(error) => {
                tracing::error!(run.id = self.0.claim.run, %error, "the journal cannot be written, so nothing is sent to the appliance");
                Leave::Withheld
            }
        }
    }

    async fn may_write(&self, cause: Cause) -> Leave {
        // The journal is of several writes, and only the one in flight is let end.
        if let Some(direction) = self.stoppable(cause) {
            match self.0.store.writes_stopped().await {
                Ok(Some(stopped)) if stopped.stops(direction) => {
                    return Leave::Stopped(self.switch_off(&stopped));
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(run.id = self.0.claim.run, %error, "nobody can say whether writes are stopped, so nothing is sent to the appliance");
                    return Leave::Withheld;
                }
            }
        }
        let state = self.state();
        // The answer of a write has to come while the lease is ours: a lease is three request time-outs.
        if !state.is_lost && Instant::now() + self.0.lease / 3 < state.lease_end {
            Leave::Given
        } else {
            Leave::Withheld
        }
    }

    fn cancelled(&self) -> Option<String> {
        let state = self.state();
        state.cancelled.clone().or_else(|| state.switched_off.clone())
    }

    fn switched_off(&self) -> Option<String> {
        self.state().switched_off.clone()
    }

    fn reached(&self, point: &'static str) {
        crash_point::reached(point);
    }

    fn counted(&self, call: ApplianceCall) {
        let progress = &mut self.state().progress;
        match call {
            ApplianceCall::Read => progress.reads += 1,
            ApplianceCall::Write => progress.writes += 1,
        }
    }

    fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    async fn stopped(&self) {
        // An end of the sender is a stop as well.
        let _ = self.0.stopping.clone().wait_for(|stopping| *stopping).await;
    }

    async fn pairs_to_take_back(&self, what: &TakingBack, run: &Run, place: usize) -> Option<Vec<TakenPair>> {
        lookup::pairs_to_take_back(&self.0.store, what, run, place).await
    }

    async fn owned(
        &self,
        appliance: &str,
        list: ListKind,
        pairs: Vec<PairKey>,
    ) -> Option<BTreeMap<PairKey, PutThere>> {
        lookup::owned(&self.0.store, appliance, list, &pairs).await
    }

    async fn used_within_the_hour(
        &self,
        appliance: &str,
        list: ListKind,
        operation: Operation,
    ) -> Option<Vec<HourUse>> {
        lookup::used_within_the_hour(&self.0.store, appliance, list, operation).await
    }

    async fn held(
        &self,
        list: ListKind,
        recipients: Vec<EntryKey>,
        senders: Vec<EntryKey>,
    ) -> Option<BTreeMap<PairKey, String>> {
        lookup::held(&self.0.store, list, &recipients, &senders, None).await
    }
}
