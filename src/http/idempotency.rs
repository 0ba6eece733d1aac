//! `Idempotency-Key`: the same request sent again is known by it and done once. Scoped by client; the fingerprint says
//! whether it is the same request. Without a key, two equal posts are two runs.

use super::problem::Problem;
use crate::store::NewKey;
use axum::http::{HeaderMap, Method, StatusCode};
use sha2::{Digest as _, Sha256};

const HEADER: &str = "idempotency-key";
const KEY_LENGTH_MAX: usize = 255;
/// Query keys that say how the answer comes, and not what is asked for.
const QUERY_LEFT_OUT: [&str; 2] = ["wait", "format"];

/// The key of a request with its fingerprint, where it has one.
pub(super) fn read(
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    query: Option<&str>,
    body: &[u8],
) -> Result<Option<NewKey>, Problem> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.to_str().ok().map(str::trim).filter(|key| {
        !key.is_empty()
            && key.len() <= KEY_LENGTH_MAX
            && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    });
    let (Some(key), None) = (key, values.next()) else {
        let detail =
            format!("`Idempotency-Key` must be one text of 1 to {KEY_LENGTH_MAX} visible ASCII characters");
        return Err(Problem::bad_request("invalid_idempotency_key", detail));
    };
    Ok(Some(NewKey {
        key: key.to_owned(),
        fingerprint: fingerprint(method, path, query, body),
    }))
}

/// SHA-256 of method, path, query and body; the query in the order of its keys.
fn fingerprint(method: &Method, path: &str, query: Option<&str>, body: &[u8]) -> String {
    let mut pairs: Vec<_> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(key, _)| !QUERY_LEFT_OUT.contains(&key.as_ref()))
        .collect();
    pairs.sort();
    let mut hash = Sha256::new();
    // The length before each part keeps the parts apart.
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(method.as_str().as_bytes());
    part(path.as_bytes());
    for (key, value) in &pairs {
        part(key.as_bytes());
        part(value.as_bytes());
    }
    part(body);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same key with another request.
pub(super) fn reused() -> Problem {
    let detail = "this `Idempotency-Key` was used for another request; a key belongs to one method, path, query and body. Nothing was done";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_of_what_is_asked_for_and_not_of_how_the_answer_comes() {
        let of = |method: Method, path: &str, query: Option<&str>, body: &[u8]| {
            fingerprint(&method, path, query, body)
        };
        let first = of(
            Method::POST,
            "/a",
            Some("configuration=x&dry_run=false&wait=1s"),
            b"body",
        );
        for query in [
            "configuration=x&dry_run=false",
            "dry_run=false&configuration=x&wait=9s&format=text",
        ] {
            assert_eq!(of(Method::POST, "/a", Some(query), b"body"), first, "{query}");
        }
        for (method, path, query, body) in [
            (Method::PUT, "/a", "configuration=x&dry_run=false", "body"),
            (Method::POST, "/b", "configuration=x&dry_run=false", "body"),
            (Method::POST, "/a", "configuration=y&dry_run=false", "body"),
            (Method::POST, "/a", "configuration=x", "body"),
            (Method::POST, "/a", "configuration=x&dry_run=false", "Body"),
        ] {
            assert_ne!(
                of(method, path, Some(query), body.as_bytes()),
                first,
                "{path} {query} {body}"
            );
        }
    }
}
