//! Why a sender is blocked, over two appliances: what covers it, for whom, who put it there, and what is not known.

use super::support::{ADD_SENDERS, Answer, DELETE_SENDERS, Lab, get, pairs, post};
use doorlist::simulator::{Behaviour, Handle, Lists, Settings, Simulator};
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const M: &str = "mallory@bad.example";

pub(super) fn lists(blocklist: &[(&str, &str)], safelist: &[(&str, &str)]) -> Lists {
    Lists {
        blocklist: pairs(blocklist),
        safelist: pairs(safelist),
    }
}

fn settings(lists: Lists) -> Settings {
    Settings {
        lists,
        ..Settings::default()
    }
}

/// Two appliances, the second of which says nothing of its delay, and configurations to block, to trust and to delete.
pub(super) async fn start(first: Lists, second: Lists, keys: &str) -> (Lab, Handle) {
    let other = Simulator::start(settings(second)).await.unwrap();
    let lab = Lab::start_config(settings(first), |url| {
        let appliance = |name: &str, url: &str, keys: &str| {
            format!(
                "[appliances.{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nrequest_timeout = \"1s\"\n{keys}\n"
            )
        };
        let both = "appliances = [\"esa-1\", \"esa-2\"]";
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}\
             [configurations.block]\naction = \"{ADD_SENDERS}\"\n{both}\nrecipient_list = \"u1@example.com, u2@example.com\"\n\
             [configurations.trust]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nlist_type = \"safelist\"\nrecipient_list = \"u3@example.com\"\n\
             [configurations.delete]\naction = \"{DELETE_SENDERS}\"\n{both}\n{keys}",
            appliance("esa-1", url, "list_sync_minutes = 15"),
            appliance("esa-2", &other.url(), ""),
        )
    })
    .await;
    (lab, other)
}

pub(super) async fn ask(lab: &Lab, value: &str, recipient: Option<&str>) -> Answer {
    let query = [("value", Some(value)), ("recipient", recipient)];
    let query = query.into_iter().filter_map(|(key, text)| Some((key, text?)));
    let url = url::Url::parse_with_params(&format!("{}/v1/why", lab.url), query).unwrap();
    get(url.as_str()).await
}

async fn add(lab: &Lab, configuration: &str, sender: &str) -> String {
    let url = format!(
        "{}/v1/actions/{ADD_SENDERS}?configuration={configuration}",
        lab.url
    );
    let report = post(&url, json!([sender]).to_string()).await;
    assert_eq!(report.status, 200, "{report:?}");
    report.run()
}

/// Recipient, entry, how it covers, and the run, of one list.
fn told(why: &Answer, list: usize) -> Vec<(&str, &str, &str, &str)> {
    let pairs = why.body["lists"][list]["pairs"].as_array().unwrap().iter();
    pairs
        .map(|pair| {
            let word = |key: &str| pair[key].as_str().unwrap();
            let run = pair["ours"]["run"].as_str().unwrap_or("not ours");
            (word("recipient"), word("entry"), word("covers"), run)
        })
        .collect()
}

