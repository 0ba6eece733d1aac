//! Accepting: what is acknowledged is there after a restart, and a key stands for one call.

use crate::place::Place;
use crate::samples::{HOUR, accept, keyed, run};
use doorlist::store::{Accepted, IdempotentRun, RunState, StoreError, TaskState};
use std::time::Duration;

on_each_store!(
    an_accepted_run_is_there_after_a_restart,
    a_key_stands_for_one_call_of_one_client,
    of_many_calls_with_one_key_one_is_stored,
    a_run_that_cannot_be_stored_spoils_no_other,
    what_would_never_end_is_refused,
);

async fn an_accepted_run_is_there_after_a_restart(place: &Place) {
    let store = place.open().await;
    let new = run(&[&["esa-1/blocklist", "esa-1/safelist"], &["esa-2/blocklist"]]);
    assert_eq!(store.accept(new.clone()).await, Ok(Accepted::New));
    store.close().await;
    let store = place.open().await;
    let kept = store.run(&new.id).await.unwrap().unwrap();
    assert_eq!(
        [
            &kept.id,
            &kept.client,
            &kept.action,
            &kept.configuration,
            &kept.request_id,
            &kept.document
        ],
        [
            &new.id,
            &new.author.client,
            &new.action,
            &new.configuration,
            &new.author.request_id,
            &new.document
        ]
    );
    assert_eq!(
        (kept.state, kept.done_ms, kept.report),
        (RunState::Open, None, None)
    );
    assert!(kept.created_ms > 1_600_000_000_000 && kept.created_ms <= kept.now_ms);
    let tasks: Vec<_> = kept
        .tasks
        .iter()
        .map(|task| (task.place, &*task.appliance, &*task.list, task.state))
        .collect();
    assert_eq!(
        tasks,
        [
            (0, "esa-1", "blocklist", TaskState::Queued),
            (1, "esa-2", "blocklist", TaskState::Queued)
        ]
    );
    assert_eq!(store.run("no-such-run").await, Ok(None));
    store.close().await;
}

async fn a_key_stands_for_one_call_of_one_client(place: &Place) {
    let store = place.open().await;
    let first = keyed("threatq", "key-1", "print-1", HOUR);
    let first_id = first.id.clone();
    assert_eq!(store.accept(first).await, Ok(Accepted::New));
    let known = |accepted| match accepted {
        Ok(Accepted::Known(IdempotentRun {
            run,
            fingerprint,
            age_ms,
        })) if age_ms >= 0 => Some((run, fingerprint)),
        Ok(_) => None,
        Err(error) => panic!("{error}"),
    };
    let same = Some((first_id.clone(), "print-1".to_owned()));
    // (what, client, key, fingerprint, how long it is kept, what it is)
    for (what, client, key, fingerprint, keep, expected) in [
        ("the same call", "threatq", "key-1", "print-1", HOUR, same.clone()),
        (
            "another body: it is for the caller to refuse",
            "threatq",
            "key-1",
            "print-2",
            HOUR,
            same.clone(),
        ),
        ("another client", "soar", "key-1", "print-1", HOUR, None),
        (
            "another key, over at once",
            "threatq",
            "key-2",
            "print-1",
            Duration::ZERO,
            None,
        ),
        (
            "the same key after it was over",
            "threatq",
            "key-2",
            "print-3",
            HOUR,
            None,
        ),
    ] {
        let run = keyed(client, key, fingerprint, keep);
        let id = run.id.clone();
        assert_eq!(known(store.accept(run).await), expected, "{what}");
        assert_eq!(
            store.run(&id).await.unwrap().is_some(),
            expected.is_none(),
            "{what}"
        );
    }
    let found = store.idempotent("threatq", "key-1").await.unwrap().unwrap();
    assert_eq!((found.run, found.fingerprint), (first_id, "print-1".to_owned()));
    assert_eq!(store.idempotent("nobody", "key-1").await, Ok(None));
    store.close().await;
}

async fn of_many_calls_with_one_key_one_is_stored(place: &Place) {
    let store = place.open().await;
    let calls: Vec<_> = (0..24)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.accept(keyed("threatq", "key", "print", HOUR)).await })
        })
        .collect();
    let mut new = 0;
    for call in calls {
        new += usize::from(call.await.unwrap().unwrap() == Accepted::New);
    }
    assert_eq!((new, place.count("runs").await), (1, 1));
    for (event, number) in [("accepted", 1), ("replayed", 23)] {
        let rows = place.count(&format!("audit WHERE event = '{event}'")).await;
        assert_eq!(rows, number, "{event}");
    }
    store.close().await;
}

async fn a_run_that_cannot_be_stored_spoils_no_other(place: &Place) {
    let store = place.open().await;
    let taken = accept(&store, &[&["esa-1/blocklist"]]).await;
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let mut run = run(&[&["esa-1/blocklist"]]);
            if number % 10 == 3 {
                // Its key is stored before it fails, and must not stay.
                run = keyed("threatq", &format!("key-{number}"), "print", HOUR);
                run.id.clone_from(&taken);
            }
            let store = store.clone();
            tokio::spawn(async move { store.accept(run).await })
        })
        .collect();
    for (number, call) in calls.into_iter().enumerate() {
        let accepted = call.await.unwrap();
        if number % 10 == 3 {
            assert!(
                matches!(accepted, Err(StoreError::Broken(_))),
                "{number}: {accepted:?}"
            );
        } else {
            assert_eq!(accepted, Ok(Accepted::New), "{number}");
        }
    }
    assert_eq!((place.count("runs").await, place.count("tasks").await), (37, 37));
    assert_eq!(place.count("idempotency").await, 0);
    store.close().await;
}

async fn what_would_never_end_is_refused(place: &Place) {
    let store = place.open().await;
    let without_tasks = run(&[]);
    let mut without_lanes = run(&[&["esa-1/blocklist"]]);
    without_lanes.tasks[0].lanes.clear();
    for run in [without_tasks, without_lanes] {
        assert!(matches!(store.accept(run).await, Err(StoreError::Broken(_))));
    }
    assert_eq!(place.count("runs").await, 0);
    store.close().await;
}
