//! Something between us and the appliance: a box that changes what passes, and TLS before an appliance that has none.

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
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

/// A server in front that fails and repeats all that it was sent, as some do for whoever has to mend them. Its URL.
pub async fn repeating_requests() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 * 1024];
                let count = client.read(&mut buffer).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&buffer[..count]).replace("\r\n", " ");
                let reply = format!(
                    "HTTP/1.1 400 {request}\r\nConnection: close\r\n\r\n<html><title>{request}</title>"
                );
                let _ = client.write_all(reply.as_bytes()).await;
                let _ = client.shutdown().await;
            });
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

/// A certificate and its key.
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    pub fn new(certificate: CertificateDer<'static>, key: &rcgen::KeyPair) -> Self {
        Self {
            certificate,
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        }
    }

    fn acceptor(self) -> TlsAcceptor {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate], self.key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// TLS before an appliance, whose certificate can be changed.
pub struct TlsFront {
    pub port: u16,
    acceptor: Arc<Mutex<TlsAcceptor>>,
}

impl TlsFront {
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// From the next connection on.
    pub fn set(&self, identity: Identity) {
        *self.acceptor.lock().unwrap() = identity.acceptor();
    }
}

/// TLS with a self-signed certificate before an appliance, on a free port of this address; the port.
pub async fn with_self_signed_certificate(appliance: SocketAddr, address: &str) -> u16 {
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let identity = Identity::new(certified.cert.der().clone(), &certified.signing_key);
    start(appliance, address, identity).await.port
}

/// TLS with a certificate to order before an appliance, on a free loopback port.
pub async fn with_identity(appliance: SocketAddr, identity: Identity) -> TlsFront {
    start(appliance, "127.0.0.1", identity).await
}

async fn start(appliance: SocketAddr, address: &str, identity: Identity) -> TlsFront {
    let acceptor = Arc::new(Mutex::new(identity.acceptor()));
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let current = acceptor.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = current.lock().unwrap().clone();
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
    TlsFront { port, acceptor }
}
