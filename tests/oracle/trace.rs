//! What really happened, from the appliance's own books: every request in order, and every change of every pair.
//! Pairs are compared in small letters, because stories differ in nothing else. Judges nothing; `judge.rs` does.

use doorlist::model::ListKind;
use doorlist::simulator::{ChangedBy, HistoryEntry, ListName, Lists, LoggedRequest, Pair, PairChange};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// (recipient, sender) in small letters.
pub type Key = (String, String);

pub fn key(recipient: &str, sender: &str) -> Key {
    (recipient.to_lowercase(), sender.to_lowercase())
}

/// One request about the list in question.
#[derive(Debug)]
pub struct Call {
    /// Its number among all requests, counted from 1.
    pub sequence: u64,
    pub kind: Kind,
    pub status: Option<u16>,
    pub faults: Vec<String>,
}

#[derive(Debug)]
pub enum Kind {
    Read,
    /// The verb, and the recipients and senders that it names.
    Put(String, BTreeSet<String>, BTreeSet<String>),
    /// Rows that it names, in small letters.
    Delete(BTreeSet<String>),
}

/// One change of a pair of the list in question.
#[derive(Debug)]
pub struct Change {
    /// The request with which it happened.
    pub sequence: u64,
    pub change: PairChange,
    /// Does the pair stand afterwards, in any spelling?
    pub stands: bool,
    pub by: ChangedBy,
}

#[derive(Debug)]
pub struct Trace {
    pub calls: Vec<Call>,
    /// Faults of requests about the other list.
    pub other_faults: Vec<String>,
    pub changes: BTreeMap<Key, Vec<Change>>,
    /// Changes of the other list that were ours.
    pub other_list_changed: bool,
    initial: BTreeSet<Key>,
    /// What stood on the other list at first.
    pub other_initial: BTreeSet<Key>,
    /// What stands at the end, as it is spelled.
    pub standing: BTreeSet<(String, String)>,
    pub last_sequence: u64,
}

impl Trace {
    /// From the books since this request, when the lists were these; `history` begins then.
    pub fn new(
        list: ListKind,
        initial: &Lists,
        first_sequence: u64,
        requests: &[LoggedRequest],
        history: &[HistoryEntry],
    ) -> Self {
        let (initial, other_initial) = match list {
            ListKind::Blocklist => (&initial.blocklist, &initial.safelist),
            ListKind::Safelist => (&initial.safelist, &initial.blocklist),
        };
        let keys = |pairs: &[Pair]| {
            pairs
                .iter()
                .map(|pair| key(&pair.recipient, &pair.sender))
                .collect()
        };
        let mut trace = Self {
            calls: Vec::new(),
            other_faults: Vec::new(),
            changes: BTreeMap::new(),
            other_list_changed: false,
            initial: keys(initial),
            other_initial: keys(other_initial),
            standing: initial
                .iter()
                .map(|pair| (pair.recipient.clone(), pair.sender.clone()))
                .collect(),
            last_sequence: requests.last().map_or(0, |request| request.sequence),
        };
        let name = format!("quarantine/{}", list.word());
        for request in requests
            .iter()
            .filter(|request| request.sequence > first_sequence)
        {
            if !request.path.ends_with(&name) {
                trace.other_faults.extend(request.faults.iter().cloned());
                continue;
            }
            trace.calls.push(Call {
                sequence: request.sequence,
                kind: kind(request),
                status: request.status,
                faults: request.faults.clone(),
            });
        }
        trace.take_history(list, history);
        trace
    }

    fn take_history(&mut self, list: ListKind, history: &[HistoryEntry]) {
        for entry in history {
            let is_ours = match entry.list {
                ListName::Blocklist => list == ListKind::Blocklist,
                ListName::Safelist => list == ListKind::Safelist,
            };
            if !is_ours {
                self.other_list_changed |= entry.by == ChangedBy::Api;
                continue;
            }
            let spelled = (entry.recipient.clone(), entry.sender.clone());
            match entry.change {
                PairChange::Added => self.standing.insert(spelled),
                PairChange::Removed => self.standing.remove(&spelled),
            };
            let key = key(&entry.recipient, &entry.sender);
            let stands = self
                .standing
                .iter()
                .any(|pair| self::key(&pair.0, &pair.1) == key);
            self.changes.entry(key).or_default().push(Change {
                sequence: entry.sequence,
                change: entry.change,
                stands,
                by: entry.by,
            });
        }
    }

    /// Every pair that ever stood.
    pub fn pairs(&self) -> BTreeSet<&Key> {
        self.initial.iter().chain(self.changes.keys()).collect()
    }

    pub fn stood_first(&self, key: &Key) -> bool {
        self.initial.contains(key)
    }

    /// Did the pair stand just before this request, and during it? Both, when it changed with it.
    pub fn states(&self, key: &Key, sequence: u64) -> (bool, bool) {
        let (mut before, mut ever_true, mut ever_false) = (self.initial.contains(key), false, false);
        for change in self.changes.get(key).into_iter().flatten() {
            if change.sequence < sequence {
                before = change.stands;
            } else if change.sequence == sequence {
                ever_true |= change.stands;
                ever_false |= !change.stands;
            }
        }
        (ever_true || before, ever_false || !before)
    }

    /// Could a reading at one of these requests have shown the pair, and could one have missed it?
    pub fn seen_within(&self, key: &Key, sequences: impl IntoIterator<Item = u64>) -> (bool, bool) {
        let mut seen = (false, false);
        for sequence in sequences {
            let (present, absent) = self.states(key, sequence);
            seen = (seen.0 | present, seen.1 | absent);
        }
        seen
    }

