//! The control interface, which no real appliance has: look at the lists, set them, read the request log and
//! the history, make it behave otherwise, start afresh.
//!
//! It stands beside the API under `/simulator/`, asks for no credentials, and its calls never enter the
//! request log. The same things are methods of [`Handle`](super::Handle). This file refuses to know the
//! rules of the API: what is put here is stored as it is, so that a test can set up lists that no request
//! could have made.

use std::fmt::Display;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;

use super::behaviour::Behaviour;
use super::bodies::{self, ReadBody};
use super::history::HistoryEntry;
use super::lists::Lists;
use super::request_log::LoggedRequest;
use super::shared::Shared;

/// Enough for half a million pairs.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

const EXPECTED_LISTS: &str = r#"{"blocklist": [{"recipient": "...", "sender": "..."}], "safelist": []}"#;

const EXPECTED_BEHAVIOUR: &str = r#"{"knobs": {"add_on_existing": "row"}, "faults": [{"fault": "cut_reply", "after_bytes": 20, "method": "POST"}], "fault_seed": 1}"#;

#[derive(Serialize)]
pub(super) struct Changes {
    history: Vec<HistoryEntry>,
}

#[derive(Serialize)]
pub(super) struct RequestLog {
    requests: Vec<LoggedRequest>,
}

/// `GET /simulator/lists`
pub(super) async fn lists(State(shared): State<Arc<Shared>>) -> Json<Lists> {
    let lists = shared.state().store.lists().clone();
    Json(lists)
}

