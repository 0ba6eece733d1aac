//! What `serve` and `check` begin with: manifests, configuration, clients of the appliances. Every mistake is an
//! exit code 78 with the words of the room that found it.

use super::{ExitStatus, Failure};
use crate::app::App;
use crate::config::{Config, GuardSettings, Trust};
use crate::guard::everybodys;
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
    warnings.extend(too_wide(&app.config.guard));
    warnings.extend(spoiled_configurations(app));
    warnings
}

/// What is written in `[guard]` and means everybody.
fn too_wide(settings: &GuardSettings) -> Vec<String> {
    let own = settings.own_domains.iter().filter(|own| !own.is_of_recipient);
    let own = own.map(|own| (&own.origin, &own.domain, "no name below it can be listed"));
    let partners = settings.partner_domains.iter();
    let partners = partners.map(|partner| {
        (
            &partner.origin,
            &partner.value,
            "anybody there can be put on a safelist",
        )
    });
    let domains = own.chain(partners).filter_map(|(origin, domain, so)| {
        let what = everybodys(domain)?;
        Some(format!("{origin}: {domain} is a {what}, so that {so}"))
    });
    let networks = settings.protected_networks.iter();
    let all = networks.filter(|network| network.value.prefix_len() == 0);
    let all = all.map(|network| {
        format!(
            "{}: {} is every address, so that none can be blocked",
            network.origin, network.value
        )
    });
    domains.chain(all).collect()
}
