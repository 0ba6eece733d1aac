//! What is taken back a second time, or after somebody else was at work, or of which nothing is there: what is said of it,
//! and that nobody else's entry goes with it.

use super::support::{Lab, answer, client};
use super::undo::{call, lab, pair, remove, sorted, undo};
use doorlist::simulator::{Behaviour, Lists, Pair, Settings, Simulator};
use serde_json::json;

const SENDER: &str = "s1.example";

/// Takes every pair of the sender away, by hand.
fn clear(lab: &Lab) {
    let mut lists = lab.simulator.lists();
    lists.blocklist.retain(|pair| pair.sender != SENDER);
    lab.simulator.set_lists(lists);
}

/// Lists the sender for one mailbox, by hand.
fn list_by_hand(lab: &Lab) -> Vec<Pair> {
    let mut lists = lab.simulator.lists();
    lists.blocklist.push(pair("r1@example.com", SENDER));
    lab.simulator.set_lists(lists);
    sorted(&lab.simulator.lists()).0
}

#[tokio::test]
async fn what_was_found_gone_is_ours_no_more_whoever_looked() {
    for looked in ["undo", "remove", "unblock", "unblock-ours"] {
        let lab = lab(Settings::default(), "").await;
        let run = call(&lab, "block", "", &[SENDER]).await.run();
        clear(&lab);
        let found = match looked {
            "undo" => undo(&lab, &run, "?hold=0s").await,
            "remove" => remove(&lab, "?hold=0s", json!({"value": SENDER})).await,
            deletion => call(&lab, deletion, "", &[SENDER]).await,
        };
        assert_eq!(found.outcomes(), ["already_absent"], "{looked}: {found:?}");
        let by_hand = list_by_hand(&lab);
        let undone = undo(&lab, &run, "").await;
        assert_eq!(undone.outcomes(), ["partly"], "{looked}: {undone:?}");
        assert!(undone.body.to_string().contains("left alone"), "{undone:?}");
        let removed = remove(&lab, "", json!({"value": SENDER})).await;
        assert_eq!(
            (removed.status, removed.code()),
            (409, "nothing_of_ours"),
            "{looked}"
        );
        let ours = call(&lab, "unblock-ours", "", &[SENDER]).await;
        assert_eq!(ours.outcomes(), ["not_ours"], "{looked}: {ours:?}");
        assert!(!ours.text().contains("1 of 1 off"), "{}", ours.text());
        assert_eq!(sorted(&lab.simulator.lists()).0, by_hand, "{looked}");
        lab.stop().await;
    }
}

/// The sender stands on the first appliance by hand; a run lists it on both, or on whichever answers.
async fn two_appliances() -> (Lab, doorlist::simulator::Handle) {
    let second = Simulator::start(Settings::default()).await.unwrap();
    let settings = Settings {
        lists: Lists {
            blocklist: vec![pair("r1@example.com", SENDER)],
            safelist: Vec::new(),
        },
        ..Settings::default()
    };
    let other = second.url();
    let lab = Lab::start_config(settings, move |url| {
        let appliance = |name: &str, url: &str| {
            format!(
                "[appliances.{name}]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n"
            )
        };
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{}{}[configurations.again]\n\
             action = \"cisco-esa-add-senders-to-quarantine-list\"\nappliances = [\"esa-1\", \"esa-2\"]\n\
             recipient_list = \"r1@example.com\"\n",
            appliance("esa-1", url),
            appliance("esa-2", &other),
        )
    })
    .await;
    (lab, second)
}

