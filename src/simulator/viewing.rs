//! `GET {root}/quarantine/{safelist|blocklist}`: the rows of a list, by recipient or by sender, in pages.
//!
//! Facts: `docs/asyncos.md`, "Reading". Everything in the query is optional; what is not known there, or
//! has a value that makes no sense, is a 404 as elsewhere in this API. This file refuses to know how pairs
//! become rows; that is `rows.rs`.

use serde::Serialize;
use url::form_urlencoded;

use super::errors::{self, ApiError};
use super::knobs::{Knobs, LonePageParameter, UnknownQueryOnGet};
use super::lists::{ListName, Pair, View};
use super::rows::{Direction, Rows, Shape};
use super::store::Store;

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

pub(super) fn view<'a>(
    store: &'a mut Store,
    name: ListName,
    query: &str,
    knobs: &Knobs,
    seed: u64,
) -> Result<ViewReply<'a>, ApiError> {
    let query = ViewQuery::parse(query, knobs)?;
    let view = query.view_by.unwrap_or(View::Recipient);
    let shape = Shape {
        view,
        order: query.order_by.zip(query.order_dir),
        search: query.search.clone(),
    };
    let (pairs, rows) = store.view(name, shape, knobs, seed);
    let page = query.page(rows, knobs);
    Ok(ViewReply {
        meta: Meta {
            total_count: rows.len(),
        },
        data: page.iter().map(|row| row_reply(row, pairs, view)).collect(),
    })
}

/// Whether a query asks for a later part of a paging.
pub(super) fn is_later_page(query: &str) -> bool {
    let mut names = form_urlencoded::parse(query.as_bytes());
    names.any(|(name, value)| name == "offset" && value.parse::<usize>().is_ok_and(|offset| offset > 0))
}

impl ViewQuery {
    /// A name that is given twice counts as given last (G).
    fn parse(query: &str, knobs: &Knobs) -> Result<Self, ApiError> {
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
                _ => unexpected_name(&name, knobs)?,
            }
        }
        Ok(parsed)
    }

    /// Documented for reports (APIE) and repeated for these lists by a client (FSR): `offset` and `limit` go
    /// together, and with one alone no data comes back; `orderBy` and `orderDir` alike. See
    /// `docs/asyncos.md`, "Reading". Unsettled (G): `totalCount` still tells the truth then.
    fn has_lone_parameter(&self) -> bool {
        self.offset.is_some() != self.limit.is_some() || self.order_by.is_some() != self.order_dir.is_some()
    }

    /// Past the end a page is empty, not missing (`docs/asyncos.md`, "Reading", I from XI). Unsettled:
    /// without `offset` and `limit` all rows come (TN218372 gets two of two), and a page has no greatest
    /// size; with one, a larger `limit` and none at all are served alike.
    fn page<'r>(&self, rows: &'r Rows, knobs: &Knobs) -> &'r [Vec<usize>] {
        if self.has_lone_parameter() && knobs.lone_page_parameter == LonePageParameter::Empty {
            return &[];
        }
        let (offset, limit) = self.offset.zip(self.limit).unwrap_or((0, usize::MAX));
        let most = knobs.page_rows_max.and_then(|most| usize::try_from(most).ok());
        let from = offset.min(rows.len());
        let to = from.saturating_add(limit.min(most.unwrap_or(usize::MAX)));
        &rows[from..to.min(rows.len())]
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
fn unexpected_name(name: &str, knobs: &Knobs) -> Result<(), ApiError> {
    match knobs.unknown_query_on_get {
        UnknownQueryOnGet::NotFound => Err(errors::unexpected_query_name(name)),
        UnknownQueryOnGet::Ignored => Ok(()),
    }
}

fn row_reply<'a>(row: &[usize], pairs: &'a [Pair], view: View) -> RowReply<'a> {
    let key = row.first().map_or("", |place| pairs[*place].key(view));
    let values = row.iter().map(|place| pairs[*place].value(view)).collect();
    match view {
        View::Recipient => RowReply::ByRecipient {
            sender_list: values,
            recipient_address: key,
        },
        View::Sender => RowReply::BySender {
            sender_address: key,
            recipient_list: values,
        },
    }
}

#[cfg(test)]
mod tests;
