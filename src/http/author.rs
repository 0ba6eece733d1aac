//! Who asks for something, and what they say why: the client, the id of the call, and `X-Ticket` and `X-Reason`, which
//! go into the audit and into the report as they came. Refuses to know what is asked for, and to guess: a header that
//! cannot be kept as it is, is a fault of the call.

use super::auth::Caller;
use super::problem::Problem;
use crate::model::{escape_control, excerpt};
use crate::store::Author;
use axum::http::{HeaderMap, StatusCode};

const TICKET: &str = "X-Ticket";
const TICKET_CHARACTERS_MAX: usize = 100;
const REASON: &str = "X-Reason";
const REASON_CHARACTERS_MAX: usize = 500;

/// The author of a call.
pub(super) fn read(headers: &HeaderMap, caller: &Caller) -> Result<Author, Problem> {
    Ok(Author {
        client: caller.name().to_owned(),
        request_id: request_id(headers),
        ticket: ticket(headers)?,
        reason: reason(headers)?,
    })
}

/// The author of a call that is refused anyway, without what cannot be kept of it.
pub(super) fn read_what_is_good(headers: &HeaderMap, caller: &Caller) -> Author {
    Author {
        client: caller.name().to_owned(),
        request_id: request_id(headers),
        ticket: ticket(headers).ok().flatten(),
        reason: reason(headers).ok().flatten(),
    }
}

/// The same for what nobody may do without saying why.
pub(super) fn read_with_reason(headers: &HeaderMap, caller: &Caller) -> Result<Author, Problem> {
    let author = read(headers, caller)?;
    require_reason(&author)?;
    Ok(author)
}

/// Refuses what nobody may do without saying why.
pub(super) fn require_reason(author: &Author) -> Result<(), Problem> {
    if author.reason.is_none() {
        let detail = format!(
            "say why, in `{REASON}`: 1 to {REASON_CHARACTERS_MAX} characters of text, for those who look at it later (`--reason TEXT` on the command line). Nothing was done"
        );
        return Err(Problem::new(StatusCode::BAD_REQUEST, "reason_required", detail));
    }
    Ok(())
}

/// The id of the call, as it stands in the log and in the answer; `layers.rs` has put one there.
pub(super) fn request_id(headers: &HeaderMap) -> String {
    let id = headers.get("x-request-id").and_then(|id| id.to_str().ok());
    excerpt(id.unwrap_or_default(), 64)
}

fn ticket(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let allowed = format!("1 to {TICKET_CHARACTERS_MAX} visible characters without a space");
    let is_good =
        |text: &str| text.chars().count() <= TICKET_CHARACTERS_MAX && !text.chars().any(char::is_whitespace);
    one(headers, TICKET, &allowed, is_good)
}

fn reason(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let allowed = format!(
        "1 to {REASON_CHARACTERS_MAX} characters of text in UTF-8, on one line and without control characters"
    );
    let is_good = |text: &str| text.chars().count() <= REASON_CHARACTERS_MAX;
    one(headers, REASON, &allowed, is_good)
}

/// What stands in a header, which may be left out, and not stand twice.
fn one(
    headers: &HeaderMap,
    name: &'static str,
    allowed: &str,
    is_good: impl Fn(&str) -> bool,
) -> Result<Option<String>, Problem> {
    let refused = |wrong: &str| {
        let detail = format!("the header `{name}` {wrong}; allowed: {allowed}, once. Nothing was done");
        Problem::bad_request("invalid_header_value", detail).with("header", name)
    };
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(refused("stands twice"));
    }
    let Ok(text) = std::str::from_utf8(value.as_bytes()) else {
        return Err(refused("is not UTF-8"));
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(refused("is empty"));
    }
    // What is invisible, or changes the direction of text, would fool whoever reads it later.
    if escape_control(text) != text || !is_good(text) {
        return Err(refused(&format!("is `{}`", excerpt(text, 60))));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    /// What comes of one header.
    fn author(name: &'static str, values: &[&[u8]]) -> Result<Author, Problem> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value).expect("bytes that HTTP carries");
            headers.append(HeaderName::from_static(name), value);
        }
        read(&headers, &Caller::Local)
    }

    #[test]
    fn a_ticket_and_a_reason_are_kept_as_they_came_and_none_is_none() {
        let hundred = "x".repeat(100);
        for ticket in ["CHG-4711", "\u{b5}-1", hundred.as_str()] {
            let author = author("x-ticket", &[ticket.as_bytes()]).unwrap();
            assert_eq!((author.ticket.as_deref(), author.reason), (Some(ticket), None));
        }
        let longest = "\u{e9}".repeat(500);
        for reason in ["a false positive", "F\u{e4}lschlich gesperrt", longest.as_str()] {
            let author = author("x-reason", &[reason.as_bytes()]).unwrap();
            assert_eq!(
                (author.client.as_str(), author.reason.as_deref()),
                ("local", Some(reason))
            );
        }
    }

    #[test]
    fn what_cannot_be_kept_as_it_is_is_refused_with_what_is_allowed() {
        let (ticket, reason) = ("x".repeat(101), "x".repeat(501));
        let cases: [(&str, &[&[u8]], &str); 9] = [
            ("x-ticket", &[b""], "`X-Ticket` is empty"),
            ("x-ticket", &[b"CHG 1"], "`X-Ticket` is `CHG 1`"),
            ("x-ticket", &[ticket.as_bytes()], "`X-Ticket` is `xxx"),
            ("x-ticket", &[b"1", b"2"], "`X-Ticket` stands twice"),
            ("x-reason", &[b"   "], "`X-Reason` is empty"),
            ("x-reason", &[b"\xff\xfe"], "`X-Reason` is not UTF-8"),
            ("x-reason", &[b"one\ttwo"], "`X-Reason` is `one"),
            ("x-reason", &["a\u{202e}b".as_bytes()], "`X-Reason` is `a"),
            ("x-reason", &[reason.as_bytes()], "`X-Reason` is `xxx"),
        ];
        for (name, values, words) in cases {
            let problem = format!("{:?}", author(name, values).unwrap_err());
            assert!(problem.contains("invalid_header_value"), "{problem}");
            assert!(
                problem.contains(words) && problem.contains("allowed: 1 to "),
                "{words}: {problem}"
            );
        }
    }
}
