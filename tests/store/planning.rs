//! Plans: kept for a while, applied by one run whoever races for it, listed, and forgotten at their time.

use crate::place::Place;
use crate::samples::{HOUR, author, author_with_reason, keyed, run};
use doorlist::store::{
    Accepted, AuditFilter, CleanedUp, NewPlan, NewRun, PlanFilter, Retention, Store, StoreError, StoredPlan,
    WAITING_PLANS_MAX,
};
use std::time::Duration;

on_each_store!(
    a_plan_is_kept_with_all_that_it_needs_and_applied_once,
    of_many_that_race_for_a_plan_one_gets_it_and_nothing_of_the_others_is_stored,
    a_call_that_is_known_is_answered_before_its_plan_is_found_used,
    a_plan_whose_time_is_over_is_not_applied,
    plans_are_paged_newest_first_and_filtered,
    so_many_plans_of_one_client_wait_and_no_more,
    plans_that_are_over_are_forgotten_at_their_time,
);

const LANES: &[&[&str]] = &[&["esa-1/blocklist"]];

fn plan(client: &str) -> NewPlan {
    NewPlan {
        id: uuid::Uuid::now_v7().to_string(),
        author: author_with_reason(client, "CHG-1", "a campaign"),
        action: "add-senders".to_owned(),
        configuration: "block-senders".to_owned(),
        document: "the run".to_owned(),
        picture: "the picture".to_owned(),
        report: "the report".to_owned(),
        text: "PREVIEW".to_owned(),
        good_for: HOUR,
        audit: "3 items".to_owned(),
    }
}

async fn keep(store: &Store, new: NewPlan) -> StoredPlan {
    store.keep_plan(new).await.unwrap().unwrap()
}

fn applying(plan: &str, client: &str) -> NewRun {
    NewRun {
        author: author(client),
        plan: Some(plan.to_owned()),
        ..run(LANES)
    }
}

async fn a_plan_is_kept_with_all_that_it_needs_and_applied_once(place: &Place) {
    let store = place.open().await;
    let new = plan("alice");
    let kept = keep(&store, new.clone()).await;
    let expected = StoredPlan {
        id: new.id.clone(),
        client: "alice".to_owned(),
        ticket: Some("CHG-1".to_owned()),
        reason: Some("a campaign".to_owned()),
        action: new.action,
        configuration: new.configuration,
        created_ms: kept.created_ms,
        expires_ms: kept.created_ms + 3_600_000,
        run: None,
        applied_by: None,
        applied_ms: None,
        text: new.text,
        report: new.report,
        picture: new.picture,
        document: new.document,
        now_ms: kept.now_ms,
    };
    assert_eq!(kept, expected);
    assert!(!kept.is_over());
    let by_bob = NewRun {
        overridden: Some("own_domain for mx.acme.example".to_owned()),
        ..applying(&new.id, "bob")
    };
    assert_eq!(store.accept(by_bob.clone()).await, Ok(Accepted::New));
    let again = store.accept(applying(&new.id, "alice")).await;
    assert_eq!(again, Err(StoreError::PlanNotFree));
    let none = store.accept(applying("no-plan", "alice")).await;
    assert_eq!(none, Err(StoreError::PlanNotFree));
    let applied = store.plan(&new.id).await.unwrap().unwrap();
    assert_eq!(
        (applied.run.as_ref(), applied.applied_by.as_deref()),
        (Some(&by_bob.id), Some("bob"))
    );
    assert!(applied.applied_ms.is_some());
    assert_eq!(store.plan("no-plan").await, Ok(None));
    assert_eq!(place.count("runs").await, 1);
    let filter = AuditFilter {
        limit: 10,
        ..AuditFilter::default()
    };
    let rows = store.audit(&filter).await.unwrap().rows;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.event.as_str(), row.client.as_deref(), row.detail.clone()))
        .collect();
    let of_alice = format!("plan {} of alice", new.id);
    assert_eq!(
        told,
        [
            ("plan_kept", Some("alice"), format!("plan {}: 3 items", new.id)),
            ("accepted", Some("bob"), "accepted by a test".to_owned()),
            (
                "override",
                Some("bob"),
                "own_domain for mx.acme.example".to_owned()
            ),
            ("plan_applied", Some("bob"), of_alice),
        ]
    );
    assert_eq!(rows[0].run, None);
    assert_eq!(rows[2].run.as_ref(), Some(&by_bob.id));
    assert_eq!(rows[3].run.as_ref(), Some(&by_bob.id));
    store.close().await;
}

