//! What the API answers: a status, JSON, and the headers of an appliance.
//!
//! This file refuses to know why something is answered; that is `api.rs`, and for errors `errors.rs`.

use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use super::errors::{self, ApiError};
use super::login::TOKEN_HEADER;

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// JSON.
    pub(super) body: String,
    pub(super) fresh_token: Option<String>,
}

impl Reply {
    pub(super) fn success(body: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self {
            status: StatusCode::OK,
            body: serde_json::to_string(body).map_err(|_| errors::reply_is_no_json())?,
            fresh_token: None,
        })
    }

    pub(super) fn error(error: &ApiError) -> Self {
        Self {
            status: error.status,
            // An error is three strings, which always become JSON; an empty body is the honest rest.
            body: serde_json::to_string(&error.body()).unwrap_or_default(),
            fresh_token: None,
        }
    }

    /// Documented headers of success (`docs/asyncos.md`, "On the wire", APIE). `Connection: close`, which the
    /// samples have as well, is kept to errors, where TQ tells of closed connections: unsettled
    /// (`docs/asyncos.md`, "What the simulator assumes", I).
    ///
    /// HTTP header names have no case; ours go out in small letters where a real appliance writes
    /// `Content-type`.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("content-type, jwttoken, mid"),
        );
        if !self.status.is_success() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // A token is Base64 and full stops, so it is always a header value.
        if let Some(Ok(token)) = self.fresh_token.as_deref().map(HeaderValue::try_from) {
            headers.insert(HeaderName::from_static(TOKEN_HEADER), token);
        }
        headers
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let headers = self.headers();
        (self.status, headers, self.body).into_response()
    }
}
