//! The simulator without a socket: a request in, what its caller would see out, as fast as it can be decided.
//!
//! Every request counts as a connection of its own. Only the API is here; what the control interface does are
//! methods. The clock stands still until [`InMemory::advance`]. Decisions are made where the socketed simulator
//! makes them, in `api.rs`; this file refuses to know any.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, Method};

use super::api::{self, ApiRequest, RequestBody};
use super::behaviour::Behaviour;
use super::delivery::{Delivery, Loss};
use super::history::HistoryEntry;
use super::lists::Lists;
use super::request_log::LoggedRequest;
use super::server::API_BODY_BYTES_MAX;
use super::settings::Settings;
use super::state::State;

/// So long a caller waits, unless [`InMemory::set_patience`] says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// An appliance to call as a function.
#[derive(Debug)]
pub struct InMemory {
    settings: Settings,
    state: State,
    now: SystemTime,
    /// Nobody listens before this.
    refused_until: SystemTime,
    patience: Duration,
}

impl InMemory {
    /// `listen` and `latency` of the settings are without meaning here.
    #[must_use]
    pub fn new(mut settings: Settings) -> Self {
        let lists = std::mem::take(&mut settings.lists);
        let state = State::new(settings.behaviour(), lists);
        let mut appliance = Self {
            settings,
            state,
            now: UNIX_EPOCH,
            refused_until: UNIX_EPOCH,
            patience: PATIENCE,
        };
        appliance.prepare_next_connection();
        appliance
    }

    /// One request on a connection of its own. `target` is a path, and a query behind a `?`.
    pub fn answer(&mut self, method: &Method, target: &str, headers: &HeaderMap, body: &[u8]) -> Delivery {
        if self.now < self.refused_until {
            return Delivery::NotConnected;
        }
        let is_ended = self.state.on_connection();
        self.prepare_next_connection();
        if is_ended {
            return Delivery::NoReply { how: Loss::Closed };
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body = if body.len() > API_BODY_BYTES_MAX {
            RequestBody::TooLarge
        } else {
            RequestBody::Whole(body)
        };
        let request = ApiRequest {
            method,
            path,
            query,
            headers,
            body,
        };
        let answer = api::answer(&self.settings, &mut self.state, &request, self.now);
        Delivery::of(answer, self.patience)
    }

    /// Lets time pass: tokens age, and a closed door opens.
    pub fn advance(&mut self, time: Duration) {
        self.now = later(self.now, time);
    }

    /// How long the caller waits for a whole reply: a slower one is cut, as timed out.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// How it behaves now.
    #[must_use]
    pub fn behaviour(&self) -> &Behaviour {
        &self.state.behaviour
    }

    /// Behaves otherwise from now on, as [`Handle::set_behaviour`](super::Handle::set_behaviour) does.
    pub fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.state.set_behaviour(behaviour);
        self.refused_until = self.now;
        self.prepare_next_connection();
    }

    /// What is stored now, in the order in which it was added.
    #[must_use]
    pub fn lists(&self) -> &Lists {
        self.state.store.lists()
    }

    /// Replaces both lists, as [`Handle::set_lists`](super::Handle::set_lists) does.
    pub fn set_lists(&mut self, lists: Lists) {
        self.state.set_lists(lists);
    }

    /// The requests answered so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state.requests()
    }

    /// Every change of a pair so far, oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<HistoryEntry> {
        self.state.history()
    }

    fn prepare_next_connection(&mut self) {
        if let Some(refused_for) = self.state.before_connection() {
            self.refused_until = later(self.now, refused_for);
        }
    }
}

/// A time that no clock can tell is as late as one can.
fn later(now: SystemTime, time: Duration) -> SystemTime {
    now.checked_add(time)
        .unwrap_or(now + Duration::from_hours(24 * 365))
}
