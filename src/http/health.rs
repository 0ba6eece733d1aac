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
pub(super) async fn readyz(State(engine): State<Arc<Engine>>) -> (StatusCode, String) {
    if engine.app.runs.is_closed() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    }
    let looked = match engine.store.is_writable().await {
        Ok(()) => engine.store.writes_stopped().await,
        Err(error) => Err(error),
    };
    match looked.map(|stopped| stopped.map(|stopped| stopped.scope)) {
        Ok(scope) => {
            let mut words = vec!["ready"];
            // Calls are taken, and judged by good rules, only not by the newest.
            if engine.app.rules_trouble().is_some() {
                words.push(
                    "by old rules: a changed file of the guard cannot be used; the server's log says why",
                );
            }
            // Whoever may know more asks for it.
            match scope {
                Some(Scope::Additions) => words.push("additions are stopped, /v1/writes says by whom"),
                Some(Scope::Everything) => {
                    words.push("additions and removals are stopped, /v1/writes says by whom");
                }
                None => {}
            }
            (StatusCode::OK, format!("{}\n", words.join("; ")))
        }
        Err(error) => {
            // Whoever probes is not known: the reason may name a path or a host.
            tracing::error!(%error, "not ready: the store cannot be written");
            let words =
                "not ready: the store cannot be written, so no run is accepted; the server's log says why\n";
            (StatusCode::SERVICE_UNAVAILABLE, words.to_owned())
        }
    }
}
