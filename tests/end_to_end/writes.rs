//! Stopping writes: what is refused and in which words, what goes on, and who may stop and start. `writes_under_way.rs` has
//! what becomes of runs that are there already.

use super::support::{ADD_SENDERS, Answer, Lab, answer, client, post, with_blocklist};
use doorlist::simulator::Settings;
use serde_json::{Value, json};

async fn throw(lab: &Lab, body: Value) -> Answer {
    let request = client().post(format!("{}/v1/writes", lab.url));
    answer(request.header("x-reason", "a bad feed").body(body.to_string())).await
}

async fn stop(lab: &Lab, scope: &str) {
    let stopped = throw(lab, json!({"state": "stopped", "scope": scope})).await;
    assert_eq!(
        (stopped.status, &stopped.body["state"]),
        (200, &json!("stopped")),
        "{stopped:?}"
    );
}

async fn start(lab: &Lab) {
    let started = throw(lab, json!({"state": "running"})).await;
    assert_eq!(
        (started.status, &started.body["state"]),
        (200, &json!("running")),
        "{started:?}"
    );
}

async fn undo(lab: &Lab, run: &str, query: &str) -> Answer {
    let url = format!("{}/v1/runs/{run}/undo{query}", lab.url);
    answer(client().post(url).header("x-reason", "a slip")).await
}

fn refused(answer: &Answer) -> bool {
    let is_refused = answer.status == 503 && answer.body["code"] == "writes_stopped";
    if is_refused {
        let detail = answer.body["detail"].as_str().unwrap();
        let words = [
            " stopped since 20",
            " by local: a bad feed. Nothing of this call was listed, removed or queued",
        ];
        assert!(words.iter().all(|words| detail.contains(words)), "{detail}");
        assert_eq!(
            (answer.header("retry-after"), &answer.body["by"]),
            ("300", &json!("local"))
        );
        assert_eq!(answer.body["reason"], "a bad feed");
    }
    is_refused
}

