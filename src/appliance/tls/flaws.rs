//! What a certificate may have against it by itself: its dates and its names. A pin trusts it all the same, and warns;
//! an authority cannot make up for it. Refuses to know who vouches for the certificate.

use super::super::certificate::{CertificateFacts, day};
use super::verifier::Shown;
use rustls::client::verify_server_name;
use rustls::server::ParsedCertificate;

/// Names of hosts in a sentence.
const NAMES_SHOWN_MAX: usize = 3;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    Expired,
    NotYetValid,
    NoName,
    OtherName,
}

impl Flaw {
    /// What is said of the certificate. Without the time of now, so that it stays the same sentence.
    pub(super) fn words(self, shown: &Shown<'_>, facts: &CertificateFacts) -> String {
        match self {
            Self::Expired => format!("has expired on {}", day(&facts.not_after)),
            Self::NotYetValid => format!("is not valid before {}", day(&facts.not_before)),
            Self::OtherName => format!("is for {}, not for {}", names(facts), shown.name.to_str()),
            Self::NoName => format!(
                "has no subjectAltName with a host, so that it is not for {}",
                shown.name.to_str()
            ),
        }
    }
}

/// Those of a certificate at a time.
pub(super) fn of(shown: &Shown<'_>, facts: &CertificateFacts, now: &str) -> Vec<Flaw> {
    of_dates(facts, now)
        .into_iter()
        .chain(of_names(shown, facts))
        .collect()
}

fn of_dates(facts: &CertificateFacts, now: &str) -> Option<Flaw> {
    if facts.has_expired(now) {
        Some(Flaw::Expired)
    } else if facts.is_not_yet_valid(now) {
        Some(Flaw::NotYetValid)
    } else {
        None
    }
}

fn of_names(shown: &Shown<'_>, facts: &CertificateFacts) -> Option<Flaw> {
    if facts.names.is_empty() {
        return Some(Flaw::NoName);
    }
    // The library's own comparison. What it cannot read has another fault.
    let parsed = ParsedCertificate::try_from(shown.leaf).ok()?;
    let is_named = verify_server_name(&parsed, shown.name).is_ok();
    (!is_named).then_some(Flaw::OtherName)
}

fn names(facts: &CertificateFacts) -> String {
    let mut names: Vec<&str> = facts.names.iter().map(String::as_str).collect();
    if names.len() > NAMES_SHOWN_MAX {
        names.truncate(NAMES_SHOWN_MAX);
        names.push("others");
    }
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
