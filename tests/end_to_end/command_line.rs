//! The binary as a user meets it: demo, serve, send, simulator, their output and exit codes.

use super::support::{ADD_SENDERS, Program, file_in_repository, get, run};
use doorlist::simulator::{Settings, Simulator};
use std::path::Path;
use std::process::Output;

fn config(url: &str) -> String {
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n"
    )
}

fn text(output: &Output) -> (String, String) {
    (
        String::from_utf8(output.stdout.clone()).unwrap(),
        String::from_utf8(output.stderr.clone()).unwrap(),
    )
}

#[test]
fn the_demo_needs_nothing_shows_every_kind_of_ending_and_ends_with_0() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("doorlist.toml"), "this is not for the demo").unwrap();
    // Nothing of these may reach it.
    let environment = [
        ("DOORLIST_SERVER__LISTEN", "nonsense"),
        ("DOORLIST_CONFIG", "/nowhere"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("http_proxy", "http://127.0.0.1:1"),
    ];
    let output = run(directory.path(), &["demo"], &environment);
    let (out, err) = text(&output);
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    for outcome in [
        "added",
        "removed",
        "already_present",
        "already_absent",
        "partly",
        "list_full",
        "invalid",
        "unsupported_type",
        "inactive_status",
        "repeated",
    ] {
        assert!(out.contains(&format!(" {outcome} ")), "{outcome} in\n{out}");
    }
    assert_eq!(out.matches("curl -sS").count(), 4, "{out}");
    assert!(!out.contains('\u{1b}'), "no colours where nobody sees them");
    assert_eq!(err, "");
    let output = run(directory.path(), &["demo", "--json"], &environment);
    let reports: Vec<serde_json::Value> = text(&output)
        .0
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(reports.len(), 4);
}

// The binary is waited for here while the simulator answers it on another thread.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_sent_and_the_exit_code_says_how_it_went() {
    let directory = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let simulator_url = simulator.url();
    std::fs::write(directory.path().join("doorlist.toml"), config(&simulator_url)).unwrap();
    let password = ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "ironport");
    let mut program = Program::start(directory.path(), &["serve"], &[password]);
    let url = program.url();
    std::fs::write(
        directory.path().join("good.json"),
        r#"{"indicators":["bad.example"]}"#,
    )
    .unwrap();
    std::fs::write(
        directory.path().join("mixed.json"),
        r#"["\u001b[31mred.example", "worse.example"]"#,
    )
    .unwrap();
    std::fs::write(directory.path().join("broken.json"), "{").unwrap();
    let send = |file: &str, more: &[&str]| {
        let arguments = [&["send", ADD_SENDERS, file, "--server", url.as_str()], more].concat();
        run(directory.path(), &arguments, &[])
    };

    let output = send("good.json", &[]);
    let (out, _) = text(&output);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        out.starts_with("1 of 1 listed (1 new); blocklist of esa-1; run "),
        "{out}"
    );
    assert!(out.contains("+ added") && out.contains("1 added = 1."), "{out}");

    let output = send("good.json", &["--json", "--configuration", "one"]);
    let (out, _) = text(&output);
    assert!(
        out.starts_with("{\"text\":\"1 of 1 listed (0 new)"),
        "text is the first key: {out}"
    );

    let output = send("mixed.json", &[]);
    let (out, _) = text(&output);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        out.contains("\\u{1b}[31mred.example") && !out.contains('\u{1b}'),
        "{out}"
    );

    let sample = file_in_repository("tests/samples/threatq-ndjson.ndjson");
    assert_eq!(send(sample.to_str().unwrap(), &[]).status.code(), Some(0));

    let output = send("broken.json", &[]);
    assert_eq!(output.status.code(), Some(64));
    assert!(text(&output).1.contains("broken_json"), "{:?}", text(&output));

    simulator.stop().await;
    assert_eq!(send("good.json", &[]).status.code(), Some(5));
    assert_eq!(send("nothing.json", &[]).status.code(), Some(64));

    let (code, log) = program.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("stopped"), "{log}");
    assert!(!log.contains("ironport"), "{log}");
    assert_eq!(send("good.json", &[]).status.code(), Some(1), "no server");
}

