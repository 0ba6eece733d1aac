//! What `serve` and `check` begin with: manifests, configuration, clients of the appliances. Every mistake is an
//! exit code 78 with the words of the room that found it.

use super::{ExitStatus, Failure};
use crate::app::App;
use crate::config::{Config, Trust};
use crate::manifest::Actions;
use crate::pipeline::spoiled_configurations;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where manifests and configuration are.
#[derive(Debug, clap::Args)]
pub(super) struct Files {
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

impl Files {
    pub(super) fn load(&self) -> Result<App, Failure> {
        let actions = Actions::load(self.manifests.as_deref()).map_err(mistake)?;
        // Variables that are not text cannot be ours.
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let config = Config::load(&self.config, &environment, &actions).map_err(mistake)?;
        App::new(config, actions).map_err(mistake)
    }
}

pub(super) fn mistake(error: impl std::fmt::Display) -> Failure {
    Failure::new(ExitStatus::Configuration, error.to_string())
}

/// What works and should not stay so, or will surprise: said at every start and by `check`.
pub(super) fn warnings(app: &App) -> Vec<String> {
    let mut warnings = app.config.warnings.clone();
    for appliance in app
        .config
        .appliances
        .values()
        .filter(|appliance| appliance.tls.trust == Trust::Nothing)
    {
        warnings.push(format!(
            "appliance {}: verify_tls = false lets anybody on the way read its credentials and change what is sent",
            appliance.name
        ));
    }
    warnings.extend(spoiled_configurations(app));
    warnings
}
