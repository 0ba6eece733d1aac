//! Caps over sockets: of a configuration, of an hour, and of the share of a list; in previews alike.

use super::support::{
    ADD_SENDERS, Answer, DELETE_RECIPIENTS, DELETE_SENDERS, Lab, answer, client, pairs, post,
};
use doorlist::simulator::{Lists, Settings};
use serde_json::json;

/// A configuration that adds, one that adds by another's cap, and two that delete.
async fn lab(lists: Lists, guard: &str, keys: [&str; 4]) -> Lab {
    let settings = Settings {
        lists,
        ..Settings::default()
    };
    Lab::start_config(settings, |url| {
        let mut text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[guard]\n{guard}\n[appliances.esa-1]\nurl = \"{url}\"\n\
             allow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n"
        );
        let two = "recipient_list = \"u1@example.com, u2@example.com\"";
        for (name, action, list, keys) in [
            ("add", ADD_SENDERS, two, keys[0]),
            ("add-more", ADD_SENDERS, two, keys[1]),
            ("delete", DELETE_SENDERS, "", keys[2]),
            ("empty", DELETE_RECIPIENTS, "", keys[3]),
        ] {
            text.push_str(&format!(
                "[configurations.{name}]\naction = \"{action}\"\nappliance = \"esa-1\"\n{list}\n{keys}\n"
            ));
        }
        text
    })
    .await
}

async fn call(lab: &Lab, configuration: &str, query: &str, values: &[&str]) -> Answer {
    let action = match configuration {
        "delete" => DELETE_SENDERS,
        "empty" => DELETE_RECIPIENTS,
        _ => ADD_SENDERS,
    };
    let url = format!(
        "{}/v1/actions/{action}?configuration={configuration}{query}",
        lab.url
    );
    post(&url, json!(values).to_string()).await
}

fn detail(answer: &Answer, item: usize) -> &str {
    answer.body["results"][item]["detail"].as_str().unwrap()
}

#[tokio::test]
async fn a_configuration_has_its_own_caps_and_the_others_those_of_the_guard() {
    let lab = lab(
        Lists::default(),
        "added_pairs_per_run_max = 2",
        [
            "",
            "added_pairs_per_run_max = 4",
            "removed_pairs_per_run_max = 1",
            "",
        ],
    )
    .await;
    let senders = ["a.example", "b.example", "c.example"];
    // (configuration, which of three senders are over the cap, where it says that the cap is set)
    for (configuration, over, words) in [
        (
            "add",
            2,
            "cap of 2 pairs added in one run (added_pairs_per_run_max under [guard])",
        ),
        (
            "add-more",
            1,
            "cap of 4 pairs added in one run (added_pairs_per_run_max under [configurations.add-more])",
        ),
        (
            "delete",
            3,
            "cap of 1 pair removed in one run (removed_pairs_per_run_max under [configurations.delete])",
        ),
    ] {
        if configuration != "delete" {
            lab.simulator.set_lists(Lists::default());
        }
        let asked = if configuration == "delete" {
            &senders[..2]
        } else {
            &senders[..]
        };
        let told = call(&lab, configuration, "&dry_run=true", asked).await;
        let done = call(&lab, configuration, "", asked).await;
        let last = asked.len() - 1;
        assert_eq!(
            done.count("over_cap"),
            over.min(asked.len()) as u64,
            "{configuration}"
        );
        assert!(detail(&done, last).contains(words), "{}", detail(&done, last));
        assert_eq!(detail(&told, last), detail(&done, last));
    }
    lab.stop().await;
}

