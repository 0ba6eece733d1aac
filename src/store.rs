//! The store: what was accepted, what may have been sent, and how it ended, kept so that a crash loses none of it.
//! One SQLite file by default, or a PostgreSQL that several servers share; one text of SQL for both, and every time
//! is the database's.
//!
//! Documents are text that it carries: it refuses to know actions, the lists of an appliance and HTTP. A *task* waits
//! for its *lanes*; whoever holds them has an *epoch* of each, and what comes with an old epoch is refused
//! (`Fenced`). Next: `store/nouns.rs` for what goes in and out, `writer.rs` for how it becomes durable, then one file
//! for each kind of work: `owned.rs`, `holds.rs`, `hour.rs`, `plans.rs`, `switch.rs` and `audit.rs` have their own part of
//! [`Store`]. `docs/store.md` is for those who run it.

mod accept;
mod audit;
mod cancel;
mod changes;
mod claim;
mod clean_up;
mod conditions;
mod dialect;
mod error;
mod filter;
mod finish;
mod held;
mod holds;
mod hour;
mod nouns;
mod open;
mod owned;
mod plans;
mod read;
mod sql;
mod switch;
#[cfg(test)]
mod tests;
mod work;
mod writer;

pub use audit::{AuditFilter, AuditPage, AuditRow, RefusedRights};
pub use clean_up::{CleanedUp, Retention};
pub use error::StoreError;
pub use holds::{HoldFilter, HoldIndex, HoldPage, NewHold, StoredHold};
pub use hour::UsedByRun;
pub use nouns::{
    ADDED, AbsentEntries, Accepted, Author, CancelState, Claim, IdempotentRun, NewKey, NewRun, NewTask,
    REMOVED, RunFilter, RunPage, RunState, StoredChange, StoredPair, StoredRun, StoredTask, TaskChanges,
    TaskEnd, TaskState, UNPROVEN_ADDED, UNPROVEN_REMOVED,
};
pub use owned::{Owned, Side};
pub use plans::{NewPlan, PlanFilter, PlanPage, StoredPlan, WAITING_PLANS_MAX};
pub use switch::{Direction, Restart, Scope, Stopped, Switched};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The class of a run with trouble in it; the one class that the store knows, for `RunFilter::only_notable`.
pub const TROUBLE: &str = "trouble";

/// How often a claim may lose a task to another server at that very moment before it says that there is nothing: each loss
/// is somebody's gain, so that whoever asks again later finds what is left.
const CLAIM_TRIES: usize = 32;

/// What survives a crash. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<writer::Hands>,
}

