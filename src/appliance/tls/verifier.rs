//! Says yes or no to the certificate of a handshake, in each of the ways that `[appliances.NAME]` knows, and keeps what
//! it saw. Who is trusted by authorities is left to the library. Refuses to know words: `refusal.rs` finds them.

use super::super::certificate::{CertificateFacts, fingerprint, time_of};
use super::flaws;
use super::refusal::{Case, Refusal};
use super::signature::{self, Protocol};
use super::{LastSeen, SeenTls};
use crate::config::{ApplianceSettings, Trust};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Of a certificate that was refused, in place of who trusts it.
const TRUSTED_BY_NOBODY: &str = "nobody: it was refused";

/// For one appliance, and for the proxy before it where that is reached by TLS too.
#[derive(Debug)]
pub(super) struct Verifier {
    appliance: String,
    /// The host of `url`. None where it is no name that TLS can ask for; then no handshake comes so far.
    host: Option<ServerName<'static>>,
    trust: Trust,
    provider: Arc<CryptoProvider>,
    /// Those of `ca_file`.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    /// Those of the system, once they were needed and could be read. A machine that has none when we start may get
    /// them later.
    system: Mutex<Option<Arc<rustls_platform_verifier::Verifier>>>,
    seen: LastSeen,
    /// What was logged: each finding once.
    warned: Mutex<BTreeSet<String>>,
}

impl Verifier {
    pub(super) fn new(
        settings: &ApplianceSettings,
        provider: Arc<CryptoProvider>,
        seen: LastSeen,
    ) -> Result<Self, String> {
        let authorities = match &settings.tls.trust {
            Trust::Authorities(authorities) => Some(only_these(authorities, provider.clone())?),
            _ => None,
        };
        Ok(Self {
            appliance: settings.name.clone(),
            host: host_of(&settings.url),
            trust: settings.tls.trust.clone(),
            provider,
            authorities,
            system: Mutex::new(None),
            seen,
            warned: Mutex::new(BTreeSet::new()),
        })
    }

    /// What the authorities say of it. Its names count as well.
    fn ask_authorities(&self, shown: &Shown<'_>, now: UnixTime) -> Result<(), Error> {
        let system: Arc<rustls_platform_verifier::Verifier>;
        let verifier: &dyn ServerCertVerifier = match &self.authorities {
            Some(authorities) if !shown.is_of_proxy => &**authorities,
            _ => {
                system = self.system_authorities()?;
                &*system
            }
        };
        let (leaf, others, name) = (shown.leaf, shown.others, shown.name);
        verifier
            .verify_server_cert(leaf, others, name, shown.ocsp, now)
            .map(|_| ())
    }

