//! Every rule of the guard, on both lists and from both sides: what an action may add, what is only noted, and the
//! collection that was swapped.

use super::support::{ADD_RECIPIENTS, ADD_SENDERS, Answer, DELETE_SENDERS, Lab, answer, client, post};
use doorlist::simulator::{Lists, Pair, Settings};
use serde_json::json;

const GUARD: &str = "own_domains = \"acme.example\"\npartner_domains = \"partner.example\"\n\
                     protected_addresses = \"press@news.example, bank.example\"\nprotected_networks = \"192.0.2.0/24\"\n\
                     protected_recipients = \"board@acme.example\"\n";

fn pair(recipient: &str, sender: &str) -> Pair {
    Pair {
        recipient: recipient.to_owned(),
        sender: sender.to_owned(),
    }
}

/// Both additions for both lists, named senders-blocklist and so on, and a deletion.
async fn lab(lists: Lists, guard: &str, stored_recipient: &str, stored_sender: &str) -> Lab {
    let settings = Settings {
        lists,
        ..Settings::default()
    };
    Lab::start_config(settings, |url| {
        let mut text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[guard]\n{guard}\n[appliances.esa-1]\nurl = \"{url}\"\n\
             allow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.delete]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n"
        );
        for list in ["blocklist", "safelist"] {
            text.push_str(&format!(
                "[configurations.senders-{list}]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\n\
                 list_type = \"{list}\"\nrecipient_list = \"{stored_recipient}\"\n\
                 [configurations.recipients-{list}]\naction = \"{ADD_RECIPIENTS}\"\nappliance = \"esa-1\"\n\
                 list_type = \"{list}\"\nsender_list = \"{stored_sender}\"\n"
            ));
        }
        text
    })
    .await
}

async fn call(lab: &Lab, configuration: &str, values: &[&str]) -> Answer {
    let action = match configuration.split('-').next() {
        Some("senders") => ADD_SENDERS,
        Some("recipients") => ADD_RECIPIENTS,
        _ => DELETE_SENDERS,
    };
    let url = format!("{}/v1/actions/{action}?configuration={configuration}", lab.url);
    post(&url, json!(values).to_string()).await
}

fn detail(answer: &Answer, index: usize) -> &str {
    answer.body["results"][index]["detail"].as_str().unwrap()
}

/// But for that no type was given, which is said of each.
fn notes(answer: &Answer, index: usize) -> Vec<String> {
    let notes = answer.body["results"][index]["notes"].as_array().unwrap();
    let notes = notes.iter().map(|note| note.as_str().unwrap().to_owned());
    notes
        .filter(|note| !note.starts_with("no type was given"))
        .collect()
}

