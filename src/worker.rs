//! Executes what was accepted: claims the tasks of stored runs, keeps their leases, and stores how they end. Recovery
//! after a crash is just this. Refuses to know HTTP, and what a task does.
//!
//! Next: `worker/execute.rs` for one task from its claim to its stored end, `keeper.rs` for what keeps it ours meanwhile,
//! `ending.rs` for those who wait for a run, `switch.rs` for who stops writes, `clean_up.rs` for what is forgotten,
//! `reread.rs` for rules that change.

mod clean_up;
mod crash_point;
mod ending;
mod execute;
mod keeper;
mod kept;
mod lists;
mod lookup;
mod onlooker;
mod plan;
mod reread;
mod switch;
mod undo;
mod why;

pub use lists::{ListError, ListQuestion};
pub use plan::{Kept, run_of_plan};
pub use why::MaySee;

use crate::app::App;
use crate::model::{Operation, counted, excerpt};
use crate::pipeline::{self, Run, TakingBack};
use crate::report::Report;
use crate::store::{Accepted, Author, CancelState, NewKey, NewRun, NewTask, Store, StoreError};
pub use lookup::words as words_of_hold;
use onlooker::Onlooker;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
pub use switch::words as words_of_stop;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;
pub use undo::{UndoError, UndoOptions};

/// Far more than the lanes of the appliances that one server can sensibly have.
const TASKS_AT_ONCE_MAX: usize = 256;
/// How often the store is asked for work that nobody announced: of a server that died, or of another one.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// A lease is so many request time-outs of the slowest appliance.
const LEASE_REQUEST_TIMEOUTS: u32 = 3;
/// The wait before the end of a task is stored again, where that failed.
const STORE_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The application with its store, and whoever works on what is in there.
#[derive(Debug)]
pub struct Engine {
    /// Configuration, actions, appliances.
    pub app: Arc<App>,
    /// What was accepted, and what became of it.
    pub store: Store,
    /// Who we are to other servers on the same store.
    owner: String,
    lease: Duration,
    wake: Notify,
    stopping: watch::Sender<bool>,
    /// How many cancellations and stops of writes this server was asked for; whoever executes a run looks whether it is
    /// meant.
    cancellations: watch::Sender<u64>,
    tasks: TaskTracker,
    /// Callers that wait for a run.
    waiting: Mutex<HashMap<String, Arc<Notify>>>,
    /// Lanes of which a task of this server was executed; locked while one is.
    lanes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Tasks at which this server panicked, by run and place.
    broken: Mutex<HashSet<(String, i64)>>,
}

/// Who asks for a run, beside what is asked for.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is, and why.
    pub author: Author,
    /// The key by which the same request is known again, with its fingerprint.
    pub key: Option<NewKey>,
}

/// What is stored of a run beside its document.
#[derive(Debug, Default)]
struct Asked {
    author: Author,
    key: Option<NewKey>,
    undo_of: Option<String>,
    is_remove: bool,
    end_holds_of: Option<String>,
}

impl Asked {
    fn by(author: Author, key: Option<NewKey>) -> Self {
        Self {
            author,
            key,
            ..Self::default()
        }
    }
}

