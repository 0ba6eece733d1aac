//! What may become of one indicator: the closed list, each with a stable code, a class, and whether a playbook
//! may go on. The README's outcome table is made from here and held against it by a test. Knows no numbers
//! beyond the pairs of one indicator; `report` adds them up.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Groups of outcomes that call for the same reaction. Ordered from best to worst: this order is the one table
/// by which the worst part of an indicator is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The list is as wished.
    InPlace,
    /// Nothing was wished of this indicator.
    Skipped,
    /// The next call of the same collection goes on with it.
    Waiting,
    /// It cannot be done as it stands; somebody has to change something.
    Refused,
    /// It could not be done, or not be proven; later may be better.
    Trouble,
}

impl Class {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InPlace => "in_place",
            Self::Skipped => "skipped",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Trouble => "trouble",
        }
    }

    /// May a playbook go on as if the wish were fulfilled?
    #[must_use]
    pub fn ok(self) -> bool {
        matches!(self, Self::InPlace | Self::Skipped)
    }

    /// Is sending it again of any use?
    #[must_use]
    pub fn retry(self) -> Retry {
        match self {
            Self::InPlace | Self::Skipped => Retry::Never,
            Self::Refused => Retry::AfterChange,
            Self::Waiting | Self::Trouble => Retry::Later,
        }
    }
}

/// Advice for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Nothing would change.
    Never,
    /// Only after somebody changed the value, the configuration or the appliance.
    AfterChange,
    /// The same call again, later.
    Later,
}

/// What became of one indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Was missing, we wrote it, and read it back.
    Added,
    /// Was there, we deleted it, and read that it is gone.
    Removed,
    /// Was there before we came.
    AlreadyPresent,
    /// Was not there before we came.
    AlreadyAbsent,
    /// This action does not take this type.
    UnsupportedType,
    /// Its status says that it is not to be deployed.
    InactiveStatus,
    /// The same entry stands earlier in this call.
    Repeated,
    /// Not a value that the appliance accepts.
    Invalid,
    /// The other list of a recipient holds the same pair.
    Conflict,
    /// The recipient's row would pass the configured limit.
    ListFull,
    /// The appliance said no to this entry alone.
    RefusedByAppliance,
    /// Over the objects per run.
    Waiting,
    /// Stopped before it was this entry's turn.
    NotTried,
    /// The appliance could not be reached, or did not let us in.
    Unreachable,
    /// It may or may not be on the list.
    Unproven,
    /// Some of its pairs stand, some do not.
    Partly,
}

impl Outcome {
    /// The closed list, in the order of the documentation.
    pub const ALL: [Self; 16] = [
        Self::Added,
        Self::Removed,
        Self::AlreadyPresent,
        Self::AlreadyAbsent,
        Self::UnsupportedType,
        Self::InactiveStatus,
        Self::Repeated,
        Self::Invalid,
        Self::Conflict,
        Self::ListFull,
        Self::RefusedByAppliance,
        Self::Waiting,
        Self::NotTried,
        Self::Unreachable,
        Self::Unproven,
        Self::Partly,
    ];

