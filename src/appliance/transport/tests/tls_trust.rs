//! Certificates that are taken, each with a real handshake and a change that is done: by authority, by pin, or because
//! nothing is verified; what was seen of them, and which warnings there are. `tls_certificates.rs` has the others.

use super::tls_server::{
    Identity, authority, authority_below, certificate_for, expired, not_yet_valid, of_authority, self_signed,
    self_signed_version_1, signed_by, start,
};
use super::{PATIENCE, addition, settings};
use crate::appliance::{Appliance, WireLog};
use crate::config::{ApplianceSettings, Fingerprint, TlsSettings, Trust};
use crate::model::Verdict;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The host that is asked for, unless a case is about that.
pub(super) const HERE: &str = "127.0.0.1";

pub(super) fn for_peer(host: &str, port: u16, trust: Trust, request_timeout: Duration) -> ApplianceSettings {
    let url = format!("https://{host}:{port}");
    ApplianceSettings {
        tls: TlsSettings { trust, legacy: false },
        ..settings(&url, request_timeout)
    }
}

/// The pins of a case, made of its certificate.
type PinsFor = fn(&Identity) -> Vec<Fingerprint>;

/// A certificate that is taken.
struct Case {
    what: &'static str,
    host: &'static str,
    identity: Identity,
    trust: Trust,
    trusted_by: &'static str,
    warnings: &'static [&'static str],
}

/// Plays it with either version of TLS.
async fn taken(case: Case) {
    for (version, name) in [
        (&rustls::version::TLS12, "TLS 1.2"),
        (&rustls::version::TLS13, "TLS 1.3"),
    ] {
        let what = format!("{}, {name}", case.what);
        let (port, received) = start(&case.identity, &[version], 1).await;
        let settings = for_peer(case.host, port, case.trust.clone(), PATIENCE);
        let appliance = Appliance::new(&settings).unwrap();
        assert_eq!(appliance.seen_tls(), None, "{what}: before the first handshake");
        assert_eq!(
            appliance.write(&addition(), &WireLog::off()).await,
            Verdict::Done,
            "{what}"
        );
        assert!(received.await.unwrap()[0].request_bytes > 0, "{what}");
        let seen = appliance.seen_tls().unwrap();
        assert_eq!(seen.protocol, Some(name), "{what}");
        assert_eq!(seen.trusted_by, case.trusted_by, "{what}");
        assert_eq!(seen.warnings, case.warnings, "{what}");
        assert_eq!(seen.certificate.sha256, case.identity.pin().to_string(), "{what}");
    }
}

#[tokio::test]
async fn an_authority_of_ca_file_vouches_also_through_others() {
    let corporate = authority("Corporate CA");
    let issuing = authority_below(certificate_for("Issuing CA", &[]), &corporate);
    let root = corporate.as_ref().der();
    let between = issuing.as_ref().der();
    let here = certificate_for("esa.example.com", &[HERE]);
    let of_host = self_signed(&certificate_for("esa.example.com", &["localhost"]));
    for (what, host, identity, ca_file) in [
        ("signed by it", HERE, signed_by(&corporate, &here), vec![root]),
        (
            "signed by one below",
            HERE,
            signed_by(&issuing, &here).followed_by(between),
            vec![root],
        ),
        (
            "one below that is in ca_file itself",
            HERE,
            signed_by(&issuing, &here),
            vec![between],
        ),
        (
            "one of two",
            HERE,
            signed_by(&corporate, &here),
            vec![between, root],
        ),
        (
            "self-signed, and in ca_file itself",
            "localhost",
            of_host.clone(),
            vec![&of_host.chain[0]],
        ),
    ] {
        taken(Case {
            what,
            host,
            identity,
            trust: Trust::Authorities(ca_file.into_iter().cloned().collect()),
            trusted_by: "ca_file",
            warnings: &[],
        })
        .await;
    }
}

