//! `legacy_tls = true`, by the system's OpenSSL: old key exchanges, which the usual library does not know. Built with the
//! feature `legacy-tls` alone; skipped, and says so, on a machine without the command `openssl`.

use super::tls_openssl::Server;
use super::tls_trust::{HERE, for_peer};
use super::{PATIENCE, addition};
use crate::appliance::{Appliance, WireLog};
use crate::config::{ApplianceSettings, TlsSettings, Trust};
use crate::model::Verdict;

fn client(host: &str, port: u16, trust: Trust) -> Appliance {
    let settings = ApplianceSettings {
        tls: TlsSettings { trust, legacy: true },
        ..for_peer(host, port, Trust::Nothing, PATIENCE)
    };
    Appliance::new(&settings).unwrap()
}

#[tokio::test]
async fn old_key_exchanges_work_and_the_certificate_is_verified() {
    for (peer, arguments) in [
        ("key exchange by RSA", &["-tls1_2", "-cipher", "AES128-SHA"][..]),
        (
            "key exchange by DHE",
            &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"],
        ),
        ("an ordinary server, TLS 1.2", &["-tls1_2"]),
        ("an ordinary server, TLS 1.3", &["-tls1_3"]),
    ] {
        for is_verified in [true, false] {
            let Some(server) = Server::start("rsa:2048", "IP:127.0.0.1", arguments) else {
                return;
            };
            let trust = if is_verified {
                Trust::Authorities(vec![server.certificate.clone()])
            } else {
                Trust::Nothing
            };
            let appliance = client(HERE, server.port, trust);
            let verdict = appliance.write(&addition(), &WireLog::off()).await;
            assert_eq!(verdict, Verdict::Done, "{peer}, verified: {is_verified}");
            assert_eq!(appliance.seen_tls(), None);
        }
    }
}

#[tokio::test]
async fn a_refusal_has_openssls_words_and_what_to_do_and_nothing_is_sent() {
    let authority =
        "name the certificate, or its authority, in ca_file; pins need legacy_tls = false (docs/tls.md)";
    let versions = "the appliance offers only TLS versions before 1.2; switch TLS 1.2 on (System Administration > SSL \
                    Configuration, or `sslconfig` on its command line), or put a TLS proxy before it (docs/tls.md)";
    let name = "write a name of the certificate into `url`, or make one with the name there (Network > Certificates)";
    let key_length = "make a certificate with a key of 2048 bits on the appliance (Network > Certificates)";
    let cipher = "most likely there is no cipher that both know; allow more of them (`sslconfig`), or put a TLS proxy before it \
                  (docs/tls.md)";
    let own: fn(&Server) -> Trust = |server| Trust::Authorities(vec![server.certificate.clone()]);
    let lax = "ALL:@SECLEVEL=0";
    for (peer, key, host, arguments, trust, openssl, way_out) in [
        (
            "not trusted",
            "rsa:2048",
            "IP:127.0.0.1",
            &["-tls1_2"][..],
            (|_| Trust::System) as fn(&Server) -> Trust,
            "(self-signed certificate)",
            authority,
        ),
        (
            "another name",
            "rsa:2048",
            "DNS:esa.example.com",
            &["-tls1_2"],
            own,
            "(IP address mismatch)",
            name,
        ),
        (
            "TLS 1.1",
            "rsa:2048",
            "IP:127.0.0.1",
            &["-tls1_1", "-cipher", lax],
            own,
            "protocol",
            versions,
        ),
        (
            "a short key",
            "rsa:1024",
            "IP:127.0.0.1",
            &["-tls1_2", "-cipher", lax],
            own,
            "too weak",
            key_length,
        ),
        (
            "no cipher in common",
            "rsa:2048",
            "IP:127.0.0.1",
            &["-tls1_2", "-cipher", "NULL-SHA256:@SECLEVEL=0"],
            own,
            "handshake failure",
            cipher,
        ),
    ] {
        let Some(server) = Server::start(key, host, arguments) else {
            return;
        };
        let appliance = client(HERE, server.port, trust(&server));
        let words = appliance.write(&addition(), &WireLog::off()).await.describe();
        assert!(words.starts_with("not reached: OpenSSL: "), "{peer}: {words}");
        assert!(
            words.contains(openssl) && words.ends_with(way_out),
            "{peer}: {words}"
        );
        assert!(!server.heard().await.contains("HTTP/1.1"), "{peer}");
    }
}
