//! `[server]`: how the server listens, what it takes, how it answers and logs. Nothing here decides what is
//! listed where, which is why all of it may come from the environment.

use super::section::Section;
use super::without_clients_reason;
use std::net::SocketAddr;

/// The keys of the table, for the hint at a misspelt environment variable.
pub(super) const KEYS: [&str; 6] = [
    "listen",
    "fail_on",
    "body_bytes_max",
    "requests_at_once_max",
    "log_format",
    "log_level",
];

/// Smaller than any request with one indicator; a smaller limit could only be a slip.
const BODY_BYTES_FLOOR: u32 = 1024;
/// A body is held in memory several times over while it is read.
const BODY_BYTES_CEILING: u32 = 1024 * 1024 * 1024;
/// Far beyond what the lanes of a few appliances can work off.
const REQUESTS_AT_ONCE_CEILING: u32 = 10_000;

/// `[server]`, ready to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where to listen; a loopback address. Port 0 takes a free one. Default 127.0.0.1:8750.
    pub listen: SocketAddr,
    /// Which results make the HTTP status a failure. Default any.
    pub fail_on: FailOn,
    /// Longest request body, in bytes. Default 8,388,608 (8 MiB).
    pub body_bytes_max: usize,
    /// Most requests that are worked on at the same time; the next is asked to come later. Default 64.
    pub requests_at_once_max: usize,
    /// Default human.
    pub log_format: LogFormat,
    /// A level or an env-filter directive such as `info,doorlist::reconcile=debug`. Default info.
    pub log_level: String,
}

/// When a run with trouble in it is answered with HTTP 502 instead of 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// At the first indicator in trouble.
    Any,
    /// When every indicator is in trouble.
    All,
    /// Never: the caller reads the results.
    Never,
}

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For eyes.
    Human,
    /// One JSON object per line.
    Json,
}

/// Reads the table. A wrong value is a mistake, and stands in with its default until all mistakes are told.
pub(super) fn read(mut section: Section<'_>) -> Server {
    let listen = section.checked_text("listen", check_listen);
    let fail_on = section.choice(
        "fail_on",
        &[
            ("any", FailOn::Any),
            ("all", FailOn::All),
            ("never", FailOn::Never),
        ],
    );
    let body_bytes_max = section.number("body_bytes_max", BODY_BYTES_FLOOR..=BODY_BYTES_CEILING);
    let requests_at_once_max = section.number("requests_at_once_max", 1..=REQUESTS_AT_ONCE_CEILING);
    let log_format = section.choice(
        "log_format",
        &[("human", LogFormat::Human), ("json", LogFormat::Json)],
    );
    let log_level = section.text("log_level");
    section.finish();
    Server {
        listen: listen.or(SocketAddr::from(([127, 0, 0, 1], 8750))),
        fail_on: fail_on.or(FailOn::Any),
        body_bytes_max: body_bytes_max.or(8 * 1024 * 1024) as usize,
        requests_at_once_max: requests_at_once_max.or(64) as usize,
        log_format: log_format.or(LogFormat::Human),
        log_level: log_level.or("info".to_owned()),
    }
}

fn check_listen(text: String) -> Result<SocketAddr, String> {
    let Ok(listen) = text.parse::<SocketAddr>() else {
        return Err(
            "`listen` must be an IP address and a port, as \"127.0.0.1:8750\" or \"[::1]:8750\"".to_owned(),
        );
    };
    if !listen.ip().to_canonical().is_loopback() {
        return Err(format!(
            "`listen` must be a loopback address, 127.0.0.1 or ::1, {}",
            without_clients_reason()
        ));
    }
    Ok(listen)
}
