//! The simulator without a socket: a request in, what its caller would see out, as fast as it can be decided.
//!
//! Every request counts as a connection of its own. Only the API is here; what the control interface does are
//! methods. The clock stands still until [`InMemory::advance`]. Decisions are made where the socketed simulator
//! makes them, in `api.rs`; this file refuses to know any.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, Method};

use super::api::{self, ApiRequest, RequestBody};
use super::delivery::{Delivery, Ending};
use super::lists::Lists;
use super::server::API_BODY_BYTES_MAX;
use super::settings::Settings;
use super::state::{LoggedRequest, State};

/// An appliance to call as a function.
#[derive(Debug)]
pub struct InMemory {
    settings: Settings,
    state: State,
    now: SystemTime,
}

impl InMemory {
    /// `listen` and `latency` of the settings are without meaning here.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let state = State::initial(&settings);
        Self {
            settings,
            state,
            now: UNIX_EPOCH,
        }
    }

    /// One request on a connection of its own. `target` is a path, and a query behind a `?`.
    pub fn answer(&mut self, method: &Method, target: &str, headers: &HeaderMap, body: &[u8]) -> Delivery {
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
        let reply = api::answer(&self.settings, &mut self.state, &request, self.now);
        Delivery::Reply {
            status: reply.status.as_u16(),
            headers: reply.headers(),
            body: reply.body.into_bytes(),
            ending: Ending::Whole,
        }
    }

    /// Lets time pass: tokens age.
    pub fn advance(&mut self, time: Duration) {
        self.now += time;
    }

    /// What is stored now, in the order in which it was added.
    #[must_use]
    pub fn lists(&self) -> &Lists {
        &self.state.lists
    }

    /// Replaces both lists, as [`Handle::set_lists`](super::Handle::set_lists) does.
    pub fn set_lists(&mut self, lists: Lists) {
        self.state.lists = lists.without_repeated_pairs();
    }

    /// The requests answered so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state.requests()
    }
}
