//! One claimed task, from its lanes being ours to its end being stored. Refuses to know what the task does, and who
//! waits for it.

use super::keeper::{ClaimKeeper, RENEWALS_PER_LEASE};
use super::kept::{pair_of, task_end};
use super::{Engine, STORE_AGAIN_AFTER, crash_point, locked, switch};
use crate::pipeline::{Keeper as _, Run, RunTime, Task};
use crate::reconcile::Journal;
use crate::store::{AbsentEntries, Claim, StoreError, TaskEnd};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

/// A run that waited longer is not begun any more: what was asked for may be out of date.
const RUN_AGE_MAX: Duration = Duration::from_secs(3600);

impl Engine {
    pub(super) async fn execute(self: Arc<Self>, claim: Claim) {
        let run: Run = match serde_json::from_str(&claim.document) {
            Ok(run) => run,
            Err(error) => return self.set_aside(&claim, &error).await,
        };
        if claim.attempt > 1 {
            tracing::info!(
                run.id = claim.run,
                appliance.name = claim.appliance,
                claim.attempt,
                pairs_begun = claim.journal.len(),
                "a task is taken up again"
            );
        }
        let direction = switch::direction_of_task(&run, claim.place);
        let stopping = self.stopping.subscribe();
        let keeper = ClaimKeeper::new(self.store.clone(), claim, direction, self.lease, stopping);
        crash_point::reached("claimed");
        // Ends with this function however it ends: a lease must not be renewed for a task that broke.
        let keeping = tokio::spawn(keeper.clone().keep(self.cancellations.subscribe()));
        let keeping = AbortOnDropHandle::new(keeping);
        let _breakage = Breakage::of(&self, keeper.claim());
        let _lanes = self.lanes_of_our_own(keeper.claim()).await;
        if self.wait_for_the_one_before(keeper.claim()).await {
            self.do_task(&run, &keeper).await;
        }
        drop(keeping);
        self.tell_waiting(&keeper.claim().run);
        self.wake.notify_one();
    }

    /// Another version of doorlist on the same store may be able to read it, so that it waits; where somebody cancels it, it
    /// ends as it is, and holds up nobody any more.
    async fn set_aside(&self, claim: &Claim, error: &serde_json::Error) {
        if claim.cancel_reason.is_none() {
            tracing::error!(
                run.id = claim.run, %error,
                "a stored run cannot be read; it waits for a version of doorlist that can, and its lists with it; cancel it to set it aside"
            );
            return;
        }
        let end = TaskEnd {
            result: String::new(),
            changed: Vec::new(),
            gone: Vec::new(),
            absent: AbsentEntries::default(),
            already: Vec::new(),
            holds: Vec::new(),
            outcomes: Vec::new(),
            audit: format!("cannot be read ({error}), and was cancelled: set aside"),
        };
        self.finish(claim, end).await;
        self.tell_waiting(&claim.run);
        self.wake.notify_one();
    }

    /// A lease that ended while its owner was at work, by a clock that jumped, may have been ours: then both tasks are in
    /// this process, and the later one waits here for the end of the one before.
    async fn lanes_of_our_own(&self, claim: &Claim) -> Vec<OwnedMutexGuard<()>> {
        let mut names = claim.lanes.clone();
        // In one order everywhere, so that two tasks never wait for each other.
        names.sort_unstable();
        let mut held = Vec::new();
        for name in names {
            let lane = Arc::clone(locked(&self.lanes).entry(name).or_default());
            held.push(lane.lock_owned().await);
        }
        held
    }

