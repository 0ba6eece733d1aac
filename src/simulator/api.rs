//! One API request, start to end, without a socket: what is asked, may the caller, what is the answer, note
//! it down.
//!
//! Both roots, `/esa/api/v2.0` and `/sma/api/v2.0`, show the same data. Every resource is in one `match`.
//! `GET {root}/health` is left out, because no source tells what it answers (`docs/asyncos.md`, "Login").
//! This file refuses to know how bytes come and go; that is `server.rs`. The resources are in `viewing.rs`,
//! `writing.rs` and `login.rs`.

use std::time::SystemTime;

use http::{HeaderMap, Method};
use serde_json::Value;

use super::errors::{self, ApiError};
use super::lists::ListName;
use super::login;
use super::reply::Reply;
use super::settings::Settings;
use super::state::{LoggedRequest, State};
use super::viewing;
use super::writing;

const ROOTS: [&str; 2] = ["/esa/api/v2.0", "/sma/api/v2.0"];

pub(super) struct ApiRequest<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: RequestBody<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum RequestBody<'a> {
    Whole(&'a [u8]),
    TooLarge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resource {
    Login,
    LoginPrivileges,
    List(ListName),
    Unknown,
}

pub(super) fn answer(
    settings: &Settings,
    state: &mut State,
    request: &ApiRequest<'_>,
    now: SystemTime,
) -> Reply {
    let resource = Resource::of(request.path);
    let reply = decide(settings, state, request, resource, now).unwrap_or_else(|error| Reply::error(&error));
    state.log(LoggedRequest {
        method: request.method.to_string(),
        path: request.path.to_owned(),
        query: request.query.to_owned(),
        body: logged_body(&request.body, resource),
        status: Some(reply.status.as_u16()),
        faults: Vec::new(),
    });
    reply
}

fn decide(
    settings: &Settings,
    state: &mut State,
    request: &ApiRequest<'_>,
    resource: Resource,
    now: SystemTime,
) -> Result<Reply, ApiError> {
    let RequestBody::Whole(body) = request.body else {
        return Err(errors::too_large());
    };
    if resource == Resource::Login && request.method == &Method::POST {
        let reply = login::log_in(
            settings,
            &state.knobs,
            &mut state.sessions,
            request.headers,
            body,
            now,
        )?;
        return Reply::success(&reply);
    }
    let fresh_token = login::authorise(settings, &state.knobs, &mut state.sessions, request.headers, now)?;
    let reply = resource_reply(state, request, resource, body);
    // A fresh token rides on any reply, also on an error (`docs/asyncos.md`, "Login", PSC).
    Ok(Reply {
        fresh_token,
        ..reply.unwrap_or_else(|error| Reply::error(&error))
    })
}

fn resource_reply(
    state: &mut State,
    request: &ApiRequest<'_>,
    resource: Resource,
    body: &[u8],
) -> Result<Reply, ApiError> {
    let lists = &mut state.lists;
    match (resource, request.method) {
        (Resource::LoginPrivileges, &Method::GET) => Reply::success(&privileges()),
        (Resource::List(name), &Method::GET) => {
            Reply::success(&viewing::view(lists.list(name), request.query)?)
        }
        (Resource::List(name), &Method::POST) => {
            Reply::success(&writing::write(lists, name, body, state.knobs.list_limit)?)
        }
        (Resource::List(name), &Method::DELETE) => Reply::success(&writing::delete(lists, name, body)?),
        // Seen: with valid credentials an unknown path is a 404 (`docs/asyncos.md`, "Errors", CES).
        (Resource::Unknown, _) => Err(errors::not_found()),
        _ => Err(errors::method_not_allowed()),
    }
}

impl Resource {
    fn of(path: &str) -> Self {
        let below_root = ROOTS.iter().find_map(|root| path.strip_prefix(root));
        match below_root {
            Some("/login") => Self::Login,
            Some("/login/privileges") => Self::LoginPrivileges,
            Some("/quarantine/blocklist") => Self::List(ListName::Blocklist),
            Some("/quarantine/safelist") => Self::List(ListName::Safelist),
            _ => Self::Unknown,
        }
    }
}

/// The one privilege whose name is known; that of the safelist and the blocklist is not
/// (`docs/asyncos.md`, "Login").
fn privileges() -> Value {
    serde_json::json!({"data": ["e_message_tracking_messages"]})
}

fn logged_body(body: &RequestBody<'_>, resource: Resource) -> Value {
    let bytes = match body {
        RequestBody::Whole(bytes) if !bytes.is_empty() => bytes,
        RequestBody::Whole(_) | RequestBody::TooLarge => return Value::Null,
    };
    let Ok(mut body) = serde_json::from_slice(bytes) else {
        return Value::String(String::from_utf8_lossy(bytes).into_owned());
    };
    // The log is shown to anybody who asks, and somebody will point a client with real credentials at a
    // simulator.
    if resource == Resource::Login
        && let Some(passphrase) = Value::pointer_mut(&mut body, "/data/passphrase")
    {
        *passphrase = Value::from("(hidden)");
    }
    body
}

#[cfg(test)]
mod tests {
    use super::super::testing::Appliance;
    use super::*;
    use serde_json::json;

    const BLOCKLIST: &str = "/esa/api/v2.0/quarantine/blocklist";

    fn append(recipient: &str, sender: &str) -> Value {
        json!({"action": "append", "quarantineType": "spam", "viewBy": "sender",
            "senderAddresses": [sender], "recipientList": [recipient]})
    }

    #[test]
    fn both_roots_show_the_same_data_and_the_two_lists_are_apart() {
        let mut appliance = Appliance::new();
        assert_eq!(
            appliance.call("POST", BLOCKLIST, &append("a@x.com", "s.com")).0,
            200
        );
        let row = json!([{"senderList": ["s.com"], "recipientAddress": "a@x.com"}]);
        for (path, rows) in [
            ("/esa/api/v2.0/quarantine/blocklist", &row),
            ("/sma/api/v2.0/quarantine/blocklist", &row),
            ("/esa/api/v2.0/quarantine/safelist", &json!([])),
            ("/sma/api/v2.0/quarantine/safelist", &json!([])),
        ] {
            let (status, body) = appliance.call("GET", path, &Value::Null);
            assert_eq!((status, &body["data"]), (200, rows), "{path}");
        }
    }

    #[test]
    fn every_refusal_of_a_write_has_its_status() {
        let edit = json!({"action": "edit", "quarantineType": "spam", "viewBy": "recipient",
            "recipientAddresses": ["b@x.com"], "senderList": ["s.com"]});
        let add = json!({"action": "add", "quarantineType": "spam", "viewBy": "recipient",
            "recipientAddresses": ["a@x.com"], "senderList": ["t.com"]});
        let mut appliance = Appliance::new();
        appliance.state.knobs.list_limit = Some(1);
        for (path, body, expected) in [
            (BLOCKLIST, append("a@x.com", "s.com"), 200),
            (BLOCKLIST, append("a@x.com", "s.com"), 409),
            (BLOCKLIST, add, 409),
            (BLOCKLIST, edit, 404),
            (BLOCKLIST, append("a@x.com", "t.com"), 400),
            (BLOCKLIST, append("a@x.com", ".t.com"), 400),
            (
                "/esa/api/v2.0/quarantine/safelist",
                append("a@x.com", "s.com"),
                409,
            ),
            (
                "/esa/api/v2.0/quarantine/safelist",
                append("a@x.com", "t.com"),
                200,
            ),
            (
                "/esa/api/v2.0/quarantine/safelist?resource_attribute",
                append("b@x.com", "t.com"),
                200,
            ),
        ] {
            let (status, reply) = appliance.call("POST", path, &body);
            assert_eq!(status, expected, "{path} {body}");
            if status != 200 {
                assert_eq!(reply["error"]["code"], json!(status.to_string()));
            }
        }
        assert_eq!(appliance.state.lists.blocklist.len(), 1);
    }

    #[test]
    fn a_path_is_judged_only_after_the_caller() {
        for (method, path, with_credentials, without) in [
            ("GET", "/esa/api/v2.0/quarantine/blocklist", 200, 401),
            ("GET", "/esa/api/v2.0/quarantine/blocklist/", 404, 401),
            ("GET", "/esa/api/v2.0/quarantine/greylist", 404, 401),
            ("GET", "/wsa/api/v2.0/quarantine/blocklist", 404, 401),
            ("GET", "/esa/api/v2.0/login/privileges", 200, 401),
            ("GET", "/esa/api/v2.0/login", 405, 401),
            ("PUT", "/esa/api/v2.0/quarantine/safelist", 405, 401),
            ("POST", "/esa/api/v2.0/login/privileges", 405, 401),
        ] {
            let mut appliance = Appliance::new();
            assert_eq!(
                appliance.call(method, path, &Value::Null).0,
                with_credentials,
                "{method} {path}"
            );
            appliance.headers.clear();
            assert_eq!(
                appliance.call(method, path, &Value::Null).0,
                without,
                "{method} {path}"
            );
        }
    }

    /// Puts the token of a login in the place of the Basic credentials.
    fn log_in(appliance: &mut Appliance) -> Value {
        appliance.headers.clear();
        let body = json!({"data": {"userName": "YWRtaW4=", "passphrase": "aXJvbnBvcnQ="}});
        let (status, reply) = appliance.call("POST", "/sma/api/v2.0/login", &body);
        assert_eq!(status, 200);
        let token = reply["data"]["jwtToken"]
            .as_str()
            .and_then(|token| token.parse().ok());
        appliance.headers.insert("jwtToken", token.expect("a token"));
        reply
    }

    #[test]
    fn a_login_gives_a_token_that_opens_the_other_calls_and_its_passphrase_is_not_logged() {
        let mut appliance = Appliance::new();
        let reply = log_in(&mut appliance);
        assert_eq!(reply["data"]["is2FactorRedirectRequired"], json!("false"));
        assert_eq!(appliance.call("GET", BLOCKLIST, &Value::Null).0, 200);

        let logged = &appliance.state.requests()[0].body;
        assert_eq!(
            logged,
            &json!({"data": {"userName": "YWRtaW4=", "passphrase": "(hidden)"}})
        );
    }

    #[test]
    fn a_fresh_token_rides_on_errors_too() {
        let mut appliance = Appliance::new();
        appliance.state.knobs.token_idle_seconds = 60;
        log_in(&mut appliance);
        let reply = appliance.reply("GET", "/esa/api/v2.0/nowhere", RequestBody::Whole(b""));
        assert_eq!(reply.status, http::StatusCode::NOT_FOUND);
        assert!(reply.fresh_token.is_some());
    }

    #[test]
    fn the_log_tells_every_request_as_it_came() {
        let mut appliance = Appliance::new();
        appliance.call("GET", &format!("{BLOCKLIST}?search=b%40x"), &Value::Null);
        appliance.reply("POST", BLOCKLIST, RequestBody::Whole(b"not json"));
        appliance.reply("DELETE", BLOCKLIST, RequestBody::TooLarge);
        let logged = |method: &str, query: &str, body: Value, status| LoggedRequest {
            method: method.to_owned(),
            path: BLOCKLIST.to_owned(),
            query: query.to_owned(),
            body,
            status: Some(status),
            faults: Vec::new(),
        };
        assert_eq!(
            appliance.state.requests(),
            [
                logged("GET", "search=b%40x", Value::Null, 200),
                logged("POST", "", json!("not json"), 400),
                logged("DELETE", "", Value::Null, 413),
            ]
        );
    }
}
