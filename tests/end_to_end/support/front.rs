//! Something between us and the appliance that changes what passes, as middle boxes do.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Listens, and hands every request on to the appliance with another User-Agent, except logins. Its URL.
pub async fn changing_user_agents(appliance: SocketAddr) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(hand_on(client, appliance));
        }
    });
    url
}

/// One request in one piece, and whatever comes back; then both connections end.
async fn hand_on(mut client: TcpStream, appliance: SocketAddr) {
    let mut buffer = vec![0; 64 * 1024];
    let count = client.read(&mut buffer).await.unwrap_or(0);
    let request = String::from_utf8_lossy(&buffer[..count]).into_owned();
    let ours = concat!("doorlist/", env!("CARGO_PKG_VERSION"));
    assert!(request.is_empty() || request.contains(ours), "{request}");
    let changed = if request
        .lines()
        .next()
        .is_some_and(|line| line.contains("/login "))
    {
        request
    } else {
        request.replace(ours, "box/1.0")
    };
    let changed = changed.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let mut server = TcpStream::connect(appliance).await.unwrap();
    server.write_all(changed.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    // An end by reset is an end too.
    let _ = server.read_to_end(&mut reply).await;
    let _ = client.write_all(&reply).await;
    let _ = client.shutdown().await;
}
