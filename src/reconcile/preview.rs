//! The loop stopped after its first diff. A preview has no step that writes, so that nothing that drives one can
//! write by mistake: it would have nothing to send.

use super::{Event, Journal, Knowledge, Limits, Reconcile, Settled, Step, Wish};
use crate::model::{Read, ReadReply};

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviewStep {
    /// Read a page; answer with [`Preview::feed`].
    Read(Read),
    /// Nothing: call [`Preview::settled`].
    Done,
}

/// A wish that is only looked at.
#[derive(Debug)]
pub struct Preview(Reconcile);

impl Preview {
    /// Begins.
    #[must_use]
    pub fn new(wish: Wish, limits: Limits, knowledge: Knowledge) -> Self {
        Self(Reconcile::new(wish, limits, Journal::default(), knowledge))
    }

    /// What to do now.
    #[must_use]
    pub fn next(&self) -> PreviewStep {
        match self.0.next() {
            Step::Read(read) => PreviewStep::Read(read),
            // The state in which the loop would journal and write is left as soon as it is entered.
            Step::Journal(_) | Step::Write(_) | Step::Done => PreviewStep::Done,
        }
    }

    /// Takes a page, or why there is none.
    pub fn feed(&mut self, reply: ReadReply) {
        self.0.feed(Event::Read(reply));
        self.0.stop_before_writing();
    }

    /// The end: what stands, and what would be done.
    #[must_use]
    pub fn settled(self) -> Settled {
        self.0.settled()
    }
}
