//! What moves after the door has looked, while a plan waits for its lanes or is about to be written: it is found there, and
//! nothing that the plan does not have is written. And plans that are too large, of several appliances, and of others.

use super::support::{
    ADD_SENDERS, Answer, DELETE_SENDERS, Lab, answer, client, ended, pairs, post, with_blocklist,
    writes_begun,
};
use doorlist::simulator::{Behaviour, Knobs, Settings, Simulator};
use serde_json::{Value, json};
use std::time::Duration;

async fn kept(lab: &Lab, configuration: &str, body: &Value) -> Answer {
    post(
        &lab.url_of(configuration, "&dry_run=true&keep=true"),
        body.to_string(),
    )
    .await
}

fn plan_of(preview: &Answer) -> String {
    let plan = preview.body["plan"]["id"].as_str();
    plan.unwrap_or_else(|| panic!("not kept: {preview:?}")).to_owned()
}

#[tokio::test]
async fn what_moves_while_a_plan_waits_behind_another_run_is_found_before_its_first_write() {
    let settings = Settings {
        latency: Duration::from_millis(50),
        knobs: Knobs {
            list_limit: None,
            ..Knobs::default()
        },
        ..Settings::default()
    };
    let lab = Lab::start_with(settings, "items_per_call = 1", "").await;
    let plan = plan_of(&kept(&lab, "add-senders", &json!(["bad.example", "worse.example"])).await);
    let many: Vec<_> = (0..60).map(|number| format!("s{number}.example")).collect();
    let slow = post(&lab.url_of("add-senders", "&wait=0s"), json!(many).to_string())
        .await
        .run();
    writes_begun(&lab.simulator, 1).await;
    let accepted = post(&lab.url_of("add-senders", &format!("&plan={plan}&wait=0s")), "").await;
    assert_eq!(accepted.status, 202, "the door finds nothing moved: {accepted:?}");
    // One thread for all: nobody writes between the two.
    let mut lists = lab.simulator.lists();
    lists
        .blocklist
        .extend(pairs(&[("user1@example.com", "worse.example")]));
    lab.simulator.set_lists(lists);
    assert_eq!(
        lab.get(&format!("/v1/runs/{slow}")).await.body["state"],
        "open",
        "it was too fast"
    );

    let report = ended(&lab.url, &accepted.run()).await;
    assert_eq!(
        (report.status, report.outcomes()),
        (502, vec!["not_tried".to_owned(); 2]),
        "{report:?}"
    );
    let moved = "esa-1: user1@example.com / worse.example is on the list already";
    assert_eq!(report.body["plan"]["moved"], json!([moved]));
    assert_eq!(report.body["appliances"][0]["calls"]["writes"], 0);
    let detail = report.body["results"][0]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("nothing was written here, because it is not as it was when the plan "),
        "{detail}"
    );
    assert!(ended(&lab.url, &slow).await.count("added") == 60);
    assert!(
        !lab.simulator
            .lists()
            .blocklist
            .iter()
            .any(|pair| pair.sender == "bad.example")
    );
    let used = lab.get(&format!("/v1/plans/{plan}")).await;
    assert_eq!(
        used.body["state"], "used",
        "a plan is for one run, whatever comes of it"
    );
    lab.stop().await;
}

#[tokio::test]
async fn what_moves_between_that_look_and_the_first_write_is_not_written_either() {
    let lab = Lab::start_with(with_blocklist(&[("u1@example.com", "bad.example")]), "", "").await;
    let preview = kept(&lab, "delete-senders", &json!(["bad.example"])).await;
    let plan = plan_of(&preview);
    let reads = preview.body["appliances"][0]["calls"]["reads"].as_u64().unwrap();
    let other_writer = json!({"faults": [{
        "fault": "other_writer", "when": "before", "list": "blocklist", "method": "GET", "skip": 2 * reads,
        "add": [{"recipient": "u2@example.com", "sender": "bad.example"}],
    }]});
    lab.simulator
        .set_behaviour(Behaviour::from_json(other_writer.to_string().as_bytes()).unwrap());
    let applied = post(&lab.url_of("delete-senders", &format!("&plan={plan}")), "").await;
    let detail = applied.body["results"][0]["detail"]
        .as_str()
        .unwrap_or_else(|| panic!("{applied:?}"));
    assert!(
        detail.contains("u2@example.com / bad.example would be changed too, which is not in the plan"),
        "{detail}"
    );
    let moved = "esa-1: u2@example.com / bad.example would be changed too, which is not in the plan";
    assert_eq!(applied.body["plan"]["moved"], json!([moved]));
    assert_eq!(
        (applied.outcomes(), lab.writes()),
        (vec!["not_tried".to_owned()], vec![])
    );
    assert_eq!(lab.simulator.lists().blocklist.len(), 2);
    lab.stop().await;
}

#[tokio::test]
async fn a_preview_of_very_many_pairs_is_answered_and_not_kept() {
    let pairs: Vec<_> = (0..20_001)
        .map(|number| format!("u{number}@example.com"))
        .collect();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|recipient| (recipient.as_str(), "bad.example"))
        .collect();
    let lab = Lab::start_with(with_blocklist(&pairs), "", "").await;
    let preview = kept(&lab, "delete-senders", &json!(["bad.example"])).await;
    assert_eq!(preview.status, 200, "{}", preview.text());
    assert_eq!(preview.body["plan"], Value::Null);
    let why = "NOT KEPT as a plan: it is about 20001 pairs, and a plan may be about 20000";
    assert!(preview.text().contains(why), "{}", preview.text());
    assert_eq!(preview.body["results"][0]["pairs"]["wanted"], 20_001);
    lab.stop().await;
}

