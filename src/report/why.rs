//! The answer to "why is this sender blocked?": what stands for it on the lists of each appliance, which entry covers it
//! and who put it there, as document and, in `why/sentence.rs`, as one sentence with trouble first. Refuses to know how
//! that was found out. Who may see which run is decided before; what a caller may not know is null here.

mod sentence;
#[cfg(test)]
mod tests;

use crate::model::{EntryKey, ListKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Pairs in one document: what a person can look through, and a reply of some hundred kilobytes.
const PAIRS_MAX: usize = 1_000;
/// Holds in one document, for the same reason; an undo may put down one for each of its pairs.
const HOLDS_MAX: usize = 100;

/// What stands for a sender. Its JSON form is the interface: keys are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// One sentence, trouble first.
    pub text: String,
    /// As asked.
    pub value: String,
    /// What covers it, the closest first.
    pub entries: Vec<CoveringEntry>,
    /// The one mailbox that is asked about; null for all.
    pub recipient: Option<String>,
    /// Why the guard would not let it be listed today; null where it would.
    pub guard: Option<String>,
    /// What keeps it from being added, on whichever appliance.
    pub holds: Vec<WhyHold>,
    /// More of them.
    pub holds_left_out: usize,
    /// Two for each appliance.
    pub lists: Vec<WhyList>,
    /// Pairs that are counted, and not shown.
    pub pairs_left_out: usize,
}

/// An entry by which mail of the sender is blocked or let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveringEntry {
    /// As it would be listed.
    pub entry: String,
    /// How it covers.
    pub covers: Covering,
}

/// How an entry covers a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Covering {
    /// It is the sender.
    Itself,
    /// It is the domain of the address.
    Domain,
}

/// One list of one appliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyList {
    /// The appliance's name.
    pub appliance: String,
    /// Which list.
    pub list: ListKind,
    /// Why more may stand there, or nothing is known; null where the list was read whole.
    pub unread: Option<String>,
    /// Mailboxes for which something stands there.
    pub mailboxes: usize,
    /// Minutes until a change reaches the engine that filters mail, at most, where the operator told.
    pub list_sync_minutes: Option<u32>,
    /// Runs that are not done there: what they change is told as ours when they end.
    pub under_way: Vec<String>,
    /// What stands.
    pub pairs: Vec<WhyPair>,
    /// What we put there and nobody of us took away, and what is not there any more.
    pub gone: Vec<WhyPair>,
}

/// A pair that stands, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyPair {
    /// The mailbox, as the appliance spells it.
    pub recipient: String,
    /// The entry, as the appliance spells it.
    pub entry: String,
    /// How it covers what is asked about.
    pub covers: Covering,
    /// Who put it there; null where that was none of us.
    pub ours: Option<Ours>,
    /// The undo that put it back for somebody else, where it is not ours.
    pub put_back_by: Option<String>,
    /// In force at the latest then, in RFC 3339 and UTC; null where we wrote nothing of it or `list_sync_minutes` is not set.
    pub in_force_by: Option<String>,
}

/// Who put a pair there. What is null beside run and time is not kept any more, or not for the caller to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ours {
    /// The run.
    pub run: String,
    /// When, in RFC 3339 and UTC.
    pub since: String,
    /// Its configuration.
    pub configuration: Option<String>,
    /// Who called.
    pub client: Option<String>,
    /// The caller's ticket.
    pub ticket: Option<String>,
    /// The caller's reason.
    pub reason: Option<String>,
    /// The last run that asked for it since, and found it there.
    pub claimed_by: Option<String>,
    /// Its request was not read back, nor has any run found the pair there since.
    pub unproven: bool,
}

/// A hold. What is null is any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyHold {
    /// On this list alone.
    pub list: Option<String>,
    /// For this mailbox alone.
    pub recipient: Option<String>,
    /// For this entry alone.
    pub entry: Option<String>,
    /// Until when, by whom and why.
    pub text: String,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// As asked.
    pub value: String,
    /// What covers it, the closest first.
    pub entries: Vec<CoveringEntry>,
    /// One mailbox.
    pub recipient: Option<String>,
}

impl Why {
    /// Makes the sentence of everything, and leaves out what is too much for a document.
    #[must_use]
    pub fn new(asked: Asked, guard: Option<String>, holds: Vec<WhyHold>, lists: Vec<WhyList>) -> Self {
        let mut why = Self {
            text: String::new(),
            value: asked.value,
            entries: asked.entries,
            recipient: asked.recipient,
            guard,
            holds,
            holds_left_out: 0,
            lists,
            pairs_left_out: 0,
        };
        for list in &mut why.lists {
            list.mailboxes = mailboxes(&list.pairs).len();
        }
        why.text = sentence::sentence(&why);
        why.leave_out();
        why
    }

    /// Is there a list of which something is not known, or none at all?
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.lists.is_empty() || self.lists.iter().any(|list| list.unread.is_some())
    }

    /// Is nothing known of any list?
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        let is_unknown = |list: &WhyList| list.unread.is_some() && list.pairs.is_empty();
        self.lists.iter().all(is_unknown)
    }

    fn leave_out(&mut self) {
        let mut room = PAIRS_MAX;
        for list in &mut self.lists {
            for pairs in [&mut list.pairs, &mut list.gone] {
                let kept = pairs.len().min(room);
                room -= kept;
                self.pairs_left_out += pairs.len() - kept;
                pairs.truncate(kept);
            }
        }
        self.holds_left_out = self.holds.len().saturating_sub(HOLDS_MAX);
        self.holds.truncate(HOLDS_MAX);
    }
}

/// Each once, whatever its spelling.
fn mailboxes<'p>(pairs: impl IntoIterator<Item = &'p WhyPair>) -> BTreeSet<EntryKey> {
    let pairs = pairs.into_iter();
    pairs.map(|pair| EntryKey::of(&pair.recipient)).collect()
}
