//! How much a task may try: bounded rounds and requests, each number with its reason. Counts, and decides nothing
//! about a single pair.

use crate::model::Verdict;

/// Rounds of writing. Taking 50 items and 50 recipients apart to one pair needs 2 x 6 halvings, each perhaps
/// with a second verb and a lost reply; nothing honest needs more than this.
const ROUNDS_MAX: u32 = 40;
/// Requests beyond the first round, in which every batch has its turn. A hundred items that are refused one by one
/// cost about 300 while they are taken apart; a third more bounds how long one run may keep a list.
const REPEATED_WRITES_MAX: usize = 400;
/// Requests without a clear answer: after so many, an appliance is not busy but broken, and each may cost a whole
/// request time-out.
const UNCLEAR_WRITES_MAX: u32 = 20;
/// The wait before reading what became of a request without a clear answer: a busy appliance is not hurried.
pub(super) const UNCLEAR_DELAY_MS: u64 = 500;

/// Observations of one list in a row before it counts as one that cannot be read whole. Each begins a paging twice
/// in either view, so that an editor who works on for a few seconds is waited for.
pub(super) const OBSERVATIONS_MAX: u32 = 3;
/// The wait before the second of them is twice this, before the third four times.
pub(super) const INCOMPLETE_DELAY_MS: u64 = 500;

/// How long a read is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Nothing depends on it: what was not sent can be sent by the next call.
    NothingSent,
    /// Something was sent, and without the reading nobody can say what became of it.
    Sent,
}

impl Patience {
    /// Times a read is asked. Three give a restarting service about a second, six nine seconds: together with the
    /// request time-outs this is the time limit after which what was sent counts as unproven.
    pub(super) fn tries_max(self) -> u32 {
        match self {
            Self::NothingSent => 3,
            Self::Sent => 6,
        }
    }

    /// Times a read is asked after it was not let in. Credentials that were good for a write seconds ago are asked
    /// once more; no others, because accounts are locked by repetition.
    pub(super) fn denials_max(self) -> u32 {
        match self {
            Self::NothingSent => 0,
            Self::Sent => 1,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Effort {
    rounds: u32,
    writes: usize,
    repeated_writes: usize,
    unclear_writes: u32,
}

impl Effort {
    pub(super) fn begin_round(&mut self) {
        self.rounds += 1;
    }

    pub(super) fn count(&mut self, verdict: &Verdict) {
        self.writes += 1;
        self.repeated_writes += usize::from(self.rounds > 1);
        self.unclear_writes += u32::from(verdict.is_unclear());
    }

    /// So many requests went unanswered that the next one will be, too.
    pub(super) fn is_in_vain(&self) -> bool {
        self.unclear_writes >= UNCLEAR_WRITES_MAX
    }

    /// How many requests the next round may have. In the first one every batch has its turn.
    pub(super) fn writes_left(&self) -> usize {
        match self.rounds {
            _ if self.is_in_vain() => 0,
            0 => usize::MAX,
            ROUNDS_MAX.. => 0,
            _ => REPEATED_WRITES_MAX.saturating_sub(self.repeated_writes),
        }
    }

    /// Why nothing more is tried.
    pub(super) fn describe(&self) -> String {
        format!(
            "stopped after {} writes in {} rounds, {} of them without a clear answer; not accepted so far",
            self.writes, self.rounds, self.unclear_writes
        )
    }
}
