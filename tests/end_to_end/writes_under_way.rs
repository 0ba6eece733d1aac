//! Stopping writes while runs are queued or under way: the call in flight ends, nothing more is begun, whichever server was
//! asked, and what removes has its turn.

use super::support::{
    ADD_RECIPIENTS, Answer, Lab, answer, client, ended, post, with_blocklist, writes_begun,
};
use doorlist::simulator::{Behaviour, Knobs, Settings};
use doorlist::store::{Author, Restart, Scope, Store};
use serde_json::{Value, json};
use std::time::Duration;

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

#[tokio::test]
async fn a_run_under_way_finishes_the_write_in_flight_and_tells_the_rest_as_not_tried() {
    let settings = Settings {
        latency: Duration::from_millis(50),
        knobs: Knobs {
            list_limit: None,
            ..Knobs::default()
        },
        ..Settings::default()
    };
    let lab = Lab::start_with(settings, "items_per_call = 1", "").await;
    for scope in ["additions", "everything"] {
        let senders: Vec<_> = (0..60).map(|number| format!("{scope}{number}.example")).collect();
        let before = lab.writes().len();
        let run = post(&lab.url_of("add-senders", "&wait=0s"), json!(senders).to_string())
            .await
            .run();
        writes_begun(&lab.simulator, before + 3).await;
        stop(&lab, scope).await;
        let begun = lab.writes().len();
        let report = ended(&lab.url, &run).await;
        // One may have been let begin at that very moment.
        let sent = lab.writes().len();
        assert!(sent <= begun + 1, "{sent} writes, of which {begun} had begun");
        let (added, rest) = (report.count("added"), report.count("not_tried"));
        assert!(added >= 2 && rest > 0 && added + rest == 60, "{}", report.text());
        assert_eq!((sent - before) as u64, added, "the report is true");
        assert!(report.text().starts_with("WRITES STOPPED: "), "{}", report.text());
        let detail = report.body["results"][59]["detail"].as_str().unwrap();
        assert!(
            detail.contains(" stopped since 20") && detail.contains(" by local: a bad feed"),
            "{detail}"
        );
        start(&lab).await;
        let again = post(&lab.url_of("add-senders", "&wait=1m"), json!(senders).to_string()).await;
        assert_eq!(
            (again.count("already_present"), again.count("added")),
            (added, rest)
        );
    }
    lab.stop().await;
}

