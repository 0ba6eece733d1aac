//! Who made a pair of the wish what it is: what was ever seen, sent, answered with a clear yes, read since, and gone.
//! Bookkeeping for `settle.rs`, which draws the conclusions.

use super::choice::is_shown;
use crate::model::{Pair, PairKey, Verdict};
use crate::reconcile::scope::Observation;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Default)]
pub(super) struct Credit {
    /// Every pair of the wish that was ever seen.
    met: BTreeSet<PairKey>,
    /// Every pair that a request of ours named, or that the journal says one may have named.
    requested: BTreeSet<PairKey>,
    /// Those of them whose last request had a clear yes.
    clear: BTreeSet<PairKey>,
    /// Pairs that were sent, or may have been, and not read since.
    in_flight: BTreeSet<PairKey>,
    /// Read to be gone after a request of ours, each spelling by itself.
    gone: BTreeSet<Pair>,
}

impl Credit {
    /// With the pairs of the wish that an earlier life may have sent.
    pub(super) fn new(journaled: BTreeSet<PairKey>) -> Self {
        Self {
            requested: journaled.clone(),
            in_flight: journaled,
            ..Self::default()
        }
    }

    pub(super) fn requested(&self) -> &BTreeSet<PairKey> {
        &self.requested
    }

    pub(super) fn was_met(&self, pair: &PairKey) -> bool {
        self.met.contains(pair)
    }

    pub(super) fn was_requested(&self, pair: &PairKey) -> bool {
        self.requested.contains(pair)
    }

    pub(super) fn is_clear(&self, pair: &PairKey) -> bool {
        self.clear.contains(pair)
    }

    pub(super) fn is_in_flight(&self, pair: &PairKey) -> bool {
        self.in_flight.contains(pair)
    }

    pub(super) fn has_in_flight(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Pairs of the wish were sent.
    pub(super) fn send(&mut self, pairs: BTreeSet<PairKey>, verdict: &Verdict) {
        match verdict {
            Verdict::Done => self.clear.extend(pairs.iter().cloned()),
            Verdict::Refused { .. } | Verdict::Unclear { .. } => {
                self.clear.retain(|pair| !pairs.contains(pair));
            }
            // Nothing was done, or not even sent.
            Verdict::Denied { .. }
            | Verdict::Resting { .. }
            | Verdict::Untrusted { .. }
            | Verdict::Unreachable { .. } => return,
        }
        self.in_flight.extend(pairs.iter().cloned());
        self.requested.extend(pairs);
    }

    /// Pairs that were read to be gone after a request that took them away, or that lost them.
    pub(super) fn take(&mut self, gone: BTreeSet<Pair>, lost: impl IntoIterator<Item = PairKey>) {
        self.gone.extend(gone);
        self.requested.extend(lost);
    }

    /// Takes in a reading. Returns the pairs that were gone and are there again.
    pub(super) fn read(
        &mut self,
        observation: &Observation,
        is_wished: impl Fn(&PairKey) -> bool,
        is_proof_for: impl Fn(&PairKey) -> bool,
    ) -> BTreeSet<PairKey> {
        let met = observation.pairs.keys().filter(|pair| is_wished(pair));
        self.met.extend(met.cloned());
        self.in_flight
            .retain(|pair| !is_proof_for(pair) && !observation.holds(pair));
        let returned = self.gone.iter().filter(|pair| is_shown(observation, pair));
        let returned = returned.map(Pair::key).collect();
        self.gone.retain(|pair| !is_shown(observation, pair));
        returned
    }
}
