//! One JSON object on each line, as collectors and `jq -c` write it. Each line is one item, so a broken line
//! spoils itself alone. Refuses to look for envelopes inside a line: a line is an indicator or unreadable.

use super::ITEMS_MAX;
use super::item::read_item;
use super::json::{self, Json};
use super::{Format, Intake, shape};
use crate::model::{IndicatorType, Received, Unreadable, excerpt};
use std::collections::BTreeMap;

/// The names under which this format travels; none was ever registered.
const MEDIA_TYPES: [&str; 6] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
];

/// What is shown of a broken line.
const LINE_CHARACTERS_MAX: usize = 80;

/// Does the caller say that the body is one object on each line? Parameters such as `charset` do not matter.
pub(super) fn is_media_type(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default().trim();
    MEDIA_TYPES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// For a body that is not one document: is it this format, although nobody said so? Its first line tells.
/// An envelope there means one document with something wrong behind it: the caller should hear of that.
pub(super) fn first_line_is_an_item(text: &str) -> bool {
    let first = text.lines().find(|line| !is_blank(line)).unwrap_or_default();
    matches!(json::parse(first), Ok(Json::Object(object)) if !shape::is_envelope(&object))
}

/// Reads every line that is not blank.
pub(super) fn read_lines(text: &str, type_ids: &BTreeMap<i64, IndicatorType>) -> Intake {
    let mut items = Vec::new();
    let mut format = Format::Plain;
    // One line more than is allowed is enough to know.
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !is_blank(line))
        .take(ITEMS_MAX + 1);
    for (index, line) in lines {
        let reason = match json::parse(line) {
            Ok(document @ Json::Object(_)) => {
                if shape::is_threatq_item(&document) {
                    format = Format::ThreatQ;
                }
                items.push(read_item(&document, type_ids));
                continue;
            }
            // In a list, text is an indicator. Alone on a line it may as well be what is left of a document
            // that was printed over many lines and cut off: a key, or the last of many values.
            Ok(other) => format!(
                "line {}: {} where an object with `value` was expected",
                index + 1,
                other.kind()
            ),
            Err(fault) => format!("line {} column {}: {}", index + 1, fault.column, fault.problem),
        };
        let excerpt = excerpt(line.trim(), LINE_CHARACTERS_MAX);
        items.push(Received::Unreadable(Unreadable {
            id: None,
            excerpt,
            reason,
        }));
    }
    Intake {
        format,
        items,
        notes: vec![],
    }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}
