//! Every plain and ThreatQ sample, posted over HTTP to each of the four actions: the outcomes stand in
//! `tests/sample_outcomes.txt`, which a person can read and check.

use super::support::{Lab, file_in_repository, with_blocklist};
use std::fmt::Write as _;

const TABLE: &str = include_str!("../sample_outcomes.txt");

#[tokio::test]
async fn each_sample_has_the_outcomes_of_the_table() {
    let mut actual = String::new();
    for line in TABLE.lines() {
        if line.starts_with('#') || line.is_empty() {
            writeln!(actual, "{line}").unwrap();
            continue;
        }
        let mut columns = line.split_whitespace();
        let (sample, configuration) = (columns.next().unwrap(), columns.next().unwrap());
        let body = std::fs::read(file_in_repository("tests/samples").join(sample)).unwrap();
        let seed = [
            ("user1@example.com", "mail.example.org"),
            ("billing@example.net", "spam.example"),
        ];
        let lab = Lab::start_with(with_blocklist(&seed), "", "").await;
        let answer = lab.post(configuration, body).await;
        assert_eq!(answer.status, 200, "{line}: {answer:?}");
        writeln!(
            actual,
            "{sample:<38}{configuration:<19}{}",
            answer.outcomes().join(" ")
        )
        .unwrap();
        lab.stop().await;
    }
    assert!(actual == TABLE, "the outcomes are now:\n{actual}");
}

#[tokio::test]
async fn the_table_has_every_plain_and_threatq_sample_with_every_action() {
    let samples = std::fs::read_dir(file_in_repository("tests/samples")).unwrap();
    for sample in samples {
        let name = sample.unwrap().file_name().into_string().unwrap();
        // Exports have columns that their administrator chose, and come with a later format.
        if !(name.starts_with("plain-") || name.starts_with("threatq-"))
            || name.starts_with("threatq-export-")
        {
            continue;
        }
        for configuration in [
            "add-senders",
            "add-recipients",
            "delete-senders",
            "delete-recipients",
        ] {
            let has_row = TABLE.lines().any(|line| {
                let mut columns = line.split_whitespace();
                columns.next() == Some(&name) && columns.next() == Some(configuration)
            });
            assert!(has_row, "{name} {configuration}");
        }
    }
}

#[tokio::test]
async fn formats_that_are_not_read_yet_are_refused_with_a_word_and_change_nothing() {
    let lab = Lab::start().await;
    for sample in [
        "stix-bundle-indicators.json",
        "misp-event.json",
        "taxii-envelope.json",
        "opencti-stream-create.json",
    ] {
        let body = std::fs::read(file_in_repository("tests/samples").join(sample)).unwrap();
        let answer = lab.post("add-senders", body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "unknown_format"),
            "{sample}: {answer:?}"
        );
    }
    assert_eq!(lab.simulator.requests(), []);
    lab.stop().await;
}
