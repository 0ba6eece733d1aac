//! Plans and the real binary: a server that is killed between accepting a plan and executing it, a rule that comes with a
//! restart, and `doorlist preview` and `apply` with their exit codes.

use super::support::{ADD_SENDERS, Program, answer, client, ended, pairs, post, run, writes_begun};
use doorlist::simulator::{Knobs, Settings, Simulator};
use std::path::Path;
use std::process::Output;
use std::time::Duration;

fn configure(directory: &Path, appliance_url: &str, keys: &str) {
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [appliances.esa-1]\nurl = \"{appliance_url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nitems_per_call = 1\nrequest_timeout = \"1s\"\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n{keys}\n"
    );
    std::fs::write(directory.join("doorlist.toml"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_before_a_plan_was_begun_applies_it_after_its_next_start_if_nothing_moved() {
    for is_moved in [false, true] {
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
        configure(directory.path(), &simulator.url(), "");
        let mut program = Program::start(directory.path(), &["serve"], &[]);
        let url = format!("{}/v1/actions/{ADD_SENDERS}", program.url());
        let preview = post(&format!("{url}?dry_run=true&keep=true"), r#"["bad.example"]"#).await;
        let plan = preview.body["plan"]["id"].as_str().unwrap().to_owned();
        let many: Vec<_> = (0..40).map(|number| format!("s{number}.example")).collect();
        post(&format!("{url}?wait=0s"), serde_json::to_string(&many).unwrap()).await;
        writes_begun(&simulator, 1).await;
        let accepted = post(&format!("{url}?plan={plan}&wait=0s"), "").await;
        assert_eq!(accepted.status, 202, "{accepted:?}");
        // Killed: nothing is given back.
        drop(program);
        assert!(
            !simulator
                .lists()
                .blocklist
                .iter()
                .any(|pair| pair.sender == "bad.example")
        );
        if is_moved {
            let mut lists = simulator.lists();
            lists.blocklist.extend(pairs(&[("a@example.com", "bad.example")]));
            simulator.set_lists(lists);
        }
        let mut program = Program::start(directory.path(), &["serve"], &[]);
        let server = program.url();
        let report = ended(&server, &accepted.run()).await;
        let expected = if is_moved { "not_tried" } else { "added" };
        assert_eq!(report.outcomes(), [expected], "{report:?}");
        assert_eq!(report.body["plan"]["id"], plan);
        let again = post(&format!("{server}/v1/actions/{ADD_SENDERS}?plan={plan}"), "").await;
        assert_eq!((again.status, again.code()), (409, "plan_used"), "{again:?}");
        assert_eq!(again.body["run"], accepted.run());
        program.terminate();
        simulator.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_was_made_stricter_since_moves_a_plan() {
    for (keys, words) in [
        ("added_pairs_per_run_max = 1", "other caps"),
        ("added_pairs_per_hour_max = 1", "other caps"),
        ("objects_per_run = 1", "another objects_per_run"),
        ("list_type = \"safelist\"", "another list"),
    ] {
        let simulator = Simulator::start(Settings::default()).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        configure(directory.path(), &simulator.url(), "");
        let mut program = Program::start(directory.path(), &["serve"], &[]);
        let url = format!("{}/v1/actions/{ADD_SENDERS}", program.url());
        let senders = r#"["bad.example", "worse.example"]"#;
        let preview = post(&format!("{url}?dry_run=true&keep=true"), senders).await;
        let plan = preview.body["plan"]["id"].as_str().unwrap().to_owned();
        program.terminate();
        configure(directory.path(), &simulator.url(), keys);
        let mut program = Program::start(directory.path(), &["serve"], &[]);
        let url = format!("{}/v1/actions/{ADD_SENDERS}", program.url());
        let applied = post(&format!("{url}?plan={plan}"), "").await;
        assert_eq!(
            (applied.status, applied.code()),
            (409, "plan_moved"),
            "{keys}: {applied:?}"
        );
        assert!(
            applied.body["moved"][0].as_str().unwrap().contains(words),
            "{applied:?}"
        );
        assert!(simulator.lists().blocklist.is_empty(), "{keys}");
        program.terminate();
        simulator.stop().await;
    }
}

fn doorlist(directory: &Path, server: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = run(directory, arguments, &[("DOORLIST_SERVER_URL", server)]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_and_apply_say_by_their_exit_code_what_came_of_a_plan() {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    configure(here, &simulator.url(), "");
    std::fs::write(here.join("senders.json"), r#"["bad.example"]"#).unwrap();
    let mut program = Program::start(here, &["serve"], &[]);
    let server = program.url();
    let preview = |server: &str| {
        let (code, shown, _) = doorlist(here, server, &["preview", ADD_SENDERS, "senders.json"]);
        assert_eq!(code, Some(0), "{shown}");
        let (_, plan) = shown.split_once("apply it as it is: doorlist apply ").unwrap();
        plan.trim().to_owned()
    };
    let (first, second) = (preview(&server), preview(&server));
    let (code, shown, _) = doorlist(
        here,
        &server,
        &["apply", &first, "--reason", "a campaign", "--ticket", "CHG-1"],
    );
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.starts_with("1 of 1 listed"), "{shown}");
    // (plan, exit code, what is told)
    for (plan, code, words) in [
        (first.as_str(), 6, "plan_used"),
        (
            second.as_str(),
            6,
            "a@example.com / bad.example is on the list already",
        ),
        ("no-plan", 64, "unknown_plan"),
    ] {
        let (found, shown, told) = doorlist(here, &server, &["apply", plan]);
        assert_eq!(found, Some(code), "{shown}{told}");
        assert!(told.contains(words), "{told}");
    }
    simulator.set_lists(Settings::default().lists);
    let (ruled_out, changed) = (preview(&server), preview(&server));
    let (_, document, _) = doorlist(here, &server, &["preview", ADD_SENDERS, "senders.json", "--json"]);
    assert!(document.contains("\"plan\":{\"id\":"), "{document}");

    // A rule that came since, and a configuration that is another one by now.
    program.terminate();
    configure(here, &simulator.url(), "[guard]\nown_domains = [\"bad.example\"]");
    let mut program = Program::start(here, &["serve"], &[]);
    let server = program.url();
    let (code, _, told) = doorlist(here, &server, &["apply", &ruled_out]);
    assert_eq!(code, Some(6), "{told}");
    assert!(
        told.contains("bad.example is refused by a rule by now: "),
        "{told}"
    );
    let (code, shown, told) = doorlist(here, &server, &["preview", ADD_SENDERS, "senders.json"]);
    assert_eq!(
        code,
        Some(3),
        "what is refused is told by the preview: {shown}{told}"
    );
    program.terminate();
    configure(here, &simulator.url(), "");
    let text = std::fs::read_to_string(here.join("doorlist.toml")).unwrap();
    std::fs::write(
        here.join("doorlist.toml"),
        text.replace("a@example.com", "b@example.com"),
    )
    .unwrap();
    let mut program = Program::start(here, &["serve"], &[]);
    let (code, _, told) = doorlist(here, &program.url(), &["apply", &changed]);
    assert_eq!(code, Some(6), "{told}");
    assert!(
        told.contains("the configuration one has other entries by now"),
        "{told}"
    );
    program.terminate();
    assert_eq!(simulator.lists().blocklist, []);
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_cannot_be_kept_ends_with_another_code_than_one_that_can() {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    configure(here, &simulator.url(), "");
    let path = here.join("doorlist.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("items_per_call = 1", "mode = \"observe\"")).unwrap();
    std::fs::write(here.join("senders.json"), r#"["bad.example"]"#).unwrap();
    let mut program = Program::start(here, &["serve"], &[]);
    let server = program.url();
    let (code, shown, _) = doorlist(here, &server, &["preview", ADD_SENDERS, "senders.json"]);
    assert_eq!(code, Some(3), "{shown}");
    assert!(
        shown.contains("NOT KEPT as a plan: all appliances are only looked at"),
        "{shown}"
    );
    let none = answer(client().get(format!("{server}/v1/plans"))).await;
    assert_eq!(none.body["plans"], serde_json::json!([]));
    program.terminate();
    simulator.stop().await;
}
