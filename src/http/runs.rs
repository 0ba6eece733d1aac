//! `/v1/runs`: what was accepted, how far it is, how it ended; and stopping one. A client sees the runs of the
//! configurations that it may use.

use super::actions::{answer, previous};
use super::auth::{self, Caller};
use super::problem::Problem;
use super::query;
use crate::model::{Class, Outcome, excerpt};
use crate::store::{CancelState, RunFilter, RunState, StoredRun, TaskState};
use crate::worker::Engine;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// Runs of one page where the caller does not say.
const PAGE_RUNS_DEFAULT: i64 = 50;
/// Runs of one page.
const PAGE_RUNS_MAX: i64 = 200;
/// When to ask again for a run that is under way.
const RETRY_AFTER_SECONDS: u64 = 2;

/// `GET /v1/runs`
pub(super) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let known = [
        "state",
        "class",
        "outcome",
        "action",
        "configuration",
        "appliance",
        "from",
        "to",
        "before",
        "limit",
        "notable",
    ];
    let mut query = query::read(query.as_deref(), &known)?;
    let asked = query.clone();
    let configuration = query.remove("configuration");
    let filter = RunFilter {
        state: read_word("state", query.remove("state"), &["open", "done"])?.map(|word| {
            match word.as_str() {
                "open" => RunState::Open,
                _ => RunState::Done,
            }
        }),
        class: read_word("class", query.remove("class"), &Class::ALL.map(Class::code))?,
        outcome: read_word(
            "outcome",
            query.remove("outcome"),
            &Outcome::ALL.map(Outcome::code),
        )?,
        action: query.remove("action"),
        configurations: allowed(&engine, &caller, configuration)?,
        appliance: query.remove("appliance"),
        from_ms: query
            .remove("from")
            .map(|time| read_time("from", &time))
            .transpose()?,
        to_ms: query
            .remove("to")
            .map(|time| read_time("to", &time))
            .transpose()?,
        before: query.remove("before").map(read_run).transpose()?,
        limit: read_limit(query.remove("limit"))?,
        only_notable: query::flag(&mut query, "notable")?,
    };
    // Whoever looks for trouble must not overlook a run whose server died before it could say how it ended.
    engine.make_missing_reports().await?;
    let page = engine.store.runs(&filter).await?;
    let runs: Vec<Value> = page.runs.iter().map(line).collect();
    let mut links = BTreeMap::new();
    if let Some(next) = &page.next {
        links.insert("next", next_page(asked, next));
    }
    Ok(Json(json!({"runs": runs, "hidden": page.hidden, "next": page.next, "links": links})).into_response())
}

/// `GET /v1/runs/{run}`
pub(super) async fn show(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    run: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    let stored = find(&engine, &caller, run).await?;
    match engine.report(&stored).await {
        Some(mut report) => {
            report.previous = previous(&engine, &stored.client, &stored.id, &stored.configuration).await?;
            Ok(answer(&engine.app, report))
        }
        None if stored.state == RunState::Done => Err(unreadable(&stored.id)),
        None => Ok(Json(open_run(&stored)).into_response()),
    }
}

/// `POST /v1/runs/{run}/cancel`
pub(super) async fn cancel(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    run: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    let stored = find(&engine, &caller, run).await?;
    let reason = headers
        .get("x-reason")
        .map(|reason| String::from_utf8_lossy(reason.as_bytes()).into_owned());
    let reason = match reason {
        Some(reason) => format!("cancelled by {}: {}", caller.name(), excerpt(&reason, 200)),
        None => format!("cancelled by {}", caller.name()),
    };
    match engine.cancel(&stored.id, caller.name(), &reason).await? {
        CancelState::Wanted => {
            let wait = engine.app.config.server.wait;
            match engine.wait(&stored.id, wait).await? {
                // What was asked for was done, and that something was not tried is no trouble here.
                Some(report) => Ok(Json(report).into_response()),
                None => Ok(accepted(&engine, &stored.id).await?),
            }
        }
        CancelState::Done | CancelState::NotFound => {
            let detail = format!("run {} has ended already; nothing was cancelled", stored.id);
            Err(Problem::new(StatusCode::CONFLICT, "run_is_done", detail))
        }
    }
}

