//! What every request passes: an id and a log line, panics turned into problems, and a limit on how many are
//! served at once. The order in which they apply stands in `http.rs`.

use super::problem::Problem;
use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::time::Instant;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A caller's own request id is kept when it is short and plain; anything else would be foreign text in the log.
const REQUEST_ID_LENGTH_MAX: usize = 64;
/// What a caller is told to wait when too many are served at once.
const OVERLOAD_RETRY_AFTER_SECONDS: &str = "1";

/// Gives the request an id, logs how it ended, and answers with the id.
pub(super) async fn log(mut request: Request, next: Next) -> Response {
    let request_id = request
        .headers()
        .get(REQUEST_ID)
        .filter(|given| is_plain(given))
        .cloned()
        .unwrap_or_else(new_request_id);
    // Whoever keeps who called, keeps the id that stands in the log.
    request.headers_mut().insert(REQUEST_ID, request_id.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", request.id = request_id.to_str().unwrap_or_default());
    async move {
        let started = Instant::now();
        let mut response = next.run(request).await;
        let (status, duration_ms) = (
            response.status().as_u16(),
            u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        );
        tracing::info!(%method, path, status, duration_ms, "request answered");
        response.headers_mut().insert(REQUEST_ID, request_id);
        response
    }
    .instrument(span)
    .await
}

fn is_plain(given: &HeaderValue) -> bool {
    let bytes = given.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    !bytes.is_empty() && bytes.len() <= REQUEST_ID_LENGTH_MAX && bytes.iter().all(plain)
}

fn new_request_id() -> HeaderValue {
    // A UUID in text form is always a valid header value.
    HeaderValue::from_str(&uuid::Uuid::now_v7().to_string()).unwrap_or(HeaderValue::from_static("none"))
}

/// A panic is a mistake of ours: told as such, with its words in the log alone.
pub(super) fn catch_panic() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(|panic: Box<dyn Any + Send>| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("without words");
        tracing::error!(words, "a handler panicked");
        Problem::internal().into_response()
    })
}

/// Answers 503 at once when `requests_at_once_max` are being served, instead of letting callers queue unseen.
pub(super) fn shed_overload<S>(router: Router<S>, requests_at_once_max: usize) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let answer = HandleErrorLayer::new(|error: tower::BoxError| async move {
        if error.is::<tower::load_shed::error::Overloaded>() {
            let detail = "too many calls at once; try again in a second";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail);
            let retry_after = HeaderValue::from_static(OVERLOAD_RETRY_AFTER_SECONDS);
            ([(header::RETRY_AFTER, retry_after)], problem).into_response()
        } else {
            tracing::error!(%error, "a layer failed");
            Problem::internal().into_response()
        }
    });
    let limit = GlobalConcurrencyLimitLayer::new(requests_at_once_max);
    router.layer(ServiceBuilder::new().layer(answer).load_shed().layer(limit))
}
