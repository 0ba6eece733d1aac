//! One run to be played: what is wished, what the lists hold, which appliance it is, what goes wrong and who else
//! writes. Plain data, so that a failing one can be printed and made smaller; `draw.rs` makes one from a seed.

use super::trace::{Key, key};
use doorlist::guard::{Cleared, Guard};
use doorlist::model::{ListKind, Pair, Recipient, Sender, View};
use doorlist::reconcile::{AbsentPairs, Limits, Wish};
use doorlist::simulator::faults::Fault;
use doorlist::simulator::{FaultRule, Knobs, Lists, Settings};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    AddSenders,
    AddRecipients,
    DeleteSenders,
    DeleteRecipients,
    /// Single pairs out of their rows, as an undo will want them; no call over HTTP asks for it.
    RemovePairs,
}

#[derive(Clone)]
pub struct Story {
    pub action: Action,
    pub list: ListKind,
    pub items: Vec<String>,
    /// What the items are paired with; meaningless for deletions.
    pub counterparts: Vec<String>,
    /// Pairs of an addition that nobody wishes, as when single pairs are restored; no call over HTTP asks for it.
    pub unwanted: BTreeSet<Key>,
    /// Pairs of an addition that are on hold.
    pub held: BTreeSet<Key>,
    pub lists: Lists,
    pub limits: Limits,
    pub knobs: Knobs,
    pub faults: Vec<FaultRule>,
    pub fault_seed: u64,
    /// So many of the items were asked for by an earlier run, which has learned what it could of the appliance and
    /// is not judged.
    pub earlier_items: usize,
    /// After so many steps the loop is told to stop, as when its time is up. Over sockets nobody can.
    pub stop_after_steps: Option<usize>,
}

impl Action {
    pub fn is_addition(self) -> bool {
        matches!(self, Self::AddSenders | Self::AddRecipients)
    }

    /// Are the items senders?
    pub fn by_sender(self) -> bool {
        matches!(self, Self::AddSenders | Self::DeleteSenders)
    }
}

impl Story {
    pub fn settings(&self) -> Settings {
        Settings {
            lists: self.lists.clone(),
            knobs: self.knobs.clone(),
            faults: self.faults.clone(),
            fault_seed: self.fault_seed,
            ..Settings::default()
        }
    }

    /// An item of `RemovePairs`: recipient and sender.
    pub fn pair(item: &str) -> (String, String) {
        let (recipient, sender) = item.split_once(' ').expect("a pair has two sides");
        (recipient.to_owned(), sender.to_owned())
    }

    /// The wish for these pairs to be gone.
    pub fn absent_pairs(&self, items: &[String]) -> AbsentPairs {
        let (left, right): (Vec<_>, Vec<_>) = items.iter().map(|item| Self::pair(item)).unzip();
        let pairs: Vec<_> = recipients(&left).into_iter().zip(senders(&right)).collect();
        AbsentPairs::new(self.list, &pairs)
    }

    /// The pair of an item of an addition with a counterpart.
    pub fn pair_with(&self, item: &str, counterpart: &str) -> Key {
        if self.action.by_sender() {
            key(counterpart, item)
        } else {
            key(item, counterpart)
        }
    }

    /// Is the item wished with this counterpart? With one of them it is.
    pub fn wants(&self, item: &str, counterpart: &str) -> bool {
        let is_unwanted = |counterpart: &str| self.unwanted.contains(&self.pair_with(item, counterpart));
        !is_unwanted(counterpart) || self.counterparts.iter().all(|other| is_unwanted(other))
    }

    /// The counterparts that an item is wished with.
    pub fn counterparts_of<'a>(&'a self, item: &'a str) -> impl Iterator<Item = &'a String> {
        let counterparts = self.counterparts.iter();
        counterparts.filter(move |counterpart| self.wants(item, counterpart))
    }

    /// Does it say something that no call over HTTP can say?
    pub fn is_beyond_http(&self) -> bool {
        self.action == Action::RemovePairs || !self.unwanted.is_empty() || !self.held.is_empty()
    }

    /// The wish for these of the items; the pairs of `RemovePairs` are a wish of their own.
    pub fn wish(&self, items: &[String]) -> Wish {
        let held = self.held.iter().map(|(recipient, sender)| {
            let (recipient, sender) = (recipient.clone(), sender.clone());
            (Pair { recipient, sender }.key(), "on hold".to_owned())
        });
        self.wish_without_holds(items).without(&held.collect())
    }

