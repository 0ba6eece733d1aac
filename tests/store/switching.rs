//! The switch that stops writes: what it stops, from which moment on, and what is kept of who threw it.

use crate::place::Place;
use crate::samples::{accept, author, author_with_reason, claim, end, keyed, pair, run};
use doorlist::store::{
    Accepted, AuditFilter, Direction, NewRun, Restart, RunFilter, Scope, Stopped, Store, StoreError,
};
use std::time::Duration;

on_each_store!(
    what_is_stopped_is_neither_accepted_nor_journaled_and_the_rest_goes_on,
    the_first_who_stopped_stays_and_nothing_is_started_by_another_stop,
    what_is_stopped_stays_so_after_a_restart_and_is_told_to_the_other_server,
    a_call_that_is_refused_leaves_its_key_and_one_that_was_accepted_is_known,
    each_throw_is_in_the_audit,
    after_a_stop_was_answered_nothing_is_kept_however_many_are_at_it,
);

const DIRECTIONS: [Option<Direction>; 3] = [None, Some(Direction::Removing), Some(Direction::Adding)];

/// How many of nothing, removals and additions are let through.
async fn let_through(store: &Store) -> usize {
    let mut accepted = 0;
    for (place, direction) in DIRECTIONS.into_iter().enumerate() {
        let new = NewRun {
            writes: direction,
            ..run(&[&["esa-1/blocklist"]])
        };
        let id = new.id.clone();
        match store.accept(new).await {
            Ok(Accepted::New) => {
                assert_eq!(accepted, place, "{direction:?}");
                accepted += 1;
            }
            Err(StoreError::Stopped(_)) => assert_eq!(store.run(&id).await, Ok(None)),
            other => panic!("{direction:?}: {other:?}"),
        }
    }
    accepted
}

/// Of a claim: how many may still be kept.
async fn let_be_sent(store: &Store) -> usize {
    let held = claim(store, "worker").await.unwrap();
    let mut kept = 0;
    for direction in DIRECTIONS {
        let pairs = [pair("mallory@example.com")];
        let journaled = match direction {
            None => store.journal(&held, &pairs).await,
            Some(direction) => store.journal_unless_stopped(&held, &pairs, direction).await,
        };
        match journaled {
            Ok(_) => kept += 1,
            Err(StoreError::Stopped(_)) => {}
            other => panic!("{direction:?}: {other:?}"),
        }
    }
    store.release(&held).await.unwrap();
    kept
}

async fn what_is_stopped_is_neither_accepted_nor_journaled_and_the_rest_goes_on(place: &Place) {
    let store = place.open().await;
    let ops = author_with_reason("ops", "INC-1", "a bad feed");
    accept(&store, &[&["esa-1/blocklist"]]).await;
    assert_eq!((let_through(&store).await, let_be_sent(&store).await), (3, 3));
    store.stop_writes(Scope::Additions, &ops).await.unwrap();
    let writes = place.count("audit WHERE event = 'write'").await;
    assert_eq!((let_through(&store).await, let_be_sent(&store).await), (2, 2));
    assert_eq!(place.count("audit WHERE event = 'write'").await, writes + 2);
    store.stop_writes(Scope::Everything, &ops).await.unwrap();
    assert_eq!((let_through(&store).await, let_be_sent(&store).await), (1, 1));
    store.start_writes(Restart::Removals, &ops).await.unwrap();
    assert_eq!((let_through(&store).await, let_be_sent(&store).await), (2, 2));
    store.start_writes(Restart::All, &ops).await.unwrap();
    assert_eq!((let_through(&store).await, let_be_sent(&store).await), (3, 3));
    store.close().await;
}

/// Scope and who.
fn told(stopped: Option<Stopped>) -> Option<(Scope, String, String)> {
    stopped.map(|stopped| (stopped.scope, stopped.by_client, stopped.reason))
}

