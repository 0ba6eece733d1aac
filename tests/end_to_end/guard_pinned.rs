//! What is pinned stays on its list, whoever deletes what around it; and what leaves because we take our own back.

use super::support::{Answer, Lab, answer, client, post};
use doorlist::simulator::{Behaviour, Lists, Pair, Settings};
use serde_json::json;

const ADD: &str = "cisco-esa-add-senders-to-quarantine-list";
const DELETE: &str = "cisco-esa-delete-senders-from-quarantine-list";
const DELETE_RECIPIENTS: &str = "cisco-esa-delete-recipients-from-quarantine-list";

fn pair(recipient: &str, sender: &str) -> Pair {
    Pair {
        recipient: recipient.to_owned(),
        sender: sender.to_owned(),
    }
}

fn sorted(lab: &Lab) -> Vec<(String, String)> {
    let pairs = lab.simulator.lists().blocklist.into_iter();
    let mut pairs: Vec<_> = pairs.map(|pair| (pair.recipient, pair.sender)).collect();
    pairs.sort();
    pairs
}

fn expected(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs
        .iter()
        .map(|(recipient, sender)| ((*recipient).to_owned(), (*sender).to_owned()))
        .collect();
    pairs.sort();
    pairs
}

async fn lab(lists: Lists, guard: &str) -> Lab {
    let settings = Settings {
        lists,
        ..Settings::default()
    };
    Lab::start_config(settings, |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[guard]\n{guard}\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.block]\naction = \"{ADD}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@acme.example, b@acme.example\"\n\
             [configurations.unblock]\naction = \"{DELETE}\"\nappliance = \"esa-1\"\n\
             [configurations.unblock-ours]\naction = \"{DELETE}\"\nappliance = \"esa-1\"\ndelete_scope = \"ours\"\n\
             [configurations.empty]\naction = \"{DELETE_RECIPIENTS}\"\nappliance = \"esa-1\"\n"
        )
    })
    .await
}

async fn call(lab: &Lab, configuration: &str, query: &str, values: &[&str]) -> Answer {
    let action = match configuration {
        "block" => ADD,
        "empty" => DELETE_RECIPIENTS,
        _ => DELETE,
    };
    let url = format!(
        "{}/v1/actions/{action}?configuration={configuration}{query}",
        lab.url
    );
    post(&url, json!(values).to_string()).await
}

/// The pin of one mailbox; the other pairs of the sender and of the mailbox are somebody else's.
const PIN: &str =
    "[[guard.pinned]]\nlist = \"blocklist\"\nrecipient = \"A@acme.example\"\nsender = \"bad.example\"\n";
const PINNED: &str = "pinned on the blocklist: bad.example for a@acme.example (guard.pinned, doorlist.toml:";

fn foreign() -> Lists {
    Lists {
        blocklist: vec![
            pair("a@acme.example", "bad.example"),
            pair("a@acme.example", "other.example"),
            pair("b@acme.example", "bad.example"),
            pair("c@acme.example", "bad.example"),
            pair("c@acme.example", "other.example"),
            pair("d@acme.example", "free.example"),
        ],
        safelist: Vec::new(),
    }
}

#[tokio::test]
async fn a_pinned_pair_stays_and_the_others_of_its_sender_go_with_what_is_around_them_untouched() {
    let lab = lab(foreign(), PIN).await;
    let before = sorted(&lab);
    let preview = call(
        &lab,
        "unblock",
        "&dry_run=true",
        &["bad.example", "free.example", "none.example"],
    )
    .await;
    assert_eq!(preview.outcomes(), ["partly", "would_remove", "already_absent"]);
    assert_eq!(
        (
            &preview.body["results"][0]["pairs"]["would"],
            &preview.body["results"][0]["pairs"]["refused_by_rule"]
        ),
        (&json!(2), &json!(1))
    );
    assert_eq!((sorted(&lab), lab.writes()), (before, vec![]));

    let run = call(
        &lab,
        "unblock",
        "",
        &["bad.example", "free.example", "none.example"],
    )
    .await;
    assert_eq!(run.outcomes(), ["partly", "removed", "already_absent"]);
    let result = &run.body["results"][0];
    assert_eq!(
        (
            &result["pairs"]["wanted"],
            &result["pairs"]["written"],
            &result["pairs"]["refused_by_rule"]
        ),
        (&json!(3), &json!(2), &json!(1))
    );
    assert!(result["detail"].as_str().unwrap().contains(PINNED), "{result}");
    let example = &result["appliances"][0]["examples"][0];
    assert_eq!(
        (&example["recipient"], &example["outcome"]),
        (&json!("a@acme.example"), &json!("refused_by_rule"))
    );
    assert!(
        result["notes"]
            .as_array()
            .unwrap()
            .contains(&json!("none of the 2 pairs was put there by doorlist")),
        "{result}"
    );
    assert_eq!(
        sorted(&lab),
        expected(&[
            ("a@acme.example", "bad.example"),
            ("a@acme.example", "other.example"),
            ("c@acme.example", "other.example"),
        ])
    );
    // Once more: only what is pinned is left, and nothing is sent.
    let writes = lab.writes().len();
    let again = call(&lab, "unblock", "", &["bad.example"]).await;
    assert_eq!(again.outcomes(), ["refused_by_rule"]);
    assert_eq!(lab.writes().len(), writes);
    // What was taken out comes back, and only that.
    let undone = answer(
        client()
            .post(format!("{}/v1/runs/{}/undo", lab.url, run.run()))
            .header("x-reason", "a slip"),
    )
    .await;
    assert_eq!(undone.outcomes(), ["added", "added"]);
    let mut back = sorted(&lab);
    let mut all: Vec<_> = foreign()
        .blocklist
        .into_iter()
        .map(|pair| (pair.recipient, pair.sender))
        .collect();
    back.sort();
    all.sort();
    assert_eq!(back, all);
    lab.stop().await;
}

