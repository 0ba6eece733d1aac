//! `[server]`: how the server listens, what it takes, how it answers and logs. Nothing here decides what is
//! listed where, which is why it may come from the environment; all but the consent to show tokens to the
//! network. Certificates are only looked for here; what is in them is read where connections are taken.

use super::files::check_readable;
use super::secret::Secret;
use super::section::Section;
use super::setting::Setting;
use super::{Surroundings, UNTIL_THERE_ARE_CLIENTS};
use crate::manifest::Mistakes;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The one key that the environment may not set.
pub(super) const ALLOW_HTTP: &str = "allow_http";
/// The keys of the table, for the hint at a misspelt environment variable.
pub(super) const KEYS: [&str; 17] = [
    "listen",
    ALLOW_HTTP,
    "tls_cert_file",
    "tls_key_file",
    "fail_on",
    "body_bytes_max",
    "requests_at_once_max",
    "store",
    "wait",
    "keep_keys",
    "keep_plans",
    "keep_runs_without_change",
    "keep_runs_with_change",
    "keep_audit",
    "run_timeout",
    "log_format",
    "log_level",
];

/// Smaller than any request with one indicator; a smaller limit could only be a slip.
const BODY_BYTES_FLOOR: u32 = 1024;
/// A body is held in memory several times over while it is read.
const BODY_BYTES_CEILING: u32 = 1024 * 1024 * 1024;
/// Far beyond what the lanes of a few appliances can work off.
const REQUESTS_AT_ONCE_CEILING: u32 = 10_000;

/// Whoever waits longer than an hour has gone, and what was asked for may be out of date.
const RUN_TIMEOUT_ALLOWED: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3600);

const HOUR: Duration = Duration::from_secs(3600);
/// A caller that waits longer has gone.
const WAIT_ALLOWED: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(600);
/// What a plan found is out of date sooner or later, whatever it still looks like.
const KEEP_PLANS_ALLOWED: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(24 * 3600);
const KEEP_ALLOWED: RangeInclusive<Duration> = HOUR..=Duration::from_secs(10 * 366 * 24 * 3600);
/// What an address of a PostgreSQL may say after its "?"; `options[NAME]` as well. A name that is not known would be
/// ignored when it is connected to, `sslmode` with a slip among them, and logged with its value.
const POSTGRES_PARAMETERS: [&str; 11] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "application_name",
    "options",
    "host",
    "port",
    "dbname",
    "user",
    "password",
];
/// Beside the configuration.
const STORE_FILE: &str = "doorlist.db";

/// `[server]`, ready to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where to listen; a loopback address as long as there are no clients. Port 0 takes a free one. Default
    /// 127.0.0.1:8750.
    pub listen: SocketAddr,
    /// Whether clients' tokens may go over a network in the clear. Default false.
    pub allow_http: bool,
    /// With what to serve TLS. None for plain HTTP, which is the default.
    pub tls: Option<TlsFiles>,
    /// Which results make the HTTP status a failure. Default any.
    pub fail_on: FailOn,
    /// Longest request body, in bytes. Default 8,388,608 (8 MiB).
    pub body_bytes_max: usize,
    /// Most requests that are worked on at the same time; the next is asked to come later. Default 64.
    pub requests_at_once_max: usize,
    /// Where runs are kept: `sqlite:PATH` or `postgres://...`, which holds a password. Default `sqlite:doorlist.db`
    /// beside the configuration.
    pub store: Secret,
    /// How long a call waits for its run before it is answered with where to ask. Default 25 s.
    pub wait: Duration,
    /// How long an idempotency key is known. Default 24 hours.
    pub keep_keys: Duration,
    /// How long a preview that is kept as a plan can be applied. Default 15 minutes.
    pub keep_plans: Duration,
    /// How long a run that changed nothing is kept. Default 30 days.
    pub keep_runs_without_change: Duration,
    /// How long a run that changed something is kept. Default 400 days.
    pub keep_runs_with_change: Duration,
    /// How long a row of the audit is kept. Default 400 days.
    pub keep_audit: Duration,
    /// How long a run may take on an appliance, from when its turn comes. What was sent by then is read back, the rest is not
    /// tried. Default 10 minutes.
    pub run_timeout: Duration,
    /// Default human.
    pub log_format: LogFormat,
    /// A level or an env-filter directive such as `info,doorlist::reconcile=debug`. Default info.
    pub log_level: String,
}

