//! What a running simulator remembers: the lists, the sessions, and the requests it has answered.
//!
//! One mutex guards all of it and is never held over an await, so every request is decided at one moment.
//! This file refuses to know what a request means; that is `api.rs`.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::knobs::Knobs;
use super::lists::Lists;
use super::sessions::Sessions;
use super::settings::Settings;

/// The oldest requests are forgotten beyond this number: a simulator may run for weeks, and no test needs
/// more.
pub(super) const REQUESTS_LOGGED_MAX: usize = 20_000;

/// One API request that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// As it came, still encoded, with the root.
    pub path: String,
    /// As it came, still encoded; empty when there was none.
    pub query: String,
    /// The parsed JSON; a JSON string with the text when it was no JSON; null when there was none or it was
    /// too large. The passphrase of a login is hidden.
    pub body: serde_json::Value,
    /// The status that was sent; none when none was.
    pub status: Option<u16>,
    /// Each fault that happened to it, such as `cut_reply after_bytes=20 by=reset`.
    pub faults: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) knobs: Knobs,
    pub(super) lists: Lists,
    pub(super) sessions: Sessions,
    requests: VecDeque<LoggedRequest>,
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Self {
        let state = Mutex::new(State::initial(&settings));
        Self { settings, state }
    }

    /// No code of ours can panic while it holds the lock halfway through a change, so a poisoned lock is
    /// still good.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reset(&self) {
        *self.state() = State::initial(&self.settings);
    }
}

impl State {
    pub(super) fn initial(settings: &Settings) -> Self {
        Self {
            knobs: settings.knobs.clone(),
            lists: settings.lists.clone().without_repeated_pairs(),
            ..Self::default()
        }
    }

    pub(super) fn log(&mut self, request: LoggedRequest) {
        if self.requests.len() >= REQUESTS_LOGGED_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        self.requests.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_log_forgets_the_oldest_first() {
        let mut state = State::default();
        for number in 0..=REQUESTS_LOGGED_MAX {
            state.log(LoggedRequest {
                method: "GET".to_owned(),
                path: format!("/{number}"),
                query: String::new(),
                body: serde_json::Value::Null,
                status: Some(404),
                faults: Vec::new(),
            });
        }
        let requests = state.requests();
        assert_eq!(requests.len(), REQUESTS_LOGGED_MAX);
        assert_eq!(requests[0].path, "/1");
    }
}
