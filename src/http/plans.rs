//! `/v1/plans`: previews that are kept, and `POST /v1/actions/{action}?plan=ID`, which applies one exactly, once. Whoever may
//! run a configuration sees its plans and applies them; the audit tells who previewed and who applied. What moved between
//! the two is found by the pipeline; whether the plan is free is the store's to say.

use super::actions::{answer, follow, while_running};
use super::auth::Caller;
use super::configured;
use super::overriding;
use super::problem::Problem;
use super::{author, body, idempotency, moments, query, runs};
use crate::app::App;
use crate::config::{Configuration, DeleteScope};
use crate::manifest::Action;
use crate::model::{Operation, excerpt};
use crate::pipeline::{self, Compared, Moved, Run};
use crate::report::PlanLine;
use crate::store::{Accepted, Author, NewKey, PlanFilter, StoreError, StoredPlan};
use crate::worker::{self, Engine, Kept, run_of_plan};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Plans of one page where the caller does not say.
const PAGE_PLANS_DEFAULT: i64 = 50;
/// Plans of one page.
const PAGE_PLANS_MAX: i64 = 200;

/// A plan as a caller sees it. The text first: some show only where an answer begins.
#[derive(Serialize)]
struct PlanDocument<'a> {
    text: String,
    plan: &'a str,
    /// `waiting` to be applied, `used` by a run, or `over` by itself.
    state: &'static str,
    action: &'a str,
    configuration: &'a str,
    client: &'a str,
    ticket: Option<&'a str>,
    reason: Option<&'a str>,
    kept: String,
    expires: String,
    run: Option<&'a str>,
    applied_by: Option<&'a str>,
    applied: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Value>,
    links: Value,
}

/// `GET /v1/plans`
pub(super) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = query::read(query.as_deref(), &["waiting", "before", "limit"])?;
    let asked = query.clone();
    let filter = PlanFilter {
        only_waiting: query::flag(&mut query, "waiting")?,
        configurations: runs::allowed(&engine, &caller, None)?,
        before: query
            .remove("before")
            .map(|id| query::id("before", "a plan", &id))
            .transpose()?,
        limit: query::limit(query.remove("limit"), PAGE_PLANS_DEFAULT, PAGE_PLANS_MAX)?,
    };
    let page = engine.store.plans(&filter).await?;
    let plans: Vec<_> = page.plans.iter().map(document).collect();
    let mut links = BTreeMap::new();
    if let Some(next) = &page.next {
        links.insert("next", query::next_page("/v1/plans", asked, "before", next));
    }
    Ok(Json(json!({"plans": plans, "next": page.next, "links": links})).into_response())
}

/// `GET /v1/plans/{plan}`
pub(super) async fn show(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    plan: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    let id = plan.map_or_else(|_| "(not UTF-8)".to_owned(), |Path(id)| id);
    let plan = find(&engine, &caller, &id).await?;
    let report = serde_json::from_str(&plan.report).unwrap_or_default();
    let document = PlanDocument {
        report: Some(report),
        ..document(&plan)
    };
    Ok(Json(document).into_response())
}

/// A preview that is kept, where it can be; it is answered all the same where it cannot.
pub(super) async fn keep(engine: &Engine, run: Run, author: Author) -> Result<Response, Problem> {
    let stopped = engine.stopped_for(&run).await?;
    let mut seen = while_running(engine, &run.id, engine.look_closely(run.clone())).await?;
    (seen.report.ticket, seen.report.reason) = (author.ticket.clone(), author.reason.clone());
    let kept = engine.keep_plan(&run, &seen, author).await?;
    let mut report = seen.report;
    match kept {
        Kept::Plan(plan) => {
            let expires = moments::write(plan.expires_ms);
            report.text = format!("{}; kept as plan {} until {expires}", report.text, plan.id);
            report.plan = Some(PlanLine {
                expires: Some(expires),
                ..PlanLine::of(&plan.id)
            });
        }
        Kept::Not(why) => {
            report.text = format!("{}; NOT KEPT as a plan: {why}", report.text);
            report.notes.push(format!("not kept as a plan: {why}"));
        }
    }
    if let Some(stopped) = stopped {
        report.say_stopped(&worker::words_of_stop(&stopped));
    }
    tracing::info!(run.id = run.id, text = report.text, "preview finished");
    Ok(answer(&engine.app, report))
}

/// What a call that applies a plan says beside it.
pub(super) struct Applying<'a> {
    pub(super) action: &'a Action,
    pub(super) plan: String,
    /// Where it is named.
    pub(super) configuration: Option<String>,
    pub(super) wait: Duration,
}

