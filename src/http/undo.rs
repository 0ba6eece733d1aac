//! `POST /v1/runs/{run}/undo` and `POST /v1/remove`: taking back what doorlist did. Each answers like a call of an action:
//! a report, a preview, or 202 with where to ask.

use super::actions::{follow, preview, read_wait};
use super::auth::Caller;
use super::problem::Problem;
use super::{author, body, idempotency, query, runs};
use crate::config::Right;
use crate::model::{ListKind, Recipient, Refusal, Sender, excerpt};
use crate::pipeline::{self, Removed, Run};
use crate::store::Accepted;
use crate::worker::{Engine, UndoError, UndoOptions};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// How long what was taken out cannot be added, where the caller does not say.
const HOLD_DEFAULT: Duration = Duration::from_secs(7 * 24 * 3600);
/// No longer than runs with changes are kept.
const HOLD_MAX: Duration = Duration::from_secs(400 * 24 * 3600);

/// `POST /v1/runs/{run}/undo`
pub(super) async fn undo(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    run: Result<Path<String>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.require(Right::Undo)?;
    let mut query = query::read(uri.query(), &["dry_run", "force", "hold", "wait"])?;
    let dry_run = query::flag(&mut query, "dry_run")?;
    let force = query::flag(&mut query, "force")?;
    let hold_for = read_hold(query.remove("hold"))?;
    let wait = read_wait(&engine.app, &headers, query.remove("wait"))?;
    let undone = runs::find(&engine, &caller, run).await?;
    if dry_run && undone.done_ms.is_none() {
        return Err(under_way(&undone.id));
    }
    let key = idempotency::read(&headers, &Method::POST, uri.path(), uri.query(), b"")?;
    let fingerprint = key.as_ref().map(|key| key.fingerprint.clone());
    // Nothing is cancelled for a call that was made before, or is none.
    if let Some(key) = key.as_ref().filter(|_| !dry_run)
        && let Some(known) = engine.store.idempotent(caller.name(), &key.key).await?
    {
        let known = Accepted::Known(known);
        return answer(&engine, &caller, String::new(), known, fingerprint, wait).await;
    }
    let id = uuid::Uuid::now_v7().to_string();
    let options = UndoOptions {
        force,
        hold_for,
        dry_run,
    };
    let taking_back = engine.undo_run(&undone, &id, options).await;
    let taking_back = taking_back.map_err(|error| refused(&undone.id, error))?;
    if dry_run {
        return preview(&engine, taking_back, author::read(&headers, &caller)?).await;
    }
    let author = author::read_with_reason(&headers, &caller)?;
    let accepted = engine.undo(&undone, &taking_back, author, key).await;
    let accepted = accepted.map_err(|error| refused(&undone.id, error))?;
    answer(&engine, &caller, id, accepted, fingerprint, wait).await
}

/// What is to be removed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    value: String,
    #[serde(default)]
    side: Side,
    recipient: Option<String>,
    list: Option<ListKind>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    #[default]
    Sender,
    Recipient,
}

/// `POST /v1/remove`
pub(super) async fn remove(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    request: Request,
) -> Result<Response, Problem> {
    caller.require(Right::Remove)?;
    let headers = request.headers().clone();
    let mut query = query::read(uri.query(), &["dry_run", "hold", "wait"])?;
    let dry_run = query::flag(&mut query, "dry_run")?;
    let hold_for = read_hold(query.remove("hold"))?;
    let wait = read_wait(&engine.app, &headers, query.remove("wait"))?;
    let bytes = body::read(&engine.app, request).await?;
    let removal: Removal = serde_json::from_slice(&bytes).map_err(|error| invalid(&error.to_string()))?;
    let list = removal.list.unwrap_or(ListKind::Blocklist);
    let what = read_removal(&removal)?;
    let key = idempotency::read(&headers, &Method::POST, uri.path(), uri.query(), &bytes)?;
    let fingerprint = key.as_ref().map(|key| key.fingerprint.clone());
    // What a first call took out does not stand any more when it is repeated.
    if let Some(key) = key.as_ref().filter(|_| !dry_run)
        && let Some(known) = engine.store.idempotent(caller.name(), &key.key).await?
    {
        let known = Accepted::Known(known);
        return answer(&engine, &caller, String::new(), known, fingerprint, wait).await;
    }
    let ours = engine.ours(&what, list).await?;
    let mut appliances: Vec<String> = ours.iter().map(|owned| owned.appliance.clone()).collect();
    appliances.dedup();
    if appliances.is_empty() {
        let detail = format!(
            "nothing on the {list} of any configured appliance stands for `{}` because of doorlist; `doorlist why` tells what stands",
            excerpt(&removal.value, 100)
        );
        return Err(Problem::new(StatusCode::CONFLICT, "nothing_of_ours", detail));
    }
    let id = uuid::Uuid::now_v7().to_string();
    let run = Run {
        dry_run,
        ..pipeline::remove(&engine.app, &what, list, &appliances, &id).holding(hold_for)
    };
    if dry_run {
        return preview(&engine, run, author::read(&headers, &caller)?).await;
    }
    let author = author::read_with_reason(&headers, &caller)?;
    let accepted = engine.remove(&run, author, key).await?;
    answer(&engine, &caller, id, accepted, fingerprint, wait).await
}