/// An address may have a password in it, and what is below knows the address.
impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens `sqlite:PATH` (the file is created) or `postgres://...`, and brings its tables up to date. A file is
    /// held against a second server, and whatever its last server held is up for the next claim.
    ///
    /// # Errors
    /// Where it cannot be used; the words tell what to do.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let inner = Arc::new(open::open(url).await?);
        Ok(Self { inner })
    }

    /// Run, tasks, holds, audit and idempotency key in one transaction, durable before it returns. The plan that it
    /// applies is used then.
    ///
    /// # Errors
    /// Nothing was stored then, as for `Stopped`, or `PlanNotFree` where the plan is used or over; after `Unreachable` it may have been all the same, where the connection was lost
    /// during the commit.
    pub async fn accept(&self, run: NewRun) -> Result<Accepted, StoreError> {
        self.inner.write(accept::Accept { run }).await
    }

    /// Takes the oldest task that is first in each of its lanes, none of which is leased. None where there is nothing
    /// to do now. Lanes whose lease is over are taken from their owner.
    ///
    /// # Errors
    /// Nothing was taken then.
    pub async fn claim(&self, owner: &str, lease: Duration) -> Result<Option<Claim>, StoreError> {
        for _ in 0..CLAIM_TRIES {
            let owner = owner.to_owned();
            match self.inner.write(claim::Take { owner, lease }).await {
                // Another server took it at this moment; there may be something else.
                Err(StoreError::Fenced) => {}
                other => return other,
            }
        }
        Ok(None)
    }

    /// Prolongs the lease of every lane of the claim to `lease` from now.
    ///
    /// # Errors
    /// `Fenced` where a lane is not ours any more: nothing may be written to the appliance then.
    pub async fn renew(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let held = claim.into();
        self.inner.write(held::Renew { held, lease }).await
    }

    /// Keeps pairs that are about to be sent, and a row of the audit, durable before it returns. Pairs that were there
    /// already stay; the others are counted. Whether writes are stopped is not asked
    /// ([`Store::journal_unless_stopped`]).
    ///
    /// # Errors
    /// None of them may be sent then.
    pub async fn journal(&self, claim: &Claim, pairs: &[StoredPair]) -> Result<usize, StoreError> {
        let (held, pairs) = (claim.into(), pairs.to_vec());
        let direction = None;
        let work = held::Journal {
            held,
            pairs,
            direction,
        };
        self.inner.write(work).await
    }

    /// Keeps how far the task is, for those who look.
    ///
    /// # Errors
    /// The task may go on, except where it is `Fenced`.
    pub async fn progress(&self, claim: &Claim, document: &str) -> Result<(), StoreError> {
        let (held, document) = (claim.into(), document.to_owned());
        self.inner.write(held::Progress { held, document }).await
    }

    /// Result, changed and owned pairs, outcomes, audit and release of the lanes, in one transaction. True where it was the last
    /// task of its run, which is done then.
    ///
    /// # Errors
    /// Nothing was stored then, and the lanes are still held.
    pub async fn finish(&self, claim: &Claim, end: TaskEnd) -> Result<bool, StoreError> {
        let held = claim.into();
        self.inner.write(finish::Finish { held, end }).await
    }

    /// Gives the lanes back without a result: the task is queued again, where it was.
    ///
    /// # Errors
    /// The lanes are free when their lease is over.
    pub async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let held = claim.into();
        self.inner.write(held::Release { held }).await
    }

    /// A run with its tasks. None where there is none, or it was cleaned up.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn run(&self, id: &str) -> Result<Option<StoredRun>, StoreError> {
        let id = id.to_owned();
        self.inner.read(read::OneRun { id }).await
    }

    /// Whether a run is done. None where there is none.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn state(&self, id: &str) -> Result<Option<RunState>, StoreError> {
        let id = id.to_owned();
        self.inner.read(read::State { id }).await
    }

    /// Runs, newest first, without what may be large: document, report, results and progress.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn runs(&self, filter: &RunFilter) -> Result<RunPage, StoreError> {
        let filter = filter.clone();
        self.inner.read(filter::Page { filter }).await
    }

    /// Runs that are done and have no answer yet, of which there are few: their server died in between, or could not
    /// store it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn without_report(&self) -> Result<Vec<String>, StoreError> {
        self.inner.read(read::WithoutReport).await
    }

    /// Keeps the answer of a run, the first time; later ones are ignored.
    ///
    /// # Errors
    /// Where it could not be kept.
    pub async fn keep_report(
        &self,
        run: &str,
        report: &str,
        text: &str,
        class: &str,
    ) -> Result<(), StoreError> {
        let [run, report, text, class] = [run, report, text, class].map(str::to_owned);
        let work = finish::KeepReport {
            run,
            report,
            text,
            class,
        };
        self.inner.write(work).await
    }

    /// Wants a run to end, in words that its report tells. The first words stay; each wish is in the audit.
    ///
    /// # Errors
    /// Where the wish could not be kept.
    pub async fn cancel(&self, run: &str, author: &Author, words: &str) -> Result<CancelState, StoreError> {
        let (author, [run, words]) = (author.clone(), [run, words].map(str::to_owned));
        self.inner.write(cancel::Cancel { run, author, words }).await
    }

    /// Why the run is to end, where it is.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn cancel_reason(&self, run: &str) -> Result<Option<String>, StoreError> {
        let run = run.to_owned();
        self.inner.read(cancel::Reason { run }).await
    }

    /// The run that this client accepted under this key, as long as the key is kept.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn idempotent(&self, client: &str, key: &str) -> Result<Option<IdempotentRun>, StoreError> {
        let [client, key] = [client, key].map(str::to_owned);
        self.inner.read(accept::Known { client, key }).await
    }

    /// The last run of a configuration by a client before that run, without what may be large.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn previous(
        &self,
        configuration: &str,
        client: &str,
        before: &str,
    ) -> Result<Option<StoredRun>, StoreError> {
        let [configuration, client, before] = [configuration, client, before].map(str::to_owned);
        let work = read::Previous {
            configuration,
            client,
            before,
        };
        self.inner.read(work).await
    }

    /// What a run changed so far, in the order of its tasks. Empty where there is no such run.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn changes_of(&self, run: &str) -> Result<Vec<TaskChanges>, StoreError> {
        let run = run.to_owned();
        self.inner.read(changes::ChangesOf { run }).await
    }

    /// The ids of the runs that take this run back, in the order of their acceptance.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn undone_by(&self, run: &str) -> Result<Vec<String>, StoreError> {
        let run = run.to_owned();
        self.inner.read(changes::UndoneBy { run }).await
    }

    /// Removes runs that ended longer ago than they are kept, idempotency keys, plans and holds that are over, and rows of
    /// the audit that are old, in batches between which others have their turn.
    ///
    /// # Errors
    /// What was removed until then is gone; the rest stays for the next time.
    pub async fn clean_up(&self, keep: &Retention) -> Result<CleanedUp, StoreError> {
        clean_up::clean_up(&self.inner, keep).await
    }

    /// Milliseconds since 1970 by the database's clock.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn now_ms(&self) -> Result<i64, StoreError> {
        self.inner.read(work::Now).await
    }

    /// May other servers work on it at the same time?
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }

    /// Writes something, to know whether anything can be written.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn is_writable(&self) -> Result<(), StoreError> {
        self.inner.write(work::Probe).await
    }

    /// Ends what is under way, and gives the file back. Every clone of this store is closed then.
    pub async fn close(self) {
        self.inner.close().await;
    }
}