/// 202: where to ask, and when.
pub(super) async fn accepted(engine: &Engine, run: &str) -> Result<Response, Problem> {
    let Some(stored) = engine.store.run(run).await? else {
        return Err(Problem::internal());
    };
    where_to_ask(run, open_run(&stored))
}

/// The same for a run that is stored, and cannot be read at this moment.
pub(super) fn accepted_unseen(run: &str) -> Result<Response, Problem> {
    let text = format!("ACCEPTED, how far it is cannot be read now; ask again at /v1/runs/{run}; run {run}");
    where_to_ask(
        run,
        Unseen {
            text,
            run,
            state: "open",
        },
    )
}

fn where_to_ask(run: &str, document: impl Serialize) -> Result<Response, Problem> {
    let location = HeaderValue::try_from(format!("/v1/runs/{run}")).map_err(|_| Problem::internal())?;
    let headers = [
        (header::LOCATION, location),
        (header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS)),
    ];
    Ok((StatusCode::ACCEPTED, headers, Json(document)).into_response())
}

#[derive(Serialize)]
struct Unseen<'a> {
    text: String,
    run: &'a str,
    state: &'static str,
}

/// A run that is done, of which this version of doorlist cannot read how.
fn unreadable(run: &str) -> Problem {
    let detail = format!(
        "run {run} is done, and this version of doorlist cannot read how it ended; the log has the words, and the row is kept"
    );
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "run_unreadable", detail)
}

/// A run that is not done: what is known of it, and no outcome. The text first: some show only where an answer begins.
#[derive(Serialize)]
struct OpenRun<'a> {
    text: String,
    run: &'a str,
    action: &'a str,
    configuration: &'a str,
    state: &'static str,
    accepted: String,
    cancelled: Option<&'a str>,
    tasks: Vec<Value>,
    links: Value,
}

fn open_run(stored: &StoredRun) -> OpenRun<'_> {
    let tasks: Vec<Value> = stored
        .tasks
        .iter()
        .map(|task| {
            let progress: Value = task
                .progress
                .as_ref()
                .and_then(|progress| serde_json::from_str(progress).ok())
                .unwrap_or_default();
            json!({
                "appliance": task.appliance,
                "list": task.list,
                "state": task_word(task.state),
                "attempt": task.attempt,
                "progress": progress,
            })
        })
        .collect();
    let done = stored
        .tasks
        .iter()
        .filter(|task| task.state == TaskState::Done)
        .count();
    let cancelled = stored
        .cancel_reason
        .as_ref()
        .map_or(String::new(), |reason| format!("; {reason}"));
    let link = format!("/v1/runs/{}", stored.id);
    OpenRun {
        text: format!(
            "NOT DONE YET: {done} of {} appliances done{cancelled}; ask again at {link}; run {}",
            stored.tasks.len(),
            stored.id
        ),
        run: &stored.id,
        action: &stored.action,
        configuration: &stored.configuration,
        state: "open",
        accepted: time(stored.created_ms),
        cancelled: stored.cancel_reason.as_deref(),
        tasks,
        links: json!({"self": link, "cancel": format!("{link}/cancel")}),
    }
}

fn line(stored: &StoredRun) -> Value {
    json!({
        "run": stored.id,
        "text": stored.text,
        "state": state_word(stored.state),
        "class": stored.class,
        "action": stored.action,
        "configuration": stored.configuration,
        "client": stored.client,
        "accepted": time(stored.created_ms),
        "done": stored.done_ms.map(time),
        "changed_pairs": stored.changed_pairs,
        "cancelled": stored.cancel_reason,
        "appliances": stored.tasks.iter().map(|task| json!({"name": task.appliance, "state": task_word(task.state)})).collect::<Vec<_>>(),
        "links": {"self": format!("/v1/runs/{}", stored.id)},
    })
}