async fn answer(
    engine: &Engine,
    caller: &Caller,
    id: String,
    accepted: Accepted,
    fingerprint: Option<String>,
    wait: Duration,
) -> Result<Response, Problem> {
    let (run, is_known) = match accepted {
        Accepted::New => (id, false),
        Accepted::Known(known) if Some(&known.fingerprint) != fingerprint.as_ref() => {
            return Err(idempotency::reused());
        }
        Accepted::Known(known) => (known.run, true),
    };
    let told = follow(engine, caller, &run, is_known, wait).await;
    told.or_else(|_| runs::accepted_unseen(&run))
}

/// What it will have written when it is stopped, nobody can say.
fn under_way(run: &str) -> Problem {
    let detail = format!(
        "run {run} is still under way, so that nobody can say yet what its undo would take back; the undo itself cancels it first and takes back whatever it has written by then. Ask again when it has ended (`doorlist runs show {run}`), or cancel it (`doorlist runs cancel {run}`)"
    );
    Problem::new(StatusCode::CONFLICT, "run_under_way", detail)
}

fn refused(run: &str, error: UndoError) -> Problem {
    match error {
        UndoError::Store(error) => error.into(),
        UndoError::Unreadable(_) => runs::unreadable(run),
        UndoError::NothingChanged => {
            let detail = format!("run {run} changed nothing, so there is nothing to take back");
            Problem::new(StatusCode::CONFLICT, "nothing_to_undo", detail)
        }
    }
}

/// None holds nothing.
fn read_hold(text: Option<String>) -> Result<Option<Duration>, Problem> {
    match text.as_deref().map(humantime::parse_duration) {
        None => Ok(Some(HOLD_DEFAULT)),
        Some(Ok(Duration::ZERO)) => Ok(None),
        Some(Ok(hold)) if hold <= HOLD_MAX => Ok(Some(hold)),
        Some(_) => {
            let detail = "`hold` must be a time up to 400d, as 7d; 0s holds nothing";
            Err(Problem::bad_request("invalid_query_value", detail))
        }
    }
}

fn read_removal(removal: &Removal) -> Result<Removed, Problem> {
    let refused = |refusal: Refusal| invalid(&refusal.to_string());
    let recipient = removal.recipient.as_deref().map(Recipient::parse).transpose();
    let recipient = recipient.map_err(refused)?.map(|parsed| parsed.entry);
    match (removal.side, recipient) {
        (Side::Sender, recipient) => {
            let sender = Sender::parse_untyped(&removal.value).map_err(refused)?;
            Ok(Removed::Sender(sender, recipient))
        }
        (Side::Recipient, None) => {
            let recipient = Recipient::parse(&removal.value).map_err(refused)?;
            Ok(Removed::Recipient(recipient.entry))
        }
        (Side::Recipient, Some(_)) => Err(invalid(
            "`recipient` goes with a sender; where `side` is `recipient`, `value` is the mailbox",
        )),
    }
}

fn invalid(what: &str) -> Problem {
    let detail = format!(
        "{what}; the body is {{\"value\": ..., \"recipient\": ..., \"list\": \"blocklist\"}}, of which only `value` is needed. Nothing was done"
    );
    Problem::bad_request("invalid_body", detail)
}
