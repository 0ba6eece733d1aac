//! Overrides that are refused: for lack of the right or of a reason, with a mistake, of what a configuration stores; and those
//! that were not needed, or not enough.

use super::overrides::{OPERATOR, WORKFLOW, call, has, lab, rows};
use super::support::ADD_SENDERS;
use serde_json::{Value, json};

#[tokio::test]
async fn without_the_right_or_a_reason_nothing_is_done_and_the_attempt_is_kept() {
    let lab = lab("user1@acme.example").await;
    let body = json!(["mx.acme.example"]);
    let query = "&override=own_domain:mx.acme.example";
    for query in [
        query.to_owned(),
        format!("{query}&dry_run=true"),
        format!("{query}&dry_run=true&keep=true"),
    ] {
        let lacking = call(&lab, WORKFLOW, "senders-blocklist", &query, Some("why"), &body).await;
        assert_eq!(
            (lacking.status, lacking.code(), &lacking.body["right"]),
            (403, "right_required", &json!("override")),
            "{query}"
        );
    }
    let refused = rows(&lab, "refused_rights").await;
    assert_eq!(refused.len(), 3);
    assert_eq!(
        (&refused[0]["client"], &refused[0]["detail"]),
        (
            &json!("workflow"),
            &json!(format!(
                "POST /v1/actions/{ADD_SENDERS}: without the right `override`"
            ))
        )
    );
    let silent = call(&lab, OPERATOR, "senders-blocklist", query, None, &body).await;
    assert_eq!((silent.status, silent.code()), (400, "reason_required"));
    assert_eq!(rows(&lab, "accepted").await, Vec::<Value>::new());
    assert_eq!(lab.simulator.requests(), []);
    lab.stop().await;
}

#[tokio::test]
async fn each_mistake_is_named_and_nothing_is_done() {
    let lab = lab("user1@acme.example").await;
    let body = json!(["mx.acme.example", {"value": "ftp.acme.example", "status": "Expired"}]);
    let many = vec!["own_domain:mx.acme.example"; 101].join(",");
    let all = "the rules are own_domain, protected_address, protected_network, public_suffix, special_network, freemail_domain, \
               warninglist, outside_partner_domains, protected_recipient, foreign_recipient, pinned. Nothing was done";
    for (query, code, words) in [
        ("&override=own_domains:mx.acme.example", "invalid_override", all),
        (
            "&override=own_domain",
            "invalid_override",
            "`own_domain`, which is no rule with an entry",
        ),
        (
            "&override=own_domain:",
            "invalid_override",
            "`own_domain:`, which is no rule with an entry",
        ),
        (
            "&override=own_domain:mx.acme.example,",
            "invalid_override",
            "``, which is no rule with an entry",
        ),
        (
            &format!("&override={many}"),
            "invalid_override",
            "names 101 entries, and 100 are allowed",
        ),
        ("&override=", "empty_query_value", "`override` has no value"),
        (
            "&override=own_domain:a&override=own_domain:b",
            "repeated_query_key",
            "`override` stands twice",
        ),
        (
            "&override=own_domain:acme.example",
            "override_of_nothing",
            "lets `acme.example` pass own_domain",
        ),
        // What the configuration stores is not for a call to let pass.
        (
            "&override=protected_recipient:user1@acme.example",
            "override_of_nothing",
            "what a configuration stores is no part of a call",
        ),
        (
            "&override=pinned:user1@acme.example",
            "override_of_nothing",
            "lets `user1@acme.example` pass pinned",
        ),
        (
            "&override=own_domain:mx.acme.example&plan=0",
            "invalid_query_value",
            "`override` does not go with `plan`",
        ),
    ] {
        for query in [query.to_owned(), format!("{query}&dry_run=true")] {
            if query.contains("plan=0&dry_run") {
                continue;
            }
            let wrong = call(&lab, OPERATOR, "senders-blocklist", &query, Some("why"), &body).await;
            assert_eq!((wrong.status, wrong.code()), (400, code), "{query}: {wrong:?}");
            let detail = wrong.body["detail"].as_str().unwrap();
            assert!(detail.contains(words), "{query}: {detail}");
        }
    }
    assert_eq!(rows(&lab, "accepted").await, Vec::<Value>::new());
    assert_eq!(lab.simulator.requests(), []);
    lab.stop().await;
}

#[tokio::test]
async fn what_was_not_needed_or_was_not_enough_is_a_note() {
    let lab = lab("user1@acme.example").await;
    let body = json!(["bad.example", "gmail.com", {"value": "mx.acme.example", "status": "Expired"}]);
    let query = "&override=freemail_domain:bad.example,own_domain:mx.acme.example,pinned:gmail.com";
    let run = call(&lab, OPERATOR, "senders-blocklist", query, Some("why"), &body).await;
    assert_eq!(
        run.outcomes(),
        ["added", "refused_by_rule", "inactive_status"],
        "{run:?}"
    );
    for (rule, entry) in [
        ("freemail_domain", "bad.example"),
        ("own_domain", "mx.acme.example"),
        ("pinned", "gmail.com"),
    ] {
        let note = format!("{rule} did not have to let {entry} pass: it does not refuse it here");
        assert!(has(&run.body["notes"], &note), "{note}: {run:?}");
    }
    assert!(!run.body.to_string().contains("passed "), "{run:?}");
    assert_eq!(
        rows(&lab, "override").await,
        Vec::<Value>::new(),
        "nothing was let pass"
    );

    let query = "&override=freemail_domain:gmail.com";
    let run = call(
        &lab,
        OPERATOR,
        "senders-safelist",
        query,
        Some("why"),
        &json!(["gmail.com"]),
    )
    .await;
    assert_eq!(run.outcomes(), ["refused_by_rule"], "{run:?}");
    let result = &run.body["results"][0];
    assert!(
        has(
            &result["notes"],
            "freemail_domain let it pass, and something else refuses it"
        ),
        "{result}"
    );
    let detail = result["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("gmail.com is of no partner's domain"),
        "{detail}"
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_stored_entry_that_is_refused_stays_refused_though_a_call_names_its_twin() {
    let lab = lab("board@acme.example").await;
    let query = "&override=own_domain:board@acme.example,protected_recipient:board@acme.example";
    let run = call(
        &lab,
        OPERATOR,
        "senders-blocklist",
        query,
        Some("why"),
        &json!(["board@acme.example"]),
    )
    .await;
    assert_eq!(run.outcomes(), ["refused_by_rule"], "{run:?}");
    let detail = run.body["results"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("protected mailbox board@acme.example"),
        "{detail}"
    );
    assert_eq!(lab.writes(), []);
    lab.stop().await;
}
