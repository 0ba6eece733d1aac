//! `doorlist serve`: loads manifests and configuration, and serves until it is asked to stop.

use super::load::{Files, mistake, warnings};
use super::stop;
use super::{ExitStatus, Failure};
use crate::worker::Engine;
use crate::{http, telemetry};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    files: Files,
    /// Write down what goes over the wire to appliances, one file for each run, without credentials. Holds entries of
    /// the lists, and mailboxes.
    #[arg(long, value_name = "DIRECTORY")]
    trace_wire: Option<PathBuf>,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let app = Arc::new(self.files.load()?.with_wire_logs(self.trace_wire.clone()));
        let settings = &app.config.server;
        telemetry::start(settings.log_format, &settings.log_level)
            .map_err(|error| mistake(format!("log_level under [server]: {error}")))?;
        for warning in warnings(&app) {
            tracing::warn!("{warning}");
        }
        if let Some(directory) = &self.trace_wire {
            check_directory(directory)?;
            tracing::warn!(directory = %directory.display(), "--trace-wire: what goes over the wire to appliances is written down");
        }
        let tls = http::load_tls(&app)
            .await
            .map_err(|error| mistake(format!("tls_cert_file and tls_key_file under [server]: {error}")))?;
        let engine = Engine::open(Arc::clone(&app))
            .await
            .map_err(|error| Failure::new(ExitStatus::Failed, format!("store under [server]: {error}")))?;
        let listen = settings.listen;
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            let words = format!("cannot listen on {listen} (listen under [server]): {error}");
            Failure::new(ExitStatus::Failed, words)
        })?;
        // Before anybody is told that we listen: whoever hears that may stop us.
        let stop = stop::asked();
        let address = listener.local_addr().unwrap_or(listen);
        let scheme = if tls.is_some() { "https" } else { "http" };
        tracing::info!(
            actions = app.actions.iter().count(),
            configurations = app.config.configurations.len(),
            clients = app.config.clients.len(),
            "listening on {scheme}://{address}"
        );
        let failed = |error| Failure::new(ExitStatus::Failed, format!("the server failed: {error}"));
        http::serve(listener, tls, engine, stop).await.map_err(failed)?;
        Ok(ExitStatus::Done)
    }
}

fn check_directory(directory: &Path) -> Result<(), Failure> {
    if directory.is_dir() {
        return Ok(());
    }
    let words = format!("--trace-wire {}: there is no such directory", directory.display());
    Err(Failure::new(ExitStatus::Usage, words))
}
