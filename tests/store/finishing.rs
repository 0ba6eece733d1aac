//! Ending: all of an end or nothing of it, and a run is done with its last task.

use crate::place::Place;
use crate::samples::{accept, claim, end, pair, run};
use doorlist::store::{Accepted, RunState, StoreError, StoredChange, TaskEnd, TaskState};

on_each_store!(
    a_run_is_done_with_its_last_task,
    an_end_that_cannot_be_stored_leaves_nothing_behind,
    the_first_report_is_kept,
    a_run_that_is_done_without_a_report_is_found_until_it_has_one,
);

async fn a_run_is_done_with_its_last_task(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"], &["esa-2/blocklist"]]).await;
    let first = claim(&store, "worker").await.unwrap();
    let second = claim(&store, "worker").await.unwrap();
    store.progress(&second, "1 of 2").await.unwrap();
    assert_eq!(
        store
            .finish(&second, end(&["mallory@example.com", "trudy@example.com"]))
            .await,
        Ok(false)
    );
    let half = store.run(&id).await.unwrap().unwrap();
    assert_eq!(
        (half.state, half.done_ms, half.changed_pairs),
        (RunState::Open, None, 2)
    );
    let states: Vec<_> = half.tasks.iter().map(|task| task.state).collect();
    assert_eq!(states, [TaskState::Running, TaskState::Done]);
    assert_eq!(half.tasks[1].result.as_deref(), Some(r#"{"as":"wished"}"#));
    assert_eq!(half.tasks[1].progress.as_deref(), Some("1 of 2"));
    assert_eq!(
        store.finish(&first, end(&["mallory@example.com"])).await,
        Ok(true)
    );
    let whole = store.run(&id).await.unwrap().unwrap();
    assert_eq!((whole.state, whole.changed_pairs), (RunState::Done, 3));
    assert!(whole.done_ms.is_some());
    assert_eq!(whole.outcomes, [("added".to_owned(), 3)], "of all tasks together");
    assert_eq!(place.count("audit").await, 4, "accepted, finished twice, done");
    assert_eq!(place.count("waiting").await, 0);
    store.close().await;
}

async fn an_end_that_cannot_be_stored_leaves_nothing_behind(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    let held = claim(&store, "worker").await.unwrap();
    store
        .journal(&held, &[pair("mallory@example.com")])
        .await
        .unwrap();
    // The same outcome twice is more than its table takes, and it comes after everything else.
    let mut twice = end(&["mallory@example.com"]);
    twice.outcomes.push(("added".to_owned(), 1));
    assert!(matches!(
        store.finish(&held, twice).await,
        Err(StoreError::Broken(_))
    ));
    let kept = store.run(&id).await.unwrap().unwrap();
    assert_eq!((kept.state, kept.changed_pairs), (RunState::Open, 0));
    assert_eq!(
        (kept.tasks[0].state, &kept.tasks[0].result),
        (TaskState::Running, &None)
    );
    assert_eq!(
        (place.count("changed_pairs").await, place.count("journal").await),
        (0, 1)
    );
    assert_eq!(
        store.finish(&held, end(&["mallory@example.com"])).await,
        Ok(true),
        "the lane is still held"
    );
    store.close().await;
}

async fn the_first_report_is_kept(place: &Place) {
    let store = place.open().await;
    let new = run(&[&["esa-1/blocklist"]]);
    assert_eq!(store.accept(new.clone()).await, Ok(Accepted::New));
    let held = claim(&store, "worker").await.unwrap();
    let changed = StoredChange {
        pair: pair("mallory@example.com"),
        change: "removed",
        sole: true,
    };
    let end = TaskEnd {
        changed: vec![changed],
        ..end(&[])
    };
    store.finish(&held, end).await.unwrap();
    assert_eq!(
        place
            .count("changed_pairs WHERE change = 'removed' AND sole = 1")
            .await,
        1
    );
    store
        .keep_report(&new.id, "{\"n\":1}", "First.", "in_place")
        .await
        .unwrap();
    store
        .keep_report(&new.id, "{\"n\":2}", "Second.", "trouble")
        .await
        .unwrap();
    let kept = store.run(&new.id).await.unwrap().unwrap();
    let kept = [kept.report, kept.text, kept.class].map(Option::unwrap);
    assert_eq!(kept, ["{\"n\":1}", "First.", "in_place"]);
    store.close().await;
}

async fn a_run_that_is_done_without_a_report_is_found_until_it_has_one(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    accept(&store, &[&["esa-1/blocklist"]]).await;
    assert_eq!(store.without_report().await, Ok(Vec::new()), "they are open");
    let held = claim(&store, "worker").await.unwrap();
    store.finish(&held, end(&[])).await.unwrap();
    assert_eq!(store.without_report().await, Ok(vec![id.clone()]));
    store.keep_report(&id, "{}", "Done.", "in_place").await.unwrap();
    assert_eq!(store.without_report().await, Ok(Vec::new()));
    store.close().await;
}
