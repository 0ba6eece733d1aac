//! What stands in a certificate, for people: whose it is, for which names, until when, and its fingerprint. Refuses to
//! know whether it is trusted; `tls/verifier.rs` decides that on the bytes, with another parser, and never on these.
//!
//! Everything in a certificate is the words of whoever made it: it is escaped and capped here, once.

use crate::config::Fingerprint;
use crate::model::excerpt;
use rustls::pki_types::UnixTime;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::time::Duration;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name, X509Version};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

/// Characters of a subject or an issuer: eight parts of common length.
const NAME_CHARACTERS_MAX: usize = 200;
/// Characters of one name of a host; DNS has no longer ones.
const HOST_CHARACTERS_MAX: usize = 253;
/// Names of hosts that are kept. A certificate of a large cloud has a hundred.
const HOSTS_MAX: usize = 100;

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// Whose it is, as `CN=esa.example.com, O=Example`.
    pub subject: String,
    /// Who signed it, in the same form.
    pub issuer: String,
    /// The names and addresses of hosts in its subjectAltName: those that count.
    pub names: Vec<String>,
    /// From when on it is valid, as `2026-01-31T00:00:00Z`.
    pub not_before: String,
    /// Until when it is valid, in the same form.
    pub not_after: String,
    /// Fingerprint, as `pin_sha256` takes it.
    pub sha256: String,
    /// Subject and issuer are the same.
    pub is_self_signed: bool,
    /// It says that it is an authority's (CA:TRUE).
    pub is_ca: bool,
    /// It may be used by a server: it names no uses, or this one among them.
    pub is_for_servers: bool,
    /// Version of X.509. Only the third has names of hosts.
    pub x509_version: u32,
    /// Length of its key, where that is RSA.
    pub rsa_key_bits: Option<usize>,
    /// Common name of the subject, where it has one.
    #[serde(skip)]
    pub(super) common_name: Option<String>,
    /// From when on and until when, in seconds since 1970.
    #[serde(skip)]
    validity: (i64, i64),
}

impl CertificateFacts {
    /// Reads a certificate in DER. None where it is none.
    #[must_use]
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let validity = certificate.validity();
        // What cannot be read of the extensions is not there: this only decides what a person is told.
        let constraints = certificate.basic_constraints().ok().flatten();
        let uses = certificate.extended_key_usage().ok().flatten();
        let common_name = certificate.subject().iter_common_name().next();
        Some(Self {
            subject: shown(certificate.subject()),
            issuer: shown(certificate.issuer()),
            names: names_of_hosts(&certificate),
            not_before: date_and_time(validity.not_before),
            not_after: date_and_time(validity.not_after),
            sha256: fingerprint(der).to_string(),
            is_self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            is_ca: constraints.is_some_and(|constraints| constraints.value.ca),
            is_for_servers: uses.is_none_or(|uses| uses.value.server_auth || uses.value.any),
            x509_version: certificate.version().0.saturating_add(1),
            rsa_key_bits: match certificate.public_key().parsed() {
                Ok(PublicKey::RSA(key)) => Some(key.key_size()),
                _ => None,
            },
            common_name: common_name
                .and_then(|name| name.as_str().ok())
                .map(|name| excerpt(name, HOST_CHARACTERS_MAX)),
            validity: (validity.not_before.timestamp(), validity.not_after.timestamp()),
        })
    }

    /// Whether its time is over at a time, as [`time_of`] writes it.
    pub(super) fn has_expired(&self, now: &str) -> bool {
        // The same form and length: their order is that of the times.
        now > self.not_after.as_str()
    }

    /// Whether its time has not begun.
    pub(super) fn is_not_yet_valid(&self, now: &str) -> bool {
        now < self.not_before.as_str()
    }

    /// The time that is nearest to this one and within its own.
    pub(super) fn nearest_valid_time(&self, now: UnixTime) -> UnixTime {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let (not_before, not_after) = self.validity;
        let seconds = now.min(not_after).max(not_before);
        // Before 1970 there are no certificates.
        UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    }

    pub(super) fn is_of_version_3(&self) -> bool {
        self.x509_version == X509Version::V3.0 + 1
    }
}

