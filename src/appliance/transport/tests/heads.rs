//! Heads that are malformed or unusual: what the client reads in spite of it, and what it cannot read.

use super::{PATIENCE, Step, case, check, sent};

const PAGE: &str = r#"{"meta":{"totalCount":0},"data":[]}"#;

/// A clear yes with these header lines, each with its own line end, before the length.
fn with_lines(lines: &str) -> Vec<Step> {
    sent(format!(
        "HTTP/1.1 200 OK\r\n{lines}Content-Length: 35\r\n\r\n{PAGE}"
    ))
}

/// A clear yes with this status line.
fn with_status_line(line: &str) -> Vec<Step> {
    sent(format!("{line}\r\nContent-Length: 35\r\n\r\n{PAGE}"))
}

fn many_lines(count: usize) -> String {
    (0..count).map(|number| format!("X-{number}: a\r\n")).collect()
}

#[tokio::test]
async fn a_head_may_be_sloppy() {
    check(
        PATIENCE,
        vec![
            case("no reason phrase", with_status_line("HTTP/1.1 200"), "done", ""),
            case(
                "an empty reason phrase",
                with_status_line("HTTP/1.1 200 "),
                "done",
                "",
            ),
            case(
                "letters beyond ASCII in the reason phrase",
                with_status_line("HTTP/1.1 200 Ausgef\u{fc}hrt"),
                "done",
                "",
            ),
            case(
                "empty lines before the head",
                with_status_line("\r\n\r\nHTTP/1.1 200 OK"),
                "done",
                "",
            ),
            case(
                "bare line feeds",
                sent(format!("HTTP/1.1 200 OK\nContent-Length: 35\n\n{PAGE}")),
                "done",
                "",
            ),
            case(
                "a space before the colon",
                sent(format!("HTTP/1.1 200 OK\r\nContent-Length : 35\r\n\r\n{PAGE}")),
                "done",
                "",
            ),
            case("a folded line", with_lines("X-Folded: a\r\n b\r\n"), "done", ""),
            case(
                "a line without a colon",
                with_lines("no colon here\r\n"),
                "done",
                "",
            ),
            case("an illegal name", with_lines("X<Y>: a\r\n"), "done", ""),
            case(
                "letters beyond ASCII in a value",
                with_lines("X-Name: B\u{fc}ro\r\n"),
                "done",
                "",
            ),
            case("150 lines", with_lines(&many_lines(150)), "done", ""),
            case(
                "a type that is not JSON's",
                with_lines("Content-Type: text/html\r\n"),
                "done",
                "",
            ),
            case(
                "interim answers first",
                with_status_line(
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK",
                ),
                "done",
                "",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_head_that_cannot_be_read_is_no_word_for_or_against() {
    check(
        PATIENCE,
        vec![
            case(
                "no head at all, as in HTTP/0.9",
                sent(PAGE),
                "unclear",
                "HTTP version",
            ),
            case(
                "another protocol",
                sent("SSH-2.0-OpenSSH_9.0\r\n"),
                "unclear",
                "HTTP version",
            ),
            case(
                "HTTP of another name",
                with_status_line("ICY 200 OK"),
                "unclear",
                "HTTP version",
            ),
            case(
                "a status of two digits",
                with_status_line("HTTP/1.1 20 OK"),
                "unclear",
                "status",
            ),
            case(
                "a status of four digits",
                with_status_line("HTTP/1.1 2000 OK"),
                "unclear",
                "",
            ),
            case(
                "a status that is no number",
                with_status_line("HTTP/1.1 OK"),
                "unclear",
                "status",
            ),
            case(
                "a status below the first",
                with_status_line("HTTP/1.1 099 Low"),
                "unclear",
                "",
            ),
            case(
                "a status beyond the last",
                with_status_line("HTTP/1.1 600 High"),
                "unclear",
                "status 600",
            ),
            case(
                "more than 400 lines",
                with_lines(&many_lines(401)),
                "unclear",
                "head is too large",
            ),
            case(
                "two lengths that differ",
                sent(format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: 35\r\nContent-Length: 34\r\n\r\n{PAGE}"
                )),
                "unclear",
                "invalid content-length",
            ),
            case(
                "two lengths that differ, of a no",
                sent("HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
                "unclear",
                "invalid content-length",
            ),
            case(
                "a length that is no number",
                sent(format!("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{PAGE}")),
                "unclear",
                "invalid content-length",
            ),
            case(
                "a length below nothing",
                sent(format!("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{PAGE}")),
                "unclear",
                "invalid content-length",
            ),
            case(
                "a length beyond all numbers",
                sent(format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{PAGE}"
                )),
                "unclear",
                "invalid content-length",
            ),
            case(
                "an interim answer and no other",
                sent("HTTP/1.1 100 Continue\r\n\r\n"),
                "unclear",
                "connection closed",
            ),
            case(
                "a change of the protocol that nobody asked for",
                sent("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n"),
                "unclear",
                "status 101",
            ),
            case(
                "half a status line",
                sent("HTTP/1.1 2"),
                "unclear",
                "connection closed",
            ),
            case(
                "half a head",
                sent("HTTP/1.1 200 OK\r\nContent-Length: 35\r\n"),
                "unclear",
                "connection closed",
            ),
            case(
                "half the head of a no",
                sent("HTTP/1.1 409 Conflict\r\nContent-Le"),
                "unclear",
                "connection closed",
            ),
        ],
    )
    .await;
}
