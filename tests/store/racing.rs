//! Many workers at once, on one store or on several: each task is taken once, and nobody meets anybody in a lane.

use crate::place::Place;
use crate::samples::{HOUR, end, run};
use doorlist::store::{Accepted, RunFilter, RunState, Store};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

on_each_store!(each_task_is_taken_once_and_lanes_never_overlap);

const WORKERS: usize = 16;
const RUNS: usize = 60;

/// What the workers see together.
#[derive(Default)]
struct Seen {
    busy: BTreeSet<String>,
    ended: BTreeSet<(String, i64)>,
}

async fn each_task_is_taken_once_and_lanes_never_overlap(place: &Place) {
    let first = place.open().await;
    // A file has one server; a PostgreSQL may have two.
    let second = if place.is_file() {
        first.clone()
    } else {
        place.open().await
    };
    let mut tasks = 0;
    for number in 0..RUNS {
        let lanes = [
            "esa-1/blocklist",
            "esa-1/safelist",
            "esa-2/blocklist",
            "esa-2/safelist",
        ];
        let one = &lanes[number % 4..][..1];
        let both = &lanes[number % 2 * 2..][..2];
        let run = if number % 3 == 0 {
            run(&[both])
        } else {
            run(&[one, both])
        };
        tasks += run.tasks.len();
        assert_eq!(first.accept(run).await, Ok(Accepted::New));
    }
    let seen = Arc::new(Mutex::new(Seen::default()));
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            let store = if number % 2 == 0 {
                first.clone()
            } else {
                second.clone()
            };
            tokio::spawn(work(store, format!("worker-{number}"), seen.clone(), tasks))
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let open = RunFilter {
        state: Some(RunState::Open),
        ..RunFilter::default()
    };
    assert_eq!(second.runs(&open).await.unwrap().runs, []);
    assert_eq!(place.count("tasks WHERE attempt <> 1").await, 0);
    first.close().await;
    second.close().await;
}

async fn work(store: Store, owner: String, seen: Arc<Mutex<Seen>>, tasks: usize) {
    while seen.lock().unwrap().ended.len() < tasks {
        let Some(claim) = store.claim(&owner, HOUR).await.unwrap() else {
            tokio::task::yield_now().await;
            continue;
        };
        for lane in &claim.lanes {
            assert!(
                seen.lock().unwrap().busy.insert(lane.clone()),
                "{lane} is held twice"
            );
        }
        store.renew(&claim, HOUR).await.unwrap();
        {
            let mut seen = seen.lock().unwrap();
            for lane in &claim.lanes {
                seen.busy.remove(lane);
            }
            assert!(seen.ended.insert((claim.run.clone(), claim.place)), "taken twice");
        }
        store.finish(&claim, end(&[])).await.unwrap();
    }
}
