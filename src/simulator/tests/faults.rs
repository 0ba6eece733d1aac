//! Every fault as a raw caller sees it: the bytes, the end of the connection, the lists and the log afterwards.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::super::testing::{API_HEADERS, exchange};
use super::super::{Behaviour, FaultRule, Handle, Simulator};
use super::cases::{CASES, names, patience, settings};
use super::raw::Asked::{Append, AppendOld, View};
use super::raw::{self, BLOCKLIST, End, PATIENCE};

async fn start(rules: &str) -> Handle {
    Simulator::start(settings(rules)).await.expect("a free port")
}

#[tokio::test]
async fn each_fault_does_what_it_says_to_bytes_lists_and_log() {
    for (rules, asked, summary, left, status) in CASES {
        let handle = start(rules).await;
        let seen = asked.send(handle.address(), patience(rules)).await;
        assert_eq!(&seen.summary(), summary, "{rules} {asked:?}");
        assert_eq!(&names(&handle.lists()), left, "{rules} {asked:?}");

        let log = handle.requests();
        let logged = log.last().expect("an entry");
        assert_eq!(&logged.status, status, "{rules} {asked:?}");
        let fires =
            !rules.is_empty() && !rules.contains("method=POST") || asked.method() == http::Method::POST;
        if fires && !rules.is_empty() {
            let name = rules.split([':', ' ']).next().expect("a name");
            assert!(
                logged.faults[0].starts_with(name),
                "{rules} {asked:?}: {logged:?}"
            );
        }
        let is_of_connections = logged.method.is_empty();
        assert_eq!(
            is_of_connections,
            rules.contains("refuse") || rules.contains("accept"),
            "{rules}"
        );
        handle.stop().await;
    }
}

