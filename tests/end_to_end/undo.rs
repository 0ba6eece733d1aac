//! Taking back: what a run changed and nothing else, whoever else was at work; and what stands because of us, by its value.

use super::support::{Answer, Lab, answer, client, post};
use doorlist::simulator::{Behaviour, Knobs, Lists, Pair, Settings};
use serde_json::{Value, json};

const ADD: &str = "cisco-esa-add-senders-to-quarantine-list";
const DELETE: &str = "cisco-esa-delete-senders-from-quarantine-list";

pub fn pair(recipient: &str, sender: &str) -> Pair {
    Pair {
        recipient: recipient.to_owned(),
        sender: sender.to_owned(),
    }
}

/// Five mailboxes to add to, and deletions with and without other people's pairs.
pub async fn lab(settings: Settings, caps: &str) -> Lab {
    let caps = caps.to_owned();
    Lab::start_config(settings, move |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[guard]\n{caps}\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nlist_limit = 100\nitems_per_call = 10\n\
             [configurations.block]\naction = \"{ADD}\"\nappliance = \"esa-1\"\n\
             recipient_list = \"r1@example.com, r2@example.com, r3@example.com, r4@example.com, r5@example.com\"\n\
             [configurations.again]\naction = \"{ADD}\"\nappliance = \"esa-1\"\nrecipient_list = \"r1@example.com\"\n\
             [configurations.unblock]\naction = \"{DELETE}\"\nappliance = \"esa-1\"\n\
             [configurations.unblock-ours]\naction = \"{DELETE}\"\nappliance = \"esa-1\"\ndelete_scope = \"ours\"\n"
        )
    })
    .await
}

pub async fn call(lab: &Lab, configuration: &str, query: &str, senders: &[&str]) -> Answer {
    let action = if configuration.starts_with("unblock") {
        DELETE
    } else {
        ADD
    };
    let url = format!(
        "{}/v1/actions/{action}?configuration={configuration}{query}",
        lab.url
    );
    post(&url, json!(senders).to_string()).await
}

pub async fn undo(lab: &Lab, run: &str, query: &str) -> Answer {
    let url = format!("{}/v1/runs/{run}/undo{query}", lab.url);
    answer(client().post(url).header("x-reason", "a slip")).await
}

pub async fn remove(lab: &Lab, query: &str, body: Value) -> Answer {
    let url = format!("{}/v1/remove{query}", lab.url);
    let request = client().post(url).header("x-reason", "a false positive");
    answer(request.body(body.to_string())).await
}

pub fn sorted(lists: &Lists) -> (Vec<Pair>, Vec<Pair>) {
    let sort = |pairs: &[Pair]| {
        let mut pairs = pairs.to_vec();
        pairs.sort_by(|one, other| (&one.recipient, &one.sender).cmp(&(&other.recipient, &other.sender)));
        pairs
    };
    (sort(&lists.blocklist), sort(&lists.safelist))
}

