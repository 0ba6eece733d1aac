//! A caller that reads bytes and nothing else, so that it sees what a fault does to them; and how an HTTP client
//! would understand what it saw.

use std::net::SocketAddr;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::testing::API_HEADERS;
use super::super::{Delivery, Ending, InMemory, Loss};

pub(super) const BLOCKLIST: &str = "/esa/api/v2.0/quarantine/blocklist";
/// For what is to come.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// For what is not to come.
pub(super) const SHORT_PATIENCE: Duration = Duration::from_millis(200);

/// What a request of the tests asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    View,
    LaterPage,
    /// `new@x.com` and `s.com` into the blocklist.
    Append,
    /// `old@x.com` out of it.
    Delete,
    /// A refusal: a pair that stands.
    AppendOld,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Refused,
    Closed,
    Reset,
    Silent,
}

/// Every byte that came, and what came after them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) bytes: Vec<u8>,
    pub(super) end: End,
}

impl Asked {
    pub(super) fn method(self) -> Method {
        match self {
            Self::View | Self::LaterPage => Method::GET,
            Self::Append | Self::AppendOld => Method::POST,
            Self::Delete => Method::DELETE,
        }
    }

    fn target(self) -> String {
        match self {
            Self::LaterPage => format!("{BLOCKLIST}?offset=1&limit=1"),
            _ => BLOCKLIST.to_owned(),
        }
    }

    fn body(self) -> &'static str {
        match self {
            Self::View | Self::LaterPage => "",
            Self::Append => {
                r#"{"action":"append","quarantineType":"spam","viewBy":"sender","senderAddresses":["s.com"],"recipientList":["new@x.com"]}"#
            }
            Self::AppendOld => {
                r#"{"action":"append","quarantineType":"spam","viewBy":"sender","senderAddresses":["s.com"],"recipientList":["old@x.com"]}"#
            }
            Self::Delete => r#"{"quarantineType":"spam","viewBy":"recipient","recipientList":["old@x.com"]}"#,
        }
    }

    /// On a connection of its own, which the caller wants to be closed after the reply.
    pub(super) async fn send(self, address: SocketAddr, patience: Duration) -> Seen {
        let Ok(mut stream) = TcpStream::connect(address).await else {
            let (bytes, end) = (Vec::new(), End::Refused);
            return Seen { bytes, end };
        };
        let (method, target, body) = (self.method(), self.target(), self.body());
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{API_HEADERS}Content-Length: {length}\r\n\r\n{body}"
        );
        // Where the connection has been ended already, reading tells.
        let _ = stream.write_all(request.as_bytes()).await;
        read_to_its_end(&mut stream, patience).await
    }

    pub(super) fn ask(self, appliance: &mut InMemory) -> Delivery {
        let basic = HeaderValue::from_static("Basic YWRtaW46aXJvbnBvcnQ=");
        let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, basic)]);
        appliance.answer(&self.method(), &self.target(), &headers, self.body().as_bytes())
    }
}

pub(super) async fn read_to_its_end(stream: &mut TcpStream, patience: Duration) -> Seen {
    let mut bytes = Vec::new();
    let mut lot = [0; 4096];
    let end = loop {
        match tokio::time::timeout(patience, stream.read(&mut lot)).await {
            Err(_) => break End::Silent,
            Ok(Ok(0)) => break End::Closed,
            Ok(Ok(count)) => bytes.extend_from_slice(&lot[..count]),
            Ok(Err(_)) => break End::Reset,
        }
    };
    Seen { bytes, end }
}

impl Seen {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// In a few words: the status line and the end of the body, or how many bytes of a head came.
    pub(super) fn summary(&self) -> String {
        let end = format!("{:?}", self.end).to_lowercase();
        match self.text().split_once("\r\n\r\n") {
            None if self.bytes.is_empty() => end,
            None => format!("{} bytes, {end}", self.bytes.len()),
            Some((head, body)) => {
                let first_line = head.lines().next().unwrap_or_default();
                let length = length_in(head).map_or("no length", |length| match body.len() {
                    came if came == length => "whole",
                    _ => "cut",
                });
                format!("{first_line}, {length}, {end}")
            }
        }
    }

    /// As an HTTP client understands it.
    pub(super) fn delivery(&self) -> (Option<u16>, String, String) {
        let loss = match self.end {
            End::Refused => return (None, String::new(), "NotConnected".to_owned()),
            End::Closed => Loss::Closed,
            End::Reset => Loss::Reset,
            End::Silent => Loss::TimedOut,
        };
        let text = self.text();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return (None, String::new(), format!("{loss:?}"));
        };
        let is_whole = match length_in(head) {
            Some(length) => body.len() == length,
            None => loss == Loss::Closed,
        };
        let ending = if is_whole {
            Ending::Whole
        } else {
            Ending::Cut(loss)
        };
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        (status, body.to_owned(), format!("{ending:?}"))
    }
}

/// A delivery in the words of [`Seen::delivery`].
pub(super) fn told(delivery: &Delivery) -> (Option<u16>, String, String) {
    match delivery {
        Delivery::NotConnected => (None, String::new(), "NotConnected".to_owned()),
        Delivery::NoReply { how } => (None, String::new(), format!("{how:?}")),
        Delivery::Reply {
            status, body, ending, ..
        } => {
            let body = String::from_utf8_lossy(body).into_owned();
            (Some(*status), body, format!("{ending:?}"))
        }
    }
}

fn length_in(head: &str) -> Option<usize> {
    let mut lines = head
        .lines()
        .filter_map(|line| line.strip_prefix("content-length: "));
    lines.next().map(|length| length.parse().expect("a length"))
}
