//! `doorlist serve`: loads manifests and configuration, and serves until it is asked to stop.

use super::stop;
use super::{ExitStatus, Failure};
use crate::app::App;
use crate::config::Config;
use crate::manifest::Actions;
use crate::{http, telemetry};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The configuration file.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "doorlist.toml",
        env = "DOORLIST_CONFIG"
    )]
    config: PathBuf,
    /// A folder with further action manifests (*.yaml), added to the built-in ones.
    #[arg(long, value_name = "DIR", env = "DOORLIST_MANIFESTS")]
    manifests: Option<PathBuf>,
}

impl Serve {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let mistake = |words: String| Failure::new(ExitStatus::Configuration, words);
        let actions = Actions::load(self.manifests.as_deref()).map_err(|error| mistake(error.to_string()))?;
        // Variables that are not text cannot be ours.
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let config =
            Config::load(&self.config, &environment, &actions).map_err(|error| mistake(error.to_string()))?;
        telemetry::start(config.server.log_format, &config.server.log_level)
            .map_err(|error| mistake(format!("log_level under [server]: {error}")))?;
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        warn_of_open_doors(&config);
        let listen = config.server.listen;
        let app = Arc::new(App::new(config, actions).map_err(|error| mistake(error.to_string()))?);
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            let words = format!("cannot listen on {listen} (listen under [server]): {error}");
            Failure::new(ExitStatus::Failed, words)
        })?;
        let address = listener.local_addr().unwrap_or(listen);
        let (actions, configurations) = (app.actions.iter().count(), app.config.configurations.len());
        tracing::info!(actions, configurations, "listening on http://{address}");
        let failed = |error| Failure::new(ExitStatus::Failed, format!("the server failed: {error}"));
        http::serve(listener, app, stop::asked()).await.map_err(failed)?;
        Ok(ExitStatus::Done)
    }
}

/// What is allowed and dangerous is said at every start.
fn warn_of_open_doors(config: &Config) {
    for appliance in config
        .appliances
        .values()
        .filter(|appliance| !appliance.verify_tls)
    {
        let name = &appliance.name;
        tracing::warn!(
            appliance.name = %name,
            "verify_tls = false: anybody on the way to this appliance can read its credentials and change what is sent"
        );
    }
}
