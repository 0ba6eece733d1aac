//! Several appliances in one configuration: each gets the same wish, each has an outcome of its own, and the worst of
//! those that count has the word.

use super::support::{ADD_SENDERS, Answer, DELETE_SENDERS, Lab, pairs, post, with_blocklist};
use doorlist::simulator::{Handle, Lists, Settings, Simulator};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpSocket;

const THREE: &str = r#"["a.example","b.example","c.example"]"#;

/// A configuration for both sender actions on these appliances, each with its name, its URL and further keys.
fn config(appliances: &[(&str, &str, &str)]) -> String {
    let mut text = "[server]\nlisten = \"127.0.0.1:0\"\n".to_owned();
    for (name, url, keys) in appliances {
        text.push_str(&format!(
            "[appliances.{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n{keys}\n"
        ));
    }
    let names: Vec<_> = appliances.iter().map(|(name, ..)| *name).collect();
    text.push_str(&format!(
        "[configurations.add]\naction = \"{ADD_SENDERS}\"\nappliances = {names:?}\nrecipient_list = \"u@example.com\"\n\
         [configurations.delete]\naction = \"{DELETE_SENDERS}\"\nappliances = {names:?}\n"
    ));
    text
}

/// A port on which nobody listens, and which nobody else gets as long as the socket lives.
fn reserved_port() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    // So that an appliance can begin to listen there beside it.
    socket.set_reuseaddr(true).unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// What a result is on each appliance.
fn outcomes_of(answer: &Answer, index: usize) -> Vec<(String, String, bool)> {
    let appliances = answer.body["results"][index]["appliances"].as_array().unwrap();
    appliances
        .iter()
        .map(|on| {
            let word = |key: &str| on[key].as_str().unwrap().to_owned();
            (word("name"), word("outcome"), on["skipped"].as_bool().unwrap())
        })
        .collect()
}

fn text(answer: &Answer) -> &str {
    let text = answer.body["text"].as_str().unwrap();
    text.split("; run ").next().unwrap()
}

fn writes(simulator: &Handle) -> usize {
    let requests = simulator.requests();
    requests.iter().filter(|request| request.method != "GET").count()
}

fn on(name: &str, outcome: &str, skipped: bool) -> (String, String, bool) {
    (name.to_owned(), outcome.to_owned(), skipped)
}

#[tokio::test]
async fn the_same_wish_goes_to_each_and_each_answers_for_itself() {
    let other = Lists {
        blocklist: pairs(&[("u@example.com", "b.example")]),
        safelist: pairs(&[("u@example.com", "a.example")]),
    };
    let settings = Settings {
        lists: other,
        ..Settings::default()
    };
    let second = Simulator::start(settings).await.unwrap();
    let observed = Simulator::start(with_blocklist(&[("u@example.com", "c.example")]))
        .await
        .unwrap();
    let (_reserved, address) = reserved_port();
    let lab = Lab::start_config(Settings::default(), |url| {
        config(&[
            ("esa-1", url, ""),
            ("esa-2", &second.url(), ""),
            ("esa-3", &observed.url(), "mode = \"observe\""),
            ("esa-4", &format!("http://{address}"), ""),
        ])
    })
    .await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);

    let answer = post(&url, THREE).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.outcomes(), ["unreachable"; 3]);
    assert_eq!(
        text(&answer),
        "NOT LISTED ON ALL 3 of 3 (3 unreachable on esa-4, 1 on the other list on esa-2); on esa-1 3 of 3 listed \
         (3 new); on esa-2 2 of 3 listed (1 new); esa-3 skipped (observe); blocklist of esa-1, esa-2, esa-4"
    );
    assert_eq!(
        outcomes_of(&answer, 0),
        [
            on("esa-1", "added", false),
            on("esa-2", "conflict", false),
            on("esa-3", "would_add", true),
            on("esa-4", "unreachable", false),
        ]
    );
    let first = &answer.body["results"][0];
    assert_eq!(
        (&first["class"], &first["ok"]),
        (&json!("trouble"), &json!(false))
    );
    assert!(
        first["detail"].as_str().unwrap().starts_with("esa-4: "),
        "{first}"
    );
    let pairs_of =
        |value: &Value| ["wanted", "written", "conflict", "would"].map(|key| value["pairs"][key].clone());
    assert_eq!(pairs_of(first), [3, 1, 1, 0].map(Value::from));
    assert_eq!(pairs_of(&answer.body["summary"]), [9, 4, 1, 0].map(Value::from));
    assert_eq!(
        answer.body["appliances"][2]["warnings"],
        json!([
            "esa-3 is in mode observe: skipped, nothing written there; 2 of 3 would be listed; 1 of 3 listed already"
        ])
    );
    assert_eq!(answer.body["dry_run"], false);

    let revived = Simulator::start(Settings {
        listen: address,
        ..Settings::default()
    })
    .await
    .unwrap();
    // It rests after so many calls in vain; a test of the connection that succeeds ends that.
    let test = post(&format!("{}/v1/appliances/esa-4/test", lab.url), "").await;
    assert_eq!(test.status, 200, "{test:?}");
    second.set_lists(Lists {
        safelist: vec![],
        ..second.lists()
    });
    let answer = post(&url, THREE).await;
    assert_eq!(
        (answer.status, answer.outcomes()),
        (200, vec!["added".to_owned(); 3])
    );
    assert_eq!(
        text(&answer),
        "3 of 3 listed (3 new); esa-3 skipped (observe); blocklist of esa-1, esa-2, esa-4"
    );
    assert_eq!(
        outcomes_of(&answer, 1)[..2],
        [
            on("esa-1", "already_present", false),
            on("esa-2", "already_present", false)
        ]
    );
    let before = [&lab.simulator, &second, &revived].map(writes);
    let answer = post(&url, THREE).await;
    assert_eq!(answer.outcomes(), ["already_present"; 3]);
    assert_eq!([&lab.simulator, &second, &revived].map(writes), before);
    assert_eq!(writes(&observed), 0);
    lab.stop().await;
}

