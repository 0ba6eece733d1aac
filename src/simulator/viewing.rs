//! `GET {root}/quarantine/{safelist|blocklist}`: the rows of a list, by recipient or by sender, in pages.
//!
//! Facts: `docs/asyncos.md`, "Reading". Everything in the query is optional; what is not known there, or
//! has a value that makes no sense, is a 404 as elsewhere in this API. This file refuses to know how pairs
//! are kept; that is `lists.rs`.

use serde::Serialize;
use url::form_urlencoded;

use super::errors::{self, ApiError};
use super::lists::{self, Pair, Row, View};

/// Rows in `data`, and in `meta` how many rows there are over all pages.
#[derive(Debug, Serialize)]
pub(super) struct ViewReply<'a> {
    meta: Meta,
    data: Vec<RowReply<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    total_count: usize,
}

/// The keys of a row differ by view.
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum RowReply<'a> {
    ByRecipient {
        sender_list: Vec<&'a str>,
        recipient_address: &'a str,
    },
    BySender {
        sender_address: &'a str,
        recipient_list: Vec<&'a str>,
    },
}

/// The query of a view, as it was written.
#[derive(Debug, Default)]
struct ViewQuery {
    view_by: Option<View>,
    offset: Option<usize>,
    limit: Option<usize>,
    order_by: Option<View>,
    order_dir: Option<Direction>,
    search: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Ascending,
    Descending,
}

pub(super) fn view<'a>(pairs: &'a [Pair], query: &str) -> Result<ViewReply<'a>, ApiError> {
    let query = ViewQuery::parse(query)?;
    let view = query.view_by.unwrap_or(View::Recipient);

    let mut rows = lists::rows(pairs, view);
    if let Some(text) = &query.search {
        search(&mut rows, view, text);
    }
    if let (Some(by), Some(direction)) = (query.order_by, query.order_dir) {
        order(&mut rows, view, by, direction);
    }

    let total_count = rows.len();
    let page = if query.is_half_given() {
        Vec::new()
    } else {
        query.page(rows)
    };
    Ok(ViewReply {
        meta: Meta { total_count },
        data: page.into_iter().map(|row| row_reply(row, view)).collect(),
    })
}

impl ViewQuery {
    /// A name that is given twice counts as given last (G).
    fn parse(query: &str) -> Result<Self, ApiError> {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let bad_value = || errors::bad_query_value(&name, &value);
            match name.as_ref() {
                "action" if value == "view" => {}
                "quarantineType" if value == "spam" => {}
                "viewBy" => parsed.view_by = Some(View::parse(&value).ok_or_else(bad_value)?),
                "offset" => parsed.offset = Some(value.parse().map_err(|_| bad_value())?),
                "limit" => parsed.limit = Some(value.parse().map_err(|_| bad_value())?),
                "orderBy" => parsed.order_by = Some(View::parse(&value).ok_or_else(bad_value)?),
                "orderDir" => parsed.order_dir = Some(Direction::parse(&value).ok_or_else(bad_value)?),
                "search" => parsed.search = Some(value.into_owned()),
                "action" | "quarantineType" => return Err(bad_value()),
                _ => return refuse_unexpected_name(&name),
            }
        }
        Ok(parsed)
    }

    /// Documented for reports (APIE) and repeated for these lists by a client (FSR): `offset` and `limit` go
    /// together, and with one alone no data comes back; `orderBy` and `orderDir` alike. See
    /// `docs/asyncos.md`, "Reading". Unsettled (G): `totalCount` still tells the truth then.
    fn is_half_given(&self) -> bool {
        self.offset.is_some() != self.limit.is_some() || self.order_by.is_some() != self.order_dir.is_some()
    }

    /// Past the end a page is empty, not missing (`docs/asyncos.md`, "Reading", I from XI). Unsettled:
    /// without `offset` and `limit` all rows come (TN218372 gets two of two), and a page has no greatest
    /// size.
    fn page<'a>(&self, rows: Vec<Row<'a>>) -> Vec<Row<'a>> {
        let offset = self.offset.unwrap_or(0);
        let limit = self.limit.unwrap_or(usize::MAX);
        rows.into_iter().skip(offset).take(limit).collect()
    }
}

impl Direction {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "asc" => Some(Self::Ascending),
            "desc" => Some(Self::Descending),
            _ => None,
        }
    }
}

/// Unsettled (`docs/asyncos.md`, "What the simulator assumes", APIv1): v1 documents the refusal, for v2 it is
/// assumed.
fn refuse_unexpected_name(name: &str) -> Result<ViewQuery, ApiError> {
    Err(errors::unexpected_query_name(name))
}

/// Unsettled (`docs/asyncos.md`, "Reading", XI): in the recipient view a row is found when its recipient or
/// one of its senders contains the text. That ASCII letters match in either case is a guess: the "contains"
/// filters of such web interfaces usually fold case. In the sender view `search` is not offered, and is
/// ignored (G).
fn search(rows: &mut Vec<Row<'_>>, view: View, text: &str) {
    if view == View::Recipient {
        let text = text.to_ascii_lowercase();
        let is_found = |entry: &str| entry.to_ascii_lowercase().contains(&text);
        rows.retain(|row| is_found(row.key) || row.values.iter().any(|value| is_found(value)));
    }
}

