//! Plays a story as a user would meet it: a simulator that listens, a server with a configuration, one call over
//! HTTP, and the report that comes back.

use super::claim::{Claim, Played};
use super::story::{Action, Story};
use super::trace::Trace;
use doorlist::app::App;
use doorlist::config::{Config, Secret};
use doorlist::manifest::Actions;
use doorlist::report::Report;
use doorlist::simulator::Simulator;
use doorlist::worker::Engine;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub async fn play(story: &Story) -> Played {
    let simulator = Simulator::start(story.settings()).await.expect("a free port");
    let server = Server::start(story, &simulator.url()).await;
    if story.earlier_items > 0 {
        server.post(story.action, story.earlier()).await;
        // Faults may have made the appliance rest; a test that succeeds ends that.
        server.test().await;
    }
    let initial = simulator.lists();
    let first_sequence = simulator.requests().last().map_or(0, |request| request.sequence);
    let first_change = simulator.history().len();
    let report = server.post(story.action, &story.items).await;
    server.stop().await;
    let trace = Trace::new(
        story.list,
        &initial,
        first_sequence,
        &simulator.requests(),
        &simulator.history()[first_change..],
    );
    simulator.stop().await;
    Played {
        warnings: report
            .appliances
            .iter()
            .flat_map(|line| line.warnings.clone())
            .collect(),
        claims: report.results.iter().map(Claim::of_result).collect(),
        trace,
    }
}

struct Server {
    url: String,
    stop: oneshot::Sender<()>,
    /// Where its store is.
    _directory: tempfile::TempDir,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(story: &Story, appliance_url: &str) -> Self {
        let actions = Actions::load(None).expect("built-in manifests");
        let text = configuration(story, appliance_url);
        let mut config =
            Config::from_toml(&text, "doorlist.toml", Path::new("."), &BTreeMap::new(), &actions)
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
        let directory = tempfile::tempdir().expect("a directory");
        config.server.store = Secret::new(format!(
            "sqlite:{}",
            directory.path().join("doorlist.db").display()
        ));
        let listener = TcpListener::bind(config.server.listen)
            .await
            .expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = Arc::new(App::new(config, actions).expect("clients"));
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move { drop(stopped.await) };
        let engine = Engine::open(app).await.expect("a store");
        let task = tokio::spawn(doorlist::http::serve(listener, None, engine, shutdown));
        Self {
            url,
            stop,
            _directory: directory,
            task,
        }
    }

    async fn test(&self) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("{}/v1/appliances/esa-1/test", self.url);
        // What came of it does not matter: the run that follows is judged either way.
        drop(client.post(url).send().await.expect("the server answers"));
    }

    async fn post(&self, what: Action, items: &[String]) -> Report {
        let indicators: Vec<_> = items
            .iter()
            .map(|item| serde_json::json!({"value": item}))
            .collect();
        let body = serde_json::json!({"indicators": indicators}).to_string();
        let url = format!("{}/v1/actions/{}", self.url, action(what));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = client
            .post(url)
            .header("content-type", "application/json")
            .body(body);
        let mut response = request.send().await.expect("the server answers");
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.expect("a whole answer") {
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body)
            .unwrap_or_else(|error| panic!("no report: {error}: {}", String::from_utf8_lossy(&body)))
    }

    async fn stop(self) {
        self.stop.send(()).expect("the server waits for a stop");
        self.task.await.expect("no panic").expect("a clean stop");
    }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::AddSenders => "cisco-esa-add-senders-to-quarantine-list",
        Action::AddRecipients => "cisco-esa-add-recipients-to-quarantine-list",
        Action::DeleteSenders => "cisco-esa-delete-senders-from-quarantine-list",
        Action::DeleteRecipients => "cisco-esa-delete-recipients-from-quarantine-list",
        Action::RemovePairs => panic!("no call asks for single pairs"),
    }
}

fn configuration(story: &Story, appliance_url: &str) -> String {
    let limits = &story.limits;
    let counterpart = match story.action {
        Action::AddSenders => format!("recipient_list = {:?}", story.counterparts),
        Action::AddRecipients => format!("sender_list = {:?}", story.counterparts),
        Action::DeleteSenders | Action::DeleteRecipients | Action::RemovePairs => String::new(),
    };
    let list_limit = limits
        .list_limit
        .map_or(String::new(), |limit| format!("list_limit = {limit}"));
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nwait = \"10m\"\n\n\
         [appliances.esa-1]\nurl = \"{appliance_url}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n\
         request_timeout = \"2s\"\nitems_per_call = {}\n{list_limit}\n\n\
         [guard]\nadded_pairs_per_run_max = {pairs}\nremoved_pairs_per_run_max = {pairs}\nremoved_share_floor_pairs = {pairs}\n\n\
         [configurations.run]\naction = \"{}\"\nappliance = \"esa-1\"\nlist_type = \"{}\"\nobjects_per_run = {}\n{counterpart}\n",
        limits.items_per_call,
        action(story.action),
        story.list,
        limits.objects_per_run,
        pairs = limits.changed_pairs_max,
    )
}
