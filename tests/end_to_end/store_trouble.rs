//! A store that cannot be had: a second server, a disk that is full, a file that cannot be written. The words are clear,
//! nothing is half done, and afterwards everything works.

#![cfg(unix)]

use super::support::{ADD_SENDERS, Program, ended, get, post, run};
use doorlist::simulator::{Handle, Settings, Simulator};
use std::path::Path;
use std::process::{Command, Stdio};

async fn appliance() -> (Handle, tempfile::TempDir) {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [appliances.esa-1]\nurl = \"{}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nrequest_timeout = \"1s\"\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n",
        simulator.url()
    );
    std::fs::write(directory.path().join("doorlist.toml"), text).unwrap();
    (simulator, directory)
}

/// One sender, and many values that are refused, so that there is something to store.
fn body(number: usize) -> String {
    let mut values = vec![format!("s{number}.example")];
    values.extend((0..200).map(|place| format!("no value {number}.{place}")));
    serde_json::to_string(&values).unwrap()
}

fn has(simulator: &Handle, number: usize) -> bool {
    let sender = format!("s{number}.example");
    simulator
        .lists()
        .blocklist
        .iter()
        .any(|pair| pair.sender == sender)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_file_ends_with_a_clear_word() {
    let (simulator, directory) = appliance().await;
    let mut first = Program::start(directory.path(), &["serve"], &[]);
    let url = first.url();
    let second = run(directory.path(), &["serve"], &[]);
    let words = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{words}");
    assert!(
        words.contains("store under [server]: ") && words.contains("is in use by another doorlist"),
        "{words}"
    );
    assert_eq!(
        get(&format!("{url}/readyz")).await.status,
        200,
        "the first one goes on"
    );
    first.terminate();
    let mut next = Program::start(directory.path(), &["serve"], &[]);
    next.url();
    assert_eq!(next.terminate().0, Some(0));
    simulator.stop().await;
}

/// Posts until a call is refused; the runs that were accepted, and the number of the one that was not.
async fn post_until_refused(url: &str) -> (Vec<String>, usize) {
    let mut accepted = Vec::new();
    for number in 0.. {
        let answer = post(&format!("{url}/v1/actions/{ADD_SENDERS}?wait=0s"), body(number)).await;
        if answer.status == 503 {
            assert_eq!(answer.code(), "store_unavailable");
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(
                detail.starts_with("runs cannot be stored or read now (the "),
                "{detail}"
            );
            assert!(detail.ends_with("Send it again later"), "{detail}");
            return (accepted, number);
        }
        assert!([200, 202].contains(&answer.status), "{answer:?}");
        accepted.push(answer.run());
        assert!(number < 5_000, "the store never filled up");
    }
    unreachable!("numbers do not end")
}

/// Where a run has no place, the little that a probe writes may still have some.
async fn words_when_nothing_fits(url: &str) -> String {
    for _ in 0..1_000 {
        let ready = get(&format!("{url}/readyz")).await;
        if ready.status == 503 {
            return ready.body.as_str().unwrap().to_owned();
        }
    }
    panic!("it is ready on a disk that is full");
}

async fn holds_to_what_it_said(directory: &Path, simulator: &Handle, accepted: &[String], refused: usize) {
    assert!(!has(simulator, refused), "what was refused was done");
    let mut program = Program::start(directory, &["serve"], &[]);
    let url = program.url();
    for (number, run) in accepted.iter().enumerate() {
        let report = ended(&url, run).await;
        assert_eq!(report.count("added"), 1, "{number}: {}", report.text());
        assert!(has(simulator, number), "{number}");
    }
    let mut listed = 0;
    let mut path = "/v1/runs?limit=200".to_owned();
    loop {
        let page = get(&format!("{url}{path}")).await.body;
        listed += page["runs"].as_array().unwrap().len();
        match page["links"]["next"].as_str() {
            Some(next) => next.clone_into(&mut path),
            None => break,
        }
    }
    assert_eq!(listed, accepted.len(), "a run that nobody was told of");
    assert!(!has(simulator, refused), "what was refused was done later");
    assert_eq!(get(&format!("{url}/readyz")).await.status, 200);
    let again = post(&format!("{url}/v1/actions/{ADD_SENDERS}"), body(refused)).await;
    assert_eq!(again.count("added"), 1, "{again:?}");
    assert_eq!(program.terminate().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_disk_is_full_a_call_is_refused_and_a_restart_with_room_goes_on() {
    let (simulator, directory) = appliance().await;
    // Blocks of 512 or 1,024 bytes: enough for tables and a few runs.
    let mut program = Program::start_with_short_files(directory.path(), &["serve"], 1_000);
    let url = program.url();
    let (accepted, refused) = post_until_refused(&url).await;
    assert!(!accepted.is_empty());
    let words = words_when_nothing_fits(&url).await;
    assert!(
        words.starts_with("not ready: the store cannot be written"),
        "{words}"
    );
    assert_eq!(get(&format!("{url}/livez")).await.status, 200);
    assert_eq!(program.terminate().0, Some(0), "it can be stopped all the same");
    holds_to_what_it_said(directory.path(), &simulator, &accepted, refused).await;
    simulator.stop().await;
}

/// Files that nobody can write, not even root, until this is dropped.
struct Immutable<'a>(&'a Path);

impl<'a> Immutable<'a> {
    fn make(directory: &'a Path) -> Option<Self> {
        let guard = Self(directory);
        change_attribute(directory, "+i").then_some(guard)
    }
}

impl Drop for Immutable<'_> {
    fn drop(&mut self) {
        change_attribute(self.0, "-i");
    }
}

fn change_attribute(directory: &Path, change: &str) -> bool {
    let mut command = Command::new("chattr");
    command.arg(change);
    for name in ["doorlist.db", "doorlist.db-wal"] {
        command.arg(directory.join(name));
    }
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_file_cannot_be_written_a_call_is_refused_and_afterwards_it_goes_on() {
    let (simulator, directory) = appliance().await;
    let mut program = Program::start(directory.path(), &["serve"], &[]);
    let url = program.url();
    let first = post(&format!("{url}/v1/actions/{ADD_SENDERS}"), body(0)).await;
    let Some(immutable) = Immutable::make(directory.path()) else {
        println!("skipped: only root may make a file immutable, and only on some file systems");
        program.terminate();
        return simulator.stop().await;
    };
    let refused = post(&format!("{url}/v1/actions/{ADD_SENDERS}"), body(1)).await;
    assert_eq!(
        (refused.status, refused.code()),
        (503, "store_unavailable"),
        "{refused:?}"
    );
    assert_eq!(get(&format!("{url}/readyz")).await.status, 503);
    let kept = get(&format!("{url}/v1/runs/{}", first.run())).await;
    assert_eq!(kept.count("added"), 1, "what is there can be read: {kept:?}");
    drop(immutable);
    let next = post(&format!("{url}/v1/actions/{ADD_SENDERS}"), body(2)).await;
    assert_eq!(next.count("added"), 1, "without a restart: {next:?}");
    assert_eq!(program.terminate().0, Some(0));
    holds_to_what_it_said_about(directory.path(), &simulator, &first.run()).await;
    simulator.stop().await;
}

async fn holds_to_what_it_said_about(directory: &Path, simulator: &Handle, first: &str) {
    assert!(!has(simulator, 1), "what was refused was done");
    let mut program = Program::start(directory, &["serve"], &[]);
    let url = program.url();
    assert_eq!(
        get(&format!("{url}/v1/runs")).await.body["runs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(get(&format!("{url}/v1/runs/{first}")).await.count("added"), 1);
    assert!(!has(simulator, 1), "what was refused was done later");
    assert_eq!(program.terminate().0, Some(0));
}
