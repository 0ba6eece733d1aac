//! What happened to a pair that was sent and still stands: once more, in the other view, apart from the others,
//! at last settled with the appliance's words. Pure bookkeeping; `choice.rs` makes requests of it.

use super::choice::Request;
use crate::model::{Pair, PairKey, Verdict, View};
use std::collections::{BTreeMap, BTreeSet};

/// Refusals of a pair in one view before it is believed: the first may be owed to a row that changed between our
/// reading and our request, and there is a fresh reading before the second.
const REFUSALS_MAX: u32 = 2;
/// Refusals in the view that is tried after the first one: the request differs, but the reading is fresh already.
const REFUSALS_IN_OTHER_VIEW_MAX: u32 = 1;
/// Times a pair is sent without a clear answer: a service that restarts loses one reply, perhaps two.
const UNCLEAR_TRIES_MAX: u32 = 2;
/// Times a pair may be there again after it was gone: whoever puts it back is not to be fought.
const RETURNS_MAX: u32 = 2;

/// The end of a pair that could not be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Settlement {
    /// A clear no, or a yes that nothing came of.
    Refused(String),
    /// No clear answer, again and again; the list was read and still holds it.
    Unanswered(String),
    /// It was gone, and there again, more than once.
    Returned,
}

#[derive(Debug, Clone, Default)]
struct Trial {
    /// Rows of different parts of a request that was taken apart have different numbers.
    part: u32,
    /// Its sender's row cannot be changed: only the recipient's is tried.
    by_recipient_only: bool,
    refusals: u32,
    unclear_tries: u32,
    returns: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Trials {
    trials: BTreeMap<PairKey, Trial>,
    settled: BTreeMap<PairKey, Settlement>,
    parts: u32,
}

impl Trials {
    pub(super) fn settlement(&self, pair: &PairKey) -> Option<&Settlement> {
        self.settled.get(pair)
    }

    pub(super) fn is_settled(&self, pair: &PairKey) -> bool {
        self.settled.contains_key(pair)
    }

    /// Pairs that the appliance refused: each gives its place among the objects per run back.
    pub(super) fn refused(&self) -> usize {
        let is_refused = |settlement: &&Settlement| matches!(settlement, Settlement::Refused(_));
        self.settled.values().filter(is_refused).count()
    }

    pub(super) fn part(&self, pair: &PairKey) -> u32 {
        self.trials.get(pair).map(|trial| trial.part).unwrap_or_default()
    }

    /// May the pair be taken out of its row in this view?
    pub(super) fn allows(&self, pair: &PairKey, view: View) -> bool {
        view == View::Recipient || self.trials.get(pair).is_none_or(|trial| !trial.by_recipient_only)
    }

    /// These pairs were gone after a request of ours and are there again.
    pub(super) fn count_returns(&mut self, pairs: &BTreeSet<PairKey>) {
        for pair in pairs {
            let trial = self.trials.entry(pair.clone()).or_default();
            trial.returns += 1;
            if trial.returns >= RETURNS_MAX {
                self.settled.insert(pair.clone(), Settlement::Returned);
            }
        }
    }

    /// Was the pair gone before, and came back?
    pub(super) fn has_returned(&self, pair: &PairKey) -> bool {
        self.trials.get(pair).is_some_and(|trial| trial.returns > 0)
    }

    /// Takes what became of a request: the verdict, and those of its pairs that still stand as they were named.
    pub(super) fn judge(&mut self, request: &Request, verdict: &Verdict, standing: &BTreeSet<Pair>) {
        if standing.is_empty() {
            return;
        }
        let progress = standing.len() < request.pairs.len();
        let standing = &standing.iter().map(Pair::key).collect();
        match verdict {
            Verdict::Done => self.settle(
                standing,
                &Settlement::Refused("accepted but still in the list".to_owned()),
            ),
            // What is left goes again: it is another request by then.
            Verdict::Refused { .. } if progress => {}
            Verdict::Refused { .. } if request.keys.len() > 1 => self.take_apart(request),
            Verdict::Refused { .. } => self.refuse(request.view, verdict, standing),
            Verdict::Unclear { .. } | Verdict::Unreachable { .. } => {
                let tries = self.count_unclear(standing);
                if progress || tries < UNCLEAR_TRIES_MAX {
                    return;
                }
                if request.keys.len() > 1 {
                    self.take_apart(request);
                } else {
                    self.settle(standing, &Settlement::Unanswered(verdict.describe()));
                }
            }
            // Nothing was done and nothing more will be: the extraction ends here.
            Verdict::Denied { .. } | Verdict::Resting { .. } | Verdict::Untrusted { .. } => {}
        }
    }

    /// One refusal more. From a sender's row the pair goes on to its recipient's, which the web interface edits,
    /// too; not the other way, because a sender's row may hold every mailbox of a company, and to rewrite that
    /// for one pair risks more than it promises.
    fn refuse(&mut self, view: View, verdict: &Verdict, standing: &BTreeSet<PairKey>) {
        for pair in standing {
            let trial = self.trials.entry(pair.clone()).or_default();
            trial.refusals += 1;
            let refusals_max = if trial.by_recipient_only {
                REFUSALS_IN_OTHER_VIEW_MAX
            } else {
                REFUSALS_MAX
            };
            if trial.refusals < refusals_max {
                continue;
            }
            if view == View::Sender {
                trial.by_recipient_only = true;
                trial.refusals = 0;
            } else {
                let settlement = Settlement::Refused(verdict.describe());
                self.settled.insert(pair.clone(), settlement);
            }
        }
    }

    fn count_unclear(&mut self, standing: &BTreeSet<PairKey>) -> u32 {
        let mut most = 0;
        for pair in standing {
            let trial = self.trials.entry(pair.clone()).or_default();
            trial.unclear_tries += 1;
            most = most.max(trial.unclear_tries);
        }
        most
    }

    /// Halves a request for several rows, so that one row cannot spoil the others for good.
    fn take_apart(&mut self, request: &Request) {
        for half in request.keys.chunks(request.keys.len().div_ceil(2)) {
            self.parts += 1;
            for pair in request
                .pairs
                .iter()
                .filter(|pair| half.contains(request.row(pair)))
            {
                let trial = self.trials.entry(pair.key()).or_default();
                trial.part = self.parts;
                trial.unclear_tries = 0;
            }
        }
    }

    fn settle(&mut self, pairs: &BTreeSet<PairKey>, settlement: &Settlement) {
        let settled = pairs.iter().map(|pair| (pair.clone(), settlement.clone()));
        self.settled.extend(settled);
    }
}
