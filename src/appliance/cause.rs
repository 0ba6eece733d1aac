//! Why a connection failed, in plain words: the cause at the end of a chain of errors, whose outer links only repeat
//! that a request failed. Refuses to know what follows from it: nothing is decided by these words.
//!
//! Errors of the HTTP library name no header and no body; its addresses are taken off by `transport.rs`.

use std::error::Error as StdError;
use std::io::ErrorKind;

/// Characters of a cause: names of a certificate can be many.
const CAUSE_CHARACTERS_MAX: usize = 300;

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
        words = words_for(last).or(words);
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

/// The next link. A TLS error sits in an `io::Error` inside an `io::Error`, which `source()` steps over.
fn inside<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
        .map(|inner| inner as &(dyn StdError + 'static));
    wrapped.or_else(|| error.source())
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
    use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext, UnknownIssuer};
    match error {
        rustls::Error::InvalidCertificate(cause) => {
            let why = match cause {
                UnknownIssuer => "signed by nobody whom this machine trusts".to_owned(),
                Expired | ExpiredContext { .. } => "it has expired".to_owned(),
                NotValidYet | NotValidYetContext { .. } => "it is not valid yet".to_owned(),
                // Another name among them: the library tells both names.
                other => other.to_string(),
            };
            format!("invalid peer certificate: {why}")
        }
        rustls::Error::InvalidMessage(_) => "what came is no TLS; does the port speak plain HTTP?".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{CertificateError, Error as TlsError, InvalidMessage};

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
                of_tls(TlsError::InvalidCertificate(CertificateError::UnknownIssuer)),
                "invalid peer certificate: signed by nobody whom this machine trusts",
            ),
            (
                of_tls(TlsError::InvalidCertificate(CertificateError::Expired)),
                "invalid peer certificate: it has expired",
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
