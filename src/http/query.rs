//! Query strings, read strictly: an unknown key, a key given twice or a key without a value is refused, because
//! a misspelt one must never mean less than the caller thinks.

use super::problem::Problem;
use crate::model::excerpt;
use std::collections::BTreeMap;

/// The values of a query that may have these keys.
pub(super) fn read(query: Option<&str>, known: &[&'static str]) -> Result<BTreeMap<String, String>, Problem> {
    let mut values = BTreeMap::new();
    for (key, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let shown = excerpt(&key, 60);
        let allowed = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        if !known.contains(&key.as_ref()) {
            let detail = format!("unknown query key `{shown}`; known here: {allowed}");
            return Err(Problem::bad_request("unknown_query_key", detail).with("allowed", known.to_vec()));
        }
        if value.is_empty() {
            let detail = format!("the query key `{shown}` has no value; give one or leave the key out");
            return Err(Problem::bad_request("empty_query_value", detail));
        }
        if values.insert(key.into_owned(), value.into_owned()).is_some() {
            let detail = format!("the query key `{shown}` stands twice; give it once");
            return Err(Problem::bad_request("repeated_query_key", detail));
        }
    }
    Ok(values)
}

/// A yes or no. Anything but `true` and `false` is refused: a misspelt `dry_run` must never write.
pub(super) fn flag(values: &mut BTreeMap<String, String>, key: &str) -> Result<bool, Problem> {
    match values.remove(key).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let detail = format!("`{key}` is `{}`; it must be true or false", excerpt(other, 60));
            Err(Problem::bad_request("invalid_query_value", detail).with("allowed", vec!["true", "false"]))
        }
    }
}
