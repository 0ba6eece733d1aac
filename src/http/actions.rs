//! `/v1/actions`: what can be asked for, and running it. A run goes on when its caller hangs up.

use super::auth::Caller;
use super::moments;
use super::overriding;
use super::plans;
use super::problem::Problem;
use super::query;
use super::runs;
use super::{author, body, configured, idempotency};
use crate::app::App;
use crate::config::FailOn;
use crate::manifest::Action;
use crate::model::{Class, excerpt};
use crate::pipeline::{self, Call, Run};
use crate::report::{Previous, Report};
use crate::store::{Accepted, Author, RunState, StoreError};
use crate::worker::{self, Engine, words_of_stop};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A caller that waits longer has gone.
const WAIT_MAX: Duration = Duration::from_secs(600);

/// A manifest with what a caller needs to use it.
#[derive(Debug, Serialize)]
struct ActionDocument<'a> {
    endpoint: String,
    /// Configurations of this action that the caller may use.
    configurations: Vec<&'a str>,
    #[serde(flatten)]
    action: &'a Action,
}

impl<'a> ActionDocument<'a> {
    fn new(app: &'a App, caller: &Caller, action: &'a Action) -> Self {
        let endpoint = format!("/v1/actions/{}", action.id);
        let configurations =
            configured::configurations(app, caller, action).map(|configuration| configuration.name.as_str());
        Self {
            endpoint,
            configurations: configurations.collect(),
            action,
        }
    }
}

/// `GET /v1/actions`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    let actions: Vec<_> = app
        .actions
        .iter()
        .map(|action| ActionDocument::new(&app, &caller, action))
        .collect();
    Ok(Json(serde_json::json!({ "actions": actions })).into_response())
}

/// `GET /v1/actions/{action}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    action: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let action = configured::action(&app, action)?;
    query::read(query.as_deref(), &[])?;
    Ok(Json(ActionDocument::new(&app, &caller, action)).into_response())
}

/// `POST /v1/actions/{action}`
pub(super) async fn run(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    action: Result<Path<String>, PathRejection>,
    uri: Uri,
    request: Request,
) -> Result<Response, Problem> {
    let app = &engine.app;
    let action = configured::action(app, action)?;
    let known = ["configuration", "dry_run", "keep", "override", "plan", "wait"];
    let mut query = query::read(uri.query(), &known)?;
    let (dry_run, is_kept) = read_preview(&mut query)?;
    let wait = read_wait(app, request.headers(), query.remove("wait"))?;
    let configuration = query.remove("configuration");
    if let Some(plan) = query.remove("plan") {
        let applying = plans::Applying {
            action,
            plan,
            configuration,
            wait,
        };
        return plans::apply(&engine, &caller, applying, &uri, request).await;
    }
    let configuration = configured::configuration(app, &caller, action, configuration)?;
    let (headers, method) = (request.headers().clone(), request.method().clone());
    let author = author::read(&headers, &caller)?;
    let overriding = query.remove("override");
    let overriding = overriding::read(overriding.as_deref(), &caller, &author, dry_run)?;
    let body = body::read(app, request).await?;
    let key = idempotency::read(&headers, &method, uri.path(), uri.query(), &body)?;
    let run_id = uuid::Uuid::now_v7().to_string();
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let call = Call {
        run_id: &run_id,
        action,
        configuration,
        dry_run,
        overriding: overriding.as_ref(),
        app,
        body: &body,
        content_type,
    };
    let run = pipeline::accept(&call)?;
    if is_kept {
        return plans::keep(&engine, run, author).await;
    }
    if dry_run {
        return preview(&engine, run, author).await;
    }
    let fingerprint = key.as_ref().map(|key| key.fingerprint.clone());
    let asking = worker::Caller { author, key };
    let accepted = engine.accept(&run, asking).await?;
    let (run_id, is_known) = match accepted {
        Accepted::New => (run_id, false),
        Accepted::Known(known) if Some(&known.fingerprint) != fingerprint.as_ref() => {
            return Err(idempotency::reused());
        }
        Accepted::Known(known) => (known.run, true),
    };
    tracing::info!(
        run.id = run_id,
        action = run.action,
        configuration = run.configuration,
        client.name = caller.name(),
        items = run.items.len(),
        is_known,
        "run accepted"
    );
    // From here on the call is accepted, whatever else fails: what cannot be read now can be asked for later.
    let told = follow(&engine, &caller, &run_id, is_known, wait).await;
    told.or_else(|_| runs::accepted_unseen(&run_id))
}

/// Waits for an accepted run, and answers with its report or with where to ask.
pub(super) async fn follow(
    engine: &Engine,
    caller: &Caller,
    run: &str,
    is_known: bool,
    wait: Duration,
) -> Result<Response, Problem> {
    // What was done before this request came is told as such.
    let was_done = is_known && is_done(engine, run).await?;
    match engine.wait(run, wait).await? {
        Some(report) if was_done => replay(engine, report, run).await,
        Some(mut report) => {
            report.previous = previous(engine, caller.name(), run, &report.configuration).await?;
            Ok(answer(&engine.app, report))
        }
        None => runs::accepted(engine, run).await,
    }
}

