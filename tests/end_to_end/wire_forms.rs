//! What goes over the wire in the plain case, an empty list, key for key as ThreatQuotient's bundle sends it.

use super::support::{Lab, with_blocklist};
use serde_json::{Value, json};

async fn first_write(
    configuration: &str,
    seed: &[(&str, &str)],
    list_type: &str,
    body: Value,
) -> (String, String, Value) {
    let keys = format!("list_type = \"{list_type}\"");
    let mut settings = with_blocklist(seed);
    if list_type == "Safelist" {
        std::mem::swap(&mut settings.lists.blocklist, &mut settings.lists.safelist);
    }
    let lab = Lab::start_with(settings, "", &keys).await;
    let answer = lab.post(configuration, body.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let writes = lab.writes();
    assert_eq!(writes.len(), 1, "{writes:?}");
    lab.stop().await;
    writes.into_iter().next().unwrap()
}

#[tokio::test]
async fn the_four_actions_send_what_the_bundle_sends_to_the_list_that_is_configured() {
    let user = json!({"indicators": [{"value": "user1@acme.example", "type": "Email Address"}]});
    let there = [
        ("user1@acme.example", "bad.example"),
        ("user1@example.com", "user1@acme.example"),
    ];
    for list_type in ["Blocklist", "Safelist"] {
        for (configuration, seed, method, body) in [
            (
                "add-recipients",
                &[][..],
                "POST",
                json!({"action": "add", "quarantineType": "spam", "viewBy": "recipient", "recipientAddresses": ["user1@acme.example"], "senderList": ["bad.example"]}),
            ),
            (
                "add-senders",
                &[][..],
                "POST",
                json!({"action": "append", "quarantineType": "spam", "viewBy": "sender", "senderAddresses": ["user1@acme.example"], "recipientList": ["user1@example.com"]}),
            ),
            (
                "delete-recipients",
                &there[..],
                "DELETE",
                json!({"quarantineType": "spam", "viewBy": "recipient", "recipientList": ["user1@acme.example"]}),
            ),
            (
                "delete-senders",
                &there[..],
                "DELETE",
                json!({"quarantineType": "spam", "viewBy": "sender", "senderList": ["user1@acme.example"]}),
            ),
        ] {
            let written = first_write(configuration, seed, list_type, user.clone()).await;
            let path = format!("/esa/api/v2.0/quarantine/{}", list_type.to_lowercase());
            assert_eq!(
                written,
                (method.to_owned(), path, body),
                "{configuration} on the {list_type}"
            );
        }
    }
}

#[tokio::test]
async fn the_root_of_a_management_appliance_is_used_when_it_is_configured() {
    let lab = Lab::start_with(Default::default(), "root = \"sma\"", "").await;
    let answer = lab.post("add-senders", r#"["bad.example"]"#).await;
    assert_eq!(answer.outcomes(), ["added"]);
    assert!(
        lab.simulator
            .requests()
            .iter()
            .all(|request| request.path.starts_with("/sma/api/v2.0/quarantine/"))
    );
    lab.stop().await;
}

#[tokio::test]
async fn every_view_asks_with_offset_and_limit_and_with_an_order() {
    let lab = Lab::start().await;
    lab.post("add-senders", r#"["bad.example"]"#).await;
    lab.post("delete-senders", r#"["bad.example"]"#).await;
    let views: Vec<_> = lab
        .simulator
        .requests()
        .into_iter()
        .filter(|request| request.method == "GET")
        .collect();
    assert!(!views.is_empty());
    for view in views {
        for key in [
            "action=view",
            "quarantineType=spam",
            "viewBy=",
            "offset=",
            "limit=",
            "orderBy=",
            "orderDir=",
        ] {
            assert!(view.query.contains(key), "{key} in {}", view.query);
        }
        assert_eq!(view.status, Some(200));
    }
    lab.stop().await;
}

#[tokio::test]
async fn an_ipv6_address_and_an_ip_address_go_out_in_brackets() {
    let lab = Lab::start().await;
    let body = r#"{"indicators":[{"value":"192.0.2.25","type":"IP Address"},{"value":"2001:DB8::25","type":"IPv6 Address"}]}"#;
    assert_eq!(lab.post("add-senders", body).await.outcomes(), ["added", "added"]);
    assert_eq!(
        lab.writes()[0].2["senderAddresses"],
        json!(["[192.0.2.25]", "[ipv6:2001:db8::25]"])
    );
    lab.stop().await;
}
