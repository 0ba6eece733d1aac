//! One list in MISP's format: `name`, `description`, `version`, `type`, `list` and `matching_attributes`, in any order.
//! Read twice, because `type` mostly stands behind the elements: first all but those, then those alone, handed on one by
//! one with their lines. Nothing is built of what is not used, however deep it lies. Refuses to know levels and folders.

use super::super::rule_files::MISTAKES_MAX;
use super::{WarninglistHead, WarninglistMatching, WarninglistTaker};
use crate::manifest::{Mistakes, Place};
use crate::model::{Level, escape_control, excerpt};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Longest part of an element or word that a message repeats.
const EXCERPT_CHARACTERS_MAX: usize = 80;
/// MISP's longest has some 170.
const NAME_CHARACTERS_MAX: usize = 300;
/// MISP's types of attributes that can be a name, an IP address and a mail address.
const NAMES: [&str; 7] = [
    "domain",
    "hostname",
    "domain|ip",
    "hostname|port",
    "url",
    "uri",
    "link",
];
const IP_ADDRESSES: [&str; 5] = ["ip-src", "ip-dst", "ip-src|port", "ip-dst|port", "domain|ip"];
const MAIL_ADDRESSES: [&str; 6] = [
    "email",
    "email-src",
    "email-dst",
    "email-reply-to",
    "target-email",
    "whois-registrant-email",
];

/// What a list says of itself.
pub(super) struct Head {
    pub(super) name: String,
    matching: WarninglistMatching,
    of_names: bool,
    of_ip_addresses: bool,
    of_mail_addresses: bool,
}

impl Head {
    pub(super) fn read(text: &str, file: &str) -> Result<Self, (Place, String)> {
        serde_json::from_str::<Fields>(text)
            .map(|fields| fields.head)
            .map_err(|error| mistake(&error, file))
    }

    /// Whether anything that can be listed is of a kind that it is held against.
    pub(super) fn is_of_use(&self) -> bool {
        self.of_names || self.of_ip_addresses || self.of_mail_addresses
    }

    pub(super) fn for_taker(self, file: &str, level: Level) -> WarninglistHead {
        WarninglistHead {
            name: self.name,
            file: file.to_owned(),
            level,
            matching: self.matching,
            of_names: self.of_names,
            of_ip_addresses: self.of_ip_addresses,
            of_mail_addresses: self.of_mail_addresses,
        }
    }
}

/// With the line and column in front, as every mistake has them.
fn mistake(error: &serde_json::Error, file: &str) -> (Place, String) {
    let words = error.to_string();
    let words = words
        .rsplit_once(" at line ")
        .map_or(words.as_str(), |(words, _)| words);
    let place = Place::at(file, error.line(), error.column());
    (
        place,
        format!("not readable as a warninglist of MISP: {}", escape_control(words)),
    )
}

struct Fields {
    head: Head,
}

impl<'de> serde::Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `name`, `type` and `list`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut name: Option<String> = None;
        let mut matching: Option<WarninglistMatching> = None;
        let mut attributes: Option<Vec<String>> = None;
        let mut has_list = false;
        let twice = |key: &str| A::Error::custom(format!("`{key}` stands there twice"));
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" if name.is_some() => return Err(twice(&key)),
                "name" => name = Some(map.next_value()?),
                "type" if matching.is_some() => return Err(twice(&key)),
                "type" => matching = Some(read_matching::<A>(map.next_value()?)?),
                "matching_attributes" if attributes.is_some() => return Err(twice(&key)),
                "matching_attributes" => attributes = Some(map.next_value()?),
                "list" if has_list => return Err(twice(&key)),
                "list" => {
                    has_list = true;
                    map.next_value::<IgnoredAny>()?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let name = name.filter(|name| !name.trim().is_empty());
        let name = name.ok_or_else(|| A::Error::custom("`name` is missing"))?;
        if !has_list {
            return Err(A::Error::custom("`list` is missing"));
        }
        // None at all, and an empty list of them, stand for every kind.
        let attributes = attributes.unwrap_or_default();
        let is_of = |kind: &[&str]| {
            let named = |attribute: &String| kind.contains(&attribute.to_lowercase().as_str());
            attributes.is_empty() || attributes.iter().any(named)
        };
        Ok(Fields {
            head: Head {
                name: name.trim().chars().take(NAME_CHARACTERS_MAX).collect(),
                matching: matching.unwrap_or_default(),
                of_names: is_of(&NAMES),
                of_ip_addresses: is_of(&IP_ADDRESSES),
                of_mail_addresses: is_of(&MAIL_ADDRESSES),
            },
        })
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    // MISP takes the first.
    More(Vec<String>),
}

