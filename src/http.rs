//! The door: who calls, may they, what exactly do they ask. Every route stands in [`router`], every layer in
//! [`serve`]'s router too; one file per resource below. Refuses to know AsyncOS and what an outcome means.
//! Faults of the caller become problem+json in `problem.rs`, and nowhere else.

mod actions;
mod appliances;
mod auth;
mod health;
mod layers;
mod loopback;
mod problem;
mod query;

use crate::app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum_server::tls_rustls::RustlsConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a stop waits for calls that are being answered. A run itself is always finished; this only bounds a
/// caller who does not read its answer.
const STOP_GRACE_MAX: Duration = Duration::from_secs(5 * 60);

/// Every route, grouped by caller, and every layer, outermost last.
pub fn router(app: Arc<App>) -> Router {
    let workflows = Router::new()
        .route("/v1/actions", get(actions::list))
        .route("/v1/actions/{action}", get(actions::show).post(actions::run))
        .route("/v1/appliances", get(appliances::list))
        .route("/v1/appliances/{name}/test", post(appliances::test))
        .route_layer(from_fn_with_state(Arc::clone(&app), auth::authenticate))
        .layer(DefaultBodyLimit::max(app.config.server.body_bytes_max));
    let workflows = layers::shed_overload(workflows, app.config.server.requests_at_once_max);
    // Beside the limits and the rights, so that a server under load still tells everybody that it lives.
    let probes = Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz));
    let mut router = Router::new()
        .merge(workflows)
        .merge(probes)
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed);
    if app.config.clients.is_empty() {
        router = router.layer(from_fn(loopback::refuse_foreign));
    }
    router
        .with_state(app)
        .layer(layers::catch_panic())
        .layer(from_fn(layers::log))
}

/// The certificate and key that the configuration names, ready to serve with; `None` where it names none.
///
/// # Errors
/// The files cannot be read, or hold no certificate and key that belong together.
pub async fn load_tls(app: &App) -> std::io::Result<Option<RustlsConfig>> {
    let Some(files) = &app.config.server.tls else {
        return Ok(None);
    };
    // A second call finds a provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    RustlsConfig::from_pem_file(&files.cert_file, &files.key_file)
        .await
        .map(Some)
}

/// Serves until `shutdown` resolves, then takes no more calls and finishes those that run.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let runs = app.runs.clone();
    let handle = axum_server::Handle::new();
    tokio::spawn({
        let (runs, handle) = (runs.clone(), handle.clone());
        async move {
            shutdown.await;
            tracing::info!(
                runs = runs.len(),
                "stopping: taking no more calls, finishing the runs under way"
            );
            runs.close();
            handle.graceful_shutdown(Some(STOP_GRACE_MAX));
        }
    });
    let listener = listener.into_std()?;
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        Some(tls) => {
            axum_server::from_tcp_rustls(listener, tls)?
                .handle(handle)
                .serve(service)
                .await?
        }
        None => {
            axum_server::from_tcp(listener)?
                .handle(handle)
                .serve(service)
                .await?
        }
    }
    // A caller that hung up has left its run behind.
    runs.close();
    runs.wait().await;
    tracing::info!("stopped");
    Ok(())
}
