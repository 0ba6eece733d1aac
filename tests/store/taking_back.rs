//! Taking back: which run takes which one back, with what reason and ticket, and what there is to take back.

use crate::place::Place;
use crate::samples::{accept, author_with_reason, claim, end, pair, run};
use doorlist::store::{
    ADDED, Accepted, NewRun, REMOVED, RunFilter, StoredChange, TaskChanges, TaskEnd, UNPROVEN_ADDED,
};

on_each_store!(
    a_run_keeps_its_ticket_its_reason_and_what_it_takes_back,
    what_a_run_changed_is_told_by_task,
);

const LANES: &[&[&str]] = &[&["esa-1/blocklist"]];

fn undo(undone: &str, ticket: &str) -> NewRun {
    NewRun {
        author: author_with_reason("alice", ticket, "a false positive"),
        undo_of: Some(undone.to_owned()),
        ..run(LANES)
    }
}

async fn a_run_keeps_its_ticket_its_reason_and_what_it_takes_back(place: &Place) {
    let store = place.open().await;
    let undone = accept(&store, LANES).await;
    let first = undo(&undone, "INC-1");
    let second = undo(&undone, "INC-2");
    let of_first = undo(&first.id, "INC-1");
    for new in [&first, &second, &of_first] {
        assert_eq!(store.accept(new.clone()).await, Ok(Accepted::New));
    }
    let kept = store.run(&first.id).await.unwrap().unwrap();
    let kept = [kept.ticket, kept.reason, kept.undo_of].map(Option::unwrap);
    assert_eq!(kept, ["INC-1", "a false positive", &undone]);
    let kept = store.run(&undone).await.unwrap().unwrap();
    assert_eq!([kept.ticket, kept.reason, kept.undo_of], [None, None, None]);
    // (run, by which it is taken back)
    for (run, expected) in [
        (&undone, vec![&first.id, &second.id]),
        (&first.id, vec![&of_first.id]),
        (&second.id, vec![]),
    ] {
        assert_eq!(
            store.undone_by(run).await.unwrap().iter().collect::<Vec<_>>(),
            expected
        );
    }
    // (ticket, undone run, which runs, newest first)
    for (ticket, undo_of, expected) in [
        (Some("INC-1"), None, vec![&of_first, &first]),
        (Some("INC-2"), None, vec![&second]),
        (Some("INC-3"), None, vec![]),
        (None, Some(&undone), vec![&second, &first]),
        (Some("INC-1"), Some(&undone), vec![&first]),
        (None, Some(&second.id), vec![]),
    ] {
        let filter = RunFilter {
            ticket: ticket.map(str::to_owned),
            undo_of: undo_of.cloned(),
            limit: 10,
            ..RunFilter::default()
        };
        let found = store.runs(&filter).await.unwrap().runs;
        let found: Vec<_> = found.iter().map(|run| (&run.id, run.ticket.as_deref())).collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|run| (&run.id, run.author.ticket.as_deref()))
            .collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    store.close().await;
}

async fn what_a_run_changed_is_told_by_task(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"], &["esa-2/blocklist"]]).await;
    let first = claim(&store, "worker").await.unwrap();
    let second = claim(&store, "worker").await.unwrap();
    let change = |sender, change, sole| StoredChange {
        pair: pair(sender),
        change,
        sole,
    };
    let changes = [
        change("a@example.com", ADDED, true),
        change("a@example.com", REMOVED, false),
        change("b@example.com", UNPROVEN_ADDED, false),
        change("c@example.com", REMOVED, true),
    ];
    let end_of_second = TaskEnd {
        changed: changes.iter().rev().cloned().collect(),
        ..end(&[])
    };
    store.finish(&second, end_of_second).await.unwrap();
    let task = |place: i64, changes: &[StoredChange]| TaskChanges {
        place,
        appliance: format!("esa-{}", place + 1),
        list: "blocklist".to_owned(),
        changes: changes.to_vec(),
    };
    assert_eq!(
        store.changes_of(&id).await,
        Ok(vec![task(0, &[]), task(1, &changes)])
    );
    store.finish(&first, end(&[])).await.unwrap();
    assert_eq!(store.run(&id).await.unwrap().unwrap().changed_pairs, 3);
    assert_eq!(store.changes_of("no-such-run").await, Ok(Vec::new()));
    store.close().await;
}
