//! What may become of one indicator: the closed list, each with a stable code, a class, and whether a playbook
//! may go on. The README's outcome table is made from here and held against it by a test. Knows no numbers
//! beyond the pairs of one indicator; `report` adds them up.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Groups of outcomes that call for the same reaction, ordered from best to worst. Within a class it is
/// `Outcome::BEST_TO_WORST` that tells which is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The list is as wished.
    InPlace,
    /// A preview: it would be as wished. Nothing was written.
    Preview,
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
    /// Every class, from best to worst.
    pub const ALL: [Self; 6] = [
        Self::InPlace,
        Self::Preview,
        Self::Skipped,
        Self::Waiting,
        Self::Refused,
        Self::Trouble,
    ];

    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InPlace => "in_place",
            Self::Preview => "preview",
            Self::Skipped => "skipped",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Trouble => "trouble",
        }
    }

    /// May a playbook go on as if the wish were fulfilled?
    #[must_use]
    pub fn ok(self) -> bool {
        matches!(self, Self::InPlace | Self::Preview | Self::Skipped)
    }

    /// Is sending it again of any use?
    #[must_use]
    pub fn retry(self) -> Retry {
        match self {
            Self::InPlace | Self::Preview | Self::Skipped => Retry::Never,
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
    /// A preview would have added it.
    WouldAdd,
    /// A preview would have removed it.
    WouldRemove,
    /// This action does not take this type.
    UnsupportedType,
    /// Its status says that it is not to be deployed.
    InactiveStatus,
    /// Only what stands because of us was to be taken out, and nothing of it does.
    NotOurs,
    /// The same entry stands earlier in this call.
    Repeated,
    /// Not a value that the appliance accepts.
    Invalid,
    /// A rule of the guard forbids it.
    RefusedByRule,
    /// A hold that somebody put down keeps it off the list.
    Held,
    /// A cap on the pairs changed in one run, in an hour, or of the list was reached.
    OverCap,
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
    /// The appliance could not be reached or read, or did not let us in.
    Unreachable,
    /// It was sent, and may or may not be as wished.
    Unproven,
    /// Some of its pairs stand, some do not.
    Partly,
}

impl Outcome {
    /// The closed list, in the order of the documentation.
    pub const ALL: [Self; 22] = [
        Self::Added,
        Self::Removed,
        Self::AlreadyPresent,
        Self::AlreadyAbsent,
        Self::WouldAdd,
        Self::WouldRemove,
        Self::UnsupportedType,
        Self::InactiveStatus,
        Self::NotOurs,
        Self::Repeated,
        Self::Invalid,
        Self::RefusedByRule,
        Self::Held,
        Self::OverCap,
        Self::Conflict,
        Self::ListFull,
        Self::RefusedByAppliance,
        Self::Waiting,
        Self::NotTried,
        Self::Unreachable,
        Self::Unproven,
        Self::Partly,
    ];

    /// From best to worst: the one table by which the worst of several is found, among the pairs of an indicator and
    /// among its appliances. Class by class; within `in_place`, what was changed speaks for the whole, since
    /// "nothing written" would be untrue. `partly` and `repeated` are as bad as what they are made of.
    const BEST_TO_WORST: [Self; 20] = [
        Self::AlreadyPresent,
        Self::AlreadyAbsent,
        Self::Added,
        Self::Removed,
        Self::WouldAdd,
        Self::WouldRemove,
        Self::UnsupportedType,
        Self::InactiveStatus,
        Self::NotOurs,
        Self::Waiting,
        Self::Invalid,
        Self::RefusedByRule,
        Self::Held,
        Self::OverCap,
        Self::Conflict,
        Self::ListFull,
        Self::RefusedByAppliance,
        Self::NotTried,
        Self::Unreachable,
        Self::Unproven,
    ];

    /// The place from best to worst; `None`, below all others, for `partly` and `repeated`, which have none of their
    /// own.
    pub(super) fn rank(self) -> Option<usize> {
        Self::BEST_TO_WORST.iter().position(|outcome| *outcome == self)
    }

    /// Stable code for programs, as in the JSON report.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::AlreadyPresent => "already_present",
            Self::AlreadyAbsent => "already_absent",
            Self::WouldAdd => "would_add",
            Self::WouldRemove => "would_remove",
            Self::UnsupportedType => "unsupported_type",
            Self::InactiveStatus => "inactive_status",
            Self::NotOurs => "not_ours",
            Self::Repeated => "repeated",
            Self::Invalid => "invalid",
            Self::RefusedByRule => "refused_by_rule",
            Self::Held => "held",
            Self::OverCap => "over_cap",
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
            Self::WouldAdd | Self::WouldRemove => Some(Class::Preview),
            Self::UnsupportedType | Self::InactiveStatus | Self::NotOurs => Some(Class::Skipped),
            Self::Invalid
            | Self::RefusedByRule
            | Self::Held
            | Self::OverCap
            | Self::Conflict
            | Self::ListFull
            | Self::RefusedByAppliance => Some(Class::Refused),
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
            Self::WouldAdd => "A preview: it is missing and would be written; nothing was.",
            Self::WouldRemove => "A preview: it is there and would be deleted; nothing was.",
            Self::UnsupportedType => "This action does not take indicators of this type.",
            Self::InactiveStatus => "Its status says that it is not to be deployed.",
            Self::NotOurs => {
                "Only what stands because of doorlist was to be taken out, and nothing of it does; what others listed is left alone."
            }
            Self::Repeated => "The same entry stands earlier in this call; `of` is its index.",
            Self::Invalid => {
                "Not a value that the appliance accepts; names the rule, and what was probably meant."
            }
            Self::RefusedByRule => {
                "A rule of the guard forbids it, and where that was configured; of an undo: it is a later run's, or nobody knows whose."
            }
            Self::Held => {
                "It is not on the list, and a hold keeps it off: nothing sent; names who put the hold down, when, why and until when."
            }
            Self::OverCap => {
                "A cap on the pairs changed in one run, in an hour, or of the list was reached; what is over it was not sent; names the cap, where it is set, and how to go on."
            }
            Self::Conflict => "The other list of a recipient holds the same pair; nothing changed there.",
            Self::ListFull => "The recipient's row would pass the configured limit.",
            Self::RefusedByAppliance => "The appliance said no to this entry; its words.",
            Self::Waiting => "Over the objects per run; the next call of the same collection goes on.",
            Self::NotTried => {
                "Stopped before its turn, or the stored entry it goes with is refused; not as wished when last read, or not read."
            }
            Self::Unreachable => {
                "The appliance could not be reached or read, or did not let us in; not as wished when last read, or never sent."
            }
            Self::Unproven => {
                "MAY OR MAY NOT be as wished: it was sent, and the list could not be read afterwards within the time limit."
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

#[cfg(test)]
mod tests {
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
    fn from_best_to_worst_goes_class_by_class_and_has_each_outcome_with_a_class_of_its_own() {
        let classes: Vec<_> = Outcome::BEST_TO_WORST
            .iter()
            .map(|outcome| outcome.class().expect("a class of its own"))
            .collect();
        assert!(classes.is_sorted(), "{classes:?}");
        for outcome in Outcome::ALL {
            assert_eq!(outcome.rank().is_some(), outcome.class().is_some(), "{outcome}");
        }
        assert!(Outcome::Unproven.rank() > Outcome::Unreachable.rank());
    }

    #[test]
    fn of_two_that_fall_short_the_one_that_is_declared_later_in_the_later_class_is_worse() {
        let short: Vec<Outcome> = Outcome::ALL
            .into_iter()
            .filter(|outcome| outcome.class().is_some_and(|class| !class.ok()))
            .collect();
        for one in &short {
            for other in &short {
                assert_eq!(
                    one.rank().cmp(&other.rank()),
                    (one.class(), one).cmp(&(other.class(), other)),
                    "the loop compares {one} with {other} so"
                );
            }
        }
    }
}