impl Engine {
    /// Opens the store of the configuration, and makes ready what [`Engine::work`] does.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub async fn open(app: Arc<App>) -> Result<Arc<Self>, StoreError> {
        let store = Store::open(app.config.server.store.expose()).await?;
        Ok(Self::new(app, store))
    }

    fn new(app: Arc<App>, store: Store) -> Arc<Self> {
        let appliances = app.config.appliances.values();
        let slowest = appliances.map(|appliance| appliance.request_timeout).max();
        Arc::new(Self {
            lease: slowest.unwrap_or(Duration::from_secs(30)) * LEASE_REQUEST_TIMEOUTS,
            app,
            store,
            owner: uuid::Uuid::now_v7().to_string(),
            wake: Notify::new(),
            stopping: watch::Sender::new(false),
            cancellations: watch::Sender::new(0),
            tasks: TaskTracker::new(),
            waiting: Mutex::default(),
            lanes: Mutex::default(),
            broken: Mutex::default(),
        })
    }

    /// Stores a run, durable when this returns. Work on it begins at once.
    ///
    /// # Errors
    /// The store cannot keep it: then nothing was accepted.
    pub async fn accept(&self, run: &Run, caller: Caller) -> Result<Accepted, StoreError> {
        self.accept_asked(run, Asked::by(caller.author, caller.key)).await
    }

    async fn accept_asked(&self, run: &Run, asked: Asked) -> Result<Accepted, StoreError> {
        let tasks = pipeline::tasks(run).into_iter();
        let new = NewRun {
            id: run.id.clone(),
            author: asked.author,
            action: run.action.clone(),
            configuration: run.configuration.clone(),
            document: serde_json::to_string(run).expect("text, numbers and lists always have a JSON form"),
            tasks: tasks
                .map(|(appliance, lanes)| NewTask {
                    appliance,
                    list: run.list.word().to_owned(),
                    lanes,
                })
                .collect(),
            writes: switch::direction_of(run),
            undo_of: asked.undo_of,
            is_remove: asked.is_remove,
            end_holds_of: asked.end_holds_of,
            overridden: (!run.passed.is_empty()).then(|| run.passed.to_string()),
            plan: run.plan.as_ref().map(|plan| plan.id.clone()),
            idempotency: asked.key,
            keep_key_for: self.app.config.server.keep_keys,
            audit: about(run),
        };
        crash_point::reached("accepting");
        let accepted = self.store.accept(new).await?;
        crash_point::reached("accepted");
        self.wake.notify_one();
        Ok(accepted)
    }

    /// What the run would do. It is not stored, takes no lane and waits for none. None where the store cannot be asked.
    pub fn preview(&self, run: Run) -> impl Future<Output = Option<Report>> + Send + 'static {
        let onlooker = self.onlooker(&run);
        pipeline::preview(Arc::clone(&self.app), run, onlooker)
    }

    fn onlooker(&self, run: &Run) -> Arc<Onlooker> {
        let store = self.store.clone();
        let ends_holds_of = match (&run.taking_back, run.operation) {
            (Some(TakingBack::Run { id, .. }), Operation::Add) => Some(id.clone()),
            _ => None,
        };
        Arc::new(Onlooker { store, ends_holds_of })
    }

    /// Asks for a run to be stopped: the write in flight is finished, the rest is not tried.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn cancel(&self, run: &str, author: &Author, words: &str) -> Result<CancelState, StoreError> {
        let state = self.store.cancel(run, author, words).await?;
        tracing::info!(run.id = run, words, ?state, "a run is to be cancelled");
        self.cancellations.send_modify(|count| *count += 1);
        self.wake.notify_one();
        Ok(state)
    }

    /// Claims and executes tasks until [`Engine::stop`].
    pub async fn work(self: Arc<Self>) {
        let cleaning = tokio::spawn(Arc::clone(&self).clean_up());
        let following = tokio::spawn(Arc::clone(&self).follow_rule_files());
        if let Err(error) = self.make_missing_reports().await {
            tracing::warn!(%error, "reports of runs that ended before the last stop are made when they are asked for");
        }
        let mut stopping = self.stopping.subscribe();
        while !*stopping.borrow() {
            if self.tasks.len() < TASKS_AT_ONCE_MAX {
                match self.store.claim(&self.owner, self.lease).await {
                    Ok(Some(claim)) => {
                        self.tasks.spawn(Arc::clone(&self).execute(claim));
                        continue;
                    }
                    Ok(None) => {}
                    Err(error) => tracing::error!(%error, "the store cannot be asked for work"),
                }
            }
            tokio::select! {
                () = self.wake.notified() => {}
                () = sleep(POLL_INTERVAL) => {}
                // An end of the sender is a stop as well.
                _ = stopping.changed() => {}
            }
        }
        cleaning.abort();
        following.abort();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Tasks that this server executes now.
    #[must_use]
    pub fn tasks_under_way(&self) -> usize {
        self.tasks.len()
    }

    /// Resolves when this server is to stop.
    pub async fn stopped(&self) {
        // An end of the sender is a stop as well.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// Takes no more tasks; those under way are left between two rounds, and go on at the next start.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
        self.wake.notify_one();
        for notify in locked(&self.waiting).values() {
            notify.notify_waiters();
        }
    }
}

/// What the audit says that a run is about: whoever removed one entry is asked for it by name.
fn about(run: &Run) -> String {
    let recipient = match (&run.taking_back, run.items.as_slice()) {
        (Some(TakingBack::Ours { recipient }), [item]) if run.configuration.is_empty() => {
            let whose = recipient.as_deref().map(|recipient| format!(" of {recipient}"));
            Some(format!(
                "{} from the {}{}",
                excerpt(&item.value, 320),
                run.list,
                whose.unwrap_or_default()
            ))
        }
        _ => None,
    };
    recipient.unwrap_or_else(|| counted(run.items.len(), "item"))
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in there is left half-done by a panic.
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