/// Files that exist, can be read, and are not empty; nothing is known of what is in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those between it and the authority, in PEM.
    pub cert_file: PathBuf,
    /// Its private key, in PEM.
    pub key_file: PathBuf,
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
pub(super) fn read(surroundings: &Surroundings<'_>, mistakes: &mut Mistakes) -> Server {
    let mut section = surroundings.layers.section(&["server"], mistakes);
    let listen = section.text("listen");
    let allow_http = section.flag(ALLOW_HTTP);
    let cert_file = read_tls_file("tls_cert_file", &mut section, surroundings.base_dir);
    let key_file = read_tls_file("tls_key_file", &mut section, surroundings.base_dir);
    // What is there and wrong was told, and is not also missing.
    let is_covered = !matches!(
        (&cert_file, &key_file, &allow_http),
        (
            Setting::Absent,
            Setting::Absent,
            Setting::Absent | Setting::Written(false, _)
        )
    );
    let listen = section.check(listen, |text| {
        check_listen(&text, surroundings.has_clients(), is_covered)
    });
    let tls = pair_tls_files(cert_file, key_file, &mut section);
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
    let store = section.secret("store");
    let store = section.check(store, |written| check_store(&written, surroundings.base_dir));
    let wait = section.checked_text("wait", |text| {
        check_time("wait", &text, WAIT_ALLOWED, "0s", "10m")
    });
    let keep_keys = section.checked_text("keep_keys", |text| {
        check_time("keep_keys", &text, KEEP_ALLOWED, "1h", "10y")
    });
    let keep_plans = section.checked_text("keep_plans", |text| {
        check_time("keep_plans", &text, KEEP_PLANS_ALLOWED, "1s", "24h")
    });
    let keep_runs_without_change = section.checked_text("keep_runs_without_change", |text| {
        check_time("keep_runs_without_change", &text, KEEP_ALLOWED, "1h", "10y")
    });
    let keep_runs_with_change = section.checked_text("keep_runs_with_change", |text| {
        check_time("keep_runs_with_change", &text, KEEP_ALLOWED, "1h", "10y")
    });
    let keep_audit = section.checked_text("keep_audit", |text| {
        check_time("keep_audit", &text, KEEP_ALLOWED, "1h", "10y")
    });
    let run_timeout = section.checked_text("run_timeout", |text| {
        check_time("run_timeout", &text, RUN_TIMEOUT_ALLOWED, "1s", "1h")
    });
    let log_format = section.choice(
        "log_format",
        &[("human", LogFormat::Human), ("json", LogFormat::Json)],
    );
    let log_level = section.text("log_level");
    section.finish();
    Server {
        listen: listen.or(SocketAddr::from(([127, 0, 0, 1], 8750))),
        allow_http: allow_http.or(false),
        tls,
        fail_on: fail_on.or(FailOn::Any),
        body_bytes_max: body_bytes_max.or(8 * 1024 * 1024) as usize,
        requests_at_once_max: requests_at_once_max.or(64) as usize,
        store: store.or(Secret::new(format!(
            "sqlite:{}",
            surroundings.base_dir.join(STORE_FILE).display()
        ))),
        wait: wait.or(Duration::from_secs(25)),
        keep_keys: keep_keys.or(24 * HOUR),
        keep_plans: keep_plans.or(Duration::from_secs(15 * 60)),
        keep_runs_without_change: keep_runs_without_change.or(30 * 24 * HOUR),
        keep_runs_with_change: keep_runs_with_change.or(400 * 24 * HOUR),
        keep_audit: keep_audit.or(400 * 24 * HOUR),
        run_timeout: run_timeout.or(Duration::from_secs(10 * 60)),
        log_format: log_format.or(LogFormat::Human),
        log_level: log_level.or("info".to_owned()),
    }
}

