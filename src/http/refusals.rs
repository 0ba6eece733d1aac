//! Keeps that a call was refused because its client lacks a right, whatever handler refused it: the refusal says so
//! itself (`Problem::lacking`), and this layer stands around all handlers. Refuses to judge.

use super::auth::Caller;
use super::author;
use super::problem::Lacking;
use crate::model::excerpt;
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
    let request_id = author::request_id(request.headers());
    let response = next.run(request).await;
    if let Some(Lacking(what)) = response.extensions().get() {
        let words = format!("{called}: {what}");
        let kept = engine.store.audit_refusal(caller.name(), &request_id, &words);
        // Refused it is all the same.
        if let Err(error) = kept.await {
            tracing::error!(%error, words, "a refusal cannot be kept in the audit");
        }
    }
    response
}
