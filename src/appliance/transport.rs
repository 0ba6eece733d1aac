//! Sends one request and keeps whatever comes back, also of a reply that was cut. Settings follow what real
//! appliances do on the wire (`docs/asyncos.md`, "On the wire"): HTTP/1.1 only, lenient headers, always a
//! `Content-Length`, no redirects, no cookies, one attempt. Judges nothing; `verdict.rs` does.

use super::cause::{in_plain_words, is_certificate_refused, is_early_end, is_reset};
use super::tls;
use super::verdict::{Answer, BODY_BYTES_MAX, Ending};
use super::way::{FirstHop, Way};
use super::wire::{self, Request};
use super::wire_log::{Exchange, WireLog};
use crate::config::{ApplianceSettings, ProxySettings};
use async_trait::async_trait;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, TRANSFER_ENCODING};
use hyper::ext::ReasonPhrase;
use std::time::{Duration, Instant, SystemTime};

/// A connection that is not there after this is not there; the request timeout covers the rest.
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(10);
/// Of the request timeout, for the connection at most. It must run out first: when the request's own time ends,
/// nobody can say any more that nothing was sent.
const CONNECT_SHARE: f64 = 0.75;
/// The HTTP library's own limit of 100 is below what a chatty front proxy may add.
const HEADERS_MAX: usize = 400;
/// Shorter than the idle time of common servers and proxies, so that a dead connection is rarely picked up.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// What came of a request, with the headers of the reply where there is one.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) answer: Answer,
    pub(super) headers: HeaderMap,
    /// The connection was broken off before there was a status.
    pub(super) was_reset: bool,
}

#[derive(Debug)]
pub(super) struct Transport {
    name: String,
    origin: String,
    /// Host and port that are connected to first, where the configuration tells.
    first_hop: FirstHop,
    connect_timeout: Duration,
    request_timeout: Duration,
    client: reqwest_middleware::ClientWithMiddleware,
    seen_tls: tls::LastSeen,
}

impl Transport {
    pub(super) fn new(settings: &ApplianceSettings) -> Result<Self, String> {
        // A second call finds a provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let connect_timeout = CONNECT_TIMEOUT_MAX.min(settings.request_timeout.mul_f64(CONNECT_SHARE));
        let mut builder = reqwest::Client::builder()
            .default_headers(wire::constant_headers())
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
            .connect_timeout(connect_timeout)
            .timeout(settings.request_timeout);
        let seen_tls;
        (builder, seen_tls) = tls::apply(builder, settings)?;
        // A proxy's loopback is another machine's.
        builder = match &settings.proxy {
            ProxySettings::Fixed(url) if !is_loopback(&settings.url) => builder.proxy(
                reqwest::Proxy::all(url.expose()).map_err(|error| in_plain_words(&error.without_url()))?,
            ),
            ProxySettings::FromEnvironment if !is_loopback(&settings.url) => builder,
            _ => builder.no_proxy(),
        };
        let client = builder.build().map_err(|error| in_plain_words(&error))?;
        let call_log = CallLog {
            appliance_name: settings.name.clone(),
        };
        Ok(Self {
            name: settings.name.clone(),
            first_hop: first_hop(settings),
            origin: settings.url.as_str().trim_end_matches('/').to_owned(),
            connect_timeout,
            request_timeout: settings.request_timeout,
            client: reqwest_middleware::ClientBuilder::new(client)
                .with(call_log)
                .build(),
            seen_tls,
        })
    }

    pub(super) fn seen_tls(&self) -> Option<tls::SeenTls> {
        self.seen_tls.get()
    }

    /// Tries the way to the appliance, or to the configured proxy, without sending anything.
    pub(super) async fn try_way(&self) -> Way {
        Way::to(&self.first_hop, self.connect_timeout).await
    }

    /// How the last connection was protected.
    pub(super) fn describe_tls(&self) -> String {
        if self.origin.starts_with("https:") {
            self.seen_tls().map_or_else(
                || "accepted; of the certificate nothing could be seen".to_owned(),
                |seen| seen.to_string(),
            )
        } else {
            "none: plain http, as allow_http = true allows".to_owned()
        }
    }

    /// The longest that one attempt can take.
    pub(super) fn request_timeout(&self) -> Duration {
        self.request_timeout
    }

