//! How long a run may take, what an appliance that wants to be left alone gets, and the wire log.

use super::support::{ADD_SENDERS, Answer, Lab, ended, post, writes_begun};
use doorlist::simulator::{Behaviour, Settings};

fn configuration(url: &str, server_keys: &str, keys: &str) -> String {
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n{server_keys}\n[appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\n\
         username = \"admin\"\npassword = \"ironport\"\nitems_per_call = 1\nrequest_timeout = \"2s\"\n{keys}\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"user1@example.com\"\n"
    )
}

fn senders(count: usize) -> String {
    let names: Vec<_> = (0..count).map(|number| format!("s{number}.example")).collect();
    serde_json::to_string(&names).unwrap()
}

#[tokio::test]
async fn when_its_time_is_up_a_run_tells_what_it_did_and_the_next_one_goes_on() {
    let settings = Settings {
        latency: std::time::Duration::from_millis(50),
        ..Settings::default()
    };
    let lab = Lab::start_config(settings, |url| configuration(url, "run_timeout = \"1s\"", "")).await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let first = post(&url, senders(60)).await;
    let (added, not_tried) = (first.count("added"), first.count("not_tried"));
    assert_eq!((first.status, added + not_tried), (502, 60), "{first:?}");
    assert!(added > 0 && not_tried > 0, "{added} added");
    assert_eq!(lab.simulator.lists().blocklist.len() as u64, added);
    let last = &first.body["results"][59]["detail"];
    assert_eq!(
        last,
        "the time of the run was up (1s, run_timeout under [server])"
    );

    lab.simulator.set_behaviour(Behaviour::default());
    let mut rounds = 0;
    let mut standing = added;
    while standing < 60 {
        let next = post(&url, senders(60)).await;
        assert_eq!(next.count("already_present"), standing);
        standing = lab.simulator.lists().blocklist.len() as u64;
        rounds += 1;
        assert!(rounds < 60, "no progress");
    }
    lab.stop().await;
}

#[tokio::test]
async fn a_run_that_waits_behind_another_is_answered_with_where_to_ask_and_its_own_time_begins_with_its_turn()
{
    let lab = Lab::start_config(Settings::default(), |url| {
        configuration(url, "run_timeout = \"1s\"", "")
    })
    .await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:method=POST".parse().unwrap()],
        ..Behaviour::default()
    });
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let first = post(&format!("{url}?wait=0s"), senders(1)).await;
    writes_begun(&lab.simulator, 1).await;
    let second = post(&format!("{url}?wait=100ms"), senders(2)).await;
    assert_eq!((first.status, second.status), (202, 202), "{second:?}");
    assert_eq!(second.body["tasks"][0]["state"], "queued");
    // The first one's request takes longer than a run may; what became of it is read back.
    let report = ended(&lab.url, &first.run()).await;
    assert_eq!(report.outcomes(), ["not_tried"]);
    let report = ended(&lab.url, &second.run()).await;
    assert_eq!(report.outcomes(), ["added", "added"], "{}", report.text());
    lab.stop().await;
}

/// So many previews at once.
async fn previews(url: &str, count: usize) -> Vec<Answer> {
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..count {
        let url = format!("{url}?dry_run=true");
        posts.spawn(async move { post(&url, senders(1)).await });
    }
    posts.join_all().await
}

#[tokio::test]
async fn an_appliance_without_answers_holds_one_preview_and_the_others_find_it_resting() {
    let lab = Lab::start_config(Settings::default(), |url| configuration(url, "", "")).await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["close_before_apply:times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    for answer in previews(&url, 12).await {
        assert_eq!(answer.outcomes(), ["unreachable"]);
    }
    assert_eq!(lab.simulator.requests().len(), 3, "one asks three times");
    lab.stop().await;
}

#[tokio::test]
async fn a_password_that_is_changed_under_many_previews_costs_two_refusals() {
    let lab = Lab::start_config(Settings::default(), |url| configuration(url, "", "")).await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    assert_eq!(previews(&url, 1).await[0].outcomes(), ["would_add"]);
    let before = lab.simulator.requests().len();
    lab.simulator.set_behaviour(Behaviour {
        // Slow enough that all would be under way before the first one knows.
        faults: vec![
            "unauthorized:times=always".parse().unwrap(),
            "slow_drip:bytes=100,every_ms=50,times=always".parse().unwrap(),
        ],
        ..Behaviour::default()
    });
    for answer in previews(&url, 12).await {
        assert_eq!(answer.outcomes(), ["unreachable"]);
    }
    assert_eq!(lab.simulator.requests().len() - before, 2);
    lab.stop().await;
}

