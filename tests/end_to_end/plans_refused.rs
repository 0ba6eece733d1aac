//! What is not kept as a plan, and what is not applied though nothing moved: a plan whose time is over, a call that is known
//! by its key, an appliance that cannot be read, a slip of the caller. `plans.rs` has what moves.

use super::plans::{apply, keep, lab, plan_of};
use super::support::{ADD_SENDERS as ADD, DELETE_SENDERS as DELETE, answer, client, get, post};
use doorlist::simulator::Behaviour;
use serde_json::Value;

#[tokio::test]
async fn a_plan_whose_time_is_over_is_told_so_and_can_be_looked_at() {
    let lab = lab("keep_plans = \"1s\"").await;
    let plan = plan_of(&keep(&lab, "block", &["bad.example"]).await);
    let over = loop {
        let plan = get(&format!("{}/v1/plans/{plan}", lab.url)).await;
        if plan.body["state"] == "over" {
            break plan;
        }
    };
    assert!(over.text().starts_with("OVER since "), "{over:?}");
    let refused = apply(&lab, "block", &plan).await;
    assert_eq!(
        (refused.status, refused.code()),
        (410, "plan_over"),
        "{refused:?}"
    );
    assert_eq!(lab.writes(), []);
    lab.stop().await;
}

#[tokio::test]
async fn a_call_that_is_known_by_its_key_is_answered_before_its_plan_is_found_used() {
    let lab = lab("").await;
    let plan = plan_of(&keep(&lab, "block", &["bad.example"]).await);
    let other = plan_of(&keep(&lab, "block", &["bad.example"]).await);
    let call = |plan: &str| {
        let url = format!("{}/v1/actions/{ADD}?plan={plan}", lab.url);
        answer(client().post(url).header("idempotency-key", "one"))
    };
    let first = call(&plan).await;
    assert_eq!((first.status, first.count("added")), (200, 1), "{first:?}");
    let again = call(&plan).await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, "true"),
        "{again:?}"
    );
    assert_eq!(again.run(), first.run());
    let another = call(&other).await;
    assert_eq!((another.status, another.code()), (422, "idempotency_key_reused"));
    lab.stop().await;
}

#[tokio::test]
async fn what_is_asked_wrongly_of_a_plan_is_refused() {
    let lab = lab("").await;
    let plan = plan_of(&keep(&lab, "block", &["bad.example"]).await);
    // (action, query, body, status and code)
    for (action, query, body, expected) in [
        (
            ADD,
            format!("plan={plan}&dry_run=true"),
            "",
            (400, "invalid_query_value"),
        ),
        (
            ADD,
            format!("plan={plan}&keep=true"),
            "",
            (400, "invalid_query_value"),
        ),
        (ADD, "keep=true".to_owned(), "[]", (400, "invalid_query_value")),
        (ADD, format!("plan={plan}"), "[]", (400, "plan_with_body")),
        (
            ADD,
            format!("plan={plan}&configuration=other"),
            "",
            (400, "plan_of_another"),
        ),
        (DELETE, format!("plan={plan}"), "", (400, "plan_of_another")),
        (ADD, "plan=no-plan".to_owned(), "", (404, "unknown_plan")),
    ] {
        let answer = post(&format!("{}/v1/actions/{action}?{query}", lab.url), body).await;
        assert_eq!((answer.status, answer.code()), expected, "{query}");
    }
    assert_eq!(lab.get("/v1/plans/no-plan").await.code(), "unknown_plan");
    assert_eq!(lab.writes(), []);
    assert_eq!(
        apply(&lab, "block", &plan).await.status,
        200,
        "it is good all the same"
    );
    lab.stop().await;
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_not_kept_and_what_cannot_be_looked_at_again_is_not_applied() {
    let lab = lab("").await;
    let plan = plan_of(&keep(&lab, "block", &["bad.example"]).await);
    lab.simulator.set_behaviour(Behaviour {
        faults: vec!["status:status=503,times=always".parse().unwrap()],
        ..Behaviour::default()
    });
    let unseen = apply(&lab, "block", &plan).await;
    assert_eq!((unseen.status, unseen.code()), (503, "plan_unseen"), "{unseen:?}");
    let preview = keep(&lab, "block", &["bad.example"]).await;
    assert_eq!(
        (preview.status, preview.outcomes().as_slice()),
        (502, &["unreachable".to_owned()][..])
    );
    assert_eq!(preview.body["plan"], Value::Null);
    assert!(
        preview
            .text()
            .contains("; NOT KEPT as a plan: not all of it could be looked at (esa-1: "),
        "{}",
        preview.text()
    );
    assert_eq!(
        lab.get("/v1/plans").await.body["plans"].as_array().unwrap().len(),
        1
    );
    assert_eq!(lab.writes(), []);
    lab.stop().await;
}
