//! What was changed on a list within the last hour: by whom, how much, and when it is over, by the database's clock.

use crate::place::Place;
use crate::samples::{accept, claim, done, end, pair, run};
use doorlist::store::{
    ADDED, NewRun, REMOVED, Store, StoredChange, TaskEnd, UNPROVEN_ADDED, UNPROVEN_REMOVED, UsedByRun,
};

on_each_store!(
    what_was_changed_within_the_hour_counts_for_its_list_appliance_and_direction,
    what_a_task_under_way_has_journaled_does_not_count_before_its_end,
);

const MINUTE_MS: i64 = 60_000;

fn ended(changes: &[(&str, &'static str)]) -> TaskEnd {
    let change = |(sender, change): &(&str, &'static str)| StoredChange {
        pair: pair(sender),
        change,
        sole: true,
    };
    TaskEnd {
        changed: changes.iter().map(change).collect(),
        ..end(&[])
    }
}

/// Number of the run among these, its pairs, and the minutes until they are over.
fn told(used: &[UsedByRun], runs: &[String]) -> Vec<(usize, i64, i64)> {
    let one = |used: &UsedByRun| {
        let number = runs.iter().position(|run| *run == used.run).unwrap();
        // The test takes less than a minute.
        let minutes = (used.back_in_ms + MINUTE_MS - 1) / MINUTE_MS;
        (number, used.pairs, minutes)
    };
    used.iter().map(one).collect()
}

async fn used(
    store: &Store,
    appliance: &str,
    list: &str,
    is_addition: bool,
    runs: &[String],
) -> Vec<(usize, i64, i64)> {
    let used = store.used_within_the_hour(appliance, list, is_addition).await;
    told(&used.unwrap(), runs)
}

async fn what_was_changed_within_the_hour_counts_for_its_list_appliance_and_direction(place: &Place) {
    let store = place.open().await;
    let first = run(&[&["esa-1/blocklist"]]);
    let of_first = Some(first.id.clone());
    let undo = NewRun {
        undo_of: of_first,
        ..run(&[&["esa-1/blocklist"]])
    };
    let removal = NewRun {
        configuration: String::new(),
        is_remove: true,
        ..run(&[&["esa-1/blocklist"]])
    };
    let mut runs = Vec::new();
    // (run, what it changed, how many minutes ago it ended; less than none where the clock has jumped back since)
    for (new, changes, minutes_ago) in [
        (first, vec![("a", ADDED), ("b", ADDED), ("c", UNPROVEN_ADDED)], 10),
        (undo, vec![("a", REMOVED), ("d", ADDED)], 5),
        (removal, vec![("b", REMOVED)], 5),
        (
            run(&[&["esa-1/blocklist"]]),
            vec![("e", REMOVED), ("f", UNPROVEN_REMOVED), ("g", ADDED)],
            50,
        ),
        (run(&[&["esa-1/blocklist"]]), vec![("h", ADDED)], 61),
        (run(&[&["esa-1/safelist"]]), vec![("a", ADDED)], 1),
        (run(&[&["esa-2/blocklist"]]), vec![("a", ADDED), ("b", ADDED)], 2),
        (run(&[&["esa-1/blocklist"]]), vec![], 3),
        (run(&[&["esa-1/blocklist"]]), vec![("i", ADDED)], -30),
        (run(&[&["esa-1/blocklist"]]), vec![("j", ADDED)], -61),
    ] {
        let id = done(&store, new, ended(&changes), "in_place").await;
        let ago_ms = minutes_ago * MINUTE_MS;
        place
            .execute(&format!(
                "UPDATE tasks SET done_ms = done_ms - {ago_ms} WHERE run = '{id}'"
            ))
            .await;
        runs.push(id);
    }
    for (appliance, list, is_addition, expected) in [
        (
            "esa-1",
            "blocklist",
            true,
            vec![(3, 1, 10), (0, 3, 50), (8, 1, 90)],
        ),
        ("esa-1", "blocklist", false, vec![(3, 2, 10)]),
        ("esa-1", "safelist", true, vec![(5, 1, 59)]),
        ("esa-1", "safelist", false, vec![]),
        ("esa-2", "blocklist", true, vec![(6, 2, 58)]),
        ("esa-3", "blocklist", true, vec![]),
    ] {
        assert_eq!(
            used(&store, appliance, list, is_addition, &runs).await,
            expected,
            "{appliance} {list} {is_addition}"
        );
    }
    store.close().await;
}

async fn what_a_task_under_way_has_journaled_does_not_count_before_its_end(place: &Place) {
    let store = place.open().await;
    let runs = [accept(&store, &[&["esa-1/blocklist"]]).await];
    let begun = claim(&store, "worker").await.unwrap();
    store.journal(&begun, &[pair("a"), pair("b")]).await.unwrap();
    assert_eq!(used(&store, "esa-1", "blocklist", true, &runs).await, []);
    // It is interrupted, and taken up again by another.
    store.release(&begun).await.unwrap();
    let again = claim(&store, "another").await.unwrap();
    assert_eq!((again.attempt, again.journal.len()), (2, 2));
    assert_eq!(used(&store, "esa-1", "blocklist", true, &runs).await, []);
    assert_eq!(
        store.finish(&again, ended(&[("a", ADDED), ("b", ADDED)])).await,
        Ok(true)
    );
    assert_eq!(
        used(&store, "esa-1", "blocklist", true, &runs).await,
        [(0, 2, 60)]
    );
    store.close().await;
}
