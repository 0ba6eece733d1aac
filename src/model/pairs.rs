//! The pairs of one indicator by how they stand, and the outcome that they amount to. The parts always add up.

use super::list::Operation;
use super::outcome::{Class, Outcome};
use serde::{Deserialize, Serialize};

/// How the pairs of one indicator stand. The parts add up to `wanted`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairCounts {
    /// All of them.
    pub wanted: usize,
    /// Were as wished before we came.
    pub already: usize,
    /// Changed by us and read back.
    pub written: usize,
    /// A preview would change them.
    pub would: usize,
    /// Over a cap on the pairs changed in one run.
    pub over_cap: usize,
    /// Forbidden by a rule of the guard that was not there when the call was accepted.
    #[serde(default)]
    pub refused_by_rule: usize,
    /// Kept off the list by a hold that somebody put down.
    #[serde(default)]
    pub held: usize,
    /// Stand on the other list.
    pub conflict: usize,
    /// Their recipient's row is full.
    pub full: usize,
    /// Refused by the appliance.
    pub refused: usize,
    /// Not listed because the stored entry on their other side is refused by the appliance: a trouble of the
    /// configuration, told once for the appliance and not the indicator's fault.
    #[serde(default)]
    pub misconfigured: usize,
    /// Over the objects per run.
    pub waiting: usize,
    /// Stopped before their turn.
    pub not_tried: usize,
    /// The appliance was not reached, or did not let us in.
    pub unreachable: usize,
    /// Sent, and not read afterwards.
    pub unproven: usize,
}

impl PairCounts {
    /// Counts one more pair of each kind that the other counts.
    pub fn add(&mut self, other: &Self) {
        self.wanted += other.wanted;
        self.already += other.already;
        self.written += other.written;
        self.would += other.would;
        self.over_cap += other.over_cap;
        self.refused_by_rule += other.refused_by_rule;
        self.held += other.held;
        self.conflict += other.conflict;
        self.full += other.full;
        self.refused += other.refused;
        self.misconfigured += other.misconfigured;
        self.waiting += other.waiting;
        self.not_tried += other.not_tried;
        self.unreachable += other.unreachable;
        self.unproven += other.unproven;
    }

    /// Pairs that are as wished now.
    #[must_use]
    pub fn in_place(&self) -> usize {
        self.already + self.written
    }

    /// Do the parts make the whole?
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let parts = self.in_place()
            + self.would
            + self.over_cap
            + self.refused_by_rule
            + self.held
            + self.conflict
            + self.full
            + self.refused
            + self.misconfigured
            + self.waiting
            + self.not_tried
            + self.unreachable
            + self.unproven;
        parts == self.wanted
    }

    /// The outcomes of the pairs that are not as wished.
    fn shortcomings(&self) -> impl Iterator<Item = Outcome> {
        [
            (self.waiting, Outcome::Waiting),
            (self.over_cap, Outcome::OverCap),
            (self.refused_by_rule, Outcome::RefusedByRule),
            (self.held, Outcome::Held),
            (self.conflict, Outcome::Conflict),
            (self.full, Outcome::ListFull),
            (self.refused, Outcome::RefusedByAppliance),
            (self.not_tried, Outcome::NotTried),
            (self.unreachable, Outcome::Unreachable),
            (self.unproven, Outcome::Unproven),
        ]
        .into_iter()
        .filter_map(|(count, outcome)| (count > 0).then_some(outcome))
    }

    /// The outcome of an indicator with these pairs of one appliance, and its class.
    ///
    /// Pairs that all fall short have the worst one's outcome; pairs that differ in `ok` make it `partly`. Pairs
    /// with a stored entry that the appliance refuses count against nobody, unless there are no others.
    #[must_use]
    pub fn outcome(&self, operation: Operation) -> (Outcome, Class) {
        let worst = self.worst(operation);
        let class = worst.class().unwrap_or(Class::Trouble);
        let outcome = if self.is_mixed() { Outcome::Partly } else { worst };
        (outcome, class)
    }

    /// How bad it is beside the pairs of another appliance.
    #[must_use]
    pub fn severity(&self, operation: Operation) -> Severity {
        Severity {
            worst_pair: self.worst(operation).rank(),
            is_whole: !self.is_mixed(),
        }
    }

    /// Some stand, or would, and some fall short.
    fn is_mixed(&self) -> bool {
        self.in_place() + self.would > 0 && self.shortcomings().next().is_some()
    }

    /// What the worst pair amounts to.
    fn worst(&self, operation: Operation) -> Outcome {
        if let Some(worst) = self.shortcomings().max_by_key(|outcome| outcome.rank()) {
            return worst;
        }
        if self.misconfigured > 0 && self.misconfigured == self.wanted {
            return Outcome::NotTried;
        }
        match (operation, self.would > 0, self.written > 0) {
            (Operation::Add, true, _) => Outcome::WouldAdd,
            (Operation::Delete, true, _) => Outcome::WouldRemove,
            (Operation::Add, false, true) => Outcome::Added,
            (Operation::Add, false, false) => Outcome::AlreadyPresent,
            (Operation::Delete, false, true) => Outcome::Removed,
            (Operation::Delete, false, false) => Outcome::AlreadyAbsent,
        }
    }
}

