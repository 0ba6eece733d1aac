//! Which appliance the simulator plays, and the defaults of `AsyncOS`.
//!
//! Decisions that no source settles are knobs, in `knobs.rs`; what goes wrong on purpose is in `faults.rs`.
//! This file refuses to know what the settings do.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::behaviour::Behaviour;
use super::faults::FaultRule;
use super::knobs::Knobs;
use super::lists::Lists;

/// Which appliance to play. Times are [`Duration`]s.
#[derive(Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes any free one. Default: 127.0.0.1, port 0.
    pub listen: SocketAddr,
    /// The only user. Default: `admin`.
    pub username: String,
    /// Default: `ironport`, as in Cisco's own examples.
    pub password: String,
    /// What the account may do. Default: everything.
    pub account: Account,
    /// Waited before every API reply, after the request has taken effect. Default: none.
    pub latency: Duration,
    /// What the lists hold at the start and after a reset. Stored as it is, unchecked. Default: nothing.
    pub lists: Lists,
    /// The decisions that no source settles, the list limit and the life of a token among them. Default: as
    /// `docs/asyncos.md` says under "What the simulator assumes".
    pub knobs: Knobs,
    /// What goes wrong. Default: nothing.
    pub faults: Vec<FaultRule>,
    /// Where the chances of faults and scrambled orders come from. Default: 0.
    pub fault_seed: u64,
}

/// What the only account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Account {
    /// Log in, and change the lists.
    #[default]
    Administrator,
    /// Log in; the lists answer 401 (`docs/asyncos.md`, "Login", CES).
    WithoutRight,
    /// Its login asks for a second factor and gives no token.
    ///
    /// Unsettled (G): whether a real one gives a token all the same. Basic credentials are taken.
    SecondFactor,
}

impl Settings {
    pub(super) fn behaviour(&self) -> Behaviour {
        Behaviour {
            knobs: self.knobs.clone(),
            faults: self.faults.clone(),
            fault_seed: self.fault_seed,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            username: "admin".to_owned(),
            password: "ironport".to_owned(),
            account: Account::default(),
            latency: Duration::ZERO,
            lists: Lists::default(),
            knobs: Knobs::default(),
            faults: Vec::new(),
            fault_seed: 0,
        }
    }
}

/// By hand, because of the password.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("listen", &self.listen)
            .field("username", &self.username)
            .field("password", &"(hidden)")
            .field("account", &self.account)
            .field("latency", &self.latency)
            .field("lists", &self.lists)
            .field("knobs", &self.knobs)
            .field("faults", &self.faults)
            .field("fault_seed", &self.fault_seed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_in_the_debug_text() {
        let settings = Settings {
            password: "s3cret".to_owned(),
            ..Settings::default()
        };
        assert!(!format!("{settings:?}").contains("s3cret"));
    }
}
