//! What a caller sent, before anybody has judged it: value, type, optional id and status.
//! `intake` makes these from request bodies; `pipeline` turns them into entries or refusals.

use std::fmt;

/// The indicator types of ThreatQ that can stand on a list, and one that only some formats have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndicatorType {
    /// `billing@example.net`
    EmailAddress,
    /// `mail.example.org`: host or domain, ThreatQ does not tell them apart.
    Fqdn,
    /// `192.0.2.25`: in practice IPv4, though an IPv6 address inside is taken too.
    IpAddress,
    /// `2001:db8::25`
    Ipv6Address,
    /// An address that *received* mail (MISP's `email-dst`): a mailbox for the recipient actions, and never a
    /// sender, because it names the victim.
    EmailDestination,
}

impl IndicatorType {
    /// The types that a manifest may accept, in ThreatQ's spelling.
    pub const ACCEPTABLE: [Self; 4] = [Self::EmailAddress, Self::Fqdn, Self::IpAddress, Self::Ipv6Address];

    /// ThreatQ's name of the type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EmailAddress => "Email Address",
            Self::Fqdn => "FQDN",
            Self::IpAddress => "IP Address",
            Self::Ipv6Address => "IPv6 Address",
            Self::EmailDestination => "email-dst",
        }
    }

    /// The type of a value that came without one, from its looks alone. Never fails: parsing tells later.
    #[must_use]
    pub fn detect(value: &str) -> Self {
        let value = value.trim();
        if value.contains('@') {
            return Self::EmailAddress;
        }
        let host = value.split('/').next().unwrap_or_default();
        let inner = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host);
        let has_tag = inner
            .get(..5)
            .is_some_and(|tag| tag.eq_ignore_ascii_case("ipv6:"));
        match inner.parse() {
            Ok(std::net::IpAddr::V4(_)) => Self::IpAddress,
            Ok(std::net::IpAddr::V6(_)) => Self::Ipv6Address,
            Err(_) if has_tag => Self::Ipv6Address,
            Err(_) => Self::Fqdn,
        }
    }
}

impl fmt::Display for IndicatorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The type as the caller gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenType {
    /// None was given: it is detected from the value.
    Missing,
    /// A name of the alias table, or an id of the operator's table.
    Known(IndicatorType),
    /// Given, but none of ours ("MD5", or a bare `type_id` without a table). Kept for the report.
    Unknown(String),
}

/// The status as the caller gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenStatus {
    /// None was given: nothing says "do not deploy".
    Missing,
    /// By name, as given.
    Named(String),
}

/// One readable indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// The caller's own id of it, as text; echoed in the report.
    pub id: Option<String>,
    /// As sent.
    pub value: String,
    /// As sent.
    pub given_type: GivenType,
    /// As sent.
    pub status: GivenStatus,
}

/// Something in the place of an indicator that cannot be read as one. It still gets a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The caller's own id of it, where it has one.
    pub id: Option<String>,
    /// The beginning of what was sent.
    pub excerpt: String,
    /// Why it cannot be read, without a full stop.
    pub reason: String,
}

/// One item of a request, in the caller's order. Nothing that was sent is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Readable.
    Indicator(Indicator),
    /// Not readable, with the reason.
    Unreadable(Unreadable),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_type_is_told_from_the_value() {
        for (value, expected) in [
            ("a@example.com", IndicatorType::EmailAddress),
            ("user@[192.0.2.1]", IndicatorType::EmailAddress),
            ("example.com", IndicatorType::Fqdn),
            ("192.0.2.1", IndicatorType::IpAddress),
            ("192.0.2.0/24", IndicatorType::IpAddress),
            ("[192.0.2.1]", IndicatorType::IpAddress),
            ("2001:db8::1", IndicatorType::Ipv6Address),
            ("[ipv6:2001:db8::1]", IndicatorType::Ipv6Address),
            ("", IndicatorType::Fqdn),
        ] {
            assert_eq!(IndicatorType::detect(value), expected, "{value}");
        }
    }
}
