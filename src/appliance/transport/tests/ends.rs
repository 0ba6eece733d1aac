//! How a body ends: by its length, by chunks, by the connection, or not at all. A status that was read counts
//! however the body ended; a yes counts only when it is whole.

use super::{IMPATIENCE, PATIENCE, Step, WireLog, case, check, sent};

const CONFLICT: &str = r#"{"error":{"message":"Request conflict.","code":"409"}}"#;
const PAGE: &str = r#"{"meta":{"totalCount":0},"data":[]}"#;

fn conflict(head: &str) -> Vec<u8> {
    format!("{head}\r\n\r\n{CONFLICT}").into_bytes()
}

fn yes(head: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{PAGE}").into_bytes()
}

fn chunked(chunks: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}").into_bytes()
}

#[tokio::test]
async fn a_no_counts_with_its_words_however_its_body_ends() {
    let unframed = || conflict("HTTP/1.1 409 Conflict");
    check(
        PATIENCE,
        vec![
            case(
                "a 409 with its length",
                sent(conflict("HTTP/1.1 409 Conflict\r\nContent-Length: 54")),
                "refused 409",
                "409: Request conflict.",
            ),
            case(
                "a 409 without a length, ended by the connection",
                sent(unframed()),
                "refused 409",
                "409: Request conflict.",
            ),
            case(
                "the same in HTTP/1.0",
                sent(conflict("HTTP/1.0 409 Conflict\r\nConnection: close")),
                "refused 409",
                "409: Request conflict.",
            ),
            case(
                "a 409 without a length, and a reset behind its body",
                [Step::Send(unframed()), Step::SendUntilRead, Step::Reset],
                "refused 409",
                "409: Request conflict.",
            ),
            case(
                "a 409 and a reset within its body",
                [
                    Step::Send(b"HTTP/1.1 409 Conflict\r\nContent-Length: 99999999\r\n\r\n{\"error\"".to_vec()),
                    Step::SendUntilRead,
                    Step::Reset,
                ],
                "refused 409",
                "answered 409: {\"error\"",
            ),
            case(
                "a 409 whose body is cut by the end of the connection",
                sent(conflict("HTTP/1.1 409 Conflict\r\nContent-Length: 500")),
                "refused 409",
                "409: Request conflict.",
            ),
            case(
                "a 409 of which nothing but the head came",
                sent("HTTP/1.1 409 Conflict\r\nContent-Length: 54\r\n\r\n"),
                "refused 409",
                "the appliance answered 409",
            ),
            case(
                "a 409 cut within its words",
                sent("HTTP/1.1 409 Conflict\r\nContent-Length: 54\r\n\r\n{\"error\":{\"message\":\"Request conf"),
                "refused 409",
                "Request conf",
            ),
            case(
                "a 409 without its last chunk",
                sent("HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfull\r\n"),
                "refused 409",
                "409: full",
            ),
            case(
                "a 401 cut behind its head",
                sent("HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\n"),
                "denied 401",
                "answered 401",
            ),
            case(
                "a 503 cut behind its head",
                sent("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\n"),
                "unclear",
                "status 503",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_yes_counts_when_it_is_whole_by_any_framing() {
    check(
        PATIENCE,
        vec![
            case("a length", sent(yes("Content-Length: 35")), "done", ""),
            case(
                "the same length twice",
                sent(yes("Content-Length: 35\r\nContent-Length: 35")),
                "done",
                "",
            ),
            case(
                "no length, ended by the connection",
                sent(yes("Content-Type: application/json")),
                "done",
                "",
            ),
            case(
                "the same in HTTP/1.0",
                sent(format!("HTTP/1.0 200 OK\r\n\r\n{PAGE}")),
                "done",
                "",
            ),
            case(
                "the same with bare line feeds",
                sent(format!("HTTP/1.0 200 OK\nServer: x\n\n{PAGE}")),
                "done",
                "",
            ),
            case("chunks", sent(chunked(&format!("23\r\n{PAGE}\r\n0\r\n\r\n"))), "done", ""),
            case(
                "chunks with an extension and a trailer",
                sent(chunked(&format!("23;a=b\r\n{PAGE}\r\n0\r\nX-Sum: 1\r\n\r\n"))),
                "done",
                "",
            ),
            case(
                "chunks beside a length, which then does not count",
                sent(format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n{PAGE}\r\n0\r\n\r\n"
                )),
                "done",
                "",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_yes_that_was_cut_is_none() {
    let begun = |head: &str| format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{{\"data\":").into_bytes();
    let page_of_a_lost_end =
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"meta\":{\"totalCount\":0},\"data\":[]}";
    check(
        PATIENCE,
        vec![
            case(
                "a length too great, and the end of the connection",
                sent(begun("Content-Length: 35")),
                "unclear",
                "the body was cut: connection closed before the end",
            ),
            case(
                "a length too great for a body that looks whole",
                sent(page_of_a_lost_end),
                "unclear",
                "the body was cut: connection closed before the end",
            ),
            case(
                "a length too small, as one that counts letters in place of bytes",
                sent("HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n{\"data\":[],\"note\":\"\u{fc}bern\u{e4}chst\"}"),
                "unclear",
                "status 200 {\"data\":[]",
            ),
            case(
                "no length, and the end of the connection within the body",
                sent(begun("Content-Type: application/json")),
                "unclear",
                "status 200 {\"data\":",
            ),
            case(
                "no length, and the end of the connection behind the head",
                sent("HTTP/1.1 200 OK\r\n\r\n"),
                "unclear",
                "the body was cut: connection closed behind the head",
            ),
            case(
                "no last chunk",
                sent(chunked(&format!("23\r\n{PAGE}\r\n"))),
                "unclear",
                "the body was cut: connection closed before the end",
            ),
            case(
                "a chunk whose size is no number",
                sent(chunked("what\r\n{}\r\n0\r\n\r\n")),
                "unclear",
                "the body was cut",
            ),
            case(
                "a reset behind the head",
                [
                    Step::Send(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
                    Step::SendUntilRead,
                    Step::Reset,
                ],
                "unclear",
                "the body was cut: connection reset",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_left_when_the_time_is_up_and_the_status_kept() {
    let held = |reply: &[u8]| vec![Step::Send(reply.to_vec()), Step::Hold];
    check(
        IMPATIENCE,
        vec![
            case(
                "a 409 without a length, kept open",
                held(&conflict("HTTP/1.1 409 Conflict")),
                "refused 409",
                "409: Request conflict.",
            ),
            case(
                "a 200 without a length, kept open behind a page",
                held(&yes("Content-Type: application/json")),
                "unclear",
                "the body was cut: no end within 900ms",
            ),
            case(
                "a 200 with a length and no body",
                held(b"HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n"),
                "unclear",
                "the body was cut: no end within 900ms",
            ),
            case(
                "a 200 without its last chunk, kept open",
                held(&chunked(&format!("23\r\n{PAGE}\r\n"))),
                "unclear",
                "no end within 900ms",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_empty_yes_is_one_for_a_change_and_no_page() {
    use super::{Peer, addition, client, kind, page_wanted};
    use crate::model::ReadReply;
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        // The body of a 204 does not exist, whatever comes.
        "HTTP/1.1 204 No Content\r\nContent-Length: 12\r\n\r\n{\"error\":{}}",
    ] {
        let script = || vec![Step::Read, Step::Send(reply.into()), Step::Close];
        let peer = Peer::start(vec![script(), script()]).await;
        let verdict = client(&peer.url(), PATIENCE)
            .write(&addition(), &WireLog::off())
            .await;
        assert_eq!(kind(&verdict), "done", "{reply:?}: {verdict:?}");
        let ReadReply::Failed(verdict) = client(&peer.url(), PATIENCE)
            .view(&page_wanted(), &WireLog::off())
            .await
        else {
            panic!("{reply:?} is no page")
        };
        assert_eq!(kind(&verdict), "unclear", "{reply:?}: {verdict:?}");
    }
}
