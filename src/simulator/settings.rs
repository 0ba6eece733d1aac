//! Which appliance the simulator plays, and the defaults of `AsyncOS`.
//!
//! Only what somebody needs to change is here; decisions that no source settles are functions with their
//! reason, until a setting takes their place. This file refuses to know what the settings do.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

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
    /// The most senders of one recipient in one list; `None` is no limit. Default: 100, as `AsyncOS` has it;
    /// there it can be set from 1 to 500.
    pub list_limit: Option<u32>,
    /// Waited before every API reply, after the request has taken effect. Default: none.
    pub latency: Duration,
    /// The life of a token: the user-inactivity timeout of the appliance's web interface. Default: 30
    /// minutes.
    pub token_idle: Duration,
    /// What the lists hold at the start and after a reset. Stored as it is, unchecked. Default: nothing.
    pub lists: Lists,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            username: "admin".to_owned(),
            password: "ironport".to_owned(),
            list_limit: Some(100),
            latency: Duration::ZERO,
            token_idle: Duration::from_mins(30),
            lists: Lists::default(),
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
            .field("list_limit", &self.list_limit)
            .field("latency", &self.latency)
            .field("token_idle", &self.token_idle)
            .field("lists", &self.lists)
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
