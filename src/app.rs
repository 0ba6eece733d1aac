//! What lives as long as the server: configuration, actions, appliances, and the previews under
//! way. Only `cli`, `http`, `worker` and `pipeline` may name it; it holds things and decides nothing.

mod rules;

pub use rules::{Reread, RuleCounts, RulesError, RulesTrouble};

use crate::appliance::{Appliance, ApplianceError, WireLog};
use crate::config::{self, ApplianceSettings, Config};
use crate::guard::Guard;
use crate::manifest::Actions;
use crate::reconcile::Knowledge;
use crate::report::Mode;
use rules::Rules;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::task::TaskTracker;

/// The application.
#[derive(Debug)]
pub struct App {
    /// What the operator wrote, checked.
    pub config: Config,
    /// What can be asked for.
    pub actions: Actions,
    /// Previews under way, which a caller that hangs up does not end. Runs are the worker's.
    pub runs: TaskTracker,
    rules: Rules,
    appliances: BTreeMap<String, Target>,
    /// Where the exchanges with appliances are written down, on request.
    wire_logs: Option<PathBuf>,
}

/// Why there is no application.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The client of an appliance cannot be made.
    #[error(transparent)]
    Appliance(#[from] ApplianceError),
    /// A file of the guard cannot be used.
    #[error(transparent)]
    Rules(#[from] RulesError),
}

/// An appliance with what is kept about it.
#[derive(Debug)]
pub struct Target {
    /// The client.
    pub appliance: Appliance,
    /// Most entries on either side of one request.
    pub items_per_call: usize,
    /// Most senders of one recipient, where the operator told.
    pub list_limit: Option<usize>,
    /// Minutes until a change counts for mail, at most, where the operator told.
    pub list_sync_minutes: Option<u32>,
    /// May anything be written there?
    pub mode: Mode,
    knowledge: Mutex<Knowledge>,
    previews: tokio::sync::Mutex<()>,
}

impl App {
    /// Makes the clients, and reads the files of the guard. Nothing is sent yet.
    ///
    /// # Errors
    /// When a client cannot be made, or a file cannot be used.
    pub fn new(config: Config, actions: Actions) -> Result<Self, AppError> {
        let appliances = config
            .appliances
            .iter()
            .map(|(name, settings)| Ok((name.clone(), Target::new(settings)?)))
            .collect::<Result<_, ApplianceError>>()?;
        Ok(Self {
            rules: Rules::new(config.guard.clone())?,
            config,
            actions,
            runs: TaskTracker::new(),
            appliances,
            wire_logs: None,
        })
    }

    /// What may be listed, by the rules of this moment. Whoever judges more than once takes it once: it is replaced as a
    /// whole where a file has changed.
    #[must_use]
    pub fn guard(&self) -> Arc<Guard> {
        self.rules.guard()
    }

    /// Looks whether files of the guard have changed, and reads them. Blocks for as long as that takes.
    pub fn reread_rules(&self) -> Reread {
        self.rules.reread()
    }

    /// Why the rules in force are not those of the files, if so.
    #[must_use]
    pub fn rules_trouble(&self) -> Option<RulesTrouble> {
        self.rules.trouble()
    }

    /// Writes down what goes over the wire to appliances, one file for each run.
    #[must_use]
    pub fn with_wire_logs(self, directory: Option<PathBuf>) -> Self {
        Self {
            wire_logs: directory,
            ..self
        }
    }

    /// The wire log of a run; one that writes nothing where nobody asked for it, or where it cannot be made.
    #[must_use]
    pub fn wire_log(&self, run_id: &str) -> WireLog {
        let Some(directory) = &self.wire_logs else {
            return WireLog::off();
        };
        let path = directory.join(format!("{run_id}.log"));
        WireLog::create(&path).unwrap_or_else(|error| {
            tracing::warn!(run.id = run_id, path = %path.display(), %error, "no wire log for this run");
            WireLog::off()
        })
    }

    /// The appliance with this name.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.appliances.get(name)
    }
}

impl Target {
    fn new(settings: &ApplianceSettings) -> Result<Self, ApplianceError> {
        Ok(Self {
            appliance: Appliance::new(settings)?,
            items_per_call: settings.items_per_call as usize,
            list_limit: settings.list_limit.map(|limit| limit as usize),
            list_sync_minutes: settings.list_sync_minutes,
            mode: match settings.mode {
                config::Mode::Enforce => Mode::Enforce,
                config::Mode::Observe => Mode::Observe,
            },
            knowledge: Mutex::default(),
            previews: tokio::sync::Mutex::default(),
        })
    }

    /// Waits for the lane of previews, which need none of a list. They look one after the other, so that a password
    /// that was changed is refused to one of them and not to all, and an appliance that hangs holds one and not all:
    /// the next one finds it resting.
    pub async fn lane_of_previews(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.previews.lock().await
    }

    /// What is known of the appliance since start.
    #[must_use]
    pub fn knowledge(&self) -> Knowledge {
        self.locked().clone()
    }

    /// Keeps what a run learned, beside what others learned in the meantime.
    pub fn learn(&self, learned: &Knowledge) {
        self.locked().merge(learned);
    }

    fn locked(&self) -> MutexGuard<'_, Knowledge> {
        // Merging cannot panic half-way, so that a poisoned lock holds nothing broken.
        self.knowledge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
