//! The request log: what was asked, and what was truly sent.
//!
//! A request is noted as it came and made readable only when somebody asks, because most are never looked at.
//! This file refuses to know what a request means.

use std::collections::VecDeque;

use http::Method;
use serde::Serialize;
use serde_json::Value;

/// The oldest requests are forgotten beyond this number: a simulator may run for weeks, and no test needs
/// more.
pub(super) const REQUESTS_LOGGED_MAX: usize = 20_000;

/// One API request; or, with an empty method, one thing that happened to connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// The number of the request since the start or the last reset, from 1. Of a connection: of the last
    /// request before it.
    pub sequence: u64,
    /// `GET`, `POST`, ...; empty when a fault happened to a connection before there was a request.
    pub method: String,
    /// As it came, still encoded, with the root.
    pub path: String,
    /// As it came, still encoded; empty when there was none.
    pub query: String,
    /// The parsed JSON; a JSON string with the text when it was no JSON; null when there was none or it was
    /// too large. The passphrase of a login is hidden.
    pub body: Value,
    /// The status that was sent; none when no whole status line was.
    pub status: Option<u16>,
    /// Each fault that happened to it, such as `cut_reply after_bytes=20 by=reset`.
    pub faults: Vec<String>,
}

/// A request as it is noted.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) sequence: u64,
    /// `None` for a connection.
    pub(super) method: Option<Method>,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) body: Vec<u8>,
    pub(super) status: Option<u16>,
    pub(super) faults: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct RequestLog {
    noted: VecDeque<Noted>,
}

impl RequestLog {
    pub(super) fn note(&mut self, request: Noted) {
        if self.noted.len() >= REQUESTS_LOGGED_MAX {
            self.noted.pop_front();
        }
        self.noted.push_back(request);
    }

    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        self.noted.iter().map(readable).collect()
    }
}

fn readable(noted: &Noted) -> LoggedRequest {
    let text = || Value::String(String::from_utf8_lossy(&noted.body).into_owned());
    let body = if noted.body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&noted.body).unwrap_or_else(|_| text())
    };
    LoggedRequest {
        sequence: noted.sequence,
        method: noted.method.as_ref().map_or_else(String::new, Method::to_string),
        path: noted.path.clone(),
        query: noted.query.clone(),
        body,
        status: noted.status,
        faults: noted.faults.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_log_forgets_the_oldest_first() {
        let mut log = RequestLog::default();
        for number in 0..=REQUESTS_LOGGED_MAX {
            log.note(Noted {
                sequence: 0,
                method: Some(Method::GET),
                path: format!("/{number}"),
                query: String::new(),
                body: Vec::new(),
                status: Some(404),
                faults: Vec::new(),
            });
        }
        let requests = log.requests();
        assert_eq!(requests.len(), REQUESTS_LOGGED_MAX);
        assert_eq!(requests[0].path, "/1");
    }
}
