//! What is never listed, told in different words for different reasons, and previews.

use super::support::{ADD_RECIPIENTS, ADD_SENDERS, DELETE_SENDERS, Lab, file_in_repository, post};
use doorlist::simulator::Settings;
use serde_json::json;

/// The example configuration of the README, with the appliance's address and passwords put in.
async fn example() -> Lab {
    let example = std::fs::read_to_string(file_in_repository("doorlist.example.toml")).unwrap();
    let settings = Settings {
        username: "doorlist".into(),
        ..Settings::default()
    };
    Lab::start_config(settings, |url| {
        example
            .replace("127.0.0.1:8750", "127.0.0.1:0")
            .replace("http://127.0.0.1:6080", url)
            .replace("password_file = \"esa-1.password\"", "password = \"ironport\"")
            .replace("password_file = \"sma-1.password\"", "password = \"ironport\"")
    })
    .await
}

#[tokio::test]
async fn with_the_example_configuration_nobody_blocks_their_own_company_by_mistake() {
    let lab = example().await;
    let url = format!(
        "{}/v1/actions/{ADD_SENDERS}?configuration=block-for-finance",
        lab.url
    );
    let mut reasons = Vec::new();
    for (value, words) in [
        ("gmail.com", "freemail provider gmail.com"),
        ("co.uk", "public suffix co.uk"),
        (
            "mail.acme.example",
            "own domain mail.acme.example (own_domains, doorlist.toml:",
        ),
        ("acme.example", "parent of the own domain mail.acme.example"),
        (
            "eu.mail.acme.example",
            "subdomain of the own domain mail.acme.example",
        ),
        (
            "ceo@mail.acme.example",
            "address at the own domain mail.acme.example",
        ),
        ("10.1.2.3", "private network"),
        ("127.0.0.1", "loopback"),
        (
            "example.com",
            "own domain example.com (recipient_list of [configurations.block-for-finance], doorlist.toml:",
        ),
    ] {
        let answer = post(&url, json!([value]).to_string()).await;
        assert_eq!(
            (answer.status, answer.outcomes().as_slice()),
            (200, ["refused_by_rule".to_owned()].as_slice()),
            "{value}"
        );
        let detail = answer.body["results"][0]["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(words), "{value}: {detail}");
        reasons.push(detail);
    }
    reasons.sort();
    reasons.dedup();
    assert_eq!(reasons.len(), 9, "each has an answer of its own: {reasons:?}");
    assert_eq!(lab.writes(), []);
    let answer = post(&url, r#"["someone@gmail.com", "gmail.com.evil.example"]"#).await;
    assert_eq!(answer.outcomes(), ["added", "added"]);
    lab.stop().await;
}

#[tokio::test]
async fn a_stored_sender_that_a_rule_forbids_stops_its_configuration_and_says_where_it_stands() {
    let lab = Lab::start_config(Settings::default(), |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[guard]\nown_domains = [\"acme.example\"]\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.one]\naction = \"{ADD_RECIPIENTS}\"\nappliance = \"esa-1\"\nsender_list = [\"fine.example\", \"acme.example\"]\n"
        )
    })
    .await;
    let answer = post(
        &format!("{}/v1/actions/{ADD_RECIPIENTS}", lab.url),
        r#"["a@acme.example"]"#,
    )
    .await;
    assert_eq!(answer.outcomes(), ["refused_by_rule"]);
    let detail = answer.body["results"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("sender_list of [configurations.one], doorlist.toml:13 holds"),
        "{detail}"
    );
    assert_eq!(lab.writes(), []);
    lab.stop().await;
}

#[tokio::test]
async fn a_preview_says_what_would_be_done_and_writes_nothing() {
    let lab = Lab::start().await;
    lab.post("add-senders", r#"["old.example"]"#).await;
    let before = (lab.writes().len(), lab.simulator.lists());
    let preview = async |action: &str, configuration: &str, body: &str| {
        post(
            &format!(
                "{}/v1/actions/{action}?configuration={configuration}&dry_run=true",
                lab.url
            ),
            body,
        )
        .await
    };
    let answer = preview(
        ADD_SENDERS,
        "add-senders",
        r#"["new.example","old.example","gmail.com"]"#,
    )
    .await;
    assert_eq!(
        answer.outcomes(),
        ["would_add", "already_present", "refused_by_rule"]
    );
    assert_eq!(answer.body["dry_run"], true);
    let text = answer.body["text"].as_str().unwrap();
    assert!(
        text.starts_with(
            "PREVIEW, nothing written; NOT LISTED 1 of 3 (1 refused by rule); 1 of 3 would be listed; "
        ),
        "{text}"
    );
    let first = &answer.body["results"][0];
    assert_eq!(
        (&first["pairs"]["would"], &first["appliances"][0]["mailboxes"]),
        (&json!(1), &json!(1))
    );
    let answer = preview(
        DELETE_SENDERS,
        "delete-senders",
        r#"["old.example","none.example"]"#,
    )
    .await;
    assert_eq!(answer.outcomes(), ["would_remove", "already_absent"]);
    assert_eq!(before, (lab.writes().len(), lab.simulator.lists()));
    lab.stop().await;
}

#[tokio::test]
async fn an_appliance_in_observe_mode_makes_every_call_a_preview_and_says_so() {
    let lab = Lab::start_with(Settings::default(), "mode = \"observe\"", "").await;
    for (configuration, outcome) in [
        ("add-senders", "would_add"),
        ("add-recipients", "unsupported_type"),
        ("delete-senders", "already_absent"),
    ] {
        let answer = lab.post(configuration, r#"["new.example"]"#).await;
        assert_eq!(answer.outcomes(), [outcome]);
        assert_eq!(
            (&answer.body["dry_run"], &answer.body["appliances"][0]["mode"]),
            (&json!(true), &json!("observe"))
        );
        let warning = answer.body["appliances"][0]["warnings"][0].as_str().unwrap();
        assert!(warning.contains("mode observe"), "{warning}");
    }
    assert_eq!(lab.writes(), []);
    lab.stop().await;
}

#[tokio::test]
async fn a_cap_is_told_before_anything_beyond_it_is_sent() {
    let lab = Lab::start_config(Settings::default(), |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[guard]\nadded_pairs_per_run_max = 4\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com, b@example.com\"\n"
        )
    })
    .await;
    let answer = post(
        &format!("{}/v1/actions/{ADD_SENDERS}", lab.url),
        r#"["x.example","y.example","z.example"]"#,
    )
    .await;
    assert_eq!(answer.outcomes(), ["added", "added", "over_cap"]);
    assert_eq!(lab.simulator.lists().blocklist.len(), 4);
    lab.stop().await;
}
