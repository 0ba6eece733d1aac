//! A closer look at one answer than `send` gives: how its body was framed, what kind of text it is, what the
//! appliance's clock said, and whether a reset came in its place. Only `learn.rs` needs that. Judges nothing.

use super::{Answer, CONTENT_TYPE, LOCATION, ReasonPhrase, Request, Transport, in_plain_words, wire};
use crate::appliance::cause::is_reset;
use http::header::{CONTENT_LENGTH, DATE, HeaderMap, HeaderName, TRANSFER_ENCODING};
use std::time::SystemTime;

/// What came of one request, with how it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::appliance) struct Look {
    /// What everybody else sees.
    pub(in crate::appliance) answer: Answer,
    pub(in crate::appliance) content_type: Option<String>,
    /// The body has a length, or chunks; else it ends with the connection.
    pub(in crate::appliance) has_length: bool,
    /// The appliance's clock.
    pub(in crate::appliance) date: Option<SystemTime>,
    /// The connection was broken off before there was a status.
    pub(in crate::appliance) was_reset: bool,
}

impl Look {
    fn without_status(answer: Answer, was_reset: bool) -> Self {
        Self {
            answer,
            content_type: None,
            has_length: false,
            date: None,
            was_reset,
        }
    }
}

impl Transport {
    /// One attempt, as [`Transport::send`] makes it.
    pub(in crate::appliance) async fn look(&self, request: Request) -> Look {
        let url = format!("{}{}", self.origin, request.target);
        let mut builder = self.client.request(request.method, url);
        if let Some(body) = request.body {
            builder = builder
                .header(CONTENT_TYPE, wire::CONTENT_TYPE_OF_BODIES)
                .body(body);
        }
        let response = match builder.send().await {
            Ok(response) => response,
            Err(reqwest_middleware::Error::Reqwest(error)) => {
                let error = error.without_url();
                let was_reset = is_reset(&error);
                return Look::without_status(self.without_status(error), was_reset);
            }
            Err(error @ reqwest_middleware::Error::Middleware(_)) => {
                return Look::without_status(Answer::Lost(in_plain_words(&error)), false);
            }
        };
        let status = response.status().as_u16();
        let reason = response.extensions().get::<ReasonPhrase>();
        let reason = reason.map(|phrase| String::from_utf8_lossy(phrase.as_bytes()).into_owned());
        let headers = response.headers();
        let location = text_of(headers, &LOCATION);
        let content_type = text_of(headers, &CONTENT_TYPE);
        let date = text_of(headers, &DATE).and_then(|date| httpdate::parse_http_date(&date).ok());
        let has_length = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
        let (body, ending) = self.read_body(response).await;
        Look {
            answer: Answer::Answered {
                status,
                reason,
                location,
                body,
                ending,
            },
            content_type,
            has_length,
            date,
            was_reset: false,
        }
    }
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}
