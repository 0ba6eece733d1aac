//! A simulated appliance and a server in this process, on free loopback ports.

use super::{ADD_RECIPIENTS, ADD_SENDERS, DELETE_RECIPIENTS, DELETE_SENDERS};
use doorlist::app::App;
use doorlist::config::{Config, Secret};
use doorlist::manifest::Actions;
use doorlist::simulator::{Handle, Lists, Pair, Settings, Simulator};
use doorlist::store::Store;
use doorlist::worker::Engine;
use serde_json::Value;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Lab {
    pub simulator: Handle,
    pub url: String,
    /// The server's own; of a file there is no second.
    pub store: Store,
    pub stop: oneshot::Sender<()>,
    pub server: JoinHandle<std::io::Result<()>>,
    /// Where its store is.
    directory: tempfile::TempDir,
}

/// Status and body of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn outcomes(&self) -> Vec<String> {
        let results = self.body["results"]
            .as_array()
            .unwrap_or_else(|| panic!("no report: {self:?}"));
        results
            .iter()
            .map(|result| result["outcome"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn count(&self, outcome: &str) -> u64 {
        self.body["summary"]["by_outcome"][outcome]
            .as_u64()
            .unwrap_or_default()
    }

    /// The first sentence.
    pub fn text(&self) -> &str {
        self.body["text"].as_str().unwrap()
    }

    /// The id of the run.
    pub fn run(&self) -> String {
        let run = self.body["run"].as_str();
        run.unwrap_or_else(|| panic!("no run: {self:?}")).to_owned()
    }

    /// A header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub fn code(&self) -> &str {
        assert_eq!(self.content_type, "application/problem+json", "{self:?}");
        self.body["code"].as_str().unwrap()
    }
}

impl Lab {
    /// One appliance, and a configuration for each action, named add-senders, add-recipients, delete-senders
    /// and delete-recipients. Senders are listed for user1@example.com, recipients get bad.example.
    pub async fn start() -> Self {
        Self::start_with(Settings::default(), "", "").await
    }

    /// The same with other settings of the appliance, further keys for its table, and for every configuration.
    pub async fn start_with(settings: Settings, appliance_keys: &str, configuration_keys: &str) -> Self {
        Self::start_config(settings, |appliance_url| {
            let mut config = format!(
                "[server]\nlisten = \"127.0.0.1:0\"\n\n[appliances.esa-1]\nurl = \"{appliance_url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n{appliance_keys}\n\n[guard]\nremoved_pairs_per_run_max = 10000\nremoved_share_floor_pairs = 10000\n"
            );
            for (name, action, counterpart) in [
                ("add-senders", ADD_SENDERS, "recipient_list = \"user1@example.com\""),
                ("add-recipients", ADD_RECIPIENTS, "sender_list = [\"bad.example\"]"),
                ("delete-senders", DELETE_SENDERS, ""),
                ("delete-recipients", DELETE_RECIPIENTS, ""),
            ] {
                config.push_str(&format!(
                    "[configurations.{name}]\naction = \"{action}\"\nappliance = \"esa-1\"\n{counterpart}\n{configuration_keys}\n"
                ));
            }
            config
        })
        .await
    }

    /// A configuration of the test's own, which is given the URL of the appliance.
    pub async fn start_config(settings: Settings, config: impl FnOnce(&str) -> String) -> Self {
        Self::start_whole(settings, None, config).await
    }

    /// The same with a wire log of each run in a directory.
    pub async fn start_with_wire_logs(directory: &Path, config: impl FnOnce(&str) -> String) -> Self {
        Self::start_whole(Settings::default(), Some(directory.to_owned()), config).await
    }

    async fn start_whole(
        settings: Settings,
        wire_logs: Option<PathBuf>,
        config: impl FnOnce(&str) -> String,
    ) -> Self {
        let simulator = Simulator::start(settings).await.unwrap();
        let actions = Actions::load(None).unwrap();
        let text = config(&simulator.url());
        let directory = tempfile::tempdir().unwrap();
        let mut config =
            Config::from_toml(&text, "doorlist.toml", Path::new("."), &BTreeMap::new(), &actions)
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
        config.server.store = store_in(directory.path());
        let listener = TcpListener::bind(config.server.listen).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Arc::new(App::new(config, actions).unwrap().with_wire_logs(wire_logs));
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let tls = doorlist::http::load_tls(&app).await.unwrap();
        let url = if tls.is_some() {
            url.replace("http:", "https:")
        } else {
            url
        };
        let engine = Engine::open(app).await.unwrap();
        let store = engine.store.clone();
        let server = tokio::spawn(doorlist::http::serve(listener, tls, engine, shutdown));
        Self {
            simulator,
            url,
            store,
            stop,
            server,
            directory,
        }
    }

