//! Reads one text as an address, a domain or an IP address, in the forms that AsyncOS takes. Shapes that people
//! paste by mistake (a URL, a defanged name, a network, ...) are recognised first, so that the refusal can say
//! what was probably meant.

use super::super::domain::parse_domain;
use super::super::indicator::IndicatorType;
use super::super::refusal::{Refusal, Rule};
use super::Sender;
use std::net::{IpAddr, Ipv6Addr};

/// RFC 5321, section 4.5.3.1.3 (a path of 256 octets with its angle brackets).
const ADDRESS_LENGTH_MAX: usize = 254;

/// Longer than this, a value is not even looked at for what it was meant to be: a URL of two kilobytes is the
/// longest that browsers agree on, and looking costs more the longer it is.
const VALUE_LENGTH_MAX: usize = 2_048;

/// White space around a value is taken off in silence; anything odd inside is refused.
pub(super) fn tidy(value: &str) -> Result<&str, Refusal> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Refusal::new(Rule::Empty));
    }
    if value.len() > VALUE_LENGTH_MAX {
        return Err(Refusal::new(Rule::TooLong));
    }
    if let Some(refusal) = looks_meant_otherwise(value) {
        return Err(refusal);
    }
    if value
        .chars()
        .any(|character| character.is_whitespace() || character.is_control())
    {
        return Err(Refusal::new(Rule::WhiteSpace));
    }
    Ok(value)
}

/// Shapes that people paste, each with the rule that says so better than "not a domain name".
fn looks_meant_otherwise(value: &str) -> Option<Refusal> {
    let suggest = |rule, meant: &str| {
        // A suggestion is read as it stands: one that would need a suggestion of its own is none.
        Some(match Sender::read(meant.trim(), IndicatorType::detect(meant)) {
            Ok(meant) if meant != value => Refusal::suggesting(rule, meant),
            _ => Refusal::new(rule),
        })
    };
    let refanged = refang(value);
    if refanged != value {
        let host = strip_url(&refanged).unwrap_or(&refanged);
        return suggest(Rule::Defanged, host);
    }
    if let Some((_, rest)) = value.rsplit_once('<')
        && let Some(address) = rest.strip_suffix('>')
    {
        return suggest(Rule::DisplayName, address);
    }
    if let Some(host) = strip_url(value) {
        return suggest(Rule::Url, host);
    }
    if value.contains([',', ';']) {
        return Some(Refusal::new(Rule::SeveralValues));
    }
    if let Some(name) = value.strip_prefix("*@").or_else(|| value.strip_prefix("*.")) {
        return suggest(Rule::Wildcard, name);
    }
    // RFC 5321 allows a star in a local part; whoever writes one means "any".
    if value.contains('*') || (!value.contains('@') && value.contains(['%', '?'])) {
        return Some(Refusal::new(Rule::Wildcard));
    }
    if let Some(name) = value.strip_prefix('@') {
        return suggest(Rule::LeadingAt, name);
    }
    if let Some(name) = value.strip_prefix('.') {
        return suggest(Rule::LeadingDot, name);
    }
    looks_like_network_or_port(value, suggest)
}

fn looks_like_network_or_port(
    value: &str,
    suggest: impl Fn(Rule, &str) -> Option<Refusal>,
) -> Option<Refusal> {
    let (host, rest) = value
        .split_once('/')
        .map_or((value, None), |(host, rest)| (host, Some(rest)));
    if let Some(rest) = rest {
        if let Some(address) = parse_literal(host) {
            // A network of one address is that address; a wider one has nothing to suggest.
            let single = if address.is_ipv4() { "32" } else { "128" };
            return if rest == single {
                suggest(Rule::Network, host)
            } else {
                Some(Refusal::new(Rule::Network))
            };
        }
        return if value.contains('@') {
            None
        } else {
            suggest(Rule::Url, host)
        };
    }
    let (name, port) = value.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && !name.contains(':'))
        .then(|| suggest(Rule::Port, name))
        .flatten()
}

