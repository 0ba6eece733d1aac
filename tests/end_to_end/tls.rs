//! Certificates, with real handshakes, as an operator meets them: refused by default, and taken along each way that the
//! refusal names. The cases one by one: `src/appliance/transport/tests/tls_certificates.rs`.

use super::support::{ADD_SENDERS, Lab, Program, front, post, run};
use doorlist::simulator::{Settings, Simulator};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::Path;

#[tokio::test]
async fn a_self_signed_certificate_is_refused_unless_the_check_is_switched_off() {
    let behind = Simulator::start(Settings::default()).await.unwrap();
    let port = front::with_self_signed_certificate(behind.address(), "127.0.0.1").await;
    for (verify_tls, status, outcome) in [("true", 502, "unreachable"), ("false", 200, "added")] {
        let lab = Lab::start_config(Settings::default(), |_| {
            format!(
                "[server]\nlisten = \"127.0.0.1:0\"\n\
                 [appliances.esa-1]\nurl = \"https://127.0.0.1:{port}\"\nusername = \"admin\"\npassword = \"ironport\"\nverify_tls = {verify_tls}\n\
                 [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n"
            )
        })
        .await;
        let answer = post(
            &format!("{}/v1/actions/{ADD_SENDERS}", lab.url),
            r#"["bad.example"]"#,
        )
        .await;
        assert_eq!(
            (answer.status, answer.outcomes().as_slice()),
            (status, [outcome.to_owned()].as_slice()),
            "{answer:?}"
        );
        if verify_tls == "true" {
            let detail = answer.body["results"][0]["detail"].as_str().unwrap();
            assert!(
                detail.contains("is self-signed") && detail.contains("pin_sha256 = "),
                "{detail}"
            );
            assert_eq!(behind.requests(), [], "no password was sent to a stranger");
        }
        lab.stop().await;
    }
}

fn config(port: u16, key: &str) -> String {
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n\
         [appliances.esa-1]\nurl = \"https://127.0.0.1:{port}\"\nusername = \"admin\"\n{key}\n\
         [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n"
    )
}

const PASSWORD: (&str, &str) = ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "ironport");

/// `doorlist check` on a machine that trusts the authorities of this file: its exit code, and what it says.
fn check(directory: &Path, port: u16, key: &str, system: &str) -> (Option<i32>, String) {
    std::fs::write(directory.join("doorlist.toml"), config(port, key)).unwrap();
    let trusted = directory.join(system);
    let environment = [PASSWORD, ("SSL_CERT_FILE", trusted.to_str().unwrap())];
    let output = run(directory, &["check"], &environment);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new(vec![]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

// The binary is waited for here while the simulator answers it on another thread.
#[tokio::test(flavor = "multi_thread")]
async fn the_authorities_of_the_system_vouch_and_without_them_the_refusal_says_what_to_write() {
    let directory = tempfile::tempdir().unwrap();
    let behind = Simulator::start(Settings::default()).await.unwrap();
    let corporate = authority("Corporate CA");
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = parameters.signed_by(&key, &corporate).unwrap();
    let identity = front::Identity::new(certificate.der().clone(), &key);
    let port = front::with_identity(behind.address(), identity).await.port;
    for (file, text) in [
        ("corporate.pem", corporate.as_ref().pem()),
        ("other.pem", authority("Other CA").as_ref().pem()),
        ("none.pem", String::new()),
    ] {
        std::fs::write(directory.path().join(file), text).unwrap();
    }
    let check = |key: &str, system: &str| check(directory.path(), port, key, system);

    let (code, said) = check("", "corporate.pem");
    assert_eq!(code, Some(0), "{said}");

    let (code, said) = check("", "none.pem");
    assert_eq!(code, Some(5), "{said}");
    let none = "cannot be checked, because this machine has no authorities that it trusts; install them (package \
                ca-certificates), or pin it: pin_sha256 = [\"";
    assert!(said.contains(none), "{said}");

    let (code, said) = check("", "other.pem");
    assert_eq!(code, Some(5), "{said}");
    let unknown = "CN=Corporate CA, which is not among those that this machine trusts; ca_file = \"PEM of that authority\", or \
                   pin it: pin_sha256 = [\"";
    assert!(said.contains(unknown), "{said}");

    // Both ways out, as they were told.
    let (code, said_with_file) = check("ca_file = \"corporate.pem\"", "other.pem");
    assert_eq!(code, Some(0), "{said_with_file}");
    let start = said.find("pin_sha256 = [").unwrap();
    let end = start + said[start..].find(']').unwrap() + 1;
    let (code, said_with_pin) = check(&said[start..end], "none.pem");
    assert_eq!(code, Some(0), "{said_with_pin}");
    let shown = "TLS 1.3; certificate of CN=rcgen self signed cert, signed by ";
    assert!(said_with_pin.contains(shown), "{said_with_pin}");
    assert!(
        said_with_pin.contains("; trusted by pin_sha256"),
        "{said_with_pin}"
    );
}

#[test]
fn every_start_and_every_check_warns_when_nothing_is_verified() {
    let directory = tempfile::tempdir().unwrap();
    let words = "appliance esa-1: verify_tls = false lets anybody on the way read its credentials";
    std::fs::write(
        directory.path().join("doorlist.toml"),
        config(1, "verify_tls = false"),
    )
    .unwrap();
    for _ in 0..2 {
        let mut program = Program::start(directory.path(), &["serve"], &[PASSWORD]);
        let log = program.wait_for("listening on");
        assert!(
            log.lines()
                .any(|line| line.contains("WARN") && line.contains(words)),
            "{log}"
        );
    }
    let output = run(directory.path(), &["check", "--offline"], &[PASSWORD]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(&format!("warning {words}")), "{said}");
}
