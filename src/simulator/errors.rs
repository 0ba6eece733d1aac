//! Every error of the API: its status, its words, and the JSON around them.
//!
//! The shape and the explanations are known from real bodies, which match the error template of Python 2's
//! `BaseHTTPServer` to the letter (`docs/asyncos.md`, "Errors"). Of the safelist and the blocklist themselves
//! no error body was ever published: those statuses are the ones of `docs/asyncos.md`, "What the simulator
//! assumes", and their texts are guesses. This file refuses to know when an error occurs.

use http::StatusCode;
use serde::Serialize;

use super::knobs::{BadEntryStatus, ErrorCode, Knobs, OtherList, OverLimit};
use super::refusals::Refusal;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    /// Without the full stop that the template puts behind it.
    message: String,
}

/// `{"error": {"message": "Not Found.", "code": "404", "explanation": "404 = Nothing matches the given
/// URI."}}`
#[derive(Debug, Serialize)]
pub(super) struct ErrorBody {
    error: ErrorParts,
}

#[derive(Debug, Serialize)]
struct ErrorParts {
    message: String,
    code: Code,
    explanation: String,
}

/// A string in every real body.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Code {
    String(String),
    Integer(u16),
}

impl ApiError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub(super) fn body(&self, code: ErrorCode) -> ErrorBody {
        let number = self.status.as_str();
        ErrorBody {
            error: ErrorParts {
                message: format!("{}.", self.message),
                code: match code {
                    ErrorCode::String => Code::String(number.to_owned()),
                    ErrorCode::Integer => Code::Integer(self.status.as_u16()),
                },
                explanation: format!("{number} = {}.", explanation(self.status)),
            },
        }
    }

    /// On one line, whatever the message holds.
    pub(super) fn reason_phrase(&self) -> String {
        format!("{}.", self.message).replace(char::is_control, " ")
    }

    /// Guess: what a page of such an error looks like is not known.
    pub(super) fn page(&self) -> String {
        let number = self.status.as_str();
        let message = self.message.replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<html>\n<head><title>Error response</title></head>\n<body>\n<h1>Error {number}</h1>\n\
             <p>{message}.</p>\n<p>{number} = {}.</p>\n</body>\n</html>\n",
            explanation(self.status)
        )
    }
}

/// For a fault that asks for a status: the usual words of HTTP.
pub(super) fn of_status(status: StatusCode) -> ApiError {
    ApiError::new(status, status.canonical_reason().unwrap_or("Unknown"))
}

/// Seen: CES (`docs/asyncos.md`, "Errors").
pub(super) fn unauthorized() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "Unauthorized")
}

/// Seen: STX (`docs/asyncos.md`, "Errors").
pub(super) fn login_refused() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "Invalid username or passphrase")
}

/// Seen: STX (`docs/asyncos.md`, "Errors").
pub(super) fn token_expired() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "ExpiredSignatureError")
}

/// Seen: STX (`docs/asyncos.md`, "Errors").
pub(super) fn token_invalid() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "InvalidTokenError")
}

/// Seen: CES (`docs/asyncos.md`, "Errors").
pub(super) fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "Not Found")
}

/// Guess: the template's own words for this status.
pub(super) fn method_not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

/// Guess: the template's own words for this status.
pub(super) fn too_large() -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
}

/// Documented for API v1 with this text: an unknown query name is a 404 (`docs/asyncos.md`, "Errors",
/// `APIv1`).
pub(super) fn unexpected_query_name(name: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("Unexpected attribute - {name}"))
}

/// Seen with another text: a bad query value is a 404 (`docs/asyncos.md`, "Errors", CES). The text is a
/// guess.
pub(super) fn bad_query_value(name: &str, value: &str) -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        format!("Invalid value for {name} - {value}"),
    )
}

/// Guess: the text of a missing query parameter, with the status of a bad request, as it is the body that is
/// wrong.
pub(super) fn missing_body_key(key: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, format!("Missing attribute - {key}"))
}

