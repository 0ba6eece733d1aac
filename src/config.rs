//! `doorlist.toml` with the environment on top: what was written is checked, and what comes out is ready to
//! use. Every mistake is told at once, with its place, what is allowed and how to mend it. Refuses to know
//! clients, sockets and what is on a list. Read on in the order of the work: `config/document.rs` (syntax and
//! positions), `environment.rs`, `layers.rs` (merging), `section.rs` (types), then one file per table.

mod appliance;
mod configuration;
mod counterpart;
mod document;
mod environment;
mod files;
mod intake;
mod layers;
mod secret;
mod section;
mod server;
mod setting;

pub use appliance::{ApplianceSettings, Root};
pub use configuration::Configuration;
pub use counterpart::Counterpart;
pub use secret::Secret;
pub use server::{FailOn, LogFormat, Server};

use crate::manifest::{Actions, Mistakes, Place};
use crate::model::IndicatorType;
use configuration::Surroundings;
use document::Places;
use layers::Layers;
use std::collections::BTreeMap;
use std::path::Path;

/// The whole configuration, ready to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[intake] type_ids`: ThreatQ's numbers of its indicator types. Empty by default.
    pub type_ids: BTreeMap<i64, IndicatorType>,
    /// `[appliances.NAME]`, by name.
    pub appliances: BTreeMap<String, ApplianceSettings>,
    /// `[configurations.NAME]`, by name.
    pub configurations: BTreeMap<String, Configuration>,
    /// What works and should not stay so, each as `file:line:column: sentence`.
    pub warnings: Vec<String>,
}

/// Why the configuration cannot be used: every mistake on its own line, as `file:line:column: what is wrong;
/// what is allowed`. A syntax error adds two lines that point at it. Never shows a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(Mistakes);

impl Config {
    /// Reads a file. Relative paths in it start at its own directory; `environment` is the process's, handed
    /// in so that nothing here depends on it.
    ///
    /// # Errors
    /// All mistakes, or that the file cannot be read.
    pub fn load(
        file: &Path,
        environment: &BTreeMap<String, String>,
        actions: &Actions,
    ) -> Result<Self, ConfigError> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| {
            let mut mistakes = Mistakes::new();
            let text = format!("cannot be read: {error}; doorlist.example.toml is one to start from");
            mistakes.add(&Place::whole(&name), text);
            ConfigError(mistakes)
        })?;
        let base_dir = file.parent().unwrap_or(Path::new(""));
        Self::from_toml(&text, &name, base_dir, environment, actions)
    }

    /// Reads a text. `name` stands for it in messages.
    ///
    /// # Errors
    /// All mistakes.
    pub fn from_toml(
        text: &str,
        name: &str,
        base_dir: &Path,
        environment: &BTreeMap<String, String>,
        actions: &Actions,
    ) -> Result<Self, ConfigError> {
        let mut mistakes = Mistakes::new();
        match read(text, name, base_dir, environment, actions, &mut mistakes) {
            Some(config) if mistakes.is_empty() => Ok(config),
            _ => Err(ConfigError(mistakes.sorted())),
        }
    }
}

fn read(
    text: &str,
    name: &str,
    base_dir: &Path,
    environment: &BTreeMap<String, String>,
    actions: &Actions,
    mistakes: &mut Mistakes,
) -> Option<Config> {
    let mut places = Places::read(text, name, mistakes)?;
    let variables = environment::overrides(environment, &mut places, mistakes);
    let layers = Layers::merge(text, variables, places, mistakes)?;

    let mut root = layers.section(&[], mistakes);
    root.know(&["server", "intake", "appliances", "configurations"]);
    root.finish();

    let server = server::read(layers.section(&["server"], mistakes));
    let type_ids = intake::read(layers.section(&["intake"], mistakes));

    let mut warnings = Vec::new();
    let mut appliances = BTreeMap::new();
    let appliance_names = layers.names("appliances", mistakes);
    for name in &appliance_names {
        let settings = appliance::read(name, &layers, base_dir, mistakes, &mut warnings);
        appliances.extend(settings.map(|settings| (name.clone(), settings)));
    }

    let surroundings = Surroundings {
        layers: &layers,
        actions,
        appliance_names: &appliance_names,
        base_dir,
    };
    let mut configurations = BTreeMap::new();
    for name in layers.names("configurations", mistakes) {
        let configuration = configuration::read(&name, &surroundings, mistakes);
        configurations.extend(configuration.map(|configuration| (name, configuration)));
    }
    Some(Config {
        server,
        type_ids,
        appliances,
        configurations,
        warnings,
    })
}

/// Why a server without clients keeps to its own machine, as the end of a sentence.
fn without_clients_reason() -> &'static str {
    "because this version cannot tell callers apart by tokens, and whoever reaches it may change the lists"
}

#[cfg(test)]
mod tests;
