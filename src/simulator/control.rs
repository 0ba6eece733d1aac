//! The control interface, which no real appliance has: look at the lists, set them, read the request log,
//! start afresh.
//!
//! It stands beside the API under `/simulator/`, asks for no credentials, and its calls never enter the
//! request log. The same four things are methods of [`Handle`](super::Handle). This file refuses to know the
//! rules of the API: what is put here is stored as it is, so that a test can set up lists that no request
//! could have made.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;

use super::bodies::{self, ReadBody};
use super::lists::Lists;
use super::state::{LoggedRequest, Shared};

/// Enough for half a million pairs.
const LISTS_BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

const EXPECTED_LISTS: &str = r#"{"blocklist": [{"recipient": "...", "sender": "..."}], "safelist": []}"#;

#[derive(Serialize)]
pub(super) struct RequestLog {
    requests: Vec<LoggedRequest>,
}

/// `GET /simulator/lists`
pub(super) async fn lists(State(shared): State<Arc<Shared>>) -> Json<Lists> {
    let lists = shared.state().lists.clone();
    Json(lists)
}

/// `PUT /simulator/lists`
pub(super) async fn set_lists(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<StatusCode, (StatusCode, String)> {
    let bytes = match bodies::read(body, LISTS_BODY_BYTES_MAX).await {
        ReadBody::Whole(bytes) => bytes,
        ReadBody::TooLarge => {
            let reason =
                format!("the lists are larger than {LISTS_BODY_BYTES_MAX} bytes; nothing was changed\n");
            return Err((StatusCode::PAYLOAD_TOO_LARGE, reason));
        }
        ReadBody::CutOff => {
            let reason = "the request ended before its body did; nothing was changed\n".to_owned();
            return Err((StatusCode::BAD_REQUEST, reason));
        }
    };
    let lists: Lists = serde_json::from_slice(&bytes).map_err(|error| {
        let reason = format!(
            "not the lists of a simulator: {error}; nothing was changed\n\
             expected: {EXPECTED_LISTS}\n"
        );
        (StatusCode::BAD_REQUEST, reason)
    })?;
    shared.state().lists = lists.without_repeated_pairs();
    Ok(StatusCode::NO_CONTENT)
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
            r#"{"requests":[{"method":"GET","path":"/esa/api/v2.0/quarantine/blocklist","query":"viewBy=sender","body":null,"status":200,"faults":[]}]}"#
        );
        exchange(address, "POST", "/simulator/reset", "", "").await;
        assert_eq!(handle.requests(), []);
        handle.stop().await;
    }
}
