//! A simulated appliance and the real server, in this process and over real sockets, and what the commands of a
//! scenario do to them.
//!
//! Refuses to know the form of a file (`script.rs`) and of an output (`transcript.rs`).

use super::script::{CALLS, Command};
use super::{calls, transcript};
use doorlist::app::App;
use doorlist::config::{Config, Secret};
use doorlist::manifest::Actions;
use doorlist::simulator::{Behaviour, Handle, Pair, Settings, Simulator};
use doorlist::worker::Engine;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Who is served, unless a scenario sets something else. `doorlist.example.toml` explains each key.
const CONFIGURATION: &str = r#"
[server]
listen = "127.0.0.1:0"
[appliances.esa-1]
allow_http = true
username = "admin"
password = "ironport"
[guard]
[configurations.add-senders]
action = "cisco-esa-add-senders-to-quarantine-list"
recipient_list = ["user1@example.com"]
[configurations.add-recipients]
action = "cisco-esa-add-recipients-to-quarantine-list"
sender_list = ["bad.example"]
[configurations.delete-senders]
action = "cisco-esa-delete-senders-from-quarantine-list"
[configurations.delete-recipients]
action = "cisco-esa-delete-recipients-from-quarantine-list"
"#;

pub struct Stage {
    configuration: toml::Table,
    appliance: Option<Handle>,
    /// Where it listens, also after it was switched off and on.
    settings: Settings,
    /// Requests of the log that were told already.
    told: usize,
    /// Knobs that are set, and the faults of the next call.
    behaviour: Behaviour,
    server: Option<Server>,
}

struct Server {
    url: String,
    stop: oneshot::Sender<()>,
    /// Where its store is.
    _directory: tempfile::TempDir,
    task: JoinHandle<std::io::Result<()>>,
}

impl Stage {
    pub async fn start() -> Result<Self, String> {
        let appliance = Simulator::start(Settings::default())
            .await
            .map_err(|error| error.to_string())?;
        let mut configuration: toml::Table =
            toml::from_str(CONFIGURATION).map_err(|error| error.to_string())?;
        for call in CALLS {
            let table = table_of(&mut configuration, call)?;
            table.insert("appliance".to_owned(), "esa-1".into());
        }
        let table = table_of(&mut configuration, "appliance")?;
        table.insert("url".to_owned(), appliance.url().into());
        Ok(Self {
            configuration,
            settings: Settings {
                listen: appliance.address(),
                ..Settings::default()
            },
            appliance: Some(appliance),
            told: 0,
            behaviour: Behaviour::default(),
            server: None,
        })
    }

    /// Plays a command, and says what came of it.
    pub async fn play(&mut self, command: &Command) -> Result<Vec<String>, String> {
        match command {
            Command::Set { table, key, value } => {
                if self.server.is_some() {
                    return Err("settings stand before the first call".to_owned());
                }
                table_of(&mut self.configuration, table)?.insert(key.clone(), value.clone());
            }
            Command::Knob { name, value } => {
                self.behaviour
                    .knobs
                    .set(name, value)
                    .map_err(|error| error.to_string())?;
                self.appliance()?.set_behaviour(self.behaviour.clone());
            }
            Command::Fault(rule) => self.behaviour.faults.push(rule.clone()),
            Command::Change {
                is_put,
                is_blocklist,
                recipients,
                senders,
            } => {
                let mut lists = self.appliance()?.lists();
                let list = if *is_blocklist {
                    &mut lists.blocklist
                } else {
                    &mut lists.safelist
                };
                change(list, *is_put, recipients, senders)?;
                self.appliance()?.set_lists(lists);
            }
            Command::Call { name, values } => return self.call(name, values).await,
            Command::Test => return self.test().await,
            Command::Lists => return Ok(transcript::lists(&self.appliance()?.lists())),
            Command::Power { is_on } => self.switch(*is_on).await?,
        }
        Ok(Vec::new())
    }

    pub async fn stop(self) -> Result<(), String> {
        if let Some(server) = self.server {
            // An error says that the server is gone; why, its task tells.
            let _ = server.stop.send(());
            let served = server.task.await.map_err(|error| error.to_string())?;
            served.map_err(|error| error.to_string())?;
        }
        if let Some(appliance) = self.appliance {
            appliance.stop().await;
        }
        Ok(())
    }

    fn appliance(&self) -> Result<&Handle, String> {
        self.appliance
            .as_ref()
            .ok_or("the appliance is switched off; first: appliance starts".to_owned())
    }

    /// The URL of the server, which is started where there is none.
    async fn server_url(&mut self) -> Result<String, String> {
        if self.server.is_none() {
            self.server = Some(serve(&self.configuration).await?);
        }
        if let Some(appliance) = &self.appliance {
            appliance.set_behaviour(self.behaviour.clone());
        }
        Ok(self
            .server
            .as_ref()
            .map_or(String::new(), |server| server.url.clone()))
    }

    async fn test(&mut self) -> Result<Vec<String>, String> {
        let url = format!("{}/v1/appliances/esa-1/test", self.server_url().await?);
        let (status, body) = post(&url, Vec::new())
            .await
            .map_err(|error| format!("{error:#}"))?;
        let document: serde_json::Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        let lines = vec![format!(
            "HTTP {status}: {}",
            document["text"].as_str().unwrap_or_default()
        )];
        self.told(lines)
    }