    /// Posts to an action under one of the lab's configurations.
    pub async fn post(&self, configuration: &str, body: impl Into<Vec<u8>>) -> Answer {
        post(&self.url_of(configuration, ""), body).await
    }

    /// Where an action is run under one of the lab's configurations, with a further query.
    pub fn url_of(&self, configuration: &str, query: &str) -> String {
        let action = match configuration {
            "add-senders" => ADD_SENDERS,
            "add-recipients" => ADD_RECIPIENTS,
            "delete-senders" => DELETE_SENDERS,
            "delete-recipients" => DELETE_RECIPIENTS,
            other => panic!("the lab has no configuration {other}"),
        };
        format!(
            "{}/v1/actions/{action}?configuration={configuration}{query}",
            self.url
        )
    }

    /// What stands at a path.
    pub async fn get(&self, path: &str) -> Answer {
        get(&format!("{}{path}", self.url)).await
    }

    /// Changes what is in its store, behind its back.
    pub async fn change_store(&self, text: &str) {
        sqlx::any::install_default_drivers();
        let store = AnyConnection::connect(store_in(self.directory.path()).expose()).await;
        let mut store = store.unwrap();
        store.execute("PRAGMA busy_timeout = 5000").await.unwrap();
        store.execute(AssertSqlSafe(text.to_owned())).await.unwrap();
        store.close().await.unwrap();
    }

    /// Requests that changed something, or tried to.
    pub fn writes(&self) -> Vec<(String, String, Value)> {
        let requests = self.simulator.requests().into_iter();
        requests
            .filter(|request| request.method != "GET")
            .map(|request| (request.method, request.path, request.body))
            .collect()
    }

    /// Asks the server to stop, and waits until it has.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
        self.simulator.stop().await;
    }
}

/// A store of its own.
fn store_in(directory: &Path) -> Secret {
    Secret::new(format!("sqlite:{}", directory.join("doorlist.db").display()))
}

/// Whoever calls.
pub fn client() -> reqwest::Client {
    // A second call finds a provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// What stands there.
pub async fn get(url: &str) -> Answer {
    answer(client().get(url)).await
}

/// The report of a run, as soon as it is done.
pub async fn ended(url: &str, run: &str) -> Answer {
    loop {
        let answer = get(&format!("{url}/v1/runs/{run}")).await;
        if answer.body["state"] != "open" {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the appliance was asked for this many changes.
pub async fn writes_begun(simulator: &Handle, count: usize) {
    let is_write = |request: &&doorlist::simulator::LoggedRequest| request.method != "GET";
    while simulator.requests().iter().filter(is_write).count() < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Posts JSON, or whatever it is, and reads the answer.
pub async fn post(url: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = client()
        .post(url)
        .header("content-type", "application/json")
        .body(body.into());
    answer(request).await
}

pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get("content-type")
        .map(|value| value.to_str().unwrap().to_owned());
    let headers = response.headers().clone();
    let text = body_of(response).await;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer {
        status,
        content_type: content_type.unwrap_or_default(),
        headers,
        body,
    }
}

/// The whole body as text.
pub async fn body_of(mut response: reqwest::Response) -> String {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).unwrap()
}

pub fn file_in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Pairs in the simulator's form.
pub fn pairs(pairs: &[(&str, &str)]) -> Vec<Pair> {
    let pair = |(recipient, sender): &(&str, &str)| Pair {
        recipient: (*recipient).to_owned(),
        sender: (*sender).to_owned(),
    };
    pairs.iter().map(pair).collect()
}

/// Settings with a blocklist.
pub fn with_blocklist(blocklist: &[(&str, &str)]) -> Settings {
    let lists = Lists {
        blocklist: pairs(blocklist),
        ..Lists::default()
    };
    Settings {
        lists,
        ..Settings::default()
    }
}
