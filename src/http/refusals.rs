//! Keeps that a call was refused because its client lacks a right, whatever handler refused it: the refusal says so
//! itself (`Problem::lacking`), and this layer stands around all handlers. Refuses to judge.

use super::auth::Caller;
use super::author;
use super::problem::Lacking;
use crate::model::excerpt;
use crate::store::RefusedRights;
use crate::worker::Engine;
use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Lets a call through, and puts a row into the audit where it was refused for lack of rights.
pub(super) async fn keep(
    State(engine): State<Arc<Engine>>,
    Extension(caller): Extension<Caller>,
    request: Request,
    next: Next,
) -> Response {
    let called = format!("{} {}", request.method(), excerpt(request.uri().path(), 200));
    let run = run_of(request.uri().path());
    let author = author::read_what_is_good(request.headers(), &caller);
    let response = next.run(request).await;
    if let Some(lacking) = response.extensions().get::<Lacking>() {
        let refused = RefusedRights {
            what: format!("{called}: {}", lacking.what),
            run,
            configuration: lacking.configuration.clone(),
            appliance: lacking.appliance.clone(),
        };
        let words = refused.what.clone();
        // Refused it is all the same.
        if let Err(error) = engine.store.audit_refusal(author, refused).await {
            tracing::error!(%error, words, "a refusal cannot be kept in the audit");
        }
    }
    response
}

/// The run that a path names.
fn run_of(path: &str) -> Option<String> {
    let id = path.strip_prefix("/v1/runs/")?.split('/').next()?;
    let id = uuid::Uuid::parse_str(id).ok()?;
    Some(id.to_string())
}
