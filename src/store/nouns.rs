//! What goes into the store and comes out of it. Texts, numbers and times; what they mean is for others to know.

use super::{Direction, NewHold, Side};
use std::time::Duration;

/// Who asks for something, and what they say why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// The client's name.
    pub client: String,
    /// The call's id.
    pub request_id: String,
    /// The caller's ticket.
    pub ticket: Option<String>,
    /// The caller's reason.
    pub reason: Option<String>,
}

/// An accepted call, about to be made durable.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// A UUIDv7; runs are paged in its order.
    pub id: String,
    /// Who called, and why.
    pub author: Author,
    /// The action's name.
    pub action: String,
    /// The configuration's name; empty where it goes by none, and uses nothing of an hour.
    pub configuration: String,
    /// Everything that the run needs later on.
    pub document: String,
    /// At least one, in the order of their places.
    pub tasks: Vec<NewTask>,
    /// In which direction it writes; none where it only looks.
    pub writes: Option<Direction>,
    /// The run that it takes back.
    pub undo_of: Option<String>,
    /// Takes out what somebody named, which the audit tells.
    pub is_remove: bool,
    /// Ends what this run put on hold: the undo that is undone.
    pub end_holds_of: Option<String>,
    /// What it lets pass a rule, in words, which the audit tells.
    pub overridden: Option<String>,
    /// The plan that it applies.
    pub plan: Option<String>,
    /// Where the caller sent one.
    pub idempotency: Option<NewKey>,
    /// How long that key is kept.
    pub keep_key_for: Duration,
    /// What the audit says.
    pub audit: String,
}

/// What a run does on one appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// The appliance's name.
    pub appliance: String,
    /// The list's name.
    pub list: String,
    /// What it must hold to write, such as "esa-1/blocklist". At least one; the order means nothing.
    pub lanes: Vec<String>,
}

/// A caller's word that a call with this key is the same call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The caller's text.
    pub key: String,
    /// Of everything that makes the call what it is.
    pub fingerprint: String,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// It is stored.
    New,
    /// The client used the key before; nothing was stored.
    Known(IdempotentRun),
}

/// The run behind an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRun {
    /// Its id.
    pub run: String,
    /// Of the call that made it.
    pub fingerprint: String,
    /// How long ago that was.
    pub age_ms: i64,
}

/// A task that is ours until the lease is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The run's id.
    pub run: String,
    /// Which of its tasks.
    pub place: i64,
    /// The appliance's name.
    pub appliance: String,
    /// The list's name.
    pub list: String,
    /// What is held, in the order of their names.
    pub lanes: Vec<String>,
    /// Who holds it.
    pub owner: String,
    /// The epoch of each lane.
    pub epochs: Vec<i64>,
    /// How often the task was taken, this time included.
    pub attempt: i64,
    /// Since the run was accepted.
    pub age_ms: i64,
    /// A lane's last owner let its lease run out, so that a write of its may still be on its way. It was for this same
    /// task, which stays first in its lanes until it is done: where `journal` is empty, nothing was sent.
    pub is_after_expiry: bool,
    /// Of the run.
    pub document: String,
    /// What earlier attempts may have sent.
    pub journal: Vec<StoredPair>,
    /// Where somebody wants the run to end.
    pub cancel_reason: Option<String>,
}

/// A recipient and a sender.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoredPair {
    /// The mailbox.
    pub recipient: String,
    /// The sender.
    pub sender: String,
}

/// A pair that a task changed, or may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChange {
    /// Which one, folded.
    pub pair: StoredPair,
    /// [`ADDED`], [`REMOVED`], or what was sent and not read back: [`UNPROVEN_ADDED`], [`UNPROVEN_REMOVED`].
    pub change: &'static str,
    /// The last reply that named it was a clear yes, and nobody else is likely to have done it.
    pub sole: bool,
}

/// It was put there.
pub const ADDED: &str = "added";
/// It was taken away.
pub const REMOVED: &str = "removed";
/// It was sent to be put there, and not read back.
pub const UNPROVEN_ADDED: &str = "unproven_added";
/// It was sent to be taken away, and not read back.
pub const UNPROVEN_REMOVED: &str = "unproven_removed";

impl StoredChange {
    /// Was it read back? Else it counts for nothing.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.change == ADDED || self.change == REMOVED
    }
}

/// What a run changed on one appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskChanges {
    /// Which of the run's tasks.
    pub place: i64,
    /// The appliance's name.
    pub appliance: String,
    /// The list's name.
    pub list: String,
    /// In the order of their pairs; none where the task is not done.
    pub changes: Vec<StoredChange>,
}

