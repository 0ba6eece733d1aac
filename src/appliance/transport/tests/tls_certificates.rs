//! Certificates that are refused, each with a real handshake: not a byte of the request is sent, and a person is told
//! what was found, what to pin and which way out there is. `tls_trust.rs` has those that are taken.

use super::tls_server::{
    Identity, NOTHING_HEARD, authority, authority_below, certificate_for, expired, not_yet_valid,
    of_authority, self_signed, self_signed_version_1, signed_by, start,
};
use super::tls_trust::{HERE, for_peer};
use super::{PATIENCE, addition};
use crate::appliance::certificate::{day, time_of};
use crate::appliance::{Appliance, WireLog};
use crate::config::{ApplianceSettings, Fingerprint, ProxySettings, Secret, Trust};
use std::time::{SystemTime, UNIX_EPOCH};

/// The end of most sentences.
const PIN_IT: &str = "pin it: pin_sha256 = [\"SHA256\"] under [appliances.peer], in place of ca_file, once you have compared that fingerprint with the appliance's own (docs/tls.md)";

/// Plays a refusal with either version of TLS; the sentence has SHA256 and TODAY where they differ from run to run.
async fn refused(case: &str, identity: Identity, trust: Trust, sentence: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let sentence = sentence
        .replace("PIN_IT", PIN_IT)
        .replace("SHA256", &identity.pin().to_string())
        .replace("TODAY", day(&time_of(now)));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let (port, received) = start(&identity, &[version], 1).await;
        let appliance = Appliance::new(&for_peer(HERE, port, trust.clone(), PATIENCE)).unwrap();
        let verdict = appliance.write(&addition(), &WireLog::off()).await;
        assert_eq!(
            verdict.describe(),
            format!("not reached: {sentence}"),
            "{case}, {:?}",
            version.version
        );
        assert_eq!(received.await.unwrap(), [NOTHING_HEARD], "{case}");
        let seen = appliance.seen_tls().unwrap();
        assert_eq!(seen.certificate.sha256, identity.pin().to_string(), "{case}");
        assert_eq!(seen.trusted_by, "nobody: it was refused", "{case}");
        assert!(seen.warnings.is_empty() && seen.protocol.is_none(), "{case}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_refused_is_told_with_what_was_found_and_a_way_out_and_nothing_is_sent() {
    let corporate = authority("Corporate CA");
    let ca_file = || Trust::Authorities(vec![corporate.as_ref().der().clone()]);
    let here = || certificate_for("esa.example.com", &[HERE]);
    let elsewhere = || certificate_for("esa.example.com", &["esa.example.com"]);
    let mut of_clients = here();
    of_clients.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let many = certificate_for("many", &["a.example", "b.example", "c.example", "d.example"]);
    for (case, identity, sentence) in [
        (
            "self-signed",
            self_signed(&here()),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is self-signed; PIN_IT",
        ),
        (
            "self-signed, and an authority's",
            self_signed(&of_authority(here())),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is self-signed, and is a CA's \
             in the place of a server's (CA:TRUE), which no ca_file makes valid; PIN_IT",
        ),
        (
            "self-signed, expired, for another name",
            self_signed(&expired(elsewhere())),
            "the certificate (CN=esa.example.com, valid until 2024-05-01) is self-signed, and has \
             expired on 2024-05-01 (this machine's clock says TODAY), and is for esa.example.com, not for \
             127.0.0.1; PIN_IT",
        ),
        (
            "self-signed, version 1",
            self_signed_version_1("esa.example.com"),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is self-signed, and is of \
             X.509 version 1, which no ca_file makes valid; PIN_IT",
        ),
        (
            "an authority's",
            signed_by(&corporate, &of_authority(here())),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is a CA's in the place of a \
             server's (CA:TRUE), which no ca_file makes valid; PIN_IT",
        ),
        (
            "expired",
            signed_by(&corporate, &expired(here())),
            "the certificate (CN=esa.example.com, valid until 2024-05-01) has expired on 2024-05-01 \
             (this machine's clock says TODAY); renew it on the appliance (Network > Certificates), or \
             PIN_IT",
        ),
        (
            "not yet valid",
            signed_by(&corporate, &not_yet_valid(here())),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is not valid before 2098-01-01 \
             (this machine's clock says TODAY); set the clock that is wrong, here or there, or PIN_IT",
        ),
        (
            "for another name",
            signed_by(&corporate, &elsewhere()),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is for esa.example.com, not \
             for 127.0.0.1; write a name of it into `url`, or PIN_IT",
        ),
        (
            "for many other names",
            signed_by(&corporate, &many),
            "the certificate (CN=many, valid until 2098-12-31) is for a.example, b.example, c.example \
             and others, not for 127.0.0.1; write a name of it into `url`, or PIN_IT",
        ),
        (
            "for no name",
            signed_by(&corporate, &certificate_for(HERE, &[])),
            "the certificate (CN=127.0.0.1, valid until 2098-12-31) has no subjectAltName with a host, \
             so that it is not for 127.0.0.1; PIN_IT",
        ),
        (
            "not for servers",
            signed_by(&corporate, &of_clients),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is not for servers, as its \
             extended key usage says; PIN_IT",
        ),
        (
            "words that fool a terminal",
            self_signed(&certificate_for("a\u{1b}[2J\u{202e}b", &[HERE])),
            "the certificate (CN=a\\u{1b}[2J\\u{202e}b, valid until 2098-12-31) is self-signed; PIN_IT",
        ),
    ] {
        refused(case, identity, ca_file(), sentence).await;
    }
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_named() {
    let (corporate, other) = (authority("Corporate CA"), authority("Other CA"));
    let namesake = authority("Corporate CA");
    let ca_file = || Trust::Authorities(vec![corporate.as_ref().der().clone()]);
    let here = || certificate_for("esa.example.com", &[HERE]);
    let issuing = |above| authority_below(certificate_for("Issuing CA", &[]), above);
    let (issuing_of_corporate, issuing_of_other) = (issuing(&corporate), issuing(&other));
    let old = authority_below(expired(certificate_for("Issuing CA", &[])), &corporate);
    for (case, identity, sentence) in [
        (
            "another authority",
            signed_by(&other, &here()),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is signed by CN=Other CA, \
             which is not in ca_file; add that authority's PEM to ca_file, or PIN_IT",
        ),
        (
            "another one of the same name",
            signed_by(&namesake, &here()),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) bears a signature that the \
             CN=Corporate CA in ca_file has not made, or with a key too short to tell; PIN_IT",
        ),
        (
            "another one above one that was sent",
            signed_by(&issuing_of_other, &here()).followed_by(issuing_of_other.as_ref().der()),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is signed by CN=Other CA, \
             which is not in ca_file; add that authority's PEM to ca_file, or PIN_IT",
        ),
        (
            "the one in between was not sent",
            signed_by(&issuing_of_corporate, &here()),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is signed by CN=Issuing CA, \
             which is not in ca_file; add that authority's PEM to ca_file, or PIN_IT",
        ),
        (
            "the one in between has expired",
            signed_by(&old, &here()).followed_by(old.as_ref().der()),
            "the certificate (CN=esa.example.com, valid until 2098-12-31) is signed by CN=Corporate CA, \
             on the way to whom a certificate is out of its time; PIN_IT",
        ),
        (
            "another authority, and expired",
            signed_by(&other, &expired(here())),
            "the certificate (CN=esa.example.com, valid until 2024-05-01) is signed by CN=Other CA, \
             which is not in ca_file, and has expired on 2024-05-01 (this machine's clock says TODAY); \
             PIN_IT",
        ),
    ] {
        refused(case, identity, ca_file(), sentence).await;
    }
}

#[tokio::test]
async fn a_fingerprint_that_is_none_of_the_pins_is_told_whoever_vouches_for_the_certificate() {
    let pins = Trust::Pins(vec![Fingerprint([1; 32]), Fingerprint([2; 32])]);
    let identity = signed_by(
        &authority("Corporate CA"),
        &certificate_for("esa.example.com", &[HERE]),
    );
    let sentence = "the certificate (CN=esa.example.com, valid until 2098-12-31) has the SHA-256 fingerprint \
             SHA256, which is none of pin_sha256; if it was renewed, compare that fingerprint with the \
             appliance's own and add it beside the old one; if it was not, somebody else may be \
             answering";
    refused("wrong pin", identity, pins, sentence).await;
}

#[tokio::test]
async fn what_is_no_certificate_is_told_and_no_pin_is_offered() {
    let mut identity = self_signed(&certificate_for("esa.example.com", &[HERE]));
    identity.chain = vec![b"no certificate".to_vec().into()];
    for trust in [
        Trust::Pins(vec![identity.pin()]),
        Trust::Pins(vec![Fingerprint([1; 32])]),
    ] {
        let (port, received) = start(&identity, rustls::DEFAULT_VERSIONS, 1).await;
        let appliance = Appliance::new(&for_peer(HERE, port, trust, PATIENCE)).unwrap();
        let verdict = appliance.write(&addition(), &WireLog::off()).await;
        let sentence = format!(
            "not reached: what came as a certificate cannot be read (SHA-256 {}); make a new one on the appliance (Network > Certificates)",
            identity.pin()
        );
        assert_eq!(verdict.describe(), sentence);
        assert_eq!(received.await.unwrap(), [NOTHING_HEARD]);
        assert_eq!(appliance.seen_tls(), None);
    }
}

#[tokio::test]
async fn whoever_shows_a_pinned_certificate_without_its_key_is_refused() {
    for real in [
        self_signed(&certificate_for("esa.example.com", &[HERE])),
        self_signed_version_1("esa.example.com"),
    ] {
        let mut thief = self_signed(&certificate_for("esa.example.com", &[HERE]));
        thief.chain = real.chain.clone();
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let (port, received) = start(&thief, &[version], 1).await;
            let trust = Trust::Pins(vec![real.pin()]);
            let appliance = Appliance::new(&for_peer(HERE, port, trust, PATIENCE)).unwrap();
            let verdict = appliance.write(&addition(), &WireLog::off()).await;
            assert_eq!(
                verdict.describe(),
                "not reached: whoever answers did not prove to hold the key of the certificate that it shows; somebody else may be answering, or the key is of a kind that is not known here"
            );
            assert_eq!(received.await.unwrap(), [NOTHING_HEARD]);
            assert_eq!(appliance.seen_tls().unwrap().trusted_by, "nobody: it was refused");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_is_reached_by_tls_is_no_appliance_and_a_pin_does_not_trust_it() {
    let proxy = self_signed(&certificate_for("proxy.example.com", &["localhost"]));
    let (port, received) = start(&proxy, rustls::DEFAULT_VERSIONS, 1).await;
    let settings = ApplianceSettings {
        proxy: ProxySettings::Fixed(Secret::new(format!("https://localhost:{port}"))),
        ..for_peer("esa.example.com", 443, Trust::Pins(vec![proxy.pin()]), PATIENCE)
    };
    let appliance = Appliance::new(&settings).unwrap();
    let words = appliance.write(&addition(), &WireLog::off()).await.describe();
    let expected = "not reached: the certificate of the proxy localhost (CN=proxy.example.com, valid until 2098-12-31) is \
                    self-signed";
    assert!(words.starts_with(expected), "{words}");
    assert!(!words.contains("pin_sha256"), "{words}");
    assert_eq!(received.await.unwrap(), [NOTHING_HEARD]);
    assert_eq!(appliance.seen_tls(), None);
}