#[tokio::test]
async fn while_additions_are_stopped_they_are_refused_and_everything_that_removes_goes_on() {
    let lab = Lab::start_with(with_blocklist(&[("user1@example.com", "old.example")]), "", "").await;
    let added = lab
        .post("add-senders", r#"["a.example", "b.example"]"#)
        .await
        .run();
    let removed = lab.post("delete-senders", r#"["old.example"]"#).await.run();
    let runs = lab.get("/v1/runs").await.body["runs"].as_array().unwrap().len();
    stop(&lab, "additions").await;
    let before = lab.simulator.requests().len();
    for configuration in ["add-senders", "add-recipients"] {
        let addition = lab.post(configuration, r#"["c@other.example"]"#).await;
        assert!(refused(&addition), "{addition:?}");
    }
    // What an undo lists again is an addition.
    assert!(refused(&undo(&lab, &removed, "").await));
    assert_eq!(lab.simulator.requests().len(), before, "nothing is even asked");
    let page = lab.get("/v1/runs").await;
    assert_eq!(
        page.body["runs"].as_array().unwrap().len(),
        runs,
        "nothing is queued"
    );
    let preview = post(&lab.url_of("add-senders", "&dry_run=true"), r#"["c.example"]"#).await;
    assert_eq!(
        (preview.status, preview.outcomes()),
        (200, vec!["would_add".to_owned()])
    );
    assert!(
        preview
            .text()
            .starts_with("WRITES STOPPED: additions are stopped since 20"),
        "{}",
        preview.text()
    );
    assert!(
        preview.body["notes"][0]
            .as_str()
            .unwrap()
            .ends_with("by local: a bad feed")
    );
    let deletion = post(&lab.url_of("delete-senders", "&dry_run=true"), r#"["a.example"]"#).await;
    assert!(deletion.text().starts_with("PREVIEW"), "{}", deletion.text());
    let url = format!("{}/v1/remove", lab.url);
    let removal = client()
        .post(url)
        .header("x-reason", "a slip")
        .body(r#"{"value": "b.example"}"#);
    assert_eq!(answer(removal).await.outcomes(), ["removed"]);
    // What a later run took out is gone already.
    assert_eq!(
        undo(&lab, &added, "").await.outcomes(),
        ["removed", "already_absent"]
    );
    assert_eq!(
        lab.post("delete-senders", r#"["a.example"]"#).await.outcomes(),
        ["already_absent"]
    );
    assert_eq!(lab.simulator.lists().blocklist, []);
    start(&lab).await;
    assert_eq!(undo(&lab, &removed, "").await.outcomes(), ["added"]);
    assert_eq!(
        lab.post("add-senders", r#"["c.example"]"#).await.outcomes(),
        ["added"]
    );
    lab.stop().await;
}

#[tokio::test]
async fn while_everything_is_stopped_nothing_writes_until_removals_are_started_alone() {
    let lab = Lab::start_with(with_blocklist(&[("user1@example.com", "old.example")]), "", "").await;
    let added = lab.post("add-senders", r#"["a.example"]"#).await.run();
    stop(&lab, "everything").await;
    let writes = lab.writes().len();
    assert!(refused(&lab.post("add-senders", r#"["b.example"]"#).await));
    assert!(refused(&lab.post("delete-senders", r#"["old.example"]"#).await));
    assert!(refused(&undo(&lab, &added, "").await));
    let url = format!("{}/v1/remove", lab.url);
    let removal = client()
        .post(url)
        .header("x-reason", "a slip")
        .body(r#"{"value": "a.example"}"#);
    assert!(refused(&answer(removal).await));
    let preview = undo(&lab, &added, "?dry_run=true").await;
    assert_eq!(preview.outcomes(), ["would_remove"]);
    assert!(
        preview
            .text()
            .starts_with("WRITES STOPPED: additions and removals are stopped"),
        "{}",
        preview.text()
    );
    assert_eq!(lab.writes().len(), writes);
    // A narrower stop starts nothing.
    stop(&lab, "additions").await;
    assert_eq!(lab.get("/v1/writes").await.body["scope"], "everything");
    let removals = throw(&lab, json!({"state": "running", "scope": "removals"})).await;
    assert_eq!(
        (&removals.body["state"], &removals.body["scope"]),
        (&json!("stopped"), &json!("additions"))
    );
    assert!(refused(&lab.post("add-senders", r#"["b.example"]"#).await));
    assert_eq!(undo(&lab, &added, "").await.outcomes(), ["removed"]);
    lab.stop().await;
}

#[tokio::test]
async fn what_is_only_looked_at_is_answered_and_stopped_writes_are_told_by_the_probe() {
    let lab = Lab::start_with(Settings::default(), "mode = \"observe\"", "").await;
    for (scope, words) in [
        ("additions", "ready; additions are stopped, "),
        ("everything", "ready; additions and removals are stopped, "),
    ] {
        stop(&lab, scope).await;
        let looked = lab.post("add-senders", r#"["a.example"]"#).await;
        assert_eq!(
            (looked.status, looked.outcomes()),
            (200, vec!["would_add".to_owned()])
        );
        let probe = lab.get("/readyz").await;
        assert_eq!(probe.status, 200);
        assert!(probe.body.as_str().unwrap().starts_with(words), "{probe:?}");
    }
    start(&lab).await;
    assert_eq!(lab.get("/readyz").await.body, "ready\n");
    lab.stop().await;
}

#[tokio::test]
async fn a_key_that_is_known_is_answered_as_before_and_another_is_still_free_afterwards() {
    let lab = Lab::start().await;
    let keyed = async |key: &str| {
        let request = client()
            .post(lab.url_of("add-senders", ""))
            .header("idempotency-key", key);
        answer(request.body(r#"["a.example"]"#)).await
    };
    let first = keyed("one").await;
    stop(&lab, "additions").await;
    let replayed = keyed("one").await;
    assert_eq!((replayed.status, replayed.run()), (200, first.run()));
    assert!(replayed.text().starts_with("REPLAY of "), "{}", replayed.text());
    assert!(refused(&keyed("two").await));
    start(&lab).await;
    assert_eq!(keyed("two").await.outcomes(), ["already_present"]);
    lab.stop().await;
}

#[tokio::test]
async fn the_switch_says_what_it_is_and_refuses_what_it_does_not_know() {
    let lab = Lab::start().await;
    let running = json!({"text": "WRITES RUNNING: nothing is stopped", "state": "running", "scope": null, "since": null, "by": null, "reason": null});
    assert_eq!(lab.get("/v1/writes").await.body, running);
    let silent = post(&format!("{}/v1/writes", lab.url), r#"{"state": "stopped"}"#).await;
    assert_eq!((silent.status, silent.code()), (400, "reason_required"));
    for body in [
        json!({}),
        json!({"state": "off"}),
        json!({"state": "stopped", "scope": "removals"}),
        json!({"state": "running", "scope": "additions"}),
        json!({"state": "stopped", "scopes": "everything"}),
        json!("stopped"),
    ] {
        let wrong = throw(&lab, body.clone()).await;
        assert_eq!((wrong.status, wrong.code()), (400, "invalid_body"), "{body}");
        let detail = wrong.body["detail"].as_str().unwrap();
        assert!(detail.ends_with(" Nothing was done"), "{detail}");
    }
    assert_eq!(lab.get("/v1/writes").await.body, running);
    let stopped = throw(&lab, json!({"state": "stopped"})).await;
    assert!(
        stopped
            .text()
            .starts_with("WRITES STOPPED: additions are stopped since 20")
            && stopped
                .text()
                .ends_with(" by local: a bad feed; removals, undos of additions and previews go on"),
        "{}",
        stopped.text()
    );
    let again = throw(&lab, json!({"state": "stopped"})).await;
    assert!(
        again.text().ends_with("; nothing was changed by this call"),
        "{}",
        again.text()
    );
    assert_eq!(again.body["since"], stopped.body["since"]);
    let shown = lab.get("/v1/writes").await;
    for key in ["state", "scope", "since", "by", "reason"] {
        assert_eq!(shown.body[key], stopped.body[key], "{key}");
    }
    lab.stop().await;
}

#[tokio::test]
async fn only_the_right_stops_and_starts_and_anybody_looks() {
    const TOKENS: [&str; 2] = [
        "an-operators-token-of-at-least-32-characters",
        "a-workflows-token-of-at-least-32-characters",
    ];
    let lab = Lab::start_config(Settings::default(), |url| {
        use sha2::{Digest as _, Sha256};
        let client = |name: &str, token: &str, rights: &str| {
            let hash: String = Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("[clients.{name}]\ntoken_sha256 = \"{hash}\"\nconfigurations = [\"one\"]\naddresses = [\"127.0.0.0/8\"]\n{rights}\n")
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n",
            client("operator", TOKENS[0], "rights = [\"writes\"]"),
            client("workflow", TOKENS[1], "rights = [\"undo\", \"remove\", \"hold\", \"audit\"]"),
        )
    })
    .await;
    let url = format!("{}/v1/writes", lab.url);
    let throw = async |token: &str, state: &str| {
        let request = client()
            .post(&url)
            .bearer_auth(token)
            .header("x-reason", "a bad feed");
        answer(request.body(json!({"state": state}).to_string())).await
    };
    for state in ["stopped", "running"] {
        let lacking = throw(TOKENS[1], state).await;
        assert_eq!(
            (lacking.status, lacking.code(), &lacking.body["right"]),
            (403, "right_required", &json!("writes"))
        );
        let thrown = throw(TOKENS[0], state).await;
        assert_eq!((thrown.status, &thrown.body["state"]), (200, &json!(state)));
        let seen = answer(client().get(&url).bearer_auth(TOKENS[1])).await;
        assert_eq!((seen.status, &seen.body["state"]), (200, &json!(state)));
    }
    let filter = |event: &str| format!("{}/v1/audit?event={event}", lab.url);
    for event in ["writes_stopped", "writes_started"] {
        let page = answer(client().get(filter(event)).bearer_auth(TOKENS[1])).await;
        let row = &page.body["rows"][0];
        assert_eq!(
            (&row["client"], &row["reason"]),
            (&json!("operator"), &json!("a bad feed")),
            "{page:?}"
        );
    }
    lab.stop().await;
}
