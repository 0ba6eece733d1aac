//! The many names of the few indicator types that can stand on a list: ThreatQ's own, and those of STIX,
//! MISP, TheHive and XSOAR, which playbooks copy. One table. A name that is not in it is the type of
//! something that no mail list can hold, or of something unknown; both are passed on under their own name.

use crate::model::IndicatorType;

/// Names as [`fold`] leaves them.
const ALIASES: [(IndicatorType, &[&str]); 5] = [
    (
        IndicatorType::EmailAddress,
        &["emailaddress", "email", "emailaddr", "mail", "emailsrc", "sender"],
    ),
    // Names the victim, never the attacker: good for the recipient actions alone.
    (IndicatorType::EmailDestination, &["emaildst"]),
    (
        IndicatorType::Fqdn,
        &["fqdn", "domain", "domainname", "hostname", "host"],
    ),
    (IndicatorType::IpAddress, &["ipaddress", "ipv4", "ipv4addr"]),
    (IndicatorType::Ipv6Address, &["ipv6address", "ipv6", "ipv6addr"]),
];

/// Names that cover both families, so that only the value can tell. ThreatQ's "IP Address" is not one of
/// them: there, IPv6 is a type of its own.
const EITHER_IP_FAMILY: [&str; 3] = ["ip", "ipsrc", "ipdst"];

/// The type of that name; the value is looked at only where the name leaves two.
pub(super) fn type_by_name(name: &str, value: &str) -> Option<IndicatorType> {
    let folded = fold(name);
    if EITHER_IP_FAMILY.contains(&folded.as_str()) {
        return Some(match IndicatorType::detect(value) {
            IndicatorType::Ipv6Address => IndicatorType::Ipv6Address,
            _ => IndicatorType::IpAddress,
        });
    }
    ALIASES
        .into_iter()
        .find_map(|(known, names)| names.contains(&folded.as_str()).then_some(known))
}

/// "E-Mail_Address" and "email address" are one name.
fn fold(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter(|character| !matches!(character, '-' | '_') && !character.is_whitespace())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use IndicatorType::{EmailAddress, EmailDestination, Fqdn, IpAddress, Ipv6Address};

    #[test]
    fn every_alias_is_written_as_folding_leaves_it_and_stands_once() {
        let mut names: Vec<_> = ALIASES.iter().flat_map(|(_, names)| names.iter()).collect();
        names.extend(&EITHER_IP_FAMILY);
        assert!(names.iter().all(|name| fold(name) == ***name));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn names_are_found_whatever_their_case_hyphens_underscores_and_spaces() {
        let (v4, v6) = ("192.0.2.25", "2001:db8::25");
        for (name, value, expected) in [
            ("Email Address", "", Some(EmailAddress)),
            ("email", "", Some(EmailAddress)),
            ("email-addr", "", Some(EmailAddress)),
            ("EMAIL_ADDRESS", "", Some(EmailAddress)),
            ("mail", "", Some(EmailAddress)),
            ("email-src", "", Some(EmailAddress)),
            ("Sender", "", Some(EmailAddress)),
            ("email-dst", "", Some(EmailDestination)),
            ("FQDN", "", Some(Fqdn)),
            ("Domain", "", Some(Fqdn)),
            ("domain-name", "", Some(Fqdn)),
            ("hostname", "", Some(Fqdn)),
            ("host", "", Some(Fqdn)),
            ("IPv4", "", Some(IpAddress)),
            ("ipv4-addr", "", Some(IpAddress)),
            ("IPv6 Address", "", Some(Ipv6Address)),
            ("ipv6", "", Some(Ipv6Address)),
            ("ipv6-addr", "", Some(Ipv6Address)),
            ("ip", v4, Some(IpAddress)),
            ("ip", v6, Some(Ipv6Address)),
            ("ip-src", v6, Some(Ipv6Address)),
            ("ip-dst", v4, Some(IpAddress)),
            ("ip", "not an address", Some(IpAddress)),
            ("IP Address", v6, Some(IpAddress)),
            ("MD5", "", None),
            ("Email Subject", "", None),
            ("URL", "", None),
            ("", "", None),
        ] {
            assert_eq!(type_by_name(name, value), expected, "{name} {value}");
        }
    }
}
