//! Runs and the real binary: a stop in the middle and the next start, and `doorlist runs` and `send`.

use super::support::{ADD_SENDERS, Program, answer, client, ended, get, run, writes_begun};
use doorlist::simulator::{Behaviour, ChangedBy, PairChange, Settings, Simulator};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

fn configure(directory: &Path, appliance_url: &str, server_keys: &str) {
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n{server_keys}\n\
         [appliances.esa-1]\nurl = \"{appliance_url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nitems_per_call = 1\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\nobjects_per_run = 40\n"
    );
    std::fs::write(directory.join("doorlist.toml"), text).unwrap();
}

fn senders(count: usize) -> String {
    let senders: Vec<_> = (0..count).map(|number| format!("s{number}.example")).collect();
    serde_json::to_string(&senders).unwrap()
}

fn slow() -> Settings {
    Settings {
        latency: Duration::from_millis(50),
        ..Settings::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_middle_of_a_run_is_soon_and_the_next_start_finishes_it() {
    let simulator = Simulator::start(slow()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    configure(directory.path(), &simulator.url(), "");
    let mut program = Program::start(directory.path(), &["serve"], &[]);
    let url = format!("{}/v1/actions/{ADD_SENDERS}?wait=10m", program.url());
    let waiting = tokio::spawn(answer(client().post(url).body(senders(60))));
    writes_begun(&simulator, 5).await;
    let (code, log) = program.terminate();
    assert_eq!(code, Some(0), "{log}");
    let accepted = waiting.await.unwrap();
    assert_eq!(
        accepted.status, 202,
        "whoever waited is told where to ask: {accepted:?}"
    );
    let standing = simulator.lists().blocklist.len();
    assert!(
        (4..40).contains(&standing),
        "{standing} stand: it did not end in the middle"
    );

    let mut program = Program::start(directory.path(), &["serve"], &[]);
    let report = ended(&program.url(), &accepted.run()).await;
    assert_eq!(
        (report.count("added"), report.count("waiting")),
        (40, 20),
        "{}",
        report.text()
    );
    assert_eq!(
        simulator.lists().blocklist.len(),
        40,
        "the limit of the run holds over both starts"
    );
    let mut changes: BTreeMap<String, usize> = BTreeMap::new();
    for change in simulator.history() {
        assert_eq!((change.by, change.change), (ChangedBy::Api, PairChange::Added));
        *changes.entry(change.sender).or_default() += 1;
    }
    assert!(changes.values().all(|count| *count == 1), "{changes:?}");
    assert_eq!(program.terminate().0, Some(0));
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_server_died_before_it_told_how_it_ended_is_found_by_that() {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    simulator.set_behaviour(Behaviour {
        faults: vec!["unauthorized:times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let directory = tempfile::tempdir().unwrap();
    configure(directory.path(), &simulator.url(), "wait = \"0s\"");
    let dies = [("DOORLIST_CRASH_AT", "finished")];
    let mut program = Program::start(directory.path(), &["serve"], &dies);
    let url = program.url();
    let post = client()
        .post(format!("{url}/v1/actions/{ADD_SENDERS}"))
        .body(senders(1));
    // It may die before it has answered.
    let _ = post.send().await;
    while client().get(format!("{url}/livez")).send().await.is_ok() {
        tokio::task::yield_now().await;
    }
    drop(program);

    let mut program = Program::start(directory.path(), &["serve"], &[]);
    let url = program.url();
    let page = get(&format!("{url}/v1/runs?state=done&class=trouble")).await.body;
    let text = page["runs"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("{page}"));
    assert!(text.starts_with("NOT LISTED 1 of 1 (1 unreachable"), "{text}");
    program.terminate();
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn send_waits_through_a_202_and_runs_lists_shows_and_cancels() {
    let simulator = Simulator::start(slow()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    configure(here, &simulator.url(), "wait = \"0s\"");
    let mut program = Program::start(here, &["serve"], &[]);
    let url = program.url();
    let doorlist = |arguments: &[&str]| {
        let output = run(here, arguments, &[("DOORLIST_SERVER_URL", &url)]);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    std::fs::write(here.join("three.json"), senders(3)).unwrap();
    let (code, out, err) = doorlist(&["send", ADD_SENDERS, "three.json"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.starts_with("3 of 3 listed (3 new); "), "{out}");
    // Nothing to do any more, twice.
    for _ in 0..2 {
        let (code, out, _) = doorlist(&["send", ADD_SENDERS, "three.json", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (code, &report["summary"]["by_outcome"]["already_present"]),
            (Some(0), &3.into())
        );
        assert!(report["previous"]["run"].is_string(), "{report}");
    }
    let (code, out, _) = doorlist(&["runs", "list"]);
    assert_eq!(code, Some(0));
    assert_eq!(out.matches("3 of 3 listed (3 new); ").count(), 1, "{out}");
    assert!(
        out.ends_with("2 that changed nothing and had no trouble are hidden; --all shows them\n"),
        "{out}"
    );
    let (_, out, _) = doorlist(&["runs", "list", "--all", "--limit", "2"]);
    assert!(
        out.contains("older ones: --before ") && !out.contains("hidden"),
        "{out}"
    );
    let before = out.trim_end().rsplit(' ').next().unwrap().to_owned();
    let (_, out, _) = doorlist(&["runs", "list", "--all", "--before", &before, "--json"]);
    let page: serde_json::Value = serde_json::from_str(&out).unwrap();
    let first = page["runs"][0]["run"].as_str().unwrap();
    let (code, out, _) = doorlist(&["runs", "show", first]);
    assert!(
        code == Some(0) && out.contains(" added ") && out.contains("3 of 3 listed"),
        "{out}"
    );
    let (code, _, err) = doorlist(&["runs", "list", "--outcome", "add"]);
    assert!(code == Some(64) && err.contains("already_present"), "{err}");

    let begun = simulator
        .requests()
        .iter()
        .filter(|request| request.method != "GET")
        .count();
    let call = client()
        .post(format!("{url}/v1/actions/{ADD_SENDERS}"))
        .body(senders(40));
    let long = answer(call).await.run();
    writes_begun(&simulator, begun + 3).await;
    let (_, out, _) = doorlist(&["runs", "show", &long]);
    assert!(
        out.starts_with("NOT DONE YET: ") && out.contains("  esa-1  blocklist  running"),
        "{out}"
    );
    let (code, out, err) = doorlist(&["runs", "cancel", &long, "--reason", "too many"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let report = ended(&url, &long).await;
    assert_eq!(report.status, 502);
    assert_eq!(
        report.body["results"][39]["detail"],
        "cancelled by local: too many"
    );
    // A report with trouble is shown all the same, and its exit code says so.
    let (code, out, _) = doorlist(&["runs", "show", &long]);
    assert!(code == Some(1) && out.contains(" not_tried "), "{out}");
    let (code, _, err) = doorlist(&["runs", "cancel", &long]);
    assert!(code == Some(64) && err.contains("run_is_done"), "{err}");
    let (_, out, _) = doorlist(&["runs", "list"]);
    assert!(out.contains(&long), "trouble is not hidden: {out}");
    assert_eq!(get(&format!("{url}/readyz")).await.status, 200);
    program.terminate();
    simulator.stop().await;
}