#[test]
fn all_mistakes_of_a_configuration_are_told_at_once_with_their_place() {
    let directory = tempfile::tempdir().unwrap();
    let broken = "[server]\nlisten = \"0.0.0.0:8750\"\nfail_onn = \"any\"\n\n[appliances.esa-1]\nurl = \"http://192.0.2.1\"\nusername = \"admin\"\npassword = \"hunter-42\"\nlist_limit = 900\n\n[configurations.one]\naction = \"no-such\"\nappliance = \"esa-2\"\n";
    std::fs::write(directory.path().join("doorlist.toml"), broken).unwrap();
    let output = run(directory.path(), &["serve"], &[]);
    let (_, err) = text(&output);
    assert_eq!(output.status.code(), Some(78), "{err}");
    for expected in [
        "doorlist.toml:2:",
        "doorlist.toml:3:",
        "fail_on",
        "doorlist.toml:6:",
        "allow_http",
        "doorlist.toml:9:",
        "500",
        "doorlist.toml:12:",
        "doorlist.toml:13:",
    ] {
        assert!(err.contains(expected), "{expected} in\n{err}");
    }
    assert!(!err.contains("hunter-42"), "{err}");
}

#[test]
fn what_decides_what_is_listed_where_is_never_taken_from_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("doorlist.toml"),
        config("http://127.0.0.1:1"),
    )
    .unwrap();
    let password = ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "007");
    let forbidden = ("DOORLIST_APPLIANCES__ESA_1__VERIFY_TLS", "false");
    let output = run(directory.path(), &["serve"], &[password, forbidden]);
    let (_, err) = text(&output);
    assert_eq!(output.status.code(), Some(78), "{err}");
    assert!(err.contains("DOORLIST_APPLIANCES__ESA_1__VERIFY_TLS"), "{err}");
}

#[test]
fn logs_are_json_on_request() {
    let directory = tempfile::tempdir().unwrap();
    let config = config("http://127.0.0.1:1").replace("[appliances", "log_format = \"json\"\n[appliances");
    std::fs::write(directory.path().join("doorlist.toml"), config).unwrap();
    let password = ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "x");
    let mut program = Program::start(directory.path(), &["serve"], &[password]);
    let seen = program.wait_for("listening on");
    for line in seen.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
}

