//! Every named point between accept and finish: dead there, started again, and everything is as if nothing had been.

use super::bench::{Bench, MAILBOX, Post, no_limit, to_delete};
use doorlist::simulator::Behaviour;
use std::time::Duration;

const POINTS: [&str; 7] = [
    "accepting",
    "accepted",
    "claimed",
    "journaled",
    "written",
    "finishing",
    "finished",
];

fn results_of(report: &serde_json::Value) -> &Vec<serde_json::Value> {
    report["results"].as_array().unwrap()
}

fn addition(name: &str) -> Post {
    Post {
        configuration: "add",
        senders: (0..5).map(|number| format!("{name}{number}.example")).collect(),
        run: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_at_any_point_and_nothing_is_lost_or_doubled() {
    let mut bench = Bench::start(Duration::ZERO).await;
    for (number, point) in POINTS.into_iter().enumerate() {
        let deletion = Post {
            configuration: "delete",
            senders: (0..3).map(|place| to_delete(number * 3 + place)).collect(),
            run: None,
        };
        for post in [addition(point), deletion] {
            bench.start_server(Some(point)).await;
            let key = format!("{point}-{}", post.configuration);
            bench.posts.insert(key.clone(), post);
            bench.post(&key, "20s").await;
            while !bench.has_died() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            bench.start_server(None).await;
            bench.judge_so_far(&key).await;
            bench.kill();
        }
    }
    bench.start_server(None).await;
    bench.judge().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_guard_forbids_by_now_is_not_written_after_a_restart() {
    let mut bench = Bench::start(Duration::ZERO).await;
    bench.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:times=always".parse().unwrap()],
        knobs: no_limit(),
        ..Behaviour::default()
    });
    bench.start_server(None).await;
    let post = Post {
        configuration: "add",
        senders: vec!["partner.example".to_owned(), "bad.example".to_owned()],
        run: None,
    };
    bench.posts.insert("one".to_owned(), post);
    assert!(bench.post("one", "0s").await);
    bench.kill();
    bench.edit_configuration("[guard]\n", "[guard]\nown_domains = \"partner.example\"\n");
    bench.simulator.set_behaviour(Behaviour {
        knobs: no_limit(),
        ..Behaviour::default()
    });
    bench.start_server(None).await;
    let run = bench.posts["one"].run.clone().unwrap();
    let report = bench.report(&run).await;
    let results = report["results"].as_array().unwrap();
    assert_eq!(
        (&results[0]["outcome"], &results[1]["outcome"]),
        (&"refused_by_rule".into(), &"added".into())
    );
    let detail = results[0]["detail"].as_str().unwrap();
    assert!(detail.contains("partner.example"), "{detail}");
    for request in bench
        .simulator
        .requests()
        .iter()
        .filter(|request| request.method != "GET")
    {
        assert!(
            !request.body.to_string().contains("partner.example"),
            "{request:?}"
        );
    }
    let lists = bench.simulator.lists();
    assert!(
        lists
            .blocklist
            .iter()
            .any(|pair| pair.recipient == MAILBOX && pair.sender == "bad.example")
    );
}

/// What may be otherwise after a crash, and what becomes of two senders of which the first may not be written any more.
struct Since {
    edit: (&'static str, &'static str),
    /// Outcomes where the crash came after the write, and before it.
    written: [&'static str; 2],
    journaled: [&'static str; 2],
    says: &'static str,
}

const SINCE: [Since; 3] = [
    Since {
        edit: ("[guard]\n", "[guard]\nown_domains = \"partner.example\"\n"),
        written: ["added", "added"],
        journaled: ["refused_by_rule", "added"],
        says: "own domain partner.example",
    },
    Since {
        edit: ("[appliances.esa-1]\n", "[appliances.esa-1]\nmode = \"observe\"\n"),
        written: ["added", "added"],
        journaled: ["not_tried", "not_tried"],
        says: "only looked at by now",
    },
    Since {
        edit: ("esa-1", "esa-2"),
        written: ["unproven", "unproven"],
        journaled: ["unproven", "unproven"],
        says: "has no appliance esa-1 any more",
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_before_a_crash_and_must_not_be_sent_since_is_read_back_and_told() {
    for since in &SINCE {
        for (point, outcomes) in [("written", since.written), ("journaled", since.journaled)] {
            let mut bench = Bench::start(Duration::ZERO).await;
            bench.start_server(Some(point)).await;
            let post = Post {
                configuration: "add",
                senders: vec!["partner.example".to_owned(), "bad.example".to_owned()],
                run: None,
            };
            bench.posts.insert("one".to_owned(), post);
            bench.post("one", "20s").await;
            while !bench.has_died() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            bench.edit_configuration(since.edit.0, since.edit.1);
            let requests_before = bench.simulator.requests().len();
            bench.start_server(None).await;
            assert!(bench.post("one", "20s").await);
            let run = bench.posts["one"].run.clone().unwrap();
            let report = bench.report(&run).await;
            let told: Vec<_> = results_of(&report)
                .iter()
                .map(|result| result["outcome"].as_str().unwrap())
                .collect();
            assert_eq!(told, outcomes, "{} after {point}: {report}", since.says);
            if outcomes != ["added", "added"] || since.edit.0 == "[guard]\n" {
                assert!(report["results"][0].to_string().contains(since.says), "{report}");
            }
            let requests = bench.simulator.requests().split_off(requests_before);
            for request in requests.iter().filter(|request| request.method != "GET") {
                assert!(
                    !request.body.to_string().contains("partner.example"),
                    "{request:?}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_at_which_doorlist_itself_fails_ends_and_holds_up_nobody() {
    let mut bench = Bench::start(Duration::ZERO).await;
    bench
        .start_server_with(Some(("DOORLIST_PANIC_AT", "written")))
        .await;
    for key in ["one", "two"] {
        bench.posts.insert(key.to_owned(), addition(key));
        assert!(bench.post(key, "0s").await);
    }
    for key in ["one", "two"] {
        let run = bench.posts[key].run.clone().unwrap();
        let report = bench.report(&run).await;
        let told: Vec<_> = results_of(&report)
            .iter()
            .map(|result| &result["outcome"])
            .collect();
        // The first of three calls was made; all five stand in the journal of their round.
        assert_eq!(told, ["unproven"; 5], "{key}: {report}");
        assert!(report.to_string().contains("doorlist failed at it"), "{report}");
    }
}

#[tokio::test]
async fn what_was_put_back_before_a_crash_and_is_forbidden_since_is_told_and_kept_as_put_back() {
    let mut bench = Bench::start(Duration::ZERO).await;
    bench.start_server(None).await;
    for (key, configuration) in [("add", "add"), ("delete", "delete")] {
        let post = Post {
            configuration,
            senders: vec!["partner.example".to_owned(), "bad.example".to_owned()],
            run: None,
        };
        bench.posts.insert(key.to_owned(), post);
        assert!(bench.post(key, "20s").await);
    }
    let deletion = bench.posts["delete"].run.clone().unwrap();
    bench.kill();
    bench.start_server(Some("written")).await;
    assert_eq!(bench.undo(&deletion, "first").await, None, "it died");
    while !bench.has_died() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bench.edit_configuration("[guard]\n", "[guard]\nown_domains = \"partner.example\"\n");
    bench.start_server(None).await;
    let undo = bench.undo(&deletion, "first").await.unwrap();
    let report = bench.report(&undo).await;
    let told: Vec<_> = results_of(&report)
        .iter()
        .map(|result| result["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["added", "added"], "{report}");
    assert!(
        report.to_string().contains("a rule forbids it since it was sent"),
        "{report}"
    );
    // And so it can be taken back.
    let again = bench.undo(&undo, "second").await.unwrap();
    let report = bench.report(&again).await;
    let told: Vec<_> = results_of(&report)
        .iter()
        .map(|result| result["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["removed", "removed"], "{report}");
}
