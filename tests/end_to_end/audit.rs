//! The audit: a whole story in its order, with who, under which id, which ticket and why; who may read it; and its
//! export. Secrets are never in it.

use super::support::{
    ADD_SENDERS, Answer, DELETE_SENDERS, Lab, Program, answer, client, ended, run, writes_begun,
};
use doorlist::simulator::{Settings, Simulator};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use std::time::Duration;

const OPERATOR: &str = "operators-token-of-at-least-32-characters";
const WORKFLOW: &str = "workflows-token-of-at-least-32-characters";

fn sha256(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Two clients: one with rights and no configuration but `block`, one with no rights.
async fn lab() -> Lab {
    let settings = Settings {
        latency: Duration::from_millis(50),
        ..Settings::default()
    };
    Lab::start_config(settings, |url| {
        let client = |name: &str, token: &str, more: &str| {
            format!(
                "[clients.{name}]\ntoken_sha256 = \"{}\"\nconfigurations = [\"block\"]\naddresses = [\"127.0.0.0/8\"]\n{more}\n",
                sha256(token)
            )
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nitems_per_call = 1\n\
             [configurations.block]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n\
             [configurations.unblock]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n",
            client("operator", OPERATOR, "rights = [\"hold\", \"audit\"]"),
            client("workflow", WORKFLOW, ""),
        )
    })
    .await
}

/// A call of a client under an id, with a ticket and a reason.
fn by(request: reqwest::RequestBuilder, token: &str, id: &str) -> reqwest::RequestBuilder {
    request
        .bearer_auth(token)
        .header("x-request-id", id)
        .header("x-ticket", format!("CHG-{id}"))
        .header("x-reason", format!("why {id}"))
}

async fn rows(lab: &Lab, query: &str) -> Vec<Value> {
    let page = audit(lab, OPERATOR, query).await;
    let rows = page.body["rows"].as_array();
    rows.unwrap_or_else(|| panic!("{page:?}")).clone()
}

async fn audit(lab: &Lab, token: &str, query: &str) -> Answer {
    let url = format!("{}/v1/audit?limit=1000{query}", lab.url);
    answer(client().get(url).bearer_auth(token)).await
}

/// What is told of the story: `event client ticket` and where it happened.
fn told(rows: &[Value]) -> Vec<String> {
    let told = |row: &Value| {
        let word = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        [
            "event",
            "client",
            "request_id",
            "ticket",
            "reason",
            "configuration",
            "appliance",
            "list",
        ]
        .map(word)
        .join("|")
    };
    // How many writes a run had begun when it was cancelled is a matter of time.
    let mut told: Vec<String> = rows.iter().map(told).collect();
    let mut seen = std::collections::BTreeSet::new();
    told.retain(|line| !line.starts_with("write|") || seen.insert(line.clone()));
    told
}

#[tokio::test]
async fn a_whole_story_is_told_in_its_order_with_who_why_and_where() {
    let lab = lab().await;
    let action = format!("{}/v1/actions/{ADD_SENDERS}?configuration=block", lab.url);
    for _ in 0..2 {
        let call = client().post(&action).header("idempotency-key", "key-1");
        let report = answer(by(call.body(r#"["s.example"]"#), WORKFLOW, "1")).await;
        assert_eq!(report.outcomes(), ["added"]);
        assert_eq!(
            (&report.body["ticket"], &report.body["reason"]),
            (&json!("CHG-1"), &json!("why 1"))
        );
    }
    let senders: Vec<_> = (0..60).map(|number| format!("s{number}.example")).collect();
    let call = client()
        .post(format!("{action}&wait=0s"))
        .body(json!(senders).to_string());
    let long = answer(by(call, WORKFLOW, "2")).await.run();
    writes_begun(&lab.simulator, 3).await;
    let cancel = client().post(format!("{}/v1/runs/{long}/cancel", lab.url));
    let cancelled = answer(by(cancel, OPERATOR, "3")).await;
    assert_eq!(
        cancelled.body["ticket"],
        json!("CHG-2"),
        "the run's own: {cancelled:?}"
    );
    let holds = format!("{}/v1/holds", lab.url);
    let put = client()
        .post(&holds)
        .body(r#"{"value": "s.example", "list": "blocklist"}"#);
    let hold = answer(by(put, OPERATOR, "4")).await;
    let hold = hold.body["hold"].as_str().unwrap();
    let end = client().delete(format!("{holds}/{hold}"));
    assert_eq!(answer(by(end, OPERATOR, "5")).await.status, 200);
    let refusals = [
        (
            client().post(&holds).body(r#"{"value": "s.example"}"#),
            "right_required",
        ),
        (client().delete(format!("{holds}/{hold}")), "right_required"),
        (client().get(format!("{}/v1/audit", lab.url)), "right_required"),
        (
            client().post(action.replace("=block", "=unblock")).body("[]"),
            "configuration_not_allowed",
        ),
        (
            client().get(format!("{}/v1/runs?configuration=unblock", lab.url)),
            "configuration_not_allowed",
        ),
        (
            client().post(format!("{}/v1/appliances/sma-9/test", lab.url)),
            "appliance_not_allowed",
        ),
    ];
    for (request, code) in refusals {
        let refused = answer(by(request, WORKFLOW, "6")).await;
        assert_eq!((refused.status, refused.code()), (403, code));
    }

    let all = rows(&lab, "").await;
    let of = |event: &str, who: &str, id: &str, place: &str| {
        format!("{event}|{who}|{id}|CHG-{id}|why {id}|{place}")
    };
    let (run, list) = ("block|-|-", "block|esa-1|blocklist");
    let refused = |place: &str| of("refused_rights", "workflow", "6", place);
    let mut story = vec![
        of("accepted", "workflow", "1", run),
        of("write", "workflow", "1", list),
        of("finished", "workflow", "1", list),
        of("run_done", "workflow", "1", run),
        of("replayed", "workflow", "1", run),
        of("accepted", "workflow", "2", run),
        of("write", "workflow", "2", list),
        of("cancel", "operator", "3", run),
        of("finished", "workflow", "2", list),
        of("run_done", "workflow", "2", run),
        of("hold", "operator", "4", "-|-|blocklist"),
        of("hold_ended", "operator", "5", "-|-|blocklist"),
    ];
    for place in [
        "-|-|-",
        "-|-|-",
        "-|-|-",
        "unblock|-|-",
        "unblock|-|-",
        "-|sma-9|-",
    ] {
        story.push(refused(place));
    }
    assert_eq!(told(&all), story);
    let details: Vec<&str> = all.iter().map(|row| row["detail"].as_str().unwrap()).collect();
    for detail in [
        "1 item",
        "1 pair changed",
        "the same call again",
        "cancelled by operator: why 3",
        "POST /v1/holds: without the right `hold`",
        "GET /v1/audit: without the right `audit`",
        "GET /v1/runs: may not use the configuration `unblock`",
        "POST /v1/appliances/sma-9/test: may not use the appliance `sma-9`",
    ] {
        assert!(details.contains(&detail), "{detail}: {details:?}");
    }
    assert_eq!(all[0]["action"], ADD_SENDERS);
    assert!(
        all.iter()
            .all(|row| humantime::parse_rfc3339(row["at"].as_str().unwrap()).is_ok())
    );
    let text = json!(all).to_string();
    for secret in [
        OPERATOR,
        WORKFLOW,
        &sha256(OPERATOR),
        &sha256(WORKFLOW),
        "ironport",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(!text.contains("null"), "what a row does not know is left out");
    lab.stop().await;
}

#[tokio::test]
async fn the_audit_is_filtered_and_read_in_pages_and_a_misspelt_filter_is_refused() {
    let lab = lab().await;
    let action = format!("{}/v1/actions/{ADD_SENDERS}?configuration=block", lab.url);
    let mut runs = Vec::new();
    for number in 0..2 {
        let call = client().post(&action).body(format!(r#"["s{number}.example"]"#));
        runs.push(answer(by(call, WORKFLOW, "1")).await.run());
    }
    let hold = client()
        .post(format!("{}/v1/holds", lab.url))
        .body(r#"{"value": "s.example"}"#);
    answer(by(hold, OPERATOR, "2")).await;
    let all = rows(&lab, "").await;
    assert_eq!(all.len(), 9);
    for (query, count) in [
        (format!("&run={}", runs[1]), 4),
        ("&client=operator".to_owned(), 1),
        ("&client=nobody".to_owned(), 0),
        ("&event=write".to_owned(), 2),
        ("&configuration=block".to_owned(), 8),
        ("&configuration=unblock".to_owned(), 0),
        ("&appliance=esa-1&event=finished".to_owned(), 2),
        ("&from=2001-01-01T00:00:00Z&to=9999-01-01T00:00:00Z".to_owned(), 9),
        ("&to=2001-01-01T00:00:00Z".to_owned(), 0),
        (format!("&after={}", all[5]["ordinal"]), 3),
    ] {
        assert_eq!(rows(&lab, &query).await.len(), count, "{query}");
    }
    let (mut paged, mut path) = (Vec::new(), "/v1/audit?limit=4&client=workflow".to_owned());
    loop {
        let page = answer(client().get(format!("{}{path}", lab.url)).bearer_auth(OPERATOR)).await;
        paged.extend(page.body["rows"].as_array().unwrap().clone());
        let Some(next) = page.body["links"]["next"].as_str() else {
            break;
        };
        path = next.to_owned();
    }
    assert_eq!(paged, all[..8]);
    for (query, code) in [
        ("&events=write", "unknown_query_key"),
        ("&event=writes", "invalid_query_value"),
        ("&run=first", "invalid_query_value"),
        ("&after=-1", "invalid_query_value"),
        ("&from=yesterday", "invalid_query_value"),
    ] {
        let refused = audit(&lab, OPERATOR, query).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{query}");
    }
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_gives_tickets_finds_runs_by_them_and_exports_every_row_as_a_line() {
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
    let doorlist = |url: &str, arguments: &[&str]| {
        let output = run(here, arguments, &[("DOORLIST_SERVER_URL", url)]);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let send = [
        "send",
        ADD_SENDERS,
        "one.json",
        "--ticket",
        "CHG-1",
        "--reason",
        "f\u{fc}r den Vertrieb",
    ];
    let (code, out, err) = doorlist(&url, &send);
    assert_eq!(code, Some(0), "{out}{err}");
    doorlist(&url, &["send", ADD_SENDERS, "one.json"]);
    let (_, _, err) = doorlist(&url, &["send", ADD_SENDERS, "one.json", "--ticket", "CHG 1"]);
    assert!(
        err.contains("invalid_header_value") && err.contains("X-Ticket"),
        "{err}"
    );
    let (_, out, _) = doorlist(&url, &["runs", "list", "--all", "--ticket", "CHG-1"]);
    assert!(
        out.lines().count() == 2 && out.contains("  ticket: CHG-1  reason: f\u{fc}r den Vertrieb\n"),
        "{out}"
    );
    let run_id = out.split_whitespace().nth(1).unwrap();
    let (_, out, _) = doorlist(&url, &["runs", "show", run_id]);
    assert!(
        out.contains("ticket: CHG-1  reason: f\u{fc}r den Vertrieb\n"),
        "{out}"
    );
    let report = ended(&url, run_id).await;
    assert_eq!(report.body["reason"], json!("f\u{fc}r den Vertrieb"));
    assert_eq!(program.terminate().0, Some(0));

    // More rows than come on one page.
    sqlx::any::install_default_drivers();
    let store = format!("sqlite:{}", here.join("doorlist.db").display());
    let mut store = AnyConnection::connect(&store).await.unwrap();
    for text in [
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2500) \
         INSERT INTO audit (id, run, at_ms, event, detail, ordinal) \
         SELECT 'row-' || n, '', 0, 'refused_rights', 'of long ago', n + 1000 FROM numbers",
        "UPDATE counters SET value = 3500 WHERE name = 'audit'",
    ] {
        store.execute(AssertSqlSafe(text)).await.unwrap();
    }
    store.close().await.unwrap();
    let mut program = Program::start(here, &["serve"], &[]);
    let url = program.url();
    let export = |more: &[&str]| {
        let (code, out, err) = doorlist(&url, &[&["audit", "export"], more].concat());
        assert_eq!(code, Some(0), "{err}");
        let rows = out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.collect::<Vec<_>>()
    };
    let all = export(&[]);
    let first: Vec<_> = all
        .iter()
        .take(4)
        .map(|row| row["event"].as_str().unwrap())
        .collect();
    assert_eq!(first, ["accepted", "write", "finished", "run_done"]);
    assert_eq!(all[0]["ticket"], json!("CHG-1"));
    let ordinals: Vec<_> = all.iter().map(|row| row["ordinal"].as_i64().unwrap()).collect();
    assert!(ordinals.is_sorted_by(|one, next| one < next));
    assert_eq!(
        all.iter().filter(|row| row["detail"] == "of long ago").count(),
        2500
    );
    assert_eq!(export(&["--event", "refused_rights"]).len(), 2500);
    assert_eq!(export(&["--after", "3400"]).len(), 100);
    assert_eq!(export(&["--run", run_id, "--client", "local"]).len(), 4);
    let (code, out, err) = doorlist(&url, &["audit", "export", "--event", "writes"]);
    assert!(
        code == Some(64) && out.is_empty() && err.contains("run_done"),
        "{err}"
    );
    program.terminate();
    simulator.stop().await;
}