#[tokio::test]
async fn queued_additions_end_and_an_undo_behind_them_has_its_turn_before_an_appliance_that_hung() {
    let lab = Lab::start_with(Settings::default(), "request_timeout = \"1s\"", "").await;
    let stood = lab.post("add-senders", r#"["stood.example"]"#).await.run();
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:method=GET,times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let url = lab.url_of("add-senders", "&wait=0s");
    let mut runs = Vec::new();
    for number in 0..20 {
        let accepted = post(&url, format!("[\"s{number}.example\"]")).await;
        assert_eq!(accepted.status, 202, "{accepted:?}");
        runs.push(accepted.run());
    }
    let undoing = undo(&lab, &stood, "?wait=0s").await;
    assert_eq!(undoing.status, 202, "{undoing:?}");
    stop(&lab, "additions").await;
    let writes = lab.writes().len();
    // They end before an appliance that answers nobody.
    for run in &runs {
        let report = ended(&lab.url, run).await;
        assert_eq!(report.outcomes(), ["not_tried"], "{}", report.text());
        assert!(
            report.text().starts_with("WRITES STOPPED: additions are stopped"),
            "{}",
            report.text()
        );
    }
    let asked = lab.simulator.requests().len();
    assert_eq!(
        lab.get(&format!("/v1/runs/{}", undoing.run())).await.body["state"],
        "open"
    );
    lab.simulator.set_behaviour(Behaviour::default());
    let undone = ended(&lab.url, &undoing.run()).await;
    assert_eq!(undone.outcomes(), ["removed"], "{}", undone.text());
    assert!(asked < 20, "of the queued ones none asks the appliance: {asked}");
    assert!(lab.writes().len() > writes);
    assert_eq!(lab.simulator.lists().blocklist, []);
    lab.stop().await;
}

fn operator() -> Author {
    Author {
        client: "operator".to_owned(),
        reason: Some("a bad feed".to_owned()),
        ..Author::default()
    }
}

/// As another server on the same store would: nobody here is told.
async fn stop_elsewhere(store: &Store, scope: Scope) {
    store.stop_writes(scope, &operator()).await.unwrap();
}

#[tokio::test]
async fn a_stop_that_another_server_was_asked_for_lets_no_further_write_begin() {
    let settings = Settings {
        latency: Duration::from_millis(50),
        knobs: Knobs {
            list_limit: None,
            ..Knobs::default()
        },
        ..Settings::default()
    };
    let lab = Lab::start_with(settings, "items_per_call = 1", "").await;
    let senders: Vec<_> = (0..60).map(|number| format!("s{number}.example")).collect();
    let mut standing = 0;
    for (configuration, scope) in [
        ("add-senders", Scope::Additions),
        ("add-senders", Scope::Everything),
        ("delete-senders", Scope::Everything),
    ] {
        let before = lab.writes().len();
        let url = lab.url_of(configuration, "&wait=0s");
        let run = post(&url, json!(senders).to_string()).await.run();
        writes_begun(&lab.simulator, before + 2).await;
        stop_elsewhere(&lab.store, scope).await;
        let begun = lab.writes().len();
        let report = ended(&lab.url, &run).await;
        let sent = lab.writes().len();
        // One may have been let begin at that very moment.
        assert!(sent <= begun + 1, "{sent} writes, of which {begun} had begun");
        assert!(report.count("not_tried") > 0, "{}", report.text());
        let words = "WRITES STOPPED: additions ";
        assert!(report.text().starts_with(words), "{}", report.text());
        let done = (sent - before) as u64;
        assert_eq!(
            report.count("added") + report.count("removed"),
            done,
            "the report is true"
        );
        standing = match configuration {
            "add-senders" => standing + done,
            _ => standing - done,
        };
        assert_eq!(lab.simulator.lists().blocklist.len() as u64, standing);
        lab.store.start_writes(Restart::All, &operator()).await.unwrap();
    }
    lab.stop().await;
}

#[tokio::test]
async fn what_a_row_lost_to_the_call_in_flight_is_put_back_though_everything_is_stopped() {
    for is_elsewhere in [false, true] {
        // No row holds all of what is taken out, nor nothing else.
        let rows = [
            ("user1@example.com", "b.example"),
            ("user2@example.com", "a.example"),
        ];
        let settings = Settings {
            latency: Duration::from_millis(100),
            ..with_blocklist(&rows)
        };
        let lab = Lab::start_config(settings, |url| {
            format!(
                "[server]\nlisten = \"127.0.0.1:0\"\n\
                 [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
                 [configurations.add-recipients]\naction = \"{ADD_RECIPIENTS}\"\nappliance = \"esa-1\"\nsender_list = \"a.example, b.example\"\n"
            )
        })
        .await;
        let run = lab
            .post("add-recipients", r#"["user1@example.com", "user2@example.com"]"#)
            .await;
        assert_eq!(run.outcomes(), ["added", "added"]);
        // The next change takes more along than it should.
        let fault = "other_writer:when=after,method=POST,list=blocklist,remove=user1@example.com:b.example";
        lab.simulator.set_behaviour(Behaviour {
            faults: vec![fault.parse().unwrap()],
            ..Behaviour::default()
        });
        let before = lab.writes().len();
        let undoing = undo(&lab, &run.run(), "?wait=0s").await;
        writes_begun(&lab.simulator, before + 1).await;
        if is_elsewhere {
            stop_elsewhere(&lab.store, Scope::Everything).await;
        } else {
            stop(&lab, "everything").await;
        }
        let undone = ended(&lab.url, &undoing.run()).await;
        assert_eq!(undone.outcomes(), ["removed", "not_tried"], "{:?}", lab.writes());
        assert_eq!(lab.writes().len(), before + 2, "one taken out, one put back");
        let standing = lab.simulator.lists().blocklist.into_iter();
        let mut standing: Vec<_> = standing.map(|pair| (pair.recipient, pair.sender)).collect();
        standing.sort();
        let mut expected: Vec<_> = rows
            .map(|(recipient, sender)| (recipient.to_owned(), sender.to_owned()))
            .to_vec();
        expected.push(("user2@example.com".to_owned(), "b.example".to_owned()));
        expected.sort();
        assert_eq!(standing, expected);
        lab.stop().await;
    }
}
