//! Certificates, with real handshakes: a self-signed one is refused by default, and taken when the operator
//! switched the check off.

use super::support::{ADD_SENDERS, Lab, post};
use doorlist::simulator::{Settings, Simulator};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A TLS front with a self-signed certificate before this address; returns its own port.
async fn tls_front(appliance: std::net::SocketAddr) -> u16 {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let chain = vec![certified.cert.der().clone()];
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
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

#[tokio::test]
async fn a_self_signed_certificate_is_refused_unless_the_check_is_switched_off() {
    let behind = Simulator::start(Settings::default()).await.unwrap();
    let port = tls_front(behind.address()).await;
    for (verify_tls, status, outcome) in [("true", 502, "unreachable"), ("false", 200, "added")] {
        let lab = Lab::start_config(Settings::default(), |_| {
            format!(
                "[server]\nlisten = \"127.0.0.1:0\"\n\
                 [appliances.esa-1]\nurl = \"https://127.0.0.1:{port}\"\nusername = \"admin\"\npassword = \"ironport\"\nverify_tls = {verify_tls}\n\
                 [configurations.one]\naction = \"{ADD_SENDERS}\"\nappliance = \"esa-1\"\nrecipient_list = \"a@example.com\"\n"
            )
        })
        .await;
        let answer = post(
            &format!("{}/v1/actions/{ADD_SENDERS}", lab.url),
            r#"["bad.example"]"#,
        )
        .await;
        assert_eq!(
            (answer.status, answer.outcomes().as_slice()),
            (status, [outcome.to_owned()].as_slice()),
            "{answer:?}"
        );
        if verify_tls == "true" {
            let detail = answer.body["results"][0]["detail"].as_str().unwrap();
            assert!(detail.contains("certificate"), "{detail}");
            assert_eq!(behind.requests(), [], "no password was sent to a stranger");
        }
        lab.stop().await;
    }
}
