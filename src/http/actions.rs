//! `/v1/actions`: what can be asked for, and running it. A run goes on when its caller hangs up.

use super::auth::{self, Caller};
use super::problem::Problem;
use super::query;
use crate::app::App;
use crate::config::{Configuration, FailOn};
use crate::manifest::Action;
use crate::model::{Class, excerpt};
use crate::pipeline::{self, Call};
use crate::report::Report;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest as _, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// A body of a few megabytes comes in seconds; whoever drips it would keep a place among the calls that are served.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

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
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    action: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let action = find_action(&app, action)?;
    let mut query = query::read(query.as_deref(), &["configuration", "dry_run"])?;
    let dry_run = query::flag(&mut query, "dry_run")?;
    let configuration = find_configuration(&app, &caller, action, query.remove("configuration"))?;
    let headers = request.headers().clone();
    refuse_encoded(&headers)?;
    let body = read_body(&app, request).await?;
    let run_id = uuid::Uuid::now_v7().to_string();
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let type_ids = &app.config.type_ids;
    let call = Call {
        run_id: &run_id,
        action,
        configuration,
        dry_run,
        guard: &app.guard,
        body: &body,
        content_type,
        type_ids,
    };
    let run = pipeline::accept(&call)?;
    tracing::info!(
        run.id = run_id,
        action = run.action,
        configuration = run.configuration,
        client.name = caller.name(),
        dry_run,
        items = run.items.len(),
        "run accepted"
    );
    let report = app
        .runs
        .spawn(pipeline::execute(Arc::clone(&app), run))
        .await
        .map_err(|error| {
            tracing::error!(run.id = run_id, %error, "a run panicked");
            Problem::internal()
        })?;
    tracing::info!(run.id = run_id, text = report.text, "run finished");
    Ok((status(&app, &report), Json(report)).into_response())
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