#[test]
fn the_simulator_says_what_it_is_and_stops_when_asked() {
    let usage = run(Path::new("."), &["simulator", "--list-limit", "many"], &[]);
    assert_eq!(usage.status.code(), Some(64), "wrong usage");
    assert!(text(&usage).1.contains("none"));
    let help = run(Path::new("."), &["--help"], &[]);
    assert_eq!(help.status.code(), Some(0));
    assert!(text(&help).0.contains("Exit codes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reads_both_lists_of_every_appliance_and_writes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    std::fs::write(directory.path().join("doorlist.toml"), config(&simulator.url())).unwrap();
    let check = |password: &str, more: &[&str]| {
        let password = ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", password);
        run(directory.path(), &[&["check"], more].concat(), &[password])
    };
    let output = check("ironport", &[]);
    let (out, _) = text(&output);
    assert_eq!(output.status.code(), Some(0), "{out}");
    for expected in [
        "ok      esa-1: port: port ",
        "ok      esa-1: blocklist: can be read, 0 rows",
        "ok      esa-1: safelist: can be read",
        "root = \"sma\"",
        "nothing was written",
    ] {
        assert!(out.contains(expected), "{expected} in\n{out}");
    }
    let output = check("wrong-password", &["--json"]);
    let (out, _) = text(&output);
    assert_eq!(output.status.code(), Some(5));
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let told = document["appliances"][0]["text"].as_str().unwrap();
    assert!(
        told.starts_with("esa-1 is NOT ready: login: ") && told.contains("role"),
        "{out}"
    );
    let refused = simulator
        .requests()
        .into_iter()
        .filter(|request| request.status == Some(401));
    assert_eq!(refused.count(), 1, "one refusal says enough");
    assert!(!out.contains("wrong-password"));
    assert!(simulator.requests().iter().all(|request| request.method == "GET"));
    assert_eq!(check("", &["--offline"]).status.code(), Some(78), "no password");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_lets_a_client_in_over_https_on_any_address() {
    let directory = tempfile::tempdir().unwrap();
    let made = run(directory.path(), &["token", "new", "--json"], &[]);
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let (token, hash) = (
        made["token"].as_str().unwrap(),
        made["token_sha256"].as_str().unwrap(),
    );
    let again = run(directory.path(), &["token", "new"], &[]);
    let (out, err) = text(&again);
    assert_eq!(
        out.trim().len(),
        43,
        "only the token goes to standard output: {out}"
    );
    assert!(
        err.contains("[clients.threatq]") && !err.contains(out.trim()),
        "{err}"
    );

    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(directory.path().join("server.crt"), certified.cert.pem()).unwrap();
    std::fs::write(
        directory.path().join("server.key"),
        certified.signing_key.serialize_pem(),
    )
    .unwrap();
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let config = config(&simulator.url()).replace(
        "listen = \"127.0.0.1:0\"",
        "listen = \"0.0.0.0:0\"\ntls_cert_file = \"server.crt\"\ntls_key_file = \"server.key\"",
    );
    let client = format!(
        "[clients.threatq]\ntoken_sha256 = \"{hash}\"\nconfigurations = [\"one\"]\naddresses = [\"127.0.0.1\"]\n"
    );
    std::fs::write(directory.path().join("doorlist.toml"), config + &client).unwrap();
    std::fs::write(directory.path().join("token"), token).unwrap();
    std::fs::write(directory.path().join("good.json"), r#"["bad.example"]"#).unwrap();
    let password = ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "ironport");
    let mut program = Program::start(directory.path(), &["serve"], &[password]);
    let line = program.wait_for("listening on https://0.0.0.0:");
    let port = line
        .rsplit("https://0.0.0.0:")
        .next()
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    let url = format!("https://localhost:{port}");
    // The certificate is trusted the way every tool on the machine would be told to.
    let trust = ("SSL_CERT_FILE", "server.crt");
    let call = |arguments: &[&str]| {
        let arguments = [arguments, &["--server", url.as_str()]].concat();
        run(directory.path(), &arguments, &[trust])
    };
    let output = call(&["send", ADD_SENDERS, "good.json", "--token-file", "token"]);
    assert_eq!(output.status.code(), Some(0), "{:?}", text(&output));
    let output = call(&["send", ADD_SENDERS, "good.json", "--json"]);
    assert_eq!(output.status.code(), Some(4), "{:?}", text(&output));
    assert!(text(&output).0.contains("\"unauthorized\""));
    let output = call(&["actions", "--token-file", "token"]);
    assert!(
        text(&output).0.contains("configurations  one"),
        "{:?}",
        text(&output)
    );
    assert_eq!(call(&["health"]).status.code(), Some(0));
    let (code, log) = program.terminate();
    assert_eq!(code, Some(0));
    assert!(!log.contains(token), "{log}");
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(Path::new("."), &["completions", shell], &[]);
        assert!(text(&output).0.contains("doorlist"), "{shell}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_nobody_reads_any_more_still_answers_and_can_be_stopped() {
    use std::io::{BufRead as _, BufReader};
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("doorlist.toml"),
        config("http://127.0.0.1:1"),
    )
    .unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_doorlist"))
        .current_dir(directory.path())
        .arg("serve")
        .env_clear()
        .env("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "x")
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = log.find(|line| line.as_ref().unwrap().contains("listening on http://"));
    drop(log);
    let line = line.unwrap().unwrap();
    let url = line[line.find("http://").unwrap()..]
        .split_whitespace()
        .next()
        .unwrap();
    assert_eq!(get(&format!("{url}/readyz")).await.status, 200);
    let asked = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status();
    assert!(asked.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