#[tokio::test]
async fn address_domain_and_both_spellings_of_an_ip_address_are_found_in_any_case() {
    let first = lists(
        &[
            ("u1@example.com", "Mallory@Bad.example"),
            ("U2@example.com", "BAD.example"),
            ("u3@example.com", "[192.0.2.1]"),
            ("u3@example.com", "[ipv6:2001:db8::1]"),
            ("u4@example.com", "other@bad.example"),
        ],
        &[],
    );
    let (lab, other) = start(first, Lists::default(), "").await;
    let itself = ("u1@example.com", "Mallory@Bad.example", "itself", "not ours");
    let domain = ("U2@example.com", "BAD.example", "domain", "not ours");
    for (value, recipient, expected) in [
        (M, None, vec![itself, domain]),
        ("MALLORY@bad.EXAMPLE", None, vec![itself, domain]),
        (M, Some("U1@EXAMPLE.COM"), vec![itself]),
        (M, Some("u2@example.com"), vec![domain]),
        (M, Some("u9@example.com"), vec![]),
        (
            "Bad.Example.",
            None,
            vec![("U2@example.com", "BAD.example", "itself", "not ours")],
        ),
        (
            "192.0.2.1",
            None,
            vec![("u3@example.com", "[192.0.2.1]", "itself", "not ours")],
        ),
        (
            "[192.0.2.1]",
            None,
            vec![("u3@example.com", "[192.0.2.1]", "itself", "not ours")],
        ),
        (
            "2001:DB8:0::1",
            None,
            vec![("u3@example.com", "[ipv6:2001:db8::1]", "itself", "not ours")],
        ),
        ("sub.bad.example", None, vec![]),
    ] {
        let why = ask(&lab, value, recipient).await;
        assert_eq!(why.status, 200, "{why:?}");
        let mut found = told(&why, 0);
        found.sort_unstable_by_key(|pair| pair.2 == "domain");
        assert_eq!(found, expected, "{value} for {recipient:?}");
        let rest = [1, 2, 3].map(|list| told(&why, list).len());
        assert_eq!(rest, [0; 3], "{value}: the other lists");
        let is_nothing = why.text().starts_with("nothing on any list covers ");
        assert_eq!(is_nothing, expected.is_empty(), "{}", why.text());
    }
    let why = ask(&lab, M, None).await;
    assert_eq!(
        why.text(),
        format!(
            "{M} is blocked on esa-1 for 2 mailboxes: 1 by itself (not ours), 1 by BAD.example (not ours)"
        )
    );
    assert_eq!(
        why.body["entries"],
        json!([{"entry": M, "covers": "itself"}, {"entry": "bad.example", "covers": "domain"}])
    );
    assert!(lab.writes().is_empty() && why.body["guard"].is_null());
    other.stop().await;
    lab.stop().await;
}

#[tokio::test]
async fn who_put_it_there_who_asked_again_and_what_was_removed_by_hand_is_told() {
    let first = lists(&[("u1@example.com", M), ("u5@example.com", "bad.example")], &[]);
    let (lab, other) = start(first, Lists::default(), "").await;
    let run = add(&lab, "block", M).await;
    let why = ask(&lab, M, None).await;
    assert_eq!(
        why.text(),
        format!(
            "{M} is blocked on esa-1 for 3 mailboxes: 2 by itself (1 put there by {run} of block, 1 not ours), 1 by bad.example (not ours); on esa-2 for 2 mailboxes: 2 by itself (put there by {run} of block)"
        )
    );
    let ours: Vec<&Value> = [0, 2]
        .iter()
        .flat_map(|list| why.body["lists"][*list]["pairs"].as_array().unwrap())
        .filter(|pair| pair["ours"].is_object())
        .collect();
    assert_eq!(ours.len(), 3);
    for (pair, list_sync_minutes) in ours.iter().zip([Some(15), None, None]) {
        let told = &pair["ours"];
        assert_eq!(
            (&told["run"], &told["configuration"], &told["client"]),
            (&json!(run), &json!("block"), &json!("local"))
        );
        let nothing = [&told["ticket"], &told["reason"], &told["claimed_by"]];
        assert_eq!(nothing, [&Value::Null; 3]);
        let since = humantime::parse_rfc3339(told["since"].as_str().unwrap()).unwrap();
        let by = pair["in_force_by"]
            .as_str()
            .map(|by| humantime::parse_rfc3339(by).unwrap());
        assert_eq!(by.is_some(), list_sync_minutes.is_some(), "{pair}");
        if let Some(by) = by {
            let wait = by.duration_since(since).unwrap();
            let minutes = Duration::from_secs(15 * 60);
            assert!(
                (minutes..minutes + Duration::from_secs(62)).contains(&wait),
                "{pair}"
            );
        }
    }

    let later = add(&lab, "block", "MALLORY@bad.example").await;
    let why = ask(&lab, M, Some("u2@example.com")).await;
    assert_eq!(
        why.text(),
        format!(
            "{M} is blocked on esa-1 and esa-2 for u2@example.com: by itself (put there by {run} of block, asked for again by {later})"
        )
    );
    assert_eq!(why.body["recipient"], "u2@example.com");

    other.set_lists(Lists::default());
    let why = ask(&lab, M, Some("u2@example.com")).await;
    assert!(
        why.text().ends_with(&format!(
            "; somebody removed 1 pair from the blocklist of esa-2 since {run} put it there"
        )),
        "{}",
        why.text()
    );
    let gone = &why.body["lists"][2]["gone"];
    assert_eq!(
        (&gone[0]["recipient"], &gone[0]["ours"]["run"], &gone[1]),
        (&json!("u2@example.com"), &json!(run), &Value::Null)
    );

    // What a run of ours takes away is not gone by hand.
    let url = format!("{}/v1/actions/{DELETE_SENDERS}", lab.url);
    assert_eq!(post(&url, json!([M]).to_string()).await.status, 200);
    let why = ask(&lab, M, Some("u2@example.com")).await;
    assert!(
        why.text()
            .starts_with(&format!("nothing on any list covers {M} for u2@example.com"))
            && why.body["lists"][0]["gone"] == json!([]),
        "{why:?}"
    );
    other.stop().await;
    lab.stop().await;
}

