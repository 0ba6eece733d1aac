//! `[appliances.NAME]`: where an appliance is, how to log in there, and how it wants to be treated. Checked
//! here, connected to elsewhere: this file opens a password file and no socket. `appliance/password.rs` has the
//! sources of a password, `appliance/tls.rs` and `appliance/proxy.rs` the keys that go together.

mod password;
mod proxy;
mod tls;

pub use proxy::ProxySettings;
pub use tls::{Fingerprint, TlsSettings, Trust};

use super::environment::appliance_variable;
use super::secret::Secret;
use super::section::Section;
use super::setting::Setting;
use super::{Surroundings, UNTIL_THERE_ARE_CLIENTS};
use crate::manifest::{Mistakes, Place};
use password::PasswordSource;
use proxy::ProxyKeys;
use std::ops::RangeInclusive;
use std::time::Duration;
use tls::TlsKeys;
use url::{Host, Url};

/// The appliance's own setting for entries per list ends there.
const LIST_LIMIT_MAX: u32 = 500;
/// Entries in one call. The appliance's own limit is unknown; public clients stay far below this.
const ITEMS_PER_CALL_MAX: u32 = 500;
/// The longest interval that is documented is four hours; a day leaves room for a setting of one's own.
const LIST_SYNC_MINUTES_MAX: u32 = 24 * 60;
/// An appliance under load needs seconds; one that needs more than minutes is out of reach.
const REQUEST_TIMEOUT_ALLOWED: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(600);

/// `[appliances.NAME]`, ready to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplianceSettings {
    /// NAME of the table.
    pub name: String,
    /// Scheme, host and port; the path is `/`. A loopback host as long as there are no clients.
    pub url: Url,
    /// Which product answers there. Default esa.
    pub root: Root,
    /// Of an account that may change the lists.
    pub username: String,
    /// That account's.
    pub password: Secret,
    /// How we prove who we are. Default basic.
    pub auth: Auth,
    /// How it proves who it is.
    pub tls: TlsSettings,
    /// By which way it is reached.
    pub proxy: ProxySettings,
    /// Most entries that one recipient's list can hold, as set on the appliance, 1 to 500. Unset by default:
    /// then nothing is refused beforehand.
    pub list_limit: Option<u32>,
    /// Most entries in one call, 1 to 500. Default 50.
    pub items_per_call: u32,
    /// How long one request may take. Default 30 s.
    pub request_timeout: Duration,
    /// Minutes until a change of its lists reaches the engine that filters mail, at most, 0 to 1440. Unset by
    /// default: then nobody can say from when on a change is in force.
    pub list_sync_minutes: Option<u32>,
    /// Whether its lists may be changed. Default enforce.
    pub mode: Mode,
}

impl ApplianceSettings {
    /// With every default.
    #[must_use]
    pub fn new(name: &str, url: Url, username: &str, password: Secret) -> Self {
        Self {
            name: name.to_owned(),
            url,
            root: Root::Esa,
            username: username.to_owned(),
            password,
            auth: Auth::Basic,
            tls: TlsSettings {
                trust: Trust::System,
                legacy: false,
            },
            proxy: ProxySettings::FromEnvironment,
            list_limit: None,
            items_per_call: 50,
            request_timeout: Duration::from_secs(30),
            list_sync_minutes: None,
            mode: Mode::Enforce,
        }
    }
}

/// How a caller of the API proves who it is (`docs/asyncos.md`, "Login").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Credentials with every call.
    Basic,
    /// A login, and its token with every call.
    Login,
}

/// First segment of every path: the product that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// Secure Email Gateway with its own quarantine: `/esa/api/v2.0/...`
    Esa,
    /// Secure Email and Web Manager with the central one: `/sma/api/v2.0/...`
    Sma,
}

impl Root {
    /// The word in the path and in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Esa => "esa",
            Self::Sma => "sma",
        }
    }
}

/// What calls may do to an appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// What they ask for.
    Enforce,
    /// Nothing: every call is a preview. For the time in which it has to earn trust.
    Observe,
}

/// The table as it was written.
struct Table {
    place: Place,
    url: Setting<Url>,
    root: Setting<Root>,
    username: Setting<String>,
    password: Setting<Secret>,
    password_file: Setting<String>,
    auth: Setting<Auth>,
    tls: TlsKeys,
    proxy: ProxyKeys,
    list_limit: Setting<u32>,
    items_per_call: Setting<u32>,
    request_timeout: Setting<Duration>,
    list_sync_minutes: Setting<u32>,
    mode: Setting<Mode>,
}

