//! The real binary on a store of its own before a simulated appliance, to be killed and started again; and what was
//! posted to it, acknowledged or not.

use super::place::{self, Clock};
use doorlist::simulator::{Handle, Knobs, Lists, Pair, Settings, Simulator};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub const MAILBOX: &str = "user1@example.com";
/// Pairs that nobody asks for, in the mailbox that runs are about and in others.
const FOREIGN: usize = 15;
/// Pairs that runs delete.
const TO_DELETE: usize = 4000;

pub struct Bench {
    pub simulator: Handle,
    pub directory: tempfile::TempDir,
    pub store_url: String,
    /// Where one can be had.
    pub clock: Option<Clock>,
    server: Option<Server>,
    /// What was posted, by its idempotency key.
    pub posts: BTreeMap<String, Post>,
}

/// One call, which is sent until it is acknowledged.
#[derive(Debug, Clone)]
pub struct Post {
    pub configuration: &'static str,
    pub senders: Vec<String>,
    /// The run, once the server said so.
    pub run: Option<String>,
}

struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bench {
    pub async fn start(latency: Duration) -> Self {
        let simulator = Simulator::start(Settings {
            lists: lists(),
            latency,
            knobs: no_limit(),
            ..Settings::default()
        })
        .await
        .unwrap();
        let directory = tempfile::tempdir().unwrap();
        let store_url = place::store_url(directory.path()).await;
        write_configuration(directory.path(), &simulator.url(), &store_url);
        Self {
            simulator,
            clock: Clock::of(directory.path()),
            directory,
            store_url,
            server: None,
            posts: BTreeMap::new(),
        }
    }

    /// Starts the server, perhaps to die at a point.
    pub async fn start_server(&mut self, crash_at: Option<&'static str>) {
        self.start_server_with(crash_at.map(|point| ("DOORLIST_CRASH_AT", point)))
            .await;
    }

    /// Starts it with a variable more.
    pub async fn start_server_with(&mut self, variable: Option<(&'static str, &'static str)>) {
        let directory = self.directory.path().to_owned();
        let mut command = command(&directory);
        command.envs(variable);
        if let Some(clock) = &self.clock {
            clock.give_to(&mut command);
        }
        let server = tokio::task::spawn_blocking(move || start(command)).await.unwrap();
        self.server = Some(server);
    }

    /// Everywhere in the configuration, for the next start.
    pub fn edit_configuration(&self, old: &str, new: &str) {
        let path = self.directory.path().join("doorlist.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{text}");
        std::fs::write(&path, text.replace(old, new)).unwrap();
    }

    /// SIGKILL, and nothing more.
    pub fn kill(&mut self) {
        drop(self.server.take());
    }

    /// Whether the server has ended by itself.
    pub fn has_died(&mut self) -> bool {
        self.server
            .as_mut()
            .is_none_or(|server| server.child.try_wait().unwrap().is_some())
    }

    pub fn url(&self) -> &str {
        self.server.as_ref().map_or("", |server| server.url.as_str())
    }

    /// Posts it, under its key, and notes the run. False where nobody answered.
    pub async fn post(&mut self, key: &str, wait: &str) -> bool {
        let post = &self.posts[key];
        let run = send(self.url(), key, post, wait).await;
        let is_answered = run.is_some();
        let post = self.posts.get_mut(key).unwrap();
        if let (Some(before), Some(now)) = (&post.run, &run) {
            assert_eq!(before, now, "one key, two runs");
        }
        post.run = run.or(post.run.take());
        is_answered
    }

    /// Asks for the undo of a run, and for what became of that before. None where the server died meanwhile.
    pub async fn undo(&self, run: &str, key: &str) -> Option<String> {
        let url = format!("{}/v1/runs/{run}/undo?wait=20s", self.url());
        let request = client().post(url).header("x-reason", "a test");
        let response = request.header("idempotency-key", key).send().await.ok()?;
        let body: Value = serde_json::from_slice(&body_of(response).await?).ok()?;
        Some(body["run"].as_str()?.to_owned())
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        let response = client()
            .get(format!("{}{path}", self.url()))
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let body = body_of(response).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    pub async fn cancel(&self, run: &str) {
        let url = format!("{}/v1/runs/{run}/cancel", self.url());
        let response = client().post(url).send().await.unwrap();
        assert!(response.status().is_success(), "{response:?}");
    }

    /// The report of a run, as soon as it is done.
    pub async fn report(&self, run: &str) -> Value {
        loop {
            let (status, document) = self.get(&format!("/v1/runs/{run}")).await;
            assert!(
                matches!(status, 200 | 502),
                "an acknowledged run is gone: {document}"
            );
            if document["state"] == "done" {
                return document;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// An appliance whose mailboxes are never full.
pub fn no_limit() -> Knobs {
    Knobs {
        list_limit: None,
        ..Knobs::default()
    }
}

/// Pairs that must be there in the end.
pub fn foreign_pairs() -> Vec<Pair> {
    let of = |number: usize| {
        let pair = |recipient: String, sender: String| Pair { recipient, sender };
        [
            pair(MAILBOX.to_owned(), format!("foreign{number}.example")),
            pair(format!("foreign{number}@example.com"), "other.example".to_owned()),
        ]
    };
    (0..FOREIGN).flat_map(of).collect()
}

fn lists() -> Lists {
    let to_delete = (0..TO_DELETE).map(|number| Pair {
        recipient: MAILBOX.to_owned(),
        sender: to_delete(number),
    });
    Lists {
        blocklist: foreign_pairs().into_iter().chain(to_delete).collect(),
        safelist: Vec::new(),
    }
}

/// A sender that stands from the beginning.
pub fn to_delete(number: usize) -> String {
    assert!(number < TO_DELETE);
    format!("old{number}.example")
}

fn write_configuration(directory: &Path, appliance_url: &str, store_url: &str) {
    std::fs::write(
        directory.join("doorlist.toml"),
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nstore = \"{store_url}\"\n\
             [appliances.esa-1]\nurl = \"{appliance_url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
             request_timeout = \"1s\"\nitems_per_call = 2\n\
             [guard]\nremoved_pairs_per_run_max = 1000\nremoved_share_floor_pairs = 1000\n\
             [configurations.add]\naction = \"cisco-esa-add-senders-to-quarantine-list\"\nappliance = \"esa-1\"\nrecipient_list = \"{MAILBOX}\"\n\
             [configurations.delete]\naction = \"cisco-esa-delete-senders-from-quarantine-list\"\nappliance = \"esa-1\"\n"
        ),
    )
    .unwrap();
}

fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorlist"));
    command
        .current_dir(directory)
        .arg("serve")
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn start(mut command: Command) -> Server {
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    let url = loop {
        let Some(line) = lines.next() else {
            panic!("the server ended: {said:?}")
        };
        let line = line.unwrap();
        if let Some(place) = line.find("listening on http://") {
            let address = &line[place + "listening on ".len()..];
            break address.split_whitespace().next().unwrap().to_owned();
        }
        said.push(line);
    };
    // Somebody has to read what it says, or it stops at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Server { child, url }
}

/// The id of the run that was accepted, if anybody answered.
pub async fn send(url: &str, key: &str, post: &Post, wait: &str) -> Option<String> {
    let action = match post.configuration {
        "add" => "cisco-esa-add-senders-to-quarantine-list",
        _ => "cisco-esa-delete-senders-from-quarantine-list",
    };
    let client = client();
    let request = client
        .post(format!(
            "{url}/v1/actions/{action}?configuration={}&wait={wait}",
            post.configuration
        ))
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(serde_json::to_vec(&post.senders).unwrap());
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let body = body_of(response).await?;
    let document: Value = serde_json::from_slice(&body).ok()?;
    assert!(matches!(status, 200 | 202 | 502), "{status} {document}");
    Some(document["run"].as_str().unwrap().to_owned())
}

pub fn client() -> reqwest::Client {
    // A second call finds a provider installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub async fn body_of(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Some(body),
            // It was killed while it answered.
            Err(_) => return None,
        }
    }
}
