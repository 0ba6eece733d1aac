//! A closer look at one answer than the client needs: how its body was framed, what kind of text it is, what the
//! appliance's clock said, and whether a reset came in its place. Judges nothing; `seen.rs` does.

use crate::appliance::transport::Received;
use crate::appliance::verdict::Answer;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, TRANSFER_ENCODING};
use std::time::SystemTime;

/// What came of one request, with how it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    /// What everybody else sees.
    pub(super) answer: Answer,
    pub(super) content_type: Option<String>,
    /// The body has a length, or chunks; else it ends with the connection.
    pub(super) has_length: bool,
    /// The appliance's clock.
    pub(super) date: Option<SystemTime>,
    /// The connection was broken off before there was a status.
    pub(super) was_reset: bool,
}

impl Look {
    pub(super) fn at(received: Received) -> Self {
        let headers = &received.headers;
        Self {
            content_type: text_of(headers, &CONTENT_TYPE),
            has_length: headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING),
            date: text_of(headers, &DATE).and_then(|date| httpdate::parse_http_date(&date).ok()),
            was_reset: received.was_reset,
            answer: received.answer,
        }
    }
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}