    /// Where a lease ended and was not given back, a write of the one before may still be on its way. False where this
    /// server stops first: the lanes are not given back then, so that whoever takes them next waits as well.
    async fn wait_for_the_one_before(&self, claim: &Claim) -> bool {
        if !claim.is_after_expiry || claim.journal.is_empty() {
            return true;
        }
        let settings = self.app.config.appliances.get(&claim.appliance);
        let mut wait = settings.map_or(Duration::ZERO, |settings| settings.request_timeout);
        if self.store.is_shared() {
            // Another server that lives hears only at its next renewal that the database's clock jumped, and its last
            // write may begin right before that.
            wait += self.lease / RENEWALS_PER_LEASE;
        }
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            () = sleep(wait) => true,
            _ = stopping.wait_for(|stopping| *stopping) => false,
        }
    }

    async fn do_task(&self, run: &Run, keeper: &ClaimKeeper) {
        let claim = keeper.claim();
        let place = usize::try_from(claim.place).unwrap_or(usize::MAX);
        keeper.look_at_switch().await;
        let task = Task {
            app: &self.app,
            guard: self.app.guard(),
            run,
            place,
            journal: Journal::of(claim.journal.iter().map(|pair| pair_of(pair).key())),
            stopped: why_not(claim).or_else(|| keeper.switched_off()),
            keeper,
            time: RunTime::begin(self.app.config.server.run_timeout),
        };
        let ended = if self.has_broken(claim) {
            let words = "doorlist failed at it, which is a defect: its log has the words";
            task.give_up(words).await
        } else {
            task.execute().await
        };
        match ended {
            Some(ended) => self.finish(claim, task_end(run, place, &ended)).await,
            None if keeper.is_lost() => {}
            None => {
                if !*self.stopping.borrow() {
                    // The journal cannot be written; whoever claims it next, waits as well.
                    sleep(STORE_AGAIN_AFTER).await;
                }
                if let Err(error) = self.store.release(claim).await {
                    tracing::warn!(run.id = claim.run, %error, "lanes are given back by the end of their lease alone");
                }
            }
        }
    }

    /// Stores the end of a task, as often as it takes: it was done, and must not be forgotten. Another owner may find out
    /// the same from the journal, or the next start where this server stops; then this one is dropped.
    async fn finish(&self, claim: &Claim, end: TaskEnd) {
        crash_point::reached("finishing");
        loop {
            match self.store.finish(claim, end.clone()).await {
                Ok(true) => {
                    crash_point::reached("finished");
                    // Made now, so that whoever asks finds it; a failure is told there.
                    if let Ok(Some(stored)) = self.store.run(&claim.run).await {
                        self.report(&stored).await;
                    }
                    return;
                }
                Ok(false) => return,
                Err(StoreError::Fenced) => {
                    tracing::warn!(
                        run.id = claim.run,
                        "the lease ended before the task did; its result is dropped, and read again by whoever has it now"
                    );
                    return;
                }
                Err(error) => {
                    tracing::error!(run.id = claim.run, %error, "the end of a task cannot be stored; tried again");
                    if *self.stopping.borrow() {
                        return;
                    }
                    sleep(STORE_AGAIN_AFTER).await;
                }
            }
        }
    }

    fn has_broken(&self, claim: &Claim) -> bool {
        locked(&self.broken).remove(&task_of(claim))
    }
}

fn task_of(claim: &Claim) -> (String, i64) {
    (claim.run.clone(), claim.place)
}

/// Remembers a task at which we panicked. It is claimed again when its lease is over, with all that it journaled, and
/// ended then: what stands first in a lane must not hold it up for ever.
struct Breakage {
    engine: Arc<Engine>,
    task: (String, i64),
}

impl Breakage {
    fn of(engine: &Arc<Engine>, claim: &Claim) -> Self {
        let (engine, task) = (Arc::clone(engine), task_of(claim));
        Self { engine, task }
    }
}

impl Drop for Breakage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(
                run.id = self.task.0,
                "doorlist failed at a task, which is a defect; it ends without it"
            );
            locked(&self.engine.broken).insert(self.task.clone());
        }
    }
}

/// Why a task is not begun any more; what it may have written before is read all the same.
fn why_not(claim: &Claim) -> Option<String> {
    if let Some(reason) = &claim.cancel_reason {
        return Some(reason.clone());
    }
    let age = Duration::from_millis(u64::try_from(claim.age_ms).unwrap_or(0));
    (age > RUN_AGE_MAX).then(|| {
        format!(
            "the run was accepted {} ago, and nothing more of it is begun after {}",
            humantime::format_duration(Duration::from_secs(age.as_secs())),
            humantime::format_duration(RUN_AGE_MAX)
        )
    })
}
