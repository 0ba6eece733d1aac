//! The way to an appliance, tried without sending anything: does its name exist, and does its port take connections?
//! Refuses to know TLS and HTTP; it is asked only so that a test can tell where the way ends.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// More addresses of one name are not listed.
const ADDRESSES_SHOWN_MAX: usize = 4;

/// What was found; an error is the reason why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) name: Result<String, String>,
    pub(super) port: Result<String, String>,
}

impl Way {
    /// Tries to reach a host, which may be an address in brackets.
    pub(super) async fn to(host: &str, port: u16, connect_timeout: Duration) -> Self {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> = match timeout(connect_timeout, lookup_host((bare, port))).await {
            Err(_) => return Self::without_name(format!("{host}: no answer of the name servers in time")),
            Ok(Err(error)) => return Self::without_name(format!("{host}: {error}")),
            Ok(Ok(addresses)) => addresses.collect(),
        };
        if addresses.is_empty() {
            return Self::without_name(format!("{host} has no address"));
        }
        let shown = addresses
            .iter()
            .take(ADDRESSES_SHOWN_MAX)
            .map(|address| address.ip().to_string());
        let name = format!("{host} is {}", shown.collect::<Vec<_>>().join(", "));
        let port = match timeout(connect_timeout, TcpStream::connect(addresses.as_slice())).await {
            Err(_) => Err(format!("port {port} does not answer; is a firewall in between?")),
            Ok(Err(error)) => Err(format!(
                "port {port}: {error}; is the AsyncOS API switched on for that interface?"
            )),
            Ok(Ok(_)) => Ok(format!("port {port} takes connections")),
        };
        Self { name: Ok(name), port }
    }

    fn without_name(why: String) -> Self {
        Self {
            port: Err(why.clone()),
            name: Err(why),
        }
    }
}
