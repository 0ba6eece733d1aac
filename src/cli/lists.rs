//! `doorlist lists`: what stands on a list of an appliance, as a table, and as a file in the shape of the appliance's own
//! export. Pages are followed in `lists/pages.rs`; `lists/slbl.rs` has the form of the file.

pub(super) mod pages;
mod slbl;

use super::client::Server;
use super::{ExitStatus, Failure};
use crate::model::{ListKind, View, escape_control};
use crate::report::{ListGuard, ListOurs, ListPage, ListRow};
use clap::Subcommand;
use serde_json::json;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(super) struct Lists {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what stands on a list, one pair on each line.
    Show(Show),
    /// Write a list, or both, to standard output.
    Export(Export),
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The appliance's name.
    appliance: String,
    /// `blocklist` or `safelist`.
    #[arg(value_parser = ["blocklist", "safelist"])]
    list: String,
    /// Rows by `sender` or by `recipient`.
    #[arg(long, default_value = "sender", value_parser = ["sender", "recipient"])]
    view: String,
    /// Only pairs with this text in the sender or in the mailbox.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only pairs that doorlist put there (`ours`), or that others did (`not_ours`).
    #[arg(long, value_parser = ["ours", "not_ours"])]
    owner: Option<String>,
    /// Only senders that today's rules refuse (`refused`), or that no rule can be asked about (`not_judged`).
    #[arg(long, value_parser = ["refused", "not_judged"])]
    guard: Option<String>,
    #[command(flatten)]
    server: Server,
    /// Print all pages as one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Export {
    /// The appliance's name.
    appliance: String,
    /// `blocklist` or `safelist`; both where it is left out.
    #[arg(value_parser = ["blocklist", "safelist"])]
    list: Option<String>,
    /// One line for each mailbox and list, as an appliance exports its lists: `user, BLOCKED|SAFE, sender, sender`. The
    /// default.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// One JSON object on each line, with what is ours and what the guard says.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Lists {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::Show(show) => show.run().await,
            Command::Export(export) => export.run().await,
        }
    }
}

impl Show {
    async fn run(self) -> Result<ExitStatus, Failure> {
        let filters: Vec<(&str, String)> = [
            ("view", Some(self.view)),
            ("search", self.search),
            ("owner", self.owner),
            ("guard", self.guard),
        ]
        .into_iter()
        .filter_map(|(key, text)| Some((key, text?)))
        .collect();
        let page = pages::whole(&self.server, &self.appliance, &self.list, &filters).await?;
        let shown = if self.json {
            json!(page).to_string()
        } else {
            table(&page)
        };
        write(&format!("{shown}\n"))?;
        Ok(ExitStatus::Done)
    }
}

impl Export {
    async fn run(self) -> Result<ExitStatus, Failure> {
        let lists = match &self.list {
            Some(list) => vec![list.as_str()],
            None => ListKind::ALL.map(ListKind::word).to_vec(),
        };
        let filters = [("view", View::Recipient.word().to_owned())];
        let mut read = Vec::new();
        // Nothing is written before all is read: an export with a hole in it would be taken for the whole.
        for list in lists {
            read.push(pages::whole(&self.server, &self.appliance, list, &filters).await?);
        }
        if self.json {
            write(&json_lines(&read))?;
            return Ok(ExitStatus::Done);
        }
        let file = slbl::file(&read)?;
        write(&file.text)?;
        if file.altered > 0 {
            anstream::eprintln!(
                "{} values are not written as they stand: a spreadsheet would take them for a formula or a comment (' is put before them), or they hold control characters (escaped). --json has them as they are",
                file.altered
            );
        }
        Ok(ExitStatus::Done)
    }
}

fn json_lines(read: &[ListPage]) -> String {
    let rows = read
        .iter()
        .flat_map(|page| page.rows.iter().map(move |row| (page, row)));
    rows.map(|(page, row)| {
        let line = json!({
            "appliance": page.appliance,
            "list": page.list,
            "mailbox": row.entry,
            "senders": row.pairs,
        });
        format!("{line}\n")
    })
    .collect()
}

fn table(page: &ListPage) -> String {
    let headings = match page.view {
        View::Sender => ["SENDER", "MAILBOX", "PUT THERE BY", "GUARD"],
        View::Recipient => ["MAILBOX", "SENDER", "PUT THERE BY", "GUARD"],
    };
    let mut rows = vec![headings.map(str::to_owned)];
    rows.extend(page.rows.iter().flat_map(pairs));
    let lines = (rows.len() > 1).then(|| columns(&rows)).into_iter().flatten();
    let text = escape_control(&page.text);
    std::iter::once(text).chain(lines).collect::<Vec<_>>().join("\n")
}

fn pairs(row: &ListRow) -> impl Iterator<Item = [String; 4]> {
    row.pairs.iter().map(|pair| {
        let guard = row.guard.as_ref().or(pair.guard.as_ref());
        [
            row.entry.clone(),
            pair.entry.clone(),
            whose(pair.ours.as_ref()),
            guard.map_or_else(|| "-".to_owned(), verdict),
        ]
    })
}

pub(super) fn whose(ours: Option<&ListOurs>) -> String {
    let Some(ours) = ours else {
        return "not ours".to_owned();
    };
    let claimed = ours
        .claimed_by
        .as_ref()
        .map_or(String::new(), |run| format!(", asked for again by {run}"));
    let likely = if ours.unproven { "most likely " } else { "" };
    format!("{likely}{}, {}{claimed}", ours.run, ours.since)
}

fn verdict(guard: &ListGuard) -> String {
    format!("{}: {}", guard.rule, guard.text)
}

/// Rows below each other, each column as wide as its widest cell is shown; the last is left as it is.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let rows: Vec<[String; N]> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| escape_control(cell)))
        .collect();
    let widths: Vec<usize> = (0..N - 1)
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    rows.iter()
        .map(|row| {
            let cells = row[..N - 1].iter().zip(&widths);
            let cells: String = cells.map(|(cell, width)| format!("{cell:<width$}  ")).collect();
            format!("  {cells}{}", row[N - 1])
        })
        .collect()
}

fn write(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| {
            let words = format!("standard output: {error}; what was written is not complete");
            Failure::new(ExitStatus::Failed, words)
        })
}