async fn of_many_that_race_for_a_plan_one_gets_it_and_nothing_of_the_others_is_stored(place: &Place) {
    let store = place.open().await;
    let kept = keep(&store, plan("alice")).await;
    let racing: Vec<_> = (0..16)
        .map(|number| {
            let (store, id) = (store.clone(), kept.id.clone());
            let new = NewRun {
                plan: Some(id),
                ..keyed("alice", &format!("key-{number}"), "print", HOUR)
            };
            tokio::spawn(async move { store.accept(new).await })
        })
        .collect();
    let mut accepted = 0;
    for one in racing {
        match one.await.unwrap() {
            Ok(Accepted::New) => accepted += 1,
            other => assert_eq!(other, Err(StoreError::PlanNotFree)),
        }
    }
    assert_eq!(accepted, 1);
    for table in ["runs", "tasks", "idempotency", "audit WHERE event = 'accepted'"] {
        assert_eq!(place.count(table).await, 1, "{table}");
    }
    store.close().await;
}

async fn a_call_that_is_known_is_answered_before_its_plan_is_found_used(place: &Place) {
    let store = place.open().await;
    let kept = keep(&store, plan("alice")).await;
    let call = || NewRun {
        plan: Some(kept.id.clone()),
        ..keyed("alice", "key", "print", HOUR)
    };
    let first = call();
    assert_eq!(store.accept(first.clone()).await, Ok(Accepted::New));
    match store.accept(call()).await {
        Ok(Accepted::Known(known)) => assert_eq!(known.run, first.id),
        other => panic!("{other:?}"),
    }
    store.close().await;
}

async fn a_plan_whose_time_is_over_is_not_applied(place: &Place) {
    let store = place.open().await;
    let over = NewPlan {
        good_for: Duration::ZERO,
        ..plan("alice")
    };
    let over = keep(&store, over).await;
    assert!(over.is_over());
    let applied = store.accept(applying(&over.id, "alice")).await;
    assert_eq!(applied, Err(StoreError::PlanNotFree));
    assert_eq!(place.count("runs").await, 0);
    store.close().await;
}

async fn plans_are_paged_newest_first_and_filtered(place: &Place) {
    let store = place.open().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        let new = NewPlan {
            configuration: format!("configuration-{}", number % 2),
            ..plan("alice")
        };
        ids.insert(0, keep(&store, new).await.id);
    }
    assert_eq!(store.accept(applying(&ids[2], "alice")).await, Ok(Accepted::New));
    let mut filter = PlanFilter {
        limit: 3,
        ..PlanFilter::default()
    };
    let mut found = Vec::new();
    loop {
        let page = store.plans(&filter).await.unwrap();
        assert!(
            page.plans
                .iter()
                .all(|plan| plan.document.is_empty() && plan.picture.is_empty())
        );
        found.extend(page.plans.into_iter().map(|plan| plan.id));
        let Some(next) = page.next else { break };
        filter.before = Some(next);
    }
    assert_eq!(found, ids);
    let filter = PlanFilter {
        only_waiting: true,
        configurations: Some(vec!["configuration-0".to_owned()]),
        before: None,
        limit: 10,
    };
    let waiting: Vec<_> = store
        .plans(&filter)
        .await
        .unwrap()
        .plans
        .into_iter()
        .map(|plan| plan.id)
        .collect();
    let expected = [&ids[0], &ids[4], &ids[6]];
    assert_eq!(waiting.iter().collect::<Vec<_>>(), expected);
    store.close().await;
}

async fn so_many_plans_of_one_client_wait_and_no_more(place: &Place) {
    let store = place.open().await;
    let mut last = None;
    for _ in 0..WAITING_PLANS_MAX {
        last = Some(keep(&store, plan("alice")).await);
    }
    assert_eq!(store.keep_plan(plan("alice")).await, Ok(None));
    keep(&store, plan("bob")).await;
    // One that is applied waits no more.
    let accepted = store.accept(applying(&last.unwrap().id, "alice")).await;
    assert_eq!(accepted, Ok(Accepted::New));
    keep(&store, plan("alice")).await;
    assert_eq!(
        place.count("audit WHERE event = 'plan_kept'").await,
        WAITING_PLANS_MAX + 2
    );
    store.close().await;
}

async fn plans_that_are_over_are_forgotten_at_their_time(place: &Place) {
    let store = place.open().await;
    let old = keep(&store, plan("alice")).await;
    let kept = keep(&store, plan("alice")).await;
    place
        .execute(&format!(
            "UPDATE plans SET expires_ms = expires_ms - {} WHERE id = '{}'",
            31 * 24 * 3_600_000_i64,
            old.id
        ))
        .await;
    let month = Duration::from_secs(30 * 24 * 3600);
    let retention = Retention {
        unchanged: month,
        changed: month,
        audit: month,
    };
    let removed = CleanedUp {
        plans: 1,
        ..CleanedUp::default()
    };
    assert_eq!(store.clean_up(&retention).await, Ok(removed));
    assert_eq!(store.plan(&old.id).await, Ok(None));
    assert!(store.plan(&kept.id).await.unwrap().is_some());
    store.close().await;
}
