//! `doorlist send ACTION FILE`: posts a file to a running server and prints the report.

use super::client::{action_url, post};
use super::{ExitStatus, Failure};
use crate::report;
use std::io::Read as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Send {
    /// Id of the action, such as cisco-esa-add-senders-to-quarantine-list.
    action: String,
    /// The file with the indicators, in any format that the server reads; `-` is standard input.
    file: PathBuf,
    /// The stored configuration; may be left out when only one names the action.
    #[arg(long, value_name = "NAME")]
    configuration: Option<String>,
    /// Base URL of the server.
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8750",
        env = "DOORLIST_SERVER_URL"
    )]
    server: String,
    /// Print the report as the server sent it.
    #[arg(long)]
    json: bool,
}

impl Send {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let body = self.read()?;
        let url = action_url(&self.server, &self.action, self.configuration.as_deref())?;
        let answer = post(url, content_type(&self.file), body).await?;
        if self.json {
            anstream::println!("{}", answer.raw);
        } else {
            anstream::println!("{}", crate::model::escape_control(&answer.report.text));
            anstream::println!("{}", report::render(&answer.report));
        }
        Ok(ExitStatus::of(&answer.report))
    }

    fn read(&self) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        let read = if self.file == Path::new("-") {
            std::io::stdin().read_to_end(&mut body).map(|_| body)
        } else {
            std::fs::read(&self.file)
        };
        read.map_err(|error| Failure::new(ExitStatus::Usage, format!("{}: {error}", self.file.display())))
    }
}

/// The server recognises formats by itself; the name of a file helps it where one line alone would not tell.
fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("ndjson" | "jsonl") => "application/x-ndjson",
        _ => "application/json",
    }
}