fn read_matching<'de, A: MapAccess<'de>>(written: OneOrMore) -> Result<WarninglistMatching, A::Error> {
    let word = match written {
        OneOrMore::One(word) => Some(word),
        OneOrMore::More(words) => words.into_iter().next(),
    };
    match word.as_deref() {
        None => Ok(WarninglistMatching::default()),
        Some("string") => Ok(WarninglistMatching::String),
        Some("substring") => Ok(WarninglistMatching::Substring),
        Some("hostname") => Ok(WarninglistMatching::Hostname),
        Some("cidr") => Ok(WarninglistMatching::Cidr),
        Some("regex") => Ok(WarninglistMatching::Regex),
        Some(other) => Err(A::Error::custom(format!(
            "unknown type `{}`; known types: string, substring, hostname, cidr, regex",
            excerpt(other, EXCERPT_CHARACTERS_MAX)
        ))),
    }
}

/// The elements of one list, on their way to who takes them.
pub(super) struct Elements<'a> {
    text: &'a str,
    file: &'a str,
    taker: &'a mut dyn WarninglistTaker,
    mistakes: &'a mut Mistakes,
    mistake_count: usize,
    /// How far lines were counted: offset of the next byte, its line, and where that begins.
    counted: (usize, usize, usize),
}

impl<'a> Elements<'a> {
    /// How many mistakes were found. Behind the last that is told, nothing is read.
    pub(super) fn hand_on(
        text: &'a str,
        file: &'a str,
        taker: &'a mut dyn WarninglistTaker,
        mistakes: &'a mut Mistakes,
    ) -> usize {
        let mut elements = Self {
            text,
            file,
            taker,
            mistakes,
            mistake_count: 0,
            counted: (0, 1, 0),
        };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        if let Err(error) = deserializer.deserialize_map(ListOf(&mut elements)) {
            let (place, words) = mistake(&error, file);
            elements.mistakes.add(&place, words);
            elements.mistake_count += 1;
        }
        elements.mistake_count
    }

    fn is_full(&self) -> bool {
        self.mistake_count >= MISTAKES_MAX
    }

    fn take(&mut self, raw: &RawValue) {
        let raw = raw.get();
        let offset = raw.as_ptr().addr() - self.text.as_ptr().addr();
        let (line, column) = self.position(offset);
        let decoded: Result<String, _>;
        // Most have nothing to decode.
        let plain = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let element = match plain {
            Some(plain) if !plain.contains('\\') => Some(plain),
            _ => {
                decoded = serde_json::from_str(raw);
                decoded.as_deref().ok()
            }
        };
        let taken = match element {
            Some(element) => self.taker.add(line_number(line), element),
            None => Err("is not text in quotes".to_owned()),
        };
        if let Err(words) = taken {
            let shown = excerpt(element.unwrap_or(raw), EXCERPT_CHARACTERS_MAX);
            self.mistake_count += 1;
            self.mistakes
                .add(&Place::at(self.file, line, column), format!("`{shown}` {words}"));
        }
    }

    /// Line and column of an offset behind all that were asked for before.
    fn position(&mut self, offset: usize) -> (usize, usize) {
        let (from, mut line, mut begin) = self.counted;
        for (index, _) in self.text[from..offset].match_indices('\n') {
            line += 1;
            begin = from + index + 1;
        }
        self.counted = (offset, line, begin);
        (line, self.text[begin..offset].chars().count() + 1)
    }
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// Finds `list` in the object.
struct ListOf<'e, 'a>(&'e mut Elements<'a>);

impl<'de> Visitor<'de> for ListOf<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `list`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "list" {
                map.next_value_seed(List(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// An array of elements, or an object with a comment for each.
struct List<'e, 'a>(&'e mut Elements<'a>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`list` to be an array of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(raw) = elements.next_element::<&'de RawValue>()? {
            if !self.0.is_full() {
                self.0.take(raw);
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(raw) = elements.next_key::<&'de RawValue>()? {
            if !self.0.is_full() {
                self.0.take(raw);
            }
            elements.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