/// How bad an indicator stands on one appliance beside another: by its worst pair first, in the order of
/// `Outcome::BEST_TO_WORST`; where that is the same, what falls short as a whole is worse than what does in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Severity {
    worst_pair: Option<usize>,
    is_whole: bool,
}

/// One pair that falls short, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairExample {
    /// The mailbox.
    pub recipient: String,
    /// Whom it would block or trust.
    pub sender: String,
    /// What became of this pair.
    pub outcome: Outcome,
    /// Why.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_that_differ_in_ok_make_an_indicator_partly_of_its_worst_class() {
        let counts = |change: fn(&mut PairCounts)| {
            let mut counts = PairCounts {
                wanted: 4,
                ..PairCounts::default()
            };
            change(&mut counts);
            assert!(counts.adds_up());
            counts.outcome(Operation::Add)
        };
        assert_eq!(
            counts(|c| c.already = 4),
            (Outcome::AlreadyPresent, Class::InPlace)
        );
        assert_eq!(
            counts(|c| (c.already, c.written) = (3, 1)),
            (Outcome::Added, Class::InPlace)
        );
        assert_eq!(counts(|c| c.full = 4), (Outcome::ListFull, Class::Refused));
        assert_eq!(
            counts(|c| (c.full, c.conflict) = (2, 2)),
            (Outcome::ListFull, Class::Refused)
        );
        assert_eq!(counts(|c| c.held = 4), (Outcome::Held, Class::Refused));
        assert_eq!(
            counts(|c| (c.already, c.held) = (3, 1)),
            (Outcome::Partly, Class::Refused)
        );
        assert_eq!(
            counts(|c| (c.written, c.full) = (3, 1)),
            (Outcome::Partly, Class::Refused)
        );
        assert_eq!(
            counts(|c| (c.written, c.unproven, c.full) = (1, 1, 2)),
            (Outcome::Partly, Class::Trouble)
        );
        assert_eq!(
            counts(|c| (c.written, c.misconfigured) = (3, 1)),
            (Outcome::Added, Class::InPlace)
        );
        assert_eq!(
            counts(|c| (c.full, c.misconfigured) = (3, 1)),
            (Outcome::ListFull, Class::Refused)
        );
        assert_eq!(
            counts(|c| c.misconfigured = 4),
            (Outcome::NotTried, Class::Trouble)
        );
        assert_eq!(
            counts(|c| (c.unreachable, c.full) = (3, 1)),
            (Outcome::Unreachable, Class::Trouble)
        );
    }

    #[test]
    fn appliances_are_compared_by_their_worst_pair_and_then_by_how_much_of_them_falls_short() {
        let counts = |change: fn(&mut PairCounts)| {
            let mut counts = PairCounts::default();
            change(&mut counts);
            counts.severity(Operation::Add)
        };
        let from_best_to_worst = [
            counts(|c| c.already = 4),
            counts(|c| (c.already, c.written) = (3, 1)),
            counts(|c| (c.already, c.would) = (3, 1)),
            counts(|c| c.waiting = 4),
            counts(|c| (c.already, c.held) = (3, 1)),
            counts(|c| (c.already, c.full) = (3, 1)),
            counts(|c| (c.conflict, c.full) = (3, 1)),
            counts(|c| (c.written, c.unreachable) = (3, 1)),
            counts(|c| (c.full, c.unreachable) = (3, 1)),
            counts(|c| (c.written, c.unproven) = (3, 1)),
            counts(|c| c.unproven = 4),
        ];
        assert!(from_best_to_worst.is_sorted(), "{from_best_to_worst:?}");
    }
}
