//! `/v1/holds`: entries that additions leave off the lists until a time, whoever sends them. Any client sees the holds,
//! for its indicators may be told `held`; putting one down and ending one is a right. Refuses to know how a pair is
//! compared with a hold; the store does.

use super::auth::Caller;
use super::problem::Problem;
use super::{author, body, moments, query};
use crate::config::Right;
use crate::model::{ListKind, Recipient, Refusal, Sender, excerpt};
use crate::store::{HoldFilter, NewHold, StoredHold};
use crate::worker::{Engine, words_of_hold};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

/// Holds of one page where the caller does not say.
const PAGE_HOLDS_DEFAULT: i64 = 50;
/// Holds of one page.
const PAGE_HOLDS_MAX: i64 = 200;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Long enough for whoever lists it to hear of it, and not for good.
const HOLD_FOR_DEFAULT: Duration = Duration::from_secs(7 * 24 * 3600);
const HOLD_FOR_ALLOWED: RangeInclusive<Duration> = Duration::from_secs(60)..=DAY.saturating_mul(400);

/// The body of a call that puts a hold down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    value: String,
    #[serde(default)]
    side: Side,
    recipient: Option<String>,
    list: Option<ListKind>,
    r#for: Option<String>,
}

/// What `value` is.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    #[default]
    Sender,
    Recipient,
}

/// A hold as a caller sees it. The text first: some show only where an answer begins.
#[derive(Debug, Serialize)]
struct HoldDocument<'a> {
    text: String,
    hold: &'a str,
    /// `active`, `ended` by somebody, or `over` by itself.
    state: &'static str,
    list: Option<&'a str>,
    recipient: Option<&'a str>,
    sender: Option<&'a str>,
    by: &'a str,
    reason: Option<&'a str>,
    /// With which it was put down.
    run: Option<&'a str>,
    created: String,
    until: String,
    ended: Option<String>,
    ended_by: Option<&'a str>,
}

/// `GET /v1/holds`
pub(super) async fn list(
    State(engine): State<Arc<Engine>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = query::read(query.as_deref(), &["active", "before", "limit"])?;
    let asked = query.clone();
    let filter = HoldFilter {
        only_active: query::flag(&mut query, "active")?,
        before: query
            .remove("before")
            .map(|id| query::id("before", "a hold, as `next` of a page says it", &id))
            .transpose()?,
        limit: query::limit(query.remove("limit"), PAGE_HOLDS_DEFAULT, PAGE_HOLDS_MAX)?,
    };
    let page = engine.store.holds(&filter).await?;
    let holds: Vec<HoldDocument<'_>> = page
        .holds
        .iter()
        .map(|hold| document(hold, page.now_ms))
        .collect();
    let mut links = BTreeMap::new();
    if let Some(next) = &page.next {
        links.insert("next", query::next_page("/v1/holds", asked, "before", next));
    }
    Ok(Json(serde_json::json!({"holds": holds, "next": page.next, "links": links})).into_response())
}

/// `POST /v1/holds`
pub(super) async fn add(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    caller.require(Right::Hold)?;
    let author = author::read_with_reason(request.headers(), &caller)?;
    let body = body::read(&engine.app, request).await?;
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|error| invalid(&error.to_string()))?;
    let hold = engine.store.add_hold(new_hold(&wanted)?, &author).await?;
    let document = document(&hold, hold.created_ms);
    tracing::info!(
        hold.id = hold.id,
        client.name = caller.name(),
        text = document.text,
        "put on hold"
    );
    Ok((StatusCode::CREATED, Json(document)).into_response())
}

/// `DELETE /v1/holds/{hold}`
pub(super) async fn end(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    hold: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    caller.require(Right::Hold)?;
    let author = author::read_with_reason(&headers, &caller)?;
    // A path that is no text names no hold either.
    let id = hold.map_or_else(|_| "(not UTF-8)".to_owned(), |Path(id)| id);
    if !engine.store.end_hold(&id, &author).await? {
        let detail = format!(
            "there is no hold `{}`, or it is over already; those that hold something are listed at /v1/holds?active=true",
            excerpt(&id, 60)
        );
        return Err(Problem::new(StatusCode::NOT_FOUND, "unknown_hold", detail));
    }
    let reason = author.reason.unwrap_or_default();
    let text = format!(
        "ENDED: hold {id}, by {}: {reason}; the next call that lists what it held does so",
        author.client
    );
    tracing::info!(
        hold.id = id,
        client.name = caller.name(),
        text,
        "a hold was ended"
    );
    Ok(Json(serde_json::json!({"text": text, "hold": id, "state": "ended"})).into_response())
}

