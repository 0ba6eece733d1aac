//! What the API answers: a status, a body, and the headers of an appliance; and how they become bytes.
//!
//! A reply knows its own framing, because an appliance is suspected of several (`docs/asyncos.md`, "On the
//! wire"). This file refuses to know why something is answered; that is `api.rs`, and for errors `errors.rs`.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE,
    RETRY_AFTER,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use super::errors::{self, ApiError};
use super::knobs::{ErrorFraming, Knobs};
use super::login::TOKEN_HEADER;

pub(super) const SIMULATOR_HEADER: HeaderName = HeaderName::from_static("x-simulator");
pub(super) const SIMULATOR_HEADER_VALUE: HeaderValue =
    HeaderValue::from_static("doorlist simulator, not a real appliance");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html");

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// In the place of the usual words of the status line.
    reason: Option<String>,
    content_type: HeaderValue,
    pub(super) body: String,
    pub(super) fresh_token: Option<String>,
    retry_after_seconds: Option<u32>,
    /// Without a length, the body ends with the connection.
    framing: Framing,
    is_api_error: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length,
    LengthThenClose,
    Eof,
}

impl Reply {
    pub(super) fn success(body: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_string(body).map_err(|_| errors::reply_is_no_json())?;
        Ok(Self::new(StatusCode::OK, JSON, body, Framing::Length))
    }

    /// `Connection: close` on errors, where TQ tells of closed connections: unsettled (`docs/asyncos.md`,
    /// "What the simulator assumes", I).
    pub(super) fn error(error: &ApiError, knobs: &Knobs) -> Self {
        // An error is three texts, which always become JSON; an empty body is the honest rest.
        let json = || serde_json::to_string(&error.body(knobs.error_code)).unwrap_or_default();
        let reply = |content_type, body, framing| Self::new(error.status, content_type, body, framing);
        let is_in_reason = knobs.error_framing == ErrorFraming::Reason;
        let framed = match knobs.error_framing {
            ErrorFraming::Length | ErrorFraming::Rst | ErrorFraming::Reason => {
                reply(JSON, json(), Framing::LengthThenClose)
            }
            ErrorFraming::Eof => reply(JSON, json(), Framing::Eof),
            ErrorFraming::Html => reply(HTML, error.page(), Framing::LengthThenClose),
        };
        Self {
            reason: is_in_reason.then(|| error.reason_phrase()),
            is_api_error: true,
            ..framed
        }
    }

    /// Of a server in front of the appliance.
    pub(super) fn page(status: StatusCode) -> Self {
        let title = format!(
            "{} {}",
            status.as_str(),
            status.canonical_reason().unwrap_or("Unknown")
        );
        let body = format!(
            "<html>\n<head><title>{title}</title></head>\n<body><center><h1>{title}</h1></center></body>\n</html>\n"
        );
        Self::new(status, HTML, body, Framing::LengthThenClose)
    }

    fn new(status: StatusCode, content_type: HeaderValue, body: String, framing: Framing) -> Self {
        let body = if has_body(status) { body } else { String::new() };
        Self {
            status,
            reason: None,
            content_type,
            body,
            fresh_token: None,
            retry_after_seconds: None,
            framing,
            is_api_error: false,
        }
    }

    /// Unlike a success, and unlike a page of somebody else.
    pub(super) fn is_api_error(&self) -> bool {
        self.is_api_error
    }

    pub(super) fn with_fresh_token(self, fresh_token: Option<String>) -> Self {
        Self { fresh_token, ..self }
    }

    pub(super) fn with_retry_after(self, retry_after_seconds: Option<u32>) -> Self {
        Self {
            retry_after_seconds,
            ..self
        }
    }

    pub(super) fn without_length(self) -> Self {
        Self {
            framing: Framing::Eof,
            ..self
        }
    }

    /// Says that the connection ends.
    pub(super) fn then_close(self) -> Self {
        let framing = match self.framing {
            Framing::Length | Framing::LengthThenClose => Framing::LengthThenClose,
            Framing::Eof => Framing::Eof,
        };
        Self { framing, ..self }
    }

    pub(super) fn has_length(&self) -> bool {
        self.framing != Framing::Eof
    }

    /// Whether an ordinary HTTP server would send it so.
    pub(super) fn is_ordinary(&self) -> bool {
        self.has_length() && self.reason.is_none()
    }

    /// Documented headers of success (`docs/asyncos.md`, "On the wire", APIE); the samples have `Connection:
    /// close` as well.
    ///
    /// HTTP header names have no case; ours go out in small letters where a real appliance writes
    /// `Content-type`.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, self.content_type.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("content-type, jwttoken, mid"),
        );
        headers.insert(SIMULATOR_HEADER, SIMULATOR_HEADER_VALUE);
        if self.has_length() && has_body(self.status) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
        if self.framing != Framing::Length {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        // A token is Base64 and full stops, so it is always a header value.
        if let Some(Ok(token)) = self.fresh_token.as_deref().map(HeaderValue::try_from) {
            headers.insert(HeaderName::from_static(TOKEN_HEADER), token);
        }
        headers
    }

    /// With its line end.
    pub(super) fn status_line(&self) -> String {
        let usual = self.status.canonical_reason().unwrap_or("Unknown");
        let reason = self.reason.as_deref().unwrap_or(usual);
        format!("HTTP/1.1 {} {reason}\r\n", self.status.as_str())
    }

    /// All bytes before the body.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = self.status_line().into_bytes();
        for (name, value) in &self.headers() {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

/// Two statuses never have one.
fn has_body(status: StatusCode) -> bool {
    status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_goes_out_in_the_framing_of_its_knob() {
        let error = errors::not_found();
        for (framing, first_line, has_length, content_type, body) in [
            ("length", "HTTP/1.1 404 Not Found\r\n", true, JSON, "{\"error\":"),
            ("eof", "HTTP/1.1 404 Not Found\r\n", false, JSON, "{\"error\":"),
            ("reason", "HTTP/1.1 404 Not Found.\r\n", true, JSON, "{\"error\":"),
            ("html", "HTTP/1.1 404 Not Found\r\n", true, HTML, "<html>"),
        ] {
            let mut knobs = Knobs::default();
            knobs.set("error_framing", framing).expect("a framing");
            let reply = Reply::error(&error, &knobs);
            let headers = reply.headers();
            assert_eq!(reply.status_line(), first_line, "{framing}");
            assert_eq!(headers.contains_key(CONTENT_LENGTH), has_length, "{framing}");
            assert_eq!(headers[CONTENT_TYPE], content_type, "{framing}");
            assert_eq!(headers[CONNECTION], "close", "{framing}");
            assert!(reply.body.starts_with(body), "{framing}: {}", reply.body);
        }
    }
}
