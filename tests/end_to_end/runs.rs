//! A run is durable before anybody is answered: where to ask for it, what is told while it goes on, and that the report
//! of a call that waited and of one that did not are the same.

use super::support::{ADD_SENDERS, Lab, answer, client, ended, get, post};
use doorlist::simulator::{Behaviour, Settings};
use std::time::Duration;

/// The first answer to a read does not come within `request_timeout`, so that a run is open for a while.
fn is_slow_to_begin(lab: &Lab) {
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:method=GET".parse().unwrap()],
        ..Behaviour::default()
    });
}

async fn lab() -> Lab {
    Lab::start_with(Settings::default(), "request_timeout = \"1s\"", "").await
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_is_answered_with_where_to_ask_and_ends_with_a_report() {
    let lab = lab().await;
    for (number, (query, preference)) in [
        ("&wait=0s", None),
        ("", Some("respond-async")),
        ("&wait=1m", Some("return=minimal, Respond-Async")),
    ]
    .into_iter()
    .enumerate()
    {
        is_slow_to_begin(&lab);
        let sender = format!("s{number}.example");
        let mut request = client()
            .post(lab.url_of("add-senders", query))
            .body(format!("[\"{sender}\"]"));
        if let Some(preference) = preference {
            request = request.header("prefer", preference);
        }
        let accepted = answer(request).await;
        assert_eq!(accepted.status, 202, "{accepted:?}");
        let run = accepted.run();
        assert_eq!(accepted.header("location"), format!("/v1/runs/{run}"));
        assert!(accepted.header("retry-after").parse::<u32>().unwrap() > 0);
        let open = lab.get(accepted.header("location")).await;
        assert_eq!((open.status, open.body["state"].as_str()), (200, Some("open")));
        for document in [&accepted.body, &open.body] {
            let text = document["text"].as_str().unwrap();
            assert!(
                text.starts_with("NOT DONE YET: 0 of 1 appliances done; "),
                "{text}"
            );
            assert!(text.contains(&run), "{text}");
            assert_eq!(document["tasks"][0]["appliance"], "esa-1");
            assert_eq!(document["tasks"][0]["list"], "blocklist");
            let state = document["tasks"][0]["state"].as_str().unwrap();
            assert!(["queued", "running"].contains(&state), "{state}");
            assert_eq!(document["results"], serde_json::Value::Null, "no outcome yet");
        }
        let report = ended(&lab.url, &run).await;
        assert_eq!(
            (report.status, report.outcomes()),
            (200, vec!["added".to_owned()])
        );
        assert_eq!(report.run(), run);
    }
    lab.stop().await;
}

#[tokio::test]
async fn the_sentence_comes_first_for_those_who_show_only_where_an_answer_begins() {
    let lab = lab().await;
    is_slow_to_begin(&lab);
    let url = lab.url_of("add-senders", "&wait=0s");
    let mut accepted = client().post(url).body(r#"["a.example"]"#).send().await.unwrap();
    let beginning = accepted.chunk().await.unwrap().unwrap();
    assert!(
        beginning.starts_with(br#"{"text":"NOT DONE YET: "#),
        "{beginning:?}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_time_to_wait_that_is_none_is_refused_also_where_nobody_waits() {
    let lab = lab().await;
    for preference in ["respond-async", "return=minimal"] {
        let request = client()
            .post(lab.url_of("add-senders", "&wait=soon"))
            .header("prefer", preference)
            .body(r#"["a.example"]"#);
        let refused = answer(request).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "invalid_query_value"),
            "{preference}"
        );
    }
    assert_eq!(lab.simulator.requests(), []);
    lab.stop().await;
}

#[tokio::test]
async fn when_as_many_wait_as_may_call_a_run_can_still_be_looked_at_and_stopped() {
    let lab = Lab::start_config(Settings::default(), |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nrequests_at_once_max = 1\n[appliances.esa-1]\nurl = \"{url}\"\n\
             allow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nrequest_timeout = \"2s\"\n\
             [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n"
        )
    })
    .await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:method=GET,times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let waiting = tokio::spawn(async move { post(&format!("{url}?wait=1m"), r#"["a.example"]"#).await });
    let run = loop {
        let open = lab.get("/v1/runs?state=open").await;
        assert_eq!(open.status, 200, "{open:?}");
        if let Some(run) = open.body["runs"][0]["run"].as_str() {
            break run.to_owned();
        }
        tokio::task::yield_now().await;
    };
    let refused = post(
        &format!("{}/v1/actions/{ADD_SENDERS}", lab.url),
        r#"["b.example"]"#,
    )
    .await;
    assert_eq!((refused.status, refused.code()), (503, "overloaded"));
    let stopped = post(&format!("{}/v1/runs/{run}/cancel", lab.url), "").await;
    assert_eq!((stopped.status, stopped.run()), (200, run.clone()), "{stopped:?}");
    assert_eq!(waiting.await.unwrap().run(), run);
    lab.stop().await;
}

#[tokio::test]
async fn a_run_says_how_far_it_is() {
    let settings = Settings {
        latency: Duration::from_millis(100),
        ..Settings::default()
    };
    let lab = Lab::start_with(settings, "items_per_call = 1", "").await;
    let senders: Vec<_> = (0..40).map(|number| format!("s{number}.example")).collect();
    let body = serde_json::to_string(&senders).unwrap();
    let run = post(&lab.url_of("add-senders", "&wait=0s"), body).await.run();
    loop {
        let open = lab.get(&format!("/v1/runs/{run}")).await;
        assert_eq!(
            open.body["state"], "open",
            "it ended and never said how far it was"
        );
        let progress = &open.body["tasks"][0]["progress"];
        if progress["writes"].as_u64().unwrap_or(0) > 0 {
            assert!(progress["reads"].as_u64().unwrap() > 0, "{progress}");
            assert!(progress["pairs_begun"].as_u64().unwrap() > 0, "{progress}");
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(ended(&lab.url, &run).await.count("added"), 40);
    lab.stop().await;
}

#[tokio::test]
async fn whoever_waited_and_whoever_asks_later_get_the_same_report_and_the_same_status() {
    for (fault, status, outcome) in [
        (None, 200, "added"),
        (Some("unauthorized:times=always"), 502, "unreachable"),
    ] {
        let lab = Lab::start().await;
        let first = lab.post("add-senders", r#"["first.example"]"#).await;
        assert_eq!(first.body["previous"], serde_json::Value::Null);
        lab.simulator.set_behaviour(Behaviour {
            faults: fault.iter().map(|fault| fault.parse().unwrap()).collect(),
            ..Behaviour::default()
        });
        let waited = lab.post("add-senders", r#"["second.example"]"#).await;
        assert_eq!(
            (waited.status, waited.outcomes()),
            (status, vec![outcome.to_owned()])
        );
        let asked = lab.get(&format!("/v1/runs/{}", waited.run())).await;
        assert_eq!((asked.status, &asked.body), (waited.status, &waited.body));
        let previous = &asked.body["previous"];
        assert_eq!(previous["run"], first.run());
        assert_eq!(
            (&previous["state"], &previous["text"]),
            (&"done".into(), &first.text().into())
        );
        assert_eq!(previous["link"], format!("/v1/runs/{}", first.run()));
        // Of another configuration there is none before it.
        let other = lab.post("delete-senders", r#"["third.example"]"#).await;
        assert_eq!(other.body["previous"], serde_json::Value::Null);
        lab.stop().await;
    }
}

#[tokio::test]
async fn the_next_answer_tells_how_a_run_ended_that_nobody_waited_for() {
    let lab = lab().await;
    is_slow_to_begin(&lab);
    let first = post(
        &lab.url_of("add-senders", "&wait=0s"),
        r#"["a.example","not valid"]"#,
    )
    .await;
    assert_eq!(first.status, 202);
    let second = lab.post("add-senders", r#"["b.example"]"#).await;
    assert_eq!(second.outcomes(), ["added"]);
    assert_eq!(second.body["previous"]["run"], first.run());
    let text = second.body["previous"]["text"].as_str().unwrap();
    assert!(text.starts_with("NOT LISTED 1 of 2 (1 invalid); "), "{text}");
    lab.stop().await;
}

#[tokio::test]
async fn a_caller_that_hangs_up_stops_nothing() {
    let lab = lab().await;
    is_slow_to_begin(&lab);
    let call = client()
        .post(lab.url_of("add-senders", ""))
        .body(r#"["a.example"]"#);
    let impatient = call.timeout(Duration::from_millis(300)).send().await;
    assert!(impatient.is_err_and(|error| error.is_timeout()));
    let page = lab.get("/v1/runs").await;
    let run = page.body["runs"][0]["run"].as_str().unwrap();
    assert_eq!(ended(&lab.url, run).await.outcomes(), ["added"]);
    assert_eq!(lab.simulator.lists().blocklist.len(), 1);
    lab.stop().await;
}

#[tokio::test]
async fn a_wait_that_is_no_time_and_a_run_that_is_not_there_are_refused() {
    let lab = Lab::start().await;
    for wait in ["soon", "-1s", "11m", "1"] {
        let refused = post(
            &lab.url_of("add-senders", &format!("&wait={wait}")),
            "[\"a.example\"]",
        )
        .await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "invalid_query_value"),
            "{wait}"
        );
    }
    for run in ["0190e0c1-0000-7000-8000-000000000000", "nonsense", "%FF"] {
        let missing = get(&format!("{}/v1/runs/{run}", lab.url)).await;
        assert_eq!((missing.status, missing.code()), (404, "unknown_run"), "{run}");
        let missing = post(&format!("{}/v1/runs/{run}/cancel", lab.url), "").await;
        assert_eq!((missing.status, missing.code()), (404, "unknown_run"), "{run}");
    }
    let preview = post(&lab.url_of("add-senders", "&dry_run=true"), "[\"a.example\"]").await;
    assert_eq!(preview.outcomes(), ["would_add"]);
    let kept = lab.get(&format!("/v1/runs/{}", preview.run())).await;
    assert_eq!(kept.status, 404, "a preview is not kept");
    assert_eq!(
        lab.get("/v1/runs").await.body["runs"],
        serde_json::json!([]),
        "{ADD_SENDERS}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_preview_and_a_reading_before_an_appliance_that_hangs_do_not_keep_the_server_from_stopping() {
    let lab = Lab::start_with(Settings::default(), "request_timeout = \"10m\"", "").await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let preview = lab.url_of("add-senders", "&dry_run=true");
    let preview = tokio::spawn(async move { post(&preview, r#"["b.example"]"#.to_owned()).await });
    // It has asked, and waits for an answer that does not come; the run waits to be let in after it.
    while lab.simulator.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let url = lab.url_of("add-senders", "&wait=0s");
    let run = post(&url, r#"["a.example"]"#.to_owned()).await;
    assert_eq!(run.status, 202);
    lab.stop().await;
    let preview = preview.await.unwrap();
    assert_eq!((preview.status, preview.code()), (503, "stopping"));
}
