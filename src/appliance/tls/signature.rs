//! Whether whoever shows a certificate holds its key: the signature over the handshake. Also for certificates that
//! the library's own parser does not take, as those of X.509 version 1, which a pin may trust. Refuses to know whether
//! a certificate is trusted.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, PeerMisbehaved};
use x509_parser::asn1_rs::Sequence;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The version of TLS in which a handshake is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Tls12,
    Tls13,
}

impl Protocol {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }
}

/// Checks the signature of a handshake with the key of a certificate.
pub(super) fn verify(
    protocol: Protocol,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    if ParsedCertificate::try_from(certificate).is_err() {
        return verify_by_key(protocol, message, certificate, signed, algorithms);
    }
    match protocol {
        Protocol::Tls12 => verify_tls12_signature(message, certificate, signed, algorithms),
        Protocol::Tls13 => verify_tls13_signature(message, certificate, signed, algorithms),
    }
}

/// The same with nothing of the certificate but its key.
fn verify_by_key(
    protocol: Protocol,
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let unreadable = || Error::InvalidCertificate(CertificateError::BadEncoding);
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|_| unreadable())?;
    let key = certificate.public_key();
    // A key is an algorithm and bits. The algorithm is compared as it stands, without the head of its sequence.
    let (_, parts) = Sequence::from_der(key.raw).map_err(|_| unreadable())?;
    let (_, key_algorithm) = Sequence::from_der(&parts.content).map_err(|_| unreadable())?;
    let is_allowed = protocol == Protocol::Tls12 || is_of_tls13(signed.scheme);
    let mapped = algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == signed.scheme);
    let Some((_, candidates)) = mapped.filter(|_| is_allowed) else {
        return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
    };
    // TLS 1.3 names the curve with the scheme, and the first candidate is the one with that curve.
    let count = if protocol == Protocol::Tls13 {
        1
    } else {
        candidates.len()
    };
    let fitting = candidates
        .iter()
        .take(count)
        .find(|candidate| candidate.public_key_alg_id().as_ref() == &*key_algorithm.content);
    let bad = Error::InvalidCertificate(CertificateError::BadSignature);
    let Some(algorithm) = fitting else { return Err(bad) };
    algorithm
        .verify_signature(&key.subject_public_key.data, message, signed.signature())
        .map(|()| HandshakeSignatureValid::assertion())
        .map_err(|_| bad)
}

/// TLS 1.3 has no signatures by RSA with the old padding.
fn is_of_tls13(scheme: rustls::SignatureScheme) -> bool {
    use rustls::SignatureScheme::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512};
    !matches!(scheme, RSA_PKCS1_SHA256 | RSA_PKCS1_SHA384 | RSA_PKCS1_SHA512)
}
