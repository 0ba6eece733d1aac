//! Writes that are stopped, through kills and restarts: no addition begins from the answer to a stop until a start, what
//! is told is true, and an undo always works.

use super::bench::{Bench, MAILBOX, Post, body_of, client, no_limit};
use doorlist::simulator::{Behaviour, PairChange};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const ADD: &str = "cisco-esa-add-senders-to-quarantine-list";

/// Posts something with a reason.
async fn call(bench: &Bench, path: &str, body: Value) -> (u16, Value) {
    let request = client().post(format!("{}{path}", bench.url()));
    let request = request.header("x-reason", "a bad feed").body(body.to_string());
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = body_of(response).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn throw(bench: &Bench, state: &str) {
    let (status, switch) = call(bench, "/v1/writes", json!({"state": state})).await;
    assert_eq!((status, &switch["state"]), (200, &json!(state)), "{switch}");
}

async fn add(bench: &Bench, senders: &[String], wait: &str) -> (u16, Value) {
    let path = format!("/v1/actions/{ADD}?configuration=add&wait={wait}");
    call(bench, &path, json!(senders)).await
}

fn senders(name: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{name}-{number}.example"))
        .collect()
}

fn outcomes(report: &Value) -> Vec<&str> {
    let results = report["results"].as_array().unwrap_or_else(|| panic!("{report}"));
    results
        .iter()
        .map(|result| result["outcome"].as_str().unwrap())
        .collect()
}

/// Senders that stand in the mailbox.
fn standing(bench: &Bench) -> BTreeSet<String> {
    let pairs = bench.simulator.lists().blocklist.into_iter();
    pairs
        .filter(|pair| pair.recipient == MAILBOX)
        .map(|pair| pair.sender)
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Stop,
    Start,
    Kill,
}

const STEPS: [Step; 3] = [Step::Stop, Step::Start, Step::Kill];

/// What was done so far.
struct Story {
    bench: Bench,
    /// Requests that the appliance had received when a stop was answered.
    stopped_at: Option<u64>,
    /// The same until writes were started, of each time that they were stopped.
    stops: Vec<(u64, u64)>,
    /// Runs that are not judged yet, with what they are to add.
    open: Vec<(String, Vec<String>)>,
    undoable: Vec<String>,
    undone: usize,
}

impl Story {
    fn requests(&self) -> u64 {
        self.bench.simulator.requests().len() as u64
    }

    /// Accepted where nothing is stopped, and nowhere else.
    async fn post(&mut self, name: &str) {
        let senders = senders(name, 6);
        let (status, answer) = add(&self.bench, &senders, "0s").await;
        if self.stopped_at.is_some() {
            assert_eq!(
                (status, &answer["code"]),
                (503, &json!("writes_stopped")),
                "{name}"
            );
        } else {
            assert!(matches!(status, 200 | 202), "{name}: {answer}");
            self.open
                .push((answer["run"].as_str().unwrap().to_owned(), senders));
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Stop => {
                throw(&self.bench, "stopped").await;
                let now = self.requests();
                self.stopped_at.get_or_insert(now);
            }
            Step::Start => {
                let now = self.requests();
                throw(&self.bench, "running").await;
                let stop = self.stopped_at.take();
                self.stops.extend(stop.map(|stop| (stop, now)));
            }
            Step::Kill => {
                self.bench.kill();
                self.bench.start_server(None).await;
            }
        }
    }

    /// Waits for every run, and looks whether its report is true.
    async fn judge(&mut self) {
        for (run, senders) in std::mem::take(&mut self.open) {
            let report = self.bench.report(&run).await;
            let standing = standing(&self.bench);
            for (sender, outcome) in senders.iter().zip(outcomes(&report)) {
                let stands = match outcome {
                    "added" => true,
                    "not_tried" => false,
                    _ => panic!("{report}"),
                };
                assert_eq!(standing.contains(sender), stands, "{sender} {outcome}: {report}");
            }
            if outcomes(&report).contains(&"added") {
                self.undoable.push(run);
            }
        }
    }

    async fn undo(&mut self) {
        let Some(run) = self.undoable.pop() else {
            return;
        };
        let path = format!("/v1/runs/{run}/undo?hold=0s&wait=1m");
        let (status, report) = call(&self.bench, &path, Value::Null).await;
        assert_eq!(status, 200, "{report}");
        assert!(
            outcomes(&report).iter().all(|outcome| *outcome == "removed"),
            "{report}"
        );
        self.undone += 1;
    }

    /// While writes were stopped, at most the one call added something that was let begin before.
    fn judge_history(&self) {
        for (from, until) in &self.stops {
            let history = self.bench.simulator.history();
            let added = history.iter().filter(|entry| entry.change == PairChange::Added);
            let late: BTreeSet<u64> = added
                .map(|entry| entry.sequence)
                .filter(|sequence| sequence > from && sequence <= until)
                .collect();
            assert!(late.len() <= 1, "{late:?} of {from}..={until}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_every_order_of_stop_start_and_kill_no_addition_begins_while_stopped_and_an_undo_works() {
    let mut bench = Bench::start(Duration::from_millis(10)).await;
    bench.start_server(None).await;
    let mut story = Story {
        bench,
        stopped_at: None,
        stops: Vec::new(),
        open: Vec::new(),
        undoable: Vec::new(),
        undone: 0,
    };
    for number in 0..STEPS.len().pow(3) {
        let order = [number / 9, number / 3 % 3, number % 3].map(|place| STEPS[place]);
        for (place, step) in order.into_iter().enumerate() {
            story.post(&format!("o{number}-{place}")).await;
            story.take(step).await;
        }
        story.undo().await;
        story.judge().await;
        story.undo().await;
    }
    story.take(Step::Start).await;
    story.judge_history();
    assert!(
        story.stops.len() >= 9 && story.undone >= 9,
        "{:?}, {} undone",
        story.stops,
        story.undone
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_before_a_crash_is_read_back_and_not_gone_on_with_while_stopped() {
    // (where it died, how many of five senders had been sent by then)
    for (point, sent) in [
        ("accepted", 0),
        ("claimed", 0),
        ("journaled", 0),
        ("written", 2),
        ("finishing", 5),
    ] {
        let mut bench = Bench::start(Duration::ZERO).await;
        bench.start_server(Some(point)).await;
        let post = Post {
            configuration: "add",
            senders: senders(point, 5),
            run: None,
        };
        bench.posts.insert(point.to_owned(), post.clone());
        bench.post(point, "20s").await;
        while !bench.has_died() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // It is taken up, and comes to no write before it hears of the stop.
        bench.simulator.set_behaviour(Behaviour {
            faults: vec!["hang:times=always".parse().unwrap()],
            knobs: no_limit(),
            ..Behaviour::default()
        });
        bench.start_server(None).await;
        throw(&bench, "stopped").await;
        bench.kill();
        let writes = |bench: &Bench| {
            let requests = bench.simulator.requests().into_iter();
            requests.filter(|request| request.method != "GET").count()
        };
        let before = writes(&bench);
        bench.simulator.set_behaviour(Behaviour {
            knobs: no_limit(),
            ..Behaviour::default()
        });
        bench.start_server(None).await;
        let (_, page) = bench.get("/v1/runs?limit=1").await;
        let run = page["runs"][0]["run"].as_str().unwrap().to_owned();
        let report = bench.report(&run).await;
        let expected = [vec!["added"; sent], vec!["not_tried"; 5 - sent]].concat();
        assert_eq!(outcomes(&report), expected, "{point}: {report}");
        assert_eq!(writes(&bench), before, "{point}");
        let text = report["text"].as_str().unwrap();
        assert_eq!(text.starts_with("WRITES STOPPED: "), sent < 5, "{point}: {text}");
        let (status, undone) = call(
            &bench,
            &format!("/v1/runs/{run}/undo?hold=0s&wait=1m"),
            Value::Null,
        )
        .await;
        match sent {
            0 => assert_eq!((status, &undone["code"]), (409, &json!("nothing_to_undo"))),
            _ => assert_eq!(outcomes(&undone), vec!["removed"; sent], "{point}: {undone}"),
        }
        throw(&bench, "running").await;
        bench.kill();
        bench.start_server(None).await;
        let (_, again) = add(&bench, &post.senders, "1m").await;
        assert_eq!(outcomes(&again), ["added"; 5], "{point}: {again}");
    }
}
