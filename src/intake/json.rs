//! A JSON document as it was written: keys in their order, and a key that stands twice still there twice.
//!
//! `serde_json::Value` silently keeps the last of two equal keys, other readers the first. The caller's own
//! tools may thus show an address that is not the one we would list, so a repeated key has to be *seen*
//! before it can be refused. That is all this type is for; it knows nothing of indicators.
//! Go on to `shape.rs`.

use super::ITEMS_MAX;
use crate::model::excerpt;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;
use std::collections::HashSet;
use std::fmt;

/// What is shown of a document or an item: enough to find it again, short enough for one line of a report.
const EXCERPT_CHARACTERS_MAX: usize = 80;
/// What is shown of one key.
const KEY_CHARACTERS_MAX: usize = 40;
/// How many keys are named.
const KEYS_SHOWN_MAX: usize = 10;

/// Any JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// Keys and values as they were written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object(Vec<(String, Json)>);

/// Where a text stops being JSON, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Counted from 1.
    pub(super) line: usize,
    /// In bytes, counted from 1.
    pub(super) column: usize,
    /// Without a full stop.
    pub(super) problem: String,
}

/// Reads exactly one document. Nested no deeper than `serde_json` allows, so every walk over it may recurse.
pub(super) fn parse(text: &str) -> Result<Json, Fault> {
    serde_json::from_str(text).map_err(|error| Fault {
        line: error.line(),
        // Zero means "before the first byte of the line", where people count from one.
        column: error.column().max(1),
        problem: describe(&error),
    })
}

/// `serde_json`'s words without the place, and in sentences where they are terse. None quotes foreign text.
fn describe(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let words = error.to_string();
    let words = words.strip_suffix(&place).unwrap_or(&words);
    if let Some(what) = words.strip_prefix("EOF while parsing ") {
        return format!("the text ends in the middle of {what}");
    }
    match words {
        "expected value" => {
            "expected a value: text in double quotes, a number, a list or an object".to_owned()
        }
        "trailing characters" => "expected the end, but there is more text after the document".to_owned(),
        "recursion limit exceeded" => {
            "expected lists and objects nested no deeper than 127 levels".to_owned()
        }
        other => other.to_owned(),
    }
}

impl Json {
    /// Says nothing: null, or a text, list or object with nothing in it.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(_) | Self::Number(_) => false,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Object(object) => object.0.iter().all(|(_, value)| value.is_blank()),
        }
    }

    /// For sentences such as "`value` is a number".
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The beginning of it as compact JSON, safe to show.
    pub(super) fn excerpt(&self) -> String {
        // Writing to memory what was read from JSON cannot fail; an empty excerpt would be no loss.
        excerpt(
            &serde_json::to_string(self).unwrap_or_default(),
            EXCERPT_CHARACTERS_MAX,
        )
    }

    /// The path of a key that stands twice in one object, at any depth: "value", "type.name".
    pub(super) fn duplicate_key(&self) -> Option<String> {
        match self {
            Self::List(items) => items.iter().find_map(Self::duplicate_key),
            Self::Object(object) => object.duplicate_key().or_else(|| {
                object.0.iter().find_map(|(key, value)| {
                    value
                        .duplicate_key()
                        .map(|path| format!("{}.{path}", show_key(key)))
                })
            }),
            _ => None,
        }
    }
}

impl Object {
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(own, _)| own == key)
    }

    /// The value of a key that stands exactly once. One that stands twice has none, rather than one of two.
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        let mut found = self.0.iter().filter(|(own, _)| own == key);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Takes the value of a key out.
    pub(super) fn into_value(self, key: &str) -> Option<Json> {
        self.0
            .into_iter()
            .find_map(|(own, value)| (own == key).then_some(value))
    }

    /// A key that stands twice in this object itself, safe to show.
    pub(super) fn duplicate_key(&self) -> Option<String> {
        let mut seen = HashSet::with_capacity(self.0.len());
        self.0
            .iter()
            .find_map(|(key, _)| (!seen.insert(key)).then(|| show_key(key)))
    }

    /// "the keys `a`, `b`", safe to show.
    pub(super) fn describe_keys(&self) -> String {
        let mut shown: Vec<String> = self
            .0
            .iter()
            .take(KEYS_SHOWN_MAX)
            .map(|(key, _)| format!("`{}`", show_key(key)))
            .collect();
        if self.0.len() > KEYS_SHOWN_MAX {
            shown.push(format!("{} more", self.0.len() - KEYS_SHOWN_MAX));
        }
        match self.0.len() {
            0 => "no keys".to_owned(),
            1 => format!("the key {}", shown.join(", ")),
            _ => format!("the keys {}", shown.join(", ")),
        }
    }
}

fn show_key(key: &str) -> String {
    excerpt(key, KEY_CHARACTERS_MAX)
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        // JSON has no NaN and no infinity, so there always is a number.
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            if items.len() == ITEMS_MAX {
                let text = format!("a list of more than {ITEMS_MAX} entries; send them in several calls");
                return Err(serde::de::Error::custom(text));
            }
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = access.next_entry()? {
            pairs.push(pair);
        }
        Ok(Json::Object(Object(pairs)))
    }
}

/// Only for [`Json::excerpt`].
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(object) => serializer.collect_map(object.0.iter().map(|(key, value)| (key, value))),
        }
    }
}
