//! Which error where: a fault of the call as a whole is a [`Problem`] and answered as RFC 9457 problem+json with
//! a stable `code`; a fault of one indicator is a result in the report, never a problem. Each problem says what
//! is wrong, what is allowed and how to mend it. What only the operator may know is logged, not sent.

use super::writes;
use crate::pipeline::AcceptError;
use crate::store::StoreError;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// A refused call.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// Members beside RFC 9457's own: `line`, `allowed`, ...
    members: Map<String, Value>,
    /// For the audit: what the caller has no right to.
    lacking: Option<Box<Lacking>>,
    /// When it is worth sending again.
    retry_after_seconds: Option<u32>,
}

/// What a caller has no right to; it goes with the answer to `refusals.rs`, and not to the caller.
#[derive(Debug, Clone)]
pub(super) struct Lacking {
    pub(super) what: String,
    pub(super) configuration: Option<String>,
    pub(super) appliance: Option<String>,
}

impl Lacking {
    pub(super) fn of(what: String) -> Self {
        Self {
            what,
            configuration: None,
            appliance: None,
        }
    }
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            members: Map::new(),
            lacking: None,
            retry_after_seconds: None,
        }
    }

    pub(super) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Makes it a refusal for lack of rights, which the audit keeps.
    pub(super) fn lacking(mut self, lacking: Lacking) -> Self {
        self.lacking = Some(Box::new(lacking));
        self
    }

    pub(super) fn internal() -> Self {
        let detail = "the server made a mistake; its log has more under the request id of this answer";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail)
    }

    pub(super) fn stopping() -> Self {
        let detail = "the server is being stopped; nothing was written, so ask again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", detail)
    }

    /// Somebody stopped what was asked for.
    pub(super) fn writes_stopped(detail: String, retry_after_seconds: u32) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "writes_stopped", detail);
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..problem
        }
    }

    pub(super) fn body_too_large(bytes_max: usize) -> Self {
        let detail = format!(
            "the body is larger than {bytes_max} bytes; send the indicators in several calls, or raise body_bytes_max under [server]"
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail).with("bytes_max", bytes_max)
    }
}

impl From<AcceptError> for Problem {
    fn from(error: AcceptError) -> Self {
        match &error {
            AcceptError::Intake(intake) => {
                let mut problem = Self::bad_request(intake.code(), error.to_string());
                if let (Some(line), Some(column)) = (intake.line(), intake.column()) {
                    problem = problem.with("line", line).with("column", column);
                }
                problem
            }
            AcceptError::OverrideOfNothing(nothing) => {
                let problem = Self::bad_request("override_of_nothing", error.to_string());
                problem
                    .with("rule", nothing.rule.code())
                    .with("entry", nothing.entry.as_str())
            }
            AcceptError::TooManyItems(_) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many_items", error.to_string())
            }
        }
    }
}

/// Nothing is half done: the same call may be repeated.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if let StoreError::Stopped(stopped) = &error {
            return writes::refused(stopped);
        }
        tracing::error!(%error, "the store cannot do what was asked");
        let accepted = match error {
            // The answer to a commit may have been lost.
            StoreError::Unreachable(_) => {
                "should a run have been accepted all the same, an Idempotency-Key keeps it from being done twice"
            }
            _ => "no run was accepted",
        };
        let detail = format!("runs cannot be stored or read now ({error}); {accepted}. Send it again later");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code) = (self.status, self.code);
        tracing::info!(
            status = status.as_u16(),
            code,
            detail = self.detail,
            "call refused"
        );
        let mut document = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "code": code,
            "detail": self.detail,
        });
        if let Some(document) = document.as_object_mut() {
            document.extend(self.members);
        }
        let content_type = HeaderValue::from_static("application/problem+json");
        let mut response = (
            status,
            [(header::CONTENT_TYPE, content_type)],
            document.to_string(),
        )
            .into_response();
        if let Some(seconds) = self.retry_after_seconds {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(lacking) = self.lacking {
            response.extensions_mut().insert(*lacking);
        }
        response
    }
}

/// No route.
pub(super) async fn not_found(uri: Uri) -> Problem {
    let path = crate::model::excerpt(uri.path(), 200);
    let detail = format!("there is nothing at {path}; the actions are listed at /v1/actions");
    Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
}

/// A route, but not for this method. The router adds the `Allow` header.
pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let path = crate::model::excerpt(uri.path(), 200);
    let detail = format!(
        "{method} is not for {path}; an action is run, a run cancelled and an appliance tested and a hold put down, and writes stopped and started with POST, a hold ended with DELETE, and everything else is read with GET"
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}
