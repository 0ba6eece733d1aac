//! The guard without the rest of doorlist: the rooms `model` and `guard` as they are, and of `config` the plain settings
//! that the guard is made of. `tests/support/mutations` builds this crate once for each mutation, which takes seconds
//! where doorlist takes a minute. Refuses to hold a rule or a test of its own.

pub mod guard;
pub mod model;

/// What the guard takes from the configuration.
pub mod config {
    #[path = "../config/guard/settings.rs"]
    mod settings;

    pub use settings::{Configured, GuardSettings, OwnDomain, Pinned};

    /// Stands in for the caps, which the guard does not ask.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct CapSettings;

    /// Stands in for the files, of which the guard is handed what was read.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    pub struct RuleFiles;
}