#[tokio::test]
async fn a_pin_trusts_whatever_the_certificate_says_and_warns_where_it_says_something_odd() {
    let here = || certificate_for("esa.example.com", &[HERE]);
    let first_of_two = |identity: &Identity| vec![identity.pin(), Fingerprint([7; 32])];
    let second_of_two = |identity: &Identity| vec![Fingerprint([7; 32]), identity.pin()];
    let only = |identity: &Identity| vec![identity.pin()];
    let no_name: &[&str] =
        &["the pinned certificate has no subjectAltName with a host, so that it is not for 127.0.0.1"];
    let cases: [(_, Identity, PinsFor, &[&str]); 9] = [
        ("self-signed", self_signed(&here()), only, &[]),
        ("the first of two", self_signed(&here()), first_of_two, &[]),
        ("the second of two", self_signed(&here()), second_of_two, &[]),
        ("an authority's", self_signed(&of_authority(here())), only, &[]),
        (
            "expired",
            self_signed(&expired(here())),
            only,
            &["the pinned certificate has expired on 2024-05-01"],
        ),
        (
            "not yet valid",
            self_signed(&not_yet_valid(here())),
            only,
            &["the pinned certificate is not valid before 2098-01-01"],
        ),
        (
            "for another name, and expired",
            signed_by(
                &authority("Corporate CA"),
                &expired(certificate_for("x", &["esa.example.com"])),
            ),
            only,
            &[
                "the pinned certificate has expired on 2024-05-01",
                "the pinned certificate is for esa.example.com, not for 127.0.0.1",
            ],
        ),
        (
            "without a name",
            self_signed(&certificate_for("esa.example.com", &[])),
            only,
            no_name,
        ),
        (
            "of X.509 version 1",
            self_signed_version_1("esa.example.com"),
            only,
            no_name,
        ),
    ];
    for (what, identity, pins, warnings) in cases {
        let trust = Trust::Pins(pins(&identity));
        taken(Case {
            what,
            host: HERE,
            identity,
            trust,
            trusted_by: "pin_sha256",
            warnings,
        })
        .await;
    }
}

/// What is logged, for a test to read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_warning_is_logged_once_for_each_appliance() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let _logging = tracing::subscriber::set_default(subscriber.finish());
    let identity = self_signed(&expired(certificate_for("esa.example.com", &[HERE])));
    let (port, _received) = start(&identity, &[&rustls::version::TLS12], 6).await;
    for name in ["esa-1", "esa-2"] {
        let appliance = Appliance::new(&ApplianceSettings {
            name: name.into(),
            ..for_peer(HERE, port, Trust::Pins(vec![identity.pin()]), PATIENCE)
        })
        .unwrap();
        for _ in 0..3 {
            assert_eq!(appliance.write(&addition(), &WireLog::off()).await, Verdict::Done);
        }
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for name in ["esa-1", "esa-2"] {
        let is_warning = |line: &&str| line.contains("WARN") && line.contains(name);
        let warnings: Vec<_> = logged.lines().filter(is_warning).collect();
        assert_eq!(warnings.len(), 1, "{logged}");
        let words = "the pinned certificate has expired on 2024-05-01";
        assert!(warnings[0].contains(words), "{logged}");
    }
}

#[tokio::test]
async fn without_verification_everything_is_taken_and_shown() {
    let mut without_key = self_signed(&certificate_for("esa.example.com", &[HERE]));
    without_key.chain = self_signed(&certificate_for("stolen", &[HERE])).chain;
    for (what, identity) in [
        (
            "self-signed, for another name",
            self_signed(&expired(certificate_for("x", &["esa.example.com"]))),
        ),
        ("of X.509 version 1", self_signed_version_1("esa.example.com")),
        ("of which it has no key", without_key),
    ] {
        taken(Case {
            what,
            host: HERE,
            identity,
            trust: Trust::Nothing,
            trusted_by: "nothing: verify_tls = false",
            warnings: &[],
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_that_is_resumed_shows_no_certificate_and_what_was_seen_stays() {
    let identity = self_signed(&certificate_for("esa.example.com", &["esa.example.com"]));
    let (port, received) = start(&identity, &[&rustls::version::TLS13], 3).await;
    let settings = for_peer(HERE, port, Trust::Pins(vec![identity.pin()]), PATIENCE);
    let appliance = Appliance::new(&settings).unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        assert_eq!(appliance.write(&addition(), &WireLog::off()).await, Verdict::Done);
        seen.push(appliance.seen_tls().unwrap());
    }
    let heard = received.await.unwrap();
    assert!(heard.iter().all(|each| each.request_bytes > 0), "{heard:?}");
    assert!(!heard[0].is_resumed && heard[2].is_resumed, "{heard:?}");
    assert!(seen.iter().all(|each| *each == seen[0]), "{seen:?}");
}

#[tokio::test]
async fn a_ca_file_with_what_can_be_no_authority_is_told_when_the_client_is_made() {
    let corporate = authority("Corporate CA");
    let trust = Trust::Authorities(vec![
        corporate.as_ref().der().clone(),
        b"no certificate".to_vec().into(),
    ]);
    let error = Appliance::new(&for_peer(HERE, 1, trust, PATIENCE)).unwrap_err();
    let words = error.to_string();
    assert!(
        words.starts_with("appliance `peer`: certificate 2 of its ca_file cannot be trusted: "),
        "{words}"
    );
}
