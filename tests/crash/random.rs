//! Killed at random moments, under load, before an appliance that loses requests and replies, by a clock that jumps.

use super::bench::{Bench, Post, send, to_delete};
use super::place;
use doorlist::simulator::Behaviour;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

/// Callers that post at the same time, and posts of each between two kills.
const CALLERS: usize = 4;
const POSTS: usize = 3;
/// A kill comes at some moment of this time after the first post: some lives must be longer than the second (the request
/// time-out) that a server waits which finds a task begun. Leases that outlive the server want more of it.
const LIFE_MS: u64 = 3_000;
const LIFE_WITH_LEASES_MS: u64 = 9_000;
/// Of the appliance: runs take so long that most kills hit one.
const LATENCY: Duration = Duration::from_millis(10);
/// So far at most is the clock from the true time: a run that looks an hour old is not begun any more.
const JUMP_MAX_SECONDS: u64 = 15 * 60;
/// From so many kills on, some have to have hit a run in the middle, or this test does not try what it says.
const TELLING_KILLS: u64 = 20;

/// Numbers from a seed, the same on every machine (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn roll_size(&mut self, sides: u64) -> usize {
        usize::try_from(self.roll(sides)).unwrap()
    }
}

/// Draws what is posted; no sender twice.
struct Posts {
    drawn: usize,
    deleted: usize,
}

impl Posts {
    fn draw(&mut self, dice: &mut Dice) -> (String, Post) {
        let count = 1 + dice.roll_size(6);
        let is_deletion = dice.roll(4) == 0 && self.deleted + count < 3900;
        let senders = if is_deletion {
            self.deleted += count;
            (self.deleted - count..self.deleted).map(to_delete).collect()
        } else {
            let number = self.drawn;
            (0..count)
                .map(|place| format!("s{number}-{place}.example"))
                .collect()
        };
        self.drawn += 1;
        let configuration = if is_deletion { "delete" } else { "add" };
        let post = Post {
            configuration,
            senders,
            run: None,
        };
        (format!("key-{}", self.drawn), post)
    }
}

/// What was posted, with the run where somebody acknowledged it.
type Open = Arc<Mutex<BTreeMap<String, Post>>>;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_and_nothing_is_lost_untrue_or_doubled() {
    let kills = setting("DOORLIST_CRASH_KILLS", 5);
    let seed = setting("DOORLIST_CRASH_SEED", 1);
    let mut dice = Dice(seed);
    let mut bench = Bench::start(LATENCY).await;
    bench.simulator.set_behaviour(bad_network(seed));
    let mut posts = Posts { drawn: 0, deleted: 0 };
    let open = Open::default();
    for _ in 0..kills {
        bench.start_server(None).await;
        let mut posting = JoinSet::new();
        for _ in 0..CALLERS {
            let posts = (0..POSTS).map(|_| posts.draw(&mut dice)).collect();
            let wait = ["0s", "10s"][dice.roll_size(2)];
            posting.spawn(post_all(bench.url().to_owned(), posts, wait, Arc::clone(&open)));
        }
        live_and_die(&mut bench, &mut dice).await;
        posting.join_all().await;
    }
    bench.posts = std::mem::take(&mut *open.lock().unwrap());
    let acknowledged = bench.posts.values().filter(|post| post.run.is_some()).count();
    bench.start_server(None).await;
    let tally = bench.judge().await;
    bench.kill();
    let (tasks, again) = place::taken_up(&bench.store_url).await;
    println!(
        "seed {seed}: {kills} kills, {} runs, {acknowledged} of them acknowledged before a kill, {again} of {tasks} tasks begun more than once; \
         {} pairs changed, {} said not to be, {} unproven{}",
        bench.posts.len(),
        tally.changed,
        tally.fell_short,
        tally.unproven,
        if bench.clock.is_some() {
            ""
        } else {
            "; no libfaketime, so that no clock jumped"
        },
    );
    for (reason, senders) in &tally.reasons {
        println!("  {senders} fell short: {reason}");
    }
    assert!(kills < TELLING_KILLS || again > 0);
}

fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |text| text.parse().unwrap())
}

/// Requests and replies that get lost now and then.
fn bad_network(seed: u64) -> Behaviour {
    let faults = [
        "reset_before_apply:chance=0.03,times=always",
        "reset_after_apply:method=POST,chance=0.05,times=always",
        "reset_after_apply:method=DELETE,chance=0.05,times=always",
        "cut_reply:after_bytes=40,chance=0.03,times=always",
    ];
    Behaviour {
        faults: faults.map(|fault| fault.parse().unwrap()).to_vec(),
        knobs: super::bench::no_limit(),
        fault_seed: seed,
    }
}

/// Notes each post before it is sent, and what came of it.
async fn post_all(url: String, posts: Vec<(String, Post)>, wait: &'static str, open: Open) {
    for (key, mut post) in posts {
        open.lock().unwrap().insert(key.clone(), post.clone());
        post.run = send(&url, &key, &post, wait).await;
        open.lock().unwrap().insert(key, post);
    }
}

/// Some time, a jump of the clock, some time, and the end.
async fn live_and_die(bench: &mut Bench, dice: &mut Dice) {
    let life = if place::is_shared() {
        LIFE_WITH_LEASES_MS
    } else {
        LIFE_MS
    };
    let (until_jump, until_death) = (dice.roll(life / 2), dice.roll(life / 2));
    let offset = dice.roll(2 * JUMP_MAX_SECONDS + 1).cast_signed() - JUMP_MAX_SECONDS.cast_signed();
    tokio::time::sleep(Duration::from_millis(until_jump)).await;
    if let Some(clock) = &bench.clock {
        clock.jump_to(offset);
    }
    tokio::time::sleep(Duration::from_millis(until_death)).await;
    bench.kill();
}
