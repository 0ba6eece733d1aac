//! What an appliance, or its absence, does to a run: every item hears the reason, and the workflow turns red.

use super::support::{ADD_SENDERS, Lab, post, with_blocklist};
use doorlist::simulator::{Knobs, Lists, Pair, Settings};

const TWO: &str = r#"["a.example","b.example"]"#;

#[tokio::test]
async fn an_appliance_that_is_gone_gives_unreachable_for_each_item_and_502_with_the_report() {
    let lab = Lab::start().await;
    let Lab {
        simulator,
        url,
        stop,
        server,
        ..
    } = lab;
    simulator.stop().await;
    let answer = post(&format!("{url}/v1/actions/{ADD_SENDERS}"), TWO).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.outcomes(), ["unreachable", "unreachable"]);
    for result in answer.body["results"].as_array().unwrap() {
        let detail = result["detail"].as_str().unwrap();
        assert!(detail.to_lowercase().contains("refused"), "{detail}");
        assert_eq!(
            (&result["ok"], &result["retry"]),
            (&false.into(), &"later".into())
        );
    }
    let text = answer.body["text"].as_str().unwrap();
    assert!(text.starts_with("NOT LISTED 2 of 2 (2 unreachable); "), "{text}");
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn when_a_run_counts_as_failed_is_the_operators_choice() {
    for (fail_on, mixed, all) in [("any", 502, 502), ("all", 200, 502), ("never", 200, 200)] {
        let lab = Lab::start_config(Settings::default(), |_| {
            format!(
                "[server]\nlisten = \"127.0.0.1:0\"\nfail_on = \"{fail_on}\"\n\
                 [appliances.gone]\nurl = \"http://127.0.0.1:1\"\nallow_http = true\nusername = \"admin\"\npassword = \"x\"\n\
                 [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"gone\"\nrecipient_list = \"a@example.com\"\n"
            )
        })
        .await;
        let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
        assert_eq!(
            post(&url, r#"["a.example","not valid"]"#).await.status,
            mixed,
            "{fail_on}"
        );
        assert_eq!(post(&url, TWO).await.status, all, "{fail_on}");
        lab.stop().await;
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_as_credentials_or_role_after_one_call() {
    let settings = Settings {
        password: "another".into(),
        ..Settings::default()
    };
    let lab = Lab::start_with(settings, "", "").await;
    let answer = lab.post("add-senders", TWO).await;
    assert_eq!(
        (answer.status, answer.outcomes().as_slice()),
        (
            502,
            ["unreachable".to_owned(), "unreachable".to_owned()].as_slice()
        )
    );
    let detail = answer.body["results"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("401") && detail.contains("role"), "{detail}");
    assert_eq!(
        lab.simulator.requests().len(),
        1,
        "accounts lock after failed logins"
    );
    assert!(!answer.body.to_string().contains("ironport"));
    lab.stop().await;
}

#[tokio::test]
async fn an_entry_of_the_other_list_is_a_conflict_and_is_left_alone() {
    let safelist = vec![Pair {
        recipient: "user1@example.com".into(),
        sender: "a.example".into(),
    }];
    let settings = Settings {
        lists: Lists {
            safelist,
            ..Lists::default()
        },
        ..Settings::default()
    };
    let lab = Lab::start_with(settings, "", "").await;
    let answer = lab.post("add-senders", TWO).await;
    assert_eq!(answer.outcomes(), ["conflict", "added"]);
    assert_eq!(answer.status, 200);
    assert_eq!(lab.simulator.lists().safelist.len(), 1);
    lab.stop().await;
}

#[tokio::test]
async fn a_limit_that_nobody_configured_is_told_with_the_appliances_words() {
    let settings = Settings {
        knobs: Knobs {
            list_limit: Some(3),
            ..Knobs::default()
        },
        ..Settings::default()
    };
    let lab = Lab::start_with(settings, "", "").await;
    let answer = lab
        .post(
            "add-senders",
            r#"["a.example","b.example","c.example","d.example","e.example"]"#,
        )
        .await;
    assert_eq!(answer.count("added"), 3, "{}", answer.body["text"]);
    assert_eq!(answer.count("refused_by_appliance"), 2);
    assert_eq!(lab.simulator.lists().blocklist.len(), 3);
    lab.stop().await;
}

#[tokio::test]
async fn a_sender_is_taken_off_for_everybody_and_other_entries_stay() {
    let there = [
        ("u1@example.com", "a.example"),
        ("u2@example.com", "a.example"),
        ("u2@example.com", "sub.a.example"),
    ];
    let lab = Lab::start_with(with_blocklist(&there), "", "").await;
    let answer = lab.post("delete-senders", r#"["A.example"]"#).await;
    assert_eq!(answer.outcomes(), ["removed"]);
    assert_eq!(answer.body["results"][0]["pairs"]["written"], 2);
    assert_eq!(
        lab.simulator.lists().blocklist,
        super::support::pairs(&[("u2@example.com", "sub.a.example")])
    );
    lab.stop().await;
}
