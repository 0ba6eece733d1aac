//! What may stand on a list: senders and recipients, parsed once from what a caller or a file says, and the
//! folded key under which two spellings of one entry are equal. `docs/asyncos.md`, "Entries", has the
//! forms. Refuses to know whether an entry *should* be listed. How a text is read: `entry/parse.rs`.

mod parse;

use super::domain::fold_domain;
use super::indicator::IndicatorType;
use super::refusal::Refusal;
use parse::{parse_address, parse_ip_address, parse_literal, parse_sender_domain, spell_ip_address, tidy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The form in which two spellings of one entry are equal: case, brackets, trailing dot and the two forms of
/// an international name folded. For comparing only; what is sent keeps its own spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey(String);

impl EntryKey {
    /// Folds any spelling, also one that only an appliance would show. Never fails.
    #[must_use]
    pub fn of(spelling: &str) -> Self {
        let spelling = spelling.trim();
        match spelling.rsplit_once('@') {
            Some((local, domain)) => Self(format!("{}@{}", local.to_lowercase(), fold_host(domain))),
            None => Self(fold_host(spelling)),
        }
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For an address, the key of its domain.
    #[must_use]
    pub fn domain(&self) -> Option<Self> {
        self.0.rsplit_once('@').map(|(_, domain)| Self(domain.to_owned()))
    }
}

fn fold_host(text: &str) -> String {
    match parse_literal(text) {
        Some(address) => address.to_string(),
        None => fold_domain(text),
    }
}

/// A value that was read, with what a person should know of how it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The entry.
    pub entry: T,
    /// Sentences for the report: "an IPv6 address in an indicator of type IP Address".
    pub notes: Vec<String>,
}

/// A sender as AsyncOS takes it: address, domain, `[192.0.2.1]`, `[ipv6:2001:db8::1]`, `user@[192.0.2.1]`. Stored as what is
/// sent, and read again from that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sender {
    spelling: String,
    key: EntryKey,
}

impl Sender {
    /// Reads the value of an indicator whose type is known.
    ///
    /// # Errors
    /// The rule that the value broke, with a suggestion where there is one.
    pub fn parse(value: &str, indicator_type: IndicatorType) -> Result<Parsed<Self>, Refusal> {
        let value = tidy(value)?;
        let spelling = Self::read(value, indicator_type)?;
        let mut notes = Vec::new();
        if indicator_type == IndicatorType::IpAddress && spelling.starts_with("[ipv6:") {
            notes.push("an IPv6 address in an indicator of type IP Address".to_owned());
        }
        notes.extend(ascii_note(value, &spelling));
        Ok(Parsed {
            entry: Self::spelled(spelling),
            notes,
        })
    }

    /// The spelling to send of a value that is what it looks like.
    fn read(value: &str, indicator_type: IndicatorType) -> Result<String, Refusal> {
        match indicator_type {
            IndicatorType::EmailAddress | IndicatorType::EmailDestination => parse_address(value),
            IndicatorType::Fqdn => parse_sender_domain(value),
            IndicatorType::IpAddress | IndicatorType::Ipv6Address => {
                parse_ip_address(value).map(spell_ip_address)
            }
        }
    }

    /// Reads an entry of a stored sender list, where no type is given.
    ///
    /// # Errors
    /// The rule that the value broke.
    pub fn parse_untyped(value: &str) -> Result<Self, Refusal> {
        Self::parse(value, IndicatorType::detect(value)).map(|parsed| parsed.entry)
    }

    fn spelled(spelling: String) -> Self {
        Self {
            key: EntryKey::of(&spelling),
            spelling,
        }
    }

    /// What is sent to the appliance.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// What it is compared by.
    #[must_use]
    pub fn key(&self) -> &EntryKey {
        &self.key
    }
}

impl TryFrom<String> for Sender {
    type Error = Refusal;

    fn try_from(spelling: String) -> Result<Self, Refusal> {
        Self::parse_untyped(&spelling)
    }
}

impl From<Sender> for String {
    fn from(sender: Sender) -> Self {
        sender.spelling
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}

/// Tells that an international domain is sent in the form that the SMTP envelope carries.
fn ascii_note(value: &str, spelling: &str) -> Option<String> {
    let is_ace = |name: &str| name.contains("xn--");
    (!value.is_ascii() && is_ace(spelling) && !is_ace(value))
        .then(|| format!("sent in its ASCII form {spelling}"))
}

/// A recipient: a mail address. Appliances hold odder ones, but nobody should add them by accident. Stored as what is
/// sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient {
    spelling: String,
    key: EntryKey,
}

impl Recipient {
    /// Reads a mail address.
    ///
    /// # Errors
    /// The rule that the value broke, with a suggestion where there is one.
    pub fn parse(value: &str) -> Result<Parsed<Self>, Refusal> {
        let spelling = tidy(value)
            .and_then(parse_address)
            .map_err(|refusal| match refusal.suggestion() {
                // What would do as a sender, such as a whole domain, may be no mailbox.
                Some(suggestion) if parse_address(suggestion).is_err() => Refusal::new(refusal.rule()),
                _ => refusal,
            })?;
        let notes = ascii_note(value, &spelling).into_iter().collect();
        Ok(Parsed {
            entry: Self {
                key: EntryKey::of(&spelling),
                spelling,
            },
            notes,
        })
    }

    /// What is sent to the appliance.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// What it is compared by.
    #[must_use]
    pub fn key(&self) -> &EntryKey {
        &self.key
    }
}

impl TryFrom<String> for Recipient {
    type Error = Refusal;

    fn try_from(spelling: String) -> Result<Self, Refusal> {
        Self::parse(&spelling).map(|parsed| parsed.entry)
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.spelling
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}

/// What a list holds, in one spelling: the mailbox and whom it blocks or trusts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// As the appliance shows it, or as we would send it.
    pub recipient: String,
    /// As the appliance shows it, or as we would send it.
    pub sender: String,
}

impl Pair {
    /// What it is compared by.
    #[must_use]
    pub fn key(&self) -> PairKey {
        PairKey {
            recipient: EntryKey::of(&self.recipient),
            sender: EntryKey::of(&self.sender),
        }
    }
}

/// A pair in the form in which all its spellings are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairKey {
    /// Folded recipient.
    pub recipient: EntryKey,
    /// Folded sender.
    pub sender: EntryKey,
}

#[cfg(test)]
mod tests;
