//! Requests of 4 MiB that the peer reads by half before it answers or dies. What the client still gets to see is a
//! race between its writing and its reading; what it makes of it must be true either way.

use super::{PATIENCE, Peer, Step, addition, kind, settings};
use crate::appliance::WireLog;
use crate::appliance::transport::Transport;
use crate::appliance::verdict;
use crate::appliance::wire::{self, Request};
use crate::config::Root;
use crate::model::Verdict;
use http::HeaderMap;

const WHOLE: usize = 4 * 1024 * 1024;

/// An addition with a body of 4 MiB; what stands in it is nobody's matter here.
fn large_addition() -> Request {
    Request {
        body: Some(vec![b' '; WHOLE]),
        ..wire::request_of_write(Root::Esa, &addition())
    }
}

async fn send_half_read(steps: Vec<Step>) -> Verdict {
    let mut script = vec![Step::ReadPart(WHOLE / 2)];
    script.extend(steps);
    let peer = Peer::start(vec![script]).await;
    let transport = Transport::new(&settings(&peer.url(), PATIENCE)).unwrap();
    let verdict = verdict::of_write(
        &transport
            .send(&large_addition(), HeaderMap::new(), &WireLog::off(), &[])
            .await
            .answer,
    );
    assert_eq!(peer.connections(), 1, "sent again: {verdict:?}");
    verdict
}

#[tokio::test]
async fn a_half_read_request_is_unclear_or_what_the_status_says_and_never_done_or_unsent() {
    let conflict = |head: &str| Step::Send(format!("HTTP/1.1 409 Conflict\r\n{head}\r\n{{}}").into_bytes());
    let with_length = || conflict("Content-Length: 2\r\n");
    let without_length = || conflict("");
    for (peer, steps, allowed) in [
        ("a reset", vec![Step::Reset], &["unclear"][..]),
        // What is left unread turns the end of the connection into a reset.
        ("the end of the connection", vec![], &["unclear"]),
        (
            "a 409 with its length, the rest unread",
            vec![with_length()],
            &["refused 409", "unclear"],
        ),
        (
            "a 409 without a length, the rest unread",
            vec![without_length()],
            &["refused 409", "unclear"],
        ),
        (
            "a 409 with its length, and a reset",
            vec![with_length(), Step::Reset],
            &["refused 409", "unclear"],
        ),
        (
            "a 409 with its length, the rest read away",
            vec![with_length(), Step::Close],
            &["refused 409"],
        ),
        (
            "a 409 without a length, the rest read away",
            vec![without_length(), Step::Close],
            &["refused 409"],
        ),
    ] {
        for _ in 0..4 {
            let verdict = send_half_read(steps.clone()).await;
            assert!(allowed.contains(&kind(&verdict).as_str()), "{peer}: {verdict:?}");
        }
    }
}
