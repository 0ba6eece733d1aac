//! TLS that fails: as long as the handshake is not done, nothing of the request has left, so that the appliance is
//! called not reached. Behind it, a request may have been read. Certificates: `tls_certificates.rs`, `tls_trust.rs`;
//! servers of OpenSSL: `tls_openssl.rs`.

use super::{IMPATIENCE, PATIENCE, Peer, Step, YES, addition, client, kind, settings};
use crate::appliance::{Appliance, WireLog};
use crate::config::{ApplianceSettings, TlsSettings, Trust};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The alert `handshake_failure`, fatal, as an old server sends it that shares no cipher with us.
const NO_COMMON_CIPHER: &[u8] = &[21, 3, 1, 0, 2, 2, 40];
/// The alert `protocol_version`, fatal, as a server sends it that knows no TLS 1.2.
const NO_COMMON_VERSION: &[u8] = &[21, 3, 1, 0, 2, 2, 70];

#[tokio::test]
async fn a_handshake_that_fails_sends_nothing() {
    let plain = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    for (peer, steps, words) in [
        (
            "plain HTTP",
            vec![Step::Send(plain.to_vec()), Step::Close],
            "the port speak plain HTTP?",
        ),
        (
            "no common cipher",
            vec![Step::Send(NO_COMMON_CIPHER.into()), Step::Close],
            "broke the TLS handshake off, most likely because it knows no key exchange by ECDHE; allow ciphers with it \
             (`sslconfig`), or use a build with the feature legacy-tls and `legacy_tls = true` (docs/tls.md)",
        ),
        (
            "no common version",
            vec![Step::Send(NO_COMMON_VERSION.into()), Step::Close],
            "the appliance offers only TLS versions before 1.2; switch TLS 1.2 on (System Administration > SSL \
             Configuration, or `sslconfig` on its command line), or put a TLS proxy before it (docs/tls.md)",
        ),
        (
            "a hello of TLS 1.0",
            vec![Step::Send(hello_of_tls_1_0()), Step::Close],
            "the appliance offers only TLS versions before 1.2; switch TLS 1.2 on",
        ),
        (
            "the end of the connection",
            vec![Step::Close],
            "connection closed before the end",
        ),
    ] {
        let server = Peer::start(vec![steps]).await;
        let url = format!("https://127.0.0.1:{}", server.port());
        let verdict = client(&url, PATIENCE).write(&addition(), &WireLog::off()).await;
        assert_eq!(kind(&verdict), "unreachable", "{peer}: {verdict:?}");
        assert!(verdict.describe().contains(words), "{peer}: {verdict:?}");
    }
}

/// A server that does not look at the versions it is offered.
fn hello_of_tls_1_0() -> Vec<u8> {
    let mut hello = vec![22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    // No session, RSA with AES-128 and SHA-1, no compression.
    hello.extend([0, 0, 0x2f, 0]);
    hello
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_no_connection_when_the_time_for_it_is_up() {
    let server = Peer::start(vec![vec![Step::Hold]]).await;
    let url = format!("https://127.0.0.1:{}", server.port());
    let verdict = client(&url, IMPATIENCE).write(&addition(), &WireLog::off()).await;
    assert_eq!(verdict.describe(), "not reached: no connection within 675ms");
}

#[tokio::test]
async fn plain_http_to_a_port_of_tls_may_have_been_read_by_anybody() {
    let server = Peer::start(vec![vec![
        Step::Read,
        Step::Send(NO_COMMON_VERSION.into()),
        Step::Close,
    ]])
    .await;
    let verdict = client(&server.url(), PATIENCE)
        .write(&addition(), &WireLog::off())
        .await;
    assert_eq!(kind(&verdict), "unclear", "{verdict:?}");
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_of_ours_is_never_called_done() {
    let verify = |builder: Builder| {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self_signed().0).unwrap();
        let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots))
            .build()
            .unwrap();
        builder.with_client_cert_verifier(verifier)
    };
    let (port, _) = tls_server(verify, YES, Farewell::Said).await;
    let verdict = trusting_client(port).write(&addition(), &WireLog::off()).await;
    // TLS 1.3 tells a client so only after its handshake, when the request is on its way.
    assert!(
        ["unclear", "unreachable"].contains(&kind(&verdict).as_str()),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn a_body_ended_by_the_connection_needs_no_farewell_of_tls_and_one_with_a_length_does_not_end_early() {
    let unframed = b"HTTP/1.1 200 OK\r\n\r\n{\"data\":[]}";
    for (reply, farewell, outcome, words) in [
        (&unframed[..], Farewell::Said, "done", ""),
        (unframed, Farewell::LeftOut, "done", ""),
        (
            b"HTTP/1.1 200 OK\r\n\r\n{\"data\":",
            Farewell::LeftOut,
            "unclear",
            "{\"data\":",
        ),
        (
            b"HTTP/1.1 200 OK\r\n\r\n",
            Farewell::LeftOut,
            "unclear",
            "behind the head",
        ),
        (
            b"HTTP/1.1 409 Conflict\r\n\r\nno",
            Farewell::LeftOut,
            "refused 409",
            "409: no",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"data\":[]}",
            Farewell::LeftOut,
            "unclear",
            "connection closed before the end",
        ),
        (YES, Farewell::LeftOut, "done", ""),
        (b"", Farewell::LeftOut, "unclear", "connection closed"),
    ] {
        let (port, _) = tls_server(|builder| builder.with_no_client_auth(), reply, farewell).await;
        let verdict = trusting_client(port).write(&addition(), &WireLog::off()).await;
        let shown = String::from_utf8_lossy(reply);
        assert_eq!(kind(&verdict), outcome, "{shown:?} {farewell:?}: {verdict:?}");
        assert!(
            verdict.describe().contains(words),
            "{shown:?} {farewell:?}: {verdict:?}"
        );
    }
}

/// One that takes any certificate.
fn trusting_client(port: u16) -> Appliance {
    let settings = ApplianceSettings {
        tls: TlsSettings {
            trust: Trust::Nothing,
            legacy: false,
        },
        ..settings(&format!("https://127.0.0.1:{port}"), PATIENCE)
    };
    Appliance::new(&settings).unwrap()
}

/// TLS's own word that nothing more will come.
#[derive(Debug, Clone, Copy)]
enum Farewell {
    Said,
    LeftOut,
}

type Builder = rustls::ConfigBuilder<rustls::ServerConfig, rustls::WantsVerifier>;
type Verified = rustls::ConfigBuilder<rustls::ServerConfig, rustls::server::WantsServerCert>;

fn self_signed() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    (certified.cert.der().clone(), key)
}

/// A server with a self-signed certificate that gives one answer; its port, and how many bytes of a request it got.
async fn tls_server(
    verify: impl FnOnce(Builder) -> Verified,
    reply: &'static [u8],
    farewell: Farewell,
) -> (u16, tokio::task::JoinHandle<usize>) {
    // A second call finds a provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (certificate, key) = self_signed();
    let config = verify(rustls::ServerConfig::builder())
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = acceptor.accept(stream).await else {
            return 0;
        };
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap_or(0);
        // Whether the client still listens is its own matter.
        let _ = stream.write_all(reply).await;
        let _ = stream.flush().await;
        match farewell {
            Farewell::Said => stream.shutdown().await.is_ok(),
            Farewell::LeftOut => stream.get_mut().0.shutdown().await.is_ok(),
        };
        count
    });
    (port, received)
}