#[tokio::test]
async fn when_the_time_was_spent_on_changes_without_an_answer_that_is_told() {
    let lab = Lab::start_config(Settings::default(), |url| {
        configuration(url, "run_timeout = \"1s\"", "")
    })
    .await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:method=POST,times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let answer = post(&url, senders(1)).await;
    assert_eq!(
        (answer.outcomes(), answer.body["results"][0]["detail"].as_str()),
        (
            vec!["not_tried".to_owned()],
            Some(
                "the time of the run was up (1s, run_timeout under [server]); before that, the last change: no clear \
                 answer: no answer within 2s"
            )
        )
    );
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let answer = &previews(&url, 1).await[0];
    assert_eq!(
        answer.body["results"][0]["detail"],
        "not asked: the time of the run was up (1s, run_timeout under [server]); before that, a page was asked for, and did \
         not come"
    );
    lab.stop().await;
}

#[tokio::test]
async fn an_appliance_that_asks_for_time_gets_it_and_one_that_asks_for_long_is_left_alone() {
    let lab = Lab::start_config(Settings::default(), |url| configuration(url, "", "")).await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let with_fault = |fault: &str| {
        lab.simulator.set_behaviour(Behaviour {
            faults: vec![fault.parse().unwrap()],
            ..Behaviour::default()
        });
    };
    with_fault("status:status=429,retry_after_seconds=1,method=GET");
    let answer = post(&url, senders(1)).await;
    assert_eq!(answer.outcomes(), ["added"]);
    with_fault("status:status=429,retry_after_seconds=600,method=GET,times=always");
    let answer = post(&url, senders(2)).await;
    assert_eq!(answer.outcomes(), ["unreachable", "unreachable"]);
    let asked = lab.simulator.requests().len();
    let answer = post(&url, senders(2)).await;
    let detail = answer.body["results"][0]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("not asked: it asked to be left alone for 600 s; it is tried again at "),
        "{detail}"
    );
    assert_eq!(lab.simulator.requests().len(), asked);
    lab.stop().await;
}

#[tokio::test]
async fn the_wire_log_of_a_run_has_what_was_said_and_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    for (auth, secrets) in [
        ("basic", vec!["YWRtaW46aXJvbnBvcnQ=", "aXJvbnBvcnQ=", "ironport"]),
        ("login", vec!["aXJvbnBvcnQ=", "ironport", "eyJ"]),
    ] {
        let keys = format!("auth = \"{auth}\"");
        let lab = Lab::start_with_wire_logs(directory.path(), |url| configuration(url, "", &keys)).await;
        lab.simulator.set_behaviour(Behaviour {
            faults: vec!["reset_after_apply:method=POST,skip=1".parse().unwrap()],
            ..Behaviour::default()
        });
        let answer = post(&format!("{}/v1/actions/{ADD_SENDERS}", lab.url), senders(3)).await;
        let run = answer.body["run"].as_str().unwrap();
        let path = directory.path().join(format!("{run}.log"));
        let log = std::fs::read_to_string(&path).unwrap();
        for part in [
            "esa-1: GET /esa/api/v2.0/quarantine/blocklist?action=view",
            "> user-agent: doorlist/",
            "> content-type: application/json\n>\n> {",
            "> {\"action\":\"append\",\"quarantineType\":\"spam\",\"viewBy\":\"sender\"",
            "< 200 after ",
            "< {\"data\":{\"action\":\"append\"",
            "! no answer after ",
        ] {
            assert!(log.contains(part), "{auth}: {part} is not in\n{log}");
        }
        let header = if auth == "basic" {
            "> authorization: [hidden]"
        } else {
            "> jwttoken: [hidden]"
        };
        assert!(log.contains(header), "{log}");
        for secret in secrets {
            assert!(!log.contains(secret), "{auth}: {secret} is in\n{log}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        lab.stop().await;
    }
}

#[tokio::test]
async fn a_change_that_would_be_sent_after_the_end_is_not_sent() {
    let lab = Lab::start_config(Settings::default(), |url| {
        configuration(url, "run_timeout = \"3s\"", "")
    })
    .await;
    // The first change is answered with a wait that is longer than the run.
    lab.simulator.set_behaviour(Behaviour {
        faults: vec![
            "status:status=429,retry_after_seconds=20,method=POST"
                .parse()
                .unwrap(),
        ],
        ..Behaviour::default()
    });
    let answer = post(&format!("{}/v1/actions/{ADD_SENDERS}", lab.url), senders(2)).await;
    assert_eq!(answer.status, 502);
    let changes = lab
        .simulator
        .requests()
        .into_iter()
        .filter(|request| request.method == "POST");
    assert_eq!(changes.count(), 1);
    assert_eq!(lab.simulator.lists().blocklist, []);
    for outcome in answer.outcomes() {
        assert!(
            ["not_tried", "unreachable", "unproven"].contains(&outcome.as_str()),
            "{outcome}"
        );
    }
    lab.stop().await;
}
