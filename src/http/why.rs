//! `GET /v1/why`: what stands for a sender, on which appliance and list, for whom, and who put it there. Nothing here
//! writes. A client sees the appliances of its configurations, and of runs of others no more than their ids.

use super::appliances::visible;
use super::auth::Caller;
use super::problem::Problem;
use super::query;
use super::runs::may_see;
use crate::model::{Recipient, Refusal, Sender, excerpt};
use crate::pipeline::Question;
use crate::worker::Engine;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use std::sync::Arc;

/// `GET /v1/why?value=VALUE&recipient=MAILBOX`
pub(super) async fn show(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut query = query::read(query.as_deref(), &["value", "recipient"])?;
    let Some(value) = query.remove("value") else {
        let detail = "`value` is missing: the address, domain or IP address that is asked about";
        return Err(
            Problem::bad_request("missing_query_key", detail).with("allowed", vec!["value", "recipient"])
        );
    };
    let sender = Sender::parse_untyped(&value).map_err(|refusal| refused("value", &value, &refusal))?;
    let recipient = query
        .remove("recipient")
        .map(|text| Recipient::parse(&text).map_err(|refusal| refused("recipient", &text, &refusal)))
        .transpose()?
        .map(|parsed| parsed.entry);
    let question = Question { sender, recipient };
    let appliances: Vec<String> = visible(&engine.app, &caller)
        .map(|(settings, _)| settings.name.clone())
        .collect();
    let why = engine
        .why(&value, question, appliances, &|run| {
            may_see(&engine, &caller, run)
        })
        .await?
        .ok_or_else(Problem::stopping)?;
    tracing::info!(client.name = caller.name(), text = why.text, "asked why");
    Ok(Json(why).into_response())
}

/// The rule that it breaks, and what was probably meant.
fn refused(key: &str, text: &str, refusal: &Refusal) -> Problem {
    let detail = format!("`{key}` is `{}`: {refusal}", excerpt(text, 100));
    let problem = Problem::bad_request("invalid_query_value", detail).with("rule", refusal.rule().code());
    match refusal.suggestion() {
        Some(suggestion) => problem.with("suggestion", suggestion),
        None => problem,
    }
}
