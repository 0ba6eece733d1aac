//! `doorlist lists` and `doorlist guard` as a user starts them: tables, files, sentences and exit codes.

use super::support::{ADD_SENDERS, Program, pairs, post, run};
use doorlist::simulator::{Behaviour, Handle, Lists, Settings, Simulator};
use std::path::Path;

const CONFIGURATION: &str = "[configurations.block]\naction = \"ACTION\"\nappliances = [\"esa-1\", \"esa-2\"]\nrecipient_list = \"u1@example.com\"\n\
     [guard]\nown_domains = [\"acme.example\"]\n";

fn write_configuration(directory: &Path, urls: [&str; 2]) {
    let appliance = |(number, url): (usize, &str)| {
        let name = number + 1;
        format!(
            "[appliances.esa-{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n"
        )
    };
    let appliances: String = urls.into_iter().enumerate().map(appliance).collect();
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n{appliances}{}",
        CONFIGURATION.replace("ACTION", ADD_SENDERS)
    );
    std::fs::write(directory.join("doorlist.toml"), text).unwrap();
}

async fn appliance(blocklist: &[(&str, &str)], safelist: &[(&str, &str)]) -> Handle {
    let lists = Lists {
        blocklist: pairs(blocklist),
        safelist: pairs(safelist),
    };
    let settings = Settings {
        lists,
        ..Settings::default()
    };
    Simulator::start(settings).await.unwrap()
}

