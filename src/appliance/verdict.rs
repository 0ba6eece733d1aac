//! What an answer proves: a pure function from status, body, how the body ended, or what became of the connection,
//! to a verdict. The words are for people; no decision hangs on them (`docs/asyncos.md`, "Errors": their text is
//! largely unknown). Refuses to know how an answer came here: `transport.rs` knows.

use super::wire;
use super::words::{one_line, words_of};
use crate::model::{ReadReply, Verdict, View};
use serde_json::Value;

/// A page of 100 rows with 500 addresses of 254 bytes each is about 13 MB; more is no page of a list.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What an account needs (`docs/asyncos.md`, "Login").
pub(super) const ROLE_WANTED: &str =
    "Administrator, or one with access to quarantines and to Spam Quarantine";

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A whole head was read, and a body as far as it came.
    Answered {
        /// HTTP status of the last head; interim ones (1xx) are not told.
        status: u16,
        /// The phrase behind the status, where it is not the usual one: some servers put their message there. It is
        /// for people, who would else have none when the body is empty.
        reason: Option<String>,
        /// Where a redirect points. None is followed: it is for people, who may have the wrong `url`.
        location: Option<String>,
        /// The body, whole or its beginning.
        body: Vec<u8>,
        /// How the body ended.
        ending: Ending,
    },
    /// No connection was made, or none that TLS agreed to: nothing of the request was sent. With the reason.
    NotConnected(String),
    /// The certificate was refused: nothing of the request was sent. With what was found.
    NotTrusted(String),
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
        Answer::NotTrusted(words) => Verdict::Untrusted { words: words.clone() },
        Answer::Lost(words) => Verdict::Unclear { words: words.clone() },
        Answer::Answered {
            status,
            reason,
            location,
            body,
            ending,
        } => match status {
            200..=299 => of_success(*status, body, ending),
            300..=399 => of_redirect(
                *status,
                location.as_deref(),
                words_of_failure(body, reason.as_deref()),
            ),
            _ => of_failure(*status, words_of_failure(body, reason.as_deref())),
        },
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
    let is_believed = match serde_json::from_slice::<Value>(wire::without_byte_order_mark(body)) {
        // A part of something (206), or several answers in one (207), is not one yes.
        _ if matches!(status, 206 | 207) => false,
        Ok(Value::Object(document)) => !document.contains_key("error"),
        Ok(_) => false,
        Err(_) => body.iter().all(u8::is_ascii_whitespace),
    };
    if is_believed {
        Verdict::Done
    } else {
        unclear(status, &words_of(body))
    }
}

/// What a failure says, without what we add to it.
pub(super) fn words_of_answer(answer: &Answer) -> String {
    match answer {
        Answer::Answered { body, reason, .. } => words_of_failure(body, reason.as_deref()),
        Answer::NotConnected(words) | Answer::NotTrusted(words) | Answer::Lost(words) => words.clone(),
    }
}

/// Redirects are not followed: the credentials are for the configured address alone. Where one points is the best
/// hint at a wrong `url`.
fn of_redirect(status: u16, location: Option<&str>, words: String) -> Verdict {
    let words = match location {
        Some(location) => format!("redirects to {}", one_line(location)),
        None => words,
    };
    Verdict::Refused { status, words }
}

/// The status alone decides, however the body ended: a head is whole or it is not told.
fn of_failure(status: u16, words: String) -> Verdict {
    match status {
        // A role without the right answers 401 as well. 403 stands in the documented list of statuses.
        401 | 403 => Verdict::Denied {
            status,
            words: format!("{words} (credentials, or a role without the right: {ROLE_WANTED})")
                .trim_start()
                .to_owned(),
        },
        // Only a proxy asks for this, and it passes nothing on before it has it.
        407 => Verdict::Unreachable {
            words: format!("a proxy answered 407, it wants credentials: {words}")
                .trim_end_matches([':', ' '])
                .to_owned(),
        },
        // "Try again": a server tired of waiting for the request (408), asked before it was ready (425) or too often
        // (429). The request was not judged, and the same one may be taken the next time.
        408 | 425 | 429 => unclear(status, &words),
        // A clear no, as the same request would get it again. Among them 404, with which AsyncOS says "invalid
        // request"; 413, which a smaller request does not get; 414 and 431, which a shorter one does not; and 421,
        // from a front server that knows no such host.
        400..=499 => Verdict::Refused { status, words },
        // A server or a proxy that failed, perhaps after the change was made; or a status that does not exist here,
        // such as 101, which nobody asked for.
        _ => unclear(status, &words),
    }
}

