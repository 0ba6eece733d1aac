//! `doorlist hold`: keeps an entry off the lists for a time, whoever sends it; lists what is held, and ends a hold.

use super::client::{Server, Words};
use super::{ExitStatus, Failure};
use crate::model::escape_control;
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(super) struct Hold {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put an entry on hold: additions leave it off the lists, and answer `held`.
    Add(Add),
    /// List holds, newest first.
    List(List),
    /// End a hold.
    Remove(Remove),
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The sender: an address, a domain or an IP address, as it would be listed.
    value: String,
    /// For this mailbox alone, in place of every one.
    #[arg(long, value_name = "MAILBOX", conflicts_with = "mailbox")]
    recipient: Option<String>,
    /// VALUE is a mailbox: nothing is listed for it.
    #[arg(long)]
    mailbox: bool,
    /// On this list alone, `blocklist` or `safelist`, in place of both.
    #[arg(long)]
    list: Option<String>,
    /// How long, from 1m to 400d.
    #[arg(long = "for", value_name = "TIME", default_value = "7d")]
    hold_for: String,
    /// Why: shown with everything that it holds.
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
struct List {
    /// Those too that were ended or are over.
    #[arg(long)]
    all: bool,
    /// Put down before this hold: how a list goes on.
    #[arg(long, value_name = "HOLD")]
    before: Option<String>,
    /// Most holds.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Remove {
    /// The hold's id.
    hold: String,
    /// Why, for the audit.
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

impl Hold {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::Add(add) => add.run().await,
            Command::List(list) => list.run().await,
            Command::Remove(remove) => remove.run().await,
        }
    }
}

impl Add {
    async fn run(self) -> Result<ExitStatus, Failure> {
        let mut body = json!({"value": self.value, "for": self.hold_for});
        if self.mailbox {
            body["side"] = json!("recipient");
        }
        for (key, text) in [("recipient", self.recipient), ("list", self.list)] {
            if let Some(text) = text {
                body[key] = json!(text);
            }
        }
        let words = Words {
            ticket: self.ticket,
            reason: Some(self.reason),
        };
        let raw = self
            .server
            .post_at(&["v1", "holds"], &words, body.to_string())
            .await?;
        Ok(print(&raw, self.json))
    }
}

impl List {
    async fn run(self) -> Result<ExitStatus, Failure> {
        let mut query = vec![("limit", self.limit.to_string())];
        if !self.all {
            query.push(("active", "true".to_owned()));
        }
        query.extend(self.before.map(|before| ("before", before)));
        let raw = self.server.get_at(&["v1", "holds"], &query).await?;
        if self.json {
            anstream::println!("{raw}");
            return Ok(ExitStatus::Done);
        }
        let document: Value = serde_json::from_str(&raw).unwrap_or_default();
        for hold in document["holds"].as_array().into_iter().flatten() {
            print_text(hold);
        }
        if let Some(next) = document["next"].as_str() {
            anstream::println!("older ones: --before {}", escape_control(next));
        }
        Ok(ExitStatus::Done)
    }
}

impl Remove {
    async fn run(self) -> Result<ExitStatus, Failure> {
        let words = Words {
            ticket: self.ticket,
            reason: Some(self.reason),
        };
        let raw = self
            .server
            .delete_at(&["v1", "holds", &self.hold], &words)
            .await?;
        Ok(print(&raw, self.json))
    }
}

fn print(raw: &str, as_it_came: bool) -> ExitStatus {
    if as_it_came {
        anstream::println!("{raw}");
    } else {
        print_text(&serde_json::from_str(raw).unwrap_or_default());
    }
    ExitStatus::Done
}

fn print_text(document: &Value) {
    anstream::println!(
        "{}",
        escape_control(document["text"].as_str().unwrap_or_default())
    );
}