#[tokio::test]
async fn the_safelist_is_told_beside_the_blocklist() {
    let first = lists(&[("u3@example.com", "bad.example")], &[]);
    let second = lists(&[], &[("u1@example.com", "bad.example")]);
    let (lab, other) = start(first, second, "").await;
    let run = add(&lab, "trust", M).await;
    let why = ask(&lab, M, None).await;
    assert_eq!(
        why.text(),
        format!(
            "{M} is blocked on esa-1 for u3@example.com: by bad.example (not ours); and it is on the safelist of esa-1 for u3@example.com: by itself (put there by {run} of trust), which is also on its blocklist; on esa-2 for u1@example.com: by bad.example (not ours)"
        )
    );
    let why = ask(&lab, "bad.example", Some("u1@example.com")).await;
    assert_eq!(
        why.text(),
        "bad.example is on the safelist of esa-2 for u1@example.com: by itself (not ours), and no blocklist covers it"
    );
    other.stop().await;
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appliance_that_hangs_comes_first_and_the_other_is_told_all_the_same() {
    let first = lists(&[("u1@example.com", M)], &[]);
    let (lab, other) = start(first, Lists::default(), "").await;
    other.set_behaviour(Behaviour {
        faults: vec!["hang:times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let why = ask(&lab, M, None).await;
    assert_eq!(why.status, 200, "{why:?}");
    assert_eq!(
        why.text(),
        format!(
            "NOT KNOWN for esa-2: no clear answer: no answer within 1s; {M} is blocked on esa-1 for u1@example.com: by itself (not ours)"
        )
    );
    let unread: Vec<bool> = why.body["lists"]
        .as_array()
        .unwrap()
        .iter()
        .map(|list| list["unread"].is_string())
        .collect();
    assert_eq!(unread, [false, false, true, true]);
    let why = ask(&lab, "good.example", None).await;
    assert!(
        why.text().starts_with("NOT KNOWN for esa-2: not asked: ")
            && why
                .text()
                .ends_with("; nothing on the lists that could be read covers good.example"),
        "{}",
        why.text()
    );
    other.stop().await;
    lab.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_and_twelve_mailboxes_three_are_ours() {
    let mailboxes: Vec<String> = (10..219).map(|number| format!("m{number}@example.com")).collect();
    let blocklist: Vec<(&str, &str)> = mailboxes
        .iter()
        .map(|mailbox| (mailbox.as_str(), "wide.example"))
        .collect();
    let three = format!(
        "[configurations.three]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"u1@example.com, u2@example.com, u3@example.com\"\n"
    );
    let (lab, other) = start(lists(&blocklist, &[]), Lists::default(), &three).await;
    let run = add(&lab, "three", "wide.example").await;
    let why = ask(&lab, "wide.example", None).await;
    assert_eq!(
        why.text(),
        format!(
            "wide.example is blocked on esa-1 for 212 mailboxes: 212 by itself (3 put there by {run} of three, 209 not ours)"
        )
    );
    assert_eq!(
        (&why.body["lists"][0]["mailboxes"], told(&why, 0).len()),
        (&json!(212), 212)
    );
    other.stop().await;
    lab.stop().await;
}
