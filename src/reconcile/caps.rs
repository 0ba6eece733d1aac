//! Caps on the pairs that one task may change: of its run, of the hour, and of the share of the list that is removed.
//! Which of them is the smallest, and how it is told: what is wanted, the cap, its key and the table of that, and how
//! to go on. Has no clock: whoever drives the loop says what of the hour is used, and when that comes back. Next:
//! `plan.rs` and `extraction/choice.rs`, which hold up what would pass.

use super::scope::Observation;
use super::wish::Limits;
use crate::model::PairKey;
use std::collections::BTreeSet;
use std::time::Duration;

/// Runs that are named as those who used the hour, the last ones first; more would drown the reader.
const RUNS_NAMED_MAX: usize = 3;
const SECONDS_PER_MINUTE: u64 = 60;
/// What this run changes itself comes back so much later.
const HOUR_MINUTES: u64 = 60;

/// The caps of a task beside its number of pairs ([`Limits::changed_pairs_max`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caps {
    /// The table in which that number is set, such as `[guard]`.
    pub run_table: String,
    /// Of the pairs that are changed on the list within an hour.
    pub hour: Option<HourCap>,
    /// Of the list, for what is removed from it.
    pub share: Option<ShareCap>,
    /// What an earlier part of the same run used of all of them.
    pub used_pairs: usize,
    /// And what of that is off the list already, so that the list is smaller by it than when the run began.
    pub gone_pairs: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            run_table: "[guard]".to_owned(),
            hour: None,
            share: None,
            used_pairs: 0,
            gone_pairs: 0,
        }
    }
}

/// Most pairs that are changed on the list within an hour, and what is used of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCap {
    /// All runs together.
    pub pairs_max: usize,
    /// The table in which it is set.
    pub table: String,
    /// What earlier runs used of it, in the order in which it comes back.
    pub uses: Vec<HourUse>,
}

/// What an earlier run used of the hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourUse {
    /// The run's id.
    pub run: String,
    /// What it changed, or may have.
    pub pairs: usize,
    /// When these are more than an hour ago.
    pub back_in: Duration,
}

/// The larger of the two is what one run may remove of a list. Where its size is not known, the floor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareCap {
    /// Percent of the pairs on the list.
    pub percent_max: usize,
    /// The table in which that is set.
    pub percent_table: String,
    /// Pairs.
    pub floor_pairs: usize,
    /// The table in which that is set.
    pub floor_table: String,
}

/// Which cap is the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Run,
    Hour,
    Share,
}

/// What would pass the caps: the pairs that are wanted, and those of the same run before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Excess {
    pub(super) wanted: usize,
    pub(super) before: usize,
}

/// How many pairs the list held when the task began, once it was read whole.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ListSize(Option<usize>);

impl ListSize {
    /// Learns it from the first reading that tells it. What we took off before that counts as there.
    pub(super) fn learn(&mut self, observation: &Observation, taken: &BTreeSet<PairKey>) {
        if let (None, Some(pairs)) = (self.0, observation.list_pairs) {
            let gone = taken.iter().filter(|pair| !observation.holds(pair)).count();
            self.0 = Some(pairs + gone);
        }
    }
}

impl Limits {
    /// What is left of them for a second part of the same run, after a first one that touched so many items and pairs, of
    /// which some are off the list by now.
    #[must_use]
    pub fn after(mut self, items: usize, pairs: usize, gone_pairs: usize) -> Self {
        self.objects_per_run = self.objects_per_run.saturating_sub(items);
        self.caps.used_pairs += pairs;
        self.caps.gone_pairs += gone_pairs;
        self
    }

    /// Most pairs that the task may change, by the smallest of its caps.
    pub(super) fn pairs_max(&self, size: ListSize) -> usize {
        self.smallest(size).0
    }

    /// Would the task be allowed more if it knew how large the list is?
    pub(super) fn depend_on_the_size(&self, size: ListSize) -> bool {
        size.0.is_none() && self.smallest(size).1 == Kind::Share
    }

    fn smallest(&self, size: ListSize) -> (usize, Kind) {
        let hour = self.caps.hour.as_ref();
        let share = self.caps.share.as_ref();
        let caps = [
            Some((self.changed_pairs_max, Kind::Run)),
            hour.map(|hour| (hour.left(), Kind::Hour)),
            share.map(|share| (share.pairs(self.at_first(size)), Kind::Share)),
        ];
        // Of equals the first one, which needs no clock and no reading.
        let caps = caps.into_iter().flatten();
        let smallest = caps.min_by_key(|(pairs, _)| *pairs);
        let (pairs, kind) = smallest.unwrap_or((self.changed_pairs_max, Kind::Run));
        (pairs.saturating_sub(self.caps.used_pairs), kind)
    }

    /// The size of the list when the run began.
    fn at_first(&self, size: ListSize) -> ListSize {
        ListSize(size.0.map(|pairs| pairs + self.caps.gone_pairs))
    }

