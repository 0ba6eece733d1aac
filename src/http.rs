//! The door: who calls, may they, what exactly do they ask. Every route stands in [`router`], every layer in
//! [`serve`]'s router too; one file per resource below. Refuses to know AsyncOS and what an outcome means.
//! Faults of the caller become problem+json in `problem.rs`, and nowhere else.

mod actions;
mod health;
mod layers;
mod loopback;
mod problem;
mod query;

use crate::app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Every route, grouped by caller, and every layer, outermost last.
pub fn router(app: Arc<App>) -> Router {
    let workflows = Router::new()
        .route("/v1/actions", get(actions::list))
        .route("/v1/actions/{action}", get(actions::show))
        .route("/v1/actions/{action}", post(actions::run))
        .layer(DefaultBodyLimit::max(app.config.server.body_bytes_max));
    let workflows = layers::shed_overload(workflows, app.config.server.requests_at_once_max);
    // Beside the limits, so that a server under load still tells that it lives.
    let probes = Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz));
    Router::new()
        .merge(workflows)
        .merge(probes)
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .with_state(app)
        .layer(axum::middleware::from_fn(loopback::refuse_foreign))
        .layer(layers::catch_panic())
        .layer(axum::middleware::from_fn(layers::log))
}

/// Serves until `shutdown` resolves, then takes no more calls and finishes those that run.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let runs = app.runs.clone();
    let stop = {
        let runs = runs.clone();
        async move {
            shutdown.await;
            tracing::info!(
                runs = runs.len(),
                "stopping: taking no more calls, finishing the runs under way"
            );
            runs.close();
        }
    };
    axum::serve(listener, router(app))
        .with_graceful_shutdown(stop)
        .await?;
    // A caller that hung up has left its run behind.
    runs.close();
    runs.wait().await;
    tracing::info!("stopped");
    Ok(())
}
