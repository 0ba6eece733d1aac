//! What the tests of this room share: an appliance without a socket, and a caller that speaks HTTP byte by
//! byte.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::api::{self, ApiRequest, RequestBody};
use super::behaviour::Behaviour;
use super::delivery::Answer;
use super::lists::Lists;
use super::reply::Reply;
use super::settings::Settings;
use super::state::State;

/// The default credentials.
pub(super) const API_HEADERS: &str = "Authorization: Basic YWRtaW46aXJvbnBvcnQ=\r\n";

pub(super) struct Appliance {
    pub(super) settings: Settings,
    pub(super) state: State,
    /// Those of the default credentials, until a test changes them.
    pub(super) headers: HeaderMap,
}

impl Appliance {
    pub(super) fn new() -> Self {
        let basic = HeaderValue::from_static("Basic YWRtaW46aXJvbnBvcnQ=");
        Self {
            settings: Settings::default(),
            state: State::new(Behaviour::default(), Lists::default()),
            headers: HeaderMap::from_iter([(http::header::AUTHORIZATION, basic)]),
        }
    }

    pub(super) fn call(&mut self, method: &str, path_and_query: &str, body: &Value) -> (u16, Value) {
        let body = match body {
            Value::Null => Vec::new(),
            _ => body.to_string().into_bytes(),
        };
        let reply = self.reply(method, path_and_query, RequestBody::Whole(&body));
        let body = serde_json::from_str(&reply.body).expect("every body is JSON");
        (reply.status.as_u16(), body)
    }

    pub(super) fn reply(&mut self, method: &str, path_and_query: &str, body: RequestBody<'_>) -> Reply {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let request = ApiRequest {
            method: &method.parse().expect("a method"),
            path,
            query,
            headers: &self.headers,
            body,
        };
        match api::answer(&self.settings, &mut self.state, &request, SystemTime::now()) {
            Answer::Reply { reply, .. } => reply,
            Answer::Silence(silence) => panic!("no reply, but {silence:?}"),
        }
    }
}

pub(super) struct RawReply {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
    /// Whether the other side ended the connection after its reply.
    pub(super) is_closed: bool,
}

impl RawReply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// One request on a connection of its own. `headers` are whole lines.
pub(super) async fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> RawReply {
    let mut stream = TcpStream::connect(address).await.expect("the simulator listens");
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\n");
    let request = format!("{head}\r\n{body}");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the request is read");
    read_reply(&mut stream).await
}

pub(super) async fn read_reply(stream: &mut TcpStream) -> RawReply {
    let mut text = String::new();
    let (head, body) = loop {
        if let Some((head, body)) = whole_reply(&text) {
            break (head.to_owned(), body.to_owned());
        }
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.expect("a reply");
        assert!(count > 0, "the reply ended after {text:?}");
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
    };
    // An open connection stays silent; a closed one says so at once.
    let rest = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut [0])).await;
    RawReply {
        status: head
            .get(9..12)
            .and_then(|code| code.parse().ok())
            .expect("a status line"),
        head,
        body,
        is_closed: matches!(rest, Ok(Ok(0))),
    }
}

/// Head and body, once as many bytes are there as `Content-Length` tells.
fn whole_reply(text: &str) -> Option<(&str, &str)> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
    (body.len() >= length).then_some((head, body))
}
