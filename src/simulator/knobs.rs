//! Every open question about the appliance as a knob: what its name is, and what it can be set to.
//!
//! A default is what `docs/asyncos.md`, "What the simulator assumes", says with its source; every other value
//! is an appliance that no source excludes. This file refuses to know what a knob does; each is asked in one
//! place, where its default was decided.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

mod choices;

pub use choices::*;

/// Which of the possible appliances is played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// What `add` takes offence at.
    pub add_on_existing: AddOnExisting,
    /// `append` of a pair that stands.
    pub append_of_existing_pair: AppendOfExistingPair,
    /// `append` where no row stands.
    pub append_on_missing_row: AppendOnMissingRow,
    /// `edit` where no row stands.
    pub edit_on_missing_row: EditOnMissingRow,
    /// Whether a request with a refused pair is applied in part.
    pub batch_with_conflict: BatchWithConflict,
    /// A deletion of something that is not there.
    pub delete_of_absent: DeleteOfAbsent,
    /// What the `totalCount` of a deletion counts.
    pub delete_count: DeleteCount,
    /// A pair that stands on the other list.
    pub other_list: OtherList,
    /// The status of what would pass the limit.
    pub over_limit: OverLimit,
    /// The most senders of one recipient in one list; `None`, written `"none"`, is no limit. `AsyncOS` has it
    /// from 1 to 500, 100 by default.
    #[serde(with = "at_most")]
    pub list_limit: Option<u32>,
    /// The status of an entry that is not taken.
    pub bad_entry: BadEntryStatus,
    /// Senders and recipients that are refused like a bad entry, although their form is good.
    pub refused_entries: Vec<String>,
    /// An unknown name in the query of a view.
    pub unknown_query_on_get: UnknownQueryOnGet,
    /// Any name in the query of a write.
    pub unknown_query_on_post: UnknownQueryOnPost,
    /// One of two query parameters that go together, alone.
    pub lone_page_parameter: LonePageParameter,
    /// The most rows of one page; `None`, written `"none"`, is no limit.
    #[serde(with = "at_most")]
    pub page_rows_max: Option<u32>,
    /// How an error comes to its caller.
    pub error_framing: ErrorFraming,
    /// The JSON type of an error's code.
    pub error_code: ErrorCode,
    /// What a token is bound to.
    pub token_binding: TokenBinding,
    /// The life of a token: the user-inactivity timeout of the appliance's web interface.
    pub token_idle_seconds: u64,
    /// What an append by sender is answered.
    pub append_by_sender_echo: AppendBySenderEcho,
    /// In which order the values of a row are shown.
    pub value_order: ValueOrder,
    /// Where a search looks.
    pub search_finds: SearchFinds,
    /// Whether a search minds the case of letters.
    pub search_case: SearchCase,
    /// Whether entries that differ only in the case of their letters are one entry.
    pub spelling: Spelling,
    /// Which paths there are.
    pub roots: Roots,
}

/// A knob that cannot be set so.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnobError {
    /// There is no such knob.
    #[error("there is no knob `{name}`; there are: {}", names.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        names: Vec<String>,
    },
    /// The knob has no such value.
    #[error("knob `{name}`: {reason}")]
    Value {
        /// Which knob.
        name: String,
        /// With what is allowed.
        reason: String,
    },
}