fn by(scope: Scope, client: &str, reason: &str) -> Option<(Scope, String, String)> {
    Some((scope, client.to_owned(), reason.to_owned()))
}

async fn the_first_who_stopped_stays_and_nothing_is_started_by_another_stop(place: &Place) {
    let store = place.open().await;
    let alice = author_with_reason("alice", "INC-1", "a bad feed");
    let bob = author_with_reason("bob", "INC-2", "an appliance is moved");
    let of_alice = by(Scope::Additions, "alice", "a bad feed");
    let of_bob = by(Scope::Everything, "bob", "an appliance is moved");
    assert_eq!(told(store.writes_stopped().await.unwrap()), None);
    let first = store.stop_writes(Scope::Additions, &alice).await.unwrap();
    assert_eq!((told(first.before), told(first.now)), (None, of_alice.clone()));
    let again = store.stop_writes(Scope::Additions, &bob).await.unwrap();
    assert_eq!(
        (told(again.before), told(again.now)),
        (of_alice.clone(), of_alice.clone())
    );
    let wider = store.stop_writes(Scope::Everything, &bob).await.unwrap();
    assert_eq!(
        (told(wider.before), told(wider.now)),
        (of_alice.clone(), of_bob.clone())
    );
    let narrower = store.stop_writes(Scope::Additions, &alice).await.unwrap();
    assert_eq!(told(narrower.now), of_bob.clone());
    let removals = store.start_writes(Restart::Removals, &bob).await.unwrap();
    assert_eq!((told(removals.before), told(removals.now)), (of_bob, of_alice));
    let all = store.start_writes(Restart::All, &bob).await.unwrap();
    assert_eq!(told(all.now), None);
    // Where nobody had stopped additions by themselves, they stay stopped by whoever stopped everything.
    let everything = store.stop_writes(Scope::Everything, &bob).await.unwrap();
    let removals = store.start_writes(Restart::Removals, &alice).await.unwrap();
    let (everything, removals) = (everything.now.unwrap(), removals.now.unwrap());
    assert_eq!(
        (removals.scope, &removals.by_client),
        (Scope::Additions, &everything.by_client)
    );
    assert_eq!(removals.since_ms, everything.since_ms);
    // Nor do they become somebody else's who stops what is stopped already.
    store.start_writes(Restart::All, &bob).await.unwrap();
    store.stop_writes(Scope::Everything, &bob).await.unwrap();
    store.stop_writes(Scope::Additions, &alice).await.unwrap();
    let removals = store.start_writes(Restart::Removals, &alice).await.unwrap();
    assert_eq!(removals.now.unwrap().by_client, "bob");
    store.close().await;
}

async fn what_is_stopped_stays_so_after_a_restart_and_is_told_to_the_other_server(place: &Place) {
    let store = place.open().await;
    let ops = author_with_reason("ops", "INC-1", "a bad feed");
    let stopped = store.stop_writes(Scope::Additions, &ops).await.unwrap().now;
    if !place.is_file() {
        let other = place.open().await;
        assert_eq!(other.writes_stopped().await.unwrap(), stopped);
        other.close().await;
    }
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.writes_stopped().await.unwrap(), stopped);
    store.start_writes(Restart::All, &ops).await.unwrap();
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.writes_stopped().await, Ok(None));
    store.close().await;
}

async fn a_call_that_is_refused_leaves_its_key_and_one_that_was_accepted_is_known(place: &Place) {
    let store = place.open().await;
    let ops = author("ops");
    let addition = |key: &str| NewRun {
        writes: Some(Direction::Adding),
        ..keyed("threatq", key, "fingerprint", Duration::from_secs(3600))
    };
    assert_eq!(store.accept(addition("before")).await, Ok(Accepted::New));
    store.stop_writes(Scope::Additions, &ops).await.unwrap();
    let before = store.accept(addition("before")).await;
    assert!(matches!(before, Ok(Accepted::Known(_))), "{before:?}");
    let refused = store.accept(addition("while")).await;
    assert!(matches!(refused, Err(StoreError::Stopped(_))), "{refused:?}");
    assert_eq!(place.count("idempotency").await, 1);
    store.start_writes(Restart::All, &ops).await.unwrap();
    assert_eq!(store.accept(addition("while")).await, Ok(Accepted::New));
    store.close().await;
}

