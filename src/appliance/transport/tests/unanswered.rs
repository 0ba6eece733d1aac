//! Requests to which no status came: what was sent may have been applied, so that it is never called a no, and
//! never called unsent.

use super::{IMPATIENCE, PATIENCE, Peer, Step, WireLog, addition, case, check, client, kind};

#[tokio::test]
async fn a_request_without_a_status_may_have_been_applied() {
    let half_a_head = || Step::Send(b"HTTP/1.1 409 Conflict\r\nContent-".to_vec());
    check(
        PATIENCE,
        vec![
            case(
                "the end of the connection",
                [Step::Close],
                "unclear",
                "connection closed",
            ),
            case("a reset", [Step::Reset], "unclear", "connection reset"),
            case(
                "a reset within the head",
                [half_a_head(), Step::Reset],
                "unclear",
                "connection reset",
            ),
        ],
    )
    .await;
    check(
        IMPATIENCE,
        vec![
            case("silence", [Step::Hold], "unclear", "no answer within 900ms"),
            case(
                "half a head, and silence",
                [half_a_head(), Step::Hold],
                "unclear",
                "no answer within 900ms",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_answer_before_the_request_is_lost_or_taken_and_never_more_than_it_says() {
    // Which of the two comes first, the answer or the request, is a race.
    for _ in 0..20 {
        let early = Step::Send(b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n".to_vec());
        let peer = Peer::start(vec![vec![early, Step::Close]]).await;
        let verdict = client(&peer.url(), PATIENCE)
            .write(&addition(), &WireLog::off())
            .await;
        assert!(
            ["unclear", "refused 409"].contains(&kind(&verdict).as_str()),
            "{verdict:?}"
        );
        assert_eq!(peer.connections(), 1, "sent again: {verdict:?}");
    }
}
