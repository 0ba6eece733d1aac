//! Connections: those that are not made, those that are kept, and where a redirect would lead. Nothing is sent twice,
//! and the credentials go to the configured address alone.

use super::{PATIENCE, Peer, Step, WireLog, YES, addition, client, kind, sent};
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    for (url, words) in [
        (format!("http://{nobody}"), "not reached: connection refused"),
        (format!("https://{nobody}"), "not reached: connection refused"),
        // Where no server of names answers, the time runs out before the name is known.
        ("http://esa.invalid:6080".to_owned(), "not reached: "),
    ] {
        let verdict = client(&url, Duration::from_secs(5))
            .write(&addition(), &WireLog::off())
            .await;
        assert_eq!(kind(&verdict), "unreachable", "{url}: {verdict:?}");
        assert!(verdict.describe().contains(words), "{url}: {verdict:?}");
    }
}

#[tokio::test]
async fn a_kept_connection_is_used_again() {
    let peer = Peer::start(vec![vec![
        Step::Read,
        Step::Send(YES.into()),
        Step::Read,
        Step::Send(YES.into()),
        Step::Hold,
    ]])
    .await;
    let client = client(&peer.url(), PATIENCE);
    for _ in 0..2 {
        let verdict = client.write(&addition(), &WireLog::off()).await;
        assert_eq!(kind(&verdict), "done", "{verdict:?}");
    }
    assert_eq!((peer.connections(), peer.requests().len()), (1, 2));
}

#[tokio::test]
async fn an_idle_connection_that_the_appliance_ended_costs_nothing_but_a_new_one() {
    let answered = || vec![Step::Read, Step::Send(YES.into()), Step::Close];
    let peer = Peer::start(vec![answered(), answered()]).await;
    let client = client(&peer.url(), PATIENCE);
    let verdict = client.write(&addition(), &WireLog::off()).await;
    assert_eq!(kind(&verdict), "done", "{verdict:?}");
    // The peer ended it, and the client has seen that when it ends it as well.
    peer.ended(0).await;
    let verdict = client.write(&addition(), &WireLog::off()).await;
    assert_eq!(kind(&verdict), "done", "{verdict:?}");
    assert_eq!((peer.connections(), peer.requests().len()), (2, 2));
}

#[tokio::test]
async fn a_second_request_on_a_kept_connection_is_not_sent_again_when_it_gets_no_answer() {
    for (end, words) in [
        (Step::Close, "connection closed"),
        (Step::Reset, "connection reset"),
    ] {
        let peer = Peer::start(vec![vec![
            Step::Read,
            Step::Send(YES.into()),
            Step::Read,
            end.clone(),
        ]])
        .await;
        let client = client(&peer.url(), PATIENCE);
        let verdict = client.write(&addition(), &WireLog::off()).await;
        assert_eq!(kind(&verdict), "done", "{end:?}: {verdict:?}");
        let verdict = client.write(&addition(), &WireLog::off()).await;
        assert_eq!(kind(&verdict), "unclear", "{end:?}: {verdict:?}");
        assert!(verdict.describe().contains(words), "{end:?}: {verdict:?}");
        assert_eq!((peer.connections(), peer.requests().len()), (1, 2), "{end:?}");
    }
}

#[tokio::test]
async fn what_comes_behind_an_answer_is_not_taken_for_the_next_one() {
    let first_and_stray = [YES, b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"].concat();
    for _ in 0..20 {
        let peer = Peer::start(vec![
            vec![Step::Read, Step::Send(first_and_stray.clone()), Step::Hold],
            vec![Step::Read, Step::Send(YES.into()), Step::Hold],
        ])
        .await;
        let client = client(&peer.url(), PATIENCE);
        let verdict = client.write(&addition(), &WireLog::off()).await;
        assert_eq!(kind(&verdict), "done", "{verdict:?}");
        let verdict = client.write(&addition(), &WireLog::off()).await;
        assert_eq!(kind(&verdict), "done", "{verdict:?}");
        assert_eq!((peer.connections(), peer.requests().len()), (2, 2));
    }
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Peer::start(vec![]).await;
        let location = format!("{}/esa/api/v2.0/quarantine/blocklist", elsewhere.url());
        let reply = format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let mut script = vec![Step::Read];
        script.extend(sent(reply));
        let peer = Peer::start(vec![script]).await;
        let verdict = client(&peer.url(), PATIENCE)
            .write(&addition(), &WireLog::off())
            .await;
        assert_eq!(
            verdict.describe(),
            format!("the appliance answered {status}: redirects to {location}")
        );
        assert_eq!(kind(&verdict), format!("refused {status}"));
        assert_eq!(
            (peer.requests().len(), elsewhere.connections()),
            (1, 0),
            "{status}"
        );
    }
}
