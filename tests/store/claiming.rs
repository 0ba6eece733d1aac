//! Claiming: who is next, who has to wait for whom, and what is handed over.

use crate::place::Place;
use crate::samples::{HOUR, accept, author, claim, claim_and_be_late, end, pair};
use doorlist::store::{Claim, TaskState};

on_each_store!(
    tasks_of_a_lane_follow_each_other_in_the_order_of_acceptance,
    a_long_task_holds_up_its_own_lane_alone,
    a_task_with_two_lanes_waits_for_both_and_is_overtaken_in_neither,
    the_tasks_of_a_run_on_different_lanes_run_at_once,
    a_clock_that_jumps_back_changes_no_order,
    what_is_handed_over_is_all_that_is_needed,
    a_lease_that_is_over_lets_the_next_one_in_and_tells_it,
    a_released_task_is_queued_again_where_it_was,
    a_renewed_lease_is_held,
);

async fn tasks_of_a_lane_follow_each_other_in_the_order_of_acceptance(place: &Place) {
    let store = place.open().await;
    let mut accepted = Vec::new();
    for _ in 0..5 {
        accepted.push(accept(&store, &[&["esa-1/blocklist"]]).await);
    }
    for id in accepted {
        let first = claim(&store, "worker-1").await.unwrap();
        assert_eq!(first.run, id);
        assert_eq!(claim(&store, "worker-2").await, None, "its lane is leased");
        store.finish(&first, end(&[])).await.unwrap();
    }
    assert_eq!(claim(&store, "worker-1").await, None);
    store.close().await;
}

async fn a_long_task_holds_up_its_own_lane_alone(place: &Place) {
    let store = place.open().await;
    let long = accept(&store, &[&["esa-1/blocklist"]]).await;
    for _ in 0..20 {
        accept(&store, &[&["esa-1/blocklist"]]).await;
    }
    let other_list = accept(&store, &[&["esa-1/safelist"]]).await;
    let other_appliance = accept(&store, &[&["esa-2/blocklist"]]).await;
    for expected in [Some(long), Some(other_list), Some(other_appliance), None] {
        assert_eq!(claim(&store, "worker").await.map(|claim| claim.run), expected);
    }
    store.close().await;
}

async fn a_task_with_two_lanes_waits_for_both_and_is_overtaken_in_neither(place: &Place) {
    let store = place.open().await;
    let run_of = |claim: Option<Claim>| claim.map(|claim| claim.run);
    let blocklist = accept(&store, &[&["esa-1/blocklist"]]).await;
    let both = accept(&store, &[&["esa-1/safelist", "esa-1/blocklist"]]).await;
    let safelist = accept(&store, &[&["esa-1/safelist"]]).await;
    let first = claim(&store, "worker").await.unwrap();
    assert_eq!(first.run, blocklist);
    assert_eq!(
        claim(&store, "worker").await,
        None,
        "the safelist is free, but wanted by an earlier task"
    );
    store.finish(&first, end(&[])).await.unwrap();
    let second = claim(&store, "worker").await.unwrap();
    assert_eq!(second.run, both);
    assert_eq!(second.lanes, ["esa-1/blocklist", "esa-1/safelist"]);
    assert_eq!(claim(&store, "worker").await, None);
    store.finish(&second, end(&[])).await.unwrap();
    assert_eq!(run_of(claim(&store, "worker").await), Some(safelist));
    store.close().await;
}

async fn the_tasks_of_a_run_on_different_lanes_run_at_once(place: &Place) {
    let store = place.open().await;
    let id = accept(
        &store,
        &[&["esa-1/blocklist"], &["esa-2/blocklist"], &["esa-1/blocklist"]],
    )
    .await;
    let mut places = Vec::new();
    while let Some(claim) = claim(&store, "worker").await {
        assert_eq!(claim.run, id);
        places.push(claim.place);
    }
    assert_eq!(places, [0, 1], "the third waits for the first");
    store.close().await;
}