/// Guess, both the status and the text.
pub(super) fn bad_body_value(key: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, format!("Invalid value for {key}"))
}

/// Guess, both the status and the text.
pub(super) fn body_is_no_json_object() -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "Invalid JSON in request body")
}

/// Cannot happen: no reply of ours can fail to become JSON. If it ever does, the caller hears of it.
pub(super) fn reply_is_no_json() -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

pub(super) fn refused(refusal: &Refusal, knobs: &Knobs) -> ApiError {
    ApiError::new(status_of_refusal(refusal, knobs), refusal.to_string())
}

/// Unsettled, each line (`docs/asyncos.md`, "What the simulator assumes").
fn status_of_refusal(refusal: &Refusal, knobs: &Knobs) -> StatusCode {
    match refusal {
        // `add` where a row stands and `append` of a pair that stands, I from TQ.
        Refusal::RowExists(_) | Refusal::PairExists { .. } => StatusCode::CONFLICT,
        // A pair of the other list, I from HELP and TN217096. Allowed, it is never refused.
        Refusal::PairInOtherList { .. } => match knobs.other_list {
            OtherList::Conflict | OtherList::Allow => StatusCode::CONFLICT,
            OtherList::BadRequest => StatusCode::BAD_REQUEST,
        },
        // A change of a row that is missing, G.
        Refusal::RowMissing(_) => StatusCode::NOT_FOUND,
        // More senders than the limit, G.
        Refusal::ListFull { .. } => match knobs.over_limit {
            OverLimit::BadRequest => StatusCode::BAD_REQUEST,
            OverLimit::Conflict => StatusCode::CONFLICT,
            OverLimit::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        },
        // G.
        Refusal::BadEntry(_) => match knobs.bad_entry {
            BadEntryStatus::BadRequest => StatusCode::BAD_REQUEST,
            BadEntryStatus::NotFound => StatusCode::NOT_FOUND,
        },
    }
}

/// The long texts of Python 2's `BaseHTTPServer`. Some end in a full stop of their own; the template adds
/// another.
fn explanation(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "Bad request syntax or unsupported method",
        401 => "No permission -- see authorization schemes",
        404 => "Nothing matches the given URI",
        405 => "Specified method is invalid for this resource.",
        409 => "Request conflict.",
        413 => "Entity is too large.",
        501 => "Server does not support this operation",
        502 => "Invalid responses from another server/proxy.",
        503 => "The server cannot process the request due to a high load",
        504 => "The gateway server did not receive a timely response",
        _ => "Server got itself in trouble",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_that_of_a_real_appliance_to_the_letter() {
        for (error, expected) in [
            (
                login_refused(),
                r#"{"error":{"message":"Invalid username or passphrase.","code":"401","explanation":"401 = No permission -- see authorization schemes."}}"#,
            ),
            (
                not_found(),
                r#"{"error":{"message":"Not Found.","code":"404","explanation":"404 = Nothing matches the given URI."}}"#,
            ),
            (
                refused(&Refusal::RowExists("a@x.com".to_owned()), &Knobs::default()),
                r#"{"error":{"message":"Entry already exists - a@x.com.","code":"409","explanation":"409 = Request conflict.."}}"#,
            ),
        ] {
            assert_eq!(
                serde_json::to_string(&error.body(ErrorCode::String))
                    .ok()
                    .as_deref(),
                Some(expected)
            );
        }
    }

    #[test]
    fn a_code_may_be_a_number_and_a_message_fits_a_status_line_and_a_page() {
        let error = ApiError::new(StatusCode::NOT_FOUND, "No <a>\r\nB & c");
        let body = serde_json::to_value(error.body(ErrorCode::Integer)).expect("JSON");
        assert_eq!(body["error"]["code"], 404);
        assert_eq!(error.reason_phrase(), "No <a>  B & c.");
        assert!(error.page().contains("<p>No &lt;a>\r\nB &amp; c.</p>"));
    }
}
