//! Overrides of pins, which only deletions meet; plans with overrides, which whoever applies them answers for; a server that is
//! killed in between; and the options of the command line.

use super::support::{
    ADD_SENDERS, Answer, DELETE_SENDERS, Lab, Program, answer, client, ended, pairs, post, run, writes_begun,
};
use doorlist::simulator::{Knobs, Lists, Settings, Simulator};
use serde_json::json;
use std::time::Duration;

const DELETE_RECIPIENTS: &str = "cisco-esa-delete-recipients-from-quarantine-list";
const OPERATOR: &str = "an-operators-token-of-at-least-32-characters";
const WORKFLOW: &str = "a-workflows-token-of-at-least-32-characters";
/// Two pins of one sender.
const PINS: &str = "[[guard.pinned]]\nlist = \"blocklist\"\nrecipient = \"a@acme.example\"\nsender = \"bad.example\"\n\
                    [[guard.pinned]]\nlist = \"blocklist\"\nrecipient = \"b@acme.example\"\n";

fn foreign() -> Lists {
    Lists {
        blocklist: pairs(&[
            ("a@acme.example", "bad.example"),
            ("b@acme.example", "bad.example"),
            ("c@acme.example", "bad.example"),
            ("d@acme.example", "other.example"),
        ]),
        safelist: Vec::new(),
    }
}

fn standing(lab: &Lab) -> Vec<String> {
    let pairs = lab.simulator.lists().blocklist.into_iter();
    let mut standing: Vec<_> = pairs
        .map(|pair| format!("{} {}", pair.recipient, pair.sender))
        .collect();
    standing.sort();
    standing
}

async fn lab(clients: bool) -> Lab {
    let settings = Settings {
        lists: foreign(),
        ..Settings::default()
    };
    Lab::start_config(settings, |url| {
        use sha2::{Digest as _, Sha256};
        let mut text = format!("[server]\nlisten = \"127.0.0.1:0\"\n{PINS}");
        for (name, token, right) in [("operator", OPERATOR, "override"), ("workflow", WORKFLOW, "hold")] {
            let hash: String = Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            if clients {
                text.push_str(&format!(
                    "[clients.{name}]\ntoken_sha256 = \"{hash}\"\naddresses = [\"127.0.0.0/8\"]\nrights = [\"audit\", \"{right}\"]\n\
                     configurations = [\"block\", \"unblock\"]\n"
                ));
            }
        }
        text + &format!(
            "[appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.block]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@acme.example\"\n\
             [configurations.unblock]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n\
             [configurations.unblock-ours]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\ndelete_scope = \"ours\"\n\
             [configurations.empty]\naction = \"{DELETE_RECIPIENTS}\"\nappliance = \"esa-1\"\n"
        )
    })
    .await
}

async fn call(lab: &Lab, configuration: &str, query: &str, values: &[&str]) -> Answer {
    let action = match configuration {
        "block" => ADD_SENDERS,
        "empty" => DELETE_RECIPIENTS,
        _ => DELETE_SENDERS,
    };
    let url = format!(
        "{}/v1/actions/{action}?configuration={configuration}{query}",
        lab.url
    );
    let request = client().post(url).header("x-reason", "it has to go");
    answer(request.body(json!(values).to_string())).await
}

fn has(notes: &serde_json::Value, wanted: &str) -> bool {
    notes.as_array().unwrap().iter().any(|note| note == wanted)
}