/// Takes the usual disguises off. Equal to its input where there were none.
fn refang(value: &str) -> String {
    let mut plain = value.to_owned();
    for (disguise, meant) in [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("[:]", ":"),
        ("[@]", "@"),
        ("(@)", "@"),
        ("[at]", "@"),
        ("(at)", "@"),
    ] {
        while let Some(start) = plain.to_ascii_lowercase().find(disguise) {
            plain.replace_range(start..start + disguise.len(), meant);
        }
    }
    let lower = plain.to_ascii_lowercase();
    for (disguise, meant) in [("hxxps://", "https://"), ("hxxp://", "http://")] {
        if lower.starts_with(disguise) {
            plain.replace_range(..disguise.len(), meant);
        }
    }
    plain
}

/// The host of `scheme://user@host:port/path`, or the address of `mailto:address`.
fn strip_url(value: &str) -> Option<&str> {
    if value
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
    {
        return Some(value[7..].split('?').next().unwrap_or_default());
    }
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') {
        return Some(host.split_inclusive(']').next().unwrap_or_default());
    }
    Some(host.split(':').next().unwrap_or_default())
}

/// `user@example.com` or `user@[192.0.2.1]`; the domain in ASCII and lower case, the local part as given.
pub(super) fn parse_address(value: &str) -> Result<String, Refusal> {
    if value.len() > ADDRESS_LENGTH_MAX {
        return Err(Refusal::new(Rule::TooLong));
    }
    let Some((local, domain)) = value.rsplit_once('@') else {
        return Err(Refusal::new(Rule::NotAnAddress));
    };
    let domain = match domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(_) => {
            let address = parse_literal(domain).ok_or(Refusal::new(Rule::NotAnIpAddress))?;
            spell_ip_address(address)
        }
        None if parse_literal(domain).is_some() => {
            let address = parse_ip_address(domain)?;
            return Err(Refusal::suggesting(
                Rule::NotAnAddress,
                format!("{local}@{}", spell_ip_address(address)),
            ));
        }
        None => parse_domain(domain)?,
    };
    if !is_local_part(local) {
        return Err(Refusal::new(Rule::NotAnAddress));
    }
    let address = format!("{local}@{domain}");
    if address.len() > ADDRESS_LENGTH_MAX {
        return Err(Refusal::new(Rule::TooLong));
    }
    Ok(address)
}

/// Held to RFC 5321's dot-string by `email_address`; the domain was judged before and is stood in for.
fn is_local_part(local: &str) -> bool {
    let options = email_address::Options::default()
        .with_required_tld()
        .without_display_text();
    !local.starts_with('"')
        && email_address::EmailAddress::parse_with_options(&format!("{local}@example.com"), options).is_ok()
}

pub(super) fn parse_sender_domain(value: &str) -> Result<String, Refusal> {
    if let Some(address) = parse_literal(value) {
        return Err(Refusal::suggesting(
            Rule::NotADomain,
            format!("{} with type IP Address", address.to_canonical()),
        ));
    }
    if value.contains('@') {
        let refusal = Refusal::new(Rule::NotADomain);
        return Err(match parse_address(value) {
            Ok(address) => {
                Refusal::suggesting(Rule::NotADomain, format!("{address} with type Email Address"))
            }
            Err(_) => refusal,
        });
    }
    parse_domain(value)
}

pub(super) fn parse_ip_address(value: &str) -> Result<IpAddr, Refusal> {
    parse_literal(value).ok_or(Refusal::new(Rule::NotAnIpAddress))
}

/// An IP address, bare or in brackets, with or without the `ipv6:` tag of RFC 5321, section 4.1.3. An IPv4
/// address in IPv6 clothes (`::ffff:192.0.2.1`) is the IPv4 address.
pub(super) fn parse_literal(text: &str) -> Option<IpAddr> {
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let tagged = inner
        .get(..5)
        .filter(|tag| tag.eq_ignore_ascii_case("ipv6:"))
        .map(|_| &inner[5..]);
    let address = match tagged {
        Some(address) => IpAddr::V6(address.parse::<Ipv6Addr>().ok()?),
        None => inner.parse().ok()?,
    };
    Some(address.to_canonical())
}

/// The brackets are AsyncOS's; bare addresses are not among the forms its help lists.
pub(super) fn spell_ip_address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[ipv6:{address}]"),
    }
}
