//! The body of a write as a JSON object, read key by key, so that an error can name the key.
//!
//! Every error here is a guess: no source shows what a body that cannot be read is answered. This file
//! refuses to know which keys a request needs; that is `writing.rs`.

use serde_json::{Map, Value};

use super::errors::{self, ApiError};
use super::lists::View;

/// A JSON object, whatever the Content-Type says: real clients send form-urlencoded and text/plain
/// (`docs/asyncos.md`, "Requests").
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        serde_json::from_slice(body)
            .map(Self)
            .map_err(|_| errors::body_is_no_json_object())
    }

    /// Both of the keys that every write carries.
    pub(super) fn view(&self) -> Result<View, ApiError> {
        if self.text("quarantineType")? != "spam" {
            return Err(errors::bad_body_value("quarantineType"));
        }
        View::parse(self.text("viewBy")?).ok_or_else(|| errors::bad_body_value("viewBy"))
    }

    pub(super) fn text(&self, key: &str) -> Result<&str, ApiError> {
        let value = self.0.get(key).ok_or_else(|| errors::missing_body_key(key))?;
        value.as_str().ok_or_else(|| errors::bad_body_value(key))
    }

    /// A list of strings with at least one in it.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, ApiError> {
        let value = self.0.get(key).ok_or_else(|| errors::missing_body_key(key))?;
        let items = value.as_array().filter(|items| !items.is_empty());
        let texts: Option<Vec<String>> = items.and_then(|items| {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect()
        });
        texts.ok_or_else(|| errors::bad_body_value(key))
    }
}
