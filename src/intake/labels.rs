//! Type and status of an item. ThreatQ gives each as an object with `name` and `id`, as a name or as a
//! number, depending on which of its endpoints answered; all mean the same and are read into one [`Label`].
//! Refuses to decide anything: a status is passed on by name, and `pipeline` knows which names are deployed.

use super::json::{Json, Object};
use super::types;
use crate::model::{GivenStatus, GivenType, IndicatorType};
use std::collections::BTreeMap;

/// In the order of reading. A name under any of them wins over a number under any other.
const TYPE_KEYS: [&str; 4] = ["type", "subtype", "type_name", "type_id"];
/// As above.
const STATUS_KEYS: [&str; 4] = ["status", "object_status", "status_name", "status_id"];

/// What an item says about its type or status, in the order of how much it says.
#[derive(Debug)]
enum Label {
    /// A name, as given, without white space around it.
    Name(String),
    /// ThreatQ's number of it, as digits.
    Id(String),
    /// Something is given, but neither name nor number: it must not pass for "nothing given".
    Odd(String),
    /// Nothing, or nothing but null and empty text.
    Missing,
}

/// The type of an item, with the operator's table for bare numbers.
pub(super) fn read_type(object: &Object, value: &str, type_ids: &BTreeMap<i64, IndicatorType>) -> GivenType {
    match read_label(object, TYPE_KEYS) {
        Label::Missing => GivenType::Missing,
        Label::Name(name) => {
            types::type_by_name(&name, value).map_or(GivenType::Unknown(name), GivenType::Known)
        }
        Label::Id(id) => match id.parse().ok().and_then(|id: i64| type_ids.get(&id)) {
            Some(known) => GivenType::Known(*known),
            // The numbers differ from one ThreatQ to the next, so there is no default to fall back on.
            None => GivenType::Unknown(format!("type_id {id}")),
        },
        Label::Odd(shown) => GivenType::Unknown(shown),
    }
}

/// The status of an item, by name.
pub(super) fn read_status(object: &Object) -> GivenStatus {
    match read_label(object, STATUS_KEYS) {
        Label::Missing => GivenStatus::Missing,
        Label::Name(name) | Label::Odd(name) => GivenStatus::Named(name),
        Label::Id(id) => GivenStatus::Named(match threatq_status(&id) {
            Some(name) => name.to_owned(),
            // A status that an operator added. Its name is unknown here, so it never counts as deployable.
            None => format!("status_id {id}"),
        }),
    }
}

/// The statuses that every ThreatQ has, under the same numbers.
fn threatq_status(id: &str) -> Option<&'static str> {
    match id {
        "1" => Some("Active"),
        "2" => Some("Expired"),
        "3" => Some("Indirect"),
        "4" => Some("Review"),
        "5" => Some("Whitelisted"),
        _ => None,
    }
}

fn read_label<const N: usize>(object: &Object, keys: [&str; N]) -> Label {
    let labels = keys.into_iter().filter_map(|key| object.get(key)).map(label_of);
    // The first of the kind that says most.
    labels.min_by_key(Label::rank).unwrap_or(Label::Missing)
}

fn label_of(json: &Json) -> Label {
    match json {
        Json::Null => Label::Missing,
        Json::Number(number) => Label::Id(number.to_string()),
        Json::Text(text) => match text.trim() {
            "" => Label::Missing,
            // Templates quote what they insert, numbers too; no type or status has a number for a name.
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Label::Id(digits.to_owned()),
            name => Label::Name(name.to_owned()),
        },
        Json::Object(object) => match read_label(object, ["name", "id"]) {
            Label::Missing if !json.is_blank() => Label::Odd(json.excerpt()),
            label => label,
        },
        Json::Bool(_) | Json::List(_) => Label::Odd(json.excerpt()),
    }
}

impl Label {
    fn rank(&self) -> u8 {
        match self {
            Self::Name(_) => 0,
            Self::Id(_) => 1,
            Self::Odd(_) => 2,
            Self::Missing => 3,
        }
    }
}
