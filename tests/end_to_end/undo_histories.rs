//! Random histories of calls, hand edits and undos: an undo never takes out a pair that its run did not create, and the undo
//! of an undo restores the list. `DOORLIST_UNDO_HISTORIES` says how many, `DOORLIST_UNDO_SEED` from which seed on.
//!
//! Nobody by hand removes a pair of ours and lists the very same again before a run has seen that it was gone: AsyncOS does
//! not tell who did what, so that nobody could know.

use super::support::{Answer, Lab, answer, client, post};
use doorlist::simulator::{Lists, Pair, Settings};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const ADD: &str = "cisco-esa-add-senders-to-quarantine-list";
const DELETE: &str = "cisco-esa-delete-senders-from-quarantine-list";
const STEPS: u64 = 9;
const BY_HAND: &str = "by hand";

/// Recipient and sender.
type Key = (String, String);

/// Numbers from a seed, the same on every machine (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn senders(&mut self) -> Vec<String> {
        let count = 1 + self.roll(3);
        let drawn: BTreeSet<usize> = (0..count).map(|_| self.roll(5)).collect();
        drawn
            .into_iter()
            .map(|number| format!("s{number}.example"))
            .collect()
    }
}

/// What a step of the history was.
struct Step {
    run: String,
    before: BTreeSet<Key>,
    after: BTreeSet<Key>,
    is_undo: bool,
}

struct History<'a> {
    lab: &'a Lab,
    seed: u64,
    dice: Dice,
    steps: Vec<Step>,
    /// Whose each pair that stands is: a run's, or somebody's by hand.
    creators: BTreeMap<Key, String>,
    /// Pairs of ours that somebody removed by hand, with the run that had listed each; no run has seen that yet.
    unseen: BTreeMap<Key, String>,
    /// Undos that were undone, with the list as it was.
    restored: usize,
}

