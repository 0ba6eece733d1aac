//! The loop for what may have been sent before a crash and must not be sent again: an entry that a rule forbids since,
//! an appliance that is only looked at since. It reads what the journal names and credits what stands; like a preview
//! it has no step that writes, which is why entries need not be cleared for it.

use super::{
    AbsentPairs, Event, Extraction, Journal, Knowledge, Limits, PreviewStep, Reconcile, Settled, Step, Wish,
};
use crate::model::{ListKind, Operation, ReadReply, Recipient, Sender, View};

/// What was wished of a list before, with entries that nobody cleared today.
#[derive(Debug, Clone)]
pub struct SentBefore(Sent);

#[derive(Debug, Clone)]
enum Sent {
    /// Whole rows, or pairs that were to stand.
    Wish(Wish),
    /// Pairs that were to be taken out of their rows.
    AbsentPairs(AbsentPairs),
}

impl SentBefore {
    /// Senders that were to stand for every recipient; without recipients, that were to be gone.
    #[must_use]
    pub fn senders(list: ListKind, senders: &[Sender], recipients: Option<&[Recipient]>) -> Self {
        let recipients = recipients.map(|recipients| recipients.iter().map(Into::into).collect());
        let senders = senders.iter().map(Into::into).collect();
        Self(Sent::Wish(Wish::new(list, View::Sender, senders, recipients)))
    }

    /// Recipients that were to hold every sender; without senders, that were to hold nothing.
    #[must_use]
    pub fn recipients(list: ListKind, recipients: &[Recipient], senders: Option<&[Sender]>) -> Self {
        let senders = senders.map(|senders| senders.iter().map(Into::into).collect());
        let recipients = recipients.iter().map(Into::into).collect();
        Self(Sent::Wish(Wish::new(list, View::Recipient, recipients, senders)))
    }

    /// Single pairs that were to stand, or to be gone. Each of them is an item, in their order, for either operation.
    #[must_use]
    pub fn pairs(list: ListKind, operation: Operation, pairs: &[(Recipient, Sender)]) -> Self {
        Self(match operation {
            Operation::Add => Sent::Wish(Wish::present_one_by_one(list, pairs)),
            Operation::Delete => Sent::AbsentPairs(AbsentPairs::sent_before(list, pairs)),
        })
    }
}

/// Reads what became of it.
#[derive(Debug)]
pub struct ReadBack(Reading);

#[derive(Debug)]
enum Reading {
    Reconcile(Box<Reconcile>),
    Extraction(Box<Extraction>),
}

impl ReadBack {
    /// Begins. What was not sent is `not_tried`, with the words of `why`.
    #[must_use]
    pub fn new(sent: SentBefore, limits: Limits, journal: Journal, knowledge: Knowledge, why: &str) -> Self {
        Self(match sent.0 {
            Sent::Wish(wish) => {
                let mut machine = Reconcile::new(wish, limits, journal, knowledge);
                machine.stop(why);
                Reading::Reconcile(Box::new(machine))
            }
            Sent::AbsentPairs(wish) => {
                let mut machine = Extraction::new(wish, limits, journal, knowledge);
                machine.stop(why);
                Reading::Extraction(Box::new(machine))
            }
        })
    }

    /// What to do now.
    #[must_use]
    pub fn next(&self) -> PreviewStep {
        let step = match &self.0 {
            Reading::Reconcile(machine) => machine.next(),
            Reading::Extraction(machine) => machine.next(),
        };
        match step {
            Step::Read(read) => PreviewStep::Read(read),
            // A machine that was stopped before it sent anything gets to none of these but the last.
            Step::Journal(_) | Step::Write(_) | Step::Done => PreviewStep::Done,
        }
    }

    /// Takes a page, or why there is none.
    pub fn feed(&mut self, reply: ReadReply) {
        match &mut self.0 {
            Reading::Reconcile(machine) => machine.feed(Event::Read(reply)),
            Reading::Extraction(machine) => machine.feed(Event::Read(reply)),
        }
    }

    /// The end: what stands.
    #[must_use]
    pub fn settled(self) -> Settled {
        match self.0 {
            Reading::Reconcile(machine) => machine.settled(),
            Reading::Extraction(machine) => machine.settled(),
        }
    }
}