    /// Which cap holds something up, and how to go on. `change` is "added" or "removed".
    pub(super) fn tell_excess(&self, excess: Excess, size: ListSize, change: &str) -> String {
        let excess = Excess {
            before: excess.before + self.caps.used_pairs,
            ..excess
        };
        let run = || {
            let (most, table) = (self.changed_pairs_max, &self.caps.run_table);
            format!(
                "over the cap of {} {change} in one run ({change}_pairs_per_run_max under {table}): {}; {}",
                pairs(most),
                excess.describe(),
                excess.next_call_or_raise(most)
            )
        };
        match (self.smallest(size).1, &self.caps.hour, &self.caps.share) {
            (Kind::Hour, Some(hour), _) => hour.tell(excess, change),
            (Kind::Share, _, Some(share)) => share.tell(excess, self.at_first(size), change),
            (Kind::Run | Kind::Hour | Kind::Share, _, _) => run(),
        }
    }
}

impl HourCap {
    fn used(&self) -> usize {
        self.uses.iter().map(|hour_use| hour_use.pairs).sum()
    }

    fn left(&self) -> usize {
        self.pairs_max.saturating_sub(self.used())
    }

    fn tell(&self, excess: Excess, change: &str) -> String {
        let most = self.pairs_max;
        let used = if self.uses.is_empty() {
            String::new()
        } else {
            format!(
                ", and {} of {most} are used ({})",
                self.used(),
                self.describe_uses()
            )
        };
        let go_on = if excess.wanted > most {
            "more than an hour has; raise it there".to_owned()
        } else {
            let minutes = self.minutes_until_there_is_room_for(excess);
            let plural = if minutes == 1 { "" } else { "s" };
            format!("there is room in {minutes} minute{plural}: call again then, or raise it there")
        };
        format!(
            "over the cap of {} {change} on this list within an hour ({change}_pairs_per_hour_max under {}): {}{used}; {go_on}",
            pairs(most),
            self.table,
            excess.describe()
        )
    }

    /// "600 by RUN, 395 by RUN, 5 by 2 earlier runs"
    fn describe_uses(&self) -> String {
        let last_first = self.uses.iter().rev();
        let mut parts: Vec<String> = last_first
            .clone()
            .take(RUNS_NAMED_MAX)
            .map(|hour_use| format!("{} by {}", hour_use.pairs, hour_use.run))
            .collect();
        let earlier: Vec<usize> = last_first
            .skip(RUNS_NAMED_MAX)
            .map(|hour_use| hour_use.pairs)
            .collect();
        if !earlier.is_empty() {
            let plural = if earlier.len() == 1 { "" } else { "s" };
            parts.push(format!(
                "{} by {} earlier run{plural}",
                earlier.iter().sum::<usize>(),
                earlier.len()
            ));
        }
        parts.join(", ")
    }

    /// Rounded up. What this run changes before it is of the same hour then.
    fn minutes_until_there_is_room_for(&self, excess: Excess) -> u64 {
        let mut used = self.used() + excess.before;
        for hour_use in &self.uses {
            used -= hour_use.pairs;
            if used + excess.wanted <= self.pairs_max {
                return hour_use.back_in.as_secs().div_ceil(SECONDS_PER_MINUTE).max(1);
            }
        }
        HOUR_MINUTES
    }
}

impl ShareCap {
    fn pairs(&self, size: ListSize) -> usize {
        let share = size.0.map(|pairs| pairs.saturating_mul(self.percent_max) / 100);
        share.unwrap_or_default().max(self.floor_pairs)
    }

    fn tell(&self, excess: Excess, size: ListSize, change: &str) -> String {
        let most = self.pairs(size);
        let (percent, floor) = (self.percent_max, self.floor_pairs);
        let (percent_table, floor_table) = (&self.percent_table, &self.floor_table);
        let why = match size.0 {
            Some(on_the_list) => format!(
                "the larger of {percent} % of the {} on the list (removed_share_max_percent under {percent_table}) \
                 and {floor} (removed_share_floor_pairs under {floor_table})",
                pairs(on_the_list)
            ),
            None => format!(
                "which holds where nobody can tell how large the list is (removed_share_floor_pairs under {floor_table})"
            ),
        };
        format!(
            "over the cap of {} {change} in one run, {why}: {}; {}",
            pairs(most),
            excess.describe(),
            excess.next_call_or_raise(most)
        )
    }
}

impl Excess {
    fn describe(self) -> String {
        let verb = if self.wanted == 1 { "is" } else { "are" };
        let wanted = pairs(self.wanted);
        match self.before {
            0 => format!("{wanted} {verb} wanted"),
            before => format!("{wanted} {verb} wanted after {before} of this run"),
        }
    }

    /// What fits a run of its own goes with the next call: what stands by then is not counted again.
    fn next_call_or_raise(self, most: usize) -> &'static str {
        if self.wanted > most {
            "no run has room for that; raise it there"
        } else {
            "the next call goes on, or raise it there"
        }
    }
}

fn pairs(count: usize) -> String {
    format!("{count} pair{}", if count == 1 { "" } else { "s" })
}
