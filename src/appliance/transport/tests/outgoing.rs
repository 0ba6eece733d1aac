//! What leaves: exact requests, with a length and the credentials, and nothing that an old server would not
//! understand. And what never leaves: a password in what is printed.

use super::{PATIENCE, Peer, Step, YES, addition, client, deletion, page_wanted, settings};
use crate::appliance::{Appliance, WireLog};
use crate::config::{ApplianceSettings, Secret};
use base64::Engine as _;

/// The three requests of these calls, in lower case.
async fn sent_requests() -> [String; 3] {
    let answered = || vec![Step::Read, Step::Send(YES.into()), Step::Close];
    let peer = Peer::start(vec![answered(), answered(), answered()]).await;
    client(&peer.url(), PATIENCE)
        .write(&deletion(), &WireLog::off())
        .await;
    client(&peer.url(), PATIENCE)
        .write(&addition(), &WireLog::off())
        .await;
    client(&peer.url(), PATIENCE)
        .view(&page_wanted(), &WireLog::off())
        .await;
    let lower: Vec<String> = peer
        .requests()
        .iter()
        .map(|request| request.to_lowercase())
        .collect();
    lower.try_into().unwrap()
}

#[tokio::test]
async fn a_change_carries_its_body_with_a_length_and_every_request_the_credentials() {
    let [deletion, addition, view] = sent_requests().await;
    let deleted = r#"{"quarantinetype":"spam","viewby":"sender","senderlist":["bad.example"]}"#;
    for (request, line, body) in [
        (
            &deletion,
            "delete /esa/api/v2.0/quarantine/blocklist http/1.1\r\n",
            deleted,
        ),
        (
            &addition,
            "post /esa/api/v2.0/quarantine/blocklist http/1.1\r\n",
            "{\"action\":\"append\",",
        ),
        (&view, "get /esa/api/v2.0/quarantine/blocklist?action=view&", ""),
    ] {
        assert!(request.starts_with(line), "{request}");
        assert!(request.contains(&format!("\r\n\r\n{body}")), "{request}");
        for expected in [
            "authorization: basic ywrtaw46mda3\r\n",
            "accept: application/json\r\n",
            "user-agent: doorlist/",
        ] {
            assert!(request.contains(expected), "{expected}: {request}");
        }
        for unexpected in [
            "transfer-encoding",
            "expect:",
            "accept-encoding",
            "cookie",
            "referer",
            "origin:",
        ] {
            assert!(!request.contains(unexpected), "{unexpected}: {request}");
        }
        let has_body = !body.is_empty();
        assert_eq!(
            request.contains("content-type: application/json\r\n"),
            has_body,
            "{request}"
        );
        assert_eq!(request.contains("content-length: "), has_body, "{request}");
    }
    assert!(
        deletion.contains(&format!("content-length: {}\r\n", deleted.len())),
        "{deletion}"
    );
}

#[test]
fn neither_settings_nor_a_client_show_the_password_in_debug() {
    let settings = ApplianceSettings {
        password: Secret::new("hunter-42".into()),
        ..settings("http://127.0.0.1:1", PATIENCE)
    };
    let appliance = Appliance::new(&settings).unwrap();
    let shown = format!("{settings:?} {appliance:?}");
    let encoded = base64::engine::general_purpose::STANDARD.encode("admin:hunter-42");
    assert!(
        !shown.contains("hunter-42") && !shown.contains(&encoded),
        "{shown}"
    );
}
