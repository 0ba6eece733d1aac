//! When a change is in force, at the latest: the end of the task and the delay that the operator told, in full minutes,
//! because nothing here is known to the second. The words are `report`'s.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MINUTE_SECONDS: u64 = 60;

/// The moment in RFC 3339 and UTC. The end of the task is after its last write.
#[must_use]
pub fn in_force_by(ended_at: SystemTime, list_sync_minutes: u32) -> String {
    // A clock that stands before 1970 gives a moment in 1970, and so shows itself.
    let ended = ended_at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let whole_minutes = ended.as_secs() / MINUTE_SECONDS;
    let is_full = ended == Duration::from_secs(whole_minutes * MINUTE_SECONDS);
    let minutes = whole_minutes + u64::from(!is_full) + u64::from(list_sync_minutes);
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(minutes * MINUTE_SECONDS)).to_string()
}

#[cfg(test)]
mod tests {
    use super::in_force_by;

    #[test]
    fn the_delay_is_added_to_the_next_full_minute() {
        for (ended_at, list_sync_minutes, expected) in [
            ("2026-11-25T03:11:20Z", 15, "2026-11-25T03:27:00Z"),
            ("2026-11-25T03:12:00Z", 15, "2026-11-25T03:27:00Z"),
            ("2026-11-25T03:12:00.001Z", 15, "2026-11-25T03:28:00Z"),
            ("2026-11-25T03:11:59.999999999Z", 0, "2026-11-25T03:12:00Z"),
            ("2026-12-31T23:50:01Z", 240, "2027-01-01T03:51:00Z"),
        ] {
            let at = humantime::parse_rfc3339(ended_at).expect("a moment");
            assert_eq!(in_force_by(at, list_sync_minutes), expected, "{ended_at}");
        }
    }
}
