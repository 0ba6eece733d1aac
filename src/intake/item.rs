//! One item of a document -> one indicator, or the reason why there is none. The same rules for every format.
//! Refuses to know whether the value is any good: a text is a value, even an empty one, and `model` says no
//! to it later, with a rule. Type and status are read in `labels.rs`. A `score` may have any shape: nothing
//! depends on it, so it is not looked at.

use super::json::{Json, Object};
use super::labels;
use crate::model::{GivenStatus, GivenType, Indicator, IndicatorType, Received, Unreadable};
use std::collections::BTreeMap;

/// Where the value may stand, the first that is there decides. Never `name` or `title`: those describe the
/// indicator, and listing a description would be a guess.
pub(super) const VALUE_KEYS: [&str; 2] = ["value", "object_value"];

/// Where the caller's own id may stand, the first with anything in it decides.
const ID_KEYS: [&str; 3] = ["id", "object_id", "tq_id"];

/// Reads one item. Never fails and never drops one.
pub(super) fn read_item(item: &Json, type_ids: &BTreeMap<i64, IndicatorType>) -> Received {
    let read = match item {
        Json::Text(value) => Ok(Indicator {
            id: None,
            value: value.clone(),
            given_type: GivenType::Missing,
            status: GivenStatus::Missing,
        }),
        Json::Object(object) => match item.duplicate_key() {
            Some(key) => Err(format!("the key `{key}` stands twice")),
            None => read_object(object, type_ids),
        },
        other => Err(format!(
            "{} where an object with `value`, or text, was expected",
            other.kind()
        )),
    };
    match read {
        Ok(indicator) => Received::Indicator(indicator),
        Err(reason) => Received::Unreadable(Unreadable {
            id: read_id(item),
            excerpt: item.excerpt(),
            reason,
        }),
    }
}

fn read_object(object: &Object, type_ids: &BTreeMap<i64, IndicatorType>) -> Result<Indicator, String> {
    let value = read_value(object)?;
    Ok(Indicator {
        id: id_of_object(object),
        given_type: labels::read_type(object, value, type_ids),
        status: labels::read_status(object),
        value: value.to_owned(),
    })
}

fn read_value(object: &Object) -> Result<&str, String> {
    let found = VALUE_KEYS
        .into_iter()
        .find_map(|key| object.get(key).map(|value| (key, value)));
    match found {
        Some((_, Json::Text(value))) => Ok(value),
        Some((key, other)) => Err(format!("`{key}` is {}, not text", other.kind())),
        None => Err(format!("no `value`; the item has {}", object.describe_keys())),
    }
}

fn read_id(item: &Json) -> Option<String> {
    match item {
        Json::Object(object) => id_of_object(object),
        _ => None,
    }
}

fn id_of_object(object: &Object) -> Option<String> {
    ID_KEYS
        .into_iter()
        .filter_map(|key| object.get(key))
        .find(|id| !id.is_blank())
        .map(|id| match id {
            Json::Text(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            // Odd, but the caller should still find it again in the report.
            other => other.excerpt(),
        })
}