/// `POST /v1/actions/{action}?plan=ID`
pub(super) async fn apply(
    engine: &Engine,
    caller: &Caller,
    applying: Applying<'_>,
    uri: &Uri,
    request: Request,
) -> Result<Response, Problem> {
    let (headers, method) = (request.headers().clone(), request.method().clone());
    let author = author::read(&headers, caller)?;
    let body = body::read(&engine.app, request).await?;
    if !body.is_empty() {
        let detail =
            "a plan is applied as it was kept, so that `plan` goes with an empty body. Nothing was done";
        return Err(Problem::bad_request("plan_with_body", detail));
    }
    let key = idempotency::read(&headers, &method, uri.path(), uri.query(), &body)?;
    // What was accepted under this key has used the plan.
    if let Some(key) = &key
        && let Some(known) = engine.store.idempotent(caller.name(), &key.key).await?
    {
        return answer_to_known(
            engine,
            caller,
            &known.run,
            known.fingerprint == key.fingerprint,
            applying.wait,
        )
        .await;
    }
    let plan = find(engine, caller, &applying.plan).await?;
    let configuration = configuration_of(&engine.app, caller, &applying, &plan)?;
    refuse_unless_free(&plan)?;
    let run = run_of_plan(&plan, &uuid::Uuid::now_v7().to_string()).map_err(|error| {
        tracing::error!(plan.id = plan.id, %error, "a plan cannot be read");
        over(&plan, "it was kept by another version of doorlist")
    })?;
    let run = overriding::of_plan(run, caller, &author)?;
    if let Err(problem) = look_again(engine, &run, &plan, configuration).await {
        // Where somebody applied it at this moment, that is what moved.
        refuse_unless_free(&find(engine, caller, &plan.id).await?)?;
        return Err(problem);
    }
    accept(engine, caller, &run, author, key, applying.wait).await
}

/// A plan binds to what was previewed; where that would be done to something else by now, it is not done.
async fn look_again(
    engine: &Engine,
    run: &Run,
    plan: &StoredPlan,
    configuration: &Configuration,
) -> Result<(), Problem> {
    if let Some(changed) = changed_since(&engine.app, run, configuration) {
        let words = format!("the configuration {} has {changed} by now", configuration.name);
        return Err(moved(plan, &Moved::of(words)));
    }
    let preview = Run {
        dry_run: true,
        ..run.clone()
    };
    let seen = while_running(engine, &run.id, engine.look_closely(preview)).await?;
    let planned = run.plan.as_ref().ok_or_else(Problem::internal)?;
    match pipeline::compare(&engine.app, run, planned, &seen) {
        Compared::Same => Ok(()),
        Compared::Moved(what) => Err(moved(plan, &what)),
        Compared::Unseen(why) => {
            let detail = format!(
                "whether anything moved since the plan was kept cannot be seen now ({why}). Nothing was written, and the plan is not used: apply it again later"
            );
            Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "plan_unseen",
                detail,
            ))
        }
    }
}

async fn accept(
    engine: &Engine,
    caller: &Caller,
    run: &Run,
    author: Author,
    key: Option<NewKey>,
    wait: Duration,
) -> Result<Response, Problem> {
    let fingerprint = key.as_ref().map(|key| key.fingerprint.clone());
    match engine.accept(run, worker::Caller { author, key }).await {
        Ok(Accepted::New) => {}
        Ok(Accepted::Known(known)) => {
            let is_same = Some(&known.fingerprint) == fingerprint.as_ref();
            return answer_to_known(engine, caller, &known.run, is_same, wait).await;
        }
        Err(StoreError::PlanNotFree) => {
            // Somebody else was faster, or its time came meanwhile.
            let id = run.plan.as_ref().map_or("", |plan| plan.id.as_str());
            let plan = find(engine, caller, id).await?;
            refuse_unless_free(&plan)?;
            return Err(Problem::internal());
        }
        Err(error) => return Err(error.into()),
    }
    tracing::info!(
        run.id = run.id,
        action = run.action,
        configuration = run.configuration,
        client.name = caller.name(),
        items = run.items.len(),
        "run of a plan accepted"
    );
    let told = follow(engine, caller, &run.id, false, wait).await;
    told.or_else(|_| runs::accepted_unseen(&run.id))
}

async fn answer_to_known(
    engine: &Engine,
    caller: &Caller,
    run: &str,
    is_same_call: bool,
    wait: Duration,
) -> Result<Response, Problem> {
    if !is_same_call {
        return Err(idempotency::reused());
    }
    let told = follow(engine, caller, run, true, wait).await;
    told.or_else(|_| runs::accepted_unseen(run))
}