#[tokio::test]
async fn each_rule_refuses_on_its_list_with_its_line() {
    let lab = lab(
        Lists::default(),
        GUARD,
        "user1@acme.example",
        "mx.partner.example",
    )
    .await;
    for (configuration, value, expected) in [
        (
            "senders-blocklist",
            "mx.acme.example",
            "subdomain of the own domain acme.example (own_domains, doorlist.toml:4)",
        ),
        (
            "senders-safelist",
            "acme.example",
            "own domain acme.example (own_domains, doorlist.toml:4)",
        ),
        (
            "senders-blocklist",
            "press@news.example",
            "protected address press@news.example (protected_addresses, doorlist.toml:6)",
        ),
        (
            "senders-blocklist",
            "news.example",
            "domain of the protected address press@news.example (protected_addresses, doorlist.toml:6)",
        ),
        (
            "senders-blocklist",
            "x@mx.bank.example",
            "address at a subdomain of the protected domain bank.example (protected_addresses, doorlist.toml:6)",
        ),
        (
            "senders-blocklist",
            "192.0.2.7",
            "protected network 192.0.2.0/24 (protected_networks, doorlist.toml:7)",
        ),
        (
            "senders-safelist",
            "news.example",
            "news.example is of no partner's domain (partner_domains, doorlist.toml:5)",
        ),
        (
            "senders-safelist",
            "gmail.com",
            "whole freemail provider gmail.com (built in)",
        ),
        (
            "senders-safelist",
            "co.uk",
            "public suffix co.uk (public suffix list, built in)",
        ),
        (
            "senders-safelist",
            "10.0.0.1",
            "private network 10.0.0.0/8 (RFC 1918, built in)",
        ),
        (
            "recipients-blocklist",
            "Board@acme.example",
            "protected mailbox board@acme.example (protected_recipients, doorlist.toml:8)",
        ),
        (
            "recipients-safelist",
            "board@acme.example",
            "protected mailbox board@acme.example (protected_recipients, doorlist.toml:8)",
        ),
        // Senders that came where recipients are expected, and the other way round.
        (
            "recipients-blocklist",
            "attacker@evil.example",
            "mailbox outside your own domains, at evil.example (own_domains, doorlist.toml:4)",
        ),
        (
            "recipients-safelist",
            "attacker@evil.example",
            "mailbox outside your own domains, at evil.example (own_domains, doorlist.toml:4)",
        ),
        (
            "senders-blocklist",
            "user1@acme.example",
            "address at the own domain acme.example (own_domains, doorlist.toml:4)",
        ),
        (
            "senders-safelist",
            "user1@acme.example",
            "address at the own domain acme.example (own_domains, doorlist.toml:4)",
        ),
    ] {
        let answer = call(&lab, configuration, &[value]).await;
        assert_eq!(answer.outcomes(), ["refused_by_rule"], "{configuration}: {value}");
        assert_eq!(detail(&answer, 0), expected, "{configuration}: {value}");
    }
    assert_eq!(lab.writes(), []);
    for (configuration, value) in [
        ("senders-blocklist", "other@news.example"),
        ("senders-safelist", "x@partner.example"),
        ("recipients-blocklist", "user2@eu.acme.example"),
        ("recipients-safelist", "user3@acme.example"),
    ] {
        assert_eq!(
            call(&lab, configuration, &[value]).await.outcomes(),
            ["added"],
            "{configuration}: {value}"
        );
    }
    lab.stop().await;
}

#[tokio::test]
async fn a_stored_mailbox_that_is_protected_stops_its_configuration_and_says_where_it_stands() {
    let lab = lab(Lists::default(), GUARD, "board@acme.example", "partner.example").await;
    let answer = call(&lab, "senders-blocklist", &["bad.example", "acme.example"]).await;
    assert_eq!(answer.outcomes(), ["refused_by_rule", "refused_by_rule"]);
    assert!(
        detail(&answer, 0).starts_with("the stored recipient_list of [configurations.senders-blocklist], doorlist.toml:")
            && detail(&answer, 0).ends_with(
                " holds board@acme.example: protected mailbox board@acme.example (protected_recipients, doorlist.toml:8)"
            ),
        "{}",
        detail(&answer, 0)
    );
    // What has a reason of its own keeps it.
    assert!(
        detail(&answer, 1).starts_with("own domain acme.example"),
        "{}",
        detail(&answer, 1)
    );
    assert_eq!(lab.writes(), []);
    lab.stop().await;
}

