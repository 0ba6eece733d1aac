//! How much one extraction may try: each number with its reason. Counts, and decides nothing about a single pair.
//! Unlike the loop of whole rows, a round here is one request, so that the numbers differ from its.

use crate::model::Verdict;

/// Rounds that took nothing away. A hundred pairs, the usual objects per run, of which each is refused twice by
/// sender and once by recipient, are three hundred; whatever takes something away is bounded by the wish itself.
const ROUNDS_IN_VAIN_MAX: u32 = 300;
/// Requests without a clear answer: after so many, an appliance is not busy but broken, and each may cost a whole
/// request time-out.
const UNCLEAR_WRITES_MAX: u32 = 20;

#[derive(Debug, Clone, Default)]
pub(super) struct Effort {
    writes: u32,
    unclear_writes: u32,
    rounds_in_vain: u32,
    /// Observations since the last request, made to see a row once more before it is changed.
    looks: u32,
}

impl Effort {
    /// A row is looked at before a request that may turn out to be needless.
    pub(super) fn look(&mut self) {
        self.looks += 1;
    }

    pub(super) fn begin_round(&mut self) {
        self.looks = 0;
    }

    pub(super) fn count(&mut self, verdict: &Verdict) {
        self.writes += 1;
        self.unclear_writes += u32::from(verdict.is_unclear());
    }

    pub(super) fn end_round(&mut self, progress: bool) {
        self.rounds_in_vain += u32::from(!progress);
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.unclear_writes >= UNCLEAR_WRITES_MAX || self.rounds_in_vain + self.looks >= ROUNDS_IN_VAIN_MAX
    }

    /// Why nothing more is tried.
    pub(super) fn describe(&self) -> String {
        format!(
            "stopped after {} writes, {} of them without a clear answer, in {} rounds that changed nothing",
            self.writes,
            self.unclear_writes,
            self.rounds_in_vain + self.looks
        )
    }
}