impl Knobs {
    /// Sets one knob from its name and its value in words. Several `refused_entries` are separated by commas.
    ///
    /// # Errors
    ///
    /// When there is no such knob or no such value; the error says which there are.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), KnobError> {
        // All keys of a struct of ours are text, so this is always an object.
        let Ok(Value::Object(mut all)) = serde_json::to_value(&*self) else {
            return Err(KnobError::Value {
                name: name.to_owned(),
                reason: "the knobs cannot be written as JSON".to_owned(),
            });
        };
        let Some(place) = all.get_mut(name) else {
            let names = all.keys().cloned().collect();
            return Err(KnobError::Unknown {
                name: name.to_owned(),
                names,
            });
        };
        *place = match (place.is_array(), value.parse::<u64>()) {
            (true, _) if value.is_empty() => Value::Array(Vec::new()),
            (true, _) => value.split(',').map(Value::from).collect(),
            (false, Ok(number)) => Value::from(number),
            (false, Err(_)) => Value::from(value),
        };
        *self = serde_json::from_value(Value::Object(all)).map_err(|error| KnobError::Value {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(())
    }
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            add_on_existing: AddOnExisting::default(),
            append_of_existing_pair: AppendOfExistingPair::default(),
            append_on_missing_row: AppendOnMissingRow::default(),
            edit_on_missing_row: EditOnMissingRow::default(),
            batch_with_conflict: BatchWithConflict::default(),
            delete_of_absent: DeleteOfAbsent::default(),
            delete_count: DeleteCount::default(),
            other_list: OtherList::default(),
            over_limit: OverLimit::default(),
            list_limit: Some(100),
            bad_entry: BadEntryStatus::default(),
            refused_entries: Vec::new(),
            unknown_query_on_get: UnknownQueryOnGet::default(),
            unknown_query_on_post: UnknownQueryOnPost::default(),
            lone_page_parameter: LonePageParameter::default(),
            page_rows_max: None,
            error_framing: ErrorFraming::default(),
            error_code: ErrorCode::default(),
            token_binding: TokenBinding::default(),
            token_idle_seconds: 30 * 60,
            append_by_sender_echo: AppendBySenderEcho::default(),
            value_order: ValueOrder::default(),
            search_finds: SearchFinds::default(),
            search_case: SearchCase::default(),
            spelling: Spelling::default(),
            roots: Roots::default(),
        }
    }
}

impl Spelling {
    /// What of an entry is compared. Nothing is copied where nothing has to change.
    pub(super) fn compared(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => Cow::Borrowed(text),
            Self::Fold if text.chars().any(char::is_uppercase) => Cow::Owned(text.to_lowercase()),
            Self::Fold => Cow::Borrowed(text),
        }
    }
}

/// A number from 1, or `"none"`.
mod at_most {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(number: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => serializer.serialize_u32(*number),
            None => serializer.serialize_str("none"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let number = match &written {
            Value::String(text) if text == "none" => return Ok(None),
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
            _ => None,
        };
        match number {
            Some(number) if number > 0 => Ok(Some(number)),
            _ => Err(D::Error::custom(format!(
                "{written} is neither a number from 1 nor `none`"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_knob_is_set_by_its_name_and_a_number_may_stand_as_text() {
        let mut knobs = Knobs::default();
        for (name, value) in [
            ("add_on_existing", "merge"),
            ("append_on_missing_row", "404"),
            ("list_limit", "none"),
            ("page_rows_max", "7"),
            ("token_idle_seconds", "60"),
            ("refused_entries", "a@x.com,s.com"),
        ] {
            knobs.set(name, value).expect(name);
        }
        let expected = Knobs {
            add_on_existing: AddOnExisting::Merge,
            append_on_missing_row: AppendOnMissingRow::NotFound,
            list_limit: None,
            page_rows_max: Some(7),
            token_idle_seconds: 60,
            refused_entries: vec!["a@x.com".to_owned(), "s.com".to_owned()],
            ..Knobs::default()
        };
        assert_eq!(knobs, expected);
        let both = r#"{"over_limit": 409, "bad_entry": "404", "list_limit": "3"}"#;
        let knobs: Knobs = serde_json::from_str(both).expect("both forms");
        assert_eq!(
            (knobs.over_limit, knobs.bad_entry, knobs.list_limit),
            (OverLimit::Conflict, BadEntryStatus::NotFound, Some(3))
        );
    }

    #[test]
    fn what_a_knob_cannot_be_is_refused_with_what_it_can_be() {
        for (name, value, reason) in [
            (
                "add_on_existing",
                "rows",
                "knob `add_on_existing`: `rows` is none of `row`, `pair`, `merge`",
            ),
            (
                "over_limit",
                "500",
                "knob `over_limit`: `500` is none of `400`, `409`, `413`",
            ),
            (
                "list_limit",
                "0",
                "knob `list_limit`: 0 is neither a number from 1 nor `none`",
            ),
            (
                "page_rows_max",
                "many",
                "knob `page_rows_max`: \"many\" is neither a number from 1 nor `none`",
            ),
        ] {
            let mut knobs = Knobs::default();
            let error = knobs.set(name, value).expect_err(name);
            assert_eq!(error.to_string(), reason);
            assert_eq!(knobs, Knobs::default());
        }
        let error = Knobs::default().set("colour", "red").expect_err("no such knob");
        assert!(
            error
                .to_string()
                .contains("there is no knob `colour`; there are: add_on_existing, ")
        );
    }
}
