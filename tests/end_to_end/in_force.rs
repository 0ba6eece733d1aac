//! From when on a change counts for mail: told for what was changed and for nothing else, reckoned from the end of the
//! task and the delay that the operator configured.

use super::support::{ADD_SENDERS, Lab, post};
use doorlist::simulator::{Settings, Simulator};
use serde_json::Value;
use std::time::{Duration, SystemTime};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_was_changed_is_told_with_the_moment_from_when_on_it_is_in_force() {
    let lab = Lab::start_with(Settings::default(), "list_sync_minutes = 15", "").await;
    for (configuration, state) in [
        ("add-senders", "in force"),
        ("delete-senders", "no longer in force"),
    ] {
        let before = SystemTime::now();
        let answer = lab.post(configuration, r#"["a.example"]"#).await;
        let after = SystemTime::now();
        let line = &answer.body["appliances"][0];
        let by = line["in_force_by"].as_str().unwrap();
        let moment = humantime::parse_rfc3339(by).unwrap();
        assert!(
            before + 15 * MINUTE <= moment && moment <= after + 16 * MINUTE,
            "{by}"
        );
        assert!(by.ends_with(":00Z"), "{by}");
        assert_eq!(
            line["in_force"],
            format!("{state} by {by} (list_sync_minutes = 15)")
        );
        let text = answer.body["text"].as_str().unwrap();
        let part = format!("; blocklist of esa-1; {state} by {} UTC; run ", &by[11..16]);
        assert!(text.contains(&part), "{text}");

        let again = lab.post(configuration, r#"["a.example"]"#).await;
        let line = &again.body["appliances"][0];
        assert_eq!(
            (&line["in_force"], &line["in_force_by"]),
            (&Value::Null, &Value::Null)
        );
        assert!(!again.body["text"].as_str().unwrap().contains("in force"));
    }
    lab.stop().await;
}

#[tokio::test]
async fn an_unknown_delay_is_told_with_the_appliance_and_keeps_the_sentence_from_naming_a_moment() {
    let other = Simulator::start(Settings::default()).await.unwrap();
    let lab = Lab::start_config(Settings::default(), |url| {
        let appliance = |name: &str, url: &str, keys: &str| {
            format!(
                "[appliances.{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n{keys}\n"
            )
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}\
             [configurations.add]\naction = \"{ADD_SENDERS}\"\nappliances = [\"esa-1\", \"esa-2\"]\nrecipient_list = \"u@example.com\"\n",
            appliance("esa-1", url, "list_sync_minutes = 15"),
            appliance("esa-2", &other.url(), "")
        )
    })
    .await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let preview = post(&format!("{url}?dry_run=true"), r#"["a.example"]"#).await;
    let answer = post(&url, r#"["a.example"]"#).await;
    for (index, in_force_there) in [true, false].into_iter().enumerate() {
        assert_eq!(preview.body["appliances"][index]["in_force"], Value::Null);
        let line = &answer.body["appliances"][index];
        assert_eq!(line["in_force_by"].is_string(), in_force_there, "{line}");
    }
    assert_eq!(
        answer.body["appliances"][1]["in_force"],
        "delay unknown, set list_sync_minutes"
    );
    assert!(!answer.body["text"].as_str().unwrap().contains("in force"));
    lab.stop().await;
}
