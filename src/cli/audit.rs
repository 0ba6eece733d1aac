//! `doorlist audit export`: who did what, as JSON Lines on standard output, for whoever keeps or searches such rows.

use super::client::Server;
use super::{ExitStatus, Failure};
use clap::Subcommand;
use serde_json::Value;
use std::io::Write as _;

/// Rows that are asked for at once: the most that the server gives.
const PAGE_ROWS: &str = "1000";

#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the rows, oldest first, one JSON object on each line.
    Export(Export),
}

#[derive(Debug, clap::Args)]
struct Export {
    /// Written at or after this moment, as 2026-11-25T03:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Written before this moment.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// What this client did.
    #[arg(long)]
    client: Option<String>,
    /// Of this run.
    #[arg(long)]
    run: Option<String>,
    /// `accepted`, `write`, `finished`, `cancel`, `hold`, `refused_rights`, ...
    #[arg(long)]
    event: Option<String>,
    /// A stored configuration.
    #[arg(long)]
    configuration: Option<String>,
    /// An appliance.
    #[arg(long)]
    appliance: Option<String>,
    /// After the row with this `ordinal`: how an export goes on where the last one ended.
    #[arg(long, value_name = "ORDINAL")]
    after: Option<i64>,
    #[command(flatten)]
    server: Server,
}

impl Audit {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let Command::Export(export) = self.command;
        export.run().await
    }
}

impl Export {
    async fn run(self) -> Result<ExitStatus, Failure> {
        let filters: Vec<(&str, String)> = [
            ("from", self.from),
            ("to", self.to),
            ("client", self.client),
            ("run", self.run),
            ("event", self.event),
            ("configuration", self.configuration),
            ("appliance", self.appliance),
            ("limit", Some(PAGE_ROWS.to_owned())),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
        let mut after = self.after;
        loop {
            let mut query = filters.clone();
            query.extend(after.map(|after| ("after", after.to_string())));
            let raw = self.server.get_at(&["v1", "audit"], &query).await?;
            let page = read(&raw)?;
            write(page["rows"].as_array().map_or(&[], Vec::as_slice))?;
            after = page["next"].as_i64();
            if after.is_none() {
                return Ok(ExitStatus::Done);
            }
        }
    }
}

/// An export with a hole in it would be taken for the whole.
fn read(raw: &str) -> Result<Value, Failure> {
    let page: Value = serde_json::from_str(raw).unwrap_or_default();
    if page["rows"].is_array() {
        return Ok(page);
    }
    let words = "the server answered with something else than rows of its audit; the export is not complete";
    Err(Failure::new(ExitStatus::Failed, words))
}

fn write(rows: &[Value]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    out.write_all(lines.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| {
            let words = format!("standard output: {error}; the export is not complete");
            Failure::new(ExitStatus::Failed, words)
        })
}
