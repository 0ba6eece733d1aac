//! Which entries the appliance takes: senders by the forms of its own help page, recipients as they come.
//!
//! Cisco's help (`docs/asyncos.md`, "Entries", HELP) lists the sender forms `user@domain.com`,
//! `server.domain.com`, `domain.com`, `[10.1.1.0]`, `[ipv6:2001:DB8:1::1]`, `user@[1.2.3.4]` and
//! `user@[ipv6:2001:db8::1]`, and forbids `.domain.com`. What is not in that list is refused here. Nothing is
//! trimmed or folded: an entry is kept as sent. This file refuses to know which status a refusal gets; that
//! is `errors.rs`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// RFC 5321, section 4.5.3.1: the longest local part and the longest domain.
const LOCAL_PART_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadEntry {
    #[error("Invalid sender - {0}")]
    Sender(String),
    #[error("Invalid recipient - {0}")]
    Recipient(String),
}

/// Recipients in the field are not only mail addresses: `.*@domain`, X.400-like names and `joe@testcom` are
/// all stored by real appliances (`docs/asyncos.md`, "Entries", BAN and TN200343).
pub(super) fn is_recipient(text: &str) -> bool {
    !text.is_empty()
}

pub(super) fn is_sender(text: &str) -> bool {
    match text.rsplit_once('@') {
        Some((local_part, host)) => is_local_part(local_part) && is_host(host),
        None => is_host(text),
    }
}

fn is_local_part(text: &str) -> bool {
    // No `*`: the help knows no wildcards.
    let is_allowed = |c: char| c.is_alphanumeric() || "!#$%&'+-./=?^_`{|}~".contains(c);
    !text.is_empty() && text.len() <= LOCAL_PART_BYTES_MAX && text.chars().all(is_allowed)
}

fn is_host(text: &str) -> bool {
    is_bracketed_ip(text) || is_domain(text)
}

fn is_bracketed_ip(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    match inner.split_once(':') {
        // Unsettled: only the lower-case tag is in the help; RFC 5321 writes `IPv6:`, so any case is taken.
        Some((tag, address)) => tag.eq_ignore_ascii_case("ipv6") && address.parse::<Ipv6Addr>().is_ok(),
        None => inner.parse::<Ipv4Addr>().is_ok(),
    }
}

fn is_domain(text: &str) -> bool {
    let Some((_, last_label)) = text.rsplit_once('.') else {
        // Unsettled: a single label (`com`, `localhost`) is not among the forms of the help, hence refused.
        return false;
    };
    // A last label of digits only is an IP address that misses its brackets.
    let is_bare_ip = last_label.chars().all(|c| c.is_ascii_digit());
    text.len() <= DOMAIN_BYTES_MAX && !is_bare_ip && text.split('.').all(is_label)
}

/// Unsettled: letters beyond ASCII are taken, because `AsyncOS` 14 knows internationalised names elsewhere
/// (`docs/asyncos.md`, "Entries", TN217622); for these lists it is not confirmed.
fn is_label(text: &str) -> bool {
    let is_allowed = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.len() <= LABEL_BYTES_MAX && text.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_of_every_form_in_the_help_are_taken() {
        for text in [
            "user@domain.com",
            "server.domain.com",
            "domain.com",
            "[10.1.1.0]",
            "[ipv6:2001:DB8:1::1]",
            "[IPv6:::1]",
            "user@[1.2.3.4]",
            "user@[ipv6:2001:db8::1]",
            "First.Last+tag@Sub.Domain.COM",
            "_dmarc.domain.com",
            "bücher.example",
        ] {
            assert!(is_sender(text), "{text:?} was refused");
        }
    }

    #[test]
    fn senders_of_any_other_form_are_refused() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_domain = format!("{}com", "abcdefgh.".repeat(30));
        for text in [
            "",
            " ",
            ".",
            "@",
            "com",
            "localhost",
            ".domain.com",
            "domain.com.",
            "domain..com",
            "@domain.com",
            "*.domain.com",
            "*@domain.com",
            "user@*",
            "10.1.1.0",
            "10.0.0.0/8",
            "[10.0.0.0/8]",
            "[10.1.1]",
            "2001:db8::1",
            "[2001:db8::1]",
            "[ipv6:2001:db8::/32]",
            "[ipv6:10.1.1.0]",
            "[]",
            "[é]",
            "user@",
            "user@10.1.1.0",
            "user@localhost",
            "a@b@domain.com",
            "us er@domain.com",
            " domain.com",
            "domain.com\n",
            "domain .com",
            "user name <user@domain.com>",
            "http://domain.com",
            "domain.com,other.com",
            &long_label,
            &long_domain,
        ] {
            assert!(!is_sender(text), "{text:?} was taken");
        }
    }

    #[test]
    fn odd_recipients_are_stored_and_only_an_empty_one_is_refused() {
        for text in [".*@domain.com", "joe@testcom", "/o=org/cn=Joe", "user1", " "] {
            assert!(is_recipient(text), "{text:?} was refused");
        }
        assert!(!is_recipient(""));
    }
}