async fn each_throw_is_in_the_audit(place: &Place) {
    let store = place.open().await;
    let ops = author_with_reason("ops", "INC-1", "a bad feed");
    store.start_writes(Restart::All, &ops).await.unwrap();
    store.stop_writes(Scope::Additions, &ops).await.unwrap();
    store.stop_writes(Scope::Additions, &ops).await.unwrap();
    store.stop_writes(Scope::Everything, &ops).await.unwrap();
    store.start_writes(Restart::Removals, &ops).await.unwrap();
    let filter = AuditFilter {
        limit: 10,
        ..AuditFilter::default()
    };
    let page = store.audit(&filter).await.unwrap();
    let told: Vec<_> = page
        .rows
        .iter()
        .map(|row| (row.event.as_str(), row.detail.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("writes_started", "everything, though nothing was stopped"),
            ("writes_stopped", "additions"),
            ("writes_stopped", "additions, which were stopped already"),
            ("writes_stopped", "everything"),
            ("writes_started", "removals"),
        ]
    );
    for row in page.rows {
        assert_eq!(
            (
                row.client.as_deref(),
                row.ticket.as_deref(),
                row.reason.as_deref()
            ),
            (Some("ops"), Some("INC-1"), Some("a bad feed"))
        );
    }
    store.close().await;
}

/// Journals for additions as fast as it can, until it is refused.
async fn journal_until_refused(store: Store, owner: String) {
    let held = claim(&store, &owner).await.unwrap();
    for number in 0.. {
        let pairs = [pair(&format!("s{number}.example"))];
        match store
            .journal_unless_stopped(&held, &pairs, Direction::Adding)
            .await
        {
            Ok(_) => {}
            Err(StoreError::Stopped(_)) => break,
            Err(error) => panic!("{error}"),
        }
    }
    store.finish(&held, end(&[])).await.unwrap();
}

async fn after_a_stop_was_answered_nothing_is_kept_however_many_are_at_it(place: &Place) {
    let first = place.open().await;
    // A file has one server; a PostgreSQL may have two.
    let second = if place.is_file() {
        first.clone()
    } else {
        place.open().await
    };
    let lanes = ["a/blocklist", "b/blocklist", "c/blocklist", "d/blocklist"];
    let mut workers = Vec::new();
    for (number, lane) in lanes.iter().enumerate() {
        accept(&first, &[&[*lane]]).await;
        let store = if number % 2 == 0 {
            first.clone()
        } else {
            second.clone()
        };
        workers.push(tokio::spawn(journal_until_refused(
            store,
            format!("worker-{number}"),
        )));
    }
    while place.count("journal").await < 40 {
        tokio::task::yield_now().await;
    }
    second
        .stop_writes(Scope::Additions, &author("ops"))
        .await
        .unwrap();
    let kept = place.count("audit WHERE event = 'write'").await;
    for worker in workers {
        worker.await.unwrap();
    }
    let stop = "(SELECT ordinal FROM audit WHERE event = 'writes_stopped')";
    assert_eq!(
        place
            .count(&format!("audit WHERE event = 'write' AND ordinal > {stop}"))
            .await,
        0
    );
    assert_eq!(place.count("audit WHERE event = 'write'").await, kept);
    let open = RunFilter {
        state: Some(doorlist::store::RunState::Open),
        ..RunFilter::default()
    };
    assert_eq!(second.runs(&open).await.unwrap().runs, []);
    first.close().await;
    second.close().await;
}
