//! Whether there is another round, and what has to be known before it: the size of the list, where only a share of it
//! may be removed. What goes into the round is `plan.rs`'s; `reconcile.rs` moves on from there.

use super::plan::{Batch, Hold, Plan};
use super::{Purpose, Reconcile, State};
use std::collections::VecDeque;

impl Reconcile {
    /// Diffs, and begins the next round or ends.
    pub(super) fn plan(&mut self) {
        if self.failure.is_some() {
            return;
        }
        let plan = self.picture().plan();
        if self.needs_the_size(&plan) {
            self.size_was_sought = true;
            return self.observe(self.wish.list, 0, Purpose::Size);
        }
        self.holds = plan.holds;
        if plan.batches.is_empty() || self.stopped.is_some() {
            return;
        }
        let batches: VecDeque<Batch> = plan.batches.into_iter().take(self.effort.writes_left()).collect();
        if batches.is_empty() {
            self.stopped = Some(self.effort.describe());
            return;
        }
        self.effort.begin_round();
        self.admitted.extend(plan.admitted);
        self.granted.extend(plan.granted);
        let pairs = batches.iter().flat_map(|batch| self.pairs(batch)).collect();
        self.state = State::Journaling(pairs, batches);
    }

    /// A search shows the rows of the wish and not the list. Where they are more than may be removed of a list of any
    /// size, it is read whole, once; what cannot be read whole is not guessed.
    fn needs_the_size(&self, plan: &Plan) -> bool {
        let is_over = |hold: &Hold| matches!(hold, Hold::OverCap(_));
        !self.size_was_sought
            && self.stopped.is_none()
            && self.limits.depend_on_the_size(self.size)
            && plan.holds.values().any(is_over)
    }
}