fn words_of_failure(body: &[u8], reason: Option<&str>) -> String {
    let words = words_of(body);
    if words.is_empty() {
        one_line(reason.unwrap_or_default())
    } else {
        words
    }
}

fn unclear(status: u16, words: &str) -> Verdict {
    Verdict::Unclear {
        words: format!("status {status} {words}").trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Page;

    fn answered(status: u16, body: &str, ending: Ending) -> Answer {
        Answer::Answered {
            status,
            reason: None,
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
            Verdict::Resting { .. } => "resting",
            Verdict::Untrusted { .. } => "untrusted",
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
            (answered(200, "\u{feff}{}", Ending::Whole), "done"),
            (answered(200, " \r\n", Ending::Whole), "done"),
            (answered(201, "{}", Ending::Whole), "done"),
            (answered(202, "{}", Ending::Whole), "done"),
            (answered(206, "{}", Ending::Whole), "unclear"),
            (answered(207, "", Ending::Whole), "unclear"),
            (answered(200, "[]", Ending::Whole), "unclear"),
            (answered(101, "", Ending::Whole), "unclear"),
            (answered(302, "", Ending::Whole), "refused"),
            (answered(304, "", cut()), "refused"),
            (answered(400, error, Ending::Whole), "refused"),
            (answered(404, "", Ending::Whole), "refused"),
            (answered(409, error, Ending::Whole), "refused"),
            (answered(409, "", cut()), "refused"),
            (answered(409, error, Ending::TooLarge), "refused"),
            (answered(405, "", Ending::Whole), "refused"),
            (answered(413, "", Ending::Whole), "refused"),
            (answered(414, "", Ending::Whole), "refused"),
            (answered(421, "", Ending::Whole), "refused"),
            (answered(431, "", Ending::Whole), "refused"),
            (answered(499, "", Ending::Whole), "refused"),
            (answered(407, "", Ending::Whole), "unreachable"),
            (answered(408, "", Ending::Whole), "unclear"),
            (answered(425, "", Ending::Whole), "unclear"),
            (answered(401, "", cut()), "denied"),
            (answered(401, error, Ending::Whole), "denied"),
            (answered(403, "", Ending::Whole), "denied"),
            (answered(429, "", Ending::Whole), "unclear"),
            (answered(500, "", Ending::Whole), "unclear"),
            (answered(501, error, Ending::Whole), "unclear"),
            (answered(503, "<html>", Ending::Whole), "unclear"),
            (answered(600, "{}", Ending::Whole), "unclear"),
            (Answer::Lost("connection reset".into()), "unclear"),
            (Answer::NotConnected("connection refused".into()), "unreachable"),
            (
                Answer::NotTrusted("the certificate has expired".into()),
                "untrusted",
            ),
        ] {
            assert_eq!(kind(&of_write(&answer)), expected, "{answer:?}");
        }
    }

    #[test]
    fn people_are_told_what_came() {
        let redirect = Answer::Answered {
            status: 301,
            reason: Some("Off".into()),
            location: Some("https://esa.example:6443/\u{1b}[2J".into()),
            body: b"<html><title>Moved</title>".to_vec(),
            ending: Ending::Whole,
        };
        let phrase = |body: &str| Answer::Answered {
            status: 409,
            reason: Some("Entry already\u{1b} exists.".into()),
            location: None,
            body: body.as_bytes().to_vec(),
            ending: Ending::Whole,
        };
        for (answer, expected) in [
            (
                phrase(" "),
                "the appliance answered 409: Entry already\\u{1b} exists.",
            ),
            (phrase("in the body"), "the appliance answered 409: in the body"),
            (
                redirect,
                "the appliance answered 301: redirects to https://esa.example:6443/\\u{1b}[2J",
            ),
            (
                answered(302, "<html><title>Moved</title>", Ending::Whole),
                "the appliance answered 302: Moved",
            ),
            (
                answered(407, "", Ending::Whole),
                "not reached: a proxy answered 407, it wants credentials",
            ),
            (
                answered(407, "<title>Squid</title>", Ending::Whole),
                "not reached: a proxy answered 407, it wants credentials: Squid",
            ),
            (
                answered(502, "<title>Bad Gateway</title>", Ending::Whole),
                "no clear answer: status 502 Bad Gateway",
            ),
            (
                answered(200, "{", Ending::Cut("connection reset".into())),
                "no clear answer: status 200, and the body was cut: connection reset",
            ),
            (
                answered(200, "<title>Welcome</title>", Ending::Whole),
                "no clear answer: status 200 Welcome",
            ),
            (
                Answer::Lost("connection reset".into()),
                "no clear answer: connection reset",
            ),
        ] {
            assert_eq!(of_write(&answer).describe(), expected);
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
