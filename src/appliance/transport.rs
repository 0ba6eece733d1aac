//! Sends one request and keeps whatever comes back, also of a reply that was cut. Settings follow what real
//! appliances do on the wire (`docs/asyncos.md`, "On the wire"): HTTP/1.1 only, lenient headers, always a
//! `Content-Length`, no redirects, no cookies, one attempt. Judges nothing; `verdict.rs` does.

use super::verdict::{Answer, BODY_BYTES_MAX, Ending};
use super::wire::{self, Request};
use crate::config::ApplianceSettings;
use async_trait::async_trait;
use http::header::{CONTENT_TYPE, LOCATION};
use std::error::Error as StdError;
use std::time::{Duration, Instant};

/// A connection that is not there after this is not there; the request timeout covers the rest.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(10);
/// The HTTP library's own limit of 100 is below what a chatty front proxy may add.
const HEADERS_MAX: usize = 400;
/// Shorter than the idle time of common servers and proxies, so that a dead connection is rarely picked up.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Transport {
    origin: String,
    client: reqwest_middleware::ClientWithMiddleware,
}

impl Transport {
    pub(super) fn new(settings: &ApplianceSettings) -> Result<Self, String> {
        // A second call finds a provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .default_headers(wire::constant_headers(settings).map_err(|error| error.to_string())?)
            .http1_only()
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_max_headers(HEADERS_MAX)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT_MAX.min(settings.request_timeout))
            .timeout(settings.request_timeout)
            .tls_danger_accept_invalid_certs(!settings.verify_tls);
        // A proxy's loopback is another machine's.
        if settings.disable_proxies || is_loopback(&settings.url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| innermost(&error))?;
        let call_log = CallLog {
            appliance_name: settings.name.clone(),
        };
        Ok(Self {
            origin: settings.url.as_str().trim_end_matches('/').to_owned(),
            client: reqwest_middleware::ClientBuilder::new(client)
                .with(call_log)
                .build(),
        })
    }

    /// One attempt. The body of the reply is read in chunks, so that what came before a cut is kept.
    pub(super) async fn send(&self, request: Request) -> Answer {
        let url = format!("{}{}", self.origin, request.target);
        let mut builder = self.client.request(request.method, url);
        if let Some(body) = request.body {
            builder = builder
                .header(CONTENT_TYPE, wire::CONTENT_TYPE_OF_BODIES)
                .body(body);
        }
        let response = match builder.send().await {
            Ok(response) => response,
            Err(reqwest_middleware::Error::Reqwest(error)) if error.is_connect() || error.is_builder() => {
                return Answer::NotConnected(innermost(&error.without_url()));
            }
            Err(error) => return Answer::Lost(innermost(&error.without_url())),
        };
        let status = response.status().as_u16();
        let location = response
            .headers()
            .get(LOCATION)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let (body, ending) = read_body(response).await;
        Answer::Answered {
            status,
            location,
            body,
            ending,
        }
    }
}

async fn read_body(mut response: reqwest::Response) -> (Vec<u8>, Ending) {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > BODY_BYTES_MAX => return (body, Ending::TooLarge),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body, Ending::Whole),
            Err(error) => return (body, Ending::Cut(innermost(&error.without_url()))),
        }
    }
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// The last word of a chain of errors: the outer ones only repeat that a request failed. The TLS error sits in
/// an `io::Error` inside an `io::Error`, which `source()` steps over.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut last: &(dyn StdError + 'static) = error;
    loop {
        let inside = last
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .map(|inner| inner as &(dyn StdError + 'static));
        match inside.or_else(|| last.source()) {
            Some(inner) => last = inner,
            None => return crate::model::excerpt(&last.to_string(), 300),
        }
    }
}

/// One line for every call: which appliance, what, with which status, how long. Never a header, never a body.
struct CallLog {
    appliance_name: String,
}

#[async_trait]
impl reqwest_middleware::Middleware for CallLog {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: reqwest_middleware::Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let started = Instant::now();
        let result = next.run(request, extensions).await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let appliance = &self.appliance_name;
        match &result {
            Ok(response) => {
                let status = response.status().as_u16();
                tracing::debug!(appliance.name = %appliance, %method, path, status, duration_ms, "appliance answered");
            }
            Err(error) => {
                let reason = innermost(error);
                tracing::warn!(appliance.name = %appliance, %method, path, reason, duration_ms, "appliance gave no answer");
            }
        }
        result
    }
}

#[cfg(test)]
mod tests;
