//! Proxies, with a real one: tinyproxy, where this machine has it. The real binary reads the lists of an appliance
//! through it, and the proxy's own log says whether it was asked.

use super::support::{front, run};
use doorlist::simulator::{Settings, Simulator};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ended when dropped.
struct Tinyproxy {
    child: Child,
    port: u16,
    log: std::path::PathBuf,
}

impl Tinyproxy {
    /// None where there is no such program.
    fn start(directory: &Path) -> Option<Self> {
        Command::new("tinyproxy").arg("-v").output().ok()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let (file, log) = (directory.join("tinyproxy.conf"), directory.join("tinyproxy.log"));
        let configuration = format!(
            "Port {port}\nListen 127.0.0.1\nTimeout 60\nLogFile \"{}\"\nLogLevel Connect\nMaxClients 20\n\
             BasicAuth proxyuser proxypassword\n",
            log.display()
        );
        std::fs::write(&file, configuration).unwrap();
        let child = Command::new("tinyproxy")
            .arg("-d")
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut proxy = Self { child, port, log };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(proxy.child.try_wait().unwrap().is_none(), "tinyproxy ended");
            std::thread::yield_now();
        }
        Some(proxy)
    }

    /// What it was asked for since the last time.
    fn asked(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        std::fs::write(&self.log, "").unwrap();
        let requests = log
            .lines()
            .filter(|line| line.contains("Request (file descriptor"));
        requests.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address of this machine that is not loopback, which is never proxied. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// What `doorlist check` says of an appliance.
fn check(directory: &Path, url: &str, keys: &str, environment: &[(&str, &str)]) -> (Option<i32>, String) {
    // Without clients only loopback appliances are allowed.
    let hash = "0".repeat(64);
    let configuration = format!(
        "[clients.nobody]\ntoken_sha256 = \"{hash}\"\n[appliances.esa-1]\nurl = \"{url}\"\nallow_http = true\n\
         username = \"admin\"\npassword = \"ironport\"\nrequest_timeout = \"10s\"\n{keys}\n"
    );
    std::fs::write(directory.join("doorlist.toml"), configuration).unwrap();
    let output = run(directory, &["check"], environment);
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(printed).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_proxy_is_used_where_it_is_wanted_and_passed_by_where_it_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let Some(proxy) = Tinyproxy::start(directory.path()) else {
        eprintln!("skipped: there is no tinyproxy on this machine");
        return;
    };
    let Some(own_address) = own_address() else {
        eprintln!("skipped: this machine has no address but loopback");
        return;
    };
    let appliance = Simulator::start(Settings {
        listen: SocketAddr::new("0.0.0.0".parse().unwrap(), 0),
        ..Settings::default()
    })
    .await
    .unwrap();
    let port = appliance.address().port();
    let inside = SocketAddr::from(([127, 0, 0, 1], port));
    let tls_port = front::with_self_signed_certificate(inside, "0.0.0.0").await;
    let (plain, loopback) = (
        format!("http://{own_address}:{port}"),
        format!("http://127.0.0.1:{port}"),
    );
    let secure = format!("https://{own_address}:{tls_port}");
    let with = |credentials: &str| format!("http://{credentials}127.0.0.1:{}", proxy.port);
    let good = with("proxyuser:proxypassword@");
    let fixed = format!("proxy = \"{good}\"");
    let environment = [
        ("HTTP_PROXY", good.as_str()),
        ("http_proxy", &good),
        ("HTTPS_PROXY", &good),
    ];
    let dead = [
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("http_proxy", "http://127.0.0.1:1"),
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
    ];
    let asked_plain = format!("GET {plain}/esa/api/v2.0/quarantine/blocklist");
    let asked_secure = format!("CONNECT {own_address}:{tls_port}");
    let no_tls = "verify_tls = false\n";
    type Case<'a> = (
        &'a str,
        &'a str,
        String,
        &'a [(&'a str, &'a str)],
        Option<&'a str>,
    );
    let cases: Vec<Case<'_>> = vec![
        ("fixed", &plain, fixed.clone(), &[], Some(&asked_plain)),
        (
            "fixed, TLS",
            &secure,
            format!("{no_tls}{fixed}"),
            &[],
            Some(&asked_secure),
        ),
        (
            "fixed wins over the environment",
            &plain,
            fixed.clone(),
            &dead,
            Some(&asked_plain),
        ),
        (
            "environment",
            &plain,
            String::new(),
            &environment,
            Some(&asked_plain),
        ),
        (
            "environment, TLS",
            &secure,
            no_tls.to_owned(),
            &environment,
            Some(&asked_secure),
        ),
        (
            "disabled",
            &plain,
            "disable_proxies = true".to_owned(),
            &environment,
            None,
        ),
        (
            "disabled, TLS",
            &secure,
            format!("{no_tls}disable_proxies = true"),
            &environment,
            None,
        ),
        ("loopback, fixed", &loopback, fixed.clone(), &[], None),
        (
            "loopback, environment",
            &loopback,
            String::new(),
            &environment,
            None,
        ),
    ];
    for (case, url, keys, environment, asked) in cases {
        let (code, printed) = check(directory.path(), url, &keys, environment);
        assert_eq!(code, Some(0), "{case}: {printed}");
        assert!(
            printed.contains("ok      esa-1: safelist: can be read"),
            "{case}: {printed}"
        );
        let requests = proxy.asked();
        match asked {
            Some(expected) => assert!(requests.contains(expected), "{case}: {requests}"),
            None => assert_eq!(requests, "", "{case}"),
        }
    }
    for (credentials, url, keys, words) in [
        ("", &plain, "", "a proxy answered 407, it wants credentials"),
        (
            "proxyuser:wrong@",
            &secure,
            no_tls,
            "the proxy refused to connect",
        ),
    ] {
        let keys = format!("{keys}proxy = \"{}\"", with(credentials));
        let (code, printed) = check(directory.path(), url, &keys, &[]);
        assert_eq!(code, Some(5), "{printed}");
        assert!(printed.contains(words), "{printed}");
        assert!(
            !printed.contains("wrong"),
            "a password of the proxy is shown: {printed}"
        );
    }
    appliance.stop().await;
}