/// Two appliances, of which the second may be looked at alone.
async fn two(second: &Simulators, mode: &str) -> Lab {
    let (url, mode) = (second.0.url(), mode.to_owned());
    Lab::start_config(Settings::default(), move |first| {
        let appliance = |name: &str, url: &str, mode: &str| {
            format!("[appliances.{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nmode = \"{mode}\"\n")
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}\
             [configurations.add-senders]\naction = \"{ADD_SENDERS}\"\nappliances = [\"esa-1\", \"esa-2\"]\nrecipient_list = \"u1@example.com\"\n\
             [configurations.delete-senders]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-2\"\n",
            appliance("esa-1", first, "enforce"),
            appliance("esa-2", &url, &mode)
        )
    })
    .await
}

struct Simulators(doorlist::simulator::Handle);

#[tokio::test]
async fn of_several_appliances_the_one_where_something_moved_is_named_and_one_that_is_only_looked_at_moves_nothing()
 {
    for (mode, is_moved) in [("enforce", true), ("observe", false)] {
        let second = Simulators(Simulator::start(Settings::default()).await.unwrap());
        let lab = two(&second, mode).await;
        let plan = plan_of(&kept(&lab, "add-senders", &json!(["bad.example"])).await);
        second
            .0
            .set_lists(with_blocklist(&[("u1@example.com", "bad.example")]).lists);
        let applied = post(&lab.url_of("add-senders", &format!("&plan={plan}")), "").await;
        if is_moved {
            assert_eq!(
                (applied.status, applied.code()),
                (409, "plan_moved"),
                "{applied:?}"
            );
            let moved = "esa-2: u1@example.com / bad.example is on the list already";
            assert_eq!(applied.body["moved"], json!([moved]));
            assert_eq!(lab.writes(), []);
        } else {
            assert_eq!((applied.status, applied.count("added")), (200, 1), "{applied:?}");
            // Nothing could be applied where nothing is written.
            let preview = kept(&lab, "delete-senders", &json!(["bad.example"])).await;
            assert!(
                preview
                    .text()
                    .contains("NOT KEPT as a plan: all appliances are only looked at"),
                "{preview:?}"
            );
        }
        lab.stop().await;
        second.0.stop().await;
    }
}

#[tokio::test]
async fn whoever_may_run_the_configuration_applies_a_plan_the_audit_tells_both_and_nobody_else_sees_it() {
    let hash = |token: &str| {
        use sha2::{Digest as _, Sha256};
        let digest = Sha256::digest(token.as_bytes());
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let tokens =
        ["alice", "robert", "mallory"].map(|name| format!("{name}-with-a-token-of-32-characters-or-more"));
    let hashes = tokens.clone().map(|token| hash(&token));
    let lab = Lab::start_config(Settings::default(), move |url| {
        let client = |name: &str, hash: &str, configuration: &str, rights: &str| {
            format!("[clients.{name}]\ntoken_sha256 = \"{hash}\"\naddresses = [\"127.0.0.0/8\"]\nconfigurations = [\"{configuration}\"]\n{rights}\n")
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}{}\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.add-senders]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"u1@example.com\"\n\
             [configurations.delete-senders]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n",
            client("alice", &hashes[0], "add-senders", ""),
            client("robert", &hashes[1], "add-senders", "rights = [\"audit\"]"),
            client("mallory", &hashes[2], "delete-senders", ""),
        )
    })
    .await;
    let call = |token: &str, url: String| answer(client().post(url).bearer_auth(token).body(String::new()));
    let see =
        |token: &str, path: String| answer(client().get(format!("{}{path}", lab.url)).bearer_auth(token));
    let preview = client()
        .post(lab.url_of("add-senders", "&dry_run=true&keep=true"))
        .bearer_auth(&tokens[0]);
    let plan = plan_of(&answer(preview.body(r#"["bad.example"]"#)).await);
    let url = lab.url_of("add-senders", &format!("&plan={plan}"));
    let refused = call(&tokens[2], url.clone()).await;
    assert_eq!(
        (refused.status, refused.code()),
        (404, "unknown_plan"),
        "{refused:?}"
    );
    assert_eq!(see(&tokens[2], format!("/v1/plans/{plan}")).await.status, 404);
    assert_eq!(
        see(&tokens[2], "/v1/plans".to_owned()).await.body["plans"],
        json!([])
    );
    assert_eq!(
        see(&tokens[1], "/v1/plans".to_owned()).await.body["plans"][0]["client"],
        "alice"
    );
    let applied = call(&tokens[1], url).await;
    assert_eq!((applied.status, applied.count("added")), (200, 1), "{applied:?}");
    let audit = see(&tokens[1], "/v1/audit?event=plan_applied".to_owned()).await;
    let row = &audit.body["rows"][0];
    assert_eq!(
        (&row["client"], &row["detail"]),
        (&json!("robert"), &json!(format!("plan {plan} of alice")))
    );
    assert_eq!(row["run"], applied.run());
    lab.stop().await;
}