/// Entries on one side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AbsentEntries {
    /// Which.
    pub side: Side,
    /// Folded.
    pub entries: Vec<String>,
}

/// How a task ended.
#[derive(Debug, Clone)]
pub struct TaskEnd {
    /// Its result, a document.
    pub result: String,
    /// What it changed, or may have.
    pub changed: Vec<StoredChange>,
    /// Pairs that were found gone although they were ours, folded: they are nobody's now.
    pub gone: Vec<StoredPair>,
    /// Entries, folded, of which nothing stands there any more: no pair of theirs is ours now.
    pub absent: AbsentEntries,
    /// Of a run of additions: what stood before it came, folded. Where we own such a pair, this run claims it.
    pub already: Vec<StoredPair>,
    /// Put down with it, unless the run is taken back itself by now.
    pub holds: Vec<NewHold>,
    /// How often each outcome occurred.
    pub outcomes: Vec<(String, i64)>,
    /// What the audit says.
    pub audit: String,
}

/// Is there anything left to do?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// A task is not done.
    Open,
    /// Every task is done.
    Done,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// Not begun, or given back.
    Queued,
    /// Taken. Its worker may be dead; it is taken again when the lease is over.
    Running,
    /// With a result.
    Done,
}

/// A run as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    /// Its id.
    pub id: String,
    /// Who called.
    pub client: String,
    /// The action's name.
    pub action: String,
    /// The configuration's name.
    pub configuration: String,
    /// The call's id.
    pub request_id: String,
    /// The caller's ticket.
    pub ticket: Option<String>,
    /// Why the caller asked for it.
    pub reason: Option<String>,
    /// The run that it takes back.
    pub undo_of: Option<String>,
    /// As it was accepted; empty on a page of runs.
    pub document: String,
    /// Is there anything left to do?
    pub state: RunState,
    /// Where somebody wants, or wanted, it to end.
    pub cancel_reason: Option<String>,
    /// When it was accepted.
    pub created_ms: i64,
    /// When its last task was done.
    pub done_ms: Option<i64>,
    /// Of all its tasks.
    pub changed_pairs: i64,
    /// Its answer, once it is kept; none on a page of runs.
    pub report: Option<String>,
    /// The answer's text.
    pub text: Option<String>,
    /// The answer's class.
    pub class: Option<String>,
    /// How often each outcome occurred, all tasks together.
    pub outcomes: Vec<(String, i64)>,
    /// In the order of their places.
    pub tasks: Vec<StoredTask>,
    /// The database's time when this was read.
    pub now_ms: i64,
}

/// A task as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTask {
    /// Which of the run's tasks.
    pub place: i64,
    /// The appliance's name.
    pub appliance: String,
    /// The list's name.
    pub list: String,
    /// How far it is.
    pub state: TaskState,
    /// How often it was taken.
    pub attempt: i64,
    /// Once it is done; none on a page of runs.
    pub result: Option<String>,
    /// As last told; none on a page of runs.
    pub progress: Option<String>,
    /// When it was first taken.
    pub started_ms: Option<i64>,
    /// When it ended.
    pub done_ms: Option<i64>,
}

/// Which runs are wanted. Whatever is none says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Open or done.
    pub state: Option<RunState>,
    /// Whose answer has this class.
    pub class: Option<String>,
    /// In which this outcome occurred.
    pub outcome: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// Of any of these configurations.
    pub configurations: Option<Vec<String>>,
    /// With a task on this appliance.
    pub appliance: Option<String>,
    /// With this ticket.
    pub ticket: Option<String>,
    /// Those that take this run back.
    pub undo_of: Option<String>,
    /// Accepted at this time or later.
    pub from_ms: Option<i64>,
    /// Accepted before this time.
    pub to_ms: Option<i64>,
    /// The `next` of the page before.
    pub before: Option<String>,
    /// Most runs on the page; at least 1 is taken.
    pub limit: i64,
    /// Only those that changed something, had trouble, or are open.
    pub only_notable: bool,
}

/// Runs, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPage {
    /// Those of this page.
    pub runs: Vec<StoredRun>,
    /// Left out by `only_notable` from where this page begins to where the next one does, or to the end.
    pub hidden: i64,
    /// The `before` of the next page, where there is one.
    pub next: Option<String>,
}

/// What became of the wish that a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelState {
    /// There is no such run.
    NotFound,
    /// It is done already.
    Done,
    /// It is kept.
    Wanted,
}
