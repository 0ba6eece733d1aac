//! What went over the wire to the appliances of one run, for whoever has to find out what an appliance really says.
//! Kept on request only (`doorlist serve --trace-wire DIRECTORY`): it holds the entries of the lists, and mailboxes.
//! Never in it: credentials and tokens, neither in headers nor where a body repeats them.

use super::verdict::{Answer, Ending};
use super::wire::Request;
use crate::model::escape_control;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// A page of a hundred mailboxes fits; a list of all is not what support needs.
const BODY_BYTES_SHOWN_MAX: usize = 64 * 1024;
/// Headers of which nothing but the name is shown.
const HIDDEN_HEADERS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "jwttoken",
    "cookie",
    "set-cookie",
    "www-authenticate",
];
const HIDDEN: &str = "[hidden]";

/// Where the exchanges of a run are written, if anywhere.
#[derive(Debug, Default)]
pub struct WireLog(Option<Mutex<File>>);

impl WireLog {
    /// Writes nothing.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Begins a file that only its owner can read.
    ///
    /// # Errors
    /// When it cannot be made; one that is there already is not touched.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self(Some(Mutex::new(options.open(path)?))))
    }

    pub(super) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// One exchange. `secrets` are hidden wherever they stand.
    pub(super) fn write(&self, exchange: &Exchange<'_>, secrets: &[String]) {
        let Some(file) = &self.0 else { return };
        let text = hide(&exchange.describe(), secrets);
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(text.as_bytes()) {
            tracing::warn!(%error, "the wire log cannot be written");
        }
    }
}

/// A request and what came of it.
pub(super) struct Exchange<'a> {
    pub(super) appliance_name: &'a str,
    pub(super) began: SystemTime,
    pub(super) duration: Duration,
    pub(super) request: &'a Request,
    pub(super) request_headers: &'a http::HeaderMap,
    pub(super) answer: &'a Answer,
    pub(super) reply_headers: &'a http::HeaderMap,
}

impl Exchange<'_> {
    fn describe(&self) -> String {
        let Request { method, target, body } = self.request;
        let mut text = format!(
            "{} {}: {method} {target}\n",
            humantime::format_rfc3339_millis(self.began),
            self.appliance_name
        );
        describe_headers(&mut text, '>', self.request_headers);
        let is_login = target.ends_with("/login");
        describe_body(&mut text, '>', body.as_deref().unwrap_or_default(), is_login);
        let duration_ms = self.duration.as_millis();
        match self.answer {
            Answer::NotConnected(why) | Answer::NotTrusted(why) => {
                text.push_str(&format!("! not connected after {duration_ms} ms: {why}\n"))
            }
            Answer::Lost(why) => text.push_str(&format!("! no answer after {duration_ms} ms: {why}\n")),
            Answer::Answered {
                status,
                reason,
                body,
                ending,
                ..
            } => {
                let reason = reason
                    .as_deref()
                    .map_or_else(String::new, |reason| format!(" {}", escape_control(reason)));
                text.push_str(&format!("< {status}{reason} after {duration_ms} ms\n"));
                describe_headers(&mut text, '<', self.reply_headers);
                describe_body(&mut text, '<', body, is_login && *status < 300);
                match ending {
                    Ending::Whole => {}
                    Ending::Cut(why) => text.push_str(&format!("! cut here: {why}\n")),
                    Ending::TooLarge => text.push_str("! longer than is read\n"),
                }
            }
        }
        text.push('\n');
        text
    }
}

fn describe_headers(text: &mut String, side: char, headers: &http::HeaderMap) {
    for (name, value) in headers {
        let value = if HIDDEN_HEADERS.contains(&name.as_str()) {
            HIDDEN.to_owned()
        } else {
            escape_control(&String::from_utf8_lossy(value.as_bytes()))
        };
        text.push_str(&format!("{side} {name}: {value}\n"));
    }
}

fn describe_body(text: &mut String, side: char, body: &[u8], is_hidden: bool) {
    if body.is_empty() {
        return;
    }
    if is_hidden {
        text.push_str(&format!("{side}\n{side} {HIDDEN}\n"));
        return;
    }
    let shown = &body[..body.len().min(BODY_BYTES_SHOWN_MAX)];
    text.push_str(&format!(
        "{side}\n{side} {}",
        escape_control(&String::from_utf8_lossy(shown))
    ));
    if shown.len() < body.len() {
        text.push_str(&format!(" ... {} bytes in all", body.len()));
    }
    text.push('\n');
}

/// The text without these.
pub(super) fn hide(text: &str, secrets: &[String]) -> String {
    let mut hidden = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        hidden = hidden.replace(secret, HIDDEN);
    }
    hidden
}
