//! Moments as callers write and read them: RFC 3339 in UTC. Refuses to know what the time is now.

use super::problem::Problem;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, of the value of a query key.
pub(super) fn read(key: &str, text: &str) -> Result<i64, Problem> {
    let since = humantime::parse_rfc3339(text)
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .ok_or_else(|| {
            let detail = format!("`{key}` must be a moment in UTC, as 2026-11-25T03:00:00Z");
            Problem::bad_request("invalid_query_value", detail)
        })
}

/// `2026-11-25T03:00:00Z`
pub(super) fn write(ms: i64) -> String {
    humantime::format_rfc3339_seconds(time(ms)).to_string()
}

/// `2026-11-25T03:00:00.000Z`, for what follows closely on each other.
pub(super) fn write_exactly(ms: i64) -> String {
    humantime::format_rfc3339_millis(time(ms)).to_string()
}

/// `02:00 UTC`
pub(super) fn time_of_day(ms: i64) -> String {
    format!("{} UTC", &write(ms)[11..16])
}

fn time(ms: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
