//! `doorlist runs undo` and `doorlist remove`: taking back what doorlist did. A removal is previewed first, and done when
//! somebody says so.

use super::client::{Answer, Server, Words};
use super::{ExitStatus, Failure};
use crate::model::escape_control;
use crate::report;
use std::io::{IsTerminal as _, Write as _};

const JSON: &str = "application/json";

#[derive(Debug, clap::Args)]
pub(super) struct Undo {
    /// The run's id.
    run: String,
    #[command(flatten)]
    words: Words,
    /// Only look: report what would be taken back, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Also what a later run asked for since.
    #[arg(long)]
    force: bool,
    /// How long what is taken out cannot be listed again; 0s for not at all.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    hold: String,
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

impl Undo {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let query = [
            ("dry_run", self.dry_run.to_string()),
            ("force", self.force.to_string()),
            ("hold", self.hold),
        ];
        let url = self.server.url_of(&["v1", "runs", &self.run, "undo"], &query)?;
        let answer = self.server.post(url, JSON, &self.words, Vec::new()).await?;
        Ok(print(&answer, self.json))
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Remove {
    /// The sender to take out; with --side recipient, the mailbox.
    value: String,
    /// Take out what stands because of doorlist, and leave what others put there. There is no other way: the delete actions
    /// take everything.
    #[arg(long, required = true)]
    ours: bool,
    /// In this mailbox alone.
    #[arg(long)]
    recipient: Option<String>,
    /// `blocklist` or `safelist`.
    #[arg(long, default_value = "blocklist")]
    list: String,
    /// What VALUE is: `sender` or `recipient`.
    #[arg(long, default_value = "sender")]
    side: String,
    #[command(flatten)]
    words: Words,
    /// How long it cannot be listed again; 0s for not at all.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    hold: String,
    /// Do it without asking.
    #[arg(long)]
    yes: bool,
    /// Only look.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

impl Remove {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let body = serde_json::json!({
            "value": self.value,
            "side": self.side,
            "recipient": self.recipient,
            "list": self.list,
        });
        let body = body.to_string().into_bytes();
        let path = ["v1", "remove"];
        if !self.yes {
            let url = self.server.url_of(&path, &[("dry_run", "true".to_owned())])?;
            let preview = self.server.post(url, JSON, &self.words, body.clone()).await?;
            let status = print(&preview, self.json);
            if self.dry_run {
                return Ok(status);
            }
            if !confirmed()? {
                return Ok(ExitStatus::Done);
            }
        }
        let url = self.server.url_of(&path, &[("hold", self.hold)])?;
        let answer = self.server.post(url, JSON, &self.words, body).await?;
        Ok(print(&answer, self.json))
    }
}

fn print(answer: &Answer, as_it_came: bool) -> ExitStatus {
    if as_it_came {
        anstream::println!("{}", answer.raw);
    } else {
        anstream::println!("{}", escape_control(&answer.report.text));
        anstream::println!("{}", report::render(&answer.report));
    }
    ExitStatus::of(&answer.report)
}

/// Only somebody at a terminal can be asked.
fn confirmed() -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        let text = "nothing was removed: nobody can be asked here; repeat it with --yes, or with --dry-run for the preview alone";
        return Err(Failure::new(ExitStatus::Usage, text));
    }
    anstream::eprint!("take this out? [y/N] ");
    let mut line = String::new();
    let read = std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().read_line(&mut line));
    read.map_err(|error| Failure::new(ExitStatus::Usage, format!("the answer cannot be read: {error}")))?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