/// Exit code, standard output and standard error.
fn ask(directory: &Path, arguments: &[&str], url: &str) -> (Option<i32>, String, String) {
    let output = run(directory, arguments, &[("DOORLIST_SERVER_URL", url)]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_shown_as_a_table_and_exported_in_the_appliances_own_shape() {
    let nasty = "\"=cmd|' /C calc'!A0\"@bad.example";
    let first = appliance(
        &[
            ("u5@example.com", "bad.example"),
            ("u5@example.com", "=1+1@bad.example"),
            ("u6@example.com", nasty),
            ("u6@example.com", "a,b@bad.example"),
            ("=u7@example.com", "\u{1b}[1m@bad.example"),
        ],
        &[
            ("U5@example.com", "[192.0.2.1]"),
            ("u5@example.com", "good.example"),
        ],
    )
    .await;
    let second = appliance(&[], &[]).await;
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    write_configuration(here, [&first.url(), &second.url()]);
    let mut program = Program::start(here, &["serve"], &[]);
    let url = program.url();
    let report = post(&format!("{url}/v1/actions/{ADD_SENDERS}"), r#"["m@bad.example"]"#).await;
    let put_there = report.run();

    let (code, out, err) = ask(here, &["lists", "show", "esa-1", "blocklist"], &url);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let lines: Vec<String> = out.lines().map(words).collect();
    assert!(
        lines[0].ends_with("the blocklist of esa-1 holds 6 pairs in 6 rows by sender"),
        "{out}"
    );
    assert_eq!(lines[1], "SENDER MAILBOX PUT THERE BY GUARD");
    assert_eq!(lines.len(), 8, "{out}");
    let ours = format!("m@bad.example u1@example.com {put_there}, ");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with(&ours) && line.ends_with(" -")),
        "{out}"
    );
    assert!(
        lines.contains(&"bad.example u5@example.com not ours -".to_owned()),
        "{out}"
    );
    assert!(!out.contains('\u{1b}'), "nothing moves the cursor");
    let filters = [
        "lists",
        "show",
        "esa-1",
        "safelist",
        "--view",
        "recipient",
        "--search",
        "GOOD",
        "--json",
    ];
    let (_, out, _) = ask(here, &filters, &url);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&document["rows"][0]["entry"], &document["matching"]["pairs"]),
        (&"u5@example.com".into(), &1.into())
    );

    let (code, out, err) = ask(here, &["lists", "export", "esa-1"], &url);
    assert_eq!(code, Some(0), "{err}");
    let (comments, rows): (Vec<&str>, Vec<&str>) = out.lines().partition(|line| line.starts_with('#'));
    assert_eq!(comments.len(), 2);
    assert_eq!(
        rows,
        [
            "'=u7@example.com, BLOCKED, \\u{1b}[1m@bad.example",
            "u1@example.com, BLOCKED, m@bad.example",
            "U5@example.com, SAFE, [192.0.2.1]",
            "u5@example.com, BLOCKED, '=1+1@bad.example, bad.example",
            "u5@example.com, SAFE, good.example",
            "u6@example.com, BLOCKED,\"\"\"=cmd|' /C calc'!A0\"\"@bad.example\",\"a,b@bad.example\"",
        ]
    );
    assert!(err.starts_with("3 values are not written as they stand"), "{err}");
    let (code, out, err) = ask(here, &["lists", "export", "esa-1", "blocklist", "--json"], &url);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let lines: Vec<serde_json::Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[0]["senders"][0]["entry"], "\u{1b}[1m@bad.example",
        "as it stands"
    );
    assert_eq!(lines[3]["senders"][0]["entry"], nasty);

    first.set_behaviour(Behaviour {
        faults: vec!["unauthorized:times=always,list=safelist".parse().unwrap()],
        ..Behaviour::default()
    });
    let (code, out, err) = ask(here, &["lists", "export", "esa-1"], &url);
    assert_eq!((code, out.as_str()), (Some(1), ""), "half of an export is none");
    assert!(
        err.contains("the safelist of esa-1 could not be read whole"),
        "{err}"
    );
    assert_eq!(
        ask(here, &["lists", "show", "esa-9", "blocklist"], &url).0,
        Some(64)
    );
    program.terminate();
    first.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_finds_what_somebody_entered_by_hand_against_the_rules() {
    let first = appliance(
        &[
            ("u5@example.com", "Mail.ACME.example"),
            ("u6@example.com", "Mail.ACME.example"),
            ("u6@example.com", "bad.example"),
            ("u6@example.com", "*@wild.example"),
        ],
        &[("u5@example.com", "gmail.com")],
    )
    .await;
    let second = appliance(&[("u5@example.com", "bad.example")], &[]).await;
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    write_configuration(here, [&first.url(), &second.url()]);
    let mut program = Program::start(here, &["serve"], &[]);
    let url = program.url();

    let (code, out, err) = ask(here, &["guard", "audit"], &url);
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    let lines: Vec<String> = out.lines().map(words).collect();
    assert_eq!(
        lines[0],
        "2 entries break today's rules: 1 on the blocklist of esa-1, 1 on the safelist of esa-1; \
         1 on the blocklist of esa-1 cannot be judged (doorlist lists show esa-1 blocklist --guard not_judged)"
    );
    assert_eq!(lines[1], "APPLIANCE LIST ENTRY MAILBOXES RULE WHY, AND WHOSE");
    let found = "esa-1 blocklist Mail.ACME.example u5@example.com, u6@example.com own_domain ";
    assert!(lines[2].starts_with(found), "{out}");
    assert!(
        lines[2].contains("(own_domains, doorlist.toml:") && lines[2].ends_with("[not ours]"),
        "{out}"
    );
    assert!(
        lines[3].starts_with("esa-1 safelist gmail.com u5@example.com freemail_domain "),
        "{out}"
    );
    assert_eq!(lines.len(), 4);

    let (code, out, _) = ask(here, &["guard", "audit", "esa-2"], &url);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "no entry on 2 lists breaks today's rules\n")
    );
    let (code, out, _) = ask(here, &["guard", "audit", "--json"], &url);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &document["lists"][0]["rows"][0]["guard"]["rule"]),
        (Some(1), &"own_domain".into())
    );

    second.set_behaviour(Behaviour {
        faults: vec!["unauthorized:times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let (code, out, _) = ask(here, &["guard", "audit"], &url);
    let begin = "NOT KNOWN for the blocklist of esa-2; NOT KNOWN for the safelist of esa-2; 2 entries break ";
    assert!(code == Some(1) && out.starts_with(begin), "{out}");
    let (code, out, _) = ask(here, &["guard", "audit", "esa-2"], &url);
    assert!(code == Some(5) && !out.contains("no entry"), "{out}");
    program.terminate();
    first.stop().await;
    second.stop().await;
}

#[test]
fn a_value_is_explained_by_the_configuration_file_alone() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    // Nobody listens there, and nobody is asked.
    write_configuration(here, ["http://127.0.0.1:9", "http://127.0.0.1:10"]);
    for (arguments, code, begin, rule, origin) in [
        (
            &["Boss@Mail.ACME.example."][..],
            3,
            "Boss@mail.acme.example may NOT be put on the blocklist or the safelist",
            "own_domain",
            "own_domains, doorlist.toml:",
        ),
        (
            &["gmail.com", "--list", "safelist"],
            3,
            "gmail.com may NOT be put on the safelist",
            "freemail_domain",
            "",
        ),
        (
            &["10.1.2.3", "--recipient", "u1@example.com", "--list", "blocklist"],
            3,
            "[10.1.2.3] may NOT be put on the blocklist for u1@example.com",
            "special_network",
            "RFC 1918",
        ),
        (
            &["bad.example"],
            0,
            "bad.example may be put on the blocklist or the safelist: no rule forbids it",
            "",
            "",
        ),
    ] {
        let (status, out, err) = ask(
            here,
            &[&["guard", "explain"], arguments].concat(),
            "http://127.0.0.1:9",
        );
        assert_eq!((status, err.as_str()), (Some(code), ""), "{arguments:?}: {out}");
        assert!(out.starts_with(begin), "{arguments:?}: {out}");
        assert!(out.contains(rule) && out.contains(origin), "{arguments:?}: {out}");
        let json = [&["guard", "explain", "--json"], arguments].concat();
        let (_, out, _) = ask(here, &json, "http://127.0.0.1:9");
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        let found = document["lists"][0]["refusals"][0]["rule"].as_str();
        assert_eq!(found.unwrap_or_default(), rule);
    }
    for (arguments, words) in [
        (&["bad[.]example"][..], "the value is `bad[.]example`: "),
        (
            &["bad.example", "--recipient", "nobody"],
            "--recipient is `nobody`: ",
        ),
    ] {
        let (status, out, err) = ask(
            here,
            &[&["guard", "explain"], arguments].concat(),
            "http://127.0.0.1:9",
        );
        assert_eq!((status, out.as_str()), (Some(64), ""));
        assert!(err.contains(words), "{err}");
    }
}
