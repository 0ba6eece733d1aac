//! A store that the first version left behind: what it changed is owned now, and its audit is read on.

use crate::place::Place;
use crate::samples::accept;
use doorlist::store::{AuditFilter, Side, Store};

on_each_store!(what_the_first_version_changed_is_owned_and_its_audit_has_an_order);

/// A sender, what the runs did with its pair, and by which run it is owned since when.
type Case = (&'static str, &'static [(i64, &'static str)], Option<(i64, i64)>);

/// Everything that the second migration adds, taken away again.
async fn take_back_the_second_migration(place: &Place) {
    for index in [
        "runs_of_configuration_in_order",
        "runs_by_ticket",
        "runs_by_undo_of",
        "audit_by_ordinal",
        "audit_by_time",
    ] {
        place.execute(&format!("DROP INDEX {index}")).await;
    }
    for table in ["owned", "holds", "counters"] {
        place.execute(&format!("DROP TABLE {table}")).await;
    }
    let of_runs = ["ticket", "reason", "undo_of"].map(|column| ("runs", column));
    let of_audit = [
        "ordinal",
        "client",
        "request_id",
        "ticket",
        "reason",
        "action",
        "configuration",
        "appliance",
        "list",
    ]
    .map(|column| ("audit", column));
    let of_pairs = [("changed_pairs", "was_ours")];
    for (table, column) in of_runs.into_iter().chain(of_audit).chain(of_pairs) {
        place
            .execute(&format!("ALTER TABLE {table} DROP COLUMN {column}"))
            .await;
    }
    place
        .execute("DELETE FROM _sqlx_migrations WHERE version = 2")
        .await;
}

/// A run with one task, as the first version kept it.
async fn insert_run(place: &Place, ordinal: i64, done_ms: &str) {
    place
        .execute(&format!(
            "INSERT INTO runs (id, ordinal, client, action, configuration, request_id, document, tasks_open, \
             changed_pairs, created_ms) VALUES ('run-{ordinal}', {ordinal}, 'threatq', 'add-senders', 'block', \
             'request-{ordinal}', '', 0, 0, {ordinal}000)"
        ))
        .await;
    place
        .execute(&format!(
            "INSERT INTO tasks (run, place, appliance, list, state, attempt, done_ms) \
             VALUES ('run-{ordinal}', 0, 'esa-1', 'blocklist', 'done', 1, {done_ms})"
        ))
        .await;
    // The clock jumped back between the runs: their order is another one than that of their times.
    place
        .execute(&format!(
            "INSERT INTO audit (id, run, at_ms, event, detail) VALUES ('audit-{ordinal}', 'run-{ordinal}', \
             {ordinal}, 'accepted', 'the first version')"
        ))
        .await;
}

async fn what_the_first_version_changed_is_owned_and_its_audit_has_an_order(place: &Place) {
    place.open().await.close().await;
    take_back_the_second_migration(place).await;
    insert_run(place, 1, "1500").await;
    insert_run(place, 2, "NULL").await;
    insert_run(place, 3, "300").await;
    let cases: [Case; 6] = [
        ("added", &[(1, "added")], Some((1, 1500))),
        ("added twice", &[(1, "added"), (2, "added")], Some((2, 2000))),
        ("removed", &[(1, "added"), (3, "removed")], None),
        ("removed alone", &[(2, "removed")], None),
        (
            "added again",
            &[(1, "added"), (2, "removed"), (3, "added")],
            Some((3, 300)),
        ),
        ("both", &[(1, "added"), (1, "removed")], None),
    ];
    for (sender, changes, _) in &cases {
        for (run, change) in *changes {
            place
                .execute(&format!(
                    "INSERT INTO changed_pairs (run, place, recipient, sender, change, sole) \
                     VALUES ('run-{run}', 0, 'alice@example.org', '{sender}', '{change}', 1)"
                ))
                .await;
        }
    }
    place
        .execute(
            "INSERT INTO audit (id, run, at_ms, event, detail) VALUES ('audit-4', 'run-1', 4, 'cancel', 'by bob: why')",
        )
        .await;
    let store = place.open().await;
    for (sender, changes, expected) in cases {
        let owned = store.owned_of(sender, Side::Sender, None, None).await.unwrap();
        let owned: Vec<_> = owned
            .into_iter()
            .map(|owned| (owned.run, owned.since_ms))
            .collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(run, ms)| (format!("run-{run}"), ms))
            .collect();
        assert_eq!(owned, expected, "{sender} {changes:?}");
    }
    let new = accept(&store, &[&["esa-1/blocklist"]]).await;
    assert_eq!(
        audit(&store).await,
        [
            (1, "run-1".to_owned(), Some("threatq".to_owned())),
            (2, "run-2".to_owned(), Some("threatq".to_owned())),
            (3, "run-3".to_owned(), Some("threatq".to_owned())),
            (4, "run-1".to_owned(), None),
            (5, new, Some("threatq".to_owned())),
        ]
    );
    store.close().await;
}

/// Place, run and client of each row.
async fn audit(store: &Store) -> Vec<(i64, String, Option<String>)> {
    let all = AuditFilter {
        limit: 100,
        ..AuditFilter::default()
    };
    let rows = store.audit(&all).await.unwrap().rows;
    rows.into_iter()
        .map(|row| (row.ordinal, row.run.unwrap(), row.client))
        .collect()
}
