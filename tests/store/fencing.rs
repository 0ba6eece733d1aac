//! The fence: whoever lost a lane stores nothing any more, whatever it believes.

use crate::place::Place;
use crate::samples::{FENCED, HOUR, accept, claim, claim_and_be_late, end, pair};
use doorlist::store::{StoreError, TaskState};

on_each_store!(
    whoever_was_late_stores_nothing,
    whoever_holds_one_of_two_lanes_stores_nothing,
    a_task_ends_once,
    a_released_claim_is_worth_nothing,
    the_journal_takes_many_pairs_and_each_once,
);

async fn whoever_was_late_stores_nothing(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    let late = claim_and_be_late(&store, "worker-1").await;
    let next = claim(&store, "worker-2").await.unwrap();
    let before = store.run(&id).await.unwrap().unwrap();
    assert_eq!(store.renew(&late, HOUR).await, FENCED);
    assert_eq!(
        store.journal(&late, &[pair("mallory@example.com")]).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(store.progress(&late, "half").await, FENCED);
    assert_eq!(
        store.finish(&late, end(&["mallory@example.com"])).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(store.release(&late).await, FENCED);
    let after = store.run(&id).await.unwrap().unwrap();
    assert_eq!(
        (before.tasks, before.changed_pairs, before.outcomes),
        (after.tasks, after.changed_pairs, after.outcomes)
    );
    for table in ["journal", "changed_pairs", "outcomes"] {
        assert_eq!(place.count(table).await, 0, "{table}");
    }
    assert_eq!(place.count("audit").await, 1, "that it was accepted");
    assert_eq!(
        store.finish(&next, end(&[])).await,
        Ok(true),
        "the new owner was not disturbed"
    );
    store.close().await;
}

async fn whoever_holds_one_of_two_lanes_stores_nothing(place: &Place) {
    let store = place.open().await;
    accept(&store, &[&["esa-1/blocklist", "esa-1/safelist"]]).await;
    let held = claim(&store, "worker-1").await.unwrap();
    for lane in ["esa-1/blocklist", "esa-1/safelist"] {
        place
            .execute(&format!(
                "UPDATE lanes SET epoch = epoch + 1 WHERE name = '{lane}'"
            ))
            .await;
        assert_eq!(store.renew(&held, HOUR).await, FENCED, "{lane}");
        assert_eq!(
            store.journal(&held, &[pair("mallory@example.com")]).await,
            Err(StoreError::Fenced),
            "{lane}"
        );
        assert_eq!(
            store.finish(&held, end(&[])).await,
            Err(StoreError::Fenced),
            "{lane}"
        );
        place
            .execute(&format!(
                "UPDATE lanes SET epoch = epoch - 1 WHERE name = '{lane}'"
            ))
            .await;
    }
    assert_eq!(
        place.count("lanes WHERE owner = 'worker-1'").await,
        2,
        "nothing was let go by halves"
    );
    assert_eq!(store.finish(&held, end(&[])).await, Ok(true));
    store.close().await;
}

async fn a_task_ends_once(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    let held = claim(&store, "worker").await.unwrap();
    assert_eq!(store.finish(&held, end(&["mallory@example.com"])).await, Ok(true));
    assert_eq!(
        store.finish(&held, end(&["mallory@example.com"])).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(store.run(&id).await.unwrap().unwrap().changed_pairs, 1);
    store.close().await;
}

async fn a_released_claim_is_worth_nothing(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    let held = claim(&store, "worker").await.unwrap();
    store.progress(&held, "begun").await.unwrap();
    store.release(&held).await.unwrap();
    assert_eq!(
        store.journal(&held, &[pair("mallory@example.com")]).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(store.finish(&held, end(&[])).await, Err(StoreError::Fenced));
    let task = store.run(&id).await.unwrap().unwrap().tasks.remove(0);
    assert_eq!(
        (task.state, task.progress.as_deref()),
        (TaskState::Queued, Some("begun"))
    );
    store.close().await;
}

async fn the_journal_takes_many_pairs_and_each_once(place: &Place) {
    let store = place.open().await;
    accept(&store, &[&["esa-1/blocklist"]]).await;
    let first = claim_and_be_late(&store, "worker-1").await;
    let pairs: Vec<_> = (0..1050)
        .map(|number| pair(&format!("sender-{number:04}@example.com")))
        .collect();
    store.journal(&first, &[]).await.unwrap();
    store.journal(&first, &pairs[..600]).await.unwrap();
    store.journal(&first, &pairs[400..]).await.unwrap();
    let next = claim(&store, "worker-2").await.unwrap();
    assert_eq!(next.journal, pairs);
    store.finish(&next, end(&[])).await.unwrap();
    assert_eq!(place.count("journal").await, 0, "what is done needs no journal");
    store.close().await;
}