    /// One attempt, with these headers beside the constant ones. `secrets` are kept out of the wire log.
    pub(super) async fn send(
        &self,
        request: &Request,
        mut headers: HeaderMap,
        log: &WireLog,
        secrets: &[String],
    ) -> Received {
        if request.body.is_some() {
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static(wire::CONTENT_TYPE_OF_BODIES),
            );
        }
        let (began, started) = (SystemTime::now(), Instant::now());
        let received = self.attempt(request, headers.clone()).await;
        if log.is_on() {
            let mut shown = wire::constant_headers();
            shown.extend(headers);
            let exchange = Exchange {
                appliance_name: &self.name,
                began,
                duration: started.elapsed(),
                request,
                request_headers: &shown,
                answer: &received.answer,
                reply_headers: &received.headers,
            };
            log.write(&exchange, secrets);
        }
        received
    }

    /// The body of the reply is read in chunks, so that what came before a cut is kept.
    async fn attempt(&self, request: &Request, headers: HeaderMap) -> Received {
        let url = format!("{}{}", self.origin, request.target);
        let mut builder = self.client.request(request.method.clone(), url).headers(headers);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = match builder.send().await {
            Ok(response) => response,
            Err(reqwest_middleware::Error::Reqwest(error)) => {
                let error = error.without_url();
                let was_reset = is_reset(&error);
                return Received::nothing(self.without_status(error), was_reset);
            }
            Err(error @ reqwest_middleware::Error::Middleware(_)) => {
                return Received::nothing(Answer::Lost(in_plain_words(&error)), false);
            }
        };
        let status = response.status().as_u16();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let reason = response.extensions().get::<ReasonPhrase>();
        let reason = reason.map(|phrase| text(phrase.as_bytes()));
        let headers = response.headers().clone();
        let location = headers.get(LOCATION).map(|value| text(value.as_bytes()));
        let (body, ending) = self.read_body(response).await;
        let answer = Answer::Answered {
            status,
            reason,
            location,
            body,
            ending,
        };
        Received {
            answer,
            headers,
            was_reset: false,
        }
    }

    /// Why there is no status, and whether anything can have been sent. Builder errors come before a connection;
    /// connect errors are those of names, proxies, TCP and TLS.
    fn without_status(&self, error: reqwest::Error) -> Answer {
        let was_sent = !error.is_connect() && !error.is_builder();
        match (was_sent, error.is_timeout()) {
            (true, true) => Answer::Lost(format!("no answer within {}", shown(self.request_timeout))),
            (true, false) => Answer::Lost(in_plain_words(&error)),
            (false, true) => {
                Answer::NotConnected(format!("no connection within {}", shown(self.connect_timeout)))
            }
            (false, false) if is_certificate_refused(&error) => Answer::NotTrusted(in_plain_words(&error)),
            (false, false) => Answer::NotConnected(in_plain_words(&error)),
        }
    }

    async fn read_body(&self, mut response: reqwest::Response) -> (Vec<u8>, Ending) {
        let is_framed =
            response.content_length().is_some() || response.headers().contains_key(TRANSFER_ENCODING);
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > BODY_BYTES_MAX => {
                    return (body, Ending::TooLarge);
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) if is_framed => return (body, Ending::Whole),
                Ok(None) => return ended_by_connection(body),
                // Many a server ends TLS without its farewell. Where no length was told, that is how the body ends.
                Err(error) if !is_framed && is_early_end(&error) => return ended_by_connection(body),
                Err(error) => return (body, Ending::Cut(self.cause_of_cut(&error))),
            }
        }
    }

    fn cause_of_cut(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() {
            format!("no end within {}", shown(self.request_timeout))
        } else {
            in_plain_words(error)
        }
    }
}

impl Received {
    fn nothing(answer: Answer, was_reset: bool) -> Self {
        Self {
            answer,
            was_reset,
            headers: HeaderMap::new(),
        }
    }
}

/// Without a length, the end of the connection ends the body; whether it is whole, its JSON tells. Where nothing came
/// at all, that is more likely a server that died than a body that is empty.
fn ended_by_connection(body: Vec<u8>) -> (Vec<u8>, Ending) {
    let ending = if body.is_empty() {
        Ending::Cut("connection closed behind the head".to_owned())
    } else {
        Ending::Whole
    };
    (body, ending)
}

fn first_hop(settings: &ApplianceSettings) -> FirstHop {
    let proxy = match &settings.proxy {
        ProxySettings::Fixed(proxy) if !is_loopback(&settings.url) => url::Url::parse(proxy.expose()).ok(),
        _ => None,
    };
    let url = proxy.as_ref().unwrap_or(&settings.url);
    FirstHop {
        host: url.host_str().unwrap_or_default().to_owned(),
        port: url.port_or_known_default().unwrap_or_default(),
        is_proxy: proxy.is_some(),
    }
}

fn shown(duration: Duration) -> humantime::FormattedDuration {
    humantime::format_duration(duration)
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
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
                let reason = in_plain_words(error);
                tracing::warn!(appliance.name = %appliance, %method, path, reason, duration_ms, "appliance gave no answer");
            }
        }
        result
    }
}

#[cfg(test)]
mod tests;
