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

/// One of these words: a misspelt one would find nothing, which reads like good news.
pub(super) fn word(
    key: &str,
    text: Option<String>,
    allowed: &[&'static str],
) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if !allowed.contains(&text.as_str()) => {
            let detail = format!(
                "`{key}` is `{}`; it must be one of {}",
                excerpt(&text, 60),
                allowed.join(", ")
            );
            Err(Problem::bad_request("invalid_query_value", detail).with("allowed", allowed.to_vec()))
        }
        text => Ok(text),
    }
}

/// The id of a run, or of something else that has one of that form.
pub(super) fn id(key: &str, of_what: &str, text: &str) -> Result<String, Problem> {
    match uuid::Uuid::try_parse(text) {
        Ok(id) => Ok(id.to_string()),
        Err(_) => {
            let detail = format!(
                "`{key}` is `{}`; it must be the id of {of_what}",
                excerpt(text, 60)
            );
            Err(Problem::bad_request("invalid_query_value", detail))
        }
    }
}

/// How much of a list is wanted.
pub(super) fn limit(text: Option<String>, default: i64, most: i64) -> Result<i64, Problem> {
    match text.map(|text| text.parse::<i64>()) {
        None => Ok(default),
        Some(Ok(limit)) if (1..=most).contains(&limit) => Ok(limit),
        Some(_) => {
            let detail = format!("`limit` must be a whole number from 1 to {most}");
            Err(Problem::bad_request("invalid_query_value", detail))
        }
    }
}

/// The same question, where the page ended.
pub(super) fn next_page(path: &str, mut asked: BTreeMap<String, String>, key: &str, next: &str) -> String {
    asked.insert(key.to_owned(), next.to_owned());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(asked)
        .finish();
    format!("{path}?{query}")
}
