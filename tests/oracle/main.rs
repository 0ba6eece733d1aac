//! The oracle: seeded random runs against an appliance that keeps books, and every outcome held against what really
//! happened to each pair. `draw.rs` makes a story from a seed, `play.rs` plays it in memory and `sockets.rs` over
//! HTTP, `judge.rs` looks for untruths, `shrink.rs` makes a failing story small.
//!
//! `DOORLIST_ORACLE_RUNS=n` and `DOORLIST_ORACLE_SOCKET_RUNS=n` play more of them than every `cargo test` needs;
//! `DOORLIST_ORACLE_SEED=n` plays one, and shrinks it if it fails. RELIABILITY.md has the figures.

#![expect(
    unreachable_pub,
    reason = "a test binary has no public side; `pub` marks what a module offers"
)]

mod additions;
mod calm;
mod claim;
mod deletions;
mod dice;
mod draw;
mod extractions;
mod judge;
mod play;
mod shrink;
mod sockets;
mod story;
mod tally;
mod trace;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use story::Story;
use tally::Tally;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Runs that every `cargo test` plays.
const RUNS: u64 = 2_000;
/// The same over sockets, where waits are real.
const SOCKET_RUNS: u64 = 40;
const SOCKET_RUNS_AT_ONCE: usize = 32;

#[test]
fn no_run_in_memory_is_untrue() {
    let seeds = match number("DOORLIST_ORACLE_SEED") {
        Some(only) => only..only + 1,
        None => 0..number("DOORLIST_ORACLE_RUNS").unwrap_or(RUNS),
    };
    let (next, total) = (AtomicU64::new(seeds.start), Mutex::new(Tally::default()));
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut tally = Tally::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let untruths = play(&draw::story(seed), Some(&mut tally));
                    if !untruths.is_empty() {
                        failed.lock().expect("no thread breaks").push((seed, untruths));
                    }
                }
                total.lock().expect("no thread breaks").add(tally);
            });
        }
    });
    println!("{}", total.into_inner().expect("no thread breaks"));
    let mut failed = failed.into_inner().expect("no thread breaks");
    failed.sort();
    assert!(failed.is_empty(), "{}", explain(&failed));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_run_over_sockets_is_untrue() {
    // Single pairs and holds are no call over HTTP.
    let is_a_call = |seed: &u64| !draw::story(*seed).is_beyond_http();
    let seeds: Vec<u64> = match number("DOORLIST_ORACLE_SEED") {
        Some(only) => [only].into_iter().filter(is_a_call).collect(),
        None => {
            let runs = number("DOORLIST_ORACLE_SOCKET_RUNS").unwrap_or(SOCKET_RUNS);
            (0..).filter(is_a_call).take(runs as usize).collect()
        }
    };
    let places = Arc::new(Semaphore::new(SOCKET_RUNS_AT_ONCE));
    let mut runs = JoinSet::new();
    for seed in seeds {
        let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
        runs.spawn(async move {
            let story = draw::story(seed);
            let played = sockets::play(&story).await;
            drop(place);
            (seed, judge::judge(&story, &played), story, played)
        });
    }
    let (mut tally, mut failed) = (Tally::default(), Vec::new());
    while let Some(run) = runs.join_next().await {
        let (seed, untruths, story, played) = run.expect("a run over sockets does not panic");
        tally.count(&story, &played);
        if !untruths.is_empty() {
            failed.push(format!(
                "seed {seed}:\n  {}\n{}{}",
                untruths.join("\n  "),
                story.describe(),
                played.trace.describe()
            ));
        }
    }
    println!("over sockets: {tally}");
    assert!(
        failed.is_empty(),
        "{} runs were untrue\n{}\nrepeat one with: DOORLIST_ORACLE_SEED=n cargo test --test oracle sockets",
        failed.len(),
        failed.join("\n")
    );
}

/// Plays a story and judges it. A loop that panics is as bad as one that lies.
fn play(story: &Story, tally: Option<&mut Tally>) -> Vec<String> {
    let played = catch_unwind(AssertUnwindSafe(|| play::play(story)));
    match played {
        Ok(played) => {
            if let Some(tally) = tally {
                tally.count(story, &played);
            }
            judge::judge(story, &played)
        }
        Err(_) => vec!["the loop panicked".to_owned()],
    }
}

fn explain(failed: &[(u64, Vec<String>)]) -> String {
    let seeds: Vec<String> = failed.iter().map(|(seed, _)| seed.to_string()).collect();
    let (seed, untruths) = &failed[0];
    let story = shrink::shrink(&draw::story(*seed), &|story| !play(story, None).is_empty());
    let calls = catch_unwind(AssertUnwindSafe(|| play::play(&story).trace.describe()));
    format!(
        "{} runs were untrue, with the seeds {}\nseed {seed}:\n  {}\nthe smallest story like it:\n{}{}  {}\n\
         repeat it with: DOORLIST_ORACLE_SEED={seed} cargo test --test oracle",
        failed.len(),
        seeds.join(", "),
        untruths.join("\n  "),
        story.describe(),
        calls.unwrap_or_default(),
        play(&story, None).join("\n  "),
    )
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is to be a number, not {text:?}")),
    )
}