#[tokio::test]
async fn a_pinned_pair_goes_where_either_side_of_it_is_named_and_an_undo_brings_it_back() {
    // (configuration, what is deleted, what is named, the outcome, whose pairs of the sender stay)
    for (configuration, value, named, outcome, left) in [
        ("unblock", "bad.example", "BAD.example", "removed", &[][..]),
        (
            "unblock",
            "bad.example",
            "A@acme.example",
            "partly",
            &["b@acme.example"],
        ),
        (
            "unblock",
            "bad.example",
            "b@acme.example",
            "partly",
            &["a@acme.example"],
        ),
        (
            "empty",
            "b@acme.example",
            "b@acme.example",
            "removed",
            &["a@acme.example", "c@acme.example"],
        ),
        (
            "empty",
            "a@acme.example",
            "bad.example",
            "removed",
            &["b@acme.example", "c@acme.example"],
        ),
    ] {
        let lab = lab(false).await;
        let before = standing(&lab);
        let context = format!("{configuration} {value}: {named}");
        let query = format!("&override=pinned:{named}");
        let preview = call(&lab, configuration, &format!("{query}&dry_run=true"), &[value]).await;
        let expected = if outcome == "removed" {
            "would_remove"
        } else {
            outcome
        };
        assert_eq!(preview.outcomes(), [expected], "{context}: {preview:?}");
        let run = call(&lab, configuration, &query, &[value]).await;
        assert_eq!(run.outcomes(), [outcome], "{context}: {run:?}");
        for report in [&preview, &run] {
            let notes = &report.body["results"][0]["notes"];
            assert!(
                has(notes, "passed pinned by local: it has to go"),
                "{context}: {notes}"
            );
        }
        let mut expected: Vec<_> = left
            .iter()
            .map(|recipient| format!("{recipient} bad.example"))
            .collect();
        expected.push("d@acme.example other.example".to_owned());
        assert_eq!(standing(&lab), expected, "{context}");
        let undo = client().post(format!("{}/v1/runs/{}/undo", lab.url, run.run()));
        let undone = answer(undo.header("x-reason", "a slip")).await;
        assert_eq!(
            (undone.status, standing(&lab)),
            (200, before),
            "{context}: {undone:?}"
        );
        lab.stop().await;
    }
}

