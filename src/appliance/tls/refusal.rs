//! Why a certificate was refused, as a sentence: what was found, the fingerprint to pin, and which way out mends all of
//! it. Refuses to decide anything: `verifier.rs` has decided. The same with more room: `docs/tls.md`.
//!
//! Everything foreign comes escaped and capped from `certificate.rs`, so that a sentence need not be cut.

use super::super::certificate::{CertificateFacts, day, fingerprint, last_issuer};
use super::flaws::{self, Flaw};
use super::verifier::Shown;
use crate::config::Trust;
use crate::model::excerpt;
use rustls::{CertificateError, Error, OtherError};
use std::sync::Arc;

/// Shorter RSA keys are not verified by the library.
const RSA_KEY_BITS_MIN: usize = 2048;
/// Characters of the library's words, where there are no own ones.
const WORDS_CHARACTERS_MAX: usize = 200;

/// A sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in super::super) struct Refusal(String);

impl Refusal {
    /// In the form in which it goes through the library, and comes out in `cause.rs`.
    pub(super) fn into_error(self) -> Error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(self))))
    }

    /// For a handshake that the key of the certificate has not signed, as far as can be seen.
    pub(super) fn of_signature(facts: Option<&CertificateFacts>) -> Self {
        let bits = facts
            .and_then(|facts| facts.rsa_key_bits)
            .filter(|bits| *bits < RSA_KEY_BITS_MIN);
        Self(match bits {
            Some(bits) => format!(
                "the certificate has an RSA key of {bits} bits, too short to prove who answers, so that no pin helps; \
                 make one of {RSA_KEY_BITS_MIN} bits on the appliance (Network > Certificates)"
            ),
            None => "whoever answers did not prove to hold the key of the certificate that it shows; somebody else \
                     may be answering, or the key is of a kind that is not known here"
                .to_owned(),
        })
    }
}

/// All that is known when a certificate is refused.
pub(super) struct Case<'a> {
    pub(super) appliance: &'a str,
    pub(super) trust: &'a Trust,
    pub(super) shown: &'a Shown<'a>,
    /// None where it cannot be read.
    pub(super) facts: Option<&'a CertificateFacts>,
    pub(super) now: &'a str,
    /// What the authorities say of it, its own dates left aside. None where they were not asked, or vouch for it.
    pub(super) chain: Option<Error>,
}

/// One thing that is wrong with a certificate.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    WrongPin,
    SelfSigned,
    Authority,
    OldVersion,
    UnknownIssuer,
    /// One with a name that is trusted and a signature that is not its own.
    Namesake,
    NotForServers,
    OldAlgorithm,
    /// A certificate between this one and its authority.
    AuthorityOutOfTime,
    NoAuthorities,
    /// What the library says.
    Other(String),
    Own(Flaw),
}