#[tokio::test]
async fn an_undo_says_nothing_of_appliances_where_it_has_nothing_to_do() {
    let (lab, second) = two_appliances().await;
    let run = call(&lab, "again", "", &[SENDER]).await;
    assert_eq!(run.outcomes(), ["added"], "{run:?}");
    let undone = undo(&lab, &run.run(), "").await;
    assert_eq!(undone.outcomes(), ["removed"], "{undone:?}");
    let appliances = undone.body["results"][0]["appliances"].as_array().unwrap();
    let names: Vec<_> = appliances.iter().map(|appliance| &appliance["name"]).collect();
    assert_eq!(names, ["esa-2"], "what stands on esa-1 was there before");
    assert_eq!(undone.body["results"][0]["pairs"]["wanted"], 1);
    assert!(
        !undone.text().contains("on all") && !undone.text().contains("esa-1 1 of 1"),
        "{}",
        undone.text()
    );
    assert_eq!(sorted(&lab.simulator.lists()).0, [pair("r1@example.com", SENDER)]);
    assert_eq!(sorted(&second.lists()).0, []);
    lab.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn an_undo_goes_on_where_an_appliance_was_away_and_is_well_in_the_end() {
    let (lab, second) = two_appliances().await;
    let senders = [SENDER, "s2.example"];
    let run = call(&lab, "again", "", &senders).await;
    assert_eq!(run.count("added"), 2, "{run:?}");
    second.set_behaviour(Behaviour {
        faults: vec!["status:status=503,times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let first = undo(&lab, &run.run(), "").await;
    assert_eq!(first.count("unreachable"), 2, "{first:?}");
    assert_eq!(sorted(&second.lists()).0.len(), 2);
    let held = lab.get("/v1/holds").await;
    assert_eq!(
        held.body["holds"].as_array().unwrap().len(),
        1,
        "what was taken out on esa-1, and nothing else: {held:?}"
    );
    second.set_behaviour(Behaviour::default());
    let tested = answer(client().post(format!("{}/v1/appliances/esa-2/test", lab.url))).await;
    assert_eq!(tested.status, 200, "the rest is over: {tested:?}");
    let again = undo(&lab, &run.run(), "").await;
    assert_eq!((again.status, again.count("removed")), (200, 2), "{again:?}");
    let last = undo(&lab, &run.run(), "").await;
    assert_eq!((last.status, last.count("already_absent")), (200, 2), "{last:?}");
    assert_eq!(sorted(&second.lists()).0, []);
    lab.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn of_a_run_under_way_nobody_is_told_what_its_undo_would_do_and_a_run_that_did_nothing_is_told_so() {
    let settings = Settings {
        latency: std::time::Duration::from_millis(300),
        ..Settings::default()
    };
    let lab = lab(settings, "").await;
    let first = call(&lab, "block", "&wait=0s", &[SENDER]).await;
    let queued = call(&lab, "again", "&wait=0s", &["s2.example"]).await;
    for run in [&first, &queued] {
        let preview = undo(&lab, &run.run(), "?dry_run=true").await;
        assert_eq!((preview.status, preview.code()), (409, "run_under_way"));
    }
    let undone = undo(&lab, &queued.run(), "?wait=1m").await;
    assert!(
        undone.text().starts_with("NOTHING TO TAKE BACK: "),
        "{}",
        undone.text()
    );
    assert_eq!(lab.get("/v1/runs").await.body["runs"][0]["undo_of"], queued.run());
    let undone = undo(&lab, &first.run(), "?wait=1m").await;
    assert_eq!(undone.status, 200, "{undone:?}");
    assert_eq!(sorted(&lab.simulator.lists()).0, []);
    lab.stop().await;
}

#[tokio::test]
async fn what_was_put_back_for_somebody_else_is_not_called_ours() {
    let settings = Settings {
        lists: Lists {
            blocklist: vec![pair("user@example.com", SENDER)],
            safelist: Vec::new(),
        },
        ..Settings::default()
    };
    let lab = lab(settings, "").await;
    let removal = call(&lab, "unblock", "", &[SENDER]).await;
    let undone = undo(&lab, &removal.run(), "").await;
    assert_eq!(undone.outcomes(), ["added"], "{undone:?}");
    let why = lab.get(&format!("/v1/why?value={SENDER}")).await;
    assert!(why.text().contains("not ours"), "{}", why.text());
    let told = &why.body["lists"][0]["pairs"][0];
    assert_eq!(
        (told["ours"].is_null(), told["put_back_by"].as_str()),
        (true, Some(undone.run().as_str())),
        "{why:?}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn an_undo_with_a_key_that_was_used_before_cancels_nothing() {
    let settings = Settings {
        latency: std::time::Duration::from_millis(200),
        ..Settings::default()
    };
    let lab = lab(settings, "").await;
    let before = call(&lab, "again", "", &["s2.example"]).await.run();
    let send = |run: String| {
        let request = client().post(format!("{}/v1/runs/{run}/undo", lab.url));
        let request = request.header("x-reason", "a slip");
        answer(request.header("idempotency-key", "one"))
    };
    assert_eq!(send(before).await.outcomes(), ["removed"]);
    let open = call(&lab, "block", "&wait=0s", &[SENDER]).await.run();
    let reused = send(open.clone()).await;
    assert_eq!(
        (reused.status, reused.code()),
        (422, "idempotency_key_reused"),
        "{reused:?}"
    );
    let done = super::support::ended(&lab.url, &open).await;
    assert_eq!(done.outcomes(), ["added"], "it was not cancelled: {done:?}");
    lab.stop().await;
}

#[tokio::test]
async fn what_was_sent_and_not_read_back_is_kept_where_a_later_run_found_it_and_else_taken_out() {
    let lab = lab(Settings::default(), "").await;
    lab.simulator.set_behaviour(Behaviour {
        faults: vec![
            "status:status=503,method=GET,skip=2,times=always"
                .parse()
                .unwrap(),
        ],
        ..Behaviour::default()
    });
    let first = call(&lab, "block", "&wait=1m", &["s1.example"]).await;
    assert_eq!(first.outcomes(), ["unproven"], "{first:?}");
    assert_eq!(sorted(&lab.simulator.lists()).0.len(), 5);
    lab.simulator.set_behaviour(Behaviour::default());
    let tested = answer(client().post(format!("{}/v1/appliances/esa-1/test", lab.url))).await;
    assert_eq!(tested.status, 200, "the rest is over: {tested:?}");
    let second = call(&lab, "again", "", &["s1.example"]).await;
    assert_eq!(second.outcomes(), ["already_present"]);
    let undone = undo(&lab, &first.run(), "").await;
    let told = undone.body["results"].to_string();
    assert!(
        told.contains(&format!("kept: {} asked for it since", second.run())),
        "{told}"
    );
    assert_eq!(
        sorted(&lab.simulator.lists()).0,
        [pair("r1@example.com", "s1.example")]
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_removal_that_is_sent_again_with_its_key_is_answered_again() {
    let lab = lab(Settings::default(), "").await;
    call(&lab, "block", "", &["s1.example"]).await;
    let send = || {
        let request = client().post(format!("{}/v1/remove", lab.url));
        let request = request
            .header("x-reason", "once")
            .header("idempotency-key", "one");
        answer(request.body(json!({"value": "s1.example"}).to_string()))
    };
    let first = send().await;
    assert_eq!(first.outcomes(), ["removed"], "{first:?}");
    let again = send().await;
    assert_eq!(again.status, 200, "{again:?}");
    assert!(again.text().starts_with("REPLAY of "), "{}", again.text());
    assert_eq!(again.run(), first.run());
    lab.stop().await;
}