#[tokio::test]
async fn what_is_only_noted_is_listed_and_said_in_runs_and_previews() {
    let guard = format!(
        "{GUARD}rules = {{ freemail_domain = \"note\", foreign_recipient = \"note\", public_suffix = \"off\" }}\n"
    );
    let lab = lab(
        Lists::default(),
        &guard,
        "user1@acme.example",
        "mx.partner.example",
    )
    .await;
    let noted = ["noted, not refused: whole freemail provider gmail.com (built in)"];
    let url = format!(
        "{}/v1/actions/{ADD_SENDERS}?configuration=senders-blocklist&dry_run=true",
        lab.url
    );
    let preview = post(&url, r#"["gmail.com"]"#).await;
    assert_eq!(
        (preview.outcomes(), notes(&preview, 0)),
        (vec!["would_add".to_owned()], noted.map(str::to_owned).to_vec())
    );
    let answer = call(
        &lab,
        "senders-blocklist",
        &["gmail.com", "acrne.example", "co.uk"],
    )
    .await;
    assert_eq!(answer.outcomes(), ["added", "added", "added"]);
    assert_eq!(notes(&answer, 0), noted);
    assert!(
        notes(&answer, 1).contains(&"look-alike of acme.example".to_owned()),
        "{:?}",
        notes(&answer, 1)
    );
    assert_eq!(notes(&answer, 2), Vec::<String>::new());
    assert_eq!(
        answer.body["notes"],
        json!(["2 domains cover their own names only, not their subdomains"])
    );
    let answer = call(&lab, "recipients-blocklist", &["x@evil.example"]).await;
    assert_eq!(answer.outcomes(), ["added"]);
    assert_eq!(
        notes(&answer, 0),
        [
            "noted, not refused: mailbox outside your own domains, at evil.example (own_domains, doorlist.toml:4)"
        ]
    );
    lab.stop().await;
}

#[tokio::test]
async fn what_the_other_entries_of_the_mailboxes_mean_is_said() {
    let lists = Lists {
        blocklist: ["r1@acme.example", "r2@acme.example"]
            .iter()
            .flat_map(|recipient| [pair(recipient, "x@bad.example"), pair(recipient, "bad.example")])
            .chain([
                pair("r3@acme.example", "x@bad.example"),
                pair("r3@acme.example", "y@fine.example"),
            ])
            .collect(),
        safelist: vec![
            pair("user1@acme.example", "trusted.example"),
            pair("user1@acme.example", "ceo@met.example"),
        ],
    };
    let lab = lab(lists, "", "user1@acme.example", "any.example").await;
    let answer = call(&lab, "senders-blocklist", &["x@trusted.example", "met.example"]).await;
    assert_eq!(answer.outcomes(), ["added", "added"]);
    assert_eq!(
        notes(&answer, 0),
        ["the safelist of user1@acme.example holds its domain trusted.example"]
    );
    assert_eq!(
        notes(&answer, 1),
        ["the safelist of user1@acme.example holds ceo@met.example, an address there"]
    );
    assert_eq!(
        answer.body["notes"],
        json!(["met.example covers this name only, not its subdomains"])
    );
    let still = "still blocked by bad.example for 2 mailboxes".to_owned();
    let url = format!(
        "{}/v1/actions/{DELETE_SENDERS}?configuration=delete&dry_run=true",
        lab.url
    );
    let preview = post(&url, r#"["x@bad.example"]"#).await;
    assert!(notes(&preview, 0).contains(&still), "{:?}", notes(&preview, 0));
    let answer = call(&lab, "delete", &["x@bad.example", "y@fine.example"]).await;
    assert_eq!(answer.outcomes(), ["removed", "removed"]);
    assert!(notes(&answer, 0).contains(&still), "{:?}", notes(&answer, 0));
    assert!(
        notes(&answer, 1).iter().all(|note| !note.starts_with("still")),
        "{:?}",
        notes(&answer, 1)
    );
    // Also where it was gone before; and not where the domain goes as well.
    let answer = call(&lab, "delete", &["x@bad.example"]).await;
    assert_eq!(
        (answer.outcomes(), notes(&answer, 0)),
        (vec!["already_absent".to_owned()], vec![still])
    );
    let answer = call(&lab, "delete", &["x@bad.example", "bad.example"]).await;
    assert_eq!(answer.outcomes(), ["already_absent", "removed"]);
    assert_eq!(notes(&answer, 0), Vec::<String>::new());
    lab.stop().await;
}

#[tokio::test]
async fn what_is_taken_back_out_of_a_row_says_by_what_it_is_still_blocked() {
    let lists = Lists {
        blocklist: vec![pair("user1@acme.example", "bad.example")],
        safelist: Vec::new(),
    };
    let lab = lab(lists, "", "user1@acme.example", "any.example").await;
    let run = call(&lab, "senders-blocklist", &["x@bad.example"]).await.run();
    let undone = answer(
        client()
            .post(format!("{}/v1/runs/{run}/undo", lab.url))
            .header("x-reason", "a slip"),
    )
    .await;
    assert_eq!(undone.outcomes(), ["removed"]);
    assert_eq!(notes(&undone, 0), ["still blocked by bad.example for 1 mailbox"]);
    lab.stop().await;
}
