//! `doorlist why` as a user starts it: the sentence, the table, and the exit code.

use super::support::{ADD_SENDERS, Program, pairs, post, run};
use doorlist::simulator::{Behaviour, Lists, Settings, Simulator};

#[tokio::test(flavor = "multi_thread")]
async fn why_prints_the_sentence_and_a_table_and_its_exit_code_tells_what_is_not_known() {
    let lists = Lists {
        blocklist: pairs(&[
            ("u5@example.com", "bad.example"),
            ("u6@example.com", "\u{1b}[1m@bad.example"),
        ]),
        ..Lists::default()
    };
    let first = Simulator::start(Settings {
        lists,
        ..Settings::default()
    })
    .await
    .unwrap();
    let second = Simulator::start(Settings::default()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let appliance = |name: &str, url: String| {
        format!(
            "[appliances.{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n"
        )
    };
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n{}list_sync_minutes = 15\n{}\
         [configurations.block]\naction = \"{ADD_SENDERS}\"\nappliances = [\"esa-1\", \"esa-2\"]\nrecipient_list = \"u1@example.com\"\n",
        appliance("esa-1", first.url()),
        appliance("esa-2", second.url())
    );
    std::fs::write(here.join("doorlist.toml"), text).unwrap();
    let mut program = Program::start(here, &["serve"], &[]);
    let url = program.url();
    let report = post(
        &format!("{url}/v1/actions/{ADD_SENDERS}"),
        r#"["mallory@bad.example"]"#,
    )
    .await;
    let put_there = report.run();
    let why = |arguments: &[&str]| {
        let arguments = [&["why"], arguments].concat();
        let output = run(here, &arguments, &[("DOORLIST_SERVER_URL", &url)]);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };

    let (code, out, err) = why(&["Mallory@bad.example"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let lines: Vec<Vec<&str>> = out
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert!(
        out.starts_with(
            "Mallory@bad.example is blocked on esa-1 for 2 mailboxes: 1 by itself (put there by "
        ),
        "{out}"
    );
    assert_eq!(
        lines[1],
        ["APPLIANCE", "LIST", "MAILBOX", "ENTRY", "PUT", "THERE", "BY"]
    );
    let by = format!("{put_there} of block by local,");
    for (mailbox, words) in [
        ("esa-1 blocklist u1@example.com mallory@bad.example", by.as_str()),
        (
            "esa-1 blocklist u5@example.com bad.example (its domain)",
            "not ours",
        ),
        ("esa-2 blocklist u1@example.com mallory@bad.example", &by),
    ] {
        let expected = format!("{mailbox} {words}");
        let found = lines.iter().any(|line| line.join(" ").starts_with(&expected));
        assert!(found, "{expected}\n{out}");
    }
    assert_eq!(out.matches(", in force by ").count(), 1, "{out}");

    let (code, out, _) = why(&["mallory@bad.example", "--recipient", "u5@example.com", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, document["lists"][0]["pairs"][0]["covers"].as_str()),
        (Some(0), Some("domain"))
    );
    let (code, out, _) = why(&["good.example"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "nothing on any list covers good.example\n")
    );
    let (code, _, err) = why(&["bad[.]example"]);
    assert!(
        code == Some(64) && err.contains("Did you mean bad.example?"),
        "{err}"
    );

    for (appliance, status) in [(&second, 1), (&first, 5)] {
        appliance.set_behaviour(Behaviour {
            faults: vec!["unauthorized:times=always".parse().unwrap()],
            ..Behaviour::default()
        });
        let (code, out, _) = why(&["mallory@bad.example"]);
        assert_eq!(code, Some(status), "{out}");
        assert!(
            out.starts_with("NOT KNOWN for esa-") && out.contains("  NOT KNOWN  "),
            "{out}"
        );
    }
    program.terminate();
    first.stop().await;
    second.stop().await;
}
