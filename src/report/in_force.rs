//! From when on a change counts for mail, in words. An appliance hands its lists to the engine that filters mail now
//! and then (docs/asyncos.md, "Semantics"); how long that takes at most is told by the operator, as
//! `list_sync_minutes`, and observed by nobody. The moment itself is reckoned by `pipeline`, which has a clock.

use super::{ApplianceLine, Report};
use crate::model::{Operation, escape_control};

/// With as long a delay the time of day alone could be taken for an earlier day's.
const DELAY_MINUTES_WITH_DATE: u32 = 12 * 60;

/// What the JSON report says of an appliance on which something was changed; the moment is in RFC 3339, in UTC.
#[must_use]
pub fn in_force(operation: Operation, by: Option<&str>, list_sync_minutes: Option<u32>) -> String {
    match (by, list_sync_minutes) {
        (Some(by), Some(minutes)) => {
            format!("{} by {by} (list_sync_minutes = {minutes})", state(operation))
        }
        _ => "delay unknown, set list_sync_minutes".to_owned(),
    }
}

/// The part of the first sentence: the latest moment of all appliances that were changed, and nothing where any of
/// them is unknown.
pub(super) fn part(operation: Operation, appliances: &[ApplianceLine]) -> Option<String> {
    let changed = appliances.iter().filter(|line| line.in_force.is_some());
    let known: Option<Vec<(&str, u32)>> = changed.map(known).collect();
    // In RFC 3339 and UTC, the later moment is the greater text.
    let (by, minutes) = known?.into_iter().max()?;
    Some(format!("{} by {}", state(operation), short(by, minutes)))
}

/// The lines for a terminal: one for each appliance on which something was changed.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let state = state(report.operation);
    let changed = report.appliances.iter().filter(|line| line.in_force.is_some());
    changed
        .map(|line| match known(line) {
            Some((by, minutes)) => format!(
                "{state} by {} ({}, list_sync_minutes {minutes})",
                escape_control(&short(by, minutes)),
                line.name
            ),
            None => format!(
                "{}: delay until {state} unknown, set list_sync_minutes",
                line.name
            ),
        })
        .collect()
}

fn known(line: &ApplianceLine) -> Option<(&str, u32)> {
    line.in_force_by.as_deref().zip(line.list_sync_minutes)
}

/// What is so when the mail engine has the list.
fn state(operation: Operation) -> &'static str {
    match operation {
        Operation::Add => "in force",
        Operation::Delete => "no longer in force",
    }
}

/// "03:27 UTC" for "2026-11-25T03:27:00Z".
fn short(by: &str, minutes: u32) -> String {
    match (by.get(..10), by.get(11..16)) {
        (Some(date), Some(time)) if minutes >= DELAY_MINUTES_WITH_DATE => format!("{date} {time} UTC"),
        (Some(_), Some(time)) => format!("{time} UTC"),
        _ => by.to_owned(),
    }
}