impl Table {
    fn read(mut section: Section<'_>, any_host: bool) -> Self {
        let url = section.text("url");
        let allow_http = section.flag("allow_http");
        let http_is_allowed = !matches!(allow_http, Setting::Absent | Setting::Written(false, _));
        let table = Self {
            place: section.place(),
            url: section.check(url, |text| check_url(text, http_is_allowed, any_host)),
            root: section.choice("root", &[Root::Esa, Root::Sma].map(|root| (root.word(), root))),
            username: section.checked_text("username", check_username),
            password: section.secret("password"),
            password_file: section.text("password_file"),
            auth: section.choice("auth", &[("basic", Auth::Basic), ("login", Auth::Login)]),
            tls: TlsKeys::read(&mut section),
            proxy: ProxyKeys::read(&mut section),
            list_limit: section.number("list_limit", 1..=LIST_LIMIT_MAX),
            items_per_call: section.number("items_per_call", 1..=ITEMS_PER_CALL_MAX),
            request_timeout: section.checked_text("request_timeout", check_request_timeout),
            list_sync_minutes: section.number("list_sync_minutes", 0..=LIST_SYNC_MINUTES_MAX),
            mode: section.choice("mode", &[("enforce", Mode::Enforce), ("observe", Mode::Observe)]),
        };
        section.finish();
        table
    }
}

/// Reads one table. None where something that has no default is wrong or missing.
pub(super) fn read(
    name: &str,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
    warnings: &mut Vec<String>,
) -> Option<ApplianceSettings> {
    let section = surroundings.layers.section(&["appliances", name], mistakes);
    let table = Table::read(section, surroundings.has_clients());
    let source = PasswordSource {
        name,
        layers: surroundings.layers,
        base_dir: surroundings.base_dir,
        table: &table.place,
    };
    let password = source.read(table.password, table.password_file, mistakes, warnings);
    let tls = table.tls.checked(surroundings.base_dir, mistakes);
    let proxy_from_environment = surroundings
        .layers
        .is_from_environment(&["appliances", name, "proxy"]);
    let proxy = table
        .proxy
        .checked(name, proxy_from_environment, mistakes, warnings);
    let missing_url = format!("[appliances.{name}] lacks `url`; write url = \"https://HOST:PORT\"");
    let url = table.url.required(&table.place, &missing_url, mistakes);
    let missing_username = format!(
        "[appliances.{name}] lacks `username`; write it, or set {}",
        appliance_variable(name, "username")
    );
    let username = table.username.required(&table.place, &missing_username, mistakes);
    let defaults = ApplianceSettings::new(name, url?, &username?, password?);
    Some(ApplianceSettings {
        root: table.root.or(defaults.root),
        auth: table.auth.or(defaults.auth),
        tls: tls?,
        proxy: proxy?,
        list_limit: table.list_limit.value(),
        items_per_call: table.items_per_call.or(defaults.items_per_call),
        request_timeout: table.request_timeout.or(defaults.request_timeout),
        list_sync_minutes: table.list_sync_minutes.value(),
        mode: table.mode.or(defaults.mode),
        ..defaults
    })
}

/// All that is wrong with a URL in one message. What was written is not repeated: it may hold a password.
fn check_url(text: String, http_is_allowed: bool, any_host: bool) -> Result<Url, String> {
    let allowed = "allowed: \"https://HOST:PORT\" and nothing more";
    let url = Url::parse(&text).map_err(|error| format!("`url` is not a URL ({error}); {allowed}"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(format!("`url` must begin with https; {allowed}"));
    }
    let mut wrong = Vec::new();
    if url.scheme() == "http" && !http_is_allowed {
        let meant = "it begins with http, which sends the password in the clear; where that is meant, add \
                     allow_http = true";
        wrong.push(meant.to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        wrong.push(
            "it holds a user name or password, which belong to `username` and `password_file`".to_owned(),
        );
    }
    if url.path() != "/" {
        wrong.push("it has a path, which `root` decides".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        wrong.push("it has a query or fragment".to_owned());
    }
    if !any_host && !is_loopback(&url) {
        wrong.push(format!(
            "its host must be loopback (127.0.0.1, ::1, localhost) {UNTIL_THERE_ARE_CLIENTS}"
        ));
    }
    match wrong.as_slice() {
        [] => Ok(url),
        _ => Err(format!("`url` cannot be used: {}; {allowed}", wrong.join("; "))),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// RFC 7617: the first colon ends the name.
fn check_username(text: String) -> Result<String, String> {
    if text.contains(':') || text.chars().any(char::is_control) {
        return Err(
            "`username` must be without colons and control characters, which a login cannot carry".to_owned(),
        );
    }
    Ok(text)
}

fn check_request_timeout(text: String) -> Result<Duration, String> {
    match humantime::parse_duration(&text) {
        Ok(timeout) if REQUEST_TIMEOUT_ALLOWED.contains(&timeout) => Ok(timeout),
        _ => Err(
            "`request_timeout` must be a time from \"1s\" to \"10m\", as \"30s\" or \"1m 30s\"".to_owned(),
        ),
    }
}