    /// Read at the first handshake, which takes some milliseconds, and again as long as there are none.
    fn system_authorities(&self) -> Result<Arc<rustls_platform_verifier::Verifier>, Error> {
        let mut system = self.system.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verifier) = &*system {
            return Ok(verifier.clone());
        }
        let verifier = Arc::new(rustls_platform_verifier::Verifier::new(self.provider.clone())?);
        *system = Some(verifier.clone());
        Ok(verifier)
    }

    /// Yes, or the sentence why not.
    fn judge(
        &self,
        shown: &Shown<'_>,
        facts: Option<&CertificateFacts>,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        let now_shown = time_of(now.as_secs());
        let case = |chain: Option<Error>| Case {
            appliance: &self.appliance,
            trust: &self.trust,
            shown,
            facts,
            now: &now_shown,
            chain,
        };
        match &self.trust {
            Trust::Nothing => Ok(()),
            Trust::Pins(pins) if !shown.is_of_proxy => {
                // Without a readable key nobody could prove to hold it.
                if facts.is_some() && pins.contains(&fingerprint(shown.leaf)) {
                    Ok(())
                } else {
                    Err(case(None).refusal())
                }
            }
            Trust::System | Trust::Authorities(_) | Trust::Pins(_) => {
                let Err(error) = self.ask_authorities(shown, now) else {
                    return Ok(());
                };
                // A certificate out of its time is asked about once more in its time, since a person who renews it
                // wants to know the rest as well.
                let is_untimely = facts
                    .is_some_and(|facts| facts.has_expired(&now_shown) || facts.is_not_yet_valid(&now_shown));
                let chain = if is_untimely {
                    facts.and_then(|facts| self.ask_authorities(shown, facts.nearest_valid_time(now)).err())
                } else {
                    Some(error)
                };
                Err(case(chain).refusal())
            }
        }
    }

    fn trusted_by(&self) -> &'static str {
        match self.trust {
            Trust::System => "the system's authorities",
            Trust::Authorities(_) => "ca_file",
            Trust::Pins(_) => "pin_sha256",
            Trust::Nothing => "nothing: verify_tls = false",
        }
    }

    /// What is wrong with a certificate that a pin trusts, logged when it is found for the first time.
    fn warnings(&self, shown: &Shown<'_>, facts: &CertificateFacts, now: UnixTime) -> Vec<String> {
        if !matches!(self.trust, Trust::Pins(_)) {
            return Vec::new();
        }
        let findings: Vec<String> = flaws::of(shown, facts, &time_of(now.as_secs()))
            .into_iter()
            .map(|flaw| format!("the pinned certificate {}", flaw.words(shown, facts)))
            .collect();
        for finding in &findings {
            let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
            if warned.insert(finding.clone()) {
                tracing::warn!(appliance.name = %self.appliance, "{finding}");
            }
        }
        findings
    }

    fn verify_signature(
        &self,
        protocol: Protocol,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let sha256 = fingerprint(certificate).to_string();
        let algorithms = &self.provider.signature_verification_algorithms;
        let verified = match self.trust {
            Trust::Nothing => Ok(HandshakeSignatureValid::assertion()),
            _ => signature::verify(protocol, message, certificate, signed, algorithms),
        };
        self.seen.amend(&sha256, |seen| {
            seen.protocol = Some(protocol.name());
            if verified.is_err() {
                seen.trusted_by = TRUSTED_BY_NOBODY;
            }
        });
        verified.map_err(|error| match error {
            Error::InvalidCertificate(_) => {
                Refusal::of_signature(CertificateFacts::read(certificate).as_ref()).into_error()
            }
            other => other,
        })
    }
}

/// What a handshake shows.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) leaf: &'a CertificateDer<'a>,
    pub(super) others: &'a [CertificateDer<'a>],
    /// The name that was wanted.
    pub(super) name: &'a ServerName<'a>,
    pub(super) is_of_proxy: bool,
    ocsp: &'a [u8],
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Shown {
            leaf: end_entity,
            others: intermediates,
            name: server_name,
            // The name is ours, not the peer's word.
            is_of_proxy: self.host.as_ref() != Some(server_name),
            ocsp: ocsp_response,
        };
        let facts = CertificateFacts::read(end_entity);
        let judged = self.judge(&shown, facts.as_ref(), now);
        if let Some(facts) = facts.filter(|_| !shown.is_of_proxy) {
            let is_trusted = judged.is_ok();
            self.seen.set(SeenTls {
                protocol: None,
                warnings: if is_trusted {
                    self.warnings(&shown, &facts, now)
                } else {
                    Vec::new()
                },
                certificate: facts,
                trusted_by: if is_trusted {
                    self.trusted_by()
                } else {
                    TRUSTED_BY_NOBODY
                },
            });
        }
        judged
            .map(|()| ServerCertVerified::assertion())
            .map_err(Refusal::into_error)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify_signature(Protocol::Tls12, message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify_signature(Protocol::Tls13, message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self
            .provider
            .signature_verification_algorithms
            .supported_schemes();
        if self.trust == Trust::Nothing {
            // Nothing is verified, so that a server may sign with what only it can do.
            schemes.extend([
                SignatureScheme::ECDSA_NISTP521_SHA512,
                SignatureScheme::ED448,
                SignatureScheme::RSA_PKCS1_SHA1,
                SignatureScheme::ECDSA_SHA1_Legacy,
            ]);
        }
        schemes
    }
}

/// Trusts these authorities and no others.
fn only_these(
    authorities: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for (index, authority) in authorities.iter().enumerate() {
        roots.add(authority.clone()).map_err(|error| {
            format!(
                "certificate {} of its ca_file cannot be trusted: {error}",
                index + 1
            )
        })?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| error.to_string())
}

fn host_of(url: &url::Url) -> Option<ServerName<'static>> {
    match url.host()? {
        url::Host::Domain(name) => ServerName::try_from(name.to_owned()).ok(),
        url::Host::Ipv4(address) => Some(ServerName::from(std::net::IpAddr::from(address))),
        url::Host::Ipv6(address) => Some(ServerName::from(std::net::IpAddr::from(address))),
    }
}