impl History<'_> {
    fn list(&self) -> BTreeSet<Key> {
        let pairs = self.lab.simulator.lists().blocklist;
        pairs
            .into_iter()
            .map(|pair| (pair.recipient, pair.sender))
            .collect()
    }

    /// Notes what a run changed.
    fn done(&mut self, run: String, before: BTreeSet<Key>, is_undo: bool) {
        let after = self.list();
        for key in before.difference(&after) {
            self.creators.remove(key);
        }
        for key in after.difference(&before) {
            self.creators.insert(key.clone(), run.clone());
            self.unseen.remove(key);
        }
        self.steps.push(Step {
            run,
            before,
            after,
            is_undo,
        });
    }

    async fn call(&mut self) {
        let (configuration, action) = [
            ("block", ADD),
            ("block", ADD),
            ("again", ADD),
            ("unblock", DELETE),
        ][self.dice.roll(4)];
        let url = format!(
            "{}/v1/actions/{action}?configuration={configuration}",
            self.lab.url
        );
        let before = self.list();
        let senders = self.dice.senders();
        let answer = post(&url, json!(senders).to_string()).await;
        assert_eq!(answer.status, 200, "seed {}: {answer:?}", self.seed);
        self.done(answer.run(), before, false);
        if action == DELETE {
            self.unseen.retain(|(_, sender), _| !senders.contains(sender));
        }
    }

    fn edit_by_hand(&mut self) {
        let mut pairs = self.list();
        for _ in 0..1 + self.dice.roll(3) {
            let key = (
                format!("r{}@example.com", self.dice.roll(4)),
                format!("s{}.example", self.dice.roll(6)),
            );
            if pairs.remove(&key) {
                let creator = self.creators.remove(&key).filter(|creator| creator != BY_HAND);
                self.unseen.extend(creator.map(|creator| (key.clone(), creator)));
            } else if !self.unseen.contains_key(&key) {
                self.creators.insert(key.clone(), BY_HAND.to_owned());
                pairs.insert(key);
            }
        }
        let blocklist = pairs
            .into_iter()
            .map(|(recipient, sender)| Pair { recipient, sender });
        self.lab.simulator.set_lists(Lists {
            blocklist: blocklist.collect(),
            safelist: Vec::new(),
        });
    }

    async fn undo(&mut self) {
        let number = self.dice.roll(self.steps.len());
        let force = self.dice.roll(2) == 0;
        let run = self.steps[number].run.clone();
        let before = self.list();
        let hold = ["0s", "7d"][self.dice.roll(2)];
        let answer = self.take_back(&run, force, hold).await;
        let seed = self.seed;
        if answer.status == 409 {
            assert_eq!(answer.code(), "nothing_to_undo", "seed {seed}");
            assert_eq!(self.list(), before, "seed {seed}");
            return;
        }
        assert_eq!(answer.status, 200, "seed {seed}: {answer:?}");
        let after = self.list();
        let step = &self.steps[number];
        for key in before.difference(&after) {
            assert_eq!(
                self.creators.get(key),
                Some(&run),
                "seed {seed}: {key:?} was taken out with {run}"
            );
        }
        for key in after.difference(&before) {
            assert!(
                step.before.contains(key) && !step.after.contains(key),
                "seed {seed}: {key:?} was put back with {run}, which had not removed it"
            );
        }
        let undo = answer.run();
        self.done(undo.clone(), before.clone(), true);
        if force {
            self.unseen.retain(|_, creator| *creator != run);
        }
        if self.dice.roll(2) == 0 {
            return;
        }
        let answer = self.take_back(&undo, true, "0s").await;
        if answer.status == 409 {
            assert_eq!(after, before, "seed {seed}");
            return;
        }
        assert_eq!(answer.status, 200, "seed {seed}: {answer:?}");
        // What another undo holds is not put back.
        if answer.count("held") + answer.count("partly") == 0 {
            assert_eq!(
                self.list(),
                before,
                "seed {seed}: the undo of {run} is undone: {answer:?}"
            );
            self.restored += 1;
        }
        self.done(answer.run(), after, true);
    }

    async fn take_back(&self, run: &str, force: bool, hold: &str) -> Answer {
        let url = format!("{}/v1/runs/{run}/undo?force={force}&hold={hold}", self.lab.url);
        answer(client().post(url).header("x-reason", "history")).await
    }
}

fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_takes_out_nothing_that_its_run_did_not_create_and_can_be_undone() {
    let (histories, first) = (
        setting("DOORLIST_UNDO_HISTORIES", 30),
        setting("DOORLIST_UNDO_SEED", 1),
    );
    let (mut undos, mut restored) = (0, 0);
    for seed in first..first + histories {
        let lab = Lab::start_config(Settings::default(), |url| {
            format!(
                "[server]\nlisten = \"127.0.0.1:0\"\n\
                 [appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
                 [configurations.block]\naction = \"{ADD}\"\nappliance = \"esa-1\"\nrecipient_list = \"r0@example.com, r1@example.com\"\n\
                 [configurations.again]\naction = \"{ADD}\"\nappliance = \"esa-1\"\nrecipient_list = \"r1@example.com, r2@example.com\"\n\
                 [configurations.unblock]\naction = \"{DELETE}\"\nappliance = \"esa-1\"\n"
            )
        })
        .await;
        let mut history = History {
            lab: &lab,
            seed,
            dice: Dice(seed),
            steps: Vec::new(),
            creators: BTreeMap::new(),
            unseen: BTreeMap::new(),
            restored: 0,
        };
        history.edit_by_hand();
        for _ in 0..STEPS {
            match history.dice.roll(5) {
                0 => history.edit_by_hand(),
                1 | 2 if !history.steps.is_empty() => history.undo().await,
                _ => history.call().await,
            }
        }
        // And the last undo, if the history ends with one, is undone.
        undos += history.steps.iter().filter(|step| step.is_undo).count();
        restored += history.restored;
        lab.stop().await;
    }
    assert!(histories < 20 || (undos > 0 && restored > 0));
}
