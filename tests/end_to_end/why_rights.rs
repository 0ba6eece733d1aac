//! Who may ask why a sender is blocked, what is told to whom, and which questions are none.

use super::support::{ADD_SENDERS, DELETE_SENDERS, answer, client};
use super::why::{M, start};
use doorlist::simulator::Lists;
use serde_json::{Value, json};

#[tokio::test]
async fn a_question_that_is_none_is_refused_with_the_rule_and_what_was_meant() {
    let (lab, other) = start(Lists::default(), Lists::default(), "").await;
    for (query, code, rule, suggestion) in [
        ("", "missing_query_key", Value::Null, Value::Null),
        ("?value=", "empty_query_value", Value::Null, Value::Null),
        (
            "?value=a.example&mailbox=b",
            "unknown_query_key",
            Value::Null,
            Value::Null,
        ),
        (
            "?value=bad%5B.%5Dexample",
            "invalid_query_value",
            json!("defanged"),
            json!("bad.example"),
        ),
        (
            "?value=a.example&recipient=b.example",
            "invalid_query_value",
            json!("not_an_address"),
            Value::Null,
        ),
    ] {
        let why = lab.get(&format!("/v1/why{query}")).await;
        assert_eq!((why.status, why.code()), (400, code), "{query}");
        assert_eq!(
            (&why.body["rule"], &why.body["suggestion"]),
            (&rule, &suggestion),
            "{query}: {:?}",
            why.body
        );
    }
    assert!(lab.simulator.requests().is_empty() && other.requests().is_empty());
    other.stop().await;
    lab.stop().await;
}

#[tokio::test]
async fn a_client_sees_its_appliances_and_of_runs_that_are_not_its_own_the_id() {
    use sha2::{Digest as _, Sha256};
    let token_of = |client: &str| format!("{client}-token-of-at-least-32-characters-xyz");
    let hash = |client: &str| {
        let hash = Sha256::digest(token_of(client).as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let clients = format!(
        "[configurations.look]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n\
         [clients.blocks]\ntoken_sha256 = \"{}\"\nconfigurations = [\"block\"]\naddresses = [\"127.0.0.0/8\"]\n\
         [clients.looks]\ntoken_sha256 = \"{}\"\nconfigurations = [\"look\"]\naddresses = [\"127.0.0.0/8\"]\n\
         [clients.nobody]\ntoken_sha256 = \"{}\"\nconfigurations = []\naddresses = [\"127.0.0.0/8\"]\n",
        hash("blocks"),
        hash("looks"),
        hash("nobody")
    );
    let (lab, other) = start(Lists::default(), Lists::default(), &clients).await;
    let url = format!("{}/v1/actions/{ADD_SENDERS}?configuration=block", lab.url);
    let call = client().post(url).bearer_auth(token_of("blocks"));
    let run = answer(call.body(json!([M]).to_string())).await.run();
    for (name, appliances, configuration) in [
        ("blocks", vec!["esa-1", "esa-1", "esa-2", "esa-2"], json!("block")),
        ("looks", vec!["esa-1", "esa-1"], Value::Null),
        ("nobody", vec![], Value::Null),
    ] {
        let call = client().get(format!("{}/v1/why?value={M}", lab.url));
        let why = answer(call.bearer_auth(token_of(name))).await;
        let lists = why.body["lists"].as_array().unwrap();
        let seen: Vec<&str> = lists
            .iter()
            .map(|list| list["appliance"].as_str().unwrap())
            .collect();
        assert_eq!(seen, appliances, "{name}");
        if let Some(list) = lists.first() {
            let ours = &list["pairs"][0]["ours"];
            assert_eq!(
                (&ours["run"], &ours["configuration"]),
                (&json!(run), &configuration)
            );
            assert_eq!(ours["client"].is_null(), configuration.is_null());
        } else {
            assert!(why.text().starts_with("NOT KNOWN: "), "{}", why.text());
        }
    }
    assert_eq!(lab.get(&format!("/v1/why?value={M}")).await.status, 401);
    other.stop().await;
    lab.stop().await;
}
