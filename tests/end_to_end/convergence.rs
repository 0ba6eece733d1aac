//! The same collection again and again, as a workflow sends it every hour: it converges, and then nothing is
//! written any more.

use super::support::{Lab, with_blocklist};
use doorlist::simulator::Settings;
use serde_json::json;
use std::time::Duration;

fn addresses(count: usize) -> String {
    let indicators: Vec<_> = (0..count)
        .map(|n| json!({"value": format!("user{n}@example.org"), "type": "Email Address"}))
        .collect();
    json!({ "indicators": indicators }).to_string()
}

#[tokio::test]
async fn the_same_collection_twice_writes_nothing_the_second_time() {
    let lab = Lab::start().await;
    for (configuration, first, again) in [
        ("add-senders", "added", "already_present"),
        ("delete-senders", "removed", "already_absent"),
        ("add-recipients", "added", "already_present"),
        ("delete-recipients", "removed", "already_absent"),
    ] {
        let answer = lab.post(configuration, addresses(60)).await;
        assert_eq!(
            answer.count(first),
            60,
            "{configuration}: {}",
            answer.body["text"]
        );
        let writes = lab.writes().len();
        let answer = lab.post(configuration, addresses(60)).await;
        assert_eq!(
            answer.count(again),
            60,
            "{configuration}: {}",
            answer.body["text"]
        );
        assert_eq!(lab.writes().len(), writes, "{configuration}");
        assert_eq!(answer.body["appliances"][0]["calls"]["writes"], 0);
    }
    lab.stop().await;
}

#[tokio::test]
async fn fifty_new_senders_for_one_recipient_take_four_calls() {
    let lab = Lab::start().await;
    let answer = lab.post("add-senders", addresses(50)).await;
    assert_eq!(answer.count("added"), 50);
    assert_eq!(lab.simulator.requests().len(), 4);
    lab.stop().await;
}

#[tokio::test]
async fn a_thousand_recipients_at_a_hundred_objects_per_run_are_complete_after_ten_calls() {
    let lab = Lab::start_with(Settings::default(), "", "objects_per_run = 100").await;
    for call in 1..=10 {
        let answer = lab.post("add-recipients", addresses(1_000)).await;
        assert_eq!(answer.status, 200, "{}", answer.body["text"]);
        assert_eq!(answer.count("added"), 100, "call {call}: {}", answer.body["text"]);
        assert_eq!(answer.count("already_present"), (call - 1) * 100, "call {call}");
        assert_eq!(answer.count("waiting"), 1_000 - call * 100, "call {call}");
    }
    let answer = lab.post("add-recipients", addresses(1_000)).await;
    assert_eq!(answer.count("already_present"), 1_000);
    assert_eq!(lab.simulator.lists().blocklist.len(), 1_000);
    lab.stop().await;
}

#[tokio::test]
async fn senders_beyond_the_limit_of_one_mailbox_are_list_full_and_nothing_of_them_is_sent() {
    let lab = Lab::start_with(Settings::default(), "list_limit = 100", "objects_per_run = 100").await;
    for _ in 0..3 {
        lab.post("add-senders", addresses(1_000)).await;
    }
    let answer = lab.post("add-senders", addresses(1_000)).await;
    assert_eq!(answer.count("already_present"), 100);
    assert_eq!(answer.count("list_full"), 900);
    let results = answer.outcomes();
    assert_eq!(
        (results[99].as_str(), results[100].as_str()),
        ("already_present", "list_full"),
        "in input order"
    );
    assert!(
        lab.simulator
            .requests()
            .iter()
            .all(|request| request.status == Some(200)),
        "the appliance refused nothing"
    );
    assert_eq!(answer.status, 200, "a full mailbox is no trouble");
    lab.stop().await;
}

#[tokio::test]
async fn pages_of_a_long_list_are_read_to_the_end() {
    let rows: Vec<(String, String)> = (0..350)
        .map(|n| {
            (
                format!("old{n:03}@example.com"),
                format!("old{}.example", n % 340),
            )
        })
        .collect();
    let rows: Vec<(&str, &str)> = rows
        .iter()
        .map(|(recipient, sender)| (recipient.as_str(), sender.as_str()))
        .collect();
    let lab = Lab::start_with(with_blocklist(&rows), "", "").await;
    let answer = lab.post("add-senders", r#"["new.example"]"#).await;
    assert_eq!(answer.outcomes(), ["added"]);
    let answer = lab
        .post(
            "delete-senders",
            r#"["old3.example","old339.example","old.example"]"#,
        )
        .await;
    assert_eq!(answer.outcomes(), ["removed", "removed", "already_absent"]);
    assert_eq!(answer.body["results"][0]["pairs"]["written"], 2);
    lab.stop().await;
}

#[tokio::test]
async fn two_calls_at_once_for_one_list_are_served_one_after_the_other_and_credit_is_given_once() {
    let settings = Settings {
        latency: Duration::from_millis(20),
        ..Settings::default()
    };
    let lab = Lab::start_with(settings, "", "").await;
    let (one, other) = tokio::join!(
        lab.post("add-senders", addresses(20)),
        lab.post("add-senders", addresses(20))
    );
    assert_eq!(one.count("added") + other.count("added"), 20);
    assert_eq!(one.count("already_present") + other.count("already_present"), 20);
    lab.stop().await;
}
