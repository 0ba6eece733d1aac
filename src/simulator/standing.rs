//! What a change asks for, laid against what stands: one look at each list, however many checks follow.
//!
//! Entries are compared as the knob `spelling` says. An entry that a request names twice counts once. This
//! file refuses to know what is allowed; that is `refusals.rs`.

use std::borrow::Cow;
use std::collections::HashMap;

use super::knobs::Spelling;
use super::lists::{Pair, View};
use super::refusals::Refusal;

/// One side of a change.
#[derive(Debug)]
pub(super) struct Side<'a> {
    entries: Vec<&'a str>,
    index_of: HashMap<Cow<'a, str>, usize>,
}

/// Every pair of a change: each recipient with each sender, by the index of both.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) recipients: Side<'a>,
    pub(super) senders: Side<'a>,
    is_refused: Vec<bool>,
    /// Why the first of them was refused.
    pub(super) refusal: Option<Refusal>,
}

/// What a list holds of the entries of a change.
#[derive(Debug)]
pub(super) struct Standing<'l> {
    sender_count: usize,
    is_there: Vec<bool>,
    /// Of each recipient, how many senders stand beside it, whether the change names them or not.
    pub(super) row_lengths: Vec<usize>,
    recipient_spellings: Vec<Option<&'l str>>,
    sender_spellings: Vec<Option<&'l str>>,
}

impl<'a> Side<'a> {
    pub(super) fn new(entries: &'a [String], spelling: Spelling) -> Self {
        let mut side = Self {
            entries: Vec::with_capacity(entries.len()),
            index_of: HashMap::with_capacity(entries.len()),
        };
        for entry in entries {
            let next = side.entries.len();
            let index = *side.index_of.entry(spelling.compared(entry)).or_insert(next);
            if index == next {
                side.entries.push(entry);
            }
        }
        side
    }

    pub(super) fn entries(&self) -> &[&'a str] {
        &self.entries
    }

    fn find(&self, entry: &str, spelling: Spelling) -> Option<usize> {
        self.index_of.get(spelling.compared(entry).as_ref()).copied()
    }
}

impl<'a> Wanted<'a> {
    pub(super) fn new(recipients: &'a [String], senders: &'a [String], spelling: Spelling) -> Self {
        let recipients = Side::new(recipients, spelling);
        let senders = Side::new(senders, spelling);
        Self {
            is_refused: vec![false; recipients.entries.len() * senders.entries.len()],
            recipients,
            senders,
            refusal: None,
        }
    }

    /// The pairs that nobody has refused yet, in the order of the request.
    pub(super) fn open(&self) -> Vec<(usize, usize)> {
        let (rows, columns) = (self.recipients.entries.len(), self.senders.entries.len());
        let all = (0..rows).flat_map(|recipient| (0..columns).map(move |sender| (recipient, sender)));
        all.filter(|(recipient, sender)| !self.is_refused[recipient * columns + sender])
            .collect()
    }

    /// Refuses those open pairs for which there is a reason.
    pub(super) fn refuse_where(&mut self, mut reason: impl FnMut(&Self, usize, usize) -> Option<Refusal>) {
        for (recipient, sender) in self.open() {
            if let Some(refusal) = reason(self, recipient, sender) {
                self.is_refused[recipient * self.senders.entries.len() + sender] = true;
                self.refusal.get_or_insert(refusal);
            }
        }
    }

    /// The index of the row that a pair belongs to in this view.
    pub(super) fn key_index(view: View, recipient: usize, sender: usize) -> usize {
        match view {
            View::Recipient => recipient,
            View::Sender => sender,
        }
    }

    pub(super) fn key(&self, view: View, recipient: usize, sender: usize) -> &'a str {
        match view {
            View::Recipient => self.recipients.entries[recipient],
            View::Sender => self.senders.entries[sender],
        }
    }

    pub(super) fn pair(&self, recipient: usize, sender: usize) -> Pair {
        Pair {
            recipient: self.recipients.entries[recipient].to_owned(),
            sender: self.senders.entries[sender].to_owned(),
        }
    }
}

impl<'l> Standing<'l> {
    pub(super) fn of(list: &'l [Pair], wanted: &Wanted<'_>, spelling: Spelling) -> Self {
        let (rows, columns) = (wanted.recipients.entries.len(), wanted.senders.entries.len());
        let mut standing = Self {
            sender_count: columns,
            is_there: vec![false; rows * columns],
            row_lengths: vec![0; rows],
            recipient_spellings: vec![None; rows],
            sender_spellings: vec![None; columns],
        };
        for pair in list {
            let recipient = wanted.recipients.find(&pair.recipient, spelling);
            let sender = wanted.senders.find(&pair.sender, spelling);
            if let Some(recipient) = recipient {
                standing.row_lengths[recipient] += 1;
                standing.recipient_spellings[recipient].get_or_insert(&pair.recipient);
            }
            if let Some(sender) = sender {
                standing.sender_spellings[sender].get_or_insert(&pair.sender);
            }
            if let (Some(recipient), Some(sender)) = (recipient, sender) {
                standing.is_there[recipient * columns + sender] = true;
            }
        }
        standing
    }

    pub(super) fn has_pair(&self, recipient: usize, sender: usize) -> bool {
        self.is_there[recipient * self.sender_count + sender]
    }

    /// Whether the row stands that a pair belongs to in this view.
    pub(super) fn has_row(&self, view: View, recipient: usize, sender: usize) -> bool {
        match view {
            View::Recipient => self.recipient_spellings[recipient].is_some(),
            View::Sender => self.sender_spellings[sender].is_some(),
        }
    }

    /// The pair as it is stored: the spelling that came first stays.
    pub(super) fn stored_pair(&self, wanted: &Wanted<'_>, recipient: usize, sender: usize) -> Pair {
        let asked = wanted.pair(recipient, sender);
        let stored = |spelling: Option<&str>, asked: String| spelling.map_or(asked, str::to_owned);
        Pair {
            recipient: stored(self.recipient_spellings[recipient], asked.recipient),
            sender: stored(self.sender_spellings[sender], asked.sender),
        }
    }
}