/// The path is not repeated: people do paste the key itself there.
fn read_tls_file(key: &'static str, section: &mut Section<'_>, base_dir: &Path) -> Setting<PathBuf> {
    section.checked_text(key, |written| {
        let path = base_dir.join(written);
        match check_readable(&path) {
            Ok(()) => Ok(path),
            Err(reason) => Err(format!(
                "the `{key}` of [server] {reason}; allowed: the path of a PEM file that this process may read"
            )),
        }
    })
}

/// Both or neither.
fn pair_tls_files(
    cert_file: Setting<PathBuf>,
    key_file: Setting<PathBuf>,
    section: &mut Section<'_>,
) -> Option<TlsFiles> {
    let (place, missing) = match (&cert_file, &key_file) {
        (Setting::Absent, key_file) => (key_file.place().cloned(), "tls_cert_file"),
        (cert_file, Setting::Absent) => (cert_file.place().cloned(), "tls_key_file"),
        _ => (None, ""),
    };
    if let Some(place) = place {
        let text = format!(
            "[server] lacks `{missing}`; write both tls_cert_file = \"PATH\" and tls_key_file = \"PATH\", or \
             neither"
        );
        section.add_mistake(&place, text);
    }
    Some(TlsFiles {
        cert_file: cert_file.value()?,
        key_file: key_file.value()?,
    })
}

fn check_time(
    key: &str,
    text: &str,
    allowed: RangeInclusive<Duration>,
    least: &str,
    most: &str,
) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if allowed.contains(&time) => Ok(time),
        _ => Err(format!(
            "`{key}` must be a time from \"{least}\" to \"{most}\", as \"10m\" or \"30d\""
        )),
    }
}

/// What was written is not repeated: it may hold a password.
fn check_store(written: &Secret, base_dir: &Path) -> Result<Secret, String> {
    let text = written.expose();
    if let Some(path) = text
        .strip_prefix("sqlite:")
        // Both spellings of an address name the same file: "//" is no part of its path.
        .map(|path| path.strip_prefix("//").unwrap_or(path))
        .filter(|path| !path.is_empty() && !path.starts_with(':'))
    {
        return Ok(Secret::new(format!("sqlite:{}", base_dir.join(path).display())));
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return check_postgres(text).map(|()| written.clone());
    }
    Err("`store` must be \"sqlite:PATH\" or \"postgres://USER:PASSWORD@HOST/DATABASE\"".to_owned())
}

fn check_postgres(text: &str) -> Result<(), String> {
    let Ok(url) = url::Url::parse(text) else {
        return Err(
            "`store` must be \"postgres://USER:PASSWORD@HOST/DATABASE\", in which other characters than \
                    letters and digits stand as %XX"
                .to_owned(),
        );
    };
    let is_known = |name: &str| {
        POSTGRES_PARAMETERS.contains(&name) || name.starts_with("options[") && name.ends_with(']')
    };
    if url.query_pairs().all(|(name, _)| is_known(&name)) {
        return Ok(());
    }
    Err(format!(
        "the address in `store` has an unknown parameter after its \"?\"; known parameters: {}",
        POSTGRES_PARAMETERS.join(", ")
    ))
}

/// Without clients this machine alone; with them any, as long as no token goes over a network unseen.
fn check_listen(text: &str, has_clients: bool, is_covered: bool) -> Result<SocketAddr, String> {
    let Ok(listen) = text.parse::<SocketAddr>() else {
        return Err(
            "`listen` must be an IP address and a port, as \"127.0.0.1:8750\" or \"[::1]:8750\"".to_owned(),
        );
    };
    if listen.ip().to_canonical().is_loopback() {
        return Ok(listen);
    }
    if !has_clients {
        return Err(format!(
            "`listen` must be a loopback address, 127.0.0.1 or ::1, {UNTIL_THERE_ARE_CLIENTS}"
        ));
    }
    if !is_covered {
        return Err(
            "`listen` is not a loopback address, so that tokens would go over the wire in the clear; add \
             tls_cert_file and tls_key_file, or, where that is meant, allow_http = true"
                .to_owned(),
        );
    }
    Ok(listen)
}