/// SHA-256 of the certificate.
pub(super) fn fingerprint(der: &[u8]) -> Fingerprint {
    Fingerprint(Sha256::digest(der).into())
}

/// Who signed the last of these certificates, of which each is to be signed by the next; for a person who has to find
/// that authority.
pub(super) fn last_issuer(leaf: &[u8], others: &[&[u8]]) -> Option<String> {
    let (_, leaf) = X509Certificate::from_der(leaf).ok()?;
    let others: Vec<_> = others
        .iter()
        .filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1))
        .collect();
    let mut last = &leaf;
    // As many steps as there are certificates: they may sign each other in a circle.
    for _ in &others {
        let is_issuer = |other: &&X509Certificate<'_>| other.subject().as_raw() == last.issuer().as_raw();
        last = others.iter().find(is_issuer).unwrap_or(last);
    }
    Some(shown(last.issuer()))
}

/// Seconds since 1970 in the form of the facts.
pub(super) fn time_of(unix_seconds: u64) -> String {
    let time = i64::try_from(unix_seconds).map(ASN1Time::from_timestamp);
    match time {
        Ok(Ok(time)) => date_and_time(time),
        // Beyond the year 9999.
        _ => "9999-12-31T23:59:59Z".to_owned(),
    }
}

/// The day of a time in that form.
pub(super) fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

fn date_and_time(time: ASN1Time) -> String {
    let time = time.to_datetime();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn shown(name: &X509Name<'_>) -> String {
    excerpt(&name.to_string(), NAME_CHARACTERS_MAX)
}

fn names_of_hosts(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let host = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(excerpt(name, HOST_CHARACTERS_MAX)),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    };
    names
        .value
        .general_names
        .iter()
        .filter_map(host)
        .take(HOSTS_MAX)
        .collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let of_version_4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let of_version_6 = <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    of_version_4.or(of_version_6).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_a_certificate_are_read_escaped_and_capped() {
        let mut parameters = rcgen::CertificateParams::new(vec![
            "esa.example.com".into(),
            "192.0.2.1".into(),
            "2001:db8::1".into(),
        ])
        .unwrap();
        parameters.not_before = rcgen::date_time_ymd(2026, 1, 31);
        parameters.not_after = rcgen::date_time_ymd(2027, 12, 1);
        let long = "x".repeat(300);
        let subject = &mut parameters.distinguished_name;
        subject.push(rcgen::DnType::CommonName, "esa\u{1b}[2J");
        subject.push(rcgen::DnType::OrganizationName, long.as_str());
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        let facts = CertificateFacts::read(certificate.der()).unwrap();
        assert!(facts.subject.contains("CN=esa\\u{1b}[2J"), "{}", facts.subject);
        assert!(facts.subject.ends_with("xxx..."), "{}", facts.subject);
        assert!(facts.is_self_signed && facts.is_for_servers && facts.is_of_version_3());
        assert!(!facts.is_ca);
        assert_eq!(facts.names, ["esa.example.com", "192.0.2.1", "2001:db8::1"]);
        assert_eq!(facts.rsa_key_bits, None);
        assert_eq!(facts.sha256.len(), 95);
        for (now, is_early, is_late) in [
            ("2026-01-30T23:59:59Z", true, false),
            ("2026-01-31T00:00:00Z", false, false),
            ("2027-12-01T00:00:00Z", false, false),
            ("2027-12-01T00:00:01Z", false, true),
        ] {
            assert_eq!(facts.is_not_yet_valid(now), is_early, "{now}");
            assert_eq!(facts.has_expired(now), is_late, "{now}");
        }
        assert_eq!(CertificateFacts::read(b"no certificate"), None);
    }

    #[test]
    fn times_have_one_form() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_795_608_306, "2026-11-25T12:05:06Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(time_of(seconds), expected);
        }
        assert_eq!(day("2026-11-25T12:05:06Z"), "2026-11-25");
    }
}
