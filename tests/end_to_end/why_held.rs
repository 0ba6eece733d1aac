//! What is told beside what stands: holds, the guard, and runs that are under way.

use super::support::{ADD_SENDERS, post, writes_begun};
use super::why::{M, ask, lists, start};
use doorlist::simulator::{Behaviour, Lists};
use doorlist::store::{Author, NewHold};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn what_is_on_hold_or_guarded_is_told_whether_it_stands_or_not() {
    let guard = "[guard]\nown_domains = [\"acme.example\"]\n";
    let first = lists(&[("u1@example.com", "boss@acme.example")], &[]);
    let (lab, other) = start(first, Lists::default(), guard).await;
    let why = ask(&lab, "boss@acme.example", None).await;
    let guarded = why.body["guard"].as_str().unwrap();
    assert!(guarded.contains("own domain acme.example"), "{guarded}");
    assert_eq!(
        why.text(),
        format!(
            "boss@acme.example is blocked on esa-1 for u1@example.com: by itself (not ours); the guard would not list it today: {guarded}"
        )
    );
    let author = Author {
        client: "alice".to_owned(),
        reason: Some("a false positive".to_owned()),
        ..Author::default()
    };
    let hold = |recipient: Option<&str>, sender: Option<&str>| NewHold {
        list: Some("blocklist".to_owned()),
        recipient: recipient.map(str::to_owned),
        sender: sender.map(str::to_owned),
        hold_for: Duration::from_secs(3600),
    };
    for new in [
        hold(Some("u9@example.com"), Some(M)),
        hold(Some("u8@example.com"), None),
    ] {
        lab.store.add_hold(new, &author).await.unwrap();
    }
    for (value, recipient, held) in [
        (M, None, Some(format!("{M} for u9@example.com (blocklist)"))),
        (
            M,
            Some("U9@example.com"),
            Some(format!("{M} for u9@example.com (blocklist)")),
        ),
        (
            M,
            Some("u8@example.com"),
            Some("every sender for u8@example.com (blocklist)".to_owned()),
        ),
        (M, Some("u7@example.com"), None),
        ("bad.example", None, None),
    ] {
        let why = ask(&lab, value, recipient).await;
        let holds = why.body["holds"].as_array().unwrap();
        assert_eq!(holds.len(), usize::from(held.is_some()), "{value} {recipient:?}");
        if let (Some(held), [hold]) = (held, &holds[..]) {
            let words = hold["text"].as_str().unwrap();
            assert!(words.contains("by alice: a false positive"), "{words}");
            assert!(
                why.text().ends_with(&format!("; {held} is {words}")),
                "{}",
                why.text()
            );
        }
    }
    other.stop().await;
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_under_way_is_named_because_what_it_adds_is_not_told_as_ours_yet() {
    let (lab, other) = start(Lists::default(), Lists::default(), "").await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["hang:method=POST,times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let url = format!("{}/v1/actions/{ADD_SENDERS}?configuration=trust&wait=0s", lab.url);
    let run = post(&url, json!([M]).to_string()).await.run();
    writes_begun(&lab.simulator, 1).await;
    let why = ask(&lab, "good.example", None).await;
    let under_way: Vec<&Value> = why.body["lists"]
        .as_array()
        .unwrap()
        .iter()
        .map(|list| &list["under_way"])
        .collect();
    assert_eq!(under_way, [&json!([]), &json!([run]), &json!([]), &json!([])]);
    assert_eq!(
        why.text(),
        "nothing on any list covers good.example; runs are under way on esa-1, so ask again when they are done"
    );
    lab.simulator.set_behaviour(Behaviour::default());
    other.stop().await;
    lab.stop().await;
}
