//! Probes: is the process alive, and does it take calls. Neither asks an appliance: a workflow should hear the
//! reason from a report, not from a probe.

use crate::app::App;
use axum::extract::State;
use axum::http::StatusCode;
use std::sync::Arc;

/// Alive.
pub(super) async fn livez() -> &'static str {
    "alive\n"
}

/// Takes calls. While the server stops, new connections are refused, and those that are still open hear 503.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.runs.is_closed() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}
