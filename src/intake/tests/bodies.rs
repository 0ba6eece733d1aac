//! Tests: the rules for a document as a whole, a row for each.

use super::{items_of, read_as_json};
use crate::intake::{Format, IntakeError};

#[test]
fn every_envelope_gives_its_items_in_order() {
    for (body, format, expected) in [
        (
            r#"{"indicators": ["a", {"value": "b"}, null]}"#,
            Format::Plain,
            vec!["a", "b", "UNREADABLE"],
        ),
        (r#"{"indicators": []}"#, Format::Plain, vec![]),
        (r#"{"indicators": [], "source": "SOC"}"#, Format::Plain, vec![]),
        ("[]", Format::Plain, vec![]),
        (
            r#"["a", 1, {"value": "b"}]"#,
            Format::Plain,
            vec!["a", "UNREADABLE", "b"],
        ),
        (r#"{"data": []}"#, Format::ThreatQ, vec![]),
        (r#"{"data": [], "errors": []}"#, Format::ThreatQ, vec![]),
        (
            r#"{"data": ["a", {"value": "b"}]}"#,
            Format::ThreatQ,
            vec!["a", "b"],
        ),
        (r#"{"data": {"value": "a"}}"#, Format::ThreatQ, vec!["a"]),
        (
            r#"{"data": {"name": "My search"}}"#,
            Format::ThreatQ,
            vec!["UNREADABLE"],
        ),
        (r#"{"value": "a"}"#, Format::Plain, vec!["a"]),
        (
            r#"{"value": "a", "events": [], "type_id": 5}"#,
            Format::ThreatQ,
            vec!["a"],
        ),
        (r#"{"object_value": "a"}"#, Format::Plain, vec!["a"]),
        (
            r#"{"value": "a", "value": "b"}"#,
            Format::Plain,
            vec!["UNREADABLE"],
        ),
        (
            r#"[{"value": "a"}, {"value": "b", "class": "network"}]"#,
            Format::ThreatQ,
            vec!["a", "b"],
        ),
        ("\u{feff}[\"a\"]", Format::Plain, vec!["a"]),
        (" \r\n[\"a\"]\r\n", Format::Plain, vec!["a"]),
    ] {
        let intake = read_as_json(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
        let lines = items_of(&intake);
        let words: Vec<_> = lines
            .iter()
            .map(|line| line.split(' ').next().unwrap_or_default())
            .collect();
        assert_eq!((words, intake.format), (expected, format), "{body}");
    }
    assert_eq!(
        (Format::Plain.word(), Format::ThreatQ.word()),
        ("plain", "threatq")
    );
}

#[test]
fn a_total_larger_than_the_page_is_noted_and_nothing_more() {
    for (body, expected) in [
        (r#"{"total": 4090, "data": ["a", "b"]}"#, Some("2 of the 4090")),
        (
            r#"{"total": "3", "data": ["a", "b"], "limit": 2, "offset": 0}"#,
            Some("2 of the 3"),
        ),
        (r#"{"total": 2, "data": ["a", "b"]}"#, None),
        (r#"{"total": 1, "data": ["a", "b"]}"#, None),
        (r#"{"total": null, "data": ["a", "b"]}"#, None),
        (r#"{"total": -1, "data": ["a", "b"]}"#, None),
    ] {
        let intake = read_as_json(body.as_bytes()).unwrap();
        assert_eq!(intake.items.len(), 2, "{body}");
        assert_eq!(intake.notes.len(), usize::from(expected.is_some()), "{body}");
        assert!(
            intake
                .notes
                .iter()
                .all(|note| note.contains(expected.unwrap_or_default())),
            "{body}"
        );
    }
}

#[test]
fn bodies_that_cannot_be_read_say_what_is_wrong_and_what_is_allowed() {
    let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
    for (body, code, says) in [
        ("", "empty_body", "\"indicators\""),
        (" \r\n\t", "empty_body", "\"indicators\""),
        ("\u{feff}", "empty_body", "\"indicators\""),
        (
            r#"{"indicators": ["a" "b"]}"#,
            "broken_json",
            "line 1 column 21: expected `,` or `]`",
        ),
        ("[\n  \"a\",\n]", "broken_json", "line 3 column 1: trailing comma"),
        ("[\"a\"", "broken_json", "the text ends in the middle of a list"),
        ("[]]", "broken_json", "line 1 column 3: expected the end"),
        (
            "a@example.com",
            "broken_json",
            "line 1 column 1: expected a value",
        ),
        (
            "{'value': 1}",
            "broken_json",
            "line 1 column 2: key must be a string",
        ),
        (deep.as_str(), "broken_json", "no deeper than 127 levels"),
        // The first line is a whole envelope: one document with a mistake behind it, not one on each line.
        (
            "{\"indicators\": [\"a\"]}\n}",
            "broken_json",
            "line 2 column 1: expected the end",
        ),
        (
            "[\"a\"]\n[\"b\"]",
            "broken_json",
            "line 2 column 1: expected the end",
        ),
        (
            "{\"value\": \"a\"},\n{\"value\": \"b\"}",
            "broken_json",
            "line 1 column 15",
        ),
        (
            r#"{"indicators": [], "data": []}"#,
            "two_formats",
            "both `indicators` and `data`",
        ),
        (
            r#"{"data": null, "indicators": []}"#,
            "two_formats",
            "both `indicators` and `data`",
        ),
        (
            r#"{"indicators": [], "value": "a"}"#,
            "two_formats",
            "both `indicators` and `value`",
        ),
        (
            r#"{"data": [], "objects": []}"#,
            "two_formats",
            "both `data` and `objects`",
        ),
        (
            r#"{"indicators": [], "indicators": []}"#,
            "duplicate_key",
            "`indicators` stands twice",
        ),
        (
            r#"{"data": [], "data": {}}"#,
            "duplicate_key",
            "`data` stands twice",
        ),
        (
            r#"{"total": 1, "data": [], "total": 2}"#,
            "duplicate_key",
            "`total` stands twice",
        ),
        (
            r#"{"indicators": {"value": "a"}}"#,
            "not_a_list",
            "`indicators`, but that is an object",
        ),
        (
            r#"{"indicators": "a"}"#,
            "not_a_list",
            "`indicators`, but that is text",
        ),
        (r#"{"data": null}"#, "not_a_list", "`data`, but that is null"),
        (r#"{"data": "a"}"#, "not_a_list", "`data`, but that is text"),
        (
            r#"{"data": {"errors": {"value": ["no"]}}}"#,
            "threatq_error",
            r#"{"value":["no"]}"#,
        ),
        (
            r#"{"errors": ["bad", ["query"]]}"#,
            "threatq_error",
            r#"["bad",["query"]]"#,
        ),
        (
            r#"{"data": [], "errors": ["bad"]}"#,
            "threatq_error",
            r#"["bad"]"#,
        ),
        ("{}", "unknown_format", "an object with no keys"),
        (
            r#"{"indicatros": ["a"]}"#,
            "unknown_format",
            "an object with the key `indicatros`",
        ),
        (
            r#"{"a": 1, "b": 2}"#,
            "unknown_format",
            "an object with the keys `a`, `b`",
        ),
        ("7", "unknown_format", "a number alone"),
        ("null", "unknown_format", "null alone"),
        (r#""a@example.com""#, "unknown_format", "text alone"),
        (r#"{"objects": []}"#, "unknown_format", "TAXII envelope"),
        (
            r#"{"type": "indicator", "spec_version": "2.1", "id": "x"}"#,
            "unknown_format",
            "STIX object",
        ),
        (
            r#"{"data": {"spec_version": "2.1", "value": "a"}}"#,
            "unknown_format",
            "OpenCTI",
        ),
        (r#"{"Event": {}}"#, "unknown_format", "MISP event"),
        (r#"{"Attribute": []}"#, "unknown_format", "MISP attributes"),
        (
            r#"{"response": {"Attribute": []}}"#,
            "unknown_format",
            "MISP search",
        ),
        (r#"{"batch_id": 1, "events": []}"#, "unknown_format", "ServiceNow"),
        (
            r#"{"dataType": "mail", "data": "a@example.com"}"#,
            "unknown_format",
            "TheHive",
        ),
        (r#"{"json": {"value": "a"}}"#, "unknown_format", "n8n"),
    ] {
        let error = read_as_json(body.as_bytes()).expect_err(body);
        assert_eq!(error.code(), code, "{body}");
        let text = error.to_string();
        assert!(text.contains(says), "{body}: {text}");
        assert_eq!(
            error.line().is_some() && error.column().is_some(),
            code == "broken_json",
            "{body}"
        );
        if matches!(code, "empty_body" | "unknown_format" | "not_a_list") {
            let examples: Vec<_> = text.lines().skip(1).collect();
            assert_eq!(examples.len(), 2, "{text}");
            for example in examples {
                assert_eq!(
                    read_as_json(example.as_bytes()).unwrap().items.len(),
                    1,
                    "{example}"
                );
            }
        }
    }
}

#[test]
fn one_level_less_than_too_deep_is_read() {
    let body = format!("{}{}", "[".repeat(127), "]".repeat(127));
    assert_eq!(read_as_json(body.as_bytes()).unwrap().items.len(), 1);
}

#[test]
fn foreign_text_in_an_error_is_escaped_and_cut() {
    let long = "k".repeat(500);
    for body in [
        "{\"\\u001b[2J\": 1}".to_owned(),
        "{\"errors\": \"\u{202e}evil\"}".to_owned(),
        format!("{{\"{long}\": 1}}"),
        format!("{{\"errors\": \"{long}\"}}"),
        format!("{{\"data\": [], \"{long}\": 1, \"{long}\": 2}}"),
    ] {
        let text = read_as_json(body.as_bytes()).expect_err(&body).to_string();
        assert!(
            !text.contains(['\u{1b}', '\u{202e}']) && text.len() < 400,
            "{text}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_their_offset() {
    for (body, offset) in [
        (&b"[\"a\xff\"]"[..], 3),
        (b"\xff\xfe[\0]\0", 0),
        (b"\xef\xbb\xbf[\"\xe4\"]", 5),
    ] {
        assert_eq!(read_as_json(body), Err(IntakeError::NotUtf8 { offset }));
    }
}
