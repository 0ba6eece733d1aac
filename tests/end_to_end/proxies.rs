//! Proxies of the environment: obeyed, ignored with `disable_proxies`, never asked for a loopback address, and told
//! apart from the appliance when they answer in its place.
//! The environment belongs to a whole process, so that each case runs in one of its own: this test binary,
//! started again for the single test `in_a_process_of_its_own`.

use doorlist::appliance::{Appliance, WireLog};
use doorlist::config::{ApplianceSettings, ProxySettings, Secret};
use doorlist::model::{ListKind, Read, ReadReply, Verb, View, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const CASE: &str = "DOORLIST_TEST_PROXY_CASE";
const SAID: &str = "verdict of this process: ";
/// Names that do not exist: only a proxy would be asked for them.
const PLAIN: &str = "http://esa.invalid:6080";
const SECURE: &str = "https://esa.invalid:6443";

/// What a proxy does with the first request.
#[derive(Debug, Clone, Copy)]
enum Proxy {
    Answers(&'static str),
    SaysNothing,
    IsNotThere,
}

/// What came of a case: what the proxy got, if it was asked, and what a page wanted and an addition brought.
struct Outcome {
    request: Option<String>,
    verdicts: Vec<String>,
}

async fn run(url: &str, disable_proxies: bool, request_timeout_ms: u64, proxy: Proxy) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy_url = format!("http://{}", listener.local_addr().unwrap());
    let first_request = Arc::new(Mutex::new(None));
    let listening = match proxy {
        Proxy::IsNotThere => {
            drop(listener);
            None
        }
        _ => Some(tokio::spawn(serve(listener, proxy, first_request.clone()))),
    };
    let case = format!("{url} {disable_proxies} {request_timeout_ms}");
    let output = tokio::task::spawn_blocking(move || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "proxies::in_a_process_of_its_own", "--nocapture"])
            .env_clear()
            .envs(["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].map(|name| (name, &proxy_url)))
            .env(CASE, case)
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    assert!(output.status.success(), "{output:?}");
    if let Some(listening) = listening {
        listening.abort();
    }
    // It was kept before it was answered, and so before the process ended.
    let request = first_request.lock().unwrap().take();
    let printed = String::from_utf8(output.stdout).unwrap();
    let verdicts: Vec<String> = printed
        .lines()
        .filter_map(|line| Some(line.split_once(SAID)?.1.to_owned()))
        .collect();
    assert_eq!(verdicts.len(), 2, "{printed}");
    Outcome { request, verdicts }
}

/// Keeps the first request.
async fn serve(listener: TcpListener, proxy: Proxy, first_request: Arc<Mutex<Option<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut buffer = vec![0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        let request = String::from_utf8_lossy(&buffer[..count]).into_owned();
        first_request.lock().unwrap().get_or_insert(request);
        if let Proxy::Answers(reply) = proxy {
            stream.write_all(reply.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
        while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    }
}

#[tokio::test]
async fn proxies_of_the_environment_are_obeyed_unless_disabled_and_never_for_loopback() {
    let refusal = Proxy::Answers("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    for (url, disable_proxies, asked) in [
        (
            PLAIN,
            false,
            Some("GET http://esa.invalid:6080/esa/api/v2.0/quarantine/blocklist?"),
        ),
        (SECURE, false, Some("CONNECT esa.invalid:6443 HTTP/1.1\r\n")),
        (PLAIN, true, None),
        (SECURE, true, None),
        ("http://127.0.0.1:1", false, None),
        ("https://[::1]:1", false, None),
    ] {
        let outcome = run(url, disable_proxies, 5_000, refusal).await;
        let request = outcome.request;
        assert_eq!(
            request.is_some(),
            asked.is_some(),
            "{url} disable_proxies = {disable_proxies}"
        );
        if let (Some(request), Some(beginning)) = (request, asked) {
            assert!(request.starts_with(beginning), "{request}");
            // The credentials are for the appliance: a tunnel is asked for without them.
            let has_credentials = request.to_lowercase().contains("authorization");
            assert_eq!(has_credentials, url == PLAIN, "{request}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_lead_to_the_appliance_is_named_and_its_answer_is_not_the_appliances() {
    let answers = |reply| (Proxy::Answers(reply), 5_000);
    for (url, (proxy, request_timeout_ms), expected) in [
        (
            SECURE,
            answers("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
            "not reached: no connection through the proxy: proxy authorization required",
        ),
        (
            SECURE,
            answers("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
            "not reached: the proxy refused to connect",
        ),
        (
            SECURE,
            answers("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
            "not reached: the proxy refused to connect",
        ),
        (
            SECURE,
            answers(""),
            "not reached: no connection through the proxy: unexpected end of file",
        ),
        // It agreed, and led nowhere.
        (
            SECURE,
            answers("HTTP/1.1 200 Connection established\r\n\r\n"),
            "not reached: connection closed before the end",
        ),
        (
            SECURE,
            (Proxy::SaysNothing, 1_000),
            "not reached: no connection within 750ms",
        ),
        (
            SECURE,
            (Proxy::IsNotThere, 5_000),
            "not reached: connection refused",
        ),
        (
            PLAIN,
            (Proxy::IsNotThere, 5_000),
            "not reached: connection refused",
        ),
        (
            PLAIN,
            answers("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
            "not reached: a proxy answered 407, it wants credentials",
        ),
        // It may have come as far as the appliance.
        (
            PLAIN,
            answers("HTTP/1.1 502 Bad Gateway\r\n\r\n<html><title>Bad gateway</title></html>"),
            "no clear answer: status 502 Bad gateway",
        ),
        (
            PLAIN,
            (Proxy::SaysNothing, 1_000),
            "no clear answer: no answer within 1s",
        ),
    ] {
        let outcome = run(url, false, request_timeout_ms, proxy).await;
        assert_eq!(outcome.verdicts, [expected; 2], "{url} {proxy:?}");
    }
}

#[tokio::test]
async fn in_a_process_of_its_own() {
    let Ok(case) = std::env::var(CASE) else { return };
    let [url, disable_proxies, request_timeout_ms] = case.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let settings = ApplianceSettings {
        proxy: if disable_proxies == "true" {
            ProxySettings::Disabled
        } else {
            ProxySettings::FromEnvironment
        },
        request_timeout: Duration::from_millis(request_timeout_ms.parse().unwrap()),
        ..ApplianceSettings::new("esa-1", url.parse().unwrap(), "admin", Secret::new("x".into()))
    };
    let read = Read::first_row(ListKind::Blocklist);
    let write = Write {
        list: ListKind::Blocklist,
        view: View::Sender,
        verb: Verb::Append,
        keys: vec!["bad.example".into()],
        values: vec!["user1@example.com".into()],
    };
    let appliance = Appliance::new(&settings).unwrap();
    let ReadReply::Failed(of_read) = appliance.view(&read, &WireLog::off()).await else {
        panic!("no page was given")
    };
    for verdict in [of_read, appliance.write(&write, &WireLog::off()).await] {
        println!("{SAID}{}", verdict.describe());
    }
}
