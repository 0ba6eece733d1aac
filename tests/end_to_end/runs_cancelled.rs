//! Stopping a run: the write in flight is finished, the rest is not tried, and a later call completes it.

use super::support::{ADD_RECIPIENTS, Answer, Lab, answer, client, ended, post, writes_begun};
use doorlist::simulator::{Behaviour, Knobs, Settings};
use serde_json::json;
use std::time::Duration;

const LATENCY: Duration = Duration::from_millis(50);

fn slow() -> Settings {
    Settings {
        latency: LATENCY,
        knobs: Knobs {
            list_limit: None,
            ..Knobs::default()
        },
        ..Settings::default()
    }
}

async fn cancel(lab: &Lab, run: &str, reason: Option<&str>) -> Answer {
    let mut request = client().post(format!("{}/v1/runs/{run}/cancel", lab.url));
    if let Some(reason) = reason {
        request = request.header("x-reason", reason);
    }
    answer(request).await
}

#[tokio::test]
async fn a_cancelled_run_finishes_the_write_in_flight_and_says_who_stopped_the_rest_and_why() {
    let lab = Lab::start_with(slow(), "items_per_call = 1", "").await;
    for (configuration, reason, told) in [
        (
            "add-senders",
            Some("the wrong list"),
            "cancelled by local: the wrong list",
        ),
        ("delete-senders", None, "cancelled by local"),
    ] {
        let senders: Vec<_> = (0..60).map(|number| format!("s{number}.example")).collect();
        if configuration == "delete-senders" {
            let all = post(&lab.url_of("add-senders", "&wait=1m"), json!(senders).to_string()).await;
            assert_eq!(all.status, 200, "{}", all.text());
        }
        let standing = lab.simulator.lists().blocklist.len();
        let before = lab.writes().len();
        let run = post(&lab.url_of(configuration, "&wait=0s"), json!(senders).to_string())
            .await
            .run();
        writes_begun(&lab.simulator, before + 3).await;
        let cancelled = cancel(&lab, &run, reason).await;
        assert_eq!(cancelled.status, 200, "{cancelled:?}");
        let done = cancelled.count("added") + cancelled.count("removed");
        let rest = cancelled.count("not_tried");
        assert!(done >= 2 && rest > 0, "{}", cancelled.text());
        assert_eq!(done + rest, 60);
        assert_eq!(cancelled.body["results"][59]["detail"], told);
        let now = lab.simulator.lists().blocklist.len();
        assert_eq!(now.abs_diff(standing) as u64, done, "the report is true");
        assert_eq!(
            (lab.writes().len() - before) as u64,
            done,
            "nothing more was sent"
        );
        // What was asked for was done, so that was 200; for whoever wanted the run it is trouble.
        let report = lab.get(&format!("/v1/runs/{run}")).await;
        assert_eq!(
            (report.status, &report.body["results"]),
            (502, &cancelled.body["results"])
        );
        let again = cancel(&lab, &run, Some("once more")).await;
        assert_eq!((again.status, again.code()), (409, "run_is_done"));
        let page = lab.get("/v1/runs?outcome=not_tried&limit=1").await;
        assert_eq!(page.body["runs"][0]["cancelled"], told);
    }
    lab.stop().await;
}

#[tokio::test]
async fn a_run_that_waits_behind_another_is_cancelled_at_once_and_sends_nothing() {
    let lab = Lab::start_config(Settings::default(), |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nrequest_timeout = \"1s\"\n\
             [configurations.add-recipients]\naction = \"{ADD_RECIPIENTS}\"\nappliance = \"esa-1\"\nsender_list = \"bad.example\"\n"
        )
    })
    .await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:method=GET,times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let url = lab.url_of("add-recipients", "&wait=0s");
    let first = post(&url, r#"["one@example.com"]"#.to_owned()).await;
    let second = post(&url, r#"["two@example.com"]"#.to_owned()).await;
    assert_eq!((first.status, second.status), (202, 202));
    let cancelled = cancel(&lab, &second.run(), Some("not this one")).await;
    assert_eq!(
        (cancelled.status, cancelled.outcomes()),
        (200, vec!["not_tried".to_owned()])
    );
    assert_eq!(
        cancelled.body["results"][0]["detail"],
        "cancelled by local: not this one"
    );
    let waiting = lab.get(&format!("/v1/runs/{}", first.run())).await;
    assert_eq!(waiting.body["state"], "open");
    lab.simulator.set_behaviour(Behaviour::default());
    assert_eq!(ended(&lab.url, &first.run()).await.outcomes(), ["added"]);
    assert_eq!(lab.writes().len(), 1);
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_addresses_cancelled_half_way_are_complete_after_a_second_call() {
    let lab = Lab::start_config(slow(), |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n\
             [guard]\nadded_pairs_per_run_max = 10000\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.add-recipients]\naction = \"{ADD_RECIPIENTS}\"\nappliance = \"esa-1\"\nsender_list = \"bad.example\"\nobjects_per_run = 5000\n"
        )
    })
    .await;
    let addresses: Vec<_> = (0..5000)
        .map(|number| format!("user{number}@example.org"))
        .collect();
    let body = json!(addresses).to_string();
    let run = post(&lab.url_of("add-recipients", "&wait=0s"), body.clone())
        .await
        .run();
    // Fifty go into a request.
    writes_begun(&lab.simulator, 50).await;
    let cancelled = cancel(&lab, &run, Some("half-way")).await;
    let (cancelled, status) = match cancelled.status {
        202 => (ended(&lab.url, &run).await, 502),
        status => (cancelled, status),
    };
    assert!([200, 502].contains(&status), "{status}");
    let added = cancelled.count("added");
    assert!((2400..5000).contains(&added), "{}", cancelled.text());
    assert_eq!(cancelled.count("not_tried"), 5000 - added);
    assert_eq!(lab.simulator.lists().blocklist.len() as u64, added);
    let second = post(&lab.url_of("add-recipients", "&wait=5m"), body).await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert_eq!(second.count("already_present"), added);
    assert_eq!(second.count("added"), 5000 - added);
    assert_eq!(second.body["previous"]["run"], run);
    let lists = lab.simulator.lists();
    let there: std::collections::BTreeSet<_> = lists.blocklist.iter().map(|pair| &pair.recipient).collect();
    assert_eq!((there.len(), lists.blocklist.len()), (5000, 5000));
    assert!(addresses.iter().all(|address| there.contains(address)));
    lab.stop().await;
}
