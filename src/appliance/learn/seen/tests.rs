//! Answers as data: what each amounts to, and which words it stands for.

use super::*;
use crate::appliance::verdict::Ending;

const ERROR: &str = r#"{"error":{"message":"Not Found.","code":"404","explanation":"404 = ..."}}"#;

fn answered(status: u16, reason: Option<&str>, content_type: &str, has_length: bool, body: &str) -> Look {
    Look {
        answer: Answer::Answered {
            status,
            reason: reason.map(str::to_owned),
            location: None,
            body: body.as_bytes().to_vec(),
            ending: Ending::Whole,
        },
        content_type: Some(content_type.to_owned()),
        has_length,
        date: None,
        was_reset: false,
    }
}

fn lost(was_reset: bool) -> Look {
    Look {
        answer: Answer::Lost("connection reset".into()),
        content_type: None,
        has_length: false,
        date: None,
        was_reset,
    }
}

#[test]
fn an_answer_is_yes_no_or_unclear_and_tells_the_form_of_errors() {
    let json = "application/json";
    let integer = ERROR.replace("\"404\",", "404,");
    let no = |status| Reply::No { status };
    for (look, resets, reply, framing, code) in [
        (
            answered(200, None, json, true, "{}"),
            false,
            Reply::Yes,
            None,
            None,
        ),
        (
            answered(404, None, json, true, ERROR),
            false,
            no(Some(404)),
            Some("length"),
            Some("string"),
        ),
        (
            answered(404, None, json, false, &integer),
            false,
            no(Some(404)),
            Some("eof"),
            Some("integer"),
        ),
        (
            answered(404, Some("Not Found."), json, true, ERROR),
            false,
            no(Some(404)),
            Some("reason"),
            Some("string"),
        ),
        (
            answered(404, Some("Nope"), json, true, ERROR),
            false,
            no(Some(404)),
            Some("length"),
            Some("string"),
        ),
        (
            answered(404, Some("Entry is there"), json, true, ""),
            false,
            no(Some(404)),
            Some("reason"),
            None,
        ),
        (
            answered(404, None, "text/html", true, "<html>"),
            false,
            no(Some(404)),
            Some("html"),
            None,
        ),
        (
            answered(401, None, json, true, "{}"),
            false,
            no(Some(401)),
            Some("length"),
            None,
        ),
        (
            answered(503, None, json, true, ERROR),
            false,
            Reply::Unclear,
            None,
            Some("string"),
        ),
        (lost(true), true, no(None), Some("rst"), None),
        (lost(true), false, Reply::Unclear, None, None),
        (lost(false), true, Reply::Unclear, None, None),
    ] {
        let seen = Seen::of(look, resets);
        assert_eq!(
            (seen.reply, seen.error_framing(), seen.error_code()),
            (reply, framing, code),
            "{seen:?}"
        );
    }
}

#[test]
fn people_are_told_the_status_and_the_words() {
    for (look, told) in [
        (answered(200, None, "", true, "{}"), "200 OK"),
        (answered(404, None, "", true, ERROR), "404 Not Found: Not Found."),
        (
            answered(404, Some("Not Found."), "", true, ERROR),
            "404 Not Found.",
        ),
        (answered(409, None, "", true, ""), "409 Conflict"),
        (
            answered(409, Some("So\u{1b}!"), "", true, ERROR),
            "409 So\\u{1b}!: Not Found.",
        ),
        (lost(true), "a reset in place of an answer"),
    ] {
        assert_eq!(Seen::of(look, true).told(), told);
    }
    assert_eq!(
        Seen::of(lost(true), false).told(),
        "no clear answer: connection reset"
    );
}
