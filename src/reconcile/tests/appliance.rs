//! An appliance in memory, for the loop alone: lists, the rules that `docs/asyncos.md` leaves open as switches,
//! and faults. Not the simulator: that one speaks HTTP and shares no line with the product.

use crate::model::{ListKind, Page, Read, ReadReply, Row, Verb, Verdict, View, Write};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The reply is lost and nothing was applied.
    LostBefore,
    /// The reply is lost and the change was applied.
    LostAfter,
    /// No connection.
    Down,
    /// A clear no; nothing was applied.
    Refused,
    /// Not let in.
    Denied,
}

/// What somebody else does to a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Puts(ListKind, String, String),
    Takes(ListKind, String, String),
}

#[derive(Debug)]
pub(super) struct Appliance {
    pub(super) pairs: BTreeMap<ListKind, BTreeSet<(String, String)>>,
    pub(super) writes: Vec<Write>,
    pub(super) reads: Vec<Read>,
    pub(super) refusals: usize,
    /// By number of the write.
    pub(super) faults: BTreeMap<usize, Fault>,
    /// By number of the read.
    pub(super) read_faults: BTreeMap<usize, Fault>,
    pub(super) down_from_call: Option<usize>,
    pub(super) denied: bool,
    /// Says yes and does nothing.
    pub(super) forgets: bool,
    /// Entries that are refused wherever they occur.
    pub(super) bad: Vec<String>,
    pub(super) list_limit: Option<usize>,
    pub(super) append_of_existing_is_refused: bool,
    pub(super) add_needs_absent_row: bool,
    pub(super) append_makes_rows: bool,
    /// A refused request applies what it can all the same.
    pub(super) partial: bool,
    pub(super) search_finds_other_case: bool,
    /// Gains a row with every read.
    pub(super) restless: bool,
    /// Views in which no row can be edited.
    pub(super) edits_refused_by: Vec<View>,
    /// A value that gets lost when a row is edited.
    pub(super) edits_lose: Option<String>,
    /// Rows that cannot be deleted.
    pub(super) undeletable: Vec<String>,
    pub(super) appends_are_refused: bool,
    /// Somebody else, who acts directly before the call with this number.
    pub(super) rival: BTreeMap<usize, Vec<Act>>,
}

impl Default for Appliance {
    fn default() -> Self {
        Self {
            pairs: BTreeMap::new(),
            writes: Vec::new(),
            reads: Vec::new(),
            refusals: 0,
            faults: BTreeMap::new(),
            read_faults: BTreeMap::new(),
            down_from_call: None,
            denied: false,
            forgets: false,
            bad: Vec::new(),
            list_limit: None,
            append_of_existing_is_refused: true,
            add_needs_absent_row: true,
            append_makes_rows: true,
            partial: false,
            search_finds_other_case: true,
            restless: false,
            edits_refused_by: Vec::new(),
            edits_lose: None,
            undeletable: Vec::new(),
            appends_are_refused: false,
            rival: BTreeMap::new(),
        }
    }
}

impl Appliance {
    pub(super) fn seed(&mut self, list: ListKind, pairs: &[(&str, &str)]) {
        let stored = self.pairs.entry(list).or_default();
        stored.extend(
            pairs
                .iter()
                .map(|(recipient, sender)| ((*recipient).into(), (*sender).into())),
        );
    }

    pub(super) fn pairs(&self, list: ListKind) -> BTreeSet<(String, String)> {
        self.pairs.get(&list).cloned().unwrap_or_default()
    }

    pub(super) fn holds(&self, list: ListKind, recipient: &str, sender: &str) -> bool {
        self.pairs(list)
            .contains(&(recipient.to_owned(), sender.to_owned()))
    }

    fn is_down(&self) -> bool {
        self.down_from_call
            .is_some_and(|call| self.reads.len() + self.writes.len() >= call)
    }

    pub(super) fn let_rival_act(&mut self) {
        let acts = self.rival.remove(&(self.reads.len() + self.writes.len()));
        for act in acts.into_iter().flatten() {
            match act {
                Act::Puts(list, recipient, sender) => self.seed(list, &[(&recipient, &sender)]),
                Act::Takes(list, recipient, sender) => {
                    self.pairs.entry(list).or_default().remove(&(recipient, sender));
                }
            }
        }
    }