async fn find(
    engine: &Engine,
    caller: &Caller,
    run: Result<Path<String>, PathRejection>,
) -> Result<StoredRun, Problem> {
    // A path that is no text names no run either.
    let id = run.map_or_else(|_| "(not UTF-8)".to_owned(), |Path(id)| id);
    let stored = engine.store.run(&id).await?;
    // One answer for another client's run and for one that does not exist.
    let visible = stored.filter(|stored| may_see(engine, caller, stored));
    visible.ok_or_else(|| {
        let detail = format!(
            "there is no run `{}` that you may see; they are listed at /v1/runs",
            excerpt(&id, 60)
        );
        Problem::new(StatusCode::NOT_FOUND, "unknown_run", detail)
    })
}

fn may_see(engine: &Engine, caller: &Caller, stored: &StoredRun) -> bool {
    // A configuration may have been renamed; whoever called may know what came of it all the same.
    matches!(caller, Caller::Local)
        || stored.client == caller.name()
        || engine
            .app
            .config
            .configurations
            .get(&stored.configuration)
            .is_some_and(|configuration| caller.may_use(configuration))
}

/// The configurations of which runs are shown; none for all.
fn allowed(engine: &Engine, caller: &Caller, wanted: Option<String>) -> Result<Option<Vec<String>>, Problem> {
    if matches!(caller, Caller::Local) {
        return Ok(wanted.map(|wanted| vec![wanted]));
    }
    let configurations = engine.app.config.configurations.values();
    let own: Vec<String> = configurations
        .filter(|configuration| caller.may_use(configuration))
        .map(|configuration| configuration.name.clone())
        .collect();
    match wanted {
        None => Ok(Some(own)),
        Some(wanted) if own.contains(&wanted) => Ok(Some(vec![wanted])),
        Some(_) => Err(auth::forbidden().with("allowed", own)),
    }
}

/// The same question from the next run on.
fn next_page(mut asked: BTreeMap<String, String>, next: &str) -> String {
    asked.insert("before".to_owned(), next.to_owned());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(asked)
        .finish();
    format!("/v1/runs?{query}")
}

/// One of these words: a misspelt one would find nothing, which reads like good news.
fn read_word(key: &str, text: Option<String>, allowed: &[&'static str]) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if !allowed.contains(&text.as_str()) => {
            let detail = format!(
                "`{key}` is `{}`; it must be one of {}",
                excerpt(&text, 60),
                allowed.join(", ")
            );
            Err(Problem::bad_request("invalid_query_value", detail).with("allowed", allowed.to_vec()))
        }
        text => Ok(text),
    }
}

fn read_run(text: String) -> Result<String, Problem> {
    match uuid::Uuid::try_parse(&text) {
        Ok(run) => Ok(run.to_string()),
        Err(_) => {
            let detail = format!(
                "`before` is `{}`; it must be the id of a run, as `next` of a page says it",
                excerpt(&text, 60)
            );
            Err(Problem::bad_request("invalid_query_value", detail))
        }
    }
}

fn read_time(key: &str, text: &str) -> Result<i64, Problem> {
    let since = humantime::parse_rfc3339(text)
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .ok_or_else(|| {
            let detail = format!("`{key}` must be a moment in UTC, as 2026-11-25T03:00:00Z");
            Problem::bad_request("invalid_query_value", detail)
        })
}

fn read_limit(text: Option<String>) -> Result<i64, Problem> {
    match text.map(|text| text.parse::<i64>()) {
        None => Ok(PAGE_RUNS_DEFAULT),
        Some(Ok(limit)) if (1..=PAGE_RUNS_MAX).contains(&limit) => Ok(limit),
        Some(_) => {
            let detail = format!("`limit` must be a whole number from 1 to {PAGE_RUNS_MAX}");
            Err(Problem::bad_request("invalid_query_value", detail))
        }
    }
}

fn time(ms: i64) -> String {
    let since = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string()
}

/// `02:00 UTC`
pub(super) fn time_of_day(ms: i64) -> String {
    format!("{} UTC", &time(ms)[11..16])
}

pub(super) fn state_word(state: RunState) -> &'static str {
    match state {
        RunState::Open => "open",
        RunState::Done => "done",
    }
}

fn task_word(state: TaskState) -> &'static str {
    match state {
        TaskState::Queued => "queued",
        TaskState::Running => "running",
        TaskState::Done => "done",
    }
}
