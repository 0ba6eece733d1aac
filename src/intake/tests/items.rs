//! Tests: the rules for one item, a row for each.

use super::{line_of, read_as_json};
use crate::intake::read;
use crate::model::{IndicatorType, Received};
use std::collections::BTreeMap;

/// The operator's table of the tests: number 5 is Email Address, number 11 is FQDN.
fn type_ids() -> BTreeMap<i64, IndicatorType> {
    BTreeMap::from([(5, IndicatorType::EmailAddress), (11, IndicatorType::Fqdn)])
}

/// Reads a list of one item, with the operator's table.
fn item(text: &str) -> String {
    let intake = read(format!("[{text}]").as_bytes(), None, &type_ids()).unwrap();
    assert_eq!(intake.items.len(), 1, "{text}");
    line_of(&intake.items[0])
}

#[test]
fn type_is_read_as_object_name_or_number() {
    for (given, expected) in [
        (r#""type": {"name": "FQDN", "id": 5}"#, "FQDN"),
        (r#""type": {"name": "MD5", "id": 5}"#, "?MD5"),
        (r#""type": {"id": 11}"#, "FQDN"),
        (r#""type": {"id": "11"}"#, "FQDN"),
        (r#""type": {"name": null, "id": 11}"#, "FQDN"),
        (r#""type": {"name": "", "id": 7}"#, "?type_id 7"),
        (r#""type": "email-addr""#, "Email Address"),
        (r#""type": "email-dst""#, "email-dst"),
        (r#""type": "E-MAIL address""#, "Email Address"),
        (r#""type": "Registry Key""#, "?Registry Key"),
        (r#""type": " FQDN ""#, "FQDN"),
        (r#""type_name": "FQDN""#, "FQDN"),
        (r#""type": 5"#, "Email Address"),
        (r#""type": "5""#, "Email Address"),
        (r#""type": 6"#, "?type_id 6"),
        (r#""type_id": 5"#, "Email Address"),
        (r#""type_id": "5""#, "Email Address"),
        (r#""type_id": 15"#, "?type_id 15"),
        (r#""type_id": 5.5"#, "?type_id 5.5"),
        (
            r#""type_id": 18446744073709551615"#,
            "?type_id 18446744073709551615",
        ),
        (r#""type": null, "type_id": 5"#, "Email Address"),
        (r#""type": "", "type_id": 5"#, "Email Address"),
        (r#""type": {"class": "network"}, "type_id": 5"#, "Email Address"),
        (r#""type": "FQDN", "type_id": 5"#, "FQDN"),
        (r#""type": "MD5", "type_id": 5"#, "?MD5"),
        (r#""type": 5, "type_name": "FQDN""#, "FQDN"),
        (r#""type": null"#, "-"),
        (r#""type": """#, "-"),
        (r#""type": "  ""#, "-"),
        (r#""type": {}"#, "-"),
        (r#""type": {"name": null}"#, "-"),
        (r#""score": 1"#, "-"),
        (r#""type": {"class": "network"}"#, r#"?{"class":"network"}"#),
        (r#""type": ["FQDN"]"#, r#"?["FQDN"]"#),
        (r#""type": true"#, "?true"),
    ] {
        let expected = format!("a.example | {expected} | - | -");
        assert_eq!(
            item(&format!(r#"{{"value": "a.example", {given}}}"#)),
            expected,
            "{given}"
        );
    }
}

#[test]
fn a_type_that_covers_both_families_of_addresses_is_decided_by_the_value() {
    for (value, given, expected) in [
        ("192.0.2.25", "ip", "IP Address"),
        ("2001:db8::25", "IP", "IPv6 Address"),
        ("2001:db8::25", "ip-src", "IPv6 Address"),
        ("192.0.2.25", "ip_dst", "IP Address"),
        ("2001:db8::25", "IP Address", "IP Address"),
    ] {
        let text = format!(r#"{{"value": "{value}", "type": "{given}"}}"#);
        assert_eq!(item(&text), format!("{value} | {expected} | - | -"));
    }
}

#[test]
fn status_is_read_by_name_and_threatqs_own_numbers_have_names() {
    for (given, expected) in [
        (r#""status": "Active""#, "Active"),
        (r#""status": "Our Own""#, "Our Own"),
        (r#""status": {"name": "Whitelisted", "id": 1}"#, "Whitelisted"),
        (r#""status": {"id": 5}"#, "Whitelisted"),
        (r#""status": {"id": 9}"#, "status_id 9"),
        (r#""status": 1"#, "Active"),
        (r#""status": 2"#, "Expired"),
        (r#""status": 3"#, "Indirect"),
        (r#""status": 4"#, "Review"),
        (r#""status": 5"#, "Whitelisted"),
        (r#""status": "5""#, "Whitelisted"),
        (r#""status": 9"#, "status_id 9"),
        (r#""status": 0"#, "status_id 0"),
        (r#""status": -1"#, "status_id -1"),
        (r#""status": 1.0"#, "status_id 1.0"),
        (r#""status_id": 2"#, "Expired"),
        (r#""status": null, "status_id": 2"#, "Expired"),
        (r#""status": "Active", "status_id": 2"#, "Active"),
        (r#""status_name": "Review""#, "Review"),
        (r#""status": null"#, "-"),
        (r#""status": """#, "-"),
        // Something is said, but not what: that must not pass for silence, which would be deployed.
        (
            r#""status": {"description": "do not use"}"#,
            r#"{"description":"do not use"}"#,
        ),
        (r#""status": false"#, "false"),
    ] {
        let expected = format!("a.example | - | {expected} | -");
        assert_eq!(
            item(&format!(r#"{{"value": "a.example", {given}}}"#)),
            expected,
            "{given}"
        );
    }
}

#[test]
fn value_and_id_come_from_their_own_keys_only() {
    for (text, expected) in [
        (
            r#"{"value": "a.example", "object_value": "b.example", "name": "c"}"#,
            "a.example | - | - | -",
        ),
        (
            r#"{"object_value": "b.example", "title": "c"}"#,
            "b.example | - | - | -",
        ),
        (r#"{"value": ""}"#, " | - | - | -"),
        (r#"{"value": " a.example "}"#, " a.example  | - | - | -"),
        (r#""a.example""#, "a.example | - | - | -"),
        (r#""""#, " | - | - | -"),
        (r#"{"value": "a", "id": 2019}"#, "a | - | - | 2019"),
        (r#"{"value": "a", "id": "x-7", "tq_id": 1}"#, "a | - | - | x-7"),
        (
            r#"{"value": "a", "id": null, "object_id": "", "tq_id": 1}"#,
            "a | - | - | 1",
        ),
        (
            r#"{"value": "a", "id": {"$oid": "7"}}"#,
            r#"a | - | - | {"$oid":"7"}"#,
        ),
        (
            r#"{"value": "a", "score": {"manual_score": "9"}}"#,
            "a | - | - | -",
        ),
        (r#"{"value": "a", "score": "9.00"}"#, "a | - | - | -"),
        (
            r#"{"name": "a.example"}"#,
            "UNREADABLE no `value`; the item has the key `name`",
        ),
        (
            r#"{"title": "a", "id": 7}"#,
            "UNREADABLE no `value`; the item has the keys `title`, `id`",
        ),
        (r"{}", "UNREADABLE no `value`; the item has no keys"),
        (
            r#"{"value": null, "object_value": "b"}"#,
            "UNREADABLE `value` is null, not text",
        ),
        (r#"{"value": 7}"#, "UNREADABLE `value` is a number, not text"),
        (r#"{"value": true}"#, "UNREADABLE `value` is true, not text"),
        (
            r#"{"value": ["a", "b"]}"#,
            "UNREADABLE `value` is a list, not text",
        ),
        (
            r#"{"value": {"a": 1}}"#,
            "UNREADABLE `value` is an object, not text",
        ),
        (
            r#"{"object_value": 7}"#,
            "UNREADABLE `object_value` is a number, not text",
        ),
        (
            "null",
            "UNREADABLE null where an object with `value`, or text, was expected",
        ),
        (
            "7",
            "UNREADABLE a number where an object with `value`, or text, was expected",
        ),
        (
            r#"["a"]"#,
            "UNREADABLE a list where an object with `value`, or text, was expected",
        ),
        (
            r#"{"value": "a", "value": "b"}"#,
            "UNREADABLE the key `value` stands twice",
        ),
        (
            r#"{"value": "a", "value": "a"}"#,
            "UNREADABLE the key `value` stands twice",
        ),
        (
            r#"{"value": "a", "x": 1, "x": 2}"#,
            "UNREADABLE the key `x` stands twice",
        ),
        (
            r#"{"value": "a", "type": {"name": "FQDN", "name": "MD5"}}"#,
            "UNREADABLE the key `type.name` stands twice",
        ),
        (
            r#"{"value": "a", "attributes": [{}, {"b": 1, "b": 1}]}"#,
            "UNREADABLE the key `attributes.b` stands twice",
        ),
    ] {
        assert_eq!(item(text), expected, "{text}");
    }
}

#[test]
fn an_unreadable_item_keeps_its_id_and_shows_its_beginning_safely() {
    let long = "x".repeat(200);
    for (text, id, excerpt) in [
        (
            r#"{"id": 7, "name": "a"}"#,
            Some("7"),
            r#"{"id":7,"name":"a"}"#.to_owned(),
        ),
        // Which of the two would be a guess.
        (r#"{"id": 7, "id": 8}"#, None, r#"{"id":7,"id":8}"#.to_owned()),
        ("null", None, "null".to_owned()),
        ("[\"a\u{202e}b\"]", None, "[\"a\\u{202e}b\"]".to_owned()),
        (&format!(r#"["{long}"]"#), None, format!("[\"{}...", &long[..78])),
    ] {
        let intake = read_as_json(format!("[{text}]").as_bytes()).unwrap();
        let Received::Unreadable(unreadable) = &intake.items[0] else {
            panic!("{text} was read")
        };
        assert_eq!(
            (unreadable.id.as_deref(), &unreadable.excerpt),
            (id, &excerpt),
            "{text}"
        );
    }
    let control = item(r#"{"\u001b[31m": 1}"#);
    assert!(!control.contains('\u{1b}'), "{control}");
}
