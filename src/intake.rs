//! Request body -> indicators, in the caller's order, each either readable or with the reason why not.
//!
//! Two formats are read: *plain*, which people and playbooks write, and *ThreatQ*, as its interface answers
//! and takes. They differ in the envelope only, so `shape.rs` finds the items and `item.rs` reads every one
//! of them, whoever wrote it. `ndjson.rs` does the same for one object on each line.
//! This room refuses to know what a value is good for: it does not parse addresses (`model`), does not choose
//! what to deploy (`pipeline`), and has no clock and no I/O. Start with [`read`].

mod error;
mod item;
mod json;
mod labels;
mod ndjson;
mod shape;
mod types;

#[cfg(test)]
mod tests;

pub use error::IntakeError;

use crate::model::{IndicatorType, Received};
use shape::Shape;
use std::collections::BTreeMap;

/// Items of one call. The report names each of them, so that this bounds the answer as `body_bytes_max` bounds
/// the question; ThreatQ's largest page has 500.
pub const ITEMS_MAX: usize = 50_000;

/// What one request body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// The format that was recognised, for the report.
    pub format: Format,
    /// Every item of the body, in the caller's order.
    pub items: Vec<Received>,
    /// Sentences for the report about the body as a whole, without a full stop.
    pub notes: Vec<String>,
}

/// Whose habits the body follows. For the report only: both are read by the same rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `{"indicators": [...]}`, or a bare list of objects or texts.
    Plain,
    /// What ThreatQ's interface answers (`data`), or items with its own keys (`type_id`, `class`, ...).
    ThreatQ,
}

impl Format {
    /// Stable word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::ThreatQ => "threatq",
        }
    }
}

/// Reads a request body. `type_ids` is the operator's table of ThreatQ's `type_id` numbers, which differ from
/// one installation to the next; without an entry there, a type that is given by its number alone is unknown.
///
/// # Errors
/// The body as a whole cannot be read, or could be read in two ways. One bad item is never an error.
pub fn read(
    body: &[u8],
    content_type: Option<&str>,
    type_ids: &BTreeMap<i64, IndicatorType>,
) -> Result<Intake, IntakeError> {
    let text = decode(body)?;
    let is_declared_ndjson = content_type.is_some_and(ndjson::is_media_type);
    match json::parse(text) {
        // One document is read as such, whatever its content type: a list printed over many lines is not many
        // documents, though its last line may look like one.
        Ok(document) => {
            let Shape { format, items, notes } = shape::recognise(document)?;
            let items = items.iter().map(|item| item::read_item(item, type_ids)).collect();
            Ok(Intake { format, items, notes })
        }
        Err(_) if is_declared_ndjson || ndjson::first_line_is_an_item(text) => {
            Ok(ndjson::read_lines(text, type_ids))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// The body as text, without the byte order mark that some Windows tools put in front.
fn decode(body: &[u8]) -> Result<&str, IntakeError> {
    let text = std::str::from_utf8(body).map_err(|error| IntakeError::NotUtf8 {
        offset: error.valid_up_to(),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        Err(IntakeError::EmptyBody)
    } else {
        Ok(text)
    }
}
