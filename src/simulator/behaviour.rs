//! How the simulator behaves, in one piece: the knobs, the faults and the seed, as a file or a request holds
//! them.
//!
//! Everything has a default, and an unknown name is an error. This file refuses to know what the parts mean;
//! that is `knobs.rs` and `faults.rs`.

use serde::{Deserialize, Serialize};

use super::faults::FaultRule;
use super::knobs::Knobs;

/// Which appliance is played, and what goes wrong with it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The decisions that no source settles.
    pub knobs: Knobs,
    /// What goes wrong. Where two exclude each other, the first wins.
    pub faults: Vec<FaultRule>,
    /// Where the chances of faults and scrambled orders come from.
    pub fault_seed: u64,
}

/// Text that is no behaviour; the words have the line and the column.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BehaviourError(String);

impl Behaviour {
    /// From TOML: a table `[knobs]`, tables `[[faults]]`, and `fault_seed`.
    ///
    /// # Errors
    ///
    /// When the text is no TOML, or has a name or a value that does not exist.
    pub fn from_toml(text: &str) -> Result<Self, BehaviourError> {
        toml::from_str(text).map_err(|error| BehaviourError(error.to_string()))
    }

    /// From JSON of the same shape.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or has a name or a value that does not exist.
    pub fn from_json(text: &[u8]) -> Result<Self, BehaviourError> {
        serde_json::from_slice(text).map_err(|error| BehaviourError(error.to_string()))
    }
}
