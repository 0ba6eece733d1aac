//! Every fault as a raw caller sees it: the bytes, the end of the connection, the lists and the log afterwards.

use std::time::Duration;

use tokio::net::TcpStream;

use super::super::lists::pair;
use super::super::testing::{API_HEADERS, exchange};
use super::super::{Behaviour, FaultRule, Handle, Lists, Settings, Simulator};
use super::raw::Asked::{self, Append, AppendOld, Delete, LaterPage, View};
use super::raw::{self, BLOCKLIST, End};

/// Fault rules, one request, what its caller sees in a few words, who stands on the blocklist afterwards, and
/// the status in the log.
pub(super) type Case = (&'static str, Asked, &'static str, &'static str, Option<u16>);

const HANG: &str = "silent";

pub(super) const CASES: &[Case] = &[
    ("", View, "HTTP/1.1 200 OK, whole, closed", "old", Some(200)),
    ("", Append, "HTTP/1.1 200 OK, whole, closed", "old new", Some(200)),
    (
        "",
        AppendOld,
        "HTTP/1.1 409 Conflict, whole, closed",
        "old",
        Some(409),
    ),
    ("refuse_connections:for_ms=60000", Append, "refused", "old", None),
    ("accept_and_close", Append, "closed", "old", None),
    ("reset_before_apply", Append, "reset", "old", None),
    ("reset_after_apply", Append, "reset", "old new", None),
    ("reset_after_apply", Delete, "reset", "", None),
    (
        "reset_after_apply:method=POST",
        View,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    ("close_before_apply", Append, "closed", "old", None),
    ("close_after_apply", Append, "closed", "old new", None),
    ("cut_reply:after_bytes=0", Append, "closed", "old new", None),
    (
        "cut_reply:after_bytes=16",
        Append,
        "16 bytes, closed",
        "old new",
        None,
    ),
    (
        "cut_reply:after_bytes=17,by=reset",
        Append,
        "17 bytes, reset",
        "old new",
        Some(200),
    ),
    (
        "cut_reply:after_bytes=290",
        View,
        "HTTP/1.1 200 OK, cut, closed",
        "old",
        Some(200),
    ),
    (
        "cut_reply:after_bytes=290,by=reset",
        View,
        "HTTP/1.1 200 OK, cut, reset",
        "old",
        Some(200),
    ),
    (
        "cut_reply:after_bytes=99999",
        View,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "body_to_eof",
        Append,
        "HTTP/1.1 200 OK, no length, closed",
        "old new",
        Some(200),
    ),
    (
        "body_to_eof + cut_reply:after_bytes=9",
        Append,
        "HTTP/1.1 200 OK, no length, closed",
        "old new",
        Some(200),
    ),
    (
        "html:status=502",
        Append,
        "HTTP/1.1 502 Bad Gateway, whole, closed",
        "old",
        Some(502),
    ),
    (
        "html:status=504,applied=true",
        Append,
        "HTTP/1.1 504 Gateway Timeout, whole, closed",
        "old new",
        Some(504),
    ),
    (
        "html:status=200",
        View,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "status:status=503",
        Append,
        "HTTP/1.1 503 Service Unavailable, whole, closed",
        "old",
        Some(503),
    ),
    (
        "status:status=500,applied=true",
        Delete,
        "HTTP/1.1 500 Internal Server Error, whole, closed",
        "",
        Some(500),
    ),
    (
        "slow_drip:bytes=100,every_ms=1",
        Append,
        "HTTP/1.1 200 OK, whole, closed",
        "old new",
        Some(200),
    ),
    ("hang", Append, HANG, "old", None),
    ("hang:applied=true", Append, HANG, "old new", None),
    (
        "unauthorized",
        Append,
        "HTTP/1.1 401 Unauthorized, whole, closed",
        "old",
        Some(401),
    ),
    (
        "kill_tokens",
        View,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "says_yes_does_nothing",
        Append,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "says_yes_does_nothing",
        AppendOld,
        "HTTP/1.1 409 Conflict, whole, closed",
        "old",
        Some(409),
    ),
    (
        "says_yes_does_nothing + reset_after_apply",
        Append,
        "reset",
        "old",
        None,
    ),
    (
        "applied_late:after_requests=1",
        Append,
        "HTTP/1.1 200 OK, whole, closed",
        "old",
        Some(200),
    ),
    (
        "other_writer:when=before,list=blocklist,add=new@x.com:s.com",
        Append,
        "HTTP/1.1 409 Conflict, whole, closed",
        "old new",
        Some(409),
    ),
    (
        "other_writer:when=after,list=blocklist,add=other@x.com:s.com,remove=old@x.com:s.com",
        Append,
        "HTTP/1.1 200 OK, whole, closed",
        "new other",
        Some(200),
    ),
    (
        "other_writer:when=before,list=blocklist,remove=old@x.com:s.com,page=later + reset_after_apply",
        LaterPage,
        "reset",
        "",
        None,
    ),
];

pub(super) fn settings(rules: &str) -> Settings {
    let rules = rules.split(" + ").filter(|rule| !rule.is_empty());
    Settings {
        lists: Lists {
            blocklist: vec![pair("old@x.com", "s.com")],
            safelist: vec![],
        },
        faults: rules.map(|rule| rule.parse().expect(rule)).collect(),
        ..Settings::default()
    }
}

async fn start(rules: &str) -> Handle {
    Simulator::start(settings(rules)).await.expect("a free port")
}

/// The names in front of the `@`, in the order in which they are stored.
pub(super) fn names(lists: &Lists) -> String {
    let names = lists
        .blocklist
        .iter()
        .filter_map(|pair| pair.recipient.split('@').next());
    names.collect::<Vec<&str>>().join(" ")
}

#[tokio::test]
async fn each_fault_does_what_it_says_to_bytes_lists_and_log() {
    for (rules, asked, summary, left, status) in CASES {
        let handle = start(rules).await;
        let seen = asked.send(handle.address()).await;
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
        let seen = View.send(handle.address()).await;
        assert!(seen.text().contains(expected), "{rules}: {}", seen.text());
        assert_eq!(
            View.send(handle.address()).await.text().lines().next(),
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
        assert_eq!(AppendOld.send(handle.address()).await.summary(), summary);
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
    let until_let_in = exchange(address, "GET", BLOCKLIST, API_HEADERS, "").await;
    assert_eq!(until_let_in.status, 200);

    let closed = |for_ms: u64| Behaviour {
        faults: vec![
            format!("refuse_connections:for_ms={for_ms}")
                .parse()
                .expect("a rule"),
        ],
        ..Behaviour::default()
    };
    handle.set_behaviour(closed(3_600_000));
    assert_eq!(raw::read_to_its_end(&mut idle).await.end, End::Closed);
    assert_eq!(View.send(address).await.end, End::Refused);
    // Another behaviour opens it, and so does time.
    handle.set_behaviour(Behaviour::default());
    assert_eq!(
        View.send(address).await.summary(),
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

#[tokio::test]
async fn the_last_connection_before_a_closed_door_is_answered_and_then_ended() {
    let handle = start("refuse_connections:for_ms=3600000,skip=1").await;
    let reply = exchange(handle.address(), "GET", BLOCKLIST, API_HEADERS, "").await;
    assert_eq!((reply.status, reply.is_closed), (200, true));
    assert_eq!(View.send(handle.address()).await.end, End::Refused);
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
        Append.send(address).await.summary(),
        "HTTP/1.1 200 OK, whole, closed"
    );
    assert!(!View.send(address).await.text().contains("new@x.com"));
    assert!(View.send(address).await.text().contains("new@x.com"));
    let history = handle.history();
    assert_eq!((history.len(), history[0].sequence), (1, 5));
    handle.stop().await;
}

#[tokio::test]
async fn a_stop_ends_a_caller_that_hangs() {
    let handle = start("hang").await;
    let mut stream = TcpStream::connect(handle.address()).await.expect("a connection");
    let request = format!("GET {BLOCKLIST} HTTP/1.1\r\nHost: x\r\n{API_HEADERS}\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .expect("a write");
    while handle.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    handle.stop().await;
    assert_ne!(raw::read_to_its_end(&mut stream).await.end, End::Silent);
}

#[test]
fn every_fault_has_a_case() {
    let names = "refuse_connections accept_and_close reset_before_apply reset_after_apply close_before_apply close_after_apply cut_reply body_to_eof html status slow_drip hang unauthorized kill_tokens says_yes_does_nothing applied_late other_writer";
    for name in names.split(' ') {
        assert!(CASES.iter().any(|(rules, ..)| rules.contains(name)), "{name}");
    }
    // And there is none beside those.
    let error = "no_such_fault"
        .parse::<FaultRule>()
        .expect_err("no fault")
        .to_string();
    assert_eq!(
        error.matches('`').count() / 2,
        names.split(' ').count() + 1,
        "{error}"
    );
}