#[tokio::test]
async fn what_a_server_in_front_or_another_status_says_is_in_the_bytes() {
    for (rules, expected) in [
        ("html:status=502", "<h1>502 Bad Gateway</h1>"),
        ("status:status=503,retry_after_seconds=7", "retry-after: 7\r\n"),
        ("status:status=503", r#""code":"503""#),
        ("status:status=204", "HTTP/1.1 204 No Content\r\n"),
        ("unauthorized", r#""message":"Unauthorized.""#),
    ] {
        let handle = start(rules).await;
        let seen = View.send(handle.address(), PATIENCE).await;
        assert!(seen.text().contains(expected), "{rules}: {}", seen.text());
        assert_eq!(
            View.send(handle.address(), PATIENCE).await.text().lines().next(),
            Some("HTTP/1.1 200 OK")
        );
        handle.stop().await;
    }
}

#[tokio::test]
async fn each_framing_of_an_error_is_seen_so_by_its_caller() {
    for (framing, summary) in [
        ("length", "HTTP/1.1 409 Conflict, whole, closed"),
        ("eof", "HTTP/1.1 409 Conflict, no length, closed"),
        ("rst", "reset"),
        (
            "reason",
            "HTTP/1.1 409 Entry already exists - old@x.com, s.com., whole, closed",
        ),
        ("html", "HTTP/1.1 409 Conflict, whole, closed"),
    ] {
        let mut settings = settings("");
        settings.knobs.set("error_framing", framing).expect("a framing");
        let handle = Simulator::start(settings).await.expect("a free port");
        assert_eq!(
            AppendOld.send(handle.address(), PATIENCE).await.summary(),
            summary
        );
        let status = (framing != "rst").then_some(409);
        assert_eq!(handle.requests()[0].status, status, "{framing}");
        handle.stop().await;
    }
}

#[tokio::test]
async fn a_closed_door_refuses_ends_idle_connections_and_opens_again() {
    let handle = start("").await;
    let address = handle.address();
    let mut idle = TcpStream::connect(address).await.expect("a connection");
    // Who is answered was let in, and so was everybody before.
    let later = exchange(address, "GET", BLOCKLIST, API_HEADERS, "").await;
    assert_eq!(later.status, 200);

    let closed = |for_ms: u64| Behaviour {
        faults: vec![
            format!("refuse_connections:for_ms={for_ms}")
                .parse()
                .expect("a rule"),
        ],
        ..Behaviour::default()
    };
    handle.set_behaviour(closed(3_600_000));
    assert_eq!(raw::read_to_its_end(&mut idle, PATIENCE).await.end, End::Closed);
    assert_eq!(View.send(address, PATIENCE).await.end, End::Refused);
    // Another behaviour opens it, and so does time.
    handle.set_behaviour(Behaviour::default());
    assert_eq!(
        View.send(address, PATIENCE).await.summary(),
        "HTTP/1.1 200 OK, whole, closed"
    );
    handle.set_behaviour(closed(20));
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let faults: Vec<String> = handle
        .requests()
        .into_iter()
        .flat_map(|logged| logged.faults)
        .collect();
    assert_eq!(
        faults,
        [
            "refuse_connections for_ms=3600000",
            "refuse_connections for_ms=20"
        ]
    );
    handle.stop().await;
}

/// A view on a connection that may be used again.
async fn ask_and_keep(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!("GET {BLOCKLIST} HTTP/1.1\r\nHost: x\r\n{API_HEADERS}\r\n");
    stream.write_all(request.as_bytes()).await.expect("a write");
    stream
}

#[tokio::test]
async fn the_last_connection_before_a_closed_door_is_answered_and_then_ended() {
    let handle = start("refuse_connections:for_ms=3600000,skip=1").await;
    let mut kept = ask_and_keep(handle.address()).await;
    let seen = raw::read_to_its_end(&mut kept, PATIENCE).await;
    assert_eq!(seen.summary(), "HTTP/1.1 200 OK, whole, closed");
    assert_eq!(View.send(handle.address(), PATIENCE).await.end, End::Refused);
    handle.stop().await;
}

#[tokio::test]
async fn killed_tokens_are_unknown_and_late_effects_come_after_so_many_requests() {
    let handle = start("kill_tokens:skip=2 + applied_late:after_requests=1").await;
    let address = handle.address();
    let body = r#"{"data": {"userName": "YWRtaW4=", "passphrase": "aXJvbnBvcnQ="}}"#;
    let login = exchange(address, "POST", "/esa/api/v2.0/login", "", body).await;
    let login: serde_json::Value = serde_json::from_str(&login.body).expect("JSON");
    let token = format!(
        "jwtToken: {}\r\n",
        login["data"]["jwtToken"].as_str().expect("a token")
    );
    assert_eq!(exchange(address, "GET", BLOCKLIST, &token, "").await.status, 200);
    assert_eq!(exchange(address, "GET", BLOCKLIST, &token, "").await.status, 401);

    // The fourth request writes, the fifth does not see it, the sixth does.
    assert_eq!(
        Append.send(address, PATIENCE).await.summary(),
        "HTTP/1.1 200 OK, whole, closed"
    );
    assert!(!View.send(address, PATIENCE).await.text().contains("new@x.com"));
    assert!(View.send(address, PATIENCE).await.text().contains("new@x.com"));
    let history = handle.history();
    assert_eq!((history.len(), history[0].sequence), (1, 5));
    handle.stop().await;
}

#[tokio::test]
async fn a_stop_ends_a_caller_that_hangs() {
    let handle = start("hang").await;
    let mut stream = ask_and_keep(handle.address()).await;
    while handle.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    handle.stop().await;
    assert_ne!(raw::read_to_its_end(&mut stream, PATIENCE).await.end, End::Silent);
}

#[test]
fn every_fault_has_a_case() {
    let error = "no_such_fault"
        .parse::<FaultRule>()
        .expect_err("no fault")
        .to_string();
    let (_, names) = error.split_once("expected one of ").expect("all that there are");
    for name in names.split('`').skip(1).step_by(2) {
        let cases = CASES
            .iter()
            .filter(|(rules, ..)| rules.split([':', ' ']).next() == Some(name));
        assert!(cases.count() > 0, "{name}");
    }
}
