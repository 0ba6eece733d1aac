//! `doorlist writes`: stops what a running server writes, starts it again, and tells which it is.

use super::client::{Server, Words};
use super::{ExitStatus, Failure};
use crate::model::escape_control;
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(super) struct Writes {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Stop additions, also those that are queued or under way; removals and undos go on.
    Stop(Stop),
    /// Start writes again. What ended meanwhile is not begun again.
    Start(Start),
    /// Tell whether writes are stopped, since when, by whom and why.
    Status(Status),
}

#[derive(Debug, clap::Args)]
struct Stop {
    /// Removals and undos too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    said: Said,
}

#[derive(Debug, clap::Args)]
struct Start {
    /// Removals and undos of additions alone; additions stay stopped.
    #[arg(long)]
    removals: bool,
    #[command(flatten)]
    said: Said,
}

#[derive(Debug, clap::Args)]
struct Said {
    /// Why: told to everybody whose call is refused.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// A ticket, for the audit.
    #[arg(long, value_name = "TICKET")]
    ticket: Option<String>,
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Status {
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

impl Writes {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::Stop(Stop { all, said }) => {
                let scope = if all { "everything" } else { "additions" };
                said.post(json!({"state": "stopped", "scope": scope})).await
            }
            Command::Start(Start { removals, said }) => {
                let scope = if removals { "removals" } else { "everything" };
                said.post(json!({"state": "running", "scope": scope})).await
            }
            Command::Status(status) => {
                let raw = status.server.get_at(&["v1", "writes"], &[]).await?;
                Ok(print(&raw, status.json))
            }
        }
    }
}

impl Said {
    async fn post(self, body: Value) -> Result<ExitStatus, Failure> {
        let words = Words {
            ticket: self.ticket,
            reason: Some(self.reason),
        };
        let path = ["v1", "writes"];
        let raw = self.server.post_at(&path, &words, body.to_string()).await?;
        Ok(print(&raw, self.json))
    }
}

fn print(raw: &str, as_it_came: bool) -> ExitStatus {
    if as_it_came {
        anstream::println!("{raw}");
    } else {
        let document: Value = serde_json::from_str(raw).unwrap_or_default();
        let text = document["text"].as_str().unwrap_or_default();
        anstream::println!("{}", escape_control(text));
    }
    ExitStatus::Done
}
