//! A preview that is kept is applied exactly, once, by whoever may; and where it moved, by name and with nothing written.
//! `plans_refused.rs` has what is not applied for other reasons, `plans_late.rs` what moves after the door has looked,
//! `plans_program.rs` crashes and the command line.

use super::support::{Answer, Lab, answer, client, pairs, post};
use doorlist::simulator::{Lists, Pair, Settings};
use serde_json::{Value, json};

const ADD: &str = "cisco-esa-add-senders-to-quarantine-list";
const DELETE: &str = "cisco-esa-delete-senders-from-quarantine-list";

/// Two mailboxes with room for three senders each; of the plan, one pair stands and three would be added, and
/// u1@example.com would be full then.
pub(super) fn lists() -> Lists {
    Lists {
        blocklist: pairs(&[
            ("u1@example.com", "old.example"),
            ("u2@example.com", "worse.example"),
            ("u8@example.com", "unwanted.example"),
            ("u9@example.com", "unwanted.example"),
        ]),
        safelist: Vec::new(),
    }
}

pub(super) async fn lab(server_keys: &str) -> Lab {
    let server_keys = server_keys.to_owned();
    let settings = Settings {
        lists: lists(),
        ..Settings::default()
    };
    Lab::start_config(settings, move |url| {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n{server_keys}\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\nlist_limit = 3\n\
             [configurations.block]\naction = \"{ADD}\"\nappliance = \"esa-1\"\nrecipient_list = \"u1@example.com, u2@example.com\"\n\
             [configurations.unblock]\naction = \"{DELETE}\"\nappliance = \"esa-1\"\n\
             [configurations.unblock-ours]\naction = \"{DELETE}\"\nappliance = \"esa-1\"\ndelete_scope = \"ours\"\n"
        )
    })
    .await
}

fn action(configuration: &str) -> &'static str {
    if configuration == "block" { ADD } else { DELETE }
}

pub(super) async fn keep(lab: &Lab, configuration: &str, senders: &[&str]) -> Answer {
    let action = action(configuration);
    let url = format!(
        "{}/v1/actions/{action}?configuration={configuration}&dry_run=true&keep=true",
        lab.url
    );
    post(&url, json!(senders).to_string()).await
}

pub(super) fn plan_of(preview: &Answer) -> String {
    let plan = preview.body["plan"]["id"].as_str();
    plan.unwrap_or_else(|| panic!("not kept: {preview:?}")).to_owned()
}

pub(super) async fn apply(lab: &Lab, configuration: &str, plan: &str) -> Answer {
    let action = action(configuration);
    answer(client().post(format!("{}/v1/actions/{action}?plan={plan}", lab.url))).await
}

fn sorted(lists: &Lists) -> Vec<(bool, String, String)> {
    let of = |is_safe: bool, pairs: &[Pair]| {
        let named = pairs
            .iter()
            .map(|pair| (is_safe, pair.recipient.clone(), pair.sender.clone()));
        named.collect::<Vec<_>>()
    };
    let mut all = [of(false, &lists.blocklist), of(true, &lists.safelist)].concat();
    all.sort();
    all
}

/// Index, entry and pairs of each result.
fn wishes(report: &Value, part: &str) -> Vec<(Value, Value, Value)> {
    let results = report["results"].as_array().unwrap();
    let wish = |result: &Value| {
        (
            result["index"].clone(),
            result["entry"].clone(),
            result["pairs"][part].clone(),
        )
    };
    results.iter().map(wish).collect()
}

