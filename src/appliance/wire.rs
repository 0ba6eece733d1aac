//! The shapes of AsyncOS API v2.0 that we send and read; key for key as `docs/asyncos.md`, "Requests", has them.
//! Tolerant of what is read: a count as text, `data` as one object or missing. Pure: sends nothing and judges
//! nothing. `transport.rs` carries a [`Request`], `verdict.rs` asks here whether a body is a page.

use crate::config::Root;
use crate::model::{ListKind, Page, Read, Row, Verb, View, Write};
use http::header::{ACCEPT, HeaderMap, HeaderValue, USER_AGENT};
use serde::Serialize;
use serde_json::Value;

/// Cisco's name of the quarantine that the lists belong to.
const QUARANTINE_TYPE: &str = "spam";
/// What a request with a body says of it.
pub const CONTENT_TYPE_OF_BODIES: &str = "application/json";

/// One request as it leaves, without the headers, which are [`constant_headers`] but for the type and the length
/// of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// GET, POST or DELETE.
    pub method: http::Method,
    /// Path and query below the origin, as it stands in the request line.
    pub target: String,
    /// JSON; a read has none.
    pub body: Option<Vec<u8>>,
}

/// The request that reads one page. `delay_ms` of the read is no part of it.
#[must_use]
pub fn request_of_read(root: Root, read: &Read) -> Request {
    Request {
        method: http::Method::GET,
        target: format!("{}?{}", list_path(root, read.list), view_query(read)),
        body: None,
    }
}

/// The request that makes one change.
#[must_use]
pub fn request_of_write(root: Root, write: &Write) -> Request {
    let method = match write.verb {
        Verb::Delete => http::Method::DELETE,
        Verb::Add | Verb::Append | Verb::Edit => http::Method::POST,
    };
    Request {
        method,
        target: list_path(root, write.list),
        body: Some(write_body(write)),
    }
}

/// What every request carries: who asks, and what may come back. The user agent is constant, because a session of
/// the appliance may be bound to it (`docs/asyncos.md`, "Login"). The credentials are `session.rs`'s.
#[must_use]
pub fn constant_headers() -> HeaderMap {
    let user_agent = concat!("doorlist/", env!("CARGO_PKG_VERSION"));
    HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static(user_agent)),
    ])
}

/// The body without the mark that some editors and servers put before text in UTF-8; JSON's own standard lets a
/// reader pass over it.
pub(super) fn without_byte_order_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Reads a page, or says what is wrong with it. A row that cannot be read spoils the page: it might be the one
/// that matters.
///
/// # Errors
/// What is wrong, for people.
pub fn read_page(body: &[u8], view: View) -> Result<Page, String> {
    let body = without_byte_order_mark(body);
    let document: Value = serde_json::from_slice(body).map_err(|error| format!("not JSON: {error}"))?;
    let document = document.as_object().ok_or("JSON, but not an object")?;
    let total_count = match document.get("meta").and_then(|meta| meta.get("totalCount")) {
        None | Some(Value::Null) => None,
        Some(count) => Some(read_count(count).ok_or("`totalCount` is not a number")?),
    };
    let rows = match document.get("data") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(rows)) => rows
            .iter()
            .map(|row| read_row(row, view))
            .collect::<Result<_, _>>()?,
        Some(Value::Object(row)) if row.is_empty() => Vec::new(),
        Some(row @ Value::Object(_)) => vec![read_row(row, view)?],
        Some(_) => return Err("`data` is neither a list nor an object".to_owned()),
    };
    Ok(Page { total_count, rows })
}

fn list_path(root: Root, list: ListKind) -> String {
    format!("/{}/api/v2.0/quarantine/{}", root.word(), list.word())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WriteBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    quarantine_type: &'static str,
    view_by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_addresses: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_addresses: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_list: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_list: Option<&'a [String]>,
}

/// The body of a change. The key side is called `...Addresses` and the value side `...List`, except in a
/// deletion, which has the key side alone and calls it `...List`.
fn write_body(write: &Write) -> Vec<u8> {
    let (keys, values) = (Some(write.keys.as_slice()), Some(write.values.as_slice()));
    let mut body = WriteBody {
        action: Some(write.verb.word()),
        quarantine_type: QUARANTINE_TYPE,
        view_by: write.view.word(),
        recipient_addresses: None,
        sender_addresses: None,
        recipient_list: None,
        sender_list: None,
    };
    match (write.verb, write.view) {
        (Verb::Delete, View::Recipient) => (body.action, body.recipient_list) = (None, keys),
        (Verb::Delete, View::Sender) => (body.action, body.sender_list) = (None, keys),
        (_, View::Recipient) => (body.recipient_addresses, body.sender_list) = (keys, values),
        (_, View::Sender) => (body.sender_addresses, body.recipient_list) = (keys, values),
    }
    serde_json::to_vec(&body).expect("text and lists of text always have a JSON form")
}

/// The query of a view: offset with limit, and orderBy with orderDir, since one alone brings no rows.
fn view_query(read: &Read) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("action", "view")
        .append_pair("quarantineType", QUARANTINE_TYPE)
        .append_pair("viewBy", read.view.word())
        .append_pair("offset", &read.offset.to_string())
        .append_pair("limit", &read.limit.to_string())
        .append_pair("orderBy", read.view.word())
        .append_pair("orderDir", "asc");
    if let Some(search) = &read.search {
        query.append_pair("search", search);
    }
    query.finish()
}

fn read_count(count: &Value) -> Option<usize> {
    let number = count.as_u64().or_else(|| count.as_str()?.trim().parse().ok())?;
    usize::try_from(number).ok()
}