#[tokio::test]
async fn a_pinned_pair_of_ours_goes_too_and_what_meets_no_pin_says_nothing_of_one() {
    let lab = lab(false).await;
    lab.simulator.set_lists(Lists::default());
    let own = call(&lab, "block", "", &["bad.example"]).await;
    assert_eq!(own.outcomes(), ["added"], "{own:?}");
    let kept = call(&lab, "unblock-ours", "", &["bad.example"]).await;
    assert_eq!(kept.outcomes(), ["refused_by_rule"]);
    let gone = call(
        &lab,
        "unblock-ours",
        "&override=pinned:bad.example",
        &["bad.example"],
    )
    .await;
    assert_eq!(gone.outcomes(), ["removed"], "{gone:?}");
    assert!(has(
        &gone.body["results"][0]["notes"],
        "passed pinned by local: it has to go"
    ));
    assert_eq!(standing(&lab), Vec::<String>::new());
    lab.simulator.set_lists(foreign());
    let other = call(
        &lab,
        "unblock",
        "&override=pinned:other.example",
        &["other.example"],
    )
    .await;
    assert_eq!(other.outcomes(), ["removed"], "{other:?}");
    assert!(
        !has(
            &other.body["results"][0]["notes"],
            "passed pinned by local: it has to go"
        ),
        "{other:?}"
    );
    let none = call(
        &lab,
        "unblock",
        "&override=pinned:c@acme.example",
        &["bad.example"],
    )
    .await;
    assert_eq!(
        (none.status, none.code()),
        (400, "override_of_nothing"),
        "no pin names it"
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_plan_with_an_override_is_answered_for_by_whoever_applies_it() {
    for (configuration, action, value, named, outcomes) in [
        (
            "block",
            ADD_SENDERS,
            "mx.acme.example",
            "own_domain:mx.acme.example",
            ["would_add", "added"],
        ),
        (
            "unblock",
            DELETE_SENDERS,
            "bad.example",
            "pinned:bad.example",
            ["would_remove", "removed"],
        ),
        (
            "unblock",
            DELETE_SENDERS,
            "bad.example",
            "pinned:a@acme.example",
            ["partly", "partly"],
        ),
    ] {
        let lab = lab(true).await;
        let url = format!("{}/v1/actions/{action}", lab.url);
        let query = format!("configuration={configuration}&dry_run=true&keep=true&override={named}");
        let preview = client().post(format!("{url}?{query}")).bearer_auth(OPERATOR);
        let preview = answer(preview.body(json!([value]).to_string())).await;
        assert_eq!(preview.outcomes(), [outcomes[0]], "{preview:?}");
        let plan = preview.body["plan"]["id"].as_str().unwrap().to_owned();
        let apply = async |token: &str, reason: Option<&str>| {
            let mut request = client().post(format!("{url}?plan={plan}")).bearer_auth(token);
            if let Some(reason) = reason {
                request = request.header("x-reason", reason);
            }
            answer(request).await
        };
        let lacking = apply(WORKFLOW, Some("agreed")).await;
        assert_eq!(
            (lacking.status, lacking.code()),
            (403, "right_required"),
            "{named}"
        );
        let silent = apply(OPERATOR, None).await;
        assert_eq!(
            (silent.status, silent.code()),
            (400, "reason_required"),
            "{named}"
        );
        assert_eq!(lab.writes(), [], "{named}");
        let applied = apply(OPERATOR, Some("agreed")).await;
        assert_eq!(
            (applied.status, applied.outcomes()),
            (200, vec![outcomes[1].to_owned()]),
            "{named}: {applied:?}"
        );
        let (rule, _) = named.split_once(':').unwrap();
        let note = format!("passed {rule} by operator: agreed");
        assert!(
            has(&applied.body["results"][0]["notes"], &note),
            "{named}: {applied:?}"
        );
        let audit = client().get(format!("{}/v1/audit?run={}", lab.url, applied.run()));
        let audit = answer(audit.bearer_auth(OPERATOR)).await;
        let rows = audit.body["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["event"] == "override").unwrap();
        assert_eq!(
            (&row["reason"], &row["detail"]),
            (&json!("agreed"), &json!(named.replace(':', " for "))),
            "{named}"
        );
        lab.stop().await;
    }
}

#[tokio::test]
async fn a_plan_of_a_deletion_that_leaves_out_what_is_pinned_is_applied_as_it_was_kept() {
    let lab = lab(false).await;
    let preview = call(&lab, "unblock", "&dry_run=true&keep=true", &["bad.example"]).await;
    assert_eq!(preview.outcomes(), ["partly"]);
    let plan = preview.body["plan"]["id"].as_str().unwrap();
    let applied = post(
        &format!("{}/v1/actions/{DELETE_SENDERS}?plan={plan}", lab.url),
        "",
    )
    .await;
    assert_eq!(
        (applied.status, applied.outcomes()),
        (200, vec!["partly".to_owned()]),
        "{applied:?}"
    );
    assert_eq!(
        standing(&lab),
        [
            "a@acme.example bad.example",
            "b@acme.example bad.example",
            "d@acme.example other.example"
        ]
    );
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_honoured_after_a_kill_and_is_an_option_of_send_and_preview() {
    let settings = Settings {
        latency: Duration::from_millis(50),
        knobs: Knobs {
            list_limit: None,
            ..Knobs::default()
        },
        ..Settings::default()
    };
    let simulator = Simulator::start(settings).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [appliances.esa-1]\nurl = \"{}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nitems_per_call = 1\nrequest_timeout = \"1s\"\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n",
        simulator.url()
    );
    std::fs::write(here.join("doorlist.toml"), text).unwrap();
    let mut program = Program::start(here, &["serve"], &[]);
    let url = format!("{}/v1/actions/{ADD_SENDERS}", program.url());
    let many: Vec<_> = (0..40).map(|number| format!("s{number}.example")).collect();
    post(&format!("{url}?wait=0s"), serde_json::to_string(&many).unwrap()).await;
    writes_begun(&simulator, 1).await;
    let accepted = client()
        .post(format!("{url}?wait=0s&override=own_domain:mx.example.com"))
        .header("x-reason", "agreed");
    let accepted = answer(accepted.body(r#"["mx.example.com"]"#)).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    // Killed: nothing is given back.
    drop(program);
    assert!(
        !simulator
            .lists()
            .blocklist
            .iter()
            .any(|pair| pair.sender == "mx.example.com")
    );
    let mut program = Program::start(here, &["serve"], &[]);
    let server = program.url();
    let report = ended(&server, &accepted.run()).await;
    assert_eq!(report.outcomes(), ["added"], "{report:?}");
    assert!(
        has(
            &report.body["results"][0]["notes"],
            "passed own_domain by local: agreed"
        ),
        "{report:?}"
    );

    std::fs::write(
        here.join("senders.json"),
        r#"["ftp.example.com", "www.example.com"]"#,
    )
    .unwrap();
    let both = [
        "--override",
        "own_domain:FTP.example.com",
        "--override",
        "own_domain:www.example.com",
    ];
    // (command, further options, exit code, what is told)
    for (command, options, code, words) in [
        (
            "send",
            &["--dry-run"][..],
            0,
            "let pass: own_domain for ftp.example.com, own_domain for www.example.com",
        ),
        ("preview", &[], 0, "apply it as it is: doorlist apply "),
        ("send", &[], 64, "reason_required"),
        ("send", &["--reason", "agreed"], 0, "2 of 2 listed"),
    ] {
        let arguments = [&[command, ADD_SENDERS, "senders.json"], &both[..], options].concat();
        let output = run(here, &arguments, &[("DOORLIST_SERVER_URL", &server)]);
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8(told).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    program.terminate();
    simulator.stop().await;
}
