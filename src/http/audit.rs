//! `/v1/audit`: who did what, oldest first, for those who have the right; it shows what every client did. Refuses to
//! change a row.

use super::auth::Caller;
use super::problem::Problem;
use super::{moments, query};
use crate::config::Right;
use crate::model::excerpt;
use crate::store::{AuditFilter, AuditRow};
use crate::worker::Engine;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of one page where the caller does not say.
const PAGE_ROWS_DEFAULT: i64 = 200;
/// Rows of one page.
const PAGE_ROWS_MAX: i64 = 1000;
/// What may happen, in the order of a run's life.
const EVENTS: [&str; 16] = [
    "accepted",
    "replayed",
    "write",
    "finished",
    "run_done",
    "cancel",
    "undo",
    "remove",
    "hold",
    "hold_ended",
    "override",
    "writes_stopped",
    "writes_started",
    "plan_kept",
    "plan_applied",
    "refused_rights",
];

/// A row; what it has nothing to say about is left out.
#[derive(Debug, Serialize)]
struct RowDocument<'a> {
    ordinal: i64,
    at: String,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appliance: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    detail: &'a str,
}

impl<'a> From<&'a AuditRow> for RowDocument<'a> {
    fn from(row: &'a AuditRow) -> Self {
        Self {
            ordinal: row.ordinal,
            at: moments::write_exactly(row.at_ms),
            event: &row.event,
            client: row.client.as_deref(),
            request_id: row.request_id.as_deref(),
            ticket: row.ticket.as_deref(),
            reason: row.reason.as_deref(),
            action: row.action.as_deref(),
            configuration: row.configuration.as_deref(),
            appliance: row.appliance.as_deref(),
            list: row.list.as_deref(),
            run: row.run.as_deref(),
            detail: &row.detail,
        }
    }
}

/// `GET /v1/audit`
pub(super) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    caller.require(Right::Audit)?;
    let known = [
        "from",
        "to",
        "client",
        "run",
        "event",
        "configuration",
        "appliance",
        "after",
        "limit",
    ];
    let mut query = query::read(query.as_deref(), &known)?;
    let asked = query.clone();
    let mut moment = |key: &str| {
        let written = query.remove(key);
        written.map(|text| moments::read(key, &text)).transpose()
    };
    let (from_ms, to_ms) = (moment("from")?, moment("to")?);
    let filter = AuditFilter {
        from_ms,
        to_ms,
        client: query.remove("client"),
        run: query
            .remove("run")
            .map(|id| query::id("run", "a run", &id))
            .transpose()?,
        event: query::word("event", query.remove("event"), &EVENTS)?,
        configurations: query.remove("configuration").map(|name| vec![name]),
        appliance: query.remove("appliance"),
        after: query.remove("after").map(|text| read_after(&text)).transpose()?,
        limit: query::limit(query.remove("limit"), PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX)?,
    };
    let page = engine.store.audit(&filter).await?;
    let rows: Vec<RowDocument<'_>> = page.rows.iter().map(RowDocument::from).collect();
    let mut links = BTreeMap::new();
    if let Some(next) = page.next {
        let next = query::next_page("/v1/audit", asked, "after", &next.to_string());
        links.insert("next", next);
    }
    Ok(Json(serde_json::json!({"rows": rows, "next": page.next, "links": links})).into_response())
}

fn read_after(text: &str) -> Result<i64, Problem> {
    text.parse::<i64>()
        .ok()
        .filter(|after| *after >= 0)
        .ok_or_else(|| {
            let detail = format!(
                "`after` is `{}`; it must be the `ordinal` of a row, as `next` of a page says it",
                excerpt(text, 60)
            );
            Problem::bad_request("invalid_query_value", detail)
        })
}
