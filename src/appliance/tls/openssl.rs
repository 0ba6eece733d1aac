//! TLS by the system's OpenSSL, for an appliance with `legacy_tls = true`: it still knows key exchange by RSA and by
//! DHE. Only in a build with the feature `legacy-tls`. Refuses to know pins, which that library cannot be asked about
//! during a handshake; the configuration refuses the two together.

use crate::config::{TlsSettings, Trust};

/// Gives a client this way of TLS.
pub(super) fn apply(
    builder: reqwest::ClientBuilder,
    settings: &TlsSettings,
) -> Result<reqwest::ClientBuilder, String> {
    let builder = builder.tls_backend_native();
    match &settings.trust {
        Trust::System => Ok(builder),
        Trust::Nothing => Ok(builder.tls_danger_accept_invalid_certs(true)),
        Trust::Authorities(authorities) => {
            let authorities: Result<Vec<_>, _> = authorities
                .iter()
                .map(|der| reqwest::Certificate::from_der(der))
                .collect();
            let authorities = authorities.map_err(|error| format!("ca_file: {error}"))?;
            Ok(builder.tls_certs_only(authorities))
        }
        Trust::Pins(_) => Err("`legacy_tls` cannot look for `pin_sha256`".to_owned()),
    }
}

/// What to do about a failure, behind OpenSSL's own words for it. None where the words are not OpenSSL's, or no way is
/// known. Only a person goes by it.
pub(in crate::appliance) fn way_out(words: &str) -> Option<&'static str> {
    if !words.contains("SSL routines") && !words.contains("certificate") {
        return None;
    }
    let ways = [
        (
            "certificate verify failed",
            "give that certificate or its authority as ca_file, and write a name of it into `url`; pin_sha256 needs \
             legacy_tls = false (docs/tls.md)",
        ),
        (
            "unsupported protocol",
            "it offers only TLS versions before 1.2; switch TLS 1.2 on (System Administration > SSL Configuration, or \
             `sslconfig`), or put a TLS proxy before it (docs/tls.md)",
        ),
        (
            "protocol version",
            "it offers only TLS versions before 1.2; switch TLS 1.2 on (System Administration > SSL Configuration, or \
             `sslconfig`), or put a TLS proxy before it (docs/tls.md)",
        ),
        (
            "too small",
            "make it a key of 2048 bits or more, or put a TLS proxy before it (docs/tls.md)",
        ),
        (
            "handshake failure",
            "most likely no cipher in common, also not with legacy_tls; see `sslconfig`, or put a TLS proxy before it \
             (docs/tls.md)",
        ),
    ];
    ways.into_iter()
        .find(|(found, _)| words.contains(found))
        .map(|(_, way)| way)
}
