//! Something between us and the appliance: a box that changes what passes, and TLS before an appliance that has none.

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

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

/// TLS with a self-signed certificate before an appliance, on a free port of this address; the port.
pub async fn with_self_signed_certificate(appliance: SocketAddr, address: &str) -> u16 {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    with_certificate(appliance, address, certified.cert.der(), &certified.signing_key).await
}

/// The same with this certificate.
pub async fn with_certificate(
    appliance: SocketAddr,
    address: &str,
    certificate: &CertificateDer<'static>,
    key: &rcgen::KeyPair,
) -> u16 {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let chain = vec![certificate.clone()];
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that refuses the certificate ends here.
                let Ok(mut inside) = acceptor.accept(stream).await else {
                    return;
                };
                let mut outside = TcpStream::connect(appliance).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
            });
        }
    });
    port
}