/// A preview is not stored, takes no lane and waits for none.
pub(super) async fn preview(engine: &Engine, run: Run, author: Author) -> Result<Response, Problem> {
    let run_id = run.id.clone();
    let stopped = engine.stopped_for(&run).await?;
    let mut report = while_running(engine, &run_id, engine.preview(run)).await?;
    if let Some(stopped) = stopped {
        report.say_stopped(&words_of_stop(&stopped));
    }
    (report.ticket, report.reason) = (author.ticket, author.reason);
    tracing::info!(run.id = run_id, text = report.text, "preview finished");
    Ok(answer(&engine.app, report))
}

/// What a preview finds, unless the server stops first.
pub(super) async fn while_running<T: Send + 'static>(
    engine: &Engine,
    run_id: &str,
    previewing: impl Future<Output = Option<T>> + Send + 'static,
) -> Result<T, Problem> {
    let mut previewing = engine.app.runs.spawn(previewing);
    let previewed = tokio::select! {
        previewed = &mut previewing => previewed,
        // It writes nothing, so that nothing is lost with it.
        () = engine.stopped() => {
            previewing.abort();
            return Err(Problem::stopping());
        }
    };
    let previewed = previewed.map_err(|error| {
        tracing::error!(run.id = run_id, %error, "a preview panicked");
        Problem::internal()
    })?;
    previewed.ok_or_else(|| {
        Problem::from(StoreError::Unreachable(
            "what is on hold cannot be read".to_owned(),
        ))
    })
}

/// The answer to a run that is done.
pub(super) fn answer(app: &App, report: Report) -> Response {
    (status(app, &report), Json(report)).into_response()
}

/// The stored answer, told as one of before.
async fn replay(engine: &Engine, mut report: Report, run: &str) -> Result<Response, Problem> {
    let stored = engine.store.run(run).await?.ok_or_else(Problem::internal)?;
    report.text = format!(
        "REPLAY of {}, nothing done now; {}",
        moments::time_of_day(stored.done_ms.unwrap_or(stored.created_ms)),
        report.text
    );
    let headers = [(
        HeaderName::from_static("idempotent-replayed"),
        HeaderValue::from_static("true"),
    )];
    Ok((status(&engine.app, &report), headers, Json(report)).into_response())
}

async fn is_done(engine: &Engine, run: &str) -> Result<bool, Problem> {
    Ok(engine.store.state(run).await? == Some(RunState::Done))
}

/// How the run of the same configuration before this one ended, or that it has not yet.
pub(super) async fn previous(
    engine: &Engine,
    client: &str,
    run: &str,
    configuration: &str,
) -> Result<Option<Previous>, Problem> {
    let stored = engine.store.previous(configuration, client, run).await?;
    Ok(stored.map(|stored| Previous {
        link: format!("/v1/runs/{}", stored.id),
        state: runs::state_word(stored.state).to_owned(),
        text: stored.text,
        run: stored.id,
    }))
}

/// Whether it is a preview, and whether that is kept. A plan says itself what is done.
fn read_preview(query: &mut BTreeMap<String, String>) -> Result<(bool, bool), Problem> {
    let has_plan = query.contains_key("plan");
    if let Some(key) = ["dry_run", "keep", "override"]
        .into_iter()
        .find(|key| has_plan && query.contains_key(*key))
    {
        let detail =
            format!("`{key}` does not go with `plan`, which is applied as it was kept; leave it out");
        return Err(Problem::bad_request("invalid_query_value", detail));
    }
    let dry_run = query::flag(query, "dry_run")?;
    let is_kept = query::flag(query, "keep")?;
    if is_kept && !dry_run {
        let detail = "`keep` keeps a preview as a plan, and goes with dry_run=true";
        return Err(Problem::bad_request("invalid_query_value", detail));
    }
    Ok((dry_run, is_kept))
}

/// RFC 7240's `respond-async` waits for nothing; else as the caller says, or the operator.
pub(super) fn read_wait(
    app: &App,
    headers: &HeaderMap,
    written: Option<String>,
) -> Result<Duration, Problem> {
    let preferences = headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut preferences = preferences.flat_map(|value| value.split(','));
    let is_async = preferences.any(|preference| preference.trim().eq_ignore_ascii_case("respond-async"));
    match written {
        None if is_async => Ok(Duration::ZERO),
        None => Ok(app.config.server.wait),
        Some(text) => match humantime::parse_duration(&text) {
            Ok(wait) if wait <= WAIT_MAX => Ok(if is_async { Duration::ZERO } else { wait }),
            _ => {
                let detail = format!(
                    "`wait` is `{}`; it must be a time up to 10m, as 30s",
                    excerpt(&text, 60)
                );
                Err(Problem::bad_request("invalid_query_value", detail))
            }
        },
    }
}

/// A workflow turns red for trouble, never for refusals.
fn status(app: &App, report: &Report) -> StatusCode {
    // What was skipped could not have failed.
    let (troubles, total) = (
        report.count(Class::Trouble),
        report.summary.total - report.count(Class::Skipped),
    );
    let failed = match app.config.server.fail_on {
        FailOn::Any => troubles > 0,
        FailOn::All => troubles > 0 && troubles == total,
        FailOn::Never => false,
    };
    if failed {
        StatusCode::BAD_GATEWAY
    } else {
        StatusCode::OK
    }
}
