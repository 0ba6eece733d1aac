//! What `send` and `demo` share: one call to an action of a server, over HTTP like any other caller's.

use super::{ExitStatus, Failure};
use crate::model::excerpt;
use crate::report::Report;
use std::time::Duration;

/// A run of a large collection on a slow appliance takes minutes; longer than this, something is broken.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// What a server answered: the body as it came, and the report in it.
pub(super) struct Answer {
    pub(super) raw: String,
    pub(super) report: Report,
}

/// The URL of an action.
pub(super) fn action_url(
    server: &str,
    action: &str,
    configuration: Option<&str>,
) -> Result<url::Url, Failure> {
    let usage = |words: String| Failure::new(ExitStatus::Usage, words);
    let mut url = url::Url::parse(server).map_err(|error| usage(format!("--server {server}: {error}")))?;
    url.path_segments_mut()
        .map_err(|()| usage(format!("--server {server}: not an http URL")))?
        .pop_if_empty()
        .extend(["v1", "actions", action]);
    if let Some(configuration) = configuration {
        url.query_pairs_mut().append_pair("configuration", configuration);
    }
    Ok(url)
}

/// Posts a body and reads the report, which comes with 502 as well when something was in trouble.
pub(super) async fn post(url: url::Url, content_type: &str, body: Vec<u8>) -> Result<Answer, Failure> {
    let failed = |words: String| Failure::new(ExitStatus::Failed, words);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let is_loopback = matches!(url.host_str(), Some("localhost" | "[::1]"))
        || matches!(url.host(), Some(url::Host::Ipv4(address)) if address.is_loopback());
    let mut builder = reqwest::Client::builder().timeout(ANSWER_TIMEOUT);
    if is_loopback {
        builder = builder.no_proxy();
    }
    let client = builder.build().map_err(|error| failed(error.to_string()))?;
    let request = client
        .post(url.clone())
        .header(http::header::CONTENT_TYPE, content_type)
        .body(body);
    let response = request.send().await.map_err(|error| {
        failed(format!(
            "no answer from {url}: {}\nIs the server running? Start it with: doorlist serve",
            cause(&error)
        ))
    })?;
    let status = response.status();
    #[expect(
        clippy::disallowed_methods,
        reason = "our own server's answer is of no use in part"
    )]
    let raw = response
        .text()
        .await
        .map_err(|error| failed(format!("the answer broke off: {}", cause(&error))))?;
    match serde_json::from_str(&raw) {
        Ok(report) => Ok(Answer { raw, report }),
        Err(_) => Err(problem(status, &raw)),
    }
}

fn problem(status: http::StatusCode, raw: &str) -> Failure {
    let exit = match status.as_u16() {
        401 | 403 => ExitStatus::NotSignedIn,
        400..=499 => ExitStatus::Usage,
        _ => ExitStatus::Failed,
    };
    let document: serde_json::Value = serde_json::from_str(raw).unwrap_or_default();
    let words = match (
        document.get("detail").and_then(|d| d.as_str()),
        document.get("code").and_then(|c| c.as_str()),
    ) {
        (Some(detail), Some(code)) => format!("the server refused the call ({code}): {detail}"),
        _ => format!("the server answered {status}: {}", excerpt(raw, 200)),
    };
    Failure::new(exit, words)
}

/// The last word of a chain of errors.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
