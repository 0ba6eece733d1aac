//! As long as callers cannot be told apart, only this machine may call, and no web page may do so through a
//! browser on it: a foreign `Host` is a rebound DNS name, a foreign `Origin` another site's page.

use super::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

pub(super) async fn refuse_foreign(request: Request, next: Next) -> Response {
    match judge(request.headers(), request.uri().host()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn judge(headers: &HeaderMap, uri_host: Option<&str>) -> Result<(), Problem> {
    for host in headers.get_all(header::HOST) {
        let host = host.to_str().unwrap_or("(not text)");
        if !is_loopback_authority(host) {
            return Err(foreign("foreign_host", "Host", host));
        }
    }
    if let Some(host) = uri_host.filter(|host| !is_loopback_authority(host)) {
        return Err(foreign("foreign_host", "Host", host));
    }
    for origin in headers.get_all(header::ORIGIN) {
        let origin = origin.to_str().unwrap_or("(not text)");
        let authority = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        if !authority.is_some_and(is_loopback_authority) {
            return Err(foreign("foreign_origin", "Origin", origin));
        }
    }
    Ok(())
}

fn foreign(code: &'static str, name: &str, value: &str) -> Problem {
    let value = crate::model::excerpt(value, 100);
    let detail = format!(
        "the {name} header says `{value}`; without clients in the configuration only loopback names are served: 127.0.0.1, [::1], localhost"
    );
    Problem::new(StatusCode::FORBIDDEN, code, detail)
}

/// `localhost`, `127.x.y.z` or `[::1]`, with or without a port.
fn is_loopback_authority(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return false;
    }
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address
            .parse::<std::net::Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback());
    }
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_served() {
        for (authority, expected) in [
            ("127.0.0.1:8750", true),
            ("127.0.0.1", true),
            ("127.8.9.1:1", true),
            ("localhost:8750", true),
            ("LOCALHOST", true),
            ("[::1]:8750", true),
            ("[::1]", true),
            ("evil.example", false),
            ("evil.example:8750", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("192.0.2.1:8750", false),
            ("[2001:db8::1]:8750", false),
            ("127.0.0.1:x", false),
            ("127.0.0.1@evil.example", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(is_loopback_authority(authority), expected, "{authority}");
        }
    }

    #[test]
    fn an_origin_that_is_not_a_loopback_page_is_refused() {
        for (origin, expected) in [
            ("http://127.0.0.1:8750", true),
            ("https://localhost", true),
            ("null", false),
            ("http://evil.example", false),
            ("file://", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ORIGIN, origin.parse().unwrap())]);
            assert_eq!(judge(&headers, None).is_ok(), expected, "{origin}");
        }
        assert!(judge(&HeaderMap::new(), Some("evil.example")).is_err());
    }
}
