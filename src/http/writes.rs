//! `/v1/writes`: are writes stopped, since when, by whom and why; and stopping and starting them, which is a right. Any
//! client may look, for its calls may be refused. Refuses to know what is stopped by it; the worker and the store do.

use super::auth::Caller;
use super::problem::Problem;
use super::{author, body, moments, query};
use crate::config::Right;
use crate::model::excerpt;
use crate::store::{Restart, Scope, Stopped, StoreError};
use crate::worker::{Engine, words_of_stop};
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The body of a call that stops or starts writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    state: WantedState,
    scope: Option<WantedScope>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WantedState {
    Stopped,
    Running,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WantedScope {
    Additions,
    Removals,
    Everything,
}

/// What a throw of the switch does.
enum Throw {
    Stop(Scope),
    Start(Restart),
}

/// The switch as a caller sees it. The text first: some show only where an answer begins.
#[derive(Debug, Serialize)]
struct SwitchDocument {
    text: String,
    /// `running` or `stopped`.
    state: &'static str,
    /// What is stopped: `additions`, or `everything`.
    scope: Option<&'static str>,
    since: Option<String>,
    by: Option<String>,
    reason: Option<String>,
}

/// `GET /v1/writes`
pub(super) async fn show(
    State(engine): State<Arc<Engine>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    let stopped = engine.store.writes_stopped().await?;
    let text = text(stopped.as_ref());
    Ok(Json(document(stopped, text)).into_response())
}

/// `POST /v1/writes`
pub(super) async fn switch(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    caller.require(Right::Writes)?;
    let author = author::read_with_reason(request.headers(), &caller)?;
    let body = body::read(&engine.app, request).await?;
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|error| invalid(&error.to_string()))?;
    let switched = match throw(&wanted)? {
        Throw::Stop(scope) => engine.stop_writes(scope, &author).await,
        Throw::Start(restart) => engine.start_writes(restart, &author).await,
    };
    let switched = switched.map_err(unkept)?;
    let mut text = text(switched.now.as_ref());
    if switched.now == switched.before {
        text.push_str("; nothing was changed by this call");
    }
    Ok(Json(document(switched.now, text)).into_response())
}

fn throw(wanted: &Wanted) -> Result<Throw, Problem> {
    match (wanted.state, wanted.scope) {
        (WantedState::Stopped, None | Some(WantedScope::Additions)) => Ok(Throw::Stop(Scope::Additions)),
        (WantedState::Stopped, Some(WantedScope::Everything)) => Ok(Throw::Stop(Scope::Everything)),
        (WantedState::Stopped, Some(WantedScope::Removals)) => Err(invalid(
            "removals are not stopped by themselves, so that whatever is added can be taken back",
        )),
        (WantedState::Running, None | Some(WantedScope::Everything)) => Ok(Throw::Start(Restart::All)),
        (WantedState::Running, Some(WantedScope::Removals)) => Ok(Throw::Start(Restart::Removals)),
        (WantedState::Running, Some(WantedScope::Additions)) => Err(invalid(
            "additions are not started by themselves, so that whatever is added can be taken back",
        )),
    }
}

fn invalid(wrong: &str) -> Problem {
    let detail = format!(
        "{}; the body is {{\"state\": \"stopped\"}} with `scope` additions (the default) or everything, or {{\"state\": \"running\"}} with `scope` everything (the default) or removals. Nothing was done",
        excerpt(wrong, 300)
    );
    Problem::bad_request("invalid_body", detail)
}

/// Whoever throws the switch has to know whether it was.
fn unkept(error: StoreError) -> Problem {
    tracing::error!(%error, "the switch of writes cannot be kept");
    let thrown = match error {
        // The answer to a commit may have been lost.
        StoreError::Unreachable(_) => {
            "whether it was thrown all the same, GET /v1/writes tells as soon as the store answers"
        }
        _ => "nothing was stopped or started",
    };
    let detail = format!("the switch cannot be kept now ({error}); {thrown}. Send it again");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", detail)
}

fn text(stopped: Option<&Stopped>) -> String {
    let Some(stopped) = stopped else {
        return "WRITES RUNNING: nothing is stopped".to_owned();
    };
    let goes_on = match stopped.scope {
        Scope::Additions => "removals, undos of additions and previews go on",
        Scope::Everything => "previews go on",
    };
    format!("WRITES STOPPED: {}; {goes_on}", words_of_stop(stopped))
}

fn document(stopped: Option<Stopped>, text: String) -> SwitchDocument {
    let Some(stopped) = stopped else {
        return SwitchDocument {
            text,
            state: "running",
            scope: None,
            since: None,
            by: None,
            reason: None,
        };
    };
    SwitchDocument {
        text,
        state: "stopped",
        scope: Some(scope_word(stopped.scope)),
        since: Some(moments::write(stopped.since_ms)),
        by: Some(stopped.by_client),
        reason: Some(stopped.reason),
    }
}

fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Additions => "additions",
        Scope::Everything => "everything",
    }
}

/// When a refused call is worth sending again: somebody has to look first.
const RETRY_AFTER_SECONDS: u32 = 300;

/// A call of what is stopped.
pub(super) fn refused(stopped: &Stopped) -> Problem {
    let goes_on = match stopped.scope {
        Scope::Additions => "Removals, undos of additions and previews go on",
        Scope::Everything => "Previews go on",
    };
    let detail = format!(
        "{}. Nothing of this call was listed, removed or queued: send it again when writes are started (GET /v1/writes, `doorlist writes status`). {goes_on}",
        words_of_stop(stopped)
    );
    Problem::writes_stopped(detail, RETRY_AFTER_SECONDS)
        .with("scope", scope_word(stopped.scope))
        .with("since", moments::write(stopped.since_ms))
        .with("by", stopped.by_client.as_str())
        .with("reason", stopped.reason.as_str())
}
