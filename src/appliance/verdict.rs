//! What an answer proves: a pure function from status, body, how the body ended, or what became of the connection,
//! to a verdict. The words are for people; no decision hangs on them (`docs/asyncos.md`, "Errors": their text is
//! largely unknown). Refuses to know how an answer came here: `transport.rs` knows.

use super::wire;
use crate::model::{ReadReply, Verdict, View, excerpt};
use serde_json::Value;

/// Characters of an appliance's words in a report: a sentence, not a page.
const WORDS_CHARACTERS_MAX: usize = 200;

/// A page of 100 rows with 500 addresses of 254 bytes each is about 13 MB; more is no page of a list.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A whole head was read, and a body as far as it came.
    Answered {
        /// HTTP status of the last head; interim ones (1xx) are not told.
        status: u16,
        /// Where a redirect points. None is followed: it is for people, who may have the wrong `url`.
        location: Option<String>,
        /// The body, whole or its beginning.
        body: Vec<u8>,
        /// How the body ended.
        ending: Ending,
    },
    /// No connection was made, or none that TLS agreed to: nothing of the request was sent. With the reason.
    NotConnected(String),
    /// Sent, perhaps in part, and no status came back. With the reason.
    Lost(String),
}

/// How the body of a reply ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// As the headers or the end of the connection said.
    Whole,
    /// The connection died or the time ran out. With the reason.
    Cut(String),
    /// More than [`BODY_BYTES_MAX`]; the rest was not read.
    TooLarge,
}

/// What a read brought: a page, or why there is none.
#[must_use]
pub fn of_read(answer: &Answer, view: View) -> ReadReply {
    match of_write(answer) {
        Verdict::Done => {}
        failed => return ReadReply::Failed(failed),
    }
    match answer {
        Answer::Answered { body, .. } if !body.is_empty() => match wire::read_page(body, view) {
            Ok(page) => ReadReply::Page(page),
            Err(reason) => ReadReply::Failed(Verdict::Unclear {
                words: format!("no page of a list: {reason}"),
            }),
        },
        _ => ReadReply::Failed(Verdict::Unclear {
            words: "an empty answer in place of a page".to_owned(),
        }),
    }
}

/// What is known after a change was sent.
#[must_use]
pub fn of_write(answer: &Answer) -> Verdict {
    match answer {
        Answer::NotConnected(words) => Verdict::Unreachable { words: words.clone() },
        Answer::Lost(words) => Verdict::Unclear { words: words.clone() },
        Answer::Answered {
            status, body, ending, ..
        } => of_status(*status, body, ending),
    }
}

fn of_status(status: u16, body: &[u8], ending: &Ending) -> Verdict {
    let words = words_of(body);
    match status {
        200..=299 => of_success(status, body, ending),
        // A role without the right answers 401 as well. 403 stands in the documented list of statuses.
        401 | 403 => Verdict::Denied { status, words },
        // "Try again": the request was not judged.
        408 | 425 | 429 | 500..=599 => Verdict::Unclear {
            words: format!("status {status} {words}").trim_end().to_owned(),
        },
        // Also 404, with which AsyncOS says "invalid request", and redirects, which are not followed.
        _ => Verdict::Refused { status, words },
    }
}

/// A clear yes is a 2xx with a whole body that is empty or JSON without an error: what a front proxy sends in
/// the appliance's place, or what was cut, proves nothing.
fn of_success(status: u16, body: &[u8], ending: &Ending) -> Verdict {
    match ending {
        Ending::Cut(reason) => {
            return Verdict::Unclear {
                words: format!("status {status}, and the body was cut: {reason}"),
            };
        }
        Ending::TooLarge => {
            return Verdict::Unclear {
                words: format!("status {status}, and a body without end"),
            };
        }
        Ending::Whole => {}
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Verdict::Done;
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(document)) if !document.contains_key("error") => Verdict::Done,
        _ => Verdict::Unclear {
            words: format!("status {status} {}", words_of(body)),
        },
    }
}

