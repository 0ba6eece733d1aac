//! A running simulator as its callers meet it: how it stops, what a handle can do, and below, what every fault
//! looks like from outside.

mod agreement;
mod cases;
mod faults;
mod raw;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::lists::pair;
use super::testing::{API_HEADERS, exchange, read_reply};
use super::*;

const BLOCKLIST: &str = "/esa/api/v2.0/quarantine/blocklist";
const APPEND: &str = r#"{"action":"append","quarantineType":"spam","viewBy":"sender","senderAddresses":["s.com"],"recipientList":["a@x.com"]}"#;

async fn start_with_latency(latency: Duration) -> Handle {
    let settings = Settings {
        latency,
        ..Settings::default()
    };
    Simulator::start(settings).await.expect("a free port")
}

fn get(address: SocketAddr) -> String {
    format!("GET {BLOCKLIST} HTTP/1.1\r\nHost: {address}\r\n{API_HEADERS}\r\n")
}

#[tokio::test]
async fn a_stop_ends_silent_idle_and_busy_connections_and_frees_the_port() {
    let handle = start_with_latency(Duration::from_millis(300)).await;
    let address = handle.address();
    let mut silent = TcpStream::connect(address).await.expect("a connection");
    let mut idle = TcpStream::connect(address).await.expect("a connection");
    idle.write_all(get(address).as_bytes()).await.expect("a write");
    assert_eq!(read_reply(&mut idle).await.status, 200);
    let mut busy = TcpStream::connect(address).await.expect("a connection");
    busy.write_all(get(address).as_bytes()).await.expect("a write");
    while handle.requests().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    handle.stop().await;
    for connection in [&mut silent, &mut idle, &mut busy] {
        let end = connection.read(&mut [0; 16]).await;
        assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
    }
    assert!(TcpStream::connect(address).await.is_err());
    let again = Settings {
        listen: address,
        ..Settings::default()
    };
    Simulator::start(again)
        .await
        .expect("the port is free")
        .stop()
        .await;
}

#[tokio::test]
async fn a_dropped_handle_stops_too() {
    let handle = start_with_latency(Duration::ZERO).await;
    let address = handle.address();
    let mut idle = TcpStream::connect(address).await.expect("a connection");
    drop(handle);
    assert!(matches!(idle.read(&mut [0; 16]).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn latency_comes_after_the_effect_and_a_caller_that_leaves_early_has_written() {
    let handle = start_with_latency(Duration::from_mins(1)).await;
    let reply = exchange(handle.address(), "POST", BLOCKLIST, API_HEADERS, APPEND);
    assert!(
        tokio::time::timeout(Duration::from_millis(200), reply)
            .await
            .is_err()
    );
    assert_eq!(handle.lists().blocklist, [pair("a@x.com", "s.com")]);
    handle.stop().await;
}

#[tokio::test]
async fn the_handle_sets_and_resets_what_callers_see() {
    let handle = start_with_latency(Duration::ZERO).await;
    let safelist = vec![pair("b@x.com", "t.com"), pair("b@x.com", "t.com")];
    handle.set_lists(Lists {
        blocklist: vec![],
        safelist,
    });
    assert_eq!(handle.lists().safelist, [pair("b@x.com", "t.com")]);
    let reply = exchange(handle.address(), "POST", BLOCKLIST, API_HEADERS, APPEND).await;
    assert_eq!((reply.status, handle.requests().len()), (200, 1));
    handle.reset();
    assert_eq!((handle.lists(), handle.requests().len()), (Lists::default(), 0));
    assert_eq!(handle.url(), format!("http://{}", handle.address()));
    handle.stop().await;
}
