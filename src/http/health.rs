//! Probes: is the process alive, and does it take calls, which it cannot where they cannot be stored. Neither asks an
//! appliance: a workflow should hear the reason from a report, not from a probe.

use crate::store::Scope;
use crate::worker::Engine;
use axum::extract::State;
use axum::http::StatusCode;
use std::sync::Arc;

/// Alive.
pub(super) async fn livez() -> &'static str {
    "alive\n"
}

/// Takes calls. While the server stops, new connections are refused, and those that are still open hear 503.
pub(super) async fn readyz(State(engine): State<Arc<Engine>>) -> (StatusCode, &'static str) {
    if engine.app.runs.is_closed() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let looked = match engine.store.is_writable().await {
        Ok(()) => engine.store.writes_stopped().await,
        Err(error) => Err(error),
    };
    match looked.map(|stopped| stopped.map(|stopped| stopped.scope)) {
        // It takes calls, and whoever may know more asks for it.
        Ok(Some(Scope::Additions)) => (
            StatusCode::OK,
            "ready; additions are stopped, /v1/writes says by whom\n",
        ),
        Ok(Some(Scope::Everything)) => (
            StatusCode::OK,
            "ready; additions and removals are stopped, /v1/writes says by whom\n",
        ),
        Ok(None) if engine.app.rules_trouble().is_some() => {
            // Calls are taken, and judged by good rules, only not by the newest.
            let words = "ready, by old rules: a changed file of the guard cannot be used; the server's log says why\n";
            (StatusCode::OK, words)
        }
        Ok(None) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            // Whoever probes is not known: the reason may name a path or a host.
            tracing::error!(%error, "not ready: the store cannot be written");
            let words =
                "not ready: the store cannot be written, so no run is accepted; the server's log says why\n";
            (StatusCode::SERVICE_UNAVAILABLE, words)
        }
    }
}
