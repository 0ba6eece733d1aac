//! How a rule is written: one flat object in TOML and JSON, `NAME:key=value,...` on the command line.
//!
//! The keys of the occasion (`method`, `list`, `page`, `skip`, `times`, `chance`) stand beside those of the
//! fault. One name is needed twice: the `list` of `other_writer` is the list that it changes, and its filter
//! is called `request_list`. This file refuses to know what the faults do.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Fault, FaultError, FaultRule, RequestMethod, Times, When};

const WHEN_KEYS: [&str; 6] = ["method", "list", "page", "skip", "times", "chance"];
const OTHER_WRITER: &str = "other_writer";
/// The filter by list of an `other_writer`, whose `list` is another thing.
const REQUEST_LIST: &str = "request_list";

/// The fault with all its keys, also those that are not set.
pub(super) fn keys_of(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(keys)) => keys,
        // No struct of ours fails to become an object.
        _ => Map::new(),
    }
}

/// What the types alone do not exclude.
pub(super) fn check(fault: &Fault, when: &When) -> Result<(), FaultError> {
    let refused = |reason| {
        let fault = fault.name();
        Err(FaultError::Filter { fault, reason })
    };
    let has_filter = when.method.is_some() || when.list.is_some() || when.page.is_some();
    let is_no_get = when.method.is_some_and(|method| method != RequestMethod::Get);
    if fault.is_of_connections() && has_filter {
        return refused("counts connections, before anything is asked: no `method`, `list` or `page`");
    }
    if fault.is_of_writes() && (when.page.is_some() || when.method == Some(RequestMethod::Get)) {
        return refused("is about writes: no `page`, and no `method` but POST and DELETE");
    }
    if when.page.is_some() && is_no_get {
        return refused("cannot have a `page` with a `method` other than GET");
    }
    let value = |key, expected| Err(FaultError::Value { key, expected });
    match fault {
        Fault::Html { status, .. } | Fault::Status { status, .. } if !(200..=599).contains(status) => {
            value("status", "a number from 200 to 599")
        }
        Fault::SlowDrip { bytes: 0, .. } => value("bytes", "a number from 1"),
        _ if when.times == Times::AtMost(0) => value("times", "a number from 1, or `always`"),
        _ => Ok(()),
    }
}

impl FaultRule {
    /// From its keys, whatever they were written in.
    pub(in super::super) fn from_keys(keys: Map<String, Value>) -> Result<Self, FaultError> {
        let name = keys.get("fault").and_then(Value::as_str).map(str::to_owned);
        rule_of(keys).map_err(|error| match (error, name) {
            // What serde says is said of the one or the other key; of which fault is only known here.
            (FaultError::Form(words), Some(name)) => FaultError::Form(format!("fault `{name}`: {words}")),
            (error, _) => error,
        })
    }
}

fn rule_of(mut keys: Map<String, Value>) -> Result<FaultRule, FaultError> {
    let is_other_writer = keys.get("fault").is_some_and(|name| name == OTHER_WRITER);
    let mut when = Map::new();
    for key in WHEN_KEYS {
        let written = if is_other_writer && key == "list" {
            REQUEST_LIST
        } else {
            key
        };
        if let Some(value) = keys.remove(written) {
            read::<When>(Map::from_iter([(key.to_owned(), value.clone())]))
                .map_err(|error| FaultError::Form(format!("`{written}`: {error}")))?;
            when.insert(key.to_owned(), value);
        }
    }
    let written_keys: Vec<String> = keys.keys().cloned().collect();
    let fault: Fault = read(keys)?;
    let known = keys_of(&fault);
    // Serde lets any key pass beside a variant without fields.
    if let Some(key) = written_keys.iter().find(|key| !known.contains_key(*key)) {
        let keys: Vec<&str> = known.keys().map(String::as_str).chain(WHEN_KEYS).collect();
        return Err(FaultError::StrangeKey {
            fault: fault.name(),
            key: key.clone(),
            keys: keys.join(", "),
        });
    }
    FaultRule::new(fault, read(when)?)
}

fn read<T: DeserializeOwned>(keys: Map<String, Value>) -> Result<T, FaultError> {
    serde_json::from_value(Value::Object(keys)).map_err(|error| FaultError::Form(error.to_string()))
}

fn written(rule: &FaultRule) -> Map<String, Value> {
    let mut keys = keys_of(&rule.fault);
    let usual = keys_of(&When::default());
    for (key, value) in keys_of(&rule.when) {
        if usual.get(&key) == Some(&value) {
            continue;
        }
        if keys.contains_key(&key) {
            keys.insert(REQUEST_LIST.to_owned(), value);
        } else {
            keys.insert(key, value);
        }
    }
    keys.retain(|_, value| !value.is_null());
    keys
}

impl<'de> Deserialize<'de> for FaultRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_keys(Map::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Serialize for FaultRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        written(self).serialize(serializer)
    }
}

/// `cut_reply:after_bytes=20,by=reset,method=POST`; a pair is `RECIPIENT:SENDER`, and `add` and `remove` may
/// be repeated.
impl FromStr for FaultRule {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, settings) = text.split_once(':').unwrap_or((text, ""));
        let mut keys = Map::from_iter([("fault".to_owned(), Value::from(name))]);
        for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
            let Some((key, value)) = setting.split_once('=') else {
                let reason = format!("`{setting}` has not the form key=value, as in {EXAMPLE}");
                return Err(FaultError::Form(reason));
            };
            if let "add" | "remove" = key {
                let pairs = keys.entry(key).or_insert_with(|| Value::Array(Vec::new()));
                if let Some(pairs) = pairs.as_array_mut() {
                    pairs.push(pair_of(value)?);
                }
                continue;
            }
            if keys.insert(key.to_owned(), value_of(value)).is_some() {
                return Err(FaultError::Form(format!("`{key}` stands there twice")));
            }
        }
        Self::from_keys(keys)
    }
}

const EXAMPLE: &str = "cut_reply:after_bytes=20,by=reset,method=POST";

fn value_of(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::from(text),
    }
}

fn pair_of(text: &str) -> Result<Value, FaultError> {
    let Some((recipient, sender)) = text.split_once(':') else {
        let reason = format!("`{text}` is no pair of the form RECIPIENT:SENDER");
        return Err(FaultError::Form(reason));
    };
    Ok(serde_json::json!({"recipient": recipient, "sender": sender}))
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AtMost(times) => serializer.serialize_u64(*times),
            Self::Always => serializer.serialize_str("always"),
        }
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimesVisitor)
    }
}

struct TimesVisitor;

impl Visitor<'_> for TimesVisitor {
    type Value = Times;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`times` as a number from 1, or `always`")
    }

    fn visit_u64<E: de::Error>(self, times: u64) -> Result<Times, E> {
        Ok(Times::AtMost(times))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Times, E> {
        match text {
            "always" => Ok(Times::Always),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
}
