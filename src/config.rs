//! `doorlist.toml` with the environment on top: what was written is checked, and what comes out is ready to
//! use. Every mistake is told at once, with its place, what is allowed and how to mend it. Refuses to know
//! sockets, requests and what is on a list. Read on in the order of the work: `config/document.rs` (syntax and
//! positions), `environment.rs`, `layers.rs` (merging), `section.rs` (types), then one file per table.

mod addresses;
mod appliance;
mod caps;
mod clients;
mod configuration;
mod counterpart;
mod document;
mod environment;
mod files;
mod guard;
mod intake;
mod layers;
mod rights;
mod rule_files;
mod secret;
mod section;
mod server;
mod setting;
mod tokens;
mod warninglists;

pub use appliance::{ApplianceSettings, Auth, Fingerprint, Mode, ProxySettings, Root, TlsSettings, Trust};
pub use caps::{Cap, CapSettings, RunCaps, ShareCap};
pub use clients::Client;
pub use configuration::{Configuration, DeleteScope};
pub use counterpart::Counterpart;
pub use guard::{Configured, GuardSettings, OwnDomain, Pinned};
pub use rights::Right;
pub use rule_files::RuleFiles;
pub use secret::Secret;
pub use server::{FailOn, LogFormat, Server, TlsFiles};
pub use warninglists::{WarninglistHead, WarninglistMatching, WarninglistTaker};

use crate::manifest::{Actions, Mistakes, Place};
use crate::model::IndicatorType;
use document::Places;
use layers::Layers;
use std::collections::BTreeMap;
use std::path::Path;

/// The whole configuration, ready to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[clients.NAME]`, by name. Without any, callers cannot be told apart, and only loopback is allowed.
    pub clients: BTreeMap<String, Client>,
    /// `[intake] type_ids`: ThreatQ's numbers of its indicator types. Empty by default.
    pub type_ids: BTreeMap<i64, IndicatorType>,
    /// `[appliances.NAME]`, by name.
    pub appliances: BTreeMap<String, ApplianceSettings>,
    /// `[configurations.NAME]`, by name.
    pub configurations: BTreeMap<String, Configuration>,
    /// `[guard]`
    pub guard: GuardSettings,
    /// What works and should not stay so, each as `file:line:column: sentence`.
    pub warnings: Vec<String>,
}

/// What the tables are read from and held against.
struct Surroundings<'a> {
    layers: &'a Layers,
    actions: &'a Actions,
    base_dir: &'a Path,
    client_names: Vec<String>,
    appliance_names: Vec<String>,
    configuration_names: Vec<String>,
}

impl Surroundings<'_> {
    fn has_clients(&self) -> bool {
        !self.client_names.is_empty()
    }
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
    root.know(&[
        "server",
        "clients",
        "intake",
        "appliances",
        "configurations",
        "guard",
    ]);
    root.finish();

    let surroundings = Surroundings {
        layers: &layers,
        actions,
        base_dir,
        client_names: layers.names("clients", mistakes),
        appliance_names: layers.names("appliances", mistakes),
        configuration_names: layers.names("configurations", mistakes),
    };
    let mut warnings = Vec::new();
    let server = server::read(&surroundings, mistakes);
    let clients = clients::read(&surroundings, mistakes, &mut warnings);
    let type_ids = intake::read(layers.section(&["intake"], mistakes));
    let mut appliances = BTreeMap::new();
    for name in &surroundings.appliance_names {
        let settings = appliance::read(name, &surroundings, mistakes, &mut warnings);
        appliances.extend(settings.map(|settings| (name.clone(), settings)));
    }
    refuse_twins(&appliances, &layers, mistakes);
    let mut configurations = BTreeMap::new();
    for name in &surroundings.configuration_names {
        let configuration = configuration::read(name, &surroundings, mistakes);
        configurations.extend(configuration.map(|configuration| (name.clone(), configuration)));
    }
    let guard = guard::read(
        layers.section(&["guard"], mistakes),
        &configurations,
        base_dir,
        &mut warnings,
    );
    Some(Config {
        server,
        clients,
        type_ids,
        appliances,
        configurations,
        guard,
        warnings,
    })
}

/// One appliance under two names would be two writers of one list, and each would take credit for the other's work.
fn refuse_twins(appliances: &BTreeMap<String, ApplianceSettings>, layers: &Layers, mistakes: &mut Mistakes) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, settings) in appliances {
        let Some(twin) = first.insert(settings.url.as_str(), name) else {
            continue;
        };
        let place = layers.section(&["appliances", name], mistakes).place();
        let text =
            format!("[appliances.{name}] has the `url` of [appliances.{twin}]; write each appliance once");
        mistakes.add(&place, text);
    }
}

/// Why a server without clients keeps to its own machine, and how to change that, as the end of a sentence.
const UNTIL_THERE_ARE_CLIENTS: &str = "until callers are told apart, because whoever reaches the server may \
                                       change the lists; add [clients.NAME] first";

#[cfg(test)]
mod tests;
