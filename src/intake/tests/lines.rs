//! Tests: one object on each line, how it is recognised and what a bad line does.

use super::items_of;
use crate::intake::read;
use std::collections::BTreeMap;

#[test]
fn one_object_on_each_line_is_recognised_by_content_type_or_by_the_first_line() {
    let two = "{\"value\": \"a\"}\n{\"value\": \"b\", \"type_id\": 5}\n";
    let a_and_b = vec!["a | - | - | -", "b | ?type_id 5 | - | -"];
    let broken = "UNREADABLE line 3 column 11: the text ends in the middle of a string";
    for (body, content_type, expected) in [
        (two, None, a_and_b.clone()),
        (two, Some("application/json"), a_and_b.clone()),
        (two, Some("application/x-ndjson"), a_and_b.clone()),
        (two, Some("Application/JSONL; charset=utf-8"), a_and_b),
        (
            "{\"value\": \"a\"}\r\n\r\n{\"value\": \"b\"}\r\n",
            None,
            vec!["a | - | - | -", "b | - | - | -"],
        ),
        (
            "\n {\"value\": \"a\"}\n{\"value\": \"\n",
            None,
            vec!["a | - | - | -", broken],
        ),
        (
            "{\"value\": \"a\"}\n7\n\"b\"",
            None,
            vec![
                "a | - | - | -",
                "UNREADABLE line 2: a number where an object with `value` was expected",
                "UNREADABLE line 3: text where an object with `value` was expected",
            ],
        ),
        (
            "{\"value\"\n{\"value\": \"a\"}",
            Some("application/x-ndjson"),
            vec![
                "UNREADABLE line 1 column 8: the text ends in the middle of an object",
                "a | - | - | -",
            ],
        ),
        (
            "{\"value\": \"a\"}",
            Some("application/x-ndjson"),
            vec!["a | - | - | -"],
        ),
        // Printed over many lines it is one document still; its lines alone would give half of the list.
        (
            "[\n\"a\",\n\"b\"\n]",
            Some("application/x-ndjson"),
            vec!["a | - | - | -", "b | - | - | -"],
        ),
        (
            "{\"data\": [\"a\"]}\n{\"data\": [\"b\"]}",
            Some("application/x-ndjson"),
            vec![
                "UNREADABLE no `value`; the item has the key `data`",
                "UNREADABLE no `value`; the item has the key `data`",
            ],
        ),
    ] {
        let intake = read(body.as_bytes(), content_type, &BTreeMap::new())
            .unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(items_of(&intake), expected, "{body}");
    }
}