#[tokio::test]
async fn fifteen_pairs_in_trouble_are_told_right_and_an_undo_leaves_every_list_as_it_was() {
    let mut blocklist: Vec<Pair> = (0..100)
        .map(|number| pair("r2@example.com", &format!("old{number}.example")))
        .collect();
    blocklist.push(pair("r4@example.com", "s2.example"));
    blocklist.push(pair("r4@example.com", "other.example"));
    let lists = Lists {
        blocklist,
        safelist: vec![pair("r3@example.com", "s1.example")],
    };
    let settings = Settings {
        lists: lists.clone(),
        ..Settings::default()
    };
    let lab = lab(settings, "").await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["reset_after_apply:method=POST".parse().unwrap()],
        ..Behaviour::default()
    });
    let run = call(&lab, "block", "", &["s1.example", "s2.example", "s3.example"]).await;
    let parts: Vec<_> = run.body["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let pairs = &result["pairs"];
            ["written", "already", "full", "conflict"].map(|part| pairs[part].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        parts,
        [[3, 0, 1, 1], [3, 1, 1, 0], [4, 0, 1, 0]],
        "{:?}",
        run.body
    );

    let preview = undo(&lab, &run.run(), "?dry_run=true").await;
    assert_eq!(preview.count("would_remove"), 3, "{preview:?}");
    let undone = undo(&lab, &run.run(), "").await;
    assert_eq!((undone.status, undone.count("removed")), (200, 3), "{undone:?}");
    let written: Vec<_> = undone.body["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["pairs"]["written"].as_u64().unwrap())
        .collect();
    assert_eq!(written, [3, 3, 4]);
    assert_eq!(sorted(&lab.simulator.lists()), sorted(&lists));

    // Nothing of it is left to undo; and the undo is undone, without a hold in its way.
    let again = undo(&lab, &run.run(), "").await;
    assert_eq!(
        (again.status, again.count("already_absent")),
        (200, 3),
        "{again:?}"
    );
    let preview = undo(&lab, &undone.run(), "?dry_run=true").await;
    assert_eq!(preview.count("would_add"), 3, "{preview:?}");
    let redone = undo(&lab, &undone.run(), "").await;
    assert_eq!((redone.status, redone.count("added")), (200, 3), "{redone:?}");
    assert_eq!(lab.simulator.lists().blocklist.len(), lists.blocklist.len() + 10);
    let unchanged = call(&lab, "unblock", "", &["nobody.example"]).await;
    let nothing = undo(&lab, &unchanged.run(), "").await;
    assert_eq!((nothing.status, nothing.code()), (409, "nothing_to_undo"));
    lab.stop().await;
}

#[tokio::test]
async fn two_hundred_and_twelve_mailboxes_three_of_them_ours_are_previewed_capped_removed_and_brought_back() {
    let foreign: Vec<Pair> = (0..209)
        .map(|number| pair(&format!("user{number}@example.com"), "bad.example"))
        .collect();
    for (caps, is_raised) in [
        ("", false),
        // More than 200 pairs, and more than ten percent of the list.
        ("removed_pairs_per_run_max = 500", false),
        (
            "removed_pairs_per_run_max = 500\nremoved_share_max_percent = 100",
            true,
        ),
    ] {
        let settings = Settings {
            lists: Lists {
                blocklist: foreign.clone(),
                safelist: Vec::new(),
            },
            knobs: Knobs {
                list_limit: None,
                ..Knobs::default()
            },
            ..Settings::default()
        };
        let lab = lab(settings, caps).await;
        let ours = ["r1@example.com", "r2@example.com", "r3@example.com"];
        let run = call(&lab, "block", "", &["bad.example"]).await;
        assert_eq!(run.count("added"), 1);
        // Two of the five are taken out by hand, so that three are ours.
        let mut lists = lab.simulator.lists();
        lists
            .blocklist
            .retain(|pair| pair.recipient.starts_with("user") || ours.contains(&pair.recipient.as_str()));
        lab.simulator.set_lists(lists.clone());
        let preview = call(&lab, "unblock", "&dry_run=true", &["bad.example"]).await;
        let told = preview.body["results"][0].to_string();
        assert!(told.contains("209 of the 212 pairs"), "{told}");
        let removal = call(&lab, "unblock", "", &["bad.example"]).await;
        if !is_raised {
            assert_eq!(removal.outcomes(), ["over_cap"]);
            assert_eq!(sorted(&lab.simulator.lists()), sorted(&lists));
            lab.stop().await;
            continue;
        }
        assert_eq!(
            (removal.status, removal.outcomes()),
            (200, vec!["removed".to_owned()])
        );
        assert!(lab.simulator.lists().blocklist.is_empty());
        let undone = undo(&lab, &removal.run(), "").await;
        assert_eq!(
            (undone.status, undone.outcomes()),
            (200, vec!["added".to_owned()]),
            "{undone:?}"
        );
        assert_eq!(sorted(&lab.simulator.lists()), sorted(&lists));
        // What was put back for others did not become ours.
        let taken = call(&lab, "unblock-ours", "", &["bad.example"]).await;
        assert_eq!(taken.body["results"][0]["pairs"]["written"], 3, "{taken:?}");
        assert_eq!(sorted(&lab.simulator.lists()).0.len(), 209);
        lab.stop().await;
    }
}

#[tokio::test]
async fn one_false_positive_is_taken_out_of_a_run_held_and_not_put_back() {
    let settings = Settings {
        lists: Lists {
            blocklist: vec![pair("user@example.com", "partner.example")],
            safelist: Vec::new(),
        },
        ..Settings::default()
    };
    let lab = lab(settings, "").await;
    let senders = ["bad1.example", "partner.example", "bad2.example"];
    let run = call(&lab, "block", "", &senders).await;
    assert_eq!(run.count("added"), 3);
    let body = json!({"value": "partner.example"});
    let preview = remove(&lab, "?dry_run=true", body.clone()).await;
    assert_eq!(preview.outcomes(), ["would_remove"], "{preview:?}");
    let unsaid = answer(
        client()
            .post(format!("{}/v1/remove", lab.url))
            .body(body.to_string()),
    )
    .await;
    assert_eq!((unsaid.status, unsaid.code()), (400, "reason_required"));
    let removed = remove(&lab, "", body.clone()).await;
    assert_eq!(
        (removed.status, removed.outcomes()),
        (200, vec!["removed".to_owned()]),
        "{removed:?}"
    );
    let left: Vec<Pair> = sorted(&lab.simulator.lists()).0;
    assert!(
        left.contains(&pair("user@example.com", "partner.example")),
        "the user's own stays"
    );
    assert_eq!(left.len(), 1 + 2 * 5);
    let writes = lab.writes().len();
    let again = call(&lab, "block", "", &senders).await;
    assert_eq!(again.outcomes(), ["already_present", "held", "already_present"]);
    let detail = again.body["results"][1]["detail"].as_str().unwrap();
    assert!(
        detail.contains("a false positive") && detail.contains(&removed.run()),
        "{detail}"
    );
    assert_eq!(lab.writes().len(), writes);
    let nothing = remove(&lab, "", body).await;
    assert_eq!((nothing.status, nothing.code()), (409, "nothing_of_ours"));
    lab.stop().await;
}

#[tokio::test]
async fn what_a_later_run_asked_for_is_kept_unless_forced_and_what_somebody_removed_is_told() {
    let lab = lab(Settings::default(), "").await;
    let first = call(&lab, "block", "", &["s1.example", "s2.example"]).await;
    let second = call(&lab, "again", "", &["s1.example"]).await;
    assert_eq!(second.outcomes(), ["already_present"]);
    let mut lists = lab.simulator.lists();
    lists
        .blocklist
        .retain(|pair| pair.sender != "s2.example" || pair.recipient != "r5@example.com");
    lab.simulator.set_lists(lists);
    let undone = undo(&lab, &first.run(), "").await;
    assert_eq!(undone.outcomes(), ["partly", "removed"], "{undone:?}");
    let told = undone.body["results"].to_string();
    assert!(
        told.contains(&format!("kept: {} asked for it since", second.run())),
        "{told}"
    );
    assert!(
        told.contains("1 of its pairs somebody has removed since"),
        "{told}"
    );
    assert_eq!(
        sorted(&lab.simulator.lists()).0,
        [pair("r1@example.com", "s1.example")]
    );
    let kept = call(&lab, "again", "", &["s1.example"]).await;
    assert_eq!(kept.outcomes(), ["already_present"], "what is kept is not held");
    let forced = undo(&lab, &first.run(), "?force=true").await;
    assert_eq!(forced.outcomes(), ["removed", "already_absent"], "{forced:?}");
    assert_eq!(sorted(&lab.simulator.lists()).0, []);
    lab.stop().await;
}

#[tokio::test]
async fn a_run_that_is_under_way_is_cancelled_and_then_undone() {
    let settings = Settings {
        latency: std::time::Duration::from_millis(200),
        ..Settings::default()
    };
    let lab = lab(settings, "").await;
    let senders: Vec<String> = (0..80).map(|number| format!("s{number}.example")).collect();
    let senders: Vec<&str> = senders.iter().map(String::as_str).collect();
    let run = call(&lab, "block", "&wait=0s", &senders).await;
    assert_eq!(run.status, 202);
    super::support::writes_begun(&lab.simulator, 1).await;
    let undone = undo(&lab, &run.run(), "?wait=1m").await;
    assert_eq!(undone.status, 200, "{undone:?}");
    assert_eq!(sorted(&lab.simulator.lists()).0, []);
    let cancelled = lab.get(&format!("/v1/runs/{}", run.run())).await;
    assert!(
        cancelled.body["results"]
            .to_string()
            .contains("cancelled to be undone by local")
    );
    let results = cancelled.body["results"].as_array().unwrap();
    let unbegun = results.iter().find(|result| result["outcome"] == "not_tried");
    let unbegun = unbegun.unwrap()["value"].as_str().unwrap();
    let held = call(&lab, "block", "", &["s0.example", unbegun]).await;
    assert_eq!(
        held.outcomes(),
        ["held", "added"],
        "what was never listed is not held"
    );
    lab.stop().await;
}

#[tokio::test]
async fn what_somebody_took_out_and_is_listed_again_is_told_with_the_run_that_had_listed_it() {
    let lab = lab(Settings::default(), "").await;
    let first = call(&lab, "block", "", &["s1.example"]).await;
    let mut lists = lab.simulator.lists();
    lists.blocklist.retain(|pair| pair.recipient != "r3@example.com");
    lab.simulator.set_lists(lists);
    let again = call(&lab, "block", "", &["s1.example"]).await;
    assert_eq!(again.outcomes(), ["added"]);
    let notes = again.body["results"][0]["notes"].to_string();
    let told = format!("somebody has removed them since {}", first.run());
    assert!(
        notes.contains("1 of its pairs") && notes.contains(&told),
        "{notes}"
    );
    // The pair is the later run's now, so that the undo of the first leaves it alone.
    let undone = undo(&lab, &first.run(), "?force=true").await;
    assert_eq!(undone.body["results"][0]["pairs"]["written"], 4, "{undone:?}");
    assert_eq!(
        sorted(&lab.simulator.lists()).0,
        [pair("r3@example.com", "s1.example")]
    );
    lab.stop().await;
}

#[tokio::test]
async fn what_was_deleted_and_not_read_back_is_put_back_whoever_had_listed_it() {
    let foreign = [
        pair("user1@example.com", "bad.example"),
        pair("user2@example.com", "bad.example"),
    ];
    let settings = Settings {
        lists: Lists {
            blocklist: foreign.to_vec(),
            safelist: Vec::new(),
        },
        ..Settings::default()
    };
    let lab = lab(settings, "").await;
    assert_eq!(call(&lab, "again", "", &["bad.example"]).await.count("added"), 1);
    let before = sorted(&lab.simulator.lists());
    lab.simulator.set_behaviour(Behaviour {
        faults: vec![
            "status:status=503,method=GET,skip=1,times=always"
                .parse()
                .unwrap(),
        ],
        ..Behaviour::default()
    });
    let removal = call(&lab, "unblock", "&wait=1m", &["bad.example"]).await;
    assert_eq!(removal.outcomes(), ["unproven"], "{removal:?}");
    assert_eq!(sorted(&lab.simulator.lists()).0, []);
    lab.simulator.set_behaviour(Behaviour::default());
    let tested = answer(client().post(format!("{}/v1/appliances/esa-1/test", lab.url))).await;
    assert_eq!(tested.status, 200, "the rest is over: {tested:?}");
    let undone = undo(&lab, &removal.run(), "").await;
    assert_eq!(
        (undone.status, undone.outcomes()),
        (200, vec!["added".to_owned()]),
        "{undone:?}"
    );
    assert_eq!(sorted(&lab.simulator.lists()), before);
    let ours = remove(&lab, "", json!({"value": "bad.example"})).await;
    assert_eq!(ours.body["results"][0]["pairs"]["written"], 1, "{ours:?}");
    assert_eq!(sorted(&lab.simulator.lists()).0, foreign);
    lab.stop().await;
}