#[tokio::test]
async fn a_plan_is_applied_exactly_as_its_preview_showed_and_a_second_time_not_at_all() {
    let lab = lab("").await;
    let preview = keep(&lab, "block", &["bad.example", "worse.example", "bad.example"]).await;
    assert_eq!(preview.outcomes(), ["would_add", "would_add", "repeated"]);
    let plan = plan_of(&preview);
    let expires = preview.body["plan"]["expires"].as_str().unwrap();
    assert!(
        preview
            .text()
            .ends_with(&format!("; kept as plan {plan} until {expires}")),
        "{}",
        preview.text()
    );
    assert_eq!(lab.writes(), [], "a preview writes nothing");
    let waiting = lab.get(preview.body["plan"]["link"].as_str().unwrap()).await;
    assert_eq!(
        (waiting.status, waiting.body["state"].as_str()),
        (200, Some("waiting"))
    );
    assert_eq!(waiting.body["report"]["results"], preview.body["results"]);
    assert!(
        waiting.text().starts_with("WAITING to be applied until "),
        "{}",
        waiting.text()
    );

    let applied = apply(&lab, "block", &plan).await;
    assert_eq!(
        (applied.status, applied.outcomes()),
        (200, ["added", "added", "repeated"].map(str::to_owned).to_vec())
    );
    assert_eq!(wishes(&preview.body, "would"), wishes(&applied.body, "written"));
    assert_eq!(
        applied.body["plan"],
        json!({"id": plan, "link": format!("/v1/plans/{plan}")})
    );
    let mut expected = lists();
    expected.blocklist.extend(pairs(&[
        ("u1@example.com", "bad.example"),
        ("u2@example.com", "bad.example"),
        ("u1@example.com", "worse.example"),
    ]));
    assert_eq!(sorted(&lab.simulator.lists()), sorted(&expected));

    let again = apply(&lab, "block", &plan).await;
    assert_eq!((again.status, again.code()), (409, "plan_used"), "{again:?}");
    assert_eq!(again.body["run"], applied.run());
    let used = lab.get(&format!("/v1/plans/{plan}")).await;
    assert_eq!(
        (&used.body["state"], &used.body["run"]),
        (&json!("used"), &json!(applied.run()))
    );
    assert_eq!(lab.get("/v1/plans?waiting=true").await.body["plans"], json!([]));
    assert_eq!(lab.get("/v1/plans?limit=1").await.body["plans"][0]["plan"], plan);
    assert_eq!(
        lab.get("/v1/runs").await.body["runs"].as_array().unwrap().len(),
        1
    );
    let audit = lab.get("/v1/audit").await;
    let events: Vec<_> = audit.body["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events[..3],
        ["plan_kept", "accepted", "plan_applied"],
        "{audit:?}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn of_many_that_apply_a_plan_at_once_one_runs() {
    let lab = lab("").await;
    let plan = plan_of(&keep(&lab, "block", &["bad.example"]).await);
    let calls = (0..8).map(|_| {
        let url = format!("{}/v1/actions/{ADD}?plan={plan}", lab.url);
        tokio::spawn(answer(client().post(url)))
    });
    let mut applied = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.unwrap();
        match answer.status {
            200 => applied.push(answer),
            _ => assert_eq!((answer.status, answer.code()), (409, "plan_used"), "{answer:?}"),
        }
    }
    assert_eq!(applied.len(), 1);
    assert_eq!(
        lab.get("/v1/runs").await.body["runs"].as_array().unwrap().len(),
        1
    );
    assert_eq!(lab.simulator.lists().blocklist.len(), lists().blocklist.len() + 2);
    lab.stop().await;
}

/// What somebody does by hand.
#[derive(Clone, Copy)]
enum Edit {
    Block(&'static str, &'static str),
    Unblock(&'static str, &'static str),
    Safe(&'static str, &'static str),
}

fn edited(mut lists: Lists, edit: Edit) -> Lists {
    match edit {
        Edit::Block(recipient, sender) => lists.blocklist.extend(pairs(&[(recipient, sender)])),
        Edit::Safe(recipient, sender) => lists.safelist.extend(pairs(&[(recipient, sender)])),
        Edit::Unblock(recipient, sender) => {
            lists
                .blocklist
                .retain(|pair| pair.recipient != recipient || pair.sender != sender);
        }
    }
    lists
}

