//! Every error of the API: its status, its words, and the JSON around them.
//!
//! The shape and the explanations are known from real bodies, which match the error template of Python 2's
//! `BaseHTTPServer` to the letter (`docs/asyncos.md`, "Errors"). Of the safelist and the blocklist themselves
//! no error body was ever published: those statuses are the ones of `docs/asyncos.md`, "What the simulator
//! assumes", and their texts are guesses. This file refuses to know when an error occurs.

use http::StatusCode;
use serde::Serialize;

use super::entries::BadEntry;
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
    /// A string in every real body.
    code: String,
    explanation: String,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub(super) fn body(&self) -> ErrorBody {
        let code = self.status.as_str();
        ErrorBody {
            error: ErrorParts {
                message: format!("{}.", self.message),
                code: code.to_owned(),
                explanation: format!("{code} = {}.", explanation(self.status)),
            },
        }
    }
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

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::new(status_of_refusal(&refusal), refusal.to_string())
    }
}

impl From<BadEntry> for ApiError {
    fn from(bad_entry: BadEntry) -> Self {
        Self::new(status_of_bad_entry(), bad_entry.to_string())
    }
}

/// Unsettled, each line (`docs/asyncos.md`, "What the simulator assumes").
fn status_of_refusal(refusal: &Refusal) -> StatusCode {
    match refusal {
        // `add` where a row stands and `append` of a pair that stands, I from TQ; a pair of the other list, I
        // from HELP and TN217096.
        Refusal::RowExists(_) | Refusal::PairExists { .. } | Refusal::PairInOtherList { .. } => {
            StatusCode::CONFLICT
        }
        // `edit` of a row that is missing, G.
        Refusal::RowMissing(_) => StatusCode::NOT_FOUND,
        // More senders than the limit, G.
        Refusal::ListFull { .. } => StatusCode::BAD_REQUEST,
    }
}

/// Unsettled (`docs/asyncos.md`, "What the simulator assumes", G).
fn status_of_bad_entry() -> StatusCode {
    StatusCode::BAD_REQUEST
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
                ApiError::from(Refusal::RowExists("a@x.com".to_owned())),
                r#"{"error":{"message":"Entry already exists - a@x.com.","code":"409","explanation":"409 = Request conflict.."}}"#,
            ),
        ] {
            assert_eq!(
                serde_json::to_string(&error.body()).ok().as_deref(),
                Some(expected)
            );
        }
    }
}
