//! `/v1/runs`: what was accepted, how far it is, how it ended; and stopping one. A client sees the runs of the
//! configurations that it may use.

use super::actions::{answer, previous};
use super::auth::{self, Caller};
use super::author;
use super::moments;
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
        "ticket",
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
        state: query::word("state", query.remove("state"), &["open", "done"])?.map(|word| {
            match word.as_str() {
                "open" => RunState::Open,
                _ => RunState::Done,
            }
        }),
        class: query::word("class", query.remove("class"), &Class::ALL.map(Class::code))?,
        outcome: query::word(
            "outcome",
            query.remove("outcome"),
            &Outcome::ALL.map(Outcome::code),
        )?,
        action: query.remove("action"),
        configurations: allowed(&engine, &caller, configuration)?,
        appliance: query.remove("appliance"),
        from_ms: query
            .remove("from")
            .map(|time| moments::read("from", &time))
            .transpose()?,
        to_ms: query
            .remove("to")
            .map(|time| moments::read("to", &time))
            .transpose()?,
        before: query
            .remove("before")
            .map(|id| query::id("before", "a run", &id))
            .transpose()?,
        limit: query::limit(query.remove("limit"), PAGE_RUNS_DEFAULT, PAGE_RUNS_MAX)?,
        ticket: query.remove("ticket"),
        only_notable: query::flag(&mut query, "notable")?,
        ..RunFilter::default()
    };
    // Whoever looks for trouble must not overlook a run whose server died before it could say how it ended.
    engine.make_missing_reports().await?;
    let page = engine.store.runs(&filter).await?;
    let runs: Vec<Value> = page.runs.iter().map(line).collect();
    let mut links = BTreeMap::new();
    if let Some(next) = &page.next {
        links.insert("next", query::next_page("/v1/runs", asked, "before", next));
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
    let author = author::read(&headers, &caller)?;
    let words = match &author.reason {
        Some(reason) => format!("cancelled by {}: {reason}", author.client),
        None => format!("cancelled by {}", author.client),
    };
    match engine.cancel(&stored.id, &author, &words).await? {
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
pub(super) fn unreadable(run: &str) -> Problem {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
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
        accepted: moments::write(stored.created_ms),
        ticket: stored.ticket.as_deref(),
        reason: stored.reason.as_deref(),
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
        "ticket": stored.ticket,
        "reason": stored.reason,
        "accepted": moments::write(stored.created_ms),
        "done": stored.done_ms.map(moments::write),
        "changed_pairs": stored.changed_pairs,
        "cancelled": stored.cancel_reason,
        "undo_of": stored.undo_of,
        "appliances": stored.tasks.iter().map(|task| json!({"name": task.appliance, "state": task_word(task.state)})).collect::<Vec<_>>(),
        "links": {"self": format!("/v1/runs/{}", stored.id)},
    })
}

pub(super) async fn find(
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

pub(super) fn may_see(engine: &Engine, caller: &Caller, stored: &StoredRun) -> bool {
    // A configuration may have been renamed; whoever called may know what came of it all the same.
    matches!(caller, Caller::Local)
        || stored.client == caller.name()
        // A removal is of no configuration.
        || (stored.configuration.is_empty() && caller.may_take_back())
        || engine
            .app
            .config
            .configurations
            .get(&stored.configuration)
            .is_some_and(|configuration| caller.may_use(configuration))
}

/// The configurations of which runs are shown; none for all.
pub(super) fn allowed(
    engine: &Engine,
    caller: &Caller,
    wanted: Option<String>,
) -> Result<Option<Vec<String>>, Problem> {
    if matches!(caller, Caller::Local) {
        return Ok(wanted.map(|wanted| vec![wanted]));
    }
    let configurations = engine.app.config.configurations.values();
    let own: Vec<String> = configurations
        .filter(|configuration| caller.may_use(configuration))
        .map(|configuration| configuration.name.clone())
        .collect();
    match wanted {
        None if caller.may_take_back() => Ok(Some([own, vec![String::new()]].concat())),
        None => Ok(Some(own)),
        Some(wanted) if own.contains(&wanted) => Ok(Some(vec![wanted])),
        Some(wanted) => Err(auth::forbidden(&wanted).with("allowed", own)),
    }
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
