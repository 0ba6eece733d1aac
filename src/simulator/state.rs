//! What a running simulator remembers: how it behaves, the lists, the sessions, what is still to happen, and
//! the requests it has answered.
//!
//! This file refuses to know what a request means; that is `api.rs`.

use std::time::Duration;

use super::behaviour::Behaviour;
use super::effects::Effect;
use super::faults::{Fault, FaultState};
use super::history::{ChangedBy, HistoryEntry};
use super::lists::{ListName, Lists};
use super::request_log::{LoggedRequest, Noted, RequestLog};
use super::sessions::Sessions;
use super::store::Store;

#[derive(Debug)]
pub(super) struct State {
    pub(super) behaviour: Behaviour,
    pub(super) faults: FaultState,
    pub(super) store: Store,
    pub(super) sessions: Sessions,
    /// Of the request that is being answered, or was last.
    pub(super) sequence: u64,
    late: Vec<LateEffect>,
    log: RequestLog,
}

/// The fault `applied_late`: promised, and not yet done.
#[derive(Debug)]
struct LateEffect {
    /// The last request that does not see it.
    unseen_until: u64,
    list: ListName,
    effect: Effect,
}

impl State {
    pub(super) fn new(behaviour: Behaviour, lists: Lists) -> Self {
        Self {
            faults: FaultState::new(&behaviour.faults, behaviour.fault_seed),
            behaviour,
            store: Store::new(lists),
            sessions: Sessions::default(),
            sequence: 0,
            late: Vec::new(),
            log: RequestLog::default(),
        }
    }

    /// All of it at once; faults count anew.
    pub(super) fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.faults = FaultState::new(&behaviour.faults, behaviour.fault_seed);
        self.behaviour = behaviour;
        self.store.forget_rows();
    }

    pub(super) fn set_lists(&mut self, lists: Lists) {
        self.store.set(self.sequence, lists);
    }

    /// Counts a request, and lets happen what it is the first to see.
    pub(super) fn begin_request(&mut self) {
        let spelling = self.behaviour.knobs.spelling;
        let is_due = |late: &LateEffect| late.unseen_until <= self.sequence;
        let (due, not_yet) = self.late.drain(..).partition::<Vec<LateEffect>, _>(is_due);
        self.late = not_yet;
        for LateEffect { list, effect, .. } in due {
            let effect = effect.without_what_stands(self.store.lists().list(list), spelling);
            self.store.carry_out(self.sequence, list, effect, ChangedBy::Api);
        }
        self.sequence += 1;
    }

    /// To happen after so many further requests.
    pub(super) fn promise(&mut self, list: ListName, effect: Effect, after_requests: u64) {
        self.late.push(LateEffect {
            unseen_until: self.sequence.saturating_add(after_requests),
            list,
            effect,
        });
    }

    pub(super) fn note(&mut self, request: Noted) {
        self.log.note(request);
    }

    /// For how long nobody is to listen before the next connection, if at all.
    pub(super) fn before_connection(&mut self) -> Option<Duration> {
        let fault = self.faults.before_connection()?;
        self.note_connection(&fault);
        match fault {
            Fault::RefuseConnections { for_ms } => Some(Duration::from_millis(for_ms)),
            _ => None,
        }
    }

    /// Whether a connection that was just accepted is to end.
    pub(super) fn on_connection(&mut self) -> bool {
        let fault = self.faults.on_connection();
        if let Some(fault) = &fault {
            self.note_connection(fault);
        }
        fault.is_some()
    }

    fn note_connection(&mut self, fault: &Fault) {
        self.log.note(Noted {
            sequence: self.sequence,
            method: None,
            path: String::new(),
            query: String::new(),
            body: Vec::new(),
            status: None,
            faults: vec![fault.to_string()],
        });
    }

    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        self.log.requests()
    }

    pub(super) fn history(&self) -> Vec<HistoryEntry> {
        self.store.history()
    }
}