#[tokio::test]
async fn a_mailbox_is_emptied_but_for_what_is_pinned() {
    let lab = lab(foreign(), PIN).await;
    let run = call(&lab, "empty", "", &["a@acme.example", "c@acme.example"]).await;
    assert_eq!(run.outcomes(), ["partly", "removed"]);
    assert_eq!(
        sorted(&lab),
        expected(&[
            ("a@acme.example", "bad.example"),
            ("b@acme.example", "bad.example"),
            ("d@acme.example", "free.example"),
        ])
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_pin_of_a_sender_or_of_a_mailbox_holds_for_all_of_its_pairs() {
    for (pin, left) in [
        (
            "sender = \"bad.example\"",
            &["a@acme.example", "b@acme.example", "c@acme.example"][..],
        ),
        ("recipient = \"c@acme.example\"", &["c@acme.example"]),
        ("recipient = \"z@acme.example\"", &[]),
    ] {
        let lab = lab(
            foreign(),
            &format!("[[guard.pinned]]\nlist = \"blocklist\"\n{pin}\n"),
        )
        .await;
        call(&lab, "unblock", "", &["bad.example"]).await;
        let standing: Vec<String> = sorted(&lab)
            .into_iter()
            .filter(|(_, sender)| sender == "bad.example")
            .map(|(recipient, _)| recipient)
            .collect();
        assert_eq!(standing, left, "{pin}");
        assert_eq!(sorted(&lab).len(), 3 + left.len(), "{pin}: the others stay");
        lab.stop().await;
    }
}

#[tokio::test]
async fn whole_rows_and_single_pairs_keep_to_the_caps_of_one_run_together() {
    let lab = lab(foreign(), &format!("removed_pairs_per_run_max = 2\n{PIN}")).await;
    let run = call(&lab, "unblock", "", &["free.example", "bad.example"]).await;
    assert_eq!(run.outcomes(), ["removed", "partly"]);
    let pairs = &run.body["results"][1]["pairs"];
    assert_eq!(
        (&pairs["written"], &pairs["over_cap"], &pairs["refused_by_rule"]),
        (&json!(1), &json!(1), &json!(1))
    );
    lab.stop().await;
}

#[tokio::test]
async fn what_leaves_because_we_take_our_own_back_is_never_held_up() {
    let add = async |lab: &Lab| {
        let run = call(lab, "block", "", &["bad.example"]).await;
        assert_eq!(run.outcomes(), ["added"]);
        run.run()
    };
    // A workflow that deletes what is ours is one like any other.
    let lab = lab(Lists::default(), PIN).await;
    let run = add(&lab).await;
    let ours = call(&lab, "unblock-ours", "", &["bad.example"]).await;
    assert_eq!(ours.outcomes(), ["partly"]);
    assert!(
        ours.body["results"][0]["detail"]
            .as_str()
            .unwrap()
            .contains(PINNED)
    );
    assert_eq!(sorted(&lab), expected(&[("a@acme.example", "bad.example")]));
    let undone = answer(
        client()
            .post(format!("{}/v1/runs/{run}/undo", lab.url))
            .header("x-reason", "a slip"),
    )
    .await;
    assert_eq!(undone.status, 200);
    assert_eq!(sorted(&lab), []);
    lab.stop().await;
}

#[tokio::test]
async fn a_removal_by_hand_of_what_is_ours_takes_what_is_pinned_too() {
    let lab = lab(Lists::default(), PIN).await;
    assert_eq!(
        call(&lab, "block", "", &["bad.example"]).await.outcomes(),
        ["added"]
    );
    let request = client()
        .post(format!("{}/v1/remove", lab.url))
        .header("x-reason", "a false positive")
        .body(json!({"value": "bad.example", "list": "blocklist"}).to_string());
    let removed = answer(request).await;
    assert_eq!(removed.outcomes(), ["removed"], "{removed:?}");
    assert_eq!(sorted(&lab), []);
    lab.stop().await;
}

#[tokio::test]
async fn a_pinned_pair_that_somebody_lists_after_the_look_is_not_taken_off_with_its_row() {
    for skip in 1..=4 {
        let lab = lab(
            Lists {
                blocklist: vec![
                    pair("b@acme.example", "bad.example"),
                    pair("c@acme.example", "bad.example"),
                ],
                safelist: Vec::new(),
            },
            PIN,
        )
        .await;
        let other_writer = json!({"faults": [{
            "fault": "other_writer", "when": "before", "list": "blocklist", "method": "GET", "skip": skip, "times": 1,
            "add": [{"recipient": "a@acme.example", "sender": "bad.example"}],
        }]});
        let behaviour = Behaviour::from_json(other_writer.to_string().as_bytes()).unwrap();
        lab.simulator.set_behaviour(behaviour);
        let run = call(&lab, "unblock", "", &["bad.example"]).await;
        let came = sorted(&lab).contains(&("a@acme.example".to_owned(), "bad.example".to_owned()));
        let listed = lab
            .simulator
            .requests()
            .iter()
            .filter(|request| request.method == "GET")
            .count()
            > skip;
        assert_eq!(came, listed, "skip {skip}: {run:?}");
        lab.stop().await;
    }
}
