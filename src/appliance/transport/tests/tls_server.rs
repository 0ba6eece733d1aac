//! Servers that speak TLS with certificates made to order: by whom, for whom, until when, of which version of X.509.
//! They answer one change with a yes, and count the bytes of a request that reached them.

use super::YES;
use crate::appliance::certificate::fingerprint;
use crate::config::Fingerprint;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SigningKey as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Who may sign certificates.
pub(super) type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate, those that go with it, and its key.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    key_pkcs8: Vec<u8>,
}

impl Identity {
    fn new(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        Self {
            chain,
            key_pkcs8: key.serialize_der(),
        }
    }

    pub(super) fn pin(&self) -> Fingerprint {
        fingerprint(&self.chain[0])
    }

    /// The same with this certificate sent behind it.
    pub(super) fn followed_by(mut self, certificate: &CertificateDer<'static>) -> Self {
        self.chain.push(certificate.clone());
        self
    }
}

/// Parameters of a certificate for these hosts, valid for years.
pub(super) fn certificate_for(common_name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let mut parameters = CertificateParams::new(hosts).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, common_name);
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2098, 12, 31);
    parameters
}

/// The same, over since 2024-05-01.
pub(super) fn expired(mut parameters: CertificateParams) -> CertificateParams {
    parameters.not_after = rcgen::date_time_ymd(2024, 5, 1);
    parameters
}

/// The same, from 2098-01-01 on.
pub(super) fn not_yet_valid(mut parameters: CertificateParams) -> CertificateParams {
    parameters.not_before = rcgen::date_time_ymd(2098, 1, 1);
    parameters
}

/// The same, of an authority.
pub(super) fn of_authority(mut parameters: CertificateParams) -> CertificateParams {
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters
}

pub(super) fn authority(common_name: &str) -> Authority {
    let parameters = of_authority(certificate_for(common_name, &[]));
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

pub(super) fn authority_below(parameters: CertificateParams, above: &Authority) -> Authority {
    CertifiedIssuer::signed_by(of_authority(parameters), KeyPair::generate().unwrap(), above).unwrap()
}

pub(super) fn self_signed(parameters: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    Identity::new(vec![certificate.der().clone()], &key)
}

pub(super) fn signed_by(authority: &Authority, parameters: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.signed_by(&key, authority).unwrap();
    Identity::new(vec![certificate.der().clone()], &key)
}

/// Self-signed, and of the first version of X.509, which had no extensions: its names are those of its subject.
pub(super) fn self_signed_version_1(common_name: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = certificate_for(common_name, &[]).self_signed(&key).unwrap();
    let outer = elements(contents(certificate.der()));
    let parts = elements(contents(outer[0]));
    // Without the version, which stands first in later ones, and without the extensions, which stand last.
    let body = sequence(&parts[1..7].concat());
    let mut signature = vec![0];
    signature.extend(key.sign(&body).unwrap());
    let whole = sequence(&[&body[..], outer[1], &element(0x03, &signature)].concat());
    Identity::new(vec![CertificateDer::from(whole)], &key)
}

/// The elements of DER that stand one behind the other.
fn elements(mut der: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !der.is_empty() {
        let (header, length) = measured(der);
        let (element, rest) = der.split_at(header + length);
        found.push(element);
        der = rest;
    }
    found
}

fn contents(element: &[u8]) -> &[u8] {
    let (header, length) = measured(element);
    &element[header..header + length]
}

/// Bytes of the header of an element, and of what it holds.
fn measured(element: &[u8]) -> (usize, usize) {
    let first = usize::from(element[1]);
    if first < 0x80 {
        return (2, first);
    }
    let end = 2 + (first & 0x7f);
    let length = element[2..end]
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte));
    (end, length)
}

fn sequence(contents: &[u8]) -> Vec<u8> {
    element(0x30, contents)
}

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    let mut element = vec![tag];
    match length {
        [0, short] if short < 0x80 => element.push(short),
        [0, byte] => element.extend([0x81, byte]),
        both => element.extend([&[0x82], &both[..]].concat()),
    }
    element.extend(contents);
    element
}

/// Shows a certificate whatever it is; the library's own way would read it first, and refuse version 1.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// What came over one connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) request_bytes: usize,
    /// The client had been there, and showed that instead of asking for a certificate.
    pub(super) is_resumed: bool,
}

pub(super) const NOTHING_HEARD: Heard = Heard {
    request_bytes: 0,
    is_resumed: false,
};

/// A server for so many connections: its port, and what came over each of them.
pub(super) async fn start(
    identity: &Identity,
    versions: &[&'static rustls::SupportedProtocolVersion],
    connections: usize,
) -> (u16, JoinHandle<Vec<Heard>>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key_pkcs8.clone()));
    let key = provider.key_provider.load_private_key(key).unwrap();
    let shown = CertifiedKey::new(identity.chain.clone(), key);
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(Arc::new(shown))));
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = tokio::spawn(async move {
        let mut received = Vec::new();
        for _ in 0..connections {
            let (stream, _) = listener.accept().await.unwrap();
            received.push(answer(&acceptor, stream).await);
        }
        received
    });
    (port, received)
}

async fn answer(acceptor: &TlsAcceptor, stream: TcpStream) -> Heard {
    // A client that refuses the certificate ends here.
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return NOTHING_HEARD;
    };
    let is_resumed = stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
    let mut buffer = [0; 4096];
    // In TLS 1.3 a client's refusal arrives behind the handshake of the server.
    let request_bytes = stream.read(&mut buffer).await.unwrap_or(0);
    if request_bytes > 0 {
        stream.write_all(YES).await.unwrap();
        // The client may have left first.
        let _ = stream.shutdown().await;
    }
    Heard {
        request_bytes,
        is_resumed,
    }
}
