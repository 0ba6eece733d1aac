//! `doorlist demo`: everything at once and nothing needed. A simulated appliance and a server on free loopback
//! ports, a fresh directory, and one realistic call to each of the four actions over HTTP. Takes nothing from
//! the user's files or environment, and leaves nothing behind.

use super::client::{Answer, Server, Words};
use super::stop;
use super::{ExitStatus, Failure};
use crate::app::App;
use crate::config::{Config, LogFormat};
use crate::manifest::Actions;
use crate::model::Class;
use crate::simulator::{Handle, Knobs, Lists, Settings, Simulator};
use crate::worker::Engine;
use crate::{http, report, telemetry};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Keep the simulator and the server running until Ctrl-C, to try the curl lines.
    #[arg(long)]
    stay: bool,
    /// Print the reports as the server sent them, one on each line, and nothing else.
    #[arg(long)]
    json: bool,
}

/// One call of the demo: an action, its stored configuration, a collection, and what to look out for.
struct Call {
    action: &'static str,
    configuration: &'static str,
    file: &'static str,
    collection: &'static str,
    story: &'static str,
}

const CALLS: [Call; 4] = [
    Call {
        action: "cisco-esa-add-senders-to-quarantine-list",
        configuration: "block-senders",
        file: "phishing-collection.json",
        collection: include_str!("demo/phishing-collection.json"),
        story: "A ThreatQ collection of eight, to be blocked for three mailboxes; the one of cfo@example.com has one place left.",
    },
    Call {
        action: "cisco-esa-add-recipients-to-quarantine-list",
        configuration: "trust-partner",
        file: "new-mailboxes.json",
        collection: include_str!("demo/new-mailboxes.json"),
        story: "Five mailboxes that are to trust partner.example.net; one does already, one has a full list.",
    },
    Call {
        action: "cisco-esa-delete-senders-from-quarantine-list",
        configuration: "unblock-senders",
        file: "false-positives.json",
        collection: include_str!("demo/false-positives.json"),
        story: "Four senders that turned out harmless, to be taken off for everybody, whatever their status.",
    },
    Call {
        action: "cisco-esa-delete-recipients-from-quarantine-list",
        configuration: "clear-mailboxes",
        file: "leavers.json",
        collection: include_str!("demo/leavers.json"),
        story: "Two people left the company and two lines are no mailboxes: their whole safelists are to go.",
    },
];

impl Demo {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let failed = |error: anyhow::Error| Failure::new(ExitStatus::Failed, format!("{error:#}"));
        telemetry::start(LogFormat::Human, "warn").map_err(|error| failed(error.into()))?;
        let directory = tempfile::Builder::new().prefix("doorlist-demo-").tempdir();
        let directory = directory.map_err(|error| failed(error.into()))?;
        let simulator = start_simulator().await.map_err(failed)?;
        let (server_url, stop_server, server) = start_server(directory.path(), &simulator.url())
            .await
            .map_err(failed)?;
        if !self.json {
            print_heading(directory.path(), &simulator, &server_url);
        }
        let mut status = ExitStatus::Done;
        for (number, call) in CALLS.iter().enumerate() {
            let answer = call.post(&server_url).await?;
            if self.json {
                anstream::println!("{}", answer.raw);
            } else {
                call.show(number + 1, &answer, directory.path(), &server_url)?;
            }
            // Refusals belong to the story; trouble would be a fault of ours.
            if answer.report.count(Class::Trouble) > 0 {
                status = ExitStatus::Failed;
            }
        }
        if !self.json {
            print_ending(&simulator, &server_url, self.stay);
        }
        if self.stay {
            stop::asked().await;
        }
        // The server may have ended by itself; then there is nobody to tell.
        let _ = stop_server.send(());
        let ended = server.await.map_err(|error| failed(error.into()))?;
        ended.map_err(|error| failed(error.into()))?;
        simulator.stop().await;
        Ok(status)
    }
}

async fn start_simulator() -> anyhow::Result<Handle> {
    let lists: Lists = serde_json::from_str(include_str!("demo/lists.json"))?;
    let settings = Settings {
        lists,
        knobs: Knobs {
            list_limit: Some(5),
            ..Knobs::default()
        },
        ..Settings::default()
    };
    Ok(Simulator::start(settings).await?)
}

type Running = tokio::task::JoinHandle<std::io::Result<()>>;

/// Writes the files of the demo and starts a server on them, as `doorlist serve` would.
async fn start_server(
    directory: &Path,
    appliance_url: &str,
) -> anyhow::Result<(String, tokio::sync::oneshot::Sender<()>, Running)> {
    let config_file = directory.join("doorlist.toml");
    let config = include_str!("demo/doorlist.toml").replace("APPLIANCE_URL", appliance_url);
    std::fs::write(&config_file, config)?;
    std::fs::write(directory.join("appliance.password"), Settings::default().password)?;
    for call in &CALLS {
        std::fs::write(directory.join(call.file), call.collection)?;
    }
    let actions = Actions::load(None)?;
    let config = Config::load(&config_file, &BTreeMap::new(), &actions)?;
    let listener = TcpListener::bind(config.server.listen).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let engine = Engine::open(Arc::new(App::new(config, actions)?)).await?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async {
        // A sender that is gone asks for a stop as well.
        let _ = stopped.await;
    };
    Ok((
        url,
        stop,
        tokio::spawn(http::serve(listener, None, engine, shutdown)),
    ))
}

fn print_heading(directory: &Path, simulator: &Handle, server_url: &str) {
    anstream::println!(
        "\
+----------------------------------------------------------------------------+
| DEMO. A simulated appliance and made-up data; nothing leaves this machine. |
+----------------------------------------------------------------------------+
  server     {server_url}
  appliance  {} (simulated; at most 5 senders for a mailbox and list)
  files      {}
",
        simulator.url(),
        directory.display()
    );
}

fn print_ending(simulator: &Handle, server_url: &str, stay: bool) {
    let lists = simulator.lists();
    anstream::println!(
        "The appliance now holds {} blocklist and {} safelist pairs; every line above was read back from it.",
        lists.blocklist.len(),
        lists.safelist.len()
    );
    if stay {
        anstream::println!("\nBoth keep running until Ctrl-C. Paste a curl line from above, or look inside:");
        anstream::println!("  curl {server_url}/v1/actions");
        anstream::println!("  curl {}/simulator/lists", simulator.url());
        anstream::println!("  curl {}/simulator/requests", simulator.url());
    } else {
        anstream::println!("Keep it running to try the curl lines: doorlist demo --stay");
    }
}

impl Call {
    async fn post(&self, server_url: &str) -> Result<Answer, Failure> {
        let server = Server::at(server_url);
        let url = server.action_url(self.action, Some(self.configuration), false)?;
        server
            .post(
                url,
                "application/json",
                &Words::default(),
                self.collection.as_bytes().to_vec(),
            )
            .await
    }

    fn show(
        &self,
        number: usize,
        answer: &Answer,
        directory: &Path,
        server_url: &str,
    ) -> Result<(), Failure> {
        anstream::println!("{number}. {}\n   {}\n", self.action, self.story);
        anstream::println!("{}", report::render(&answer.report));
        let url = Server::at(server_url).action_url(self.action, Some(self.configuration), false)?;
        let file = directory.join(self.file);
        anstream::println!(
            "  curl -sS -H 'Content-Type: application/json' --data-binary @'{}' '{url}'\n",
            file.display()
        );
        Ok(())
    }
}
