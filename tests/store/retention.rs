//! Retention: what ended long ago goes, with everything of it; what is open, owned, or not over yet, stays.

use crate::place::Place;
use crate::samples::{HOUR, accept, author, done, end, keyed, run};
use doorlist::store::{CleanedUp, NewHold, RefusedRights, Retention};
use std::time::Duration;

on_each_store!(
    runs_and_keys_go_when_they_are_over_and_in_batches,
    a_run_that_is_open_stays_however_old_it_is,
    holds_rows_of_the_audit_and_owned_pairs_have_ages_of_their_own,
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
        audit: 400 * DAY,
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
        ..CleanedUp::default()
    };
    assert_eq!(store.clean_up(&keep).await, Ok(removed));
    for (table, left) in [
        ("runs", 2),
        ("tasks", 2),
        ("changed_pairs", 2),
        ("outcomes", 2),
        ("audit", 218 * 3),
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
        audit: 400 * DAY,
    };
    assert_eq!(store.clean_up(&keep).await, Ok(CleanedUp::default()));
    assert!(store.run(&id).await.unwrap().is_some());
    store.close().await;
}

async fn holds_rows_of_the_audit_and_owned_pairs_have_ages_of_their_own(place: &Place) {
    let store = place.open().await;
    let new = run(&[&["esa-1/blocklist"]]);
    done(&store, new, end(&["mallory@example.com"]), "in_place").await;
    // (sender, how many days ago it was put down, held for how many days, ended how many days ago)
    for (sender, age, hold_for, ended) in [
        ("active@example.com", 900, 901, None),
        ("just over@example.com", 400, 1, None),
        ("long over@example.com", 500, 99, None),
        ("just ended@example.com", 500, 900, Some(399)),
        ("long ended@example.com", 500, 900, Some(401)),
    ] {
        let hold = NewHold {
            list: None,
            recipient: None,
            sender: Some(sender.to_owned()),
            hold_for: hold_for * DAY,
        };
        let hold = store.add_hold(hold, &author("alice")).await.unwrap();
        if ended.is_some() {
            store.end_hold(&hold.id, &author("alice")).await.unwrap();
        }
        let (age_ms, ended_ms) = (age * DAY_MS, ended.unwrap_or(0) * DAY_MS);
        place
            .execute(&format!(
                "UPDATE holds SET created_ms = created_ms - {age_ms}, until_ms = until_ms - {age_ms}, \
                 ended_ms = ended_ms - {ended_ms} WHERE id = '{}'",
                hold.id
            ))
            .await;
    }
    for _ in 0..250 {
        store
            .audit_refusal(author("mallory"), RefusedRights::default())
            .await
            .unwrap();
    }
    place
        .execute(&format!(
            "UPDATE audit SET at_ms = at_ms - {} WHERE event <> 'accepted'",
            401 * DAY_MS
        ))
        .await;
    let keep = Retention {
        unchanged: Duration::ZERO,
        changed: 400 * DAY,
        audit: 400 * DAY,
    };
    let removed = CleanedUp {
        holds: 2,
        // Finished and done, five holds of which two were ended, and the refusals.
        audit: 2 + 5 + 2 + 250,
        ..CleanedUp::default()
    };
    assert_eq!(store.clean_up(&keep).await, Ok(removed));
    assert_eq!(place.count("holds WHERE sender LIKE 'long%'").await, 0);
    let keep = Retention {
        changed: Duration::ZERO,
        ..keep
    };
    place.execute("UPDATE runs SET done_ms = done_ms - 1000").await;
    let removed = CleanedUp {
        changed: 1,
        holds: 2,
        ..CleanedUp::default()
    };
    assert_eq!(store.clean_up(&keep).await, Ok(removed), "what is active stays");
    for (table, left) in [
        ("runs", 0),
        ("owned", 1),
        ("holds", 1),
        ("audit WHERE event = 'accepted'", 1),
        ("audit", 1),
    ] {
        assert_eq!(place.count(table).await, left, "{table}");
    }
    store.close().await;
}
