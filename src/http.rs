//! The door: who calls, may they, what exactly do they ask. Every route stands in [`router`], every layer in
//! [`serve`]'s router too; one file per resource below. Refuses to know AsyncOS and what an outcome means.
//! Faults of the caller become problem+json in `problem.rs`, and nowhere else.

mod actions;
mod appliances;
mod audit;
mod auth;
mod author;
mod body;
mod configured;
mod health;
mod holds;
mod idempotency;
mod layers;
mod lists;
mod loopback;
mod moments;
mod overriding;
mod plans;
mod problem;
mod query;
mod refusals;
mod runs;
mod undo;
mod why;
mod writes;

use crate::app::App;
use crate::worker::Engine;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
use axum_server::tls_rustls::RustlsConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a stop waits for calls that are being answered. A run goes on at the next start; this only bounds a caller who
/// does not read its answer.
const STOP_GRACE_MAX: Duration = Duration::from_secs(5 * 60);

/// Every route, grouped by caller, and every layer, outermost last.
pub fn router(engine: Arc<Engine>) -> Router {
    let app = Arc::clone(&engine.app);
    let workflows = Router::new()
        .route("/v1/actions", get(actions::list))
        .route("/v1/actions/{action}", get(actions::show).post(actions::run))
        .route("/v1/appliances", get(appliances::list))
        .route("/v1/appliances/{name}/test", post(appliances::test))
        .route("/v1/appliances/{name}/lists/{list}", get(lists::show))
        .route("/v1/why", get(why::show));
    // Counted by themselves: when everybody waits for a run, somebody has to be able to look at it and to stop it.
    let runs = Router::new()
        .route("/v1/runs", get(runs::list))
        .route("/v1/runs/{run}", get(runs::show))
        .route("/v1/runs/{run}/cancel", post(runs::cancel))
        .route("/v1/runs/{run}/undo", post(undo::undo))
        .route("/v1/remove", post(undo::remove))
        .route("/v1/holds", get(holds::list).post(holds::add))
        .route("/v1/holds/{hold}", delete(holds::end))
        .route("/v1/writes", get(writes::show).post(writes::switch))
        .route("/v1/plans", get(plans::list))
        .route("/v1/plans/{plan}", get(plans::show))
        .route("/v1/audit", get(audit::list));
    let limited = |routes: Router<DoorState>| {
        let routes = routes
            .route_layer(from_fn_with_state(Arc::clone(&engine), refusals::keep))
            .route_layer(from_fn_with_state(Arc::clone(&app), auth::authenticate))
            .layer(DefaultBodyLimit::max(app.config.server.body_bytes_max));
        layers::shed_overload(routes, app.config.server.requests_at_once_max)
    };
    // Beside the limits and the rights, so that a server under load still tells everybody that it lives.
    let probes = Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz));
    let mut router = Router::new()
        .merge(limited(workflows))
        .merge(limited(runs))
        .merge(probes)
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed);
    if app.config.clients.is_empty() {
        router = router.layer(from_fn(loopback::refuse_foreign));
    }
    router
        .with_state(DoorState(engine))
        .layer(layers::catch_panic())
        .layer(from_fn(layers::log))
}

/// What handlers are given a part of.
#[derive(Debug, Clone)]
struct DoorState(Arc<Engine>);

impl FromRef<DoorState> for Arc<Engine> {
    fn from_ref(state: &DoorState) -> Self {
        Arc::clone(&state.0)
    }
}

impl FromRef<DoorState> for Arc<App> {
    fn from_ref(state: &DoorState) -> Self {
        Arc::clone(&state.0.app)
    }
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

/// Serves until `shutdown` resolves, then takes no more calls, and leaves runs between two writes to the next start.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    engine: Arc<Engine>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let runs = engine.app.runs.clone();
    let working = tokio::spawn(Arc::clone(&engine).work());
    let handle = axum_server::Handle::new();
    tokio::spawn({
        let (runs, handle, engine) = (runs.clone(), handle.clone(), Arc::clone(&engine));
        async move {
            shutdown.await;
            tracing::info!(
                tasks = engine.tasks_under_way(),
                previews = runs.len(),
                "stopping: taking no more calls; what is not done goes on at the next start"
            );
            runs.close();
            engine.stop();
            handle.graceful_shutdown(Some(STOP_GRACE_MAX));
        }
    });
    let listener = listener.into_std()?;
    let service = router(Arc::clone(&engine)).into_make_service_with_connect_info::<SocketAddr>();
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
    engine.stop();
    working.await.map_err(std::io::Error::other)?;
    engine.store.clone().close().await;
    tracing::info!("stopped");
    Ok(())
}
