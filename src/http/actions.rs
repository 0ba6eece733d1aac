//! `/v1/actions`: what can be asked for, and running it. A run goes on when its caller hangs up.

use super::auth::{self, Caller};
use super::idempotency;
use super::problem::Problem;
use super::query;
use super::runs;
use crate::app::App;
use crate::config::{Configuration, FailOn};
use crate::manifest::Action;
use crate::model::{Class, excerpt};
use crate::pipeline::{self, Call, Run};
use crate::report::{Previous, Report};
use crate::store::{Accepted, RunState};
use crate::worker::{self, Engine};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest as _, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// A body of a few megabytes comes in seconds; whoever drips it would keep a place among the calls that are served.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

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
            configurations(app, caller, action).map(|configuration| configuration.name.as_str());
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
    let action = find_action(&app, action)?;
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
    let action = find_action(app, action)?;
    let mut query = query::read(uri.query(), &["configuration", "dry_run", "wait"])?;
    let dry_run = query::flag(&mut query, "dry_run")?;
    let wait = read_wait(app, request.headers(), query.remove("wait"))?;
    let configuration = find_configuration(app, &caller, action, query.remove("configuration"))?;
    let (headers, method) = (request.headers().clone(), request.method().clone());
    refuse_encoded(&headers)?;
    let body = read_body(app, request).await?;
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
        app,
        body: &body,
        content_type,
    };
    let run = pipeline::accept(&call)?;
    if dry_run {
        return preview(&engine, run).await;
    }
    let request_id = text_of(&headers, "x-request-id");
    let fingerprint = key.as_ref().map(|key| key.fingerprint.clone());
    let asking = worker::Caller {
        client: caller.name().to_owned(),
        request_id,
        key,
    };
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
async fn follow(
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
async fn preview(engine: &Engine, run: Run) -> Result<Response, Problem> {
    let run_id = run.id.clone();
    let previewed = pipeline::preview(Arc::clone(&engine.app), run);
    let mut previewing = engine.app.runs.spawn(previewed);
    let previewed = tokio::select! {
        previewed = &mut previewing => previewed,
        // It writes nothing, so that nothing is lost with it.
        () = engine.stopped() => {
            previewing.abort();
            return Err(Problem::stopping());
        }
    };
    let report = previewed.map_err(|error| {
        tracing::error!(run.id = run_id, %error, "a preview panicked");
        Problem::internal()
    })?;
    tracing::info!(run.id = run_id, text = report.text, "preview finished");
    Ok(answer(&engine.app, report))
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
        runs::time_of_day(stored.done_ms.unwrap_or(stored.created_ms)),
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

/// RFC 7240's `respond-async` waits for nothing; else as the caller says, or the operator.
fn read_wait(app: &App, headers: &HeaderMap, written: Option<String>) -> Result<Duration, Problem> {
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

fn text_of(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    excerpt(value.unwrap_or_default(), 64)
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

fn find_action(app: &App, id: Result<Path<String>, PathRejection>) -> Result<&Action, Problem> {
    // A path that is no text names no action either.
    let id = id.map_or_else(|_| "(not UTF-8)".to_owned(), |Path(id)| id);
    app.actions.get(&id).ok_or_else(|| {
        let known: Vec<_> = app.actions.iter().map(|action| action.id.as_str()).collect();
        let detail = format!(
            "there is no action `{}`; known: {}",
            excerpt(&id, 100),
            known.join(", ")
        );
        Problem::new(StatusCode::NOT_FOUND, "unknown_action", detail).with("allowed", known)
    })
}

/// The configurations of this action that the caller may use.
fn configurations<'a>(
    app: &'a App,
    caller: &Caller,
    action: &Action,
) -> impl Iterator<Item = &'a Configuration> {
    app.config
        .configurations
        .values()
        .filter(move |configuration| configuration.action == action.id && caller.may_use(configuration))
}

/// The named one, or the only one there is for this action.
fn find_configuration<'a>(
    app: &'a App,
    caller: &Caller,
    action: &Action,
    name: Option<String>,
) -> Result<&'a Configuration, Problem> {
    let all: Vec<_> = configurations(app, caller, action).collect();
    let names: Vec<_> = all
        .iter()
        .map(|configuration| configuration.name.as_str())
        .collect();
    let known = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    let Some(name) = name else {
        return match all.as_slice() {
            [only] => Ok(only),
            [] => {
                let detail = format!(
                    "no configuration names the action `{}`; add [configurations.NAME] with action = \"{}\" to doorlist.toml",
                    action.id, action.id
                );
                Err(Problem::bad_request("no_configuration", detail))
            }
            _ => {
                let detail = format!(
                    "several configurations name this action; say which: ?configuration= one of {known}"
                );
                Err(Problem::bad_request("configuration_required", detail).with("allowed", names))
            }
        };
    };
    if let Some(configuration) = all.iter().find(|configuration| configuration.name == name) {
        return Ok(configuration);
    }
    if matches!(caller, Caller::Client { .. }) {
        return Err(auth::forbidden().with("allowed", names));
    }
    let detail = match app.config.configurations.get(&name) {
        Some(other) => format!(
            "the configuration `{name}` is for the action `{}`; for this one: {known}",
            other.action
        ),
        None => format!(
            "there is no configuration `{}`; for this action: {known}",
            excerpt(&name, 60)
        ),
    };
    Err(Problem::bad_request("unknown_configuration", detail).with("allowed", names))
}

fn refuse_encoded(headers: &HeaderMap) -> Result<(), Problem> {
    match headers
        .get(header::CONTENT_ENCODING)
        .map(|value| value.to_str().unwrap_or_default().trim())
    {
        None => Ok(()),
        Some(encoding) if encoding.eq_ignore_ascii_case("identity") => Ok(()),
        Some(_) => {
            let detail = "the body is compressed; send it as it is, without Content-Encoding";
            Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_encoding",
                detail,
            ))
        }
    }
}

async fn read_body(app: &App, request: Request) -> Result<Bytes, Problem> {
    match tokio::time::timeout(BODY_TIMEOUT, Bytes::from_request(request, &())).await {
        Ok(body) => body.map_err(|rejection| refuse_body(app, &rejection)),
        Err(_) => {
            let detail = format!(
                "the body did not come within {} seconds; nothing was done",
                BODY_TIMEOUT.as_secs()
            );
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail))
        }
    }
}

fn refuse_body(app: &App, rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::body_too_large(app.config.server.body_bytes_max);
    }
    Problem::bad_request(
        "body_not_read",
        "the body broke off before its end; nothing was done",
    )
}