    fn wish_without_holds(&self, items: &[String]) -> Wish {
        let others = &self.counterparts;
        match self.action {
            Action::AddSenders | Action::AddRecipients if !self.unwanted.is_empty() => {
                let pairs = items.iter().flat_map(|item| {
                    let counterparts = self.counterparts_of(item);
                    counterparts.map(|counterpart| self.pair_with(item, counterpart))
                });
                let (left, right): (Vec<_>, Vec<_>) = pairs.unzip();
                let pairs: Vec<_> = recipients(&left).into_iter().zip(senders(&right)).collect();
                let side = if self.action.by_sender() {
                    View::Sender
                } else {
                    View::Recipient
                };
                Wish::present_pairs(self.list, side, &pairs)
            }
            Action::AddSenders => Wish::present_senders(self.list, &senders(items), &recipients(others)),
            Action::AddRecipients => {
                Wish::present_recipients(self.list, &recipients(items), &senders(others))
            }
            Action::DeleteSenders => Wish::absent_senders(self.list, &senders(items)),
            Action::DeleteRecipients => Wish::absent_recipients(self.list, &recipients(items)),
            Action::RemovePairs => panic!("pairs are no wish about rows"),
        }
    }

    /// What the earlier run was asked for.
    pub fn earlier(&self) -> &[String] {
        &self.items[..self.earlier_items.min(self.items.len())]
    }

    /// Nothing goes wrong and nobody else writes.
    pub fn is_calm(&self) -> bool {
        self.faults.is_empty() && self.stop_after_steps.is_none()
    }

    pub fn has_fault(&self, is_it: impl Fn(&Fault) -> bool) -> bool {
        self.faults.iter().any(|rule| is_it(rule.fault()))
    }

    /// On a connection that is ended at once a request may have been sent, and the appliance has no book of it.
    pub fn loses_requests_unseen(&self) -> bool {
        self.has_fault(|fault| matches!(fault, Fault::RefuseConnections { .. } | Fault::AcceptAndClose))
    }

    pub fn has_other_writer(&self) -> bool {
        self.has_fault(|fault| matches!(fault, Fault::OtherWriter { .. }))
    }

    /// As a person reads it.
    pub fn describe(&self) -> String {
        let mut text = format!(
            "{:?} on the {}\n  items        {}\n",
            self.action,
            self.list,
            self.items.join(", ")
        );
        if self.action.is_addition() {
            text.push_str(&format!("  counterparts {}\n", self.counterparts.join(" ")));
        }
        for (name, pairs) in [("not wished", &self.unwanted), ("on hold", &self.held)] {
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(recipient, sender)| format!("{recipient}<{sender}"))
                .collect();
            if !pairs.is_empty() {
                text.push_str(&format!("  {name} {}\n", pairs.join(" ")));
            }
        }
        text.push_str(&format!("  {:?}\n", self.limits));
        for (name, pairs) in [
            ("blocklist", &self.lists.blocklist),
            ("safelist", &self.lists.safelist),
        ] {
            let pairs = pairs
                .iter()
                .map(|pair| format!("{}<{}", pair.recipient, pair.sender));
            text.push_str(&format!("  {name} {}\n", pairs.collect::<Vec<_>>().join(" ")));
        }
        text.push_str(&format!("  {:?}\n", self.knobs));
        if self.earlier_items > 0 {
            text.push_str(&format!(
                "  after a run for the first {} items\n",
                self.earlier_items
            ));
        }
        if let Some(steps) = self.stop_after_steps {
            text.push_str(&format!("  told to stop after {steps} steps\n"));
        }
        for rule in &self.faults {
            let rule = serde_json::to_string(rule).expect("a rule has a JSON form");
            text.push_str(&format!("  fault {rule}\n"));
        }
        text
    }
}

fn guard() -> Guard {
    Guard::new([])
}

fn senders(texts: &[String]) -> Vec<Cleared<Sender>> {
    let clear = |text: &String| {
        let sender = Sender::parse_untyped(text).expect("a drawn sender is one");
        guard().clear_removal(&sender)
    };
    texts.iter().map(clear).collect()
}

fn recipients(texts: &[String]) -> Vec<Cleared<Recipient>> {
    let clear = |text: &String| {
        let recipient = Recipient::parse(text).expect("a drawn recipient is one");
        guard().clear_removal(&recipient.entry)
    };
    texts.iter().map(clear).collect()
}