fn new_hold(wanted: &Wanted) -> Result<NewHold, Problem> {
    let wrong = |key: &str, text: &str, refusal: &Refusal| {
        invalid(&format!("`{key}` is `{}`: {refusal}", excerpt(text, 60)))
    };
    let mailbox = |key: &str, text: &str| match Recipient::parse(text) {
        Ok(parsed) => Ok(parsed.entry.key().as_str().to_owned()),
        Err(refusal) => Err(wrong(key, text, &refusal)),
    };
    let (sender, recipient) = match (wanted.side, &wanted.recipient) {
        (Side::Sender, recipient) => {
            let sender = Sender::parse_untyped(&wanted.value)
                .map_err(|refusal| wrong("value", &wanted.value, &refusal))?;
            let recipient = recipient.as_deref().map(|text| mailbox("recipient", text));
            (Some(sender.key().as_str().to_owned()), recipient.transpose()?)
        }
        (Side::Recipient, None) => (None, Some(mailbox("value", &wanted.value)?)),
        (Side::Recipient, Some(_)) => {
            return Err(invalid(
                "`value` is the recipient already; leave `recipient` out, or leave `side` out",
            ));
        }
    };
    Ok(NewHold {
        list: wanted.list.map(|list| list.word().to_owned()),
        recipient,
        sender,
        hold_for: hold_for(wanted.r#for.as_deref())?,
    })
}

fn hold_for(written: Option<&str>) -> Result<Duration, Problem> {
    let Some(text) = written else {
        return Ok(HOLD_FOR_DEFAULT);
    };
    match humantime::parse_duration(text) {
        Ok(time) if HOLD_FOR_ALLOWED.contains(&time) => Ok(time),
        _ => Err(invalid(&format!(
            "`for` is `{}`; it must be a time from 1m to 400d, as 7d",
            excerpt(text, 60)
        ))),
    }
}

fn invalid(wrong: &str) -> Problem {
    let detail = format!(
        "{}; a hold is a JSON object with `value`, and where wanted `side` (sender or recipient), `recipient`, `list` (blocklist or safelist) and `for`. Nothing was done",
        excerpt(wrong, 300)
    );
    Problem::bad_request("invalid_hold", detail)
}

fn document(hold: &StoredHold, now_ms: i64) -> HoldDocument<'_> {
    let state = match (hold.is_active(now_ms), hold.ended_ms) {
        (true, _) => "active",
        (false, Some(_)) => "ended",
        (false, None) => "over",
    };
    HoldDocument {
        text: text(hold, state),
        hold: &hold.id,
        state,
        list: hold.list.as_deref(),
        recipient: hold.recipient.as_deref(),
        sender: hold.sender.as_deref(),
        by: &hold.by_client,
        reason: hold.reason.as_deref(),
        run: hold.run.as_deref(),
        created: moments::write(hold.created_ms),
        until: moments::write(hold.until_ms),
        ended: hold.ended_ms.map(moments::write),
        ended_by: hold.ended_by.as_deref(),
    }
}

/// What is held, who holds it, until when, and why.
fn text(hold: &StoredHold, state: &str) -> String {
    let sender = hold.sender.as_deref().unwrap_or("every sender");
    let recipient = hold.recipient.as_deref().unwrap_or("every mailbox");
    let list = hold
        .list
        .as_ref()
        .map_or("both lists".to_owned(), |list| format!("the {list}"));
    let what = format!("{sender} for {recipient} on {list}");
    let words = words_of_hold(hold);
    match (state, hold.ended_ms) {
        ("active", _) => format!("HELD: {what}; {words}"),
        (_, Some(ended_ms)) => format!(
            "NOT HELD ANY MORE: {what}; ended at {} by {}; was {words}",
            moments::write(ended_ms),
            hold.ended_by.as_deref().unwrap_or("nobody known")
        ),
        _ => format!("NOT HELD ANY MORE: {what}; was {words}"),
    }
}