#[tokio::test]
async fn what_moved_since_the_preview_is_named_and_nothing_is_written() {
    use Edit::{Block, Safe, Unblock};
    let lab = lab("").await;
    let (u1, u2, u8, u9) = (
        "u1@example.com",
        "u2@example.com",
        "u8@example.com",
        "u9@example.com",
    );
    // (configuration, what somebody does meanwhile, what moved; none where the plan is applied)
    for (configuration, edit, moved) in [
        (
            "block",
            Block(u2, "bad.example"),
            Some("u2@example.com / bad.example is on the list already"),
        ),
        (
            "block",
            Block(u2, "BAD.example"),
            Some("u2@example.com / bad.example is on the list already"),
        ),
        (
            "block",
            Unblock(u2, "worse.example"),
            Some("u2@example.com / worse.example is gone"),
        ),
        (
            "block",
            Block(u1, "other.example"),
            Some("the list of u1@example.com is full by now"),
        ),
        (
            "block",
            Safe(u1, "bad.example"),
            Some("u1@example.com / bad.example stands on the safelist by now"),
        ),
        (
            "unblock",
            Block(u1, "unwanted.example"),
            Some("u1@example.com / unwanted.example is on the list by now"),
        ),
        (
            "unblock",
            Unblock(u9, "unwanted.example"),
            Some("u9@example.com / unwanted.example is gone"),
        ),
        // Elsewhere: another mailbox, another sender where there is room, the other list, another sender in a touched row.
        ("block", Block(u8, "bad.example"), None),
        ("block", Block(u2, "other.example"), None),
        ("block", Safe(u1, "other.example"), None),
        ("unblock", Block(u8, "other.example"), None),
    ] {
        lab.simulator.set_lists(lists());
        let senders: &[&str] = match configuration {
            "block" => &["bad.example", "worse.example"],
            _ => &["unwanted.example"],
        };
        let preview = keep(&lab, configuration, senders).await;
        let edited = edited(lists(), edit);
        lab.simulator.set_lists(edited.clone());
        let (writes, runs) = (lab.writes().len(), lab.get("/v1/runs").await.body);
        let applied = apply(&lab, configuration, &plan_of(&preview)).await;
        let Some(moved) = moved else {
            assert_eq!(applied.status, 200, "{applied:?}");
            assert_eq!(wishes(&preview.body, "would"), wishes(&applied.body, "written"));
            continue;
        };
        assert_eq!(
            (applied.status, applied.code()),
            (409, "plan_moved"),
            "{moved}: {applied:?}"
        );
        assert_eq!(
            (&applied.body["moved"], &applied.body["more"]),
            (&json!([moved]), &json!(0))
        );
        assert!(
            applied.body["detail"].as_str().unwrap().contains(moved),
            "{applied:?}"
        );
        assert_eq!(lab.writes().len(), writes, "{moved}");
        assert_eq!(sorted(&lab.simulator.lists()), sorted(&edited), "{moved}");
        assert_eq!(lab.get("/v1/runs").await.body, runs, "{moved}: nothing is stored");
    }
    lab.stop().await;
}

#[tokio::test]
async fn of_much_that_moved_ten_are_named_and_the_rest_is_counted() {
    let lab = lab("").await;
    let wished: Vec<String> = (0..14)
        .map(|number| format!("r{number:02}@example.com"))
        .collect();
    let mut all = lists();
    all.blocklist.extend(wished.iter().map(|recipient| Pair {
        recipient: recipient.clone(),
        sender: "bad.example".to_owned(),
    }));
    lab.simulator.set_lists(all);
    let plan = plan_of(&keep(&lab, "unblock", &["bad.example"]).await);
    lab.simulator.set_lists(lists());
    let refused = apply(&lab, "unblock", &plan).await;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "plan_moved"),
        "{refused:?}"
    );
    let named = refused.body["moved"].as_array().unwrap();
    assert_eq!((named.len(), &refused.body["more"]), (10, &json!(4)));
    assert_eq!(named[9], "r09@example.com / bad.example is gone");
    assert!(
        refused.body["detail"].as_str().unwrap().contains("; and 4 more"),
        "{refused:?}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_hold_that_came_since_moves_a_plan_and_a_deletion_of_ours_is_bound_as_well() {
    let lab = lab("").await;
    let url = format!("{}/v1/actions/{ADD}?configuration=block", lab.url);
    let added = post(&url, r#"["bad.example"]"#).await;
    assert_eq!(added.count("added"), 1, "{added:?}");
    let ours = plan_of(&keep(&lab, "unblock-ours", &["bad.example"]).await);
    let moved = plan_of(&keep(&lab, "unblock-ours", &["bad.example"]).await);
    let applied = apply(&lab, "unblock-ours", &ours).await;
    assert_eq!(
        (applied.status, applied.count("removed")),
        (200, 1),
        "{applied:?}"
    );
    let refused = apply(&lab, "unblock-ours", &moved).await;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "plan_moved"),
        "{refused:?}"
    );

    let plan = plan_of(&keep(&lab, "block", &["bad.example"]).await);
    let hold = client()
        .post(format!("{}/v1/holds", lab.url))
        .header("x-reason", "a customer");
    assert_eq!(answer(hold.body(r#"{"value": "bad.example"}"#)).await.status, 201);
    let refused = apply(&lab, "block", &plan).await;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "plan_moved"),
        "{refused:?}"
    );
    let first = refused.body["moved"][0].as_str().unwrap();
    assert!(
        first.starts_with("u1@example.com / bad.example is on hold until "),
        "{first}"
    );
    assert_eq!(sorted(&lab.simulator.lists()), sorted(&lists()));
    lab.stop().await;
}