    pub fn was_changed_by_other(&self, key: &Key) -> bool {
        let mut changes = self.changes.get(key).into_iter().flatten();
        changes.any(|change| change.by != ChangedBy::Api)
    }

    /// Was the list read whole after this request? The loop writes on only after it was; else all that followed has to
    /// be good readings of a list that nobody changed. `unseen`: requests may have been lost without an entry here.
    pub fn was_read_well(&self, unseen: bool, last: u64) -> bool {
        let after: Vec<&Call> = self.calls.iter().filter(|call| call.sequence > last).collect();
        let first_reading = after.iter().position(|call| matches!(call.kind, Kind::Read));
        let wrote_on = first_reading.is_some_and(|place| {
            let later = &after[place..];
            later.iter().any(|call| !matches!(call.kind, Kind::Read))
        });
        let is_good = |call: &&Call| call.is_reading() && call.faults.is_empty();
        let moved = self
            .changes
            .values()
            .flatten()
            .any(|change| change.sequence > last);
        let all_good = !moved && !after.is_empty() && after.iter().all(is_good);
        !unseen && (wrote_on || all_good)
    }

    /// Did any request name the pair?
    pub fn was_asked_for(&self, key: &Key) -> bool {
        self.calls
            .iter()
            .any(|call| call.names(key) && !matches!(call.status, Some(401 | 403)))
    }

    /// Did a request of ours take the pair off, in its last spelling?
    pub fn was_removed_by_us(&self, key: &Key) -> bool {
        let mut changes = self.changes.get(key).into_iter().flatten();
        changes.any(|change| {
            change.by == ChangedBy::Api && change.change == PairChange::Removed && !change.stands
        })
    }

    /// Did the last good reading come after it went? A change that comes late may come after that.
    pub fn was_seen_gone(&self, key: &Key) -> bool {
        let mut calls = self.calls.iter().rev();
        let last = calls.find(|call| call.is_reading() && call.faults.is_empty());
        last.is_some_and(|last| !self.states(key, last.sequence).0)
    }

    /// Readings of the list that brought a page, by number.
    pub fn readings(&self) -> impl Iterator<Item = u64> + '_ {
        self.calls
            .iter()
            .filter(|call| call.is_reading())
            .map(|call| call.sequence)
    }

    /// The readings between the write before this request and the request: one observation, or several in a row.
    pub fn readings_before(&self, sequence: u64) -> Vec<u64> {
        let before = self
            .calls
            .iter()
            .rev()
            .skip_while(|call| call.sequence >= sequence);
        let of_round = before.skip_while(|call| !matches!(call.kind, Kind::Read));
        let reads = of_round.take_while(|call| matches!(call.kind, Kind::Read));
        reads.map(|call| call.sequence).collect()
    }

    pub fn readings_after(&self, sequence: u64) -> Vec<u64> {
        self.readings().filter(|reading| *reading > sequence).collect()
    }
}

impl Trace {
    /// The calls as a person reads them.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        let names = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
        for call in &self.calls {
            let what = match &call.kind {
                Kind::Read => "read".to_owned(),
                Kind::Put(verb, recipients, senders) => {
                    format!("{verb} {} < {}", names(recipients), names(senders))
                }
                Kind::Delete(rows) => format!("delete {}", names(rows)),
            };
            let status = call
                .status
                .map_or("no status".to_owned(), |status| status.to_string());
            let faults = call.faults.join(", ");
            text.push_str(&format!("  {:>4} {what}: {status} {faults}\n", call.sequence));
        }
        for (pair, changes) in &self.changes {
            for change in changes {
                text.push_str(&format!(
                    "       {} < {} {:?} at {} by {:?}\n",
                    pair.0, pair.1, change.change, change.sequence, change.by
                ));
            }
        }
        text
    }
}

impl Call {
    /// Did it bring a page of the list, or may it have? A reply that was to be cut may have been shorter.
    pub fn is_reading(&self) -> bool {
        let spoils = |fault: &String| {
            let harmless = [
                "other_writer",
                "slow_drip",
                "body_to_eof",
                "kill_tokens",
                "cut_reply",
            ];
            !harmless.iter().any(|harmless| fault.starts_with(harmless))
        };
        matches!(self.kind, Kind::Read) && self.status == Some(200) && !self.faults.iter().any(spoils)
    }

    /// Does it ask for this pair?
    pub fn names(&self, key: &Key) -> bool {
        match &self.kind {
            Kind::Read => false,
            Kind::Put(_, recipients, senders) => recipients.contains(&key.0) && senders.contains(&key.1),
            Kind::Delete(rows) => rows.contains(&key.0) || rows.contains(&key.1),
        }
    }
}

fn kind(request: &LoggedRequest) -> Kind {
    let names = |keys: &[&str]| -> BTreeSet<String> {
        let lists = keys.iter().filter_map(|key| request.body.get(*key)?.as_array());
        let texts = lists.flatten().filter_map(Value::as_str);
        texts.map(str::to_lowercase).collect()
    };
    match request.method.as_str() {
        "GET" => Kind::Read,
        "DELETE" => Kind::Delete(names(&["recipientList", "senderList"])),
        _ => Kind::Put(
            request.body["action"].as_str().unwrap_or_default().to_owned(),
            names(&["recipientAddresses", "recipientList"]),
            names(&["senderAddresses", "senderList"]),
        ),
    }
}
