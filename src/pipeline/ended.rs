//! How a task ended: what is kept of it, from which alone the report of a run is made, and the pairs that it changed or found.
//! Refuses to know how it came about; `task.rs` and those beside it do.

use super::accept::RunAppliance;
use super::planned::Moved;
use crate::model::{Class, EntryKey, Outcome, PairCounts, PairExample, PairKey};
use crate::reconcile::{Calls, ChangedPair, ItemStanding};
use crate::report::{CallCounts, Mode};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// How a task ended, as it is stored. The report of a run is made from these alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskResult {
    /// Name of the appliance.
    pub appliance: String,
    /// Was it allowed to write?
    pub mode: Mode,
    /// As the operator told.
    pub list_sync_minutes: Option<u32>,
    /// After its last write, in RFC 3339.
    #[serde(with = "time")]
    pub ended_at: SystemTime,
    /// Calls to the appliance.
    pub calls: CallCounts,
    /// Stored entries that the appliance refuses.
    pub configuration_troubles: Vec<String>,
    /// What an operator should know.
    pub warnings: Vec<String>,
    /// That writes were stopped before it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// One for each item of the run that had a wish, in its order.
    pub items: Vec<ItemResult>,
    /// Why a plan was not applied here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
}

/// How one item stands on the appliance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ItemResult {
    /// Pairs by how they stand.
    pub counts: PairCounts,
    /// Mailboxes whose list was changed, or would be.
    pub mailboxes: usize,
    /// The outcome of the whole.
    pub outcome: Outcome,
    /// Its class.
    pub class: Class,
    /// One sentence.
    pub detail: String,
    /// Sentences that change nothing.
    pub notes: Vec<String>,
    /// The first pairs that fall short.
    pub examples: Vec<PairExample>,
}

/// A task that was executed, with the pairs that it changed.
pub struct Ended {
    /// What is kept.
    pub result: TaskResult,
    /// What was changed and read back.
    pub changed: Vec<ChangedPair>,
    /// What a run of single pairs was to take out, and found gone.
    pub gone: Vec<PairKey>,
    /// Of a deletion of all pairs of its items: those of which nothing stands any more.
    pub absent: Vec<EntryKey>,
    /// Of an addition, what stood before it came.
    pub already: Vec<PairKey>,
    /// What a preview would change, or what only a cap keeps from it.
    pub would: Vec<PairKey>,
    /// What was sent, or may have been, and not read back.
    pub unproven: Vec<PairKey>,
}

/// What there is to tell of a task.
#[derive(Default)]
pub(super) struct Told {
    pub(super) calls: Calls,
    pub(super) configuration_troubles: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) items: Vec<ItemResult>,
    pub(super) changed: Vec<ChangedPair>,
    pub(super) gone: Vec<PairKey>,
    pub(super) absent: Vec<EntryKey>,
    pub(super) already: Vec<PairKey>,
    pub(super) would: Vec<PairKey>,
    pub(super) unproven: Vec<PairKey>,
    pub(super) moved: Option<Moved>,
}

impl Told {
    /// Of an entry that was to be gone, and is.
    pub(super) fn note_absent(&mut self, entry: &EntryKey, standing: &ItemStanding) {
        if [Outcome::Removed, Outcome::AlreadyAbsent].contains(&standing.outcome) {
            self.absent.push(entry.clone());
        }
    }

    pub(super) fn note_pairs(&mut self, standing: &mut ItemStanding) {
        self.changed.append(&mut standing.changed);
        self.already.append(&mut standing.already);
        self.would.append(&mut standing.would);
        self.unproven.append(&mut standing.unproven);
    }
}

pub(super) fn ended(appliance: &RunAppliance, mode: Mode, told: Told) -> Ended {
    let result = TaskResult {
        appliance: appliance.name.clone(),
        mode,
        list_sync_minutes: appliance.list_sync_minutes,
        ended_at: SystemTime::now(),
        calls: CallCounts {
            reads: told.calls.reads,
            writes: told.calls.writes,
        },
        configuration_troubles: told.configuration_troubles,
        warnings: told.warnings,
        stopped: None,
        items: told.items,
        moved: told.moved,
    };
    Ended {
        result,
        changed: told.changed,
        gone: told.gone,
        absent: told.absent,
        already: told.already,
        would: told.would,
        unproven: told.unproven,
    }
}

impl From<ItemStanding> for ItemResult {
    fn from(standing: ItemStanding) -> Self {
        Self {
            counts: standing.counts,
            mailboxes: standing.mailboxes,
            outcome: standing.outcome,
            class: standing.class,
            detail: standing.detail,
            notes: standing.notes,
            examples: standing.examples,
        }
    }
}

/// A moment as RFC 3339.
mod time {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use std::time::SystemTime;

    pub(super) fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_rfc3339_millis(*time))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_rfc3339(&text).map_err(D::Error::custom)
    }
}