/// The configuration of the plan, which the call may name and the caller must be allowed to run.
fn configuration_of<'a>(
    app: &'a App,
    caller: &Caller,
    applying: &Applying<'_>,
    plan: &StoredPlan,
) -> Result<&'a Configuration, Problem> {
    let is_other = |name: &String| *name != plan.configuration;
    if applying.action.id != plan.action || applying.configuration.as_ref().is_some_and(is_other) {
        let detail = format!(
            "the plan {} is of the action {} and the configuration {}, and is applied at /v1/actions/{}?plan={}. Nothing was done",
            plan.id, plan.action, plan.configuration, plan.action, plan.id
        );
        return Err(Problem::bad_request("plan_of_another", detail));
    }
    configured::configuration(app, caller, applying.action, Some(plan.configuration.clone()))
}

/// What an operator changed of the configuration since the preview, which had what the run has.
fn changed_since(app: &App, run: &Run, configuration: &Configuration) -> Option<&'static str> {
    let appliances = run.appliances.iter().map(|appliance| &appliance.name);
    if run.list != configuration.list {
        Some("another list")
    } else if run.counterpart != configuration.counterpart {
        Some("other entries")
    } else if !appliances.eq(&configuration.appliances) {
        Some("other appliances")
    } else if run.operation == Operation::Delete
        && run.taking_back.is_some() != (configuration.delete_scope == DeleteScope::Ours)
    {
        Some("another delete_scope")
    } else if run.objects_per_run != configuration.objects_per_run as usize {
        Some("another objects_per_run")
    } else if run.caps.as_ref() != Some(&pipeline::caps_of(app, configuration, run.operation)) {
        Some("other caps")
    } else {
        None
    }
}

fn refuse_unless_free(plan: &StoredPlan) -> Result<(), Problem> {
    if let Some(run) = &plan.run {
        let detail = format!(
            "the plan {} was applied by {} already, as run {run}; a plan is applied once. Nothing was done",
            plan.id,
            plan.applied_by.as_deref().unwrap_or_default()
        );
        let problem = Problem::new(StatusCode::CONFLICT, "plan_used", detail);
        return Err(problem
            .with("run", run.as_str())
            .with("links", json!({"run": format!("/v1/runs/{run}")})));
    }
    if plan.is_over() {
        return Err(over(
            plan,
            &format!("it was good until {}", moments::write(plan.expires_ms)),
        ));
    }
    Ok(())
}

fn over(plan: &StoredPlan, why: &str) -> Problem {
    let detail = format!(
        "the plan {} cannot be applied any more: {why}. Preview again, and keep that. Nothing was done",
        plan.id
    );
    Problem::new(StatusCode::GONE, "plan_over", detail)
}

fn moved(plan: &StoredPlan, what: &Moved) -> Problem {
    let detail = format!(
        "it is not as it was when the plan {} was kept: {what}. Nothing was written; preview again, and keep that",
        plan.id
    );
    Problem::new(StatusCode::CONFLICT, "plan_moved", detail)
        .with("moved", what.named.clone())
        .with("more", what.more)
}

async fn find(engine: &Engine, caller: &Caller, id: &str) -> Result<StoredPlan, Problem> {
    let stored = engine.store.plan(id).await?;
    // One answer for another client's plan and for one that does not exist.
    let visible = stored.filter(|stored| may_see(&engine.app, caller, stored));
    visible.ok_or_else(|| {
        let detail = format!(
            "there is no plan `{}` that you may see; they are listed at /v1/plans",
            excerpt(id, 60)
        );
        Problem::new(StatusCode::NOT_FOUND, "unknown_plan", detail)
    })
}

fn may_see(app: &App, caller: &Caller, plan: &StoredPlan) -> bool {
    let configuration = app.config.configurations.get(&plan.configuration);
    matches!(caller, Caller::Local)
        || plan.client == caller.name()
        || configuration.is_some_and(|configuration| caller.may_use(configuration))
}

fn document(plan: &StoredPlan) -> PlanDocument<'_> {
    let expires = moments::write(plan.expires_ms);
    let (state, begin) = match &plan.run {
        Some(run) => ("used", format!("USED by run {run}, which says what came of it")),
        None if plan.is_over() => ("over", format!("OVER since {expires}, and never applied")),
        None => ("waiting", format!("WAITING to be applied until {expires}")),
    };
    let mut links = json!({"self": format!("/v1/plans/{}", plan.id)});
    match &plan.run {
        Some(run) => links["run"] = format!("/v1/runs/{run}").into(),
        None if plan.is_over() => {}
        None => links["apply"] = format!("/v1/actions/{}?plan={}", plan.action, plan.id).into(),
    }
    PlanDocument {
        text: format!("{begin}: {}", plan.text),
        plan: &plan.id,
        state,
        action: &plan.action,
        configuration: &plan.configuration,
        client: &plan.client,
        ticket: plan.ticket.as_deref(),
        reason: plan.reason.as_deref(),
        kept: moments::write(plan.created_ms),
        expires,
        run: plan.run.as_deref(),
        applied_by: plan.applied_by.as_deref(),
        applied: plan.applied_ms.map(moments::write),
        report: None,
        links,
    }
}
