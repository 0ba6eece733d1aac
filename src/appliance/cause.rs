//! Why a connection failed, in plain words: the cause at the end of a chain of errors, whose outer links only repeat
//! that a request failed. Refuses to know what follows from it: nothing is decided by these words.
//!
//! Errors of the HTTP library name no header and no body; its addresses are taken off by `transport.rs`.

use super::tls::Refusal;
use std::error::Error as StdError;
use std::io::ErrorKind;

/// Characters of a cause in foreign words.
const CAUSE_CHARACTERS_MAX: usize = 300;

/// TLS 1.0 and 1.1 are switched on beside 1.2 or in its place on old systems.
const OLD_VERSIONS: &str = "the appliance offers only TLS versions before 1.2; switch TLS 1.2 on (System Administration \
                            > SSL Configuration, or `sslconfig` on its command line), or put a TLS proxy before it \
                            (docs/tls.md)";
/// The alert has other causes as well.
const OLD_KEY_EXCHANGE: &str = "the appliance broke the TLS handshake off, most likely because it knows no key exchange by \
                                ECDHE; allow ciphers with it (`sslconfig`), or use a build with the feature legacy-tls \
                                and `legacy_tls = true` (docs/tls.md)";

/// Whether the connection simply ended, where more was expected: of a length, of chunks, or of TLS, whose own
/// farewell many servers leave out.
pub(super) fn is_early_end(error: &(dyn StdError + 'static)) -> bool {
    let mut link = Some(error);
    while let Some(error) = link {
        let error_of_io = error.downcast_ref::<std::io::Error>();
        if error_of_io.is_some_and(|error| error.kind() == ErrorKind::UnexpectedEof) {
            return true;
        }
        link = inside(error);
    }
    false
}

/// Whether the other side broke the connection off, and did not end it.
pub(super) fn is_reset(error: &(dyn StdError + 'static)) -> bool {
    let mut link = Some(error);
    while let Some(error) = link {
        let error_of_io = error.downcast_ref::<std::io::Error>();
        let kind = error_of_io.map(std::io::Error::kind);
        if matches!(
            kind,
            Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
        ) {
            return true;
        }
        link = inside(error);
    }
    false
}

/// The cause. Where the operating system or TLS has an own word for it, that is said as a person would.
pub(super) fn in_plain_words(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    let mut words = None;
    loop {
        // Our own sentence: what is foreign in it was escaped and capped where it came in.
        if let Some(refusal) = last.downcast_ref::<rustls::Error>().and_then(refusal_of) {
            return refusal.to_string();
        }
        words = words_for(last).or(words);
        // Further in, OpenSSL does not tell any more what it found in a certificate.
        #[cfg(feature = "legacy-tls")]
        if words.is_none() {
            words = super::tls::openssl::in_plain_words(&last.to_string());
        }
        match inside(last) {
            Some(inner) => last = inner,
            None => break,
        }
    }
    crate::model::excerpt(
        &words.unwrap_or_else(|| words_of_library(last)),
        CAUSE_CHARACTERS_MAX,
    )
}

/// Did we refuse a certificate? That is the same the next time.
pub(super) fn is_certificate_refused(error: &(dyn StdError + 'static)) -> bool {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref::<rustls::Error>() {
            return true;
        }
        link = inside(error);
    }
    false
}

/// The next link. A TLS error sits in an `io::Error` inside an `io::Error`, which `source()` steps over.
fn inside<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
        .map(|inner| inner as &(dyn StdError + 'static));
    wrapped.or_else(|| error.source())
}

/// The verifier's own, on its way back through the library.
fn refusal_of(error: &rustls::Error) -> Option<&Refusal> {
    match error {
        rustls::Error::InvalidCertificate(rustls::CertificateError::Other(inner)) => inner.0.downcast_ref(),
        _ => None,
    }
}

fn words_for(error: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(words_for_tls(error));
    }
    let error = error.downcast_ref::<std::io::Error>()?;
    let words = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset => "connection reset",
        ErrorKind::ConnectionAborted => "connection aborted",
        ErrorKind::BrokenPipe => "connection closed while the request was sent",
        ErrorKind::UnexpectedEof => "connection closed before the end",
        ErrorKind::HostUnreachable => "no way to the host",
        ErrorKind::NetworkUnreachable => "no way to the network",
        ErrorKind::TimedOut => "connection timed out",
        // The system's own sentence, as for a name that cannot be resolved.
        _ => return None,
    };
    Some(words.to_owned())
}

/// The library's own words; a proxy is called one, which its error for a refused CONNECT does not do.
fn words_of_library(error: &(dyn StdError + 'static)) -> String {
    let words = error.to_string();
    match words.strip_prefix("tunnel error: ") {
        Some("unsuccessful") => "the proxy refused to connect".to_owned(),
        Some(why) => format!("no connection through the proxy: {why}"),
        None => words,
    }
}

fn words_for_tls(error: &rustls::Error) -> String {
    use rustls::AlertDescription as Alert;
    use rustls::PeerIncompatible::{
        NoCipherSuitesInCommon, NoKxGroupsInCommon, ServerDoesNotSupportTls12Or13,
        ServerTlsVersionIsDisabledByOurConfig, Tls12NotOffered, Tls12NotOfferedOrEnabled,
    };
    match error {
        rustls::Error::AlertReceived(Alert::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            ServerDoesNotSupportTls12Or13
            | ServerTlsVersionIsDisabledByOurConfig
            | Tls12NotOffered
            | Tls12NotOfferedOrEnabled,
        ) => OLD_VERSIONS.to_owned(),
        rustls::Error::AlertReceived(Alert::HandshakeFailure | Alert::InsufficientSecurity)
        | rustls::Error::PeerIncompatible(NoCipherSuitesInCommon | NoKxGroupsInCommon) => {
            OLD_KEY_EXCHANGE.to_owned()
        }
        rustls::Error::InvalidMessage(_) => "what came is no TLS; does the port speak plain HTTP?".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{AlertDescription, Error as TlsError, InvalidMessage, PeerIncompatible};

    /// A chain as the HTTP library makes it.
    #[derive(Debug, thiserror::Error)]
    #[error("error sending request")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_cause_is_told_and_not_that_a_request_failed() {
        let of_tls = |error: TlsError| std::io::Error::other(std::io::Error::other(error));
        for (cause, expected) in [
            (ErrorKind::ConnectionReset.into(), "connection reset"),
            (ErrorKind::ConnectionRefused.into(), "connection refused"),
            (
                std::io::Error::new(ErrorKind::UnexpectedEof, "tls handshake eof"),
                "connection closed before the end",
            ),
            (
                std::io::Error::other("failed to lookup address information: Name or service not known"),
                "failed to lookup address information: Name or service not known",
            ),
            (
                of_tls(TlsError::AlertReceived(AlertDescription::ProtocolVersion)),
                OLD_VERSIONS,
            ),
            (
                of_tls(TlsError::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon)),
                OLD_KEY_EXCHANGE,
            ),
            (
                of_tls(TlsError::InvalidMessage(InvalidMessage::InvalidContentType)),
                "what came is no TLS; does the port speak plain HTTP?",
            ),
            (
                std::io::Error::other("tunnel error: unsuccessful"),
                "the proxy refused to connect",
            ),
            (std::io::Error::other("odd\u{1b}[2J"), "odd\\u{1b}[2J"),
        ] {
            assert_eq!(in_plain_words(&Outer(cause)), expected);
        }
    }
}