    /// Stable code for programs, as in the JSON report.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::AlreadyPresent => "already_present",
            Self::AlreadyAbsent => "already_absent",
            Self::UnsupportedType => "unsupported_type",
            Self::InactiveStatus => "inactive_status",
            Self::Repeated => "repeated",
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::ListFull => "list_full",
            Self::RefusedByAppliance => "refused_by_appliance",
            Self::Waiting => "waiting",
            Self::NotTried => "not_tried",
            Self::Unreachable => "unreachable",
            Self::Unproven => "unproven",
            Self::Partly => "partly",
        }
    }

    /// The class; `None` for the two that borrow it: `repeated` from its twin, `partly` from its worst part.
    #[must_use]
    pub fn class(self) -> Option<Class> {
        match self {
            Self::Added | Self::Removed | Self::AlreadyPresent | Self::AlreadyAbsent => Some(Class::InPlace),
            Self::UnsupportedType | Self::InactiveStatus => Some(Class::Skipped),
            Self::Invalid | Self::Conflict | Self::ListFull | Self::RefusedByAppliance => {
                Some(Class::Refused)
            }
            Self::Waiting => Some(Class::Waiting),
            Self::NotTried | Self::Unreachable | Self::Unproven => Some(Class::Trouble),
            Self::Repeated | Self::Partly => None,
        }
    }

    /// One sentence for people, as in the README.
    #[must_use]
    pub fn explain(self) -> &'static str {
        match self {
            Self::Added => "Was missing; we wrote it and read it back.",
            Self::Removed => "Was there; we deleted it and read that it is gone.",
            Self::AlreadyPresent => "Was on the list before we came; nothing written.",
            Self::AlreadyAbsent => "Was not on the list before we came; nothing written.",
            Self::UnsupportedType => "This action does not take indicators of this type.",
            Self::InactiveStatus => "Its status says that it is not to be deployed.",
            Self::Repeated => "The same entry stands earlier in this call; `of` is its index.",
            Self::Invalid => {
                "Not a value that the appliance accepts; names the rule, and what was probably meant."
            }
            Self::Conflict => "The other list of a recipient holds the same pair; nothing changed there.",
            Self::ListFull => "The recipient's row would pass the configured limit.",
            Self::RefusedByAppliance => "The appliance said no to this entry; its words.",
            Self::Waiting => "Over the objects per run; the next call of the same collection goes on.",
            Self::NotTried => "Stopped before its turn; nothing of it stands.",
            Self::Unreachable => {
                "The appliance could not be reached or did not let us in; nothing of it stands."
            }
            Self::Unproven => {
                "MAY OR MAY NOT be on the list: it was sent, and the list could not be read afterwards."
            }
            Self::Partly => "Some of its pairs stand, some do not; `pairs` says how many of which.",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// How the pairs of one indicator stand. The parts add up to `wanted`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairCounts {
    /// All of them.
    pub wanted: usize,
    /// Were as wished before we came.
    pub already: usize,
    /// Changed by us and read back.
    pub written: usize,
    /// Stand on the other list.
    pub conflict: usize,
    /// Their recipient's row is full.
    pub full: usize,
    /// Refused by the appliance.
    pub refused: usize,
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
        self.conflict += other.conflict;
        self.full += other.full;
        self.refused += other.refused;
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
            + self.conflict
            + self.full
            + self.refused
            + self.waiting
            + self.not_tried
            + self.unreachable
            + self.unproven;
        parts == self.wanted
    }

    /// The outcomes of the pairs that are not as wished, best first.
    fn shortcomings(&self) -> impl Iterator<Item = Outcome> {
        [
            (self.waiting, Outcome::Waiting),
            (self.full, Outcome::ListFull),
            (self.conflict, Outcome::Conflict),
            (self.refused, Outcome::RefusedByAppliance),
            (self.not_tried, Outcome::NotTried),
            (self.unreachable, Outcome::Unreachable),
            (self.unproven, Outcome::Unproven),
        ]
        .into_iter()
        .filter_map(|(count, outcome)| (count > 0).then_some(outcome))
    }

    /// The outcome of an indicator with these pairs, and its class.
    ///
    /// Pairs that all fall short have the worst one's outcome; pairs that differ in `ok` make it `partly`.
    #[must_use]
    pub fn outcome(&self, operation: super::Operation) -> (Outcome, Class) {
        let worst = self.shortcomings().last();
        match worst {
            Some(worst) => {
                let class = worst.class().unwrap_or(Class::Trouble);
                (
                    if self.in_place() > 0 {
                        Outcome::Partly
                    } else {
                        worst
                    },
                    class,
                )
            }
            None => {
                let outcome = match (operation, self.written > 0) {
                    (super::Operation::Add, true) => Outcome::Added,
                    (super::Operation::Add, false) => Outcome::AlreadyPresent,
                    (super::Operation::Delete, true) => Outcome::Removed,
                    (super::Operation::Delete, false) => Outcome::AlreadyAbsent,
                };
                (outcome, Class::InPlace)
            }
        }
    }
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
    use super::super::Operation;
    use super::*;

    #[test]
    fn codes_are_what_serde_writes_and_none_stands_twice() {
        let mut codes: Vec<_> = Outcome::ALL.iter().map(|outcome| outcome.code()).collect();
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.code());
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Outcome::ALL.len());
    }

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
            (Outcome::Conflict, Class::Refused)
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
            counts(|c| (c.unreachable, c.full) = (3, 1)),
            (Outcome::Unreachable, Class::Trouble)
        );
    }
}
