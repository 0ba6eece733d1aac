//! One request after the other against the API, without a socket. The rules of the lists have tests of their
//! own; these are about who may, what is found, and what is noted.

use super::super::request_log::LoggedRequest;
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
    appliance.state.behaviour.knobs.list_limit = Some(1);
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
    assert_eq!(appliance.state.store.lists().blocklist.len(), 1);
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
    appliance.state.behaviour.knobs.token_idle_seconds = 60;
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
    let logged = |sequence, method: &str, query: &str, body: Value, status| LoggedRequest {
        sequence,
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
            logged(1, "GET", "search=b%40x", Value::Null, 200),
            logged(2, "POST", "", json!("not json"), 400),
            logged(3, "DELETE", "", Value::Null, 413),
        ]
    );
}
