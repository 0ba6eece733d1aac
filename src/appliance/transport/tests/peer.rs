//! A server that plays scripts: exact bytes, and an exact end of the connection. Refuses to know HTTP beyond where a
//! request ends.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// More than the buffers of both ends can hold: when it is written, the client must have read what came before.
const MORE_THAN_BUFFERS_HOLD: usize = 12 * 1024 * 1024;

/// One step of a script. A script ends early when the client leaves.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Waits for a whole request.
    Read,
    /// Waits for the head of a request and this many bytes, and leaves the rest unread.
    ReadPart(usize),
    /// Writes these bytes.
    Send(Vec<u8>),
    /// Writes so many spaces that the client must have read all that was sent before, in spite of what follows.
    SendUntilRead,
    /// Writes until the client leaves.
    SendForever(&'static [u8]),
    /// Ends the connection orderly, reading what still comes until the client has ended it too.
    Close,
    /// Ends the connection as if the process had died: with a reset.
    Reset,
    /// Leaves the connection open and says nothing, until the client leaves.
    Hold,
}

/// A listening peer. Connections play the scripts in their order; one too many is ended at once.
pub(super) struct Peer {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<Vec<tokio::task::JoinHandle<()>>>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Peer {
    pub(super) async fn start(scripts: Vec<Vec<Step>>) -> Self {
        let listener = listener();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(Vec::new()));
        let (log, opened) = (requests.clone(), connections.clone());
        let accepting = tokio::spawn(async move {
            let mut scripts = scripts.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                let playing = play(stream, scripts.next().unwrap_or_default(), log.clone());
                opened.lock().unwrap().push(tokio::spawn(playing));
            }
        });
        Self {
            port,
            requests,
            connections,
            accepting,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The requests that arrived, in part or whole, in their order.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// How often somebody connected.
    pub(super) fn connections(&self) -> usize {
        self.connections.lock().unwrap().len()
    }

    /// Waits until the script of a connection has ended, which was opened already.
    pub(super) async fn ended(&self, number: usize) {
        let taken = std::mem::replace(
            &mut self.connections.lock().unwrap()[number],
            tokio::spawn(async {}),
        );
        taken.await.unwrap();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.accepting.abort();
        for connection in self.connections.lock().unwrap().iter() {
            connection.abort();
        }
    }
}

/// With small buffers, which its connections inherit.
fn listener() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(64 * 1024).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.listen(16).unwrap()
}

async fn play(mut stream: TcpStream, script: Vec<Step>, requests: Arc<Mutex<Vec<String>>>) {
    for step in script {
        let goes_on = match step {
            Step::Read => {
                let request = read_request(&mut stream, usize::MAX).await;
                keep(&requests, request)
            }
            Step::ReadPart(bytes) => {
                let request = read_request(&mut stream, bytes).await;
                keep(&requests, request)
            }
            Step::Send(bytes) => stream.write_all(&bytes).await.is_ok(),
            Step::SendUntilRead => stream
                .write_all(&vec![b' '; MORE_THAN_BUFFERS_HOLD])
                .await
                .is_ok(),
            Step::SendForever(bytes) => {
                while stream.write_all(bytes).await.is_ok() {}
                false
            }
            Step::Close => {
                // The client may have ended it first.
                let _ = stream.shutdown().await;
                read_to_end(&mut stream).await
            }
            Step::Reset => {
                stream.set_zero_linger().unwrap();
                false
            }
            Step::Hold => read_to_end(&mut stream).await,
        };
        if !goes_on {
            return;
        }
    }
}

fn keep(requests: &Mutex<Vec<String>>, request: Vec<u8>) -> bool {
    let came = !request.is_empty();
    if came {
        let text = String::from_utf8_lossy(&request).into_owned();
        requests.lock().unwrap().push(text);
    }
    came
}

/// The head, and of its body as many bytes as it says, or as are wanted; what came of it when the client leaves.
async fn read_request(stream: &mut TcpStream, body_bytes_wanted: usize) -> Vec<u8> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request, body_bytes_wanted) {
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => request.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    request
}

fn is_whole(request: &[u8], body_bytes_wanted: usize) -> bool {
    let Some(head_end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..head_end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    request.len() >= head_end + 4 + body_bytes_wanted.min(length)
}

async fn read_to_end(stream: &mut TcpStream) -> bool {
    let mut buffer = vec![0; 65_536];
    while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    false
}