#[tokio::test]
async fn an_hour_has_its_cap_for_all_runs_of_a_list_together_and_has_room_again_when_it_is_over() {
    let lab = lab(
        Lists::default(),
        "added_pairs_per_hour_max = 6",
        ["", "added_pairs_per_hour_max = 8", "", ""],
    )
    .await;
    let first = call(&lab, "add", "", &["a.example", "b.example"]).await;
    assert_eq!(first.count("added"), 2);
    // Half an hour later.
    let earlier = "UPDATE tasks SET done_ms = done_ms - 1800000";
    lab.change_store(earlier).await;
    let asked = ["a.example", "c.example", "d.example"];
    let told = call(&lab, "add", "&dry_run=true", &asked).await;
    assert_eq!(told.outcomes(), ["already_present", "would_add", "over_cap"]);
    let second = call(&lab, "add", "", &asked).await;
    assert_eq!(second.outcomes(), ["already_present", "added", "over_cap"]);
    let expected = format!(
        "over the cap of 6 pairs added on this list within an hour (added_pairs_per_hour_max under [guard]): 2 pairs are \
         wanted after 2 of this run, and 4 of 6 are used (4 by {}); there is room in 30 minutes: call again then, or \
         raise it there",
        first.run()
    );
    assert!(detail(&second, 2).contains(&expected), "{}", detail(&second, 2));
    assert!(detail(&told, 2).contains(&expected), "{}", detail(&told, 2));
    // Another configuration has a number of its own for the same hour.
    let more = call(&lab, "add-more", "", &["d.example", "e.example"]).await;
    assert_eq!(more.outcomes(), ["added", "over_cap"]);
    let expected = format!("6 of 8 are used (2 by {}, 4 by {})", second.run(), first.run());
    assert!(detail(&more, 1).contains(&expected), "{}", detail(&more, 1));
    // What takes back is not held up, and uses nothing; nor does it give room back.
    let undo = client().post(format!("{}/v1/runs/{}/undo", lab.url, more.run()));
    let undone = answer(undo.header("x-reason", "a slip")).await;
    assert_eq!(undone.outcomes(), ["removed"]);
    assert_eq!(
        call(&lab, "add", "", &["f.example"]).await.outcomes(),
        ["over_cap"]
    );
    // The first run is more than an hour ago by now: its four pairs are free.
    lab.change_store(&format!("{earlier} WHERE run = '{}'", first.run()))
        .await;
    let asked = ["f.example", "g.example"];
    assert_eq!(
        call(&lab, "add", "", &asked).await.outcomes(),
        ["added", "over_cap"]
    );
    assert_eq!(
        call(&lab, "add-more", "", &asked).await.outcomes(),
        ["already_present", "added"]
    );
    lab.change_store("UPDATE tasks SET done_ms = done_ms - 3600000")
        .await;
    assert_eq!(call(&lab, "add", "", &["h.example"]).await.outcomes(), ["added"]);
    // Nothing of all that counts for removals.
    assert_eq!(
        call(&lab, "delete", "", &["h.example"]).await.outcomes(),
        ["removed"]
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_run_removes_no_more_than_its_share_of_a_list_also_of_one_that_it_would_only_search() {
    let names: Vec<(String, String)> = (0..400)
        .map(|number| (format!("m{number}@example.com"), format!("s{number}.example")))
        .chain((0..41).map(|number| ("held@example.com".to_owned(), format!("h{number}.example"))))
        .collect();
    let names: Vec<(&str, &str)> = names.iter().map(|(r, s)| (r.as_str(), s.as_str())).collect();
    let lists = Lists {
        blocklist: pairs(&names),
        ..Lists::default()
    };
    // (what the configuration says, the outcome, its words)
    for (keys, outcome, words) in [
        ("removed_share_floor_pairs = 20", "removed", ""),
        (
            "removed_share_floor_pairs = 20\nremoved_share_max_percent = 9",
            "over_cap",
            "over the cap of 39 pairs removed in one run, the larger of 9 % of the 441 pairs on the list \
             (removed_share_max_percent under [configurations.empty]) and 20 (removed_share_floor_pairs under \
             [configurations.empty]): 41 pairs are wanted; no run has room for that; raise it there",
        ),
    ] {
        let lab = lab(
            lists.clone(),
            "removed_pairs_per_run_max = 1000",
            ["", "", "", keys],
        )
        .await;
        // Learns that searches can be believed, and how long the list is.
        call(&lab, "empty", "&dry_run=true", &["m1@example.com"]).await;
        let told = call(&lab, "empty", "&dry_run=true", &["held@example.com"]).await;
        let done = call(&lab, "empty", "", &["held@example.com"]).await;
        assert_eq!(done.outcomes(), [outcome], "{done:?}");
        assert!(detail(&done, 0).contains(words), "{}", detail(&done, 0));
        if outcome == "over_cap" {
            assert_eq!(detail(&told, 0), detail(&done, 0));
            assert_eq!(lab.writes(), []);
        }
        lab.stop().await;
    }
}