/// The message of Cisco's error shape, else the beginning of whatever came.
fn words_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let document: Option<Value> = serde_json::from_str(&text).ok();
    let message = document.as_ref().and_then(|document| {
        let error = document.get("error")?;
        error
            .get("message")
            .and_then(Value::as_str)
            .or_else(|| error.as_str())
    });
    excerpt(message.unwrap_or(text.trim()), WORDS_CHARACTERS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Page;

    fn answered(status: u16, body: &str, ending: Ending) -> Answer {
        Answer::Answered {
            status,
            location: None,
            body: body.as_bytes().to_vec(),
            ending,
        }
    }

    fn kind(verdict: &Verdict) -> &'static str {
        match verdict {
            Verdict::Done => "done",
            Verdict::Refused { .. } => "refused",
            Verdict::Unclear { .. } => "unclear",
            Verdict::Denied { .. } => "denied",
            Verdict::Unreachable { .. } => "unreachable",
        }
    }

    #[test]
    fn an_answer_proves_what_it_proves_and_no_more() {
        let cut = || Ending::Cut("connection reset".into());
        let error = r#"{"error":{"message":"Request conflict.","code":"409","explanation":"409 = ..."}}"#;
        for (answer, expected) in [
            (
                answered(200, r#"{"data":{"action":"add"}}"#, Ending::Whole),
                "done",
            ),
            (answered(200, "{}", Ending::Whole), "done"),
            (answered(200, "", Ending::Whole), "done"),
            (answered(204, "", Ending::Whole), "done"),
            (answered(200, r#"{"data":{"acti"#, cut()), "unclear"),
            (answered(200, "", cut()), "unclear"),
            (answered(200, "{}", Ending::TooLarge), "unclear"),
            (answered(200, "<html>welcome</html>", Ending::Whole), "unclear"),
            (answered(200, error, Ending::Whole), "unclear"),
            (answered(302, "", Ending::Whole), "refused"),
            (answered(400, error, Ending::Whole), "refused"),
            (answered(404, "", Ending::Whole), "refused"),
            (answered(409, error, Ending::Whole), "refused"),
            (answered(409, "", cut()), "refused"),
            (answered(413, "", Ending::Whole), "refused"),
            (answered(401, error, Ending::Whole), "denied"),
            (answered(403, "", Ending::Whole), "denied"),
            (answered(429, "", Ending::Whole), "unclear"),
            (answered(500, "", Ending::Whole), "unclear"),
            (answered(503, "<html>", Ending::Whole), "unclear"),
            (Answer::Lost("connection reset".into()), "unclear"),
            (Answer::NotConnected("connection refused".into()), "unreachable"),
        ] {
            assert_eq!(kind(&of_write(&answer)), expected, "{answer:?}");
        }
    }

    #[test]
    fn words_are_the_message_or_the_beginning_of_what_came_escaped_and_capped() {
        let long = "x".repeat(10_000);
        for (body, expected) in [
            (
                r#"{"error":{"message":"Not Found.","code":"404"}}"#.to_owned(),
                "Not Found.".to_owned(),
            ),
            (r#"{"error":"plain"}"#.to_owned(), "plain".to_owned()),
            ("  gateway\u{1b}[2J  ".to_owned(), "gateway\\u{1b}[2J".to_owned()),
            (long, format!("{}...", "x".repeat(WORDS_CHARACTERS_MAX))),
        ] {
            assert_eq!(words_of(body.as_bytes()), expected);
        }
    }

    #[test]
    fn a_read_needs_a_page() {
        let page = answered(200, r#"{"meta":{"totalCount":0},"data":[]}"#, Ending::Whole);
        let expected = ReadReply::Page(Page {
            total_count: Some(0),
            rows: vec![],
        });
        assert_eq!(of_read(&page, View::Sender), expected);
        for answer in [
            answered(200, "", Ending::Whole),
            answered(200, r#"{"data":"x"}"#, Ending::Whole),
            answered(404, "", Ending::Whole),
        ] {
            assert!(
                matches!(of_read(&answer, View::Sender), ReadReply::Failed(_)),
                "{answer:?}"
            );
        }
    }
}
