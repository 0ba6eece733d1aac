//! Servers of OpenSSL, for what the servers of our own library cannot be: old versions of TLS, old key exchanges, short
//! keys. Skipped, and says so, on a machine without the command `openssl`.

use super::tls_trust::{HERE, for_peer};
use super::{PATIENCE, YES, addition};
use crate::appliance::certificate::fingerprint;
use crate::appliance::{Appliance, WireLog};
use crate::config::Trust;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

/// The last of a request's body: whoever has read it has read all.
const END_OF_REQUEST: &str = "user1@example.com";

/// `openssl s_server` with a certificate of its own, for one connection; it answers a change with a yes.
pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
    pub(super) certificate: CertificateDer<'static>,
    heard: Receiver<String>,
}

impl Server {
    /// With a new key, as `rsa:2048`, for a host, as `IP:127.0.0.1`. None on a machine without `openssl`.
    pub(super) fn start(key: &str, host: &str, arguments: &[&str]) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let name = format!("subjectAltName={host}");
        let made = openssl(directory.path())
            .args([
                "req",
                "-x509",
                "-days",
                "30",
                "-subj",
                "/CN=esa.example.com",
                "-nodes",
            ])
            .args([
                "-newkey",
                key,
                "-addext",
                &name,
                "-keyout",
                "key.pem",
                "-out",
                "certificate.pem",
            ])
            .output();
        let Ok(made) = made else {
            println!("skipped: there is no command openssl");
            return None;
        };
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let pem = directory.path().join("certificate.pem");
        let certificate = CertificateDer::from_pem_file(pem).unwrap();
        let mut child = openssl(directory.path())
            .args(["s_server", "-accept", "127.0.0.1:0", "-naccept", "1"])
            .args(["-cert", "certificate.pem", "-key", "key.pem"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (port_found, port) = channel();
        let (all_heard, heard) = channel();
        std::thread::spawn(move || converse(input, output, &port_found, &all_heard));
        let port = port.recv().expect("it listens, and has read its files");
        Some(Self {
            child,
            port,
            certificate,
            heard,
        })
    }

    /// All that it said until its only connection ended, which is what came over that too.
    pub(super) async fn heard(mut self) -> String {
        let heard = std::mem::replace(&mut self.heard, channel().1);
        // The client's end of the connection needs this thread to end.
        let waiting = tokio::task::spawn_blocking(move || heard.recv().unwrap());
        waiting.await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn openssl(directory: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(directory);
    command
}

/// Reads what the server says to its end, and types the answer in when the request is there.
fn converse(mut input: ChildStdin, mut output: ChildStdout, port: &Sender<u16>, heard: &Sender<String>) {
    let mut said = String::new();
    let mut buffer = [0; 4096];
    let (mut is_port_told, mut is_answered) = (false, false);
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        said.push_str(&String::from_utf8_lossy(&buffer[..count]));
        let listening = said
            .lines()
            .find_map(|line| line.strip_prefix("ACCEPT 127.0.0.1:"));
        if let Some(number) = listening.filter(|_| !is_port_told && said.ends_with('\n')) {
            is_port_told = port.send(number.parse().unwrap()).is_ok();
        }
        if !is_answered && said.contains(END_OF_REQUEST) {
            input.write_all(YES).unwrap();
            input.flush().unwrap();
            is_answered = true;
        }
    }
    // A test that has what it wants does not listen any more.
    let _ = heard.send(said);
}

#[tokio::test]
async fn old_versions_old_key_exchanges_and_short_keys_have_a_message_of_their_own_and_nothing_is_sent() {
    let versions = "the appliance offers only TLS versions before 1.2; switch TLS 1.2 on (System Administration > SSL \
                    Configuration, or `sslconfig` on its command line), or put a TLS proxy before it (docs/tls.md)";
    let key_exchange = "the appliance broke the TLS handshake off, most likely because it knows no key exchange by ECDHE; allow \
                        ciphers with it (`sslconfig`), or use a build with the feature legacy-tls and `legacy_tls = true` \
                        (docs/tls.md)";
    let short = "the certificate has an RSA key of 1024 bits, too short to prove who answers, so that no pin helps; make one of \
                 2048 bits on the appliance (Network > Certificates)";
    let lax = "ALL:@SECLEVEL=0";
    for (peer, key, arguments, sentence) in [
        ("TLS 1.1", "rsa:2048", &["-tls1_1", "-cipher", lax][..], versions),
        ("TLS 1.0", "rsa:2048", &["-tls1", "-cipher", lax], versions),
        (
            "key exchange by RSA",
            "rsa:2048",
            &["-tls1_2", "-cipher", "AES128-SHA"],
            key_exchange,
        ),
        (
            "key exchange by DHE",
            "rsa:2048",
            &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"],
            key_exchange,
        ),
        (
            "a short key, TLS 1.2",
            "rsa:1024",
            &["-tls1_2", "-cipher", lax],
            short,
        ),
        (
            "a short key, TLS 1.3",
            "rsa:1024",
            &["-tls1_3", "-cipher", lax],
            short,
        ),
    ] {
        let Some(server) = Server::start(key, "IP:127.0.0.1", arguments) else {
            return;
        };
        let trust = Trust::Pins(vec![fingerprint(&server.certificate)]);
        let appliance = Appliance::new(&for_peer(HERE, server.port, trust, PATIENCE)).unwrap();
        let verdict = appliance.write(&addition(), &WireLog::off()).await;
        assert_eq!(verdict.describe(), format!("not reached: {sentence}"), "{peer}");
        let heard = server.heard().await;
        assert!(!heard.contains("HTTP/1.1"), "{peer}: {heard}");
    }
}

#[tokio::test]
async fn an_ordinary_server_of_openssl_is_spoken_to() {
    for arguments in [&["-tls1_2"][..], &["-tls1_3"]] {
        let Some(server) = Server::start("rsa:2048", "IP:127.0.0.1", arguments) else {
            return;
        };
        let trust = Trust::Pins(vec![fingerprint(&server.certificate)]);
        let appliance = Appliance::new(&for_peer(HERE, server.port, trust, PATIENCE)).unwrap();
        let verdict = appliance.write(&addition(), &WireLog::off()).await;
        assert_eq!(verdict, crate::model::Verdict::Done, "{arguments:?}");
        drop(appliance);
        assert!(server.heard().await.contains(END_OF_REQUEST));
    }
}
