//! Holds: what is on hold is not listed, whoever sends it, until the hold is ended or over; and who may put one down.
//! `audit.rs` has what is kept of it.

use super::support::{ADD_SENDERS, Answer, Lab, Program, answer, client, run};
use doorlist::simulator::{Settings, Simulator};
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

async fn put(lab: &Lab, body: &Value, reason: Option<&str>) -> Answer {
    let mut request = client()
        .post(format!("{}/v1/holds", lab.url))
        .body(body.to_string());
    if let Some(reason) = reason {
        request = request.header("x-reason", reason);
    }
    answer(request).await
}

async fn end(lab: &Lab, hold: &str) -> Answer {
    let request = client().delete(format!("{}/v1/holds/{hold}", lab.url));
    answer(request.header("x-reason", "looked into")).await
}

#[tokio::test]
async fn what_is_on_hold_is_held_in_words_without_a_write_until_the_hold_is_ended() {
    // The lab lists senders for user1@example.com on the blocklist. (a hold, what becomes of s.example under it)
    for (hold, outcome) in [
        (json!({"value": "s.example"}), "held"),
        (json!({"value": "S.Example."}), "held"),
        (json!({"value": "s.example", "for": "400d"}), "held"),
        (json!({"value": "s.example", "list": "blocklist"}), "held"),
        (json!({"value": "s.example", "list": "safelist"}), "added"),
        (
            json!({"value": "s.example", "recipient": "User1@example.com"}),
            "held",
        ),
        (
            json!({"value": "s.example", "recipient": "user2@example.com"}),
            "added",
        ),
        (json!({"value": "user1@example.com", "side": "recipient"}), "held"),
        (
            json!({"value": "user2@example.com", "side": "recipient"}),
            "added",
        ),
        // Another entry, though it covers this one.
        (json!({"value": "example"}), "added"),
        (json!({"value": "other.example"}), "added"),
    ] {
        let lab = Lab::start().await;
        let put = put(&lab, &hold, Some("F\u{e4}lschlich gesperrt")).await;
        if hold["value"] == "example" {
            // A whole top-level domain is no sender.
            assert_eq!((put.status, put.code()), (400, "invalid_hold"), "{hold}");
            lab.stop().await;
            continue;
        }
        assert_eq!(put.status, 201, "{put:?}");
        let id = put.body["hold"].as_str().unwrap();
        assert!(
            put.text().starts_with("HELD: ")
                && put.text().contains(" by local: F\u{e4}lschlich gesperrt (hold "),
            "{}",
            put.text()
        );
        let preview = answer(
            client()
                .post(lab.url_of("add-senders", "&dry_run=true"))
                .body(r#"["s.example"]"#),
        )
        .await;
        let would = if outcome == "held" { "held" } else { "would_add" };
        assert_eq!(preview.outcomes(), [would], "{hold}");
        let sent = lab.post("add-senders", r#"["s.example"]"#).await;
        assert_eq!(
            (sent.status, sent.outcomes().as_slice()),
            (200, &[outcome.to_owned()][..]),
            "{hold}"
        );
        if outcome == "held" {
            for report in [&preview, &sent] {
                let detail = report.body["results"][0]["detail"].as_str().unwrap();
                let until = put.body["until"].as_str().unwrap();
                for word in [until, "by local: F\u{e4}lschlich gesperrt", id] {
                    assert!(detail.contains(word), "{word}: {detail}");
                }
            }
            assert_eq!(lab.writes(), [], "{hold}");
            let ended = end(&lab, id).await;
            assert_eq!((ended.status, &ended.body["state"]), (200, &json!("ended")));
            assert_eq!(
                lab.post("add-senders", r#"["s.example"]"#).await.outcomes(),
                ["added"],
                "{hold}"
            );
        }
        lab.stop().await;
    }
}

#[tokio::test]
async fn a_deletion_takes_out_what_is_on_hold() {
    let lab = Lab::start().await;
    lab.post("add-senders", r#"["s.example"]"#).await;
    put(&lab, &json!({"value": "s.example"}), Some("a false positive")).await;
    let again = lab.post("add-senders", r#"["s.example"]"#).await;
    assert_eq!(again.outcomes(), ["already_present"], "it stands, and is told so");
    let deleted = lab.post("delete-senders", r#"["s.example"]"#).await;
    assert_eq!(deleted.outcomes(), ["removed"]);
    assert_eq!(
        lab.post("add-senders", r#"["s.example"]"#).await.outcomes(),
        ["held"]
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_hold_that_cannot_be_is_refused_with_what_is_allowed() {
    let lab = Lab::start().await;
    for (body, words) in [
        (json!([]), "a hold is a JSON object"),
        (json!({}), "missing field `value`"),
        (
            json!({"value": "s.example", "until": "7d"}),
            "unknown field `until`",
        ),
        (
            json!({"value": "https://s.example/"}),
            "`value` is `https://s.example/`: ",
        ),
        (
            json!({"value": "s.example", "side": "recipient"}),
            "`value` is `s.example`: ",
        ),
        (
            json!({"value": "s.example", "side": "both"}),
            "unknown variant `both`",
        ),
        (
            json!({"value": "s.example", "recipient": "nobody"}),
            "`recipient` is `nobody`: ",
        ),
        (
            json!({"value": "a@example.com", "side": "recipient", "recipient": "b@example.com"}),
            "`value` is the recipient already",
        ),
        (
            json!({"value": "s.example", "list": "greylist"}),
            "unknown variant `greylist`",
        ),
        (json!({"value": "s.example", "for": "59s"}), "from 1m to 400d"),
        (json!({"value": "s.example", "for": "401d"}), "from 1m to 400d"),
        (
            json!({"value": "s.example", "for": "for ever"}),
            "from 1m to 400d",
        ),
    ] {
        let refused = put(&lab, &body, Some("why")).await;
        assert_eq!((refused.status, refused.code()), (400, "invalid_hold"), "{body}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{words}: {detail}");
    }
    let good = json!({"value": "s.example"});
    let silent = put(&lab, &good, None).await;
    assert_eq!((silent.status, silent.code()), (400, "reason_required"));
    let empty = put(&lab, &good, Some("")).await;
    assert_eq!((empty.status, empty.code()), (400, "invalid_header_value"));
    assert_eq!(lab.get("/v1/holds").await.body["holds"], json!([]));

    let hold = put(&lab, &good, Some("why")).await.body["hold"]
        .as_str()
        .unwrap()
        .to_owned();
    let silent = answer(client().delete(format!("{}/v1/holds/{hold}", lab.url))).await;
    assert_eq!((silent.status, silent.code()), (400, "reason_required"));
    assert_eq!(end(&lab, &hold).await.status, 200);
    for gone in [hold.as_str(), "no-such-hold", "%FF"] {
        let refused = end(&lab, gone).await;
        assert_eq!((refused.status, refused.code()), (404, "unknown_hold"), "{gone}");
    }
    lab.stop().await;
}

#[tokio::test]
async fn holds_are_listed_newest_first_in_pages_and_those_that_ended_only_where_all_are_wanted() {
    let lab = Lab::start().await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let body = json!({"value": format!("s{number}.example"), "list": "safelist"});
        let put = put(&lab, &body, Some("why")).await;
        ids.insert(0, put.body["hold"].as_str().unwrap().to_owned());
    }
    end(&lab, &ids[1]).await;
    let listed = |page: &Answer| -> Vec<String> {
        let holds = page.body["holds"].as_array().unwrap().iter();
        holds
            .map(|hold| hold["hold"].as_str().unwrap().to_owned())
            .collect()
    };
    let active = lab.get("/v1/holds?active=true").await;
    assert_eq!(listed(&active), [ids[0].as_str(), ids[2].as_str()]);
    let first = lab.get("/v1/holds?limit=2").await;
    assert_eq!(listed(&first), ids[..2]);
    let ended = &first.body["holds"][1];
    assert_eq!(
        (&ended["state"], &ended["ended_by"]),
        (&json!("ended"), &json!("local"))
    );
    let text = ended["text"].as_str().unwrap();
    assert!(
        text.starts_with("NOT HELD ANY MORE: s1.example for every mailbox on the safelist; ended at "),
        "{text}"
    );
    let rest = lab.get(first.body["links"]["next"].as_str().unwrap()).await;
    assert_eq!(
        (listed(&rest), &rest.body["next"]),
        (ids[2..].to_vec(), &Value::Null)
    );
    for query in ["active=yes", "before=first", "limit=0", "limit=201"] {
        let refused = lab.get(&format!("/v1/holds?{query}")).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "invalid_query_value"),
            "{query}"
        );
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_puts_down_lists_and_ends_and_a_hold_ends_by_itself() {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [appliances.esa-1]\nurl = \"{}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n",
        simulator.url()
    );
    std::fs::write(here.join("doorlist.toml"), text).unwrap();
    std::fs::write(here.join("one.json"), r#"["s.example"]"#).unwrap();
    let mut program = Program::start(here, &["serve"], &[]);
    let url = program.url();
    let doorlist = |arguments: &[&str]| {
        let output = run(here, arguments, &[("DOORLIST_SERVER_URL", &url)]);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, _, err) = doorlist(&["hold", "add", "s.example"]);
    assert!(code == Some(64) && err.contains("--reason"), "{err}");
    let (code, _, err) = doorlist(&["hold", "add", "s.example", "--for", "1s", "--reason", "why"]);
    assert!(code == Some(64) && err.contains("invalid_hold"), "{err}");
    let add = [
        "hold",
        "add",
        "s.example",
        "--list",
        "blocklist",
        "--reason",
        "zu Unrecht \u{2013} Kunde",
        "--json",
    ];
    let (code, out, err) = doorlist(&add);
    assert_eq!(code, Some(0), "{err}");
    let hold: Value = serde_json::from_str(&out).unwrap();
    let id = hold["hold"].as_str().unwrap();
    let (code, out, _) = doorlist(&["send", ADD_SENDERS, "one.json"]);
    assert!(
        code == Some(3) && out.contains("zu Unrecht \u{2013} Kunde"),
        "{out}"
    );
    let (_, out, _) = doorlist(&["hold", "list"]);
    assert!(
        out.starts_with("HELD: s.example for every mailbox on the blocklist; on hold until "),
        "{out}"
    );
    let (code, out, err) = doorlist(&["hold", "remove", id, "--reason", "it was right"]);
    assert!(
        code == Some(0) && out.starts_with(&format!("ENDED: hold {id}, by local: it was right")),
        "{out}{err}"
    );
    let (code, _, err) = doorlist(&["hold", "remove", id, "--reason", "again"]);
    assert!(code == Some(64) && err.contains("unknown_hold"), "{err}");
    assert_eq!(doorlist(&["hold", "list"]).1, "");
    assert!(
        doorlist(&["hold", "list", "--all"])
            .1
            .starts_with("NOT HELD ANY MORE: ")
    );
    let (code, _, _) = doorlist(&[
        "hold",
        "add",
        "a@example.com",
        "--mailbox",
        "--reason",
        "on leave",
    ]);
    assert_eq!(code, Some(0));
    assert_eq!(doorlist(&["send", ADD_SENDERS, "one.json"]).0, Some(3));
    assert!(simulator.lists().blocklist.is_empty());
    assert_eq!(program.terminate().0, Some(0));

    // Its time is up.
    sqlx::any::install_default_drivers();
    let store = format!("sqlite:{}", here.join("doorlist.db").display());
    let mut store = AnyConnection::connect(&store).await.unwrap();
    let over = "UPDATE holds SET until_ms = created_ms + 1 WHERE ended_ms IS NULL";
    assert_eq!(
        store.execute(AssertSqlSafe(over)).await.unwrap().rows_affected(),
        1
    );
    store.close().await.unwrap();
    let mut program = Program::start(here, &["serve"], &[]);
    let url = program.url();
    let output = run(
        here,
        &["send", ADD_SENDERS, "one.json"],
        &[("DOORLIST_SERVER_URL", &url)],
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(simulator.lists().blocklist.len(), 1);
    let output = run(here, &["hold", "list", "--all"], &[("DOORLIST_SERVER_URL", &url)]);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.starts_with(
            "NOT HELD ANY MORE: every sender for a@example.com on both lists; was on hold until "
        ),
        "{out}"
    );
    program.terminate();
    simulator.stop().await;
}
