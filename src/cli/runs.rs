//! `doorlist runs`: what a running server accepted, how it ended, and stopping one.

use super::client::{Server, Words};
use super::take_back::Undo;
use super::{ExitStatus, Failure};
use crate::model::escape_control;
use crate::report::{self, Report};
use clap::Subcommand;
use serde_json::Value;

#[derive(Debug, clap::Args)]
pub(super) struct Runs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List runs, newest first; those that changed nothing and had no trouble are counted, and not shown.
    List(List),
    /// Show a run: its report, or how far it is.
    Show(Show),
    /// Stop a run: the write in flight is finished, the rest is not tried.
    Cancel(Cancel),
    /// Take back what a run changed, and nothing else. What a later run asked for since is kept, and named.
    Undo(Undo),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    server: Server,
    /// Those too that changed nothing and had no trouble.
    #[arg(long)]
    all: bool,
    /// `open` or `done`.
    #[arg(long)]
    state: Option<String>,
    /// The worst class of its results: `in_place`, `refused`, `trouble`, ...
    #[arg(long)]
    class: Option<String>,
    /// An outcome that occurs in it, such as `unproven`.
    #[arg(long)]
    outcome: Option<String>,
    /// The id of an action.
    #[arg(long)]
    action: Option<String>,
    /// A stored configuration.
    #[arg(long)]
    configuration: Option<String>,
    /// An appliance.
    #[arg(long)]
    appliance: Option<String>,
    /// The ticket that it was asked for with.
    #[arg(long)]
    ticket: Option<String>,
    /// Accepted at or after this moment, as 2026-11-25T03:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Accepted before this moment.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Accepted before this run: how a list goes on.
    #[arg(long, value_name = "RUN")]
    before: Option<String>,
    /// Most runs.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The run's id.
    run: String,
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Cancel {
    /// The run's id.
    run: String,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    words: Words,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

impl Runs {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::List(list) => list.run().await,
            Command::Show(show) => {
                let raw = show.server.get_run(&show.run).await?;
                Ok(print(&raw, show.json))
            }
            Command::Cancel(cancel) => {
                let raw = cancel.server.cancel_run(&cancel.run, &cancel.words).await?;
                // That something was not tried is what was asked for.
                print(&raw, cancel.json);
                Ok(ExitStatus::Done)
            }
            Command::Undo(undo) => undo.run().await,
        }
    }
}

impl List {
    async fn run(self) -> Result<ExitStatus, Failure> {
        let limit = self.limit.to_string();
        let notable = if self.all { None } else { Some("true".to_owned()) };
        let query: Vec<(&str, String)> = [
            ("state", self.state),
            ("class", self.class),
            ("outcome", self.outcome),
            ("action", self.action),
            ("configuration", self.configuration),
            ("appliance", self.appliance),
            ("ticket", self.ticket),
            ("from", self.from),
            ("to", self.to),
            ("before", self.before),
            ("notable", notable),
            ("limit", Some(limit)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
        let raw = self.server.get_at(&["v1", "runs"], &query).await?;
        if self.json {
            anstream::println!("{raw}");
            return Ok(ExitStatus::Done);
        }
        let document: Value = serde_json::from_str(&raw).unwrap_or_default();
        for run in document["runs"].as_array().into_iter().flatten() {
            let word = |key: &str| escape_control(run[key].as_str().unwrap_or("-"));
            let asked = asked(run["ticket"].as_str(), run["reason"].as_str());
            let text = match run["text"].as_str() {
                Some(text) => escape_control(text),
                None if run["state"] == "open" => "open, not done yet".to_owned(),
                None => format!("{}; `doorlist runs show` makes its report", word("state")),
            };
            let undo = run["undo_of"].as_str();
            let undo = undo.map_or(String::new(), |run| format!("  undo of {}", escape_control(run)));
            let configuration = match word("configuration") {
                none if none.is_empty() => word("action"),
                configuration => configuration,
            };
            anstream::println!(
                "{}  {}  {configuration}  {}{undo}{asked}\n    {text}",
                word("accepted"),
                word("run"),
                word("client")
            );
        }
        let hidden = document["hidden"].as_i64().unwrap_or(0);
        if hidden > 0 {
            anstream::println!(
                "{hidden} that changed nothing and had no trouble are hidden; --all shows them"
            );
        }
        if let Some(next) = document["next"].as_str() {
            anstream::println!("older ones: --before {}", escape_control(next));
        }
        Ok(ExitStatus::Done)
    }
}

/// A report, or how far a run is.
fn print(raw: &str, as_it_came: bool) -> ExitStatus {
    let report = serde_json::from_str::<Report>(raw).ok();
    if as_it_came {
        anstream::println!("{raw}");
    } else if let Some(report) = &report {
        anstream::println!("{}", escape_control(&report.text));
        print_asked(report.ticket.as_deref(), report.reason.as_deref());
        anstream::println!("{}", report::render(report));
    } else {
        let document: Value = serde_json::from_str(raw).unwrap_or_default();
        anstream::println!(
            "{}",
            escape_control(document["text"].as_str().unwrap_or_default())
        );
        print_asked(document["ticket"].as_str(), document["reason"].as_str());
        for task in document["tasks"].as_array().into_iter().flatten() {
            let word = |key: &str| escape_control(task[key].as_str().unwrap_or_default());
            anstream::println!("  {}  {}  {}", word("appliance"), word("list"), word("state"));
        }
    }
    report.as_ref().map_or(ExitStatus::Done, ExitStatus::of)
}

fn print_asked(ticket: Option<&str>, reason: Option<&str>) {
    let asked = asked(ticket, reason);
    if !asked.is_empty() {
        anstream::println!("{asked}");
    }
}

/// With which ticket and why it was asked for, where that was said.
fn asked(ticket: Option<&str>, reason: Option<&str>) -> String {
    let part = |name: &str, text: Option<&str>| {
        text.map_or(String::new(), |text| {
            format!("  {name}: {}", escape_control(text))
        })
    };
    format!("{}{}", part("ticket", ticket), part("reason", reason))
}