    pub(super) fn view(&mut self, read: &Read) -> ReadReply {
        self.let_rival_act();
        if self.is_down() {
            return ReadReply::Failed(down());
        }
        if self.denied {
            return ReadReply::Failed(Verdict::Denied {
                status: 401,
                words: "Unauthorized.".into(),
            });
        }
        let number = self.reads.len();
        self.reads.push(read.clone());
        match self.read_faults.get(&number) {
            Some(Fault::Down) => return ReadReply::Failed(down()),
            Some(_) => return ReadReply::Failed(unclear()),
            None => {}
        }
        if self.restless {
            self.seed(
                read.list,
                &[(&format!("a{number}@new.example"), &format!("a{number}.example"))],
            );
        }
        let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (recipient, sender) in self.pairs(read.list) {
            let (key, value) = if read.view == View::Recipient {
                (recipient, sender)
            } else {
                (sender, recipient)
            };
            rows.entry(key).or_default().push(value);
        }
        let fold = |text: &str| {
            if self.search_finds_other_case {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        };
        let found: Vec<Row> = rows
            .into_iter()
            .filter(|(key, values)| {
                let within = |text: &String| {
                    read.search
                        .as_ref()
                        .is_none_or(|search| fold(text).contains(&fold(search)))
                };
                within(key) || values.iter().any(within)
            })
            .map(|(key, values)| Row { key, values })
            .collect();
        let total_count = Some(found.len());
        ReadReply::Page(Page {
            total_count,
            rows: found.into_iter().skip(read.offset).take(read.limit).collect(),
        })
    }

    pub(super) fn write(&mut self, write: &Write) -> Verdict {
        self.let_rival_act();
        if self.is_down() {
            return down();
        }
        let number = self.writes.len();
        self.writes.push(write.clone());
        match self.faults.get(&number) {
            Some(Fault::Down) => down(),
            Some(Fault::LostBefore) => unclear(),
            Some(Fault::LostAfter) => {
                self.apply(write);
                unclear()
            }
            Some(Fault::Refused) => self.refuse((400, "not now")),
            Some(Fault::Denied) => Verdict::Denied {
                status: 401,
                words: "Unauthorized.".into(),
            },
            None if self.forgets => Verdict::Done,
            None => self.apply(write),
        }
    }

    fn apply(&mut self, write: &Write) -> Verdict {
        assert!(!write.keys.is_empty(), "an empty request");
        if write.verb == Verb::Delete {
            if write.keys.iter().any(|key| self.undeletable.contains(key)) {
                return self.refuse((400, "not to be deleted"));
            }
            let stored = self.pairs.entry(write.list).or_default();
            stored.retain(|(recipient, sender)| {
                !write.keys.contains(if write.view == View::Sender {
                    sender
                } else {
                    recipient
                })
            });
            return Verdict::Done;
        }
        if write.verb == Verb::Edit {
            return self.edit(write);
        }
        if write.verb == Verb::Append && self.appends_are_refused {
            return self.refuse((400, "no appends"));
        }
        let before = self.pairs(write.list);
        let mut after = before.clone();
        let mut refused = None;
        for key in &write.keys {
            for value in &write.values {
                let pair = match write.view {
                    View::Sender => (value.clone(), key.clone()),
                    View::Recipient => (key.clone(), value.clone()),
                };
                match self.refusal(write, &before, &after, &pair) {
                    Some(reason) => refused = Some(reason),
                    None => {
                        after.insert(pair);
                    }
                }
            }
        }
        if refused.is_none() || self.partial {
            self.pairs.insert(write.list, after);
        }
        match refused {
            None => Verdict::Done,
            Some(reason) => self.refuse(reason),
        }
    }

    fn refuse(&mut self, (status, words): (u16, &str)) -> Verdict {
        self.refusals += 1;
        Verdict::Refused {
            status,
            words: words.into(),
        }
    }

    /// Every row gets exactly the values; a row that is missing is refused, and so is one without values.
    fn edit(&mut self, write: &Write) -> Verdict {
        assert!(!write.values.is_empty(), "an empty row");
        let mut after = self.pairs(write.list);
        for key in &write.keys {
            let in_row = |pair: &(String, String)| match write.view {
                View::Recipient => pair.0 == *key,
                View::Sender => pair.1 == *key,
            };
            if self.edits_refused_by.contains(&write.view) || !after.iter().any(in_row) {
                return self.refuse((400, "no edits"));
            }
            after.retain(|pair| !in_row(pair));
            let kept = write.values.iter();
            after.extend(
                kept.filter(|value| self.edits_lose.as_ref() != Some(value))
                    .map(|value| match write.view {
                        View::Recipient => (key.clone(), value.clone()),
                        View::Sender => (value.clone(), key.clone()),
                    }),
            );
        }
        self.pairs.insert(write.list, after);
        Verdict::Done
    }

    fn refusal(
        &self,
        write: &Write,
        before: &BTreeSet<(String, String)>,
        after: &BTreeSet<(String, String)>,
        pair: &(String, String),
    ) -> Option<(u16, &'static str)> {
        let (recipient, sender) = pair;
        let same_row = |other: &&(String, String)| match write.view {
            View::Recipient => other.0 == *recipient,
            View::Sender => other.1 == *sender,
        };
        let has_row = before.iter().any(|other| same_row(&other));
        if self.bad.contains(recipient) || self.bad.contains(sender) {
            return Some((400, "bad entry"));
        }
        if self.pairs(write.list.other()).contains(pair) {
            return Some((409, "on the other list"));
        }
        if write.verb == Verb::Add && self.add_needs_absent_row && has_row {
            return Some((409, "row exists"));
        }
        if write.verb == Verb::Append && !self.append_makes_rows && !has_row {
            return Some((404, "no such row"));
        }
        if before.contains(pair) && self.append_of_existing_is_refused {
            return Some((409, "pair exists"));
        }
        let row_length = after.iter().filter(|other| other.0 == *recipient).count();
        if self.list_limit.is_some_and(|limit| row_length >= limit) {
            return Some((400, "too many"));
        }
        None
    }
}

fn down() -> Verdict {
    Verdict::Unreachable {
        words: "connection refused".into(),
    }
}

fn unclear() -> Verdict {
    Verdict::Unclear {
        words: "connection reset".into(),
    }
}
