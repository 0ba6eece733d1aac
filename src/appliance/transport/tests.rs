//! The transport against raw TCP peers: what is kept of a reply that does not behave. Each case is one that an
//! appliance or a front proxy may give; the judging is tested in `verdict.rs`.

use super::*;
use crate::config::Secret;
use base64::Engine as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

fn settings(url: &str) -> ApplianceSettings {
    ApplianceSettings {
        name: "peer".into(),
        url: url::Url::parse(url).unwrap(),
        root: crate::config::Root::Esa,
        username: "admin".into(),
        password: Secret::new("007".into()),
        verify_tls: true,
        disable_proxies: false,
        list_limit: None,
        items_per_call: 50,
        request_timeout: Duration::from_secs(2),
        mode: crate::config::Mode::Enforce,
    }
}

fn get() -> Request {
    Request {
        method: http::Method::GET,
        target: "/".into(),
        body: None,
    }
}

/// How a peer ends its connection.
#[derive(Debug, Clone, Copy)]
enum End {
    /// Orderly.
    Close,
    /// As if the process had died.
    Reset,
    /// Not at all.
    Hang,
}

/// Reads one request, answers with these bytes, ends; returns what the client made of it and the request.
async fn exchange(reply: &'static [u8], end: End) -> (Answer, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let peer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        stream.write_all(reply).await.unwrap();
        match end {
            End::Close => stream.shutdown().await.unwrap(),
            End::Reset => {
                // The client reads what was sent before the reset takes it away.
                tokio::time::sleep(Duration::from_millis(300)).await;
                stream.set_zero_linger().unwrap();
            }
            End::Hang => tokio::time::sleep(Duration::from_secs(30)).await,
        }
        request
    });
    let transport = Transport::new(&settings(&url)).unwrap();
    let request = Request {
        method: http::Method::DELETE,
        target: "/list".into(),
        body: Some(br#"{"quarantineType":"spam"}"#.to_vec()),
    };
    let answer = transport.send(request).await;
    let request = if matches!(end, End::Hang) {
        String::new()
    } else {
        peer.await.unwrap()
    };
    (answer, request)
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&request).ends_with('}') {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "the request ended early");
        request.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(request).unwrap()
}

#[tokio::test]
async fn what_came_of_a_reply_is_kept_however_it_ends() {
    for (reply, end, status, body, whole) in [
        (
            &b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}"[..],
            End::Close,
            409,
            "{}",
            true,
        ),
        (
            b"HTTP/1.1 409 Request conflict.\r\n\r\n{}",
            End::Close,
            409,
            "{}",
            true,
        ),
        (
            b"HTTP/1.0 409 Conflict\r\nConnection: close\r\n\r\n{}",
            End::Close,
            409,
            "{}",
            true,
        ),
        (
            b"HTTP/1.1 409 Conflict\nContent-Length: 2\n\n{}",
            End::Close,
            409,
            "{}",
            true,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
            End::Close,
            200,
            "{}",
            true,
        ),
        (
            b"HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
            End::Close,
            200,
            "{}",
            true,
        ),
        (
            b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n{}",
            End::Close,
            200,
            "{}",
            true,
        ),
        (
            b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
            End::Close,
            200,
            "{}",
            true,
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            End::Close,
            200,
            "{}",
            true,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
            End::Close,
            200,
            "{}",
            false,
        ),
        (
            b"HTTP/1.1 409 Conflict\r\n\r\n{\"error\":{}}",
            End::Reset,
            409,
            "{\"error\":{}}",
            false,
        ),
        (b"HTTP/1.1 409 Conflict\r\n\r\n{}", End::Hang, 409, "{}", false),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
            End::Close,
            302,
            "",
            true,
        ),
    ] {
        let (answer, _) = exchange(reply, end).await;
        let shown = String::from_utf8_lossy(reply);
        let Answer::Answered {
            status: got,
            body: came,
            ending,
            ..
        } = &answer
        else {
            panic!("{shown:?} {end:?}: {answer:?}");
        };
        assert_eq!(
            (*got, String::from_utf8_lossy(came).as_ref()),
            (status, body),
            "{shown:?} {end:?}"
        );
        assert_eq!(*ending == Ending::Whole, whole, "{shown:?} {end:?}: {ending:?}");
    }
}

#[tokio::test]
async fn a_reply_without_a_status_is_lost_and_never_mistaken_for_not_sent() {
    for (reply, end) in [
        (&b""[..], End::Close),
        (b"", End::Reset),
        (b"", End::Hang),
        (b"HTTP/1.1 2", End::Close),
        (b"{\"data\":{}}", End::Close),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            End::Close,
        ),
    ] {
        let (answer, _) = exchange(reply, end).await;
        assert!(
            matches!(answer, Answer::Lost(_)),
            "{:?} {end:?}: {answer:?}",
            String::from_utf8_lossy(reply)
        );
    }
}

#[tokio::test]
async fn a_delete_carries_its_body_with_a_length_and_the_credentials() {
    let (_, request) = exchange(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", End::Close).await;
    let request = request.to_lowercase();
    assert!(request.starts_with("delete /list http/1.1\r\n"), "{request}");
    for expected in [
        "authorization: basic ywrtaw46mda3\r\n",
        "content-type: application/json\r\n",
        "accept: application/json\r\n",
        "content-length: 25\r\n",
        "user-agent: doorlist/",
        "\r\n\r\n{\"quarantinetype\":\"spam\"}",
    ] {
        assert!(request.contains(expected), "{expected}: {request}");
    }
    for unexpected in [
        "transfer-encoding",
        "expect:",
        "accept-encoding",
        "cookie",
        "referer",
    ] {
        assert!(!request.contains(unexpected), "{unexpected}: {request}");
    }
}

#[tokio::test]
async fn nobody_listening_means_that_nothing_was_sent() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let url = format!("http://{address}");
    let answer = Transport::new(&settings(&url)).unwrap().send(get()).await;
    let Answer::NotConnected(words) = answer else {
        panic!("{answer:?}")
    };
    assert!(words.contains("refused"), "{words}");
}

#[tokio::test]
async fn a_body_without_end_is_not_kept_whole() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 65_536]).await.is_ok() {}
    });
    let patient = ApplianceSettings {
        request_timeout: Duration::from_secs(60),
        ..settings(&url)
    };
    let answer = Transport::new(&patient).unwrap().send(get()).await;
    let Answer::Answered { body, ending, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(ending, Ending::TooLarge);
    assert!(body.len() <= BODY_BYTES_MAX);
}

#[test]
fn neither_settings_nor_a_client_show_the_password_in_debug() {
    let settings = ApplianceSettings {
        password: Secret::new("hunter-42".into()),
        ..settings("http://127.0.0.1:1")
    };
    let transport = Transport::new(&settings).unwrap();
    let shown = format!("{settings:?} {transport:?}");
    let encoded = base64::engine::general_purpose::STANDARD.encode("admin:hunter-42");
    assert!(
        !shown.contains("hunter-42") && !shown.contains(&encoded),
        "{shown}"
    );
}
