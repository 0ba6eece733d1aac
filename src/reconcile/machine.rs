//! What a driver sees of a machine, whichever wish it is of: two conversations, one with steps that write and one
//! without. Only the forms; what is said in them is each machine's own (`reconcile.rs`, `extraction.rs`, and for those
//! that only read `preview.rs`, `extraction/preview.rs` and `read_back.rs`).

use super::{Event, Extraction, ExtractionPreview, Preview, PreviewStep, ReadBack, Reconcile, Settled, Step};
use crate::model::ReadReply;

/// A machine that may write.
pub trait Machine {
    /// What to do now. Asking twice without an answer in between gives the same.
    fn next(&self) -> Step;
    /// Takes the answer to [`Machine::next`].
    fn feed(&mut self, event: Event);
    /// Begins no further change, with these words for what was not tried. Whoever takes rows apart still puts back
    /// what they lost, so that a write may follow.
    fn stop(&mut self, why: String);
    /// Was anything sent, now or before a crash, that was not read back since?
    fn may_have_written(&self) -> bool;
    /// Can it be left here, and begun again from its journal? Not where a row may have lost what is not of the wish: only
    /// this machine knows what to put back.
    fn may_be_left(&self) -> bool;
    /// The end.
    fn settled(self) -> Settled;
}

/// A machine that only reads.
pub trait ReadingMachine {
    /// What to do now. Asking twice without an answer in between gives the same.
    fn next(&self) -> PreviewStep;
    /// Takes a page, or why there is none.
    fn feed(&mut self, reply: ReadReply);
    /// The end.
    fn settled(self) -> Settled;
}

macro_rules! machine {
    ($($of:ty),+) => {$(
        impl Machine for $of {
            fn next(&self) -> Step {
                Self::next(self)
            }

            fn feed(&mut self, event: Event) {
                Self::feed(self, event);
            }

            fn stop(&mut self, why: String) {
                Self::stop(self, why);
            }

            fn may_have_written(&self) -> bool {
                Self::may_have_written(self)
            }

            fn may_be_left(&self) -> bool {
                Self::may_be_left(self)
            }

            fn settled(self) -> Settled {
                Self::settled(self)
            }
        }
    )+};
}

macro_rules! reading_machine {
    ($($of:ty),+) => {$(
        impl ReadingMachine for $of {
            fn next(&self) -> PreviewStep {
                Self::next(self)
            }

            fn feed(&mut self, reply: ReadReply) {
                Self::feed(self, reply);
            }

            fn settled(self) -> Settled {
                Self::settled(self)
            }
        }
    )+};
}

machine!(Reconcile, Extraction);
reading_machine!(Preview, ExtractionPreview, ReadBack);
