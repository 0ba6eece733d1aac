//! Which action a call names, and under which of its stored configurations; what exists and is another client's is not
//! told apart from what does not exist. Refuses to know what is done with them.

use super::auth::{self, Caller};
use super::problem::Problem;
use crate::app::App;
use crate::config::Configuration;
use crate::manifest::Action;
use crate::model::excerpt;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;

/// The one with this id.
pub(super) fn action(app: &App, id: Result<Path<String>, PathRejection>) -> Result<&Action, Problem> {
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
pub(super) fn configurations<'a>(
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
pub(super) fn configuration<'a>(
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
        return Err(auth::forbidden(&name).with("allowed", names));
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
