//! Bodies that are whole and not what was asked for: pages of front servers, compressed ones, ones without end. And
//! what people are told of them, which decides nothing.

use super::{PATIENCE, Peer, Step, WireLog, addition, case, check, client, kind, page_wanted, sent};
use crate::model::ReadReply;

fn reply(status: &str, body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let mut reply = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    reply.extend_from_slice(body);
    sent(reply)
}

#[tokio::test]
async fn a_yes_in_a_body_that_is_no_answer_of_the_appliance_is_none() {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";
    check(
        PATIENCE,
        vec![
            case(
                "a page of a front server",
                reply(
                    "200 OK",
                    "<html><head><title>Sign in</title></head><body>...</body></html>",
                ),
                "unclear",
                "status 200 Sign in",
            ),
            case(
                "a page without a title",
                reply("200 OK", "<html><body><h1>It works!</h1></body></html>"),
                "unclear",
                "status 200 It works!",
            ),
            case("text", reply("200 OK", "OK"), "unclear", "status 200 OK"),
            case("a list", reply("200 OK", "[]"), "unclear", "status 200 []"),
            case(
                "an error under a 200",
                reply("200 OK", r#"{"error":{"message":"Not Found.","code":"404"}}"#),
                "unclear",
                "status 200 Not Found.",
            ),
            case(
                "two documents",
                reply("200 OK", "{\"data\":[]}{}"),
                "unclear",
                "status 200",
            ),
            case(
                "a compressed body, though none is asked for",
                reply("200 OK\r\nContent-Encoding: gzip", gzip),
                "unclear",
                "a compressed body, which was not asked for",
            ),
            case(
                "a part",
                reply("206 Partial Content", "{\"data\":[]}"),
                "unclear",
                "status 206",
            ),
            case(
                "a mark of the byte order before the JSON, which is harmless",
                reply("200 OK", "\u{feff}{\"meta\":{\"totalCount\":0},\"data\":[]}"),
                "done",
                "",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn people_are_told_the_words_in_the_body_of_a_no() {
    check(
        PATIENCE,
        vec![
            case(
                "Cisco's error",
                reply(
                    "400 Bad Request",
                    "{\"error\":\r\n {\"message\": \"Bad entry: x.\",\r\n \"code\": \"400\"}}",
                ),
                "refused 400",
                "answered 400: Bad entry: x.",
            ),
            case(
                "a page",
                reply(
                    "413 Too Large",
                    "<HTML><TITLE>413 Request Entity Too Large</TITLE></HTML>",
                ),
                "refused 413",
                "answered 413: 413 Request Entity Too Large",
            ),
            case(
                "a page that shows what was sent",
                reply(
                    "403 Forbidden",
                    "<html><body><pre>Authorization: Basic YWRtaW46MDA3\nHost: x</pre></body></html>",
                ),
                "denied 403",
                "Authorization: Basic [hidden] Host: x",
            ),
            case(
                "signs that would move a cursor",
                reply("404 Not Found", "gone\u{1b}[2J\u{202e}"),
                "refused 404",
                "answered 404: gone\\u{1b}[2J\\u{202e}",
            ),
            case(
                "more than anybody reads",
                reply("404 Not Found", "x".repeat(100_000)),
                "refused 404",
                "xxx...",
            ),
            case(
                "nothing",
                reply("409 Conflict", ""),
                "refused 409",
                "the appliance answered 409",
            ),
            case(
                "nothing, and the message in the status line",
                reply("409 Entry exists already.", ""),
                "refused 409",
                "answered 409: Entry exists already.",
            ),
            case(
                "the message in the status line, and the end of the connection",
                sent("HTTP/1.0 400 Bad entry.\r\n\r\n"),
                "refused 400",
                "answered 400: Bad entry.",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_body_without_end_is_left_and_its_status_kept() {
    const SPACES: &[u8] = &[b' '; 65_536];
    for (head, outcome, words) in [
        (
            "HTTP/1.1 200 OK\r\n\r\n{\"data\":[]",
            "unclear",
            "a body without end",
        ),
        (
            "HTTP/1.1 409 Conflict\r\n\r\n{\"error\":{",
            "refused 409",
            "answered 409: {\"error\":{",
        ),
    ] {
        let script = || vec![Step::Read, Step::Send(head.into()), Step::SendForever(SPACES)];
        let peer = Peer::start(vec![script(), script()]).await;
        let client = client(&peer.url(), PATIENCE);
        let written = client.write(&addition(), &WireLog::off()).await;
        let ReadReply::Failed(read) = client.view(&page_wanted(), &WireLog::off()).await else {
            panic!("{head:?} is no page")
        };
        for verdict in [written, read] {
            assert_eq!(kind(&verdict), outcome, "{head:?}: {verdict:?}");
            assert!(verdict.describe().contains(words), "{head:?}: {verdict:?}");
        }
    }
}
