//! The audit: a row for each thing that happened, in the order of the commits, which outlives its run.

use crate::place::Place;
use crate::samples::{HOUR, accept, author, author_with_reason, claim, end, keyed, pair, run};
use doorlist::store::{
    AuditFilter, AuditRow, Author, NewHold, NewRun, RefusedRights, Store, StoredPair, TaskEnd,
};
use std::time::Duration;

on_each_store!(
    each_thing_that_happens_has_a_row_that_says_who_why_and_where,
    holds_and_undos_are_told_with_whoever_wants_them,
    rows_are_found_by_what_they_say,
    whoever_reads_on_misses_nothing_while_others_write,
    what_came_to_nothing_is_not_told,
);

async fn every_row(store: &Store, filter: AuditFilter) -> Vec<AuditRow> {
    let (mut rows, mut filter) = (Vec::new(), filter);
    loop {
        let page = store.audit(&filter).await.unwrap();
        assert!(i64::try_from(page.rows.len()).unwrap() <= filter.limit);
        rows.extend(page.rows);
        filter.after = page.next;
        if filter.after.is_none() {
            return rows;
        }
    }
}

fn all() -> AuditFilter {
    AuditFilter {
        limit: 3,
        ..AuditFilter::default()
    }
}

/// Event, client, appliance and detail.
fn told(rows: &[AuditRow]) -> Vec<[&str; 4]> {
    rows.iter()
        .map(|row| {
            let client = row.client.as_deref().unwrap_or("-");
            [
                &row.event,
                client,
                row.appliance.as_deref().unwrap_or("-"),
                &row.detail,
            ]
        })
        .collect()
}

async fn each_thing_that_happens_has_a_row_that_says_who_why_and_where(place: &Place) {
    let store = place.open().await;
    let mut new = run(&[&["esa-1/blocklist"], &["esa-2/safelist"]]);
    new.author = author_with_reason("threatq", "INC-1", "a campaign");
    new.is_remove = true;
    let id = new.id.clone();
    store.accept(new).await.unwrap();
    let first = claim(&store, "worker").await.unwrap();
    let second = claim(&store, "worker").await.unwrap();
    let pairs: Vec<StoredPair> = (0..120)
        .map(|number| pair(&format!("s{number}@example.com")))
        .collect();
    store.journal(&first, &pairs).await.unwrap();
    store.journal(&first, &[]).await.unwrap();
    store
        .cancel(&id, &author("alice"), "cancelled by alice")
        .await
        .unwrap();
    store.finish(&second, end(&[])).await.unwrap();
    store.finish(&first, end(&["mallory@example.com"])).await.unwrap();
    store.cancel(&id, &author("alice"), "too late").await.unwrap();
    store
        .audit_refusal(
            Author {
                request_id: "request-2".to_owned(),
                ..author("mallory")
            },
            RefusedRights {
                what: "POST /v1/runs: not a client of block-senders".to_owned(),
                configuration: Some("block-senders".to_owned()),
                ..RefusedRights::default()
            },
        )
        .await
        .unwrap();
    let rows = every_row(&store, all()).await;
    assert_eq!(
        told(&rows),
        [
            ["accepted", "threatq", "-", "accepted by a test"],
            ["remove", "threatq", "-", "accepted by a test"],
            ["write", "threatq", "esa-1", "120 pairs"],
            ["cancel", "alice", "-", "cancelled by alice"],
            ["finished", "threatq", "esa-2", "added 0; finished by a test"],
            ["finished", "threatq", "esa-1", "added 1; finished by a test"],
            ["run_done", "threatq", "-", "1 pair changed"],
            [
                "refused_rights",
                "mallory",
                "-",
                "POST /v1/runs: not a client of block-senders"
            ],
        ]
    );
    let ordinals: Vec<i64> = rows.iter().map(|row| row.ordinal).collect();
    assert_eq!(ordinals, (1..=8).collect::<Vec<_>>());
    let expected = AuditRow {
        ordinal: 3,
        at_ms: rows[2].at_ms,
        event: "write".to_owned(),
        client: Some("threatq".to_owned()),
        request_id: Some("request-1".to_owned()),
        ticket: Some("INC-1".to_owned()),
        reason: Some("a campaign".to_owned()),
        action: Some("add-senders".to_owned()),
        configuration: Some("block-senders".to_owned()),
        appliance: Some("esa-1".to_owned()),
        list: Some("blocklist".to_owned()),
        run: Some(id),
        detail: "120 pairs".to_owned(),
    };
    assert_eq!(rows[2], expected);
    assert_eq!(
        (&rows[3].ticket, &rows[3].reason),
        (&None, &None),
        "alice gave none"
    );
    assert_eq!(
        (&rows[7].run, rows[7].request_id.as_deref()),
        (&None, Some("request-2"))
    );
    store.close().await;
}

