//! TLS by the system's OpenSSL, for an appliance with `legacy_tls = true`: it still knows key exchange by RSA and by
//! DHE. Only in a build with the feature `legacy-tls`. Refuses to know pins, which that library cannot be asked about
//! during a handshake; the configuration refuses the two together.

use crate::config::{TlsSettings, Trust};

/// Gives a client this way of TLS. `ca_file` counts alone, and may hold the certificate itself, also with CA:TRUE.
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

/// What OpenSSL said, and what to do about it. None where these are not its words. Only a person goes by them.
pub(in super::super) fn in_plain_words(said: &str) -> Option<String> {
    // error:NUMBER:SSL routines:FUNCTION:REASON:FILE:LINE:MORE (RESULT OF THE VERIFICATION)
    let reason = said.split_once(":SSL routines:")?.1.split(':').nth(1)?;
    let verification = said
        .strip_suffix(')')
        .and_then(|said| said.rsplit_once('('))
        .map_or(String::new(), |(_, result)| format!(" ({result})"));
    let words = format!("{reason}{verification}");
    let way = WAYS_OUT.iter().find(|(found, _)| words.contains(found));
    Some(match way {
        Some((_, way)) => format!("OpenSSL: {words}; {way}"),
        None => format!("OpenSSL: {words}"),
    })
}

/// The first that fits.
const WAYS_OUT: [(&str, &str); 7] = [
    (
        "too weak",
        "make a certificate with a key of 2048 bits on the appliance (Network > Certificates)",
    ),
    (
        "too small",
        "let the appliance use keys of 2048 bits, or put a TLS proxy before it (docs/tls.md)",
    ),
    (
        "mismatch",
        "write a name of the certificate into `url`, or make one with the name there (Network > Certificates)",
    ),
    (
        "has expired",
        "renew the certificate on the appliance (Network > Certificates)",
    ),
    (
        "certificate verify failed",
        "name the certificate, or its authority, in ca_file; pins need legacy_tls = false (docs/tls.md)",
    ),
    (
        "protocol",
        "the appliance offers only TLS versions before 1.2; switch TLS 1.2 on (System Administration > SSL Configuration, or \
         `sslconfig` on its command line), or put a TLS proxy before it (docs/tls.md)",
    ),
    (
        "handshake failure",
        "most likely there is no cipher that both know; allow more of them (`sslconfig`), or put a TLS proxy before it \
         (docs/tls.md)",
    ),
];
