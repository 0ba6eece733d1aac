//! The loop for what may have been sent before a crash and must not be sent again: an entry that a rule forbids since,
//! an appliance that is only looked at since. It reads what the journal names and credits what stands; like a preview
//! it has no step that writes, which is why entries need not be cleared for it.

use super::{Event, Journal, Knowledge, Limits, PreviewStep, Reconcile, Settled, Step, Wish};
use crate::model::{ListKind, ReadReply, Recipient, Sender, View};

/// What was wished of a list before, with entries that nobody cleared today.
#[derive(Debug, Clone)]
pub struct SentBefore(Wish);

impl SentBefore {
    /// Senders that were to stand for every recipient; without recipients, that were to be gone.
    #[must_use]
    pub fn senders(list: ListKind, senders: &[Sender], recipients: Option<&[Recipient]>) -> Self {
        let recipients = recipients.map(|recipients| recipients.iter().map(Into::into).collect());
        let senders = senders.iter().map(Into::into).collect();
        Self(Wish::new(list, View::Sender, senders, recipients))
    }

    /// Recipients that were to hold every sender; without senders, that were to hold nothing.
    #[must_use]
    pub fn recipients(list: ListKind, recipients: &[Recipient], senders: Option<&[Sender]>) -> Self {
        let senders = senders.map(|senders| senders.iter().map(Into::into).collect());
        let recipients = recipients.iter().map(Into::into).collect();
        Self(Wish::new(list, View::Recipient, recipients, senders))
    }
}

/// Reads what became of it.
#[derive(Debug)]
pub struct ReadBack(Reconcile);

impl ReadBack {
    /// Begins. What was not sent is `not_tried`, with the words of `why`.
    #[must_use]
    pub fn new(sent: SentBefore, limits: Limits, journal: Journal, knowledge: Knowledge, why: &str) -> Self {
        let mut machine = Reconcile::new(sent.0, limits, journal, knowledge);
        machine.stop(why);
        Self(machine)
    }

    /// What to do now.
    #[must_use]
    pub fn next(&self) -> PreviewStep {
        match self.0.next() {
            Step::Read(read) => PreviewStep::Read(read),
            // A loop that was stopped gets to none of these but the last.
            Step::Journal(_) | Step::Write(_) | Step::Done => PreviewStep::Done,
        }
    }

    /// Takes a page, or why there is none.
    pub fn feed(&mut self, reply: ReadReply) {
        self.0.feed(Event::Read(reply));
    }

    /// The end: what stands.
    #[must_use]
    pub fn settled(self) -> Settled {
        self.0.settled()
    }
}