fn read_row(row: &Value, view: View) -> Result<Row, String> {
    let (key_name, values_name) = match view {
        View::Recipient => ("recipientAddress", "senderList"),
        View::Sender => ("senderAddress", "recipientList"),
    };
    let key = row
        .get(key_name)
        .and_then(Value::as_str)
        .ok_or(format!("a row without `{key_name}`"))?;
    let values = match row.get(values_name) {
        None | Some(Value::Null) => return Err(format!("a row without `{values_name}`")),
        Some(Value::String(value)) => vec![value.clone()],
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or(format!(
                "a row whose `{values_name}` holds something else than text"
            ))?,
        Some(_) => return Err(format!("a row whose `{values_name}` is not a list")),
    };
    Ok(Row {
        key: key.to_owned(),
        values,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ListKind;

    fn write(verb: Verb, view: View) -> Write {
        let key = if view == View::Sender {
            "bad.example"
        } else {
            "user1@example.com"
        };
        let value = if view == View::Sender {
            "user1@example.com"
        } else {
            "bad.example"
        };
        let values = if verb == Verb::Delete {
            vec![]
        } else {
            vec![value.into()]
        };
        Write {
            list: ListKind::Blocklist,
            view,
            verb,
            keys: vec![key.into()],
            values,
        }
    }

    #[test]
    fn bodies_have_ciscos_keys_in_ciscos_order() {
        for (verb, view, expected) in [
            (
                Verb::Add,
                View::Recipient,
                r#"{"action":"add","quarantineType":"spam","viewBy":"recipient","recipientAddresses":["user1@example.com"],"senderList":["bad.example"]}"#,
            ),
            (
                Verb::Append,
                View::Sender,
                r#"{"action":"append","quarantineType":"spam","viewBy":"sender","senderAddresses":["bad.example"],"recipientList":["user1@example.com"]}"#,
            ),
            (
                Verb::Edit,
                View::Recipient,
                r#"{"action":"edit","quarantineType":"spam","viewBy":"recipient","recipientAddresses":["user1@example.com"],"senderList":["bad.example"]}"#,
            ),
            (
                Verb::Delete,
                View::Recipient,
                r#"{"quarantineType":"spam","viewBy":"recipient","recipientList":["user1@example.com"]}"#,
            ),
            (
                Verb::Delete,
                View::Sender,
                r#"{"quarantineType":"spam","viewBy":"sender","senderList":["bad.example"]}"#,
            ),
        ] {
            assert_eq!(
                String::from_utf8(write_body(&write(verb, view))).unwrap(),
                expected
            );
        }
    }

    #[test]
    fn a_change_goes_to_its_list_below_its_root_and_only_a_deletion_is_a_delete() {
        for (root, verb, line) in [
            (Root::Esa, Verb::Add, "POST /esa/api/v2.0/quarantine/blocklist"),
            (Root::Sma, Verb::Append, "POST /sma/api/v2.0/quarantine/blocklist"),
            (Root::Esa, Verb::Edit, "POST /esa/api/v2.0/quarantine/blocklist"),
            (
                Root::Sma,
                Verb::Delete,
                "DELETE /sma/api/v2.0/quarantine/blocklist",
            ),
        ] {
            let request = request_of_write(root, &write(verb, View::Sender));
            assert_eq!(format!("{} {}", request.method, request.target), line);
            assert_eq!(request.body, Some(write_body(&write(verb, View::Sender))));
        }
    }

    #[test]
    fn a_view_always_asks_with_offset_and_limit_and_with_an_order() {
        let read = Read {
            list: ListKind::Safelist,
            view: View::Recipient,
            search: Some("a+b@example.com".into()),
            offset: 100,
            limit: 100,
            delay_ms: 0,
        };
        let request = request_of_read(Root::Esa, &read);
        assert_eq!((request.method, request.body), (http::Method::GET, None));
        assert_eq!(
            request.target,
            "/esa/api/v2.0/quarantine/safelist?action=view&quarantineType=spam&viewBy=recipient&offset=100&limit=100&orderBy=recipient&orderDir=asc&search=a%2Bb%40example.com"
        );
    }

    #[test]
    fn pages_are_read_in_every_shape_that_is_known_or_likely() {
        let row = Row {
            key: "u@example.com".into(),
            values: vec!["bad.example".into()],
        };
        for (body, total_count, rows) in [
            (
                r#"{"meta":{"totalCount":1},"data":[{"senderList":["bad.example"],"recipientAddress":"u@example.com"}]}"#,
                Some(1),
                vec![row.clone()],
            ),
            (
                r#"{"meta":{"totalCount":"1"},"data":{"senderList":"bad.example","recipientAddress":"u@example.com"}}"#,
                Some(1),
                vec![row],
            ),
            (r#"{"meta":{"totalCount":0},"data":[]}"#, Some(0), vec![]),
            (r#"{"meta":{"totalCount":0}}"#, Some(0), vec![]),
            (r#"{"data":{}}"#, None, vec![]),
            (r#"{"data":null}"#, None, vec![]),
            ("{}", None, vec![]),
            ("\u{feff}{}", None, vec![]),
        ] {
            assert_eq!(
                read_page(body.as_bytes(), View::Recipient),
                Ok(Page { total_count, rows }),
                "{body}"
            );
        }
        for body in [
            "",
            "<html>",
            "[]",
            r#"{"data":"none"}"#,
            r#"{"data":[{"senderAddress":"bad.example"}]}"#,
            r#"{"data":[{"recipientAddress":"u@example.com","senderList":[1]}]}"#,
            r#"{"meta":{"totalCount":"many"},"data":[]}"#,
        ] {
            assert!(read_page(body.as_bytes(), View::Recipient).is_err(), "{body}");
        }
    }
}