impl Case<'_> {
    pub(super) fn refusal(&self) -> Refusal {
        let Some(facts) = self.facts else {
            let sha256 = fingerprint(self.shown.leaf);
            return Refusal(format!(
                "what came as a certificate cannot be read (SHA-256 {sha256}); make a new one on the appliance \
                 (Network > Certificates)"
            ));
        };
        let faults = self.faults(facts);
        let found: Vec<String> = faults.iter().map(|fault| self.words(fault, facts)).collect();
        let whose = if self.shown.is_of_proxy {
            format!("the certificate of the proxy {}", self.shown.name.to_str())
        } else {
            "the certificate".to_owned()
        };
        Refusal(format!(
            "{whose} ({}, valid until {}) {}; {}",
            owner(facts),
            day(&facts.not_after),
            found.join(", and "),
            self.way_out(&faults, facts)
        ))
    }

    fn faults(&self, facts: &CertificateFacts) -> Vec<Fault> {
        if matches!(self.trust, Trust::Pins(_)) && !self.shown.is_of_proxy {
            return vec![Fault::WrongPin];
        }
        let mut faults = Vec::new();
        if self.chain.as_ref().is_some_and(is_about_trust) && facts.is_self_signed {
            faults.push(Fault::SelfSigned);
        }
        if facts.is_ca {
            faults.push(Fault::Authority);
        }
        if !facts.is_of_version_3() {
            faults.push(Fault::OldVersion);
        }
        faults.extend(self.chain.as_ref().and_then(|error| of_chain(error, facts)));
        // Names came with version 3: that there are none is told with the version.
        let own = flaws::of(self.shown, facts, self.now).into_iter();
        let own = own.filter(|flaw| *flaw != Flaw::NoName || facts.is_of_version_3());
        faults.extend(own.map(Fault::Own));
        faults
    }

    fn words(&self, fault: &Fault, facts: &CertificateFacts) -> String {
        match fault {
            Fault::WrongPin => {
                let sha256 = &facts.sha256;
                format!("has the SHA-256 fingerprint {sha256}, which is none of pin_sha256")
            }
            Fault::SelfSigned => "is self-signed".to_owned(),
            Fault::Authority => {
                "is a CA's in the place of a server's (CA:TRUE), which no ca_file makes valid".to_owned()
            }
            Fault::OldVersion => {
                format!(
                    "is of X.509 version {}, which no ca_file makes valid",
                    facts.x509_version
                )
            }
            Fault::UnknownIssuer => {
                format!(
                    "is signed by {}, which is not {}",
                    self.authority(facts),
                    self.whence()
                )
            }
            Fault::Namesake => format!(
                "bears a signature that the {} {} has not made, or with a key too short to tell",
                self.authority(facts),
                self.whence()
            ),
            Fault::NotForServers => "is not for servers, as its extended key usage says".to_owned(),
            Fault::OldAlgorithm => "is signed by an algorithm that is not taken any more".to_owned(),
            Fault::AuthorityOutOfTime => format!(
                "is signed by {}, on the way to whom a certificate is out of its time",
                self.authority(facts)
            ),
            Fault::NoAuthorities => {
                "cannot be checked, because this machine has no authorities that it trusts".to_owned()
            }
            Fault::Other(words) => format!("is not valid ({words})"),
            Fault::Own(flaw @ (Flaw::Expired | Flaw::NotYetValid)) => format!(
                "{} (this machine's clock says {})",
                flaw.words(self.shown, facts),
                day(self.now)
            ),
            Fault::Own(flaw) => flaw.words(self.shown, facts),
        }
    }

    /// Who signed it, in the end.
    fn authority(&self, facts: &CertificateFacts) -> String {
        let others: Vec<&[u8]> = self.shown.others.iter().map(|other| &**other).collect();
        last_issuer(self.shown.leaf, &others).unwrap_or_else(|| facts.issuer.clone())
    }

    /// Where the authorities stand that count.
    fn whence(&self) -> &'static str {
        if matches!(self.trust, Trust::Authorities(_)) && !self.shown.is_of_proxy {
            "in ca_file"
        } else {
            "among those that this machine trusts"
        }
    }

    fn way_out(&self, faults: &[Fault], facts: &CertificateFacts) -> String {
        if self.shown.is_of_proxy {
            return "mend that, or make this machine trust its authority".to_owned();
        }
        if faults == [Fault::WrongPin] {
            return "if it was renewed, compare that fingerprint with the appliance's own and add it beside the old \
                    one; if it was not, somebody else may be answering"
                .to_owned();
        }
        let has_ca_file = matches!(self.trust, Trust::Authorities(_));
        let other = match faults {
            [Fault::Own(Flaw::Expired)] => "renew it on the appliance (Network > Certificates), or pin it",
            [Fault::Own(Flaw::NotYetValid)] => "set the clock that is wrong, here or there, or pin it",
            [Fault::Own(Flaw::OtherName)] => "write a name of it into `url`, or pin it",
            [Fault::UnknownIssuer] if has_ca_file => "add that authority's PEM to ca_file, or pin it",
            [Fault::UnknownIssuer] => "ca_file = \"PEM of that authority\", or pin it",
            [Fault::NoAuthorities] => "install them (package ca-certificates), or pin it",
            _ => "pin it",
        };
        let instead = if has_ca_file { ", in place of ca_file" } else { "" };
        let (appliance, sha256) = (self.appliance, &facts.sha256);
        format!(
            "{other}: pin_sha256 = [\"{sha256}\"] under [appliances.{appliance}]{instead}, once you have compared that \
             fingerprint with the appliance's own (docs/tls.md)"
        )
    }
}

/// Whether authorities were asked and did not vouch; names are compared behind that.
fn is_about_trust(error: &Error) -> bool {
    use CertificateError::{NotValidForName, NotValidForNameContext};
    !matches!(
        error,
        Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })
    )
}

fn of_chain(error: &Error, facts: &CertificateFacts) -> Option<Fault> {
    use CertificateError as Cause;
    if !is_about_trust(error) {
        return None;
    }
    let library =
        |error: &dyn std::fmt::Display| Some(Fault::Other(excerpt(&error.to_string(), WORDS_CHARACTERS_MAX)));
    let cause = match error {
        Error::InvalidCertificate(cause) => cause,
        // Of a system without authorities the library has words alone.
        Error::General(words) if words.contains("No CA certificates") => return Some(Fault::NoAuthorities),
        other => return library(other),
    };
    match cause {
        Cause::UnknownIssuer | Cause::BadSignature if facts.is_self_signed => None,
        Cause::UnknownIssuer => Some(Fault::UnknownIssuer),
        Cause::BadSignature => Some(Fault::Namesake),
        Cause::Expired
        | Cause::ExpiredContext { .. }
        | Cause::NotValidYet
        | Cause::NotValidYetContext { .. } => Some(Fault::AuthorityOutOfTime),
        Cause::UnsupportedSignatureAlgorithmContext { .. } => Some(Fault::OldAlgorithm),
        _ if !facts.is_for_servers => Some(Fault::NotForServers),
        // The reason is told already.
        _ if facts.is_ca || !facts.is_of_version_3() => None,
        other => library(other),
    }
}

/// Whose it is, in short.
fn owner(facts: &CertificateFacts) -> String {
    match &facts.common_name {
        Some(name) => format!("CN={name}"),
        None if facts.subject.is_empty() => "no subject".to_owned(),
        None => facts.subject.clone(),
    }
}
