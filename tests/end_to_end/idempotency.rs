//! `Idempotency-Key`: the same call sent again is known by it and done once. `runs_listed.rs` has that a key belongs to
//! its client.

use super::support::{ADD_RECIPIENTS, ADD_SENDERS, Answer, Lab, answer, client, post};
use doorlist::simulator::{Behaviour, Settings};
use reqwest::header::HeaderValue;

const BODY: &str = r#"["a.example"]"#;

async fn send(url: String, keys: &[&[u8]], body: &str) -> Answer {
    let mut request = client().post(url).body(body.to_owned());
    for key in keys {
        request = request.header("idempotency-key", HeaderValue::from_bytes(key).unwrap());
    }
    answer(request).await
}

#[tokio::test]
async fn the_same_call_again_gets_the_stored_answer_and_does_nothing() {
    for (fault, status) in [(None, 200), (Some("unauthorized:times=always"), 502)] {
        let lab = Lab::start().await;
        lab.simulator.set_behaviour(Behaviour {
            faults: fault.iter().map(|fault: &&str| fault.parse().unwrap()).collect(),
            ..Behaviour::default()
        });
        let first = send(lab.url_of("add-senders", "&wait=30s"), &[b"key-1"], BODY).await;
        assert_eq!((first.status, first.header("idempotent-replayed")), (status, ""));
        let asked = lab.simulator.requests().len();
        // How the answer comes is not part of what is asked for.
        for query in ["&wait=30s", "", "&wait=0s"] {
            let again = send(lab.url_of("add-senders", query), &[b"key-1"], BODY).await;
            assert_eq!(
                (again.status, again.header("idempotent-replayed")),
                (status, "true"),
                "{query}"
            );
            assert_eq!(
                (again.run(), &again.body["results"]),
                (first.run(), &first.body["results"])
            );
            let text = again.text();
            let (time, rest) = text
                .strip_prefix("REPLAY of ")
                .and_then(|text| text.split_once(" UTC, nothing done now; "))
                .unwrap_or_else(|| panic!("{text}"));
            let digits: Vec<_> = time.split(':').map(str::parse::<u32>).collect();
            assert!(matches!(digits[..], [Ok(0..24), Ok(0..60)]), "{time}");
            assert_eq!(rest, first.text());
        }
        assert_eq!(lab.simulator.requests().len(), asked);
        assert_eq!(
            lab.get("/v1/runs").await.body["runs"].as_array().unwrap().len(),
            1
        );
        lab.stop().await;
    }
}

#[tokio::test]
async fn the_same_call_while_it_runs_waits_like_the_first() {
    let lab = Lab::start_with(Settings::default(), "request_timeout = \"1s\"", "").await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:method=GET".parse().unwrap()],
        ..Behaviour::default()
    });
    let first = send(lab.url_of("add-senders", "&wait=0s"), &[b"key-1"], BODY).await;
    assert_eq!(first.status, 202);
    let impatient = send(lab.url_of("add-senders", "&wait=0s"), &[b"key-1"], BODY).await;
    assert_eq!((impatient.status, impatient.run()), (202, first.run()));
    let waited = send(lab.url_of("add-senders", ""), &[b"key-1"], BODY).await;
    assert_eq!(
        (waited.status, waited.run(), waited.header("idempotent-replayed")),
        (200, first.run(), "")
    );
    assert_eq!(waited.outcomes(), ["added"]);
    assert_eq!(lab.writes().len(), 1);
    lab.stop().await;
}

#[tokio::test]
async fn a_key_with_another_call_is_refused_and_nothing_is_done() {
    let lab = Lab::start().await;
    let first = send(lab.url_of("add-senders", ""), &[b"key-1"], BODY).await;
    assert_eq!(first.outcomes(), ["added"]);
    for (url, body) in [
        (lab.url_of("add-senders", ""), r#"["b.example"]"#),
        (lab.url_of("add-senders", ""), r#"["a.example" ]"#),
        (lab.url_of("add-senders", "&dry_run=false"), BODY),
        (lab.url_of("delete-senders", ""), BODY),
        (format!("{}/v1/actions/{ADD_SENDERS}", lab.url), BODY),
        (format!("{}/v1/actions/{ADD_RECIPIENTS}", lab.url), BODY),
    ] {
        let refused = send(url.clone(), &[b"key-1"], body).await;
        assert_eq!(
            (refused.status, refused.code()),
            (422, "idempotency_key_reused"),
            "{url} {body}"
        );
    }
    assert_eq!(lab.writes().len(), 1);
    assert_eq!(
        lab.get("/v1/runs").await.body["runs"].as_array().unwrap().len(),
        1
    );
    let other = send(lab.url_of("add-senders", ""), &[b"key-2"], r#"["b.example"]"#).await;
    assert_eq!(other.outcomes(), ["added"]);
    lab.stop().await;
}

#[tokio::test]
async fn without_a_key_two_equal_calls_are_two_runs() {
    let lab = Lab::start().await;
    let url = lab.url_of("add-senders", "");
    let (first, second) = (post(&url, BODY).await, post(&url, BODY).await);
    assert_ne!(first.run(), second.run());
    assert_eq!(
        (first.outcomes(), second.outcomes()),
        (vec!["added".into()], vec!["already_present".into()])
    );
    lab.stop().await;
}

#[tokio::test]
async fn equal_calls_at_once_with_one_key_are_one_run() {
    let lab = Lab::start().await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..10 {
        calls.spawn(send(lab.url_of("add-senders", ""), &[b"key-1"], BODY));
    }
    let mut runs: Vec<_> = calls.join_all().await.iter().map(Answer::run).collect();
    runs.dedup();
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(lab.writes().len(), 1);
    lab.stop().await;
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_nothing_is_done() {
    let lab = Lab::start().await;
    let long = [b'k'; 256];
    for keys in [
        &[b"".as_slice()] as &[&[u8]],
        &[b"   "],
        &[&long],
        &["schl\u{fc}ssel".as_bytes()],
        &[b"one\ttwo"],
        &[b"one", b"two"],
        &[b"one", b"one"],
    ] {
        let refused = send(lab.url_of("add-senders", ""), keys, BODY).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "invalid_idempotency_key"),
            "{keys:?}"
        );
    }
    assert_eq!(lab.simulator.requests(), []);
    let longest = send(lab.url_of("add-senders", ""), &[&long[1..]], BODY).await;
    assert_eq!(longest.outcomes(), ["added"]);
    lab.stop().await;
}
