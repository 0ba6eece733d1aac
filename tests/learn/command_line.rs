//! The real binary: what goes where, what it refuses, and its exit codes.

use doorlist::simulator::{Behaviour, Handle, Knobs, Lists, Settings, Simulator};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn learn(directory: &Path, arguments: &[&str], password: &str) -> Output {
    command(directory, arguments, password).output().unwrap()
}

fn command(directory: &Path, arguments: &[&str], password: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorlist"));
    command
        .current_dir(directory)
        .args(["appliances", "learn"])
        .args(arguments)
        .env_clear()
        .env("DOORLIST_APPLIANCES__ESA_1__PASSWORD", password)
        .stdin(Stdio::null());
    command
}

fn configure(directory: &Path, url: &str, more: &str) {
    let config = format!(
        "[appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\n{more}\n\
         [configurations.one]\naction = \"cisco-esa-delete-senders-from-quarantine-list\"\nappliance = \"esa-1\"\n"
    );
    std::fs::write(directory.join("doorlist.toml"), config).unwrap();
}

fn text(output: &Output) -> (String, String) {
    (
        String::from_utf8(output.stdout.clone()).unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}

const SCRATCH: [&str; 3] = ["esa-1", "--scratch-recipient", "scratch@example.com"];

async fn simulator(knobs: &Knobs) -> Handle {
    let settings = Settings {
        knobs: knobs.clone(),
        ..Settings::default()
    };
    Simulator::start(settings).await.unwrap()
}

// The binary is waited for here while the simulator answers it on another thread.
#[tokio::test(flavor = "multi_thread")]
async fn the_answers_go_to_standard_output_or_into_a_file_and_all_else_to_standard_error() {
    let mut knobs = Knobs::default();
    for (name, value) in [
        ("add_on_existing", "merge"),
        ("list_limit", "31"),
        ("spelling", "fold"),
    ] {
        knobs.set(name, value).unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let simulator = simulator(&knobs).await;
    configure(directory.path(), &simulator.url(), "");

    let output = learn(directory.path(), &[&SCRATCH[..], &["--yes"]].concat(), "ironport");
    let (out, err) = text(&output);
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    assert_eq!(Behaviour::from_toml(&out).unwrap().knobs, knobs, "{out}");
    for said in [
        "scratch@example.com",
        "http://127.0.0.1:",
        "nothing else is touched",
        "25 settled, 0 not",
        "nothing of it is left on either list",
    ] {
        assert!(err.contains(said), "{said} in\n{err}");
    }
    assert!(!err.contains("ironport") && !err.contains('\u{1b}'), "{err}");

    let arguments = [&SCRATCH[..], &["--yes", "--output", "esa.toml"]].concat();
    let output = learn(directory.path(), &arguments, "ironport");
    assert_eq!((output.status.code(), text(&output).0.as_str()), (Some(0), ""));
    let written = std::fs::read_to_string(directory.path().join("esa.toml")).unwrap();
    assert_eq!(Behaviour::from_toml(&written).unwrap().knobs, knobs);

    let arguments = [&SCRATCH[..], &["--yes", "--output", "nowhere/esa.toml"]].concat();
    let output = learn(directory.path(), &arguments, "ironport");
    let (out, err) = text(&output);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        Behaviour::from_toml(&out).is_ok() && err.contains("cannot write nowhere/esa.toml"),
        "{err}"
    );
    simulator.stop().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_to_stop_or_left_by_its_terminal_cleans_up_before_it_ends() {
    for signal in ["-TERM", "-HUP"] {
        stop_in_the_middle(signal).await;
    }
}

#[cfg(unix)]
async fn stop_in_the_middle(signal: &str) {
    let settings = Settings {
        // So that there is something left to ask when it is told.
        latency: std::time::Duration::from_millis(50),
        ..Settings::default()
    };
    let simulator = Simulator::start(settings).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    configure(directory.path(), &simulator.url(), "");
    let mut child = command(directory.path(), &[&SCRATCH[..], &["--yes"]].concat(), "ironport")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    assert!(lines.any(|line| line.contains("how many rows a page can have")));
    assert!(simulator.lists().blocklist.len() > 90);
    let killed = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());

    let rest: Vec<String> = lines.collect();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{rest:?}");
    for said in [
        "NOT ALL WAS ASKED: stopped as asked",
        "nothing of it is left on either list",
    ] {
        assert!(rest.iter().any(|line| line == said), "{said} in {rest:?}");
    }
    assert_eq!(simulator.lists(), Lists::default());
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.contains("\nlist_limit = 100\n") && out.contains("# Not all was asked: "),
        "{out}"
    );
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_told_with_its_exit_code_and_sends_no_change() {
    let simulator = simulator(&Knobs::default()).await;
    let url = simulator.url();
    let yes = [&SCRATCH[..], &["--yes"]].concat();
    let other = ["esa-9", "--scratch-recipient", "scratch@example.com", "--yes"];
    let bad = ["esa-1", "--scratch-recipient", "example.com", "--yes"];
    for (arguments, more, password, code, said) in [
        (&SCRATCH[..], "", "ironport", 64, "--yes begins without asking"),
        (&yes, "mode = \"observe\"", "ironport", 3, "mode = \"observe\""),
        (
            &other,
            "",
            "ironport",
            64,
            "there is no appliance `esa-9`; there are: esa-1",
        ),
        (&bad, "", "ironport", 64, "--scratch-recipient: "),
        (
            &yes,
            "",
            "wrong",
            4,
            "nothing was written: the appliance answered 401",
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        configure(directory.path(), &url, more);
        let output = learn(directory.path(), arguments, password);
        let (out, err) = text(&output);
        assert_eq!(output.status.code(), Some(code), "{said}:\n{err}");
        assert!(err.contains(said), "{said} in\n{err}");
        assert_eq!(out, "");
    }
    assert!(simulator.requests().iter().all(|request| request.method == "GET"));
    assert_eq!(simulator.requests().len(), 1);
    simulator.stop().await;
}
