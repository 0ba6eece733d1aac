//! Holds what the server said of every run to what the appliance's own books say.

use super::bench::{Bench, MAILBOX, Post, foreign_pairs};
use doorlist::simulator::{ChangedBy, PairChange};
use serde_json::Value;
use std::collections::BTreeMap;

/// What became of all posts.
#[derive(Debug, Default)]
pub struct Tally {
    /// Senders that were added or removed, by us, once.
    pub changed: usize,
    /// Senders of which the server said that they were not, and they were not.
    pub fell_short: usize,
    /// Senders of which it said that it cannot know.
    pub unproven: usize,
    /// Why senders fell short, and how many for each reason.
    pub reasons: BTreeMap<String, usize>,
}

type Changes = BTreeMap<(String, String), Vec<PairChange>>;

impl Bench {
    /// Waits for every run, and judges it. What nobody acknowledged is sent again under its key, as any client would.
    pub async fn judge(&mut self) -> Tally {
        let keys: Vec<String> = self.posts.keys().cloned().collect();
        let mut reports = Vec::new();
        for key in &keys {
            if self.posts[key].run.is_none() {
                assert!(self.post(key, "0s").await, "{key} is not answered");
            }
        }
        for key in &keys {
            let post = self.posts[key].clone();
            let report = self.report(post.run.as_ref().unwrap()).await;
            reports.push((post, report));
        }
        let mut changes = Changes::new();
        for change in self.simulator.history() {
            assert_eq!(change.by, ChangedBy::Api);
            let pair = (change.recipient, change.sender);
            changes.entry(pair).or_default().push(change.change);
        }
        let mut tally = Tally::default();
        for (post, report) in &reports {
            judge_run(post, report, &mut changes, &mut tally);
        }
        assert_eq!(changes, Changes::new(), "changed, and asked for by nobody");
        let lists = self.simulator.lists();
        for pair in foreign_pairs() {
            assert!(lists.blocklist.contains(&pair), "{pair:?} was nobody's to remove");
        }
        assert!(lists.safelist.is_empty());
        tally
    }

    /// The same for one post, on a day on which nothing but a crash goes wrong.
    pub async fn judge_so_far(&mut self, key: &str) {
        assert!(self.post(key, "0s").await, "{key} is not answered");
        let post = self.posts[key].clone();
        let report = self.report(&post.run.unwrap()).await;
        let (expected, _) = wished(post.configuration);
        for result in report["results"].as_array().unwrap() {
            assert_eq!(result["outcome"], expected, "{key}: {result}");
        }
    }
}

fn wished(configuration: &str) -> (&'static str, PairChange) {
    match configuration {
        "add" => ("added", PairChange::Added),
        _ => ("removed", PairChange::Removed),
    }
}

fn judge_run(post: &Post, report: &Value, changes: &mut Changes, tally: &mut Tally) {
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), post.senders.len(), "{report}");
    let (done, change) = wished(post.configuration);
    for (sender, result) in post.senders.iter().zip(results) {
        assert_eq!(result["value"], *sender, "{report}");
        let happened = changes
            .remove(&(MAILBOX.to_owned(), sender.clone()))
            .unwrap_or_default();
        match result["outcome"].as_str().unwrap() {
            outcome if outcome == done => {
                assert_eq!(happened, [change], "{result}");
                tally.changed += 1;
            }
            "unreachable" | "not_tried" => {
                assert_eq!(happened, [], "{result}");
                tally.fell_short += 1;
                let reason = result["detail"].as_str().unwrap().to_owned();
                *tally.reasons.entry(reason).or_default() += 1;
            }
            "unproven" => tally.unproven += 1,
            _ => panic!("{result}"),
        }
    }
}
