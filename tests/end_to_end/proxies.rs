//! Proxies of the environment: obeyed, ignored with `disable_proxies`, and never asked for a loopback address.
//! The environment belongs to a whole process, so that each case runs in one of its own: this test binary,
//! started again for the single test `in_a_process_of_its_own`.

use doorlist::appliance::Appliance;
use doorlist::config::{ApplianceSettings, Mode, Root, Secret};
use doorlist::model::{ListKind, Read, View};
use std::process::Command;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

const CASE: &str = "DOORLIST_TEST_PROXY_CASE";

#[tokio::test]
async fn proxies_of_the_environment_are_obeyed_unless_disabled_and_never_for_loopback() {
    for (url, disable_proxies, asked) in [
        // A name that does not exist: only a proxy would be asked for it.
        ("http://esa.invalid:6080", false, true),
        ("http://esa.invalid:6080", true, false),
        ("http://127.0.0.1:1", false, false),
    ] {
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy_url = format!("http://{}", proxy.local_addr().unwrap());
        let listening = tokio::spawn(async move {
            let (mut stream, _) = proxy.accept().await.unwrap();
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).await.unwrap();
            String::from_utf8_lossy(&buffer[..count]).into_owned()
        });
        let output = tokio::task::spawn_blocking(move || {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "proxies::in_a_process_of_its_own"])
                .env_clear()
                .envs([
                    ("http_proxy", proxy_url.as_str()),
                    ("HTTP_PROXY", proxy_url.as_str()),
                ])
                .env(CASE, format!("{url} {disable_proxies}"))
                .output()
                .unwrap()
        })
        .await
        .unwrap();
        assert!(output.status.success(), "{output:?}");
        let was_asked = listening.is_finished();
        assert_eq!(was_asked, asked, "{url} disable_proxies = {disable_proxies}");
        if was_asked {
            let request = listening.await.unwrap();
            assert!(
                request.starts_with("GET http://esa.invalid:6080/esa/api/v2.0/quarantine/blocklist?"),
                "{request}"
            );
        } else {
            listening.abort();
        }
    }
}

#[tokio::test]
async fn in_a_process_of_its_own() {
    let Ok(case) = std::env::var(CASE) else { return };
    let (url, disable_proxies) = case.split_once(' ').unwrap();
    let settings = ApplianceSettings {
        name: "esa-1".into(),
        url: url.parse().unwrap(),
        root: Root::Esa,
        username: "admin".into(),
        password: Secret::new("x".into()),
        verify_tls: true,
        disable_proxies: disable_proxies == "true",
        list_limit: None,
        items_per_call: 50,
        request_timeout: Duration::from_secs(5),
        mode: Mode::Enforce,
    };
    let read = Read {
        list: ListKind::Blocklist,
        view: View::Recipient,
        search: None,
        offset: 0,
        limit: 1,
        delay_ms: 0,
    };
    Appliance::new(&settings).unwrap().view(&read).await;
}
