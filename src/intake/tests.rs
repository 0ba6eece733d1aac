//! Tests, as tables. `items.rs` has the rules for one item, `bodies.rs` those for a document, `lines.rs`
//! those for one object on each line, `samples.rs` the files of `tests/samples`. An item is one line,
//! `value | type | status | id`, with `-` for what is missing and `?` before an unknown type; an unreadable
//! one as `UNREADABLE` and the reason.

mod bodies;
mod items;
mod lines;
mod samples;

use super::{Intake, IntakeError, read};
use crate::model::{GivenStatus, GivenType, Received};
use std::collections::BTreeMap;

fn read_as_json(body: &[u8]) -> Result<Intake, IntakeError> {
    read(body, Some("application/json"), &BTreeMap::new())
}

fn items_of(intake: &Intake) -> Vec<String> {
    intake.items.iter().map(line_of).collect()
}

fn line_of(item: &Received) -> String {
    let indicator = match item {
        Received::Indicator(indicator) => indicator,
        Received::Unreadable(unreadable) => return format!("UNREADABLE {}", unreadable.reason),
    };
    let given_type = match &indicator.given_type {
        GivenType::Missing => "-".to_owned(),
        GivenType::Known(known) => known.name().to_owned(),
        GivenType::Unknown(name) => format!("?{name}"),
    };
    let status = match &indicator.status {
        GivenStatus::Missing => "-",
        GivenStatus::Named(name) => name,
    };
    let id = indicator.id.as_deref().unwrap_or("-");
    format!("{} | {given_type} | {status} | {id}", indicator.value)
}