#[tokio::test]
async fn an_observed_appliance_that_cannot_be_read_is_told_and_is_no_trouble_of_the_run() {
    let (_reserved, address) = reserved_port();
    let lab = Lab::start_config(Settings::default(), |url| {
        config(&[
            ("esa-1", &format!("http://{address}"), "mode = \"observe\""),
            ("esa-2", url, ""),
        ])
    })
    .await;
    let answer = post(&format!("{}/v1/actions/{ADD_SENDERS}", lab.url), THREE).await;
    assert_eq!(
        (answer.status, answer.outcomes()),
        (200, vec!["added".to_owned(); 3])
    );
    assert_eq!(
        text(&answer),
        "3 of 3 listed (3 new); esa-1 skipped (observe); blocklist of esa-2"
    );
    let warning = answer.body["appliances"][0]["warnings"][0].as_str().unwrap();
    let beginning =
        "esa-1 is in mode observe: skipped, nothing written there; 3 of 3 could not be looked at: ";
    assert!(warning.starts_with(beginning), "{warning}");
    assert!(warning.to_lowercase().contains("refused"), "{warning}");
    lab.stop().await;
}

#[tokio::test]
async fn where_all_are_observed_or_the_caller_only_looks_it_is_a_preview_and_nobody_is_skipped() {
    for (first, second, query) in [
        ("mode = \"observe\"", "mode = \"observe\"", ""),
        ("", "mode = \"observe\"", "?dry_run=true"),
    ] {
        let other = Simulator::start(Settings::default()).await.unwrap();
        let lab = Lab::start_config(Settings::default(), |url| {
            config(&[("esa-1", url, first), ("esa-2", &other.url(), second)])
        })
        .await;
        let answer = post(&format!("{}/v1/actions/{ADD_SENDERS}{query}", lab.url), THREE).await;
        assert_eq!(
            (answer.status, answer.outcomes()),
            (200, vec!["would_add".to_owned(); 3])
        );
        assert_eq!(
            text(&answer),
            "PREVIEW, nothing written; 3 of 3 would be listed; blocklist of esa-1, esa-2"
        );
        assert_eq!(answer.body["summary"]["pairs"]["would"], 6);
        lab.stop().await;
    }
}

#[tokio::test]
async fn an_appliance_that_hangs_does_not_hold_the_others() {
    let silent = Settings {
        faults: vec!["hang:times=always".parse().unwrap()],
        ..Settings::default()
    };
    let silent = Simulator::start(silent).await.unwrap();
    let lab = Lab::start_config(Settings::default(), |url| {
        config(&[("esa-1", &silent.url(), ""), ("esa-2", url, "")])
    })
    .await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}", lab.url);
    let all_are_listed = async {
        while lab.simulator.lists().blocklist.len() < 3 {
            tokio::task::yield_now().await;
        }
    };
    let call = post(&url, THREE);
    tokio::pin!(call);
    tokio::select! {
        answer = &mut call => panic!("answered while an appliance hangs: {answer:?}"),
        () = all_are_listed => {}
    }
    silent.stop().await;
    let answer = call.await;
    assert_eq!(
        (answer.status, answer.outcomes()),
        (502, vec!["unreachable".to_owned(); 3])
    );
    let text = text(&answer);
    assert!(
        text.starts_with(
            "NOT LISTED ON ALL 3 of 3 (3 unreachable on esa-1); on esa-2 3 of 3 listed (3 new); "
        ),
        "{text}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn removals_go_to_each_as_well_and_are_off_everywhere_or_not() {
    let there = [("u@example.com", "a.example"), ("v@example.com", "a.example")];
    let second = Simulator::start(with_blocklist(&there[..1])).await.unwrap();
    let lab = Lab::start_config(with_blocklist(&there), |url| {
        config(&[("esa-1", url, ""), ("esa-2", &second.url(), "")])
    })
    .await;
    let url = format!("{}/v1/actions/{DELETE_SENDERS}", lab.url);
    let answer = post(&url, r#"["a.example","b.example"]"#).await;
    assert_eq!(answer.outcomes(), ["removed", "already_absent"]);
    assert_eq!(answer.body["results"][0]["pairs"]["written"], 3);
    assert_eq!(
        text(&answer),
        "2 of 2 off the list (1 removed now); blocklist of esa-1, esa-2"
    );
    second.stop().await;
    let answer = post(&url, r#"["a.example"]"#).await;
    assert_eq!(
        text(&answer),
        "NOT REMOVED ON ALL 1 of 1 (1 unreachable on esa-2); on esa-1 1 of 1 off the list (0 removed now); \
         blocklist of esa-1, esa-2"
    );
    lab.stop().await;
}
