//! Where in a document the indicators are. All guessing about formats is in this file, and it guesses little:
//! what could be meant in two ways is refused, and what belongs to another product is named.
//! Refuses to know what an item holds (`item.rs`), beyond telling ThreatQ's habit from a plain one.

use super::Format;
use super::error::IntakeError;
use super::item::VALUE_KEYS;
use super::json::{Json, Object};

/// The items of a document, in its order.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) format: Format,
    pub(super) items: Vec<Json>,
    pub(super) notes: Vec<String>,
}

/// Keys that hold, or are, what a document wants listed. Two of them in one document are two meanings.
const MEANING_KEYS: [&str; 9] = [
    "indicators",
    "data",
    "value",
    "object_value",
    "objects",
    "Event",
    "Attribute",
    "response",
    "events",
];

/// Keys that ThreatQ puts on its indicators and nobody else writes by hand.
const THREATQ_ITEM_KEYS: [&str; 4] = ["class", "type_id", "status_id", "touched_at"];

/// What other products send, by a key at the top, so that the refusal can call it by its name.
const FOREIGN_SHAPES: [(&str, &str); 9] = [
    ("objects", "a STIX bundle or a TAXII envelope (`objects`)"),
    ("spec_version", "a STIX object (`spec_version`)"),
    ("Event", "a MISP event (`Event`)"),
    ("Attribute", "a list of MISP attributes (`Attribute`)"),
    ("response", "the answer to a MISP search (`response`)"),
    ("events", "a ServiceNow batch (`events`)"),
    ("dataType", "a TheHive observable (`dataType`)"),
    ("json", "an n8n item (`json`)"),
    ("cef", "a Splunk SOAR artifact (`cef`)"),
];

/// Finds the items of one document.
pub(super) fn recognise(document: Json) -> Result<Shape, IntakeError> {
    match document {
        Json::List(items) => Ok(without_envelope(items)),
        Json::Object(object) if is_envelope(&object) => open_envelope(object),
        // A repeated key in here is the item's fault, as it would be in a list of many.
        Json::Object(object) if VALUE_KEYS.iter().any(|key| object.has(key)) => {
            Ok(without_envelope(vec![Json::Object(object)]))
        }
        Json::Object(object) => match object.get("errors") {
            Some(errors) => Err(IntakeError::ThreatqError {
                said: errors.excerpt(),
            }),
            None => Err(unknown_format(&object)),
        },
        other => Err(IntakeError::UnknownFormat {
            looks_like: format!("{} alone", other.kind()),
        }),
    }
}

/// Does the document carry its items under one of our two keys?
pub(super) fn is_envelope(object: &Object) -> bool {
    object.has("indicators") || object.has("data")
}

/// Does the item bear a key that only ThreatQ writes?
pub(super) fn is_threatq_item(item: &Json) -> bool {
    match item {
        Json::Object(object) => THREATQ_ITEM_KEYS.iter().any(|key| object.has(key)),
        _ => false,
    }
}

/// Items without an envelope: one that is ThreatQ's makes the whole ThreatQ's.
fn without_envelope(items: Vec<Json>) -> Shape {
    let format = if items.iter().any(is_threatq_item) {
        Format::ThreatQ
    } else {
        Format::Plain
    };
    Shape {
        format,
        items,
        notes: vec![],
    }
}

fn open_envelope(object: Object) -> Result<Shape, IntakeError> {
    refuse_two_meanings(&object)?;
    if let Some(said) = error_answer(&object) {
        return Err(IntakeError::ThreatqError { said: said.excerpt() });
    }
    let (format, key) = if object.has("indicators") {
        (Format::Plain, "indicators")
    } else {
        (Format::ThreatQ, "data")
    };
    let total = object.get("total").and_then(read_count);
    let foreign = foreign_shape(&object);
    let items = match (format, object.into_value(key)) {
        (_, Some(Json::List(items))) => items,
        // OpenCTI and ThreatQ both own a `data` object; only what is inside tells them apart.
        (Format::ThreatQ, Some(Json::Object(single))) if single.has("spec_version") => {
            let looks_like = "an OpenCTI stream event (STIX inside `data`)".to_owned();
            return Err(IntakeError::UnknownFormat { looks_like });
        }
        (Format::ThreatQ, Some(Json::Object(single))) => vec![Json::Object(single)],
        (_, other) => {
            return Err(match foreign {
                Some(name) => IntakeError::UnknownFormat {
                    looks_like: name.to_owned(),
                },
                None => IntakeError::NotAList {
                    key,
                    found: other.unwrap_or(Json::Null).kind(),
                },
            });
        }
    };
    let notes = note_partial_page(total, items.len()).into_iter().collect();
    Ok(Shape { format, items, notes })
}

fn refuse_two_meanings(object: &Object) -> Result<(), IntakeError> {
    let mut present = MEANING_KEYS.into_iter().filter(|key| object.has(key));
    if let (Some(first), Some(second)) = (present.next(), present.next()) {
        return Err(IntakeError::TwoFormats { first, second });
    }
    match object.duplicate_key() {
        Some(key) => Err(IntakeError::DuplicateKey { key }),
        None => Ok(()),
    }
}

/// ThreatQ answers a bad query with `{"data": {"errors": ...}}` or `{"errors": ...}`, and some clients hand
/// that on. An `errors` that holds nothing beside a list is no answer of that kind.
fn error_answer(object: &Object) -> Option<&Json> {
    if let Some(Json::Object(single)) = object.get("data")
        && !VALUE_KEYS.iter().any(|key| single.has(key))
        && let Some(errors) = single.get("errors")
    {
        return Some(errors);
    }
    let beside = object.get("errors").filter(|errors| !errors.is_blank());
    beside.filter(|_| object.has("data"))
}

fn unknown_format(object: &Object) -> IntakeError {
    let looks_like = match foreign_shape(object) {
        Some(name) => name.to_owned(),
        None => format!("an object with {}", object.describe_keys()),
    };
    IntakeError::UnknownFormat { looks_like }
}

fn foreign_shape(object: &Object) -> Option<&'static str> {
    FOREIGN_SHAPES
        .into_iter()
        .find_map(|(key, name)| object.has(key).then_some(name))
}

fn read_count(json: &Json) -> Option<u64> {
    match json {
        Json::Number(number) => number.as_u64(),
        Json::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A page of a larger collection is the usual case, not a mistake; but nobody should take it for the whole.
fn note_partial_page(total: Option<u64>, item_count: usize) -> Option<String> {
    let total = total?;
    let is_partial = u64::try_from(item_count).is_ok_and(|count| count < total);
    is_partial.then(|| {
        format!(
            "the body holds {item_count} of the {total} indicators that its `total` counts; \
             the others were not sent"
        )
    })
}