/// Unsettled (G): ordered by the other side, rows go by their first value. Values within a row are never
/// ordered (`docs/asyncos.md`, "Reading", XI).
fn order(rows: &mut [Row<'_>], view: View, by: View, direction: Direction) {
    if by == view {
        rows.sort_by(|left, right| left.key.cmp(right.key));
    } else {
        rows.sort_by(|left, right| left.values.first().cmp(&right.values.first()));
    }
    if let Direction::Descending = direction {
        rows.reverse();
    }
}

fn row_reply(row: Row<'_>, view: View) -> RowReply<'_> {
    match view {
        View::Recipient => RowReply::ByRecipient {
            sender_list: row.values,
            recipient_address: row.key,
        },
        View::Sender => RowReply::BySender {
            sender_address: row.key,
            recipient_list: row.values,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::lists::pair;
    use super::*;
    use serde_json::{Value, json};

    fn answer(query: &str) -> Result<Value, ApiError> {
        let pairs = [
            pair("b@x.com", "2.com"),
            pair("a@x.com", "3.com"),
            pair("b@x.com", "1.com"),
            pair("c@y.com", "1.com"),
        ];
        view(&pairs, query).map(|reply| serde_json::to_value(reply).expect("JSON"))
    }

    /// The total and the keys of the rows shown.
    fn shown(query: &str) -> (u64, Vec<String>) {
        let reply = answer(query).expect("a page");
        let keys = reply["data"].as_array().into_iter().flatten().filter_map(|row| {
            let key = row.get("recipientAddress").or_else(|| row.get("senderAddress"));
            key.and_then(Value::as_str).map(str::to_owned)
        });
        (
            reply["meta"]["totalCount"].as_u64().expect("a number"),
            keys.collect(),
        )
    }

    #[test]
    fn the_two_views_differ_in_their_keys() {
        assert_eq!(
            answer("action=view&quarantineType=spam").ok(),
            Some(json!({"meta": {"totalCount": 3}, "data": [
                {"senderList": ["2.com", "1.com"], "recipientAddress": "b@x.com"},
                {"senderList": ["3.com"], "recipientAddress": "a@x.com"},
                {"senderList": ["1.com"], "recipientAddress": "c@y.com"},
            ]}))
        );
        assert_eq!(
            answer("viewBy=sender&offset=2&limit=5").ok(),
            Some(json!({"meta": {"totalCount": 3}, "data": [
                {"senderAddress": "1.com", "recipientList": ["b@x.com", "c@y.com"]},
            ]}))
        );
        let empty = serde_json::to_value(view(&[], "").expect("a page")).expect("JSON");
        assert_eq!(empty, json!({"meta": {"totalCount": 0}, "data": []}));
    }

    #[test]
    fn pages_orders_and_searches_show_these_rows() {
        for (query, total_count, keys) in [
            ("viewBy=recipient", 3, vec!["b@x.com", "a@x.com", "c@y.com"]),
            ("offset=0&limit=2", 3, vec!["b@x.com", "a@x.com"]),
            ("offset=2&limit=2", 3, vec!["c@y.com"]),
            ("offset=3&limit=2", 3, vec![]),
            ("offset=1000&limit=2", 3, vec![]),
            ("offset=0&limit=0", 3, vec![]),
            ("offset=0", 3, vec![]),
            ("limit=100", 3, vec![]),
            ("orderBy=recipient", 3, vec![]),
            ("orderDir=asc", 3, vec![]),
            (
                "orderBy=recipient&orderDir=asc",
                3,
                vec!["a@x.com", "b@x.com", "c@y.com"],
            ),
            (
                "orderBy=recipient&orderDir=desc&offset=0&limit=1",
                3,
                vec!["c@y.com"],
            ),
            (
                "orderBy=sender&orderDir=asc",
                3,
                vec!["c@y.com", "b@x.com", "a@x.com"],
            ),
            (
                "viewBy=sender&orderBy=sender&orderDir=asc",
                3,
                vec!["1.com", "2.com", "3.com"],
            ),
            ("search=x.com", 2, vec!["b@x.com", "a@x.com"]),
            ("search=x.com&offset=1&limit=1", 2, vec!["a@x.com"]),
            ("search=1.com", 2, vec!["b@x.com", "c@y.com"]),
            ("search=b%40x", 1, vec!["b@x.com"]),
            ("search=B%40X", 1, vec!["b@x.com"]),
            ("search=1.COM", 2, vec!["b@x.com", "c@y.com"]),
            ("search=d%40x", 0, vec![]),
            ("viewBy=sender&search=9", 3, vec!["2.com", "3.com", "1.com"]),
        ] {
            let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
            assert_eq!(shown(query), (total_count, keys), "{query}");
        }
    }

    #[test]
    fn an_unknown_name_or_a_senseless_value_is_a_404() {
        for (query, expected) in [
            ("starts_with=a", errors::unexpected_query_name("starts_with")),
            ("device_type=esa", errors::unexpected_query_name("device_type")),
            ("viewBy=domain", errors::bad_query_value("viewBy", "domain")),
            (
                "quarantineType=pvo",
                errors::bad_query_value("quarantineType", "pvo"),
            ),
            ("action=add", errors::bad_query_value("action", "add")),
            ("offset=-1&limit=2", errors::bad_query_value("offset", "-1")),
            ("offset=0&limit=", errors::bad_query_value("limit", "")),
            (
                "orderBy=recipient&orderDir=up",
                errors::bad_query_value("orderDir", "up"),
            ),
        ] {
            assert_eq!(answer(query).err(), Some(expected.clone()), "{query}");
            assert_eq!(expected.status, http::StatusCode::NOT_FOUND);
        }
    }
}
