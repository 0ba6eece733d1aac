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

/// Sets knobs, written `name=value`.
fn appliance_with(settings: &[&str]) -> Appliance {
    let mut appliance = Appliance::new();
    for setting in settings {
        let (name, value) = setting.split_once('=').expect("name=value");
        appliance.state.behaviour.knobs.set(name, value).expect("a knob");
    }
    appliance
}

#[test]
fn the_knobs_of_paths_and_queries_decide_what_is_found() {
    let sma = "/sma/api/v2.0/quarantine/blocklist";
    let odd = format!("{BLOCKLIST}?resource_attribute");
    for (setting, method, path, status) in [
        ("roots=both", "GET", BLOCKLIST, 200),
        ("roots=both", "GET", sma, 200),
        ("roots=esa", "GET", BLOCKLIST, 200),
        ("roots=esa", "GET", sma, 404),
        ("roots=sma", "GET", BLOCKLIST, 404),
        ("roots=sma", "POST", BLOCKLIST, 404),
        ("roots=sma", "GET", sma, 200),
        ("roots=sma", "POST", sma, 200),
        ("unknown_query_on_post=ignored", "POST", &odd, 200),
        ("unknown_query_on_post=404", "POST", &odd, 404),
        ("unknown_query_on_post=404", "POST", BLOCKLIST, 200),
        ("unknown_query_on_post=404", "GET", &odd, 404),
        ("unknown_query_on_get=ignored", "GET", &odd, 200),
    ] {
        let body = if method == "GET" {
            Value::Null
        } else {
            append("a@x.com", "s.com")
        };
        let mut appliance = appliance_with(&[setting]);
        assert_eq!(
            appliance.call(method, path, &body).0,
            status,
            "{setting} {method} {path}"
        );
        let is_written = !appliance.state.store.lists().blocklist.is_empty();
        assert_eq!(
            is_written,
            method == "POST" && status == 200,
            "{setting} {method} {path}"
        );
    }
}

#[test]
fn the_knobs_of_answers_decide_what_they_look_like() {
    let by_request =
        json!({"data": {"action": "append", "senderAddresses": ["s.com"], "recipientList": ["a@x.com"]}});
    let by_threatq =
        json!({"data": {"action": "append", "senderList": ["s.com"], "recipientList": ["a@x.com"]}});
    for (setting, answer, code) in [
        ("append_by_sender_echo=request", &by_request, json!("409")),
        ("append_by_sender_echo=threatq", &by_threatq, json!("409")),
        ("error_code=integer", &by_request, json!(409)),
    ] {
        let mut appliance = appliance_with(&[setting]);
        let first = appliance.call("POST", BLOCKLIST, &append("a@x.com", "s.com"));
        assert_eq!(first, (200, answer.clone()), "{setting}");
        let again = appliance.call("POST", BLOCKLIST, &append("a@x.com", "s.com"));
        assert_eq!((again.0, &again.1["error"]["code"]), (409, &code), "{setting}");
    }
}

#[test]
fn a_token_is_bound_and_lives_as_its_knobs_say() {
    for (settings, user_agent, status) in [
        (["token_binding=user_agent", "token_idle_seconds=60"], None, 200),
        (
            ["token_binding=user_agent", "token_idle_seconds=60"],
            Some("other/1"),
            401,
        ),
        (
            ["token_binding=unbound", "token_idle_seconds=60"],
            Some("other/1"),
            200,
        ),
        (["token_binding=unbound", "token_idle_seconds=0"], None, 401),
    ] {
        let mut appliance = appliance_with(&settings);
        log_in(&mut appliance);
        if let Some(user_agent) = user_agent {
            let value = user_agent.parse().expect("a header value");
            appliance.headers.insert(http::header::USER_AGENT, value);
        }
        assert_eq!(
            appliance.call("GET", BLOCKLIST, &Value::Null).0,
            status,
            "{settings:?} {user_agent:?}"
        );
    }
}
