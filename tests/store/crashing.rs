//! A server that is killed: a child accepts in a loop and tells each run that was acknowledged; whatever it told is
//! there afterwards. (That the disk itself was waited for, a kill cannot show: the system keeps what was written.)

use crate::place::Place;
use crate::samples::run;
use doorlist::store::{Accepted, Store};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

on_each_store!(what_was_acknowledged_before_a_kill_is_there);

/// Tells the child where to accept.
const CHILD_URL: &str = "DOORLIST_TEST_CHILD_STORE";
/// Before what it says to us, among what the test harness prints.
const ACKNOWLEDGED: &str = "acknowledged ";
const KILLS: usize = 3;
const RUNS_BEFORE_A_KILL: usize = 100;

async fn what_was_acknowledged_before_a_kill_is_there(place: &Place) {
    let mut acknowledged = Vec::new();
    for kill in 1..=KILLS {
        acknowledged.extend(accept_until_killed(&place.url));
        let store = place.open().await;
        for id in &acknowledged {
            let kept = store.run(id).await.unwrap();
            assert_eq!(kept.map(|run| run.tasks.len()), Some(1), "{id} after kill {kill}");
        }
        store.close().await;
    }
    assert!(acknowledged.len() >= KILLS * RUNS_BEFORE_A_KILL);
    let whole = "runs WHERE (SELECT COUNT(*) FROM tasks t JOIN waiting w ON w.run = t.run \
                 JOIN audit a ON a.run = t.run WHERE t.run = runs.id) <> 1";
    assert_eq!(place.count(whole).await, 0, "no run is there by halves");
}

/// SIGKILL in the middle of accepting; what was told until then.
fn accept_until_killed(url: &str) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crashing::a_child_that_accepts_until_it_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(CHILD_URL, url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some((_, id)) = line.split_once(ACKNOWLEDGED) {
            told.push(id.to_owned());
        }
        if told.len() == RUNS_BEFORE_A_KILL {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success());
    told
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started, and killed, by what_was_acknowledged_before_a_kill_is_there"]
async fn a_child_that_accepts_until_it_is_killed() {
    let url = std::env::var(CHILD_URL).expect("who starts it tells where to accept");
    let store = Store::open(&url).await.unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        callers.spawn(accept_and_tell(store.clone()));
    }
    callers.join_next().await.unwrap().unwrap();
}

async fn accept_and_tell(store: Store) {
    loop {
        let run = run(&[&["esa-1/blocklist"]]);
        let id = run.id.clone();
        assert_eq!(store.accept(run).await, Ok(Accepted::New));
        // One write, so that a line is there as a whole or not at all.
        let line = format!("{ACKNOWLEDGED}{id}\n");
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }
}