async fn holds_and_undos_are_told_with_whoever_wants_them(place: &Place) {
    let store = place.open().await;
    let of = |sender: &str| NewHold {
        list: Some("blocklist".to_owned()),
        recipient: None,
        sender: Some(sender.to_owned()),
        // Beyond any calendar.
        hold_for: Duration::MAX,
    };
    let undone = accept(&store, &[&["esa-1/blocklist"]]).await;
    let undo = NewRun {
        author: author("alice"),
        undo_of: Some(undone.clone()),
        ..run(&[&["esa-1/blocklist"]])
    };
    let undo_id = undo.id.clone();
    store.accept(undo).await.unwrap();
    let held = claim(&store, "worker").await.unwrap();
    store.finish(&held, end(&[])).await.unwrap();
    let held = claim(&store, "worker").await.unwrap();
    let ended = TaskEnd {
        holds: vec![of("mallory@example.com"), of("trudy@example.com")],
        ..end(&[])
    };
    store.finish(&held, ended).await.unwrap();
    let again = NewRun {
        author: author("bob"),
        undo_of: Some(undo_id.clone()),
        end_holds_of: Some(undo_id.clone()),
        ..run(&[&["esa-1/blocklist"]])
    };
    let again_id = again.id.clone();
    store.accept(again).await.unwrap();
    let hold = store
        .add_hold(of("eve@example.com"), &author("carol"))
        .await
        .unwrap();
    store.end_hold(&hold.id, &author("dave")).await.unwrap();
    store.end_hold(&hold.id, &author("dave")).await.unwrap();
    let rows = every_row(&store, all()).await;
    let entries = "recipient any, sender eve@example.com";
    assert_eq!(
        told(&rows),
        [
            ["accepted", "threatq", "-", "accepted by a test"],
            ["accepted", "alice", "-", "accepted by a test"],
            ["undo", "alice", "-", &format!("by run {undo_id}")],
            ["finished", "threatq", "esa-1", "added 0; finished by a test"],
            ["run_done", "threatq", "-", "0 pairs changed"],
            ["finished", "alice", "esa-1", "added 0; finished by a test"],
            ["hold", "alice", "esa-1", "2 holds"],
            ["run_done", "alice", "-", "0 pairs changed"],
            ["accepted", "bob", "-", "accepted by a test"],
            ["undo", "bob", "-", &format!("by run {again_id}")],
            ["hold_ended", "bob", "-", &format!("2 holds of run {undo_id}")],
            ["hold", "carol", "-", entries],
            ["hold_ended", "dave", "-", entries],
        ]
    );
    // (row, its run, its list)
    for (row, run, list) in [
        (2, Some(&undone), None),
        (6, Some(&undo_id), Some("blocklist")),
        (9, Some(&undo_id), None),
        (10, Some(&again_id), None),
        (11, None, Some("blocklist")),
        (12, None, Some("blocklist")),
    ] {
        assert_eq!(
            (rows[row].run.as_ref(), rows[row].list.as_deref()),
            (run, list),
            "{row}"
        );
    }
    store.close().await;
}