/// `PUT /simulator/lists`
pub(super) async fn set_lists(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<StatusCode, (StatusCode, String)> {
    let bytes = whole_body(body).await?;
    let lists: Lists = serde_json::from_slice(&bytes)
        .map_err(|error| refused("the lists of a simulator", &error, EXPECTED_LISTS))?;
    shared.state().set_lists(lists);
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /simulator/faults`: what is in force, in the form in which it can be put back.
pub(super) async fn behaviour(State(shared): State<Arc<Shared>>) -> Json<Behaviour> {
    let behaviour = shared.state().behaviour.clone();
    Json(behaviour)
}

/// `PUT /simulator/faults`: replaces all of it.
pub(super) async fn set_behaviour(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<StatusCode, (StatusCode, String)> {
    let bytes = whole_body(body).await?;
    let behaviour = Behaviour::from_json(&bytes)
        .map_err(|error| refused("a behaviour of a simulator", &error, EXPECTED_BEHAVIOUR))?;
    shared.set_behaviour(behaviour);
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /simulator/history`
pub(super) async fn history(State(shared): State<Arc<Shared>>) -> Json<Changes> {
    let history = shared.state().history();
    Json(Changes { history })
}

/// `GET /simulator/requests`
pub(super) async fn requests(State(shared): State<Arc<Shared>>) -> Json<RequestLog> {
    let requests = shared.state().requests();
    Json(RequestLog { requests })
}

/// `POST /simulator/reset`
pub(super) async fn reset(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.reset();
    StatusCode::NO_CONTENT
}

async fn whole_body(body: Body) -> Result<Vec<u8>, (StatusCode, String)> {
    match bodies::read(body, BODY_BYTES_MAX).await {
        ReadBody::Whole(bytes) => Ok(bytes),
        ReadBody::TooLarge => {
            let reason = format!("the body is larger than {BODY_BYTES_MAX} bytes; nothing was changed\n");
            Err((StatusCode::PAYLOAD_TOO_LARGE, reason))
        }
        ReadBody::CutOff => {
            let reason = "the request ended before its body did; nothing was changed\n".to_owned();
            Err((StatusCode::BAD_REQUEST, reason))
        }
    }
}

fn refused(what: &str, error: &impl Display, expected: &str) -> (StatusCode, String) {
    let reason = format!("not {what}: {error}; nothing was changed\nexpected: {expected}\n");
    (StatusCode::BAD_REQUEST, reason)
}

#[cfg(test)]
mod tests {
    use super::super::lists::pair;
    use super::super::testing::{API_HEADERS, exchange};
    use super::super::{Settings, Simulator};
    use super::*;

    fn one_pair() -> Lists {
        Lists {
            blocklist: vec![pair("a@x.com", "s.com")],
            safelist: vec![],
        }
    }

    #[tokio::test]
    async fn lists_are_shown_set_and_reset_and_a_bad_body_changes_nothing() {
        let settings = Settings {
            lists: one_pair(),
            ..Settings::default()
        };
        let handle = Simulator::start(settings).await.expect("a free port");
        let address = handle.address();

        let shown = exchange(address, "GET", "/simulator/lists", "", "").await;
        assert_eq!(
            shown.body,
            r#"{"blocklist":[{"recipient":"a@x.com","sender":"s.com"}],"safelist":[]}"#
        );

        for (body, reason) in [
            (r#"{"blacklist":[]}"#, "unknown field `blacklist`"),
            (r#"{"blocklist":[{"recipient":"a"}]}"#, "missing field `sender`"),
            ("", "EOF"),
        ] {
            let refused = exchange(address, "PUT", "/simulator/lists", "", body).await;
            assert_eq!(refused.status, 400);
            assert!(refused.body.contains(reason), "{}", refused.body);
            assert_eq!(handle.lists(), one_pair());
        }

        let set = exchange(
            address,
            "PUT",
            "/simulator/lists",
            "",
            r#"{"safelist":[{"recipient":"r","sender":"odd"}]}"#,
        );
        assert_eq!(set.await.status, 204);
        assert_eq!(
            (handle.lists().blocklist.len(), handle.lists().safelist),
            (0, vec![pair("r", "odd")])
        );

        assert_eq!(
            exchange(address, "POST", "/simulator/reset", "", "").await.status,
            204
        );
        assert_eq!(handle.lists(), one_pair());
        handle.stop().await;
    }

    #[tokio::test]
    async fn the_log_holds_api_requests_only_and_a_reset_empties_it() {
        let handle = Simulator::start(Settings::default()).await.expect("a free port");
        let address = handle.address();
        let path = "/esa/api/v2.0/quarantine/blocklist?viewBy=sender";
        exchange(address, "GET", path, API_HEADERS, "").await;
        exchange(address, "GET", "/", "", "").await;
        exchange(address, "GET", "/simulator/lists", "", "").await;

        let log = exchange(address, "GET", "/simulator/requests", "", "").await;
        assert_eq!(
            log.body,
            r#"{"requests":[{"sequence":1,"method":"GET","path":"/esa/api/v2.0/quarantine/blocklist","query":"viewBy=sender","body":null,"status":200,"faults":[]}]}"#
        );
        exchange(address, "POST", "/simulator/reset", "", "").await;
        assert_eq!(handle.requests(), []);
        handle.stop().await;
    }

    #[tokio::test]
    async fn a_behaviour_is_shown_replaced_and_reset_and_a_bad_one_changes_nothing() {
        let handle = Simulator::start(Settings::default()).await.expect("a free port");
        let (address, path) = (handle.address(), "/simulator/faults");
        let body = r#"{"knobs": {"list_limit": 3}, "faults": [{"fault": "unauthorized", "times": 2}], "fault_seed": 9}"#;
        assert_eq!(exchange(address, "PUT", path, "", body).await.status, 204);
        let put = handle.behaviour();
        assert_eq!(
            (put.knobs.list_limit, put.faults.len(), put.fault_seed),
            (Some(3), 1, 9)
        );
        let shown = exchange(address, "GET", path, "", "").await.body;
        assert_eq!(Behaviour::from_json(shown.as_bytes()).ok().as_ref(), Some(&put));
        let api = "/esa/api/v2.0/quarantine/blocklist";
        assert_eq!(exchange(address, "GET", api, API_HEADERS, "").await.status, 401);

        for (body, reasons) in [
            (
                r#"{"knobs": {"colour": 1}}"#,
                ["unknown field `colour`, expected one of", "line 1 column"],
            ),
            (
                r#"{"faults": [{"fault": "hangs"}]}"#,
                ["unknown variant `hangs`", "line 1 column"],
            ),
            (
                r#"{"faults": [{"fault": "hang", "times": 0}]}"#,
                ["a number from 1, or `always`", "expected: {"],
            ),
            ("", ["EOF", "nothing was changed"]),
        ] {
            let refused = exchange(address, "PUT", path, "", body).await;
            assert_eq!(refused.status, 400, "{body}");
            assert!(
                reasons.iter().all(|reason| refused.body.contains(reason)),
                "{}",
                refused.body
            );
            assert_eq!(handle.behaviour(), put);
        }

        // Put again, the rule counts anew.
        assert_eq!(exchange(address, "PUT", path, "", &shown).await.status, 204);
        for status in [401, 401, 200] {
            assert_eq!(
                exchange(address, "GET", api, API_HEADERS, "").await.status,
                status
            );
        }
        exchange(address, "POST", "/simulator/reset", "", "").await;
        assert_eq!(handle.behaviour(), Behaviour::default());
        handle.stop().await;
    }

    #[tokio::test]
    async fn the_history_tells_who_changed_which_pair() {
        let settings = Settings {
            faults: vec![
                "other_writer:when=before,list=safelist,add=a@x.com:t.com"
                    .parse()
                    .expect("a rule"),
            ],
            ..Settings::default()
        };
        let handle = Simulator::start(settings).await.expect("a free port");
        let address = handle.address();
        let append = r#"{"action":"append","quarantineType":"spam","viewBy":"sender","senderAddresses":["s.com"],"recipientList":["a@x.com"]}"#;
        exchange(
            address,
            "POST",
            "/esa/api/v2.0/quarantine/blocklist",
            API_HEADERS,
            append,
        )
        .await;
        exchange(
            address,
            "PUT",
            "/simulator/lists",
            "",
            r#"{"safelist":[{"recipient":"a@x.com","sender":"t.com"}]}"#,
        )
        .await;
        let history = exchange(address, "GET", "/simulator/history", "", "").await.body;
        assert_eq!(
            history,
            concat!(
                r#"{"history":["#,
                r#"{"sequence":1,"list":"safelist","recipient":"a@x.com","sender":"t.com","change":"added","by":"other_writer"},"#,
                r#"{"sequence":1,"list":"blocklist","recipient":"a@x.com","sender":"s.com","change":"added","by":"api"},"#,
                r#"{"sequence":1,"list":"blocklist","recipient":"a@x.com","sender":"s.com","change":"removed","by":"control"}"#,
                "]}"
            )
        );
        exchange(address, "POST", "/simulator/reset", "", "").await;
        assert_eq!(handle.history(), []);
        handle.stop().await;
    }
}
