//! What the socket side shares: the state behind its lock, the door, and the tasks that play faults.
//!
//! One mutex guards the state and is never held over an await, so every request is decided at one moment.
//! This file refuses to know what is decided.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::behaviour::Behaviour;
use super::connections;
use super::door::Door;
use super::settings::Settings;
use super::state::State;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) door: Door,
    /// Connections that were taken from the HTTP server.
    pub(super) players: TaskTracker,
    pub(super) stop: watch::Receiver<bool>,
    state: Mutex<State>,
}

impl Shared {
    pub(super) fn new(settings: Settings, door: Door, stop: watch::Receiver<bool>) -> Self {
        let state = State::new(settings.behaviour(), settings.lists.clone());
        let shared = Self {
            settings,
            door,
            players: TaskTracker::new(),
            stop,
            state: Mutex::new(state),
        };
        shared.begin_connections(&mut shared.state());
        shared
    }

    /// No code of ours can panic while it holds the lock halfway through a change, so a poisoned lock is
    /// still good.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_behaviour(&self, behaviour: Behaviour) {
        let mut state = self.state();
        state.set_behaviour(behaviour);
        self.begin_connections(&mut state);
    }

    pub(super) fn reset(&self) {
        let mut state = self.state();
        *state = State::new(self.settings.behaviour(), self.settings.lists.clone());
        self.begin_connections(&mut state);
    }

    /// Closes the door if it is to be closed before the next connection; tells whether it was.
    pub(super) fn prepare_next_connection(&self, state: &mut State) -> bool {
        let refused_for = state.before_connection();
        if let Some(refused_for) = refused_for {
            self.door.close_for(refused_for);
        }
        refused_for.is_some()
    }

    /// Runs beside the server until it is done or the simulator stops.
    pub(super) fn play(&self, player: impl Future<Output = ()> + Send + 'static) {
        let stopped = connections::stopped(self.stop.clone());
        self.players.spawn(async move {
            tokio::select! {
                () = player => {}
                () = stopped => {}
            }
        });
    }

    /// A new behaviour begins with an open door, unless it says otherwise.
    fn begin_connections(&self, state: &mut State) {
        if !self.prepare_next_connection(state) {
            self.door.open();
        }
    }
}
