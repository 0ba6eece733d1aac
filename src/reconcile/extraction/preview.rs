//! An extraction that is only looked at: it ends where the first request would be chosen, and has no step that writes.

use super::{AbsentPairs, Extraction};
use crate::model::ReadReply;
use crate::reconcile::{Event, Journal, Knowledge, Limits, PreviewStep, Settled, Step};

/// Single pairs that would be taken out of their rows.
#[derive(Debug)]
pub struct ExtractionPreview(Extraction);

impl ExtractionPreview {
    /// Begins.
    #[must_use]
    pub fn new(wish: AbsentPairs, limits: Limits, knowledge: Knowledge) -> Self {
        let mut machine = Extraction::new(wish, limits, Journal::default(), knowledge);
        machine.only_looks = true;
        Self(machine)
    }

    /// What to do now.
    #[must_use]
    pub fn next(&self) -> PreviewStep {
        match self.0.next() {
            Step::Read(read) => PreviewStep::Read(read),
            // One that only looks gets to none of these but the last.
            Step::Journal(_) | Step::Write(_) | Step::Done => PreviewStep::Done,
        }
    }

    /// Takes a page, or why there is none.
    pub fn feed(&mut self, reply: ReadReply) {
        self.0.feed(Event::Read(reply));
    }

    /// The end: what stands, and what would be taken out.
    #[must_use]
    pub fn settled(self) -> Settled {
        self.0.settled()
    }
}
