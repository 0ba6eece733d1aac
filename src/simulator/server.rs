//! The HTTP side: every route, the way of an API request from its bytes to its reply, and the headers of
//! every reply.
//!
//! Whatever is not the banner and not below `/simulator/` is for the API, unknown paths included, because the
//! API answers those itself. This file refuses to know what the API decides; that is `api.rs`. How
//! connections come and end is in `connections.rs`.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::StatusCode;

use super::api::{self, ApiRequest, RequestBody};
use super::bodies::{self, ReadBody};
use super::connections::Line;
use super::control;
use super::delivery::{Answer, Passage};
use super::playing;
use super::reply::{Reply, SIMULATOR_HEADER, SIMULATOR_HEADER_VALUE};
use super::shared::Shared;

/// Guess: no source tells the greatest request (`docs/asyncos.md`, "Semantics"). Some 50,000 entries fit.
pub(super) const API_BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

const BANNER: &str = "\
THIS IS A SIMULATOR, not a Cisco Secure Email Gateway: it blocks no mail.
The AsyncOS API is at /esa/api/v2.0 and /sma/api/v2.0.
Control it at /simulator/lists, /simulator/requests, /simulator/history, /simulator/faults and /simulator/reset.
";

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(async || BANNER))
        // For people and tests.
        .route("/simulator/lists", get(control::lists).put(control::set_lists))
        .route("/simulator/requests", get(control::requests))
        .route("/simulator/history", get(control::history))
        .route(
            "/simulator/faults",
            get(control::behaviour).put(control::set_behaviour),
        )
        .route("/simulator/reset", post(control::reset))
        .route(
            "/simulator/{*path}",
            any(async || (StatusCode::NOT_FOUND, "no such control\n")),
        )
        // For clients of the appliance.
        .fallback(answer_api_request)
        .layer(middleware::map_response(mark_as_simulated))
        .with_state(shared)
}

async fn answer_api_request(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = match bodies::read(body, API_BODY_BYTES_MAX).await {
        ReadBody::Whole(bytes) => Some(bytes),
        ReadBody::TooLarge => None,
        // Half a request is none: nothing is decided, nothing is logged, and hardly anybody is left to read
        // this.
        ReadBody::CutOff => return StatusCode::BAD_REQUEST.into_response(),
    };
    let request = ApiRequest {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: body.as_deref().map_or(RequestBody::TooLarge, RequestBody::Whole),
    };
    let answer = api::answer(&shared.settings, &mut shared.state(), &request, SystemTime::now());
    let ApiRequest { method, path, .. } = request;
    tracing::debug!(http.method = %method, http.path = path, http.status = answer.sent_status(), "simulator answered");

    // After the decision: a caller that does not wait long enough must find that its write was done. A sleep
    // of nothing is left out, because it would take a millisecond.
    if !shared.settings.latency.is_zero() {
        tokio::time::sleep(shared.settings.latency).await;
    }
    match answer {
        Answer::Reply {
            reply,
            passage: Passage::Whole,
        } if reply.is_ordinary() => response(reply),
        answer => {
            if let Some(stream) = line.take() {
                shared.play(playing::play(stream, answer));
            }
            // For the server, which finds its connection ended when it writes this.
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

fn response(reply: Reply) -> Response {
    (reply.status, reply.headers(), reply.body).into_response()
}

async fn mark_as_simulated(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(SIMULATOR_HEADER, SIMULATOR_HEADER_VALUE);
    response
}

#[cfg(test)]
mod tests {
    use super::super::testing::{API_HEADERS, exchange};
    use super::super::{Settings, Simulator};

    const BLOCKLIST: &str = "/esa/api/v2.0/quarantine/blocklist";

    #[tokio::test]
    async fn a_success_keeps_the_connection_and_an_error_closes_it() {
        let handle = Simulator::start(Settings::default()).await.expect("a free port");
        let success = exchange(handle.address(), "GET", BLOCKLIST, API_HEADERS, "").await;
        assert_eq!((success.status, success.is_closed), (200, false));
        assert_eq!(success.header("content-type"), Some("application/json"));
        assert_eq!(success.header("content-length"), Some("35"));
        assert_eq!(success.header("access-control-allow-origin"), Some("*"));
        assert_eq!(success.body, r#"{"meta":{"totalCount":0},"data":[]}"#);

        let error = exchange(handle.address(), "GET", BLOCKLIST, "", "").await;
        assert_eq!((error.status, error.is_closed), (401, true));
        assert_eq!(error.header("connection"), Some("close"));
        assert_eq!(error.header("content-type"), Some("application/json"));
        assert_eq!(
            error.body,
            r#"{"error":{"message":"Unauthorized.","code":"401","explanation":"401 = No permission -- see authorization schemes."}}"#
        );
        handle.stop().await;
    }

    #[tokio::test]
    async fn every_reply_says_that_this_is_a_simulator() {
        let handle = Simulator::start(Settings::default()).await.expect("a free port");
        for path in [
            "/",
            "/simulator/lists",
            "/simulator/nothing",
            BLOCKLIST,
            "/nowhere",
        ] {
            let reply = exchange(handle.address(), "GET", path, "", "").await;
            assert_eq!(
                reply.header("x-simulator"),
                Some("doorlist simulator, not a real appliance"),
                "{path}"
            );
        }
        let banner = exchange(handle.address(), "GET", "/", "", "").await;
        assert!(banner.body.starts_with("THIS IS A SIMULATOR"));
        handle.stop().await;
    }

    #[tokio::test]
    async fn any_content_type_is_taken_and_a_delete_carries_its_body() {
        let handle = Simulator::start(Settings::default()).await.expect("a free port");
        let add = r#"{"action":"add","quarantineType":"spam","viewBy":"recipient","recipientAddresses":["a@x.com"],"senderList":["s.com"]}"#;
        let headers = format!("{API_HEADERS}Content-Type: application/x-www-form-urlencoded\r\n");
        assert_eq!(
            exchange(handle.address(), "POST", BLOCKLIST, &headers, add)
                .await
                .status,
            200
        );
        let delete = r#"{"quarantineType":"spam","viewBy":"recipient","recipientList":["a@x.com"]}"#;
        let deleted = exchange(handle.address(), "DELETE", BLOCKLIST, API_HEADERS, delete).await;
        assert_eq!(
            deleted.body,
            r#"{"data":{"action":"delete","totalCount":1,"recipientList":["a@x.com"]}}"#
        );
        handle.stop().await;
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_answered_and_not_cut_off() {
        let handle = Simulator::start(Settings::default()).await.expect("a free port");
        let body = " ".repeat(super::API_BODY_BYTES_MAX + 1);
        let reply = exchange(handle.address(), "POST", BLOCKLIST, API_HEADERS, &body).await;
        assert_eq!(reply.status, 413);
        assert!(reply.body.contains("413 = Entity is too large.."));
        handle.stop().await;
    }
}
