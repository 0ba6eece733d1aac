//! Reads which of some senders one list holds, and for whom. No wish, and nothing that writes: for those who ask why mail
//! is blocked. How a list is read is `observe.rs`'s.

use super::effort::{INCOMPLETE_DELAY_MS, OBSERVATIONS_MAX, Patience};
use super::observe::Observer;
use super::scope::{Observation, Scope};
use super::{Knowledge, PreviewStep};
use crate::model::{EntryKey, ListKind, Pair, ReadReply, Verdict, View};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The reading of one list.
#[derive(Debug)]
pub struct Look {
    list: ListKind,
    senders: BTreeSet<EntryKey>,
    scope: Arc<Scope>,
    observer: Observer,
    observations: u32,
    /// By readings that ended without the whole list: it was there, and nothing can be said of the rest.
    glimpsed: Observation,
    knowledge: Knowledge,
    end: Option<Result<Observation, Verdict>>,
}

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// As the appliance spells them; also what was seen before the reading failed.
    pub pairs: Vec<Pair>,
    /// Whatever is not among them is not on the list.
    pub is_complete: bool,
    /// Why it could not be read to its end.
    pub failure: Option<Verdict>,
    /// What is known of the appliance now.
    pub knowledge: Knowledge,
}

impl Look {
    /// For these senders, in one mailbox or in all.
    #[must_use]
    pub fn new(
        list: ListKind,
        senders: impl IntoIterator<Item = EntryKey>,
        recipient: Option<EntryKey>,
        knowledge: Knowledge,
    ) -> Self {
        let senders: BTreeSet<EntryKey> = senders.into_iter().collect();
        // The row of one mailbox can be searched for; that of a sender cannot.
        let scope = match recipient {
            Some(recipient) => Scope {
                recipients: BTreeSet::from([recipient]),
                senders: BTreeSet::new(),
            },
            None => Scope {
                recipients: BTreeSet::new(),
                senders: senders.clone(),
            },
        };
        let scope = Arc::new(scope);
        Self {
            observer: observer(list, &scope, 0, &knowledge),
            list,
            senders,
            scope,
            observations: 1,
            glimpsed: Observation::default(),
            knowledge,
            end: None,
        }
    }

    /// What to do now.
    #[must_use]
    pub fn next(&self) -> PreviewStep {
        match self.end {
            Some(_) => PreviewStep::Done,
            None => PreviewStep::Read(self.observer.next()),
        }
    }

    /// Takes a page, or why there is none.
    pub fn feed(&mut self, reply: ReadReply) {
        match self.observer.feed(reply, &mut self.knowledge) {
            None => {}
            Some(Ok(observation)) if observation.complete => self.end = Some(Ok(observation)),
            Some(Ok(observation)) => {
                self.glimpse(observation);
                if self.observations < OBSERVATIONS_MAX {
                    let delay_ms = INCOMPLETE_DELAY_MS << self.observations;
                    self.observations += 1;
                    self.observer = observer(self.list, &self.scope, delay_ms, &self.knowledge);
                } else {
                    self.end = Some(Ok(std::mem::take(&mut self.glimpsed)));
                }
            }
            Some(Err(verdict)) => {
                let seen = self.observer.incomplete();
                self.glimpse(seen);
                self.end = Some(Err(verdict));
            }
        }
    }

    /// The end.
    #[must_use]
    pub fn looked(self) -> Looked {
        let (observation, failure) = match self.end {
            Some(Ok(observation)) => (observation, None),
            Some(Err(verdict)) => (self.glimpsed, Some(verdict)),
            None => (self.glimpsed, None),
        };
        let wanted = |pair: &&Pair| self.senders.contains(&pair.key().sender);
        let seen = observation.pairs.values().flatten();
        Looked {
            pairs: seen.filter(wanted).cloned().collect(),
            is_complete: observation.complete,
            failure,
            knowledge: self.knowledge,
        }
    }

    fn glimpse(&mut self, seen: Observation) {
        let pairs = seen.pairs.into_values().flatten();
        self.glimpsed.extend(&self.scope, pairs);
    }
}

fn observer(list: ListKind, scope: &Arc<Scope>, delay_ms: u64, knowledge: &Knowledge) -> Observer {
    let home = if scope.recipients.is_empty() {
        View::Sender
    } else {
        View::Recipient
    };
    Observer::new(
        list,
        Arc::clone(scope),
        home,
        delay_ms,
        Patience::NothingSent,
        knowledge,
    )
}