async fn rows_are_found_by_what_they_say(place: &Place) {
    let store = place.open().await;
    let first = keyed("threatq", "key", "print", HOUR);
    let first_id = first.id.clone();
    store.accept(first).await.unwrap();
    store
        .accept(keyed("threatq", "key", "print", HOUR))
        .await
        .unwrap();
    store
        .accept(keyed("threatq", "key", "another print", HOUR))
        .await
        .unwrap();
    let mut other = keyed("soar", "key", "print", HOUR);
    other.configuration = "block-more".to_owned();
    store.accept(other).await.unwrap();
    let held = claim(&store, "worker").await.unwrap();
    store.finish(&held, end(&[])).await.unwrap();
    let refused = RefusedRights {
        what: "cancel".to_owned(),
        ..RefusedRights::default()
    };
    store.audit_refusal(author("soar"), refused).await.unwrap();
    // Accepted, replayed twice, accepted, finished, done, refused.
    place.execute("UPDATE audit SET at_ms = ordinal * 1000").await;
    let text = |text: &str| Some(text.to_owned());
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let none = all;
    // (filter, places of the rows)
    for (filter, expected) in [
        (none(), vec![1, 2, 3, 4, 5, 6, 7]),
        (
            AuditFilter {
                client: text("soar"),
                ..none()
            },
            vec![4, 7],
        ),
        (
            AuditFilter {
                run: text(&first_id),
                ..none()
            },
            vec![1, 2, 3, 5, 6],
        ),
        (
            AuditFilter {
                event: text("replayed"),
                ..none()
            },
            vec![2, 3],
        ),
        (
            AuditFilter {
                configurations: names(&["block-more"]),
                ..none()
            },
            vec![4],
        ),
        (
            AuditFilter {
                configurations: names(&["block-more", "block-senders"]),
                ..none()
            },
            vec![1, 2, 3, 4, 5, 6],
        ),
        (
            AuditFilter {
                configurations: names(&[]),
                ..none()
            },
            vec![],
        ),
        (
            AuditFilter {
                appliance: text("esa-1"),
                ..none()
            },
            vec![5],
        ),
        (
            AuditFilter {
                from_ms: Some(2000),
                to_ms: Some(5000),
                ..none()
            },
            vec![2, 3, 4],
        ),
        (
            AuditFilter {
                after: Some(5),
                ..none()
            },
            vec![6, 7],
        ),
        (
            AuditFilter {
                after: Some(7),
                ..none()
            },
            vec![],
        ),
    ] {
        let found = every_row(&store, filter.clone()).await;
        let found: Vec<i64> = found.iter().map(|row| row.ordinal).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    let replayed = AuditFilter {
        event: text("replayed"),
        ..none()
    };
    let replayed = every_row(&store, replayed).await;
    let details: Vec<&str> = replayed.iter().map(|row| row.detail.as_str()).collect();
    assert_eq!(
        details,
        [
            "the same call again",
            "another call under the same idempotency key"
        ]
    );
    store.close().await;
}

async fn whoever_reads_on_misses_nothing_while_others_write(place: &Place) {
    const WRITERS: usize = 8;
    const EACH: usize = 25;
    let store = place.open().await;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            for _ in 0..EACH {
                accept(&store, &[&["esa-1/blocklist"]]).await;
            }
        });
    }
    let (mut seen, mut filter) = (Vec::new(), all());
    while seen.len() < WRITERS * EACH {
        let is_last_look = writers.is_empty();
        while writers.try_join_next().is_some() {}
        let page = store.audit(&filter).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.ordinal));
        filter.after = seen.last().copied();
        assert!(
            !is_last_look || !page.rows.is_empty(),
            "only {} rows were seen",
            seen.len()
        );
    }
    let expected: Vec<i64> = (1..=i64::try_from(WRITERS * EACH).unwrap()).collect();
    assert_eq!(seen, expected);
    store.close().await;
}

async fn what_came_to_nothing_is_not_told(place: &Place) {
    let store = place.open().await;
    let new = run(&[&["esa-1/blocklist"]]);
    store.accept(new.clone()).await.unwrap();
    assert!(store.accept(new).await.is_err(), "its id is taken");
    let held = claim(&store, "worker").await.unwrap();
    store.release(&held).await.unwrap();
    assert!(
        store
            .journal(&held, &[pair("mallory@example.com")])
            .await
            .is_err()
    );
    assert!(store.finish(&held, end(&[])).await.is_err());
    store
        .cancel("no-such-run", &author("alice"), "lost")
        .await
        .unwrap();
    let rows = every_row(&store, all()).await;
    assert_eq!(told(&rows), [["accepted", "threatq", "-", "accepted by a test"]]);
    accept(&store, &[&["esa-1/blocklist"]]).await;
    let ordinals: Vec<i64> = every_row(&store, all())
        .await
        .iter()
        .map(|row| row.ordinal)
        .collect();
    assert_eq!(ordinals, [1, 2], "no place is lost");
    store.close().await;
}
