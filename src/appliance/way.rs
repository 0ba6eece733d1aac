//! The way to an appliance, tried without sending anything: does its name exist, and does its port take connections?
//! Refuses to know TLS and HTTP; it is asked only so that a test can tell where the way ends.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// More addresses of one name are not listed.
const ADDRESSES_SHOWN_MAX: usize = 4;

/// Where a connection goes first.
#[derive(Debug)]
pub(super) struct FirstHop {
    /// A name, or an address; one of IPv6 in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// The configured one, in the place of the appliance.
    pub(super) is_proxy: bool,
}

/// What was found; an error is the reason why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) name: Result<String, String>,
    pub(super) port: Result<String, String>,
}

impl Way {
    /// Tries to reach it.
    pub(super) async fn to(hop: &FirstHop, connect_timeout: Duration) -> Self {
        let FirstHop { host, port, is_proxy } = hop;
        let port = *port;
        // Whoever mends it has to know which machine it is.
        let (of, whose, hint) = if *is_proxy {
            (
                "the proxy ",
                "the proxy's ",
                "is the proxy running, and `proxy` right?",
            )
        } else {
            ("", "", "is the AsyncOS API switched on for that interface?")
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> = match timeout(connect_timeout, lookup_host((bare, port))).await {
            Err(_) => {
                return Self::without_name(format!("{of}{host}: no answer of the name servers in time"));
            }
            Ok(Err(error)) => return Self::without_name(format!("{of}{host}: {error}")),
            Ok(Ok(addresses)) => addresses.collect(),
        };
        if addresses.is_empty() {
            return Self::without_name(format!("{of}{host} has no address"));
        }
        let shown = addresses
            .iter()
            .take(ADDRESSES_SHOWN_MAX)
            .map(|address| address.ip().to_string());
        let name = format!("{of}{host} is {}", shown.collect::<Vec<_>>().join(", "));
        let port = match timeout(connect_timeout, TcpStream::connect(addresses.as_slice())).await {
            Err(_) => Err(format!(
                "{whose}port {port} does not answer; is a firewall in between?"
            )),
            Ok(Err(error)) => Err(format!("{whose}port {port}: {error}; {hint}")),
            Ok(Ok(_)) => Ok(format!("{whose}port {port} takes connections")),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whose_port_is_shut_is_told_with_what_to_look_at_there() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        for (is_proxy, name, begin, end) in [
            (
                false,
                "127.0.0.1 is 127.0.0.1",
                format!("port {port}: "),
                "is the AsyncOS API switched on for that interface?",
            ),
            (
                true,
                "the proxy 127.0.0.1 is 127.0.0.1",
                format!("the proxy's port {port}: "),
                "is the proxy running, and `proxy` right?",
            ),
        ] {
            let hop = FirstHop {
                host: "127.0.0.1".to_owned(),
                port,
                is_proxy,
            };
            let way = Way::to(&hop, Duration::from_secs(5)).await;
            assert_eq!(way.name.unwrap(), name);
            let told = way.port.unwrap_err();
            assert!(told.starts_with(&begin) && told.ends_with(end), "{told}");
        }
    }
}