async fn a_clock_that_jumps_back_changes_no_order(place: &Place) {
    let store = place.open().await;
    let first = accept(&store, &[&["esa-1/blocklist"]]).await;
    // As if it had been accepted in a far future.
    for text in [
        "UPDATE runs SET created_ms = created_ms + 3600000, ordinal = ordinal + 1000000000000000",
        "UPDATE waiting SET ordinal = ordinal + 1000000000000000",
    ] {
        place.execute(text).await;
    }
    accept(&store, &[&["esa-1/blocklist"]]).await;
    assert_eq!(claim(&store, "worker").await.unwrap().run, first);
    store.close().await;
}

async fn what_is_handed_over_is_all_that_is_needed(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/safelist", "esa-1/blocklist"]]).await;
    place
        .execute("UPDATE runs SET created_ms = created_ms - 60000")
        .await;
    let taken = claim(&store, "worker-1").await.unwrap();
    assert!(taken.age_ms >= 60_000, "{}", taken.age_ms);
    let expected = Claim {
        run: id.clone(),
        place: 0,
        appliance: "esa-1".to_owned(),
        list: "safelist".to_owned(),
        lanes: vec!["esa-1/blocklist".to_owned(), "esa-1/safelist".to_owned()],
        owner: "worker-1".to_owned(),
        epochs: vec![1, 1],
        attempt: 1,
        age_ms: taken.age_ms,
        is_after_expiry: false,
        document: r#"{"senders":["mallory@example.com"]}"#.to_owned(),
        journal: Vec::new(),
        cancel_reason: None,
    };
    assert_eq!(taken, expected);
    let task = store.run(&id).await.unwrap().unwrap().tasks.remove(0);
    assert_eq!((task.state, task.attempt), (TaskState::Running, 1));
    assert!(task.started_ms.is_some());
    store.close().await;
}

async fn a_lease_that_is_over_lets_the_next_one_in_and_tells_it(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    let later = accept(&store, &[&["esa-1/blocklist"]]).await;
    let late = claim_and_be_late(&store, "worker-1").await;
    store
        .journal(&late, &[pair("mallory@example.com")])
        .await
        .unwrap();
    store.cancel(&id, &author("an operator"), "enough").await.unwrap();
    let next = claim(&store, "worker-2").await.unwrap();
    assert_eq!((&next.run, next.attempt, &*next.epochs), (&id, 2, &[2_i64][..]));
    assert!(next.is_after_expiry);
    assert_eq!(next.journal, [pair("mallory@example.com")]);
    assert_eq!(next.cancel_reason.as_deref(), Some("enough"));
    store.finish(&next, end(&[])).await.unwrap();
    let after = claim(&store, "worker-1").await.unwrap();
    assert_eq!(
        (&after.run, after.attempt, after.is_after_expiry),
        (&later, 1, false)
    );
    store.close().await;
}

async fn a_released_task_is_queued_again_where_it_was(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    accept(&store, &[&["esa-1/blocklist"]]).await;
    let first = claim(&store, "worker-1").await.unwrap();
    store.release(&first).await.unwrap();
    assert_eq!(
        store.run(&id).await.unwrap().unwrap().tasks[0].state,
        TaskState::Queued
    );
    let second = claim(&store, "worker-2").await.unwrap();
    assert_eq!(
        (&second.run, second.attempt, second.is_after_expiry),
        (&id, 2, false)
    );
    store.close().await;
}

async fn a_renewed_lease_is_held(place: &Place) {
    let store = place.open().await;
    accept(&store, &[&["esa-1/blocklist", "esa-1/safelist"]]).await;
    let late = claim_and_be_late(&store, "worker-1").await;
    // Nobody was faster: it is still ours, and may be held on to.
    store.renew(&late, HOUR).await.unwrap();
    assert_eq!(claim(&store, "worker-2").await, None);
    store.finish(&late, end(&[])).await.unwrap();
    store.close().await;
}