    async fn call(&mut self, name: &str, values: &[String]) -> Result<Vec<String>, String> {
        let url = self.server_url().await?;
        let action = table_of(&mut self.configuration, name)?["action"]
            .as_str()
            .unwrap_or_default();
        let url = format!("{url}/v1/actions/{action}?configuration={name}");
        let (status, body) = post(&url, batch(values)?)
            .await
            .map_err(|error| format!("{error:#}"))?;
        let report = serde_json::from_slice(&body).map_err(|_| {
            format!(
                "answered {status} without a report: {}",
                String::from_utf8_lossy(&body)
            )
        })?;
        self.told(transcript::answer(status, &report))
    }

    /// What was answered, and what the appliance was asked meanwhile.
    fn told(&mut self, mut lines: Vec<String>) -> Result<Vec<String>, String> {
        let requests = match &self.appliance {
            Some(appliance) => appliance.requests().split_off(self.told),
            None => Vec::new(),
        };
        self.told += requests.len();
        for rule in std::mem::take(&mut self.behaviour.faults) {
            let fault = rule.fault().to_string();
            if !requests.iter().any(|request| request.faults.contains(&fault)) {
                return Err(format!("the fault `{fault}` did not happen during this call"));
            }
        }
        lines.extend(calls::calls(&requests));
        let address = self.settings.listen.to_string();
        Ok(lines
            .iter()
            .map(|line| transcript::without_times(&line.replace(&address, "APPLIANCE")))
            .collect())
    }

    /// The lists and the knobs outlive a restart, the log does not.
    async fn switch(&mut self, is_on: bool) -> Result<(), String> {
        match (self.appliance.take(), is_on) {
            (Some(appliance), false) => {
                self.settings.lists = appliance.lists();
                appliance.stop().await;
            }
            (None, true) => {
                let knobs = self.behaviour.knobs.clone();
                let settings = Settings {
                    knobs,
                    ..self.settings.clone()
                };
                self.appliance = Some(
                    Simulator::start(settings)
                        .await
                        .map_err(|error| error.to_string())?,
                );
                self.told = 0;
            }
            (appliance, _) => {
                self.appliance = appliance;
                return Err("the appliance is so already".to_owned());
            }
        }
        Ok(())
    }
}

/// A table by the word that scenarios use for it.
fn table_of<'a>(configuration: &'a mut toml::Table, word: &str) -> Result<&'a mut toml::Table, String> {
    let path: &[&str] = match word {
        "appliance" => &["appliances", "esa-1"],
        "guard" => &["guard"],
        call => &["configurations", call],
    };
    let mut table = configuration;
    for name in path {
        let found = table.get_mut(*name).and_then(toml::Value::as_table_mut);
        table = found.ok_or_else(|| format!("the configuration has no table `{name}`"))?;
    }
    Ok(table)
}

fn change(
    list: &mut Vec<Pair>,
    is_put: bool,
    recipients: &[String],
    senders: &[String],
) -> Result<(), String> {
    for recipient in recipients {
        for sender in senders {
            let pair = Pair {
                recipient: recipient.clone(),
                sender: sender.clone(),
            };
            let place = list.iter().position(|other| *other == pair);
            match (is_put, place) {
                (true, None) => list.push(pair),
                (false, Some(place)) => drop(list.remove(place)),
                (true, Some(_)) => return Err(format!("{sender} is there for {recipient} already")),
                (false, None) => return Err(format!("{sender} is not there for {recipient}")),
            }
        }
    }
    Ok(())
}

async fn serve(configuration: &toml::Table) -> Result<Server, String> {
    let actions = Actions::load(None).map_err(|error| error.to_string())?;
    let text = configuration.to_string();
    let mut config = Config::from_toml(&text, "doorlist.toml", Path::new("."), &BTreeMap::new(), &actions)
        .map_err(|error| format!("{error}\n{text}"))?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    config.server.store = Secret::new(format!(
        "sqlite:{}",
        directory.path().join("doorlist.db").display()
    ));
    let listener = TcpListener::bind(config.server.listen)
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = Arc::new(App::new(config, actions).map_err(|error| error.to_string())?);
    let (stop, stopped) = oneshot::channel();
    let shutdown = async move {
        // An error says that nobody is left to stop it, which is a stop as well.
        let _ = stopped.await;
    };
    let engine = Engine::open(app).await.map_err(|error| error.to_string())?;
    let task = tokio::spawn(doorlist::http::serve(listener, None, engine, shutdown));
    Ok(Server {
        url: format!("http://{address}"),
        stop,
        _directory: directory,
        task,
    })
}

/// As ThreatQ would send it.
fn type_of(value: &str) -> &'static str {
    match value.parse() {
        Ok(IpAddr::V4(_)) => "IP Address",
        Ok(IpAddr::V6(_)) => "IPv6 Address",
        Err(_) if value.contains('@') => "Email Address",
        Err(_) => "FQDN",
    }
}

fn batch(values: &[String]) -> Result<Vec<u8>, String> {
    let items: Vec<_> = values
        .iter()
        .map(|value| json!({"value": value, "type": type_of(value)}))
        .collect();
    serde_json::to_vec(&items).map_err(|error| error.to_string())
}

async fn post(url: &str, body: Vec<u8>) -> anyhow::Result<(u16, Vec<u8>)> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .body(body);
    let mut response = request.send().await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    Ok((response.status().as_u16(), body))
}
