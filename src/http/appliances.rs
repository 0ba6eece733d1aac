//! `/v1/appliances`: which there are, whether they would be asked now, and a look at one. A client sees the appliances
//! of the configurations that it may use. Nothing here writes to one.

use super::auth::{self, Caller};
use super::problem::Problem;
use super::query;
use crate::app::{App, Target};
use crate::appliance::ConnectionTest;
use crate::config::ApplianceSettings;
use crate::report::Mode;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;

/// What a caller may know of an appliance. Its address is the operator's business.
#[derive(Debug, Serialize)]
struct ApplianceDocument<'a> {
    name: &'a str,
    root: &'static str,
    mode: Mode,
    list_sync_minutes: Option<u32>,
    /// Why it would not be asked now; null where it would.
    resting: Option<String>,
    test: String,
}

#[derive(Debug, Serialize)]
struct TestDocument<'a> {
    name: &'a str,
    #[serde(flatten)]
    test: ConnectionTest,
}

/// `GET /v1/appliances`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    let appliances: Vec<_> = visible(&app, &caller)
        .map(|(settings, target)| ApplianceDocument {
            name: &settings.name,
            root: settings.root.word(),
            mode: target.mode,
            list_sync_minutes: settings.list_sync_minutes,
            resting: target.appliance.resting().map(|verdict| verdict.describe()),
            test: format!("/v1/appliances/{}/test", settings.name),
        })
        .collect();
    Ok(Json(serde_json::json!({ "appliances": appliances })).into_response())
}

/// `POST /v1/appliances/{name}/test`
pub(super) async fn test(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    query::read(query.as_deref(), &[])?;
    // A path that is no text names no appliance either.
    let name = name.map_or_else(|_| "(not UTF-8)".to_owned(), |Path(name)| name);
    let names: Vec<&str> = visible(&app, &caller)
        .map(|(settings, _)| settings.name.as_str())
        .collect();
    let Some((settings, target)) = visible(&app, &caller).find(|(settings, _)| settings.name == name) else {
        return Err(unknown(&caller, &name, names));
    };
    let test = target.appliance.test().await;
    tracing::info!(
        appliance.name = name,
        client.name = caller.name(),
        ok = test.ok,
        text = test.text,
        "appliance tested"
    );
    let status = if test.ok {
        StatusCode::OK
    } else {
        StatusCode::BAD_GATEWAY
    };
    let document = TestDocument {
        name: &settings.name,
        test,
    };
    Ok((status, Json(document)).into_response())
}

/// The appliances of the configurations that the caller may use; all of them for somebody on this machine.
pub(super) fn visible<'a>(
    app: &'a App,
    caller: &Caller,
) -> impl Iterator<Item = (&'a ApplianceSettings, &'a Target)> {
    let is_named = |name: &String| {
        let mut configurations = app.config.configurations.values();
        configurations
            .any(|configuration| caller.may_use(configuration) && configuration.appliances.contains(name))
    };
    let is_local = matches!(caller, Caller::Local);
    app.config
        .appliances
        .values()
        .filter(move |settings| is_local || is_named(&settings.name))
        .filter_map(|settings| Some((settings, app.target(&settings.name)?)))
}

/// Not there, or not for the caller to see.
pub(super) fn unknown(caller: &Caller, name: &str, names: Vec<&str>) -> Problem {
    // One answer for another client's appliance and for one that does not exist.
    if matches!(caller, Caller::Client { .. }) {
        return auth::forbidden_appliance(name).with("allowed", names);
    }
    let detail = format!(
        "there is no appliance `{}`; known: {}",
        crate::model::excerpt(name, 60),
        names.join(", ")
    );
    Problem::new(StatusCode::NOT_FOUND, "unknown_appliance", detail).with("allowed", names)
}
