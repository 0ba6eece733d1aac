//! Bodies into answers, key for key, and the bodies that cannot be read.

use super::super::lists::pair;
use super::*;
use serde_json::{Value, json};

const BLOCKLIST: ListName = ListName::Blocklist;

fn posted(lists: &mut Lists, body: &Value) -> Result<Value, ApiError> {
    let written = write(lists, BLOCKLIST, body.to_string().as_bytes(), &Knobs::default());
    answer_of(written, lists)
}

fn deleted(lists: &mut Lists, body: &Value) -> Result<Value, ApiError> {
    let written = delete(lists, BLOCKLIST, body.to_string().as_bytes(), &Knobs::default());
    answer_of(written, lists)
}

fn answer_of(written: Written, lists: &mut Lists) -> Result<Value, ApiError> {
    written.effect.carry_out(&mut lists.blocklist);
    written
        .answer
        .map(|reply| serde_json::to_value(reply).expect("JSON"))
}

#[test]
fn the_four_requests_of_the_threatq_bundle_are_answered_key_for_key() {
    let lists = &mut Lists::default();
    for (method, body, answer, left) in [
        (
            "POST",
            r#"{"action":"add","quarantineType":"spam","viewBy":"recipient","recipientAddresses":["user1@acme.com"],"senderList":["acme.com"]}"#,
            r#"{"data":{"action":"add","recipientAddresses":["user1@acme.com"],"senderList":["acme.com"]}}"#,
            vec![pair("user1@acme.com", "acme.com")],
        ),
        (
            "DELETE",
            r#"{"quarantineType":"spam","viewBy":"recipient","recipientList":["user1@acme.com"]}"#,
            r#"{"data":{"action":"delete","totalCount":1,"recipientList":["user1@acme.com"]}}"#,
            vec![],
        ),
        (
            "POST",
            r#"{"action":"append","quarantineType":"spam","viewBy":"sender","senderAddresses":["user1@acme.com"],"recipientList":["user2@acme.com"]}"#,
            r#"{"data":{"action":"append","senderAddresses":["user1@acme.com"],"recipientList":["user2@acme.com"]}}"#,
            vec![pair("user2@acme.com", "user1@acme.com")],
        ),
        (
            "DELETE",
            r#"{"quarantineType":"spam","viewBy":"sender","senderList":["user1@acme.com"]}"#,
            r#"{"data":{"action":"delete","totalCount":1,"senderList":["user1@acme.com"]}}"#,
            vec![],
        ),
    ] {
        let written = match method {
            "POST" => write(lists, BLOCKLIST, body.as_bytes(), &Knobs::default()),
            _ => delete(lists, BLOCKLIST, body.as_bytes(), &Knobs::default()),
        };
        written.effect.carry_out(&mut lists.blocklist);
        let reply = serde_json::to_string(&written.answer.expect("the request is taken"));
        assert_eq!(reply.ok().as_deref(), Some(answer));
        assert_eq!(lists.blocklist, left, "{body}");
    }
}

fn posted_text(body: &str) -> Result<WriteReply, ApiError> {
    write(&Lists::default(), BLOCKLIST, body.as_bytes(), &Knobs::default()).answer
}

/// A good request, with one key replaced; `null` takes the key out.
fn good_append_with(key: &str, value: Value) -> Value {
    let mut body = json!({"action": "append", "quarantineType": "spam", "viewBy": "sender",
        "senderAddresses": ["s.com"], "recipientList": ["a@x.com"]});
    body[key] = value;
    if let Some(keys) = body.as_object_mut() {
        keys.retain(|_, value| !value.is_null());
    }
    body
}

#[test]
fn a_write_that_cannot_be_read_is_a_400_and_changes_nothing() {
    let missing = errors::missing_body_key;
    let bad = errors::bad_body_value;
    let bad_sender =
        |text: &str| ApiError::new(http::StatusCode::BAD_REQUEST, format!("Invalid sender - {text}"));
    for (key, value, expected) in [
        ("action", Value::Null, missing("action")),
        ("action", json!("view"), bad("action")),
        ("action", json!(1), bad("action")),
        ("quarantineType", Value::Null, missing("quarantineType")),
        ("quarantineType", json!("pvo"), bad("quarantineType")),
        ("viewBy", Value::Null, missing("viewBy")),
        ("viewBy", json!("domain"), bad("viewBy")),
        ("viewBy", json!("recipient"), missing("recipientAddresses")),
        ("senderAddresses", Value::Null, missing("senderAddresses")),
        ("senderAddresses", json!([]), bad("senderAddresses")),
        ("senderAddresses", json!("s.com"), bad("senderAddresses")),
        ("senderAddresses", json!(["s.com", 1]), bad("senderAddresses")),
        (
            "senderAddresses",
            json!(["s.com", "10.1.1.0"]),
            bad_sender("10.1.1.0"),
        ),
        ("recipientList", json!({}), bad("recipientList")),
    ] {
        let body = good_append_with(key, value);
        let lists = &mut Lists::default();
        assert_eq!(expected.status, http::StatusCode::BAD_REQUEST);
        assert_eq!(posted(lists, &body), Err(expected), "{body}");
        assert_eq!(lists, &Lists::default(), "{body}");
    }
    for body in ["", "{", "[]", "null", "\"add\"", "\u{fffd}"] {
        let expected = Some(errors::body_is_no_json_object());
        assert_eq!(posted_text(body).err(), expected, "{body}");
        assert_eq!(
            delete(&Lists::default(), BLOCKLIST, body.as_bytes(), &Knobs::default())
                .answer
                .err(),
            expected,
            "{body}"
        );
    }
}

#[test]
fn keys_that_are_not_asked_for_are_ignored() {
    assert!(posted(&mut Lists::default(), &good_append_with("senderList", json!(7))).is_ok());
}

#[test]
fn two_lists_that_multiply_beyond_reason_are_too_large() {
    let many: Vec<String> = (0..400).map(|number| format!("{number}@x.com")).collect();
    let body = json!({"action": "append", "quarantineType": "spam", "viewBy": "sender",
        "senderAddresses": many, "recipientList": many});
    assert_eq!(posted(&mut Lists::default(), &body), Err(errors::too_large()));
}

#[test]
fn a_delete_names_the_list_of_its_view() {
    let body = json!({"quarantineType": "spam", "viewBy": "sender", "senderAddresses": ["s.com"]});
    assert_eq!(
        deleted(&mut Lists::default(), &body),
        Err(errors::missing_body_key("senderList"))
    );
}
