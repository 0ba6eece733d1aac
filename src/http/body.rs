//! The body of a call: as it is, in time, and no longer than allowed. Refuses to know what is in it.

use super::problem::Problem;
use crate::app::App;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderMap, StatusCode, header};
use std::time::Duration;

/// A body of a few megabytes comes in seconds; whoever drips it would keep a place among the calls that are served.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The whole of it.
pub(super) async fn read(app: &App, request: Request) -> Result<Bytes, Problem> {
    refuse_encoded(request.headers())?;
    match tokio::time::timeout(BODY_TIMEOUT, Bytes::from_request(request, &())).await {
        Ok(body) => body.map_err(|rejection| refuse(app, &rejection)),
        Err(_) => {
            let detail = format!(
                "the body did not come within {} seconds; nothing was done",
                BODY_TIMEOUT.as_secs()
            );
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail))
        }
    }
}

fn refuse_encoded(headers: &HeaderMap) -> Result<(), Problem> {
    match headers
        .get(header::CONTENT_ENCODING)
        .map(|value| value.to_str().unwrap_or_default().trim())
    {
        None => Ok(()),
        Some(encoding) if encoding.eq_ignore_ascii_case("identity") => Ok(()),
        Some(_) => {
            let detail = "the body is compressed; send it as it is, without Content-Encoding";
            Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_encoding",
                detail,
            ))
        }
    }
}

fn refuse(app: &App, rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::body_too_large(app.config.server.body_bytes_max);
    }
    Problem::bad_request(
        "body_not_read",
        "the body broke off before its end; nothing was done",
    )
}
