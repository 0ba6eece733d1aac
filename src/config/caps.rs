//! How many pairs may be changed: in one run, on one list within an hour, and as a share of the list that is removed.
//! The same keys stand under `[guard]`, for everybody, and in `[configurations.NAME]`, where they win. Only collected
//! here; `pipeline/caps.rs` asks what of an hour is used, and `reconcile/caps.rs` holds up what would pass.

use super::section::Section;
use super::setting::Setting;
use crate::manifest::{Action, Mistakes};
use crate::model::Operation;
use serde::{Deserialize, Serialize};

/// Far beyond what one run changes on an appliance that answers in seconds; more could only be a slip.
const PAIRS_CEILING: usize = 1_000_000;
const ADDED_PAIRS_PER_RUN_MAX: usize = 500;
const REMOVED_PAIRS_PER_RUN_MAX: usize = 50;
const REMOVED_SHARE_MAX_PERCENT: usize = 10;
const REMOVED_SHARE_FLOOR_PAIRS: usize = 200;

/// The caps that one table sets; what is none there, another table or the default says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CapSettings {
    /// Most pairs that one run may add on one list, 1 to 1,000,000. Default 500.
    pub added_pairs_per_run_max: Option<usize>,
    /// Most pairs that one run may remove from one list, 1 to 1,000,000. Default 50.
    pub removed_pairs_per_run_max: Option<usize>,
    /// Most pairs that are added on one list of one appliance within an hour, 1 to 1,000,000. No default: how often a
    /// workflow calls, and how many of them share a list, only its operator knows.
    pub added_pairs_per_hour_max: Option<usize>,
    /// Most pairs that are removed from one list of one appliance within an hour, 1 to 1,000,000. No default either.
    pub removed_pairs_per_hour_max: Option<usize>,
    /// The share of a list that one run may remove, in percent, 1 to 100. Default 10.
    pub removed_share_max_percent: Option<usize>,
    /// Pairs that one run may remove whatever share of the list they are, 1 to 1,000,000. Default 200.
    pub removed_share_floor_pairs: Option<usize>,
}

/// What holds for the runs of one configuration, in its direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCaps {
    /// Most pairs that one run may change.
    pub per_run: Cap,
    /// Most pairs that are changed on the list within an hour.
    pub per_hour: Option<Cap>,
    /// How much of the list one run may remove. Additions have none.
    pub share: Option<ShareCap>,
}

/// A number, and the table in which it is set or could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// The number.
    pub max: usize,
    /// `[guard]`, or that of the configuration.
    pub table: String,
}

/// The larger of the two counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareCap {
    /// Percent of the list's pairs.
    pub percent: Cap,
    /// Pairs.
    pub floor_pairs: Cap,
}

/// What was written in the table of a configuration, before its action is known.
pub(super) struct Written([(&'static str, Operation, Setting<usize>); 6]);

impl Written {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        use Operation::{Add, Delete};
        let mut pairs = |key, operation| (key, operation, section.number(key, 1..=PAIRS_CEILING));
        let [added_per_run, removed_per_run, added_per_hour, removed_per_hour] = [
            pairs("added_pairs_per_run_max", Add),
            pairs("removed_pairs_per_run_max", Delete),
            pairs("added_pairs_per_hour_max", Add),
            pairs("removed_pairs_per_hour_max", Delete),
        ];
        let percent = section.number("removed_share_max_percent", 1..=100);
        let percent = ("removed_share_max_percent", Delete, percent);
        let floor = section.number("removed_share_floor_pairs", 1..=PAIRS_CEILING);
        let floor = ("removed_share_floor_pairs", Delete, floor);
        Self([
            added_per_run,
            removed_per_run,
            added_per_hour,
            removed_per_hour,
            percent,
            floor,
        ])
    }

    /// A cap on what the action never does would promise what does not happen.
    pub(super) fn that_fit(self, action: &Action, mistakes: &mut Mistakes) -> CapSettings {
        for (key, operation, setting) in &self.0 {
            if let Some(place) = setting.place()
                && *operation != action.operation
            {
                mistakes.add(place, misfit(key, action));
            }
        }
        self.settings()
    }

    /// All of them, where both directions are meant.
    pub(super) fn settings(self) -> CapSettings {
        let [
            added_per_run,
            removed_per_run,
            added_per_hour,
            removed_per_hour,
            percent,
            floor,
        ] = self.0.map(|(_, _, setting)| setting.value());
        CapSettings {
            added_pairs_per_run_max: added_per_run,
            removed_pairs_per_run_max: removed_per_run,
            added_pairs_per_hour_max: added_per_hour,
            removed_pairs_per_hour_max: removed_per_hour,
            removed_share_max_percent: percent,
            removed_share_floor_pairs: floor,
        }
    }
}

fn misfit(key: &str, action: &Action) -> String {
    let (is_for, does) = match action.operation {
        Operation::Add => ("deletions", "adds"),
        Operation::Delete => ("additions", "deletes"),
    };
    format!(
        "`{key}` is for {is_for}; the action `{}` {does}; take this line out",
        action.id
    )
}

impl RunCaps {
    /// Those of a configuration with this name, each from its own table where it is written there.
    #[must_use]
    pub fn of(name: &str, own: &CapSettings, guard: &CapSettings, operation: Operation) -> Self {
        let cap = |of: fn(&CapSettings) -> Option<usize>| match (of(own), of(guard)) {
            (Some(max), _) => Some(Cap {
                max,
                table: format!("[configurations.{name}]"),
            }),
            (None, Some(max)) => Some(Cap::of_guard(max)),
            (None, None) => None,
        };
        match operation {
            Operation::Add => Self {
                per_run: cap(|caps| caps.added_pairs_per_run_max)
                    .unwrap_or_else(|| Cap::of_guard(ADDED_PAIRS_PER_RUN_MAX)),
                per_hour: cap(|caps| caps.added_pairs_per_hour_max),
                share: None,
            },
            Operation::Delete => Self {
                per_run: cap(|caps| caps.removed_pairs_per_run_max)
                    .unwrap_or_else(|| Cap::of_guard(REMOVED_PAIRS_PER_RUN_MAX)),
                per_hour: cap(|caps| caps.removed_pairs_per_hour_max),
                share: Some(ShareCap {
                    percent: cap(|caps| caps.removed_share_max_percent)
                        .unwrap_or_else(|| Cap::of_guard(REMOVED_SHARE_MAX_PERCENT)),
                    floor_pairs: cap(|caps| caps.removed_share_floor_pairs)
                        .unwrap_or_else(|| Cap::of_guard(REMOVED_SHARE_FLOOR_PAIRS)),
                }),
            },
        }
    }
}

impl Cap {
    fn of_guard(max: usize) -> Self {
        Self {
            max,
            table: "[guard]".to_owned(),
        }
    }
}
