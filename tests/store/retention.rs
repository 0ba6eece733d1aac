//! Retention: what ended long ago goes, with everything of it; what is open, or not over yet, stays.

use crate::place::Place;
use crate::samples::{HOUR, accept, done, end, keyed, run};
use doorlist::store::{CleanedUp, Retention};
use std::time::Duration;

on_each_store!(
    runs_and_keys_go_when_they_are_over_and_in_batches,
    a_run_that_is_open_stays_however_old_it_is,
);

const DAY: Duration = Duration::from_secs(24 * 3600);
const DAY_MS: i64 = 24 * 3600 * 1000;

async fn runs_and_keys_go_when_they_are_over_and_in_batches(place: &Place) {
    let store = place.open().await;
    // More than two batches of 100.
    for _ in 0..215 {
        done(
            &store,
            keyed("threatq", &uuid::Uuid::now_v7().to_string(), "print", HOUR),
            end(&[]),
            "in_place",
        )
        .await;
    }
    let mut changed = Vec::new();
    for _ in 0..3 {
        changed.push(
            done(
                &store,
                run(&[&["esa-1/blocklist"]]),
                end(&["mallory@example.com"]),
                "in_place",
            )
            .await,
        );
    }
    let keep = Retention {
        unchanged: 30 * DAY,
        changed: 400 * DAY,
    };
    assert_eq!(
        store.clean_up(&keep).await,
        Ok(CleanedUp::default()),
        "nothing is over"
    );
    place
        .execute(&format!("UPDATE runs SET done_ms = done_ms - {}", 31 * DAY_MS))
        .await;
    place
        .execute(&format!(
            "UPDATE runs SET done_ms = done_ms - {} WHERE id = '{}'",
            370 * DAY_MS,
            changed[0]
        ))
        .await;
    let removed = CleanedUp {
        unchanged: 215,
        changed: 1,
        keys: 0,
    };
    assert_eq!(store.clean_up(&keep).await, Ok(removed));
    for (table, left) in [
        ("runs", 2),
        ("tasks", 2),
        ("changed_pairs", 2),
        ("outcomes", 2),
        ("audit", 4),
        ("idempotency", 0),
    ] {
        assert_eq!(place.count(table).await, left, "{table}");
    }
    assert_eq!(store.run(&changed[0]).await, Ok(None));
    assert!(store.run(&changed[1]).await.unwrap().is_some());
    for _ in 0..3 {
        store
            .accept(keyed(
                "threatq",
                &uuid::Uuid::now_v7().to_string(),
                "print",
                Duration::ZERO,
            ))
            .await
            .unwrap();
    }
    store
        .accept(keyed("threatq", "kept", "print", HOUR))
        .await
        .unwrap();
    let removed = CleanedUp {
        keys: 3,
        ..CleanedUp::default()
    };
    assert_eq!(
        store.clean_up(&keep).await,
        Ok(removed),
        "their runs are open and stay"
    );
    assert_eq!(
        (place.count("runs").await, place.count("idempotency").await),
        (6, 1)
    );
    store.close().await;
}

async fn a_run_that_is_open_stays_however_old_it_is(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    place
        .execute(&format!(
            "UPDATE runs SET created_ms = created_ms - {}",
            1000 * DAY_MS
        ))
        .await;
    let keep = Retention {
        unchanged: Duration::ZERO,
        changed: Duration::ZERO,
    };
    assert_eq!(store.clean_up(&keep).await, Ok(CleanedUp::default()));
    assert!(store.run(&id).await.unwrap().is_some());
    store.close().await;
}
