//! TLS to an appliance: how it has to prove who it is, and what the last handshake showed. Refuses to know what is
//! sent inside.
//!
//! `verifier.rs` says yes or no to a certificate, `refusal.rs` and `flaws.rs` why not and what to do about it, `signature.rs` checks
//! that whoever shows a certificate holds its key, and `openssl.rs` is the other way to speak TLS, for old appliances.
//! The messages and their ways out: `docs/tls.md`.

mod flaws;
#[cfg(feature = "legacy-tls")]
pub(super) mod openssl;
mod refusal;
mod signature;
mod verifier;

pub(super) use refusal::Refusal;

use super::certificate::{CertificateFacts, day};
use crate::config::ApplianceSettings;
use rustls::ClientConfig;
use serde::Serialize;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use verifier::Verifier;

/// What a handshake showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenTls {
    /// "TLS 1.2" or "TLS 1.3"; none where the handshake did not come so far that it was known.
    pub protocol: Option<&'static str>,
    /// The appliance's certificate.
    pub certificate: CertificateFacts,
    /// "the system's authorities", "ca_file", "pin_sha256", "nothing: verify_tls = false", or "nobody: it was refused".
    pub trusted_by: &'static str,
    /// What is wrong with a certificate that is trusted all the same, each a sentence.
    pub warnings: Vec<String>,
}

/// In one line, as a test of the connection shows it.
impl fmt::Display for SeenTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let certificate = &self.certificate;
        write!(
            f,
            "{}; certificate of {}, signed by {}, valid until {}, SHA-256 {}; trusted by {}",
            self.protocol.unwrap_or("TLS"),
            certificate.subject,
            if certificate.is_self_signed {
                "itself"
            } else {
                &certificate.issuer
            },
            day(&certificate.not_after),
            certificate.sha256,
            self.trusted_by
        )?;
        self.warnings
            .iter()
            .try_for_each(|warning| write!(f, "; {warning}"))
    }
}

/// Where the verifier leaves what it saw. A handshake that resumes a session shows no certificate: then the last one
/// stays.
#[derive(Debug, Clone, Default)]
pub(super) struct LastSeen(Arc<Mutex<Option<SeenTls>>>);

impl LastSeen {
    pub(super) fn get(&self) -> Option<SeenTls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, seen: SeenTls) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// Changes what was seen of this certificate; of another one, which a handshake beside this one has shown since,
    /// nothing.
    fn amend(&self, sha256: &str, change: impl FnOnce(&mut SeenTls)) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = seen.as_mut().filter(|seen| seen.certificate.sha256 == sha256) {
            change(seen);
        }
    }
}

/// Gives a client the TLS of an appliance, and where to look for what it saw. By OpenSSL nothing is seen.
pub(super) fn apply(
    builder: reqwest::ClientBuilder,
    settings: &ApplianceSettings,
) -> Result<(reqwest::ClientBuilder, LastSeen), String> {
    let seen = LastSeen::default();
    if settings.tls.legacy {
        #[cfg(feature = "legacy-tls")]
        return Ok((openssl::apply(builder, &settings.tls)?, seen));
        #[cfg(not(feature = "legacy-tls"))]
        return Err("`legacy_tls` needs a build with the feature legacy-tls".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new(settings, provider.clone(), seen.clone())?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((builder.tls_backend_preconfigured(config), seen))
}
