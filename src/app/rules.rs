//! The guard that is in force, and how it follows the files that it was made of. Whenever one of them has changed, all are
//! read and a whole new guard takes the place of the old one; where a file cannot be used, the old one stays, and it is
//! said why. Whoever judges takes the guard once and keeps it, so that one task knows one set of rules. Refuses to know
//! what a rule is, and when to look; `worker/reread.rs` does that.

mod stamps;
#[cfg(test)]
mod tests;

use crate::config::{
    ConfigError, GuardSettings, RuleFiles, WarninglistHead, WarninglistMatching, WarninglistTaker,
};
use crate::guard::{Guard, Matching, Warninglist, WarninglistsBuilder};
use stamps::Stamps;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// The guard in force.
#[derive(Debug)]
pub(super) struct Rules {
    settings: GuardSettings,
    guard: Mutex<Arc<Guard>>,
    /// Held while files are read.
    seen: Mutex<Seen>,
    trouble: Mutex<Option<RulesTrouble>>,
}

/// How the files looked when they were last read.
#[derive(Debug)]
struct Seen {
    stamps: Stamps,
    at: Instant,
}

/// Files that cannot be used are read again so often although none has changed: the disk, or who may read them, may have
/// been the reason.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// How many of each kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleCounts {
    /// Own domains, those of configured recipients among them.
    pub own_domains: usize,
    /// Warninglists that are asked.
    pub warninglists: usize,
}

impl RuleCounts {
    fn of(guard: &Guard) -> Self {
        Self {
            own_domains: guard.own_domain_count(),
            warninglists: guard.warninglists().lists().len(),
        }
    }
}

/// Why the guard in force is not the one that the files would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesTrouble {
    /// Since when the files cannot be used.
    pub since: SystemTime,
    /// Every mistake on its own line, as `file:line:column: what is wrong`.
    pub words: String,
}

/// What came of a look at the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reread {
    /// Nothing has changed since the last look.
    Unchanged,
    /// They were read, and a new guard is in force: how much there was before, and is now.
    Replaced(RuleCounts, RuleCounts),
    /// They have changed and cannot be used; the guard is the one of before. Told once for each change.
    Kept(RulesTrouble),
}

/// Why there are no rules to judge by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// Each list can be used, and all of them together cannot.
    #[error("warninglists: {0}")]
    Together(#[from] crate::guard::WarninglistMistake),
}

impl Rules {
    /// Reads the files for the first time.
    pub(super) fn new(settings: GuardSettings) -> Result<Self, RulesError> {
        // Before the files are read: what changes meanwhile is then found to have changed.
        let seen = Seen {
            stamps: Stamps::of(&settings.files),
            at: Instant::now(),
        };
        let guard = build(&settings)?;
        Ok(Self {
            settings,
            guard: Mutex::new(Arc::new(guard)),
            seen: Mutex::new(seen),
            trouble: Mutex::default(),
        })
    }

    pub(super) fn guard(&self) -> Arc<Guard> {
        Arc::clone(&locked(&self.guard))
    }

    pub(super) fn trouble(&self) -> Option<RulesTrouble> {
        locked(&self.trouble).clone()
    }

    /// Looks at the files, and reads all of them where one has changed.
    pub(super) fn reread(&self) -> Reread {
        if self.settings.files.is_empty() {
            return Reread::Unchanged;
        }
        let mut seen = locked(&self.seen);
        let stamps = Stamps::of(&self.settings.files);
        let is_tried_again = self.trouble().is_some() && seen.at.elapsed() >= TRIED_AGAIN_AFTER;
        if !stamps.differ_from(&seen.stamps) && !is_tried_again {
            return Reread::Unchanged;
        }
        *seen = Seen {
            stamps,
            at: Instant::now(),
        };
        match build(&self.settings) {
            Ok(guard) => {
                let now = RuleCounts::of(&guard);
                let before = std::mem::replace(&mut *locked(&self.guard), Arc::new(guard));
                *locked(&self.trouble) = None;
                Reread::Replaced(RuleCounts::of(&before), now)
            }
            Err(error) => {
                let mut trouble = locked(&self.trouble);
                let before = trouble.as_ref();
                let told = RulesTrouble {
                    since: before.map_or_else(SystemTime::now, |before| before.since),
                    words: error.to_string(),
                };
                // A file that was written a moment ago is read twice.
                if before == Some(&told) {
                    return Reread::Unchanged;
                }
                *trouble = Some(told.clone());
                Reread::Kept(told)
            }
        }
    }
}

fn build(settings: &GuardSettings) -> Result<Guard, RulesError> {
    let from_file = settings.files.own_domains()?;
    let mut settings = settings.clone();
    // What somebody wrote there for this very purpose is told before what a recipient list happens to say.
    let (of_recipients, written): (Vec<_>, Vec<_>) = settings
        .own_domains
        .into_iter()
        .partition(|own| own.is_of_recipient);
    settings.own_domains = [written, from_file, of_recipients].concat();
    let warninglists = read_warninglists(&settings.files)?;
    Ok(Guard::of(&settings).with_warninglists(warninglists))
}

fn read_warninglists(files: &RuleFiles) -> Result<crate::guard::Warninglists, RulesError> {
    let mut taker = Taker(WarninglistsBuilder::default());
    files.warninglists(&mut taker)?;
    Ok(taker.0.finish()?)
}

/// Translates what the configuration reads to what the guard judges by.
struct Taker(WarninglistsBuilder);

impl WarninglistTaker for Taker {
    fn begin(&mut self, head: WarninglistHead) -> Result<(), String> {
        let list = Warninglist {
            name: head.name,
            file: head.file,
            level: head.level,
            matching: match head.matching {
                WarninglistMatching::String => Matching::String,
                WarninglistMatching::Substring => Matching::Substring,
                WarninglistMatching::Hostname => Matching::Hostname,
                WarninglistMatching::Cidr => Matching::Cidr,
                WarninglistMatching::Regex => Matching::Regex,
            },
            of_names: head.of_names,
            of_ip_addresses: head.of_ip_addresses,
            of_mail_addresses: head.of_mail_addresses,
        };
        self.0.begin(list).map_err(|mistake| mistake.to_string())
    }

    fn add(&mut self, line: u32, element: &str) -> Result<(), String> {
        self.0.add(line, element).map_err(|mistake| mistake.to_string())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whole values are put in, so that a poisoned lock holds nothing broken.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
