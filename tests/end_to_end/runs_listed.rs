//! `GET /v1/runs`: filters, pages, and who sees what.

use super::support::{ADD_SENDERS, DELETE_SENDERS, Lab, answer, client, post};
use doorlist::simulator::Settings;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// More than two pages of 50.
const QUIET: usize = 104;

fn ids(page: &Value) -> Vec<String> {
    let runs = page["runs"].as_array().unwrap();
    runs.iter()
        .map(|run| run["run"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn runs_are_listed_newest_first_by_pages_and_found_by_what_they_are() {
    let lab = Lab::start().await;
    let mut accepted = Vec::new();
    for (configuration, body) in [
        ("add-senders", r#"["a.example"]"#),
        ("add-senders", r#"["gmail.com"]"#),
        ("add-senders", r#"["not valid"]"#),
        ("delete-senders", r#"["b.example", "B.example"]"#),
    ] {
        accepted.push(lab.post(configuration, body).await.run());
    }
    let mut quiet = tokio::task::JoinSet::new();
    for _ in 0..QUIET {
        let url = lab.url_of("add-senders", "&wait=5m");
        quiet.spawn(async move { post(&url, r#"["a.example"]"#).await.run() });
        // No more than are let in at once.
        while quiet.len() >= 20 {
            accepted.push(quiet.join_next().await.unwrap().unwrap());
        }
    }
    accepted.extend(quiet.join_all().await);
    // Ids are in the order of their time.
    accepted.sort_unstable_by(|one, other| other.cmp(one));
    let total = accepted.len();

    let mut seen = Vec::new();
    let mut path = "/v1/runs".to_owned();
    let mut pages = 0;
    loop {
        let page = lab.get(&path).await.body;
        seen.extend(ids(&page));
        pages += 1;
        match page["links"]["next"].as_str() {
            Some(next) => next.clone_into(&mut path),
            None => break,
        }
    }
    assert_eq!((pages, &seen), (3, &accepted));

    // A page that goes on asks the same question.
    let quiet = "/v1/runs?outcome=already_present&configuration=add-senders&limit=100";
    let first = lab.get(quiet).await.body;
    let second = lab.get(first["links"]["next"].as_str().unwrap()).await.body;
    assert_eq!((ids(&first).len(), ids(&second).len()), (100, QUIET - 100));

    let delete = format!("action={DELETE_SENDERS}");
    for (query, count) in [
        ("state=done", total),
        ("state=open", 0),
        ("class=refused", 2),
        ("class=trouble", 0),
        ("outcome=added", 1),
        ("outcome=refused_by_rule", 1),
        ("outcome=invalid", 1),
        ("outcome=already_absent", 1),
        ("outcome=repeated", 1),
        ("outcome=already_present", QUIET),
        (delete.as_str(), 1),
        ("configuration=delete-senders", 1),
        ("configuration=no-more", 0),
        ("appliance=esa-1", total),
        ("appliance=esa-9", 0),
        ("from=2001-01-01T00:00:00Z", total),
        ("to=2001-01-01T00:00:00Z", 0),
        ("from=2999-01-01T00:00:00Z", 0),
        ("to=2999-01-01T00:00:00Z", total),
        ("class=refused&outcome=invalid", 1),
        ("class=refused&outcome=added", 0),
    ] {
        let page = lab.get(&format!("/v1/runs?limit=200&{query}")).await;
        assert_eq!((page.status, ids(&page.body).len()), (200, count), "{query}");
        assert_eq!(page.body["hidden"], 0, "{query}");
    }
    let notable = lab.get("/v1/runs?notable=true").await.body;
    assert_eq!(ids(&notable), accepted[total - 1..], "what changed something");
    assert_eq!(notable["hidden"], total - 1);
    let line = &notable["runs"][0];
    let text = line["text"].as_str().unwrap();
    assert!(text.starts_with("1 of 1 listed (1 new); "), "{text}");
    assert_eq!(
        (&line["client"], &line["changed_pairs"]),
        (&"local".into(), &1.into())
    );
    let accepted_at = line["accepted"].as_str().unwrap();
    let page = lab
        .get(&format!("/v1/runs?limit=200&from={accepted_at}"))
        .await
        .body;
    assert_eq!(ids(&page).len(), total, "a line's own time finds it");
    lab.stop().await;
}

#[tokio::test]
async fn a_question_that_is_misspelt_is_refused_with_what_is_allowed() {
    let lab = Lab::start().await;
    for (query, code, told) in [
        ("state=ended", "invalid_query_value", "open, done"),
        ("class=bad", "invalid_query_value", "in_place"),
        ("outcome=add", "invalid_query_value", "already_present"),
        ("notable=yes", "invalid_query_value", "true or false"),
        ("from=yesterday", "invalid_query_value", "2026-11-25T03:00:00Z"),
        ("to=2026-11-25", "invalid_query_value", "2026-11-25T03:00:00Z"),
        ("limit=0", "invalid_query_value", "1 to 200"),
        ("limit=201", "invalid_query_value", "1 to 200"),
        ("limit=many", "invalid_query_value", "1 to 200"),
        ("before=nonsense", "invalid_query_value", "the id of a run"),
        ("outcomes=added", "unknown_query_key", "outcome"),
        ("state=open&state=done", "repeated_query_key", "twice"),
    ] {
        let refused = lab.get(&format!("/v1/runs?{query}")).await;
        assert_eq!((refused.status, refused.code()), (400, code), "{query}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains(told), "{query}: {detail}");
    }
    lab.stop().await;
}

const TOKENS: [(&str, &str); 3] = [
    ("anna", "token-of-anna-with-at-least-32-characters"),
    ("bert", "token-of-bert-with-at-least-32-characters"),
    ("carl", "token-of-carl-with-at-least-32-characters"),
];

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_client_sees_and_stops_only_runs_of_its_configurations() {
    let lab = Lab::start_config(Settings::default(), |url| {
        let mut config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n\
             [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n\
             [configurations.two]\naction = \"{DELETE_SENDERS}\"\nappliance = \"esa-1\"\n"
        );
        for ((name, token), own) in TOKENS.into_iter().zip(["one", "two", "one"]) {
            config.push_str(&format!(
                "[clients.{name}]\ntoken_sha256 = \"{}\"\nconfigurations = [\"{own}\"]\naddresses = [\"127.0.0.0/8\"]\n",
                sha256(token)
            ));
        }
        config
    })
    .await;
    let [anna, bert, carl] = TOKENS.map(|(_, token)| token);
    let ask = |token: &'static str, path: String| {
        answer(client().get(format!("{}{path}", lab.url)).bearer_auth(token))
    };
    let run_it = |token: &'static str| {
        let request = client().post(format!("{}/v1/actions/{ADD_SENDERS}", lab.url));
        let request = request.header("idempotency-key", "k").bearer_auth(token);
        answer(request.body(r#"["a.example"]"#))
    };
    let (of_anna, of_carl) = (run_it(anna).await, run_it(carl).await);
    assert_eq!(
        (of_anna.outcomes(), of_carl.outcomes()),
        (vec!["added".into()], vec!["already_present".into()])
    );
    let (of_anna, of_carl) = (of_anna.run(), of_carl.run());
    assert_ne!(of_anna, of_carl, "another client's key is another key");

    let one = format!("/v1/runs/{of_anna}");
    let nobodys = "/v1/runs/0190e0c1-0000-7000-8000-000000000000".to_owned();
    for token in [anna, carl] {
        assert_eq!(ask(token, one.clone()).await.status, 200);
        let page = ask(token, "/v1/runs".to_owned()).await.body;
        assert_eq!(ids(&page), [of_carl.clone(), of_anna.clone()]);
        assert_eq!(page["runs"][1]["client"], "anna");
    }
    let (others, missing) = (ask(bert, one.clone()).await, ask(bert, nobodys.clone()).await);
    assert_eq!(
        (others.status, others.code(), missing.status),
        (404, "unknown_run", 404)
    );
    let words = |answer: &super::support::Answer, path: &str| {
        let id = path.rsplit('/').next().unwrap();
        answer.body["detail"].as_str().unwrap().replace(id, "ID")
    };
    assert_eq!(
        words(&others, &one),
        words(&missing, &nobodys),
        "what exists is not told"
    );
    let cancel = client()
        .post(format!("{}{one}/cancel", lab.url))
        .bearer_auth(bert);
    assert_eq!(answer(cancel).await.status, 404);
    assert_eq!(ids(&ask(bert, "/v1/runs".to_owned()).await.body), [""; 0]);
    let forbidden = ask(bert, "/v1/runs?configuration=one".to_owned()).await;
    assert_eq!(
        (forbidden.status, forbidden.code()),
        (403, "configuration_not_allowed")
    );
    let cancel = client()
        .post(format!("{}{one}/cancel", lab.url))
        .bearer_auth(carl);
    assert_eq!(answer(cancel).await.status, 409);
    for path in ["/v1/runs", one.as_str()] {
        assert_eq!(
            answer(client().get(format!("{}{path}", lab.url))).await.status,
            401
        );
    }
    assert_eq!(post(&format!("{}{one}/cancel", lab.url), "").await.status, 401);
    lab.stop().await;
}
