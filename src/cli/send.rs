//! `doorlist send ACTION FILE`: posts a file to a running server and prints the report.

use super::client::{Answer, Overrides, Server, Words};
use super::{ExitStatus, Failure};
use crate::report;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A report that takes longer than this is announced by a line that counts the seconds.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(super) struct Send {
    /// Id of the action, such as cisco-esa-add-senders-to-quarantine-list.
    action: String,
    /// The file with the indicators, in any format that the server reads; `-` is standard input.
    file: PathBuf,
    /// The stored configuration; may be left out when only one names the action.
    #[arg(long, value_name = "NAME")]
    configuration: Option<String>,
    /// Only look: report what would be done, and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    overrides: Overrides,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    server: Server,
    /// Print the report, or the problem, as the server sent it.
    #[arg(long)]
    json: bool,
}

impl Send {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let body = read(&self.file)?;
        let mut url = self
            .server
            .action_url(&self.action, self.configuration.as_deref(), self.dry_run)?;
        self.overrides.add_to(&mut url);
        let call = self.server.post(url, content_type(&self.file), &self.words, body);
        let answer = waiting_and_shown(call, self.json).await?;
        Ok(ExitStatus::of(&answer.report))
    }
}

/// Waits for an answer and prints it, or the problem where that is asked for.
pub(super) async fn waiting_and_shown(
    call: impl Future<Output = Result<Answer, Failure>>,
    as_it_came: bool,
) -> Result<Answer, Failure> {
    let answer = match waiting(call).await {
        Ok(answer) => answer,
        Err(failure) => {
            if let Some(document) = failure.document().filter(|_| as_it_came) {
                anstream::println!("{document}");
            }
            return Err(failure);
        }
    };
    if as_it_came {
        anstream::println!("{}", answer.raw);
    } else {
        anstream::println!("{}", crate::model::escape_control(&answer.report.text));
        anstream::println!("{}", report::render(&answer.report));
    }
    Ok(answer)
}

/// The indicators; `-` is standard input.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut body).map(|_| body)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| Failure::new(ExitStatus::Usage, format!("{}: {error}", file.display())))
}

/// Shows on a terminal that something is waited for; anywhere else it would only be in the way.
async fn waiting(call: impl Future<Output = Result<Answer, Failure>>) -> Result<Answer, Failure> {
    if !std::io::stderr().is_terminal() {
        return call.await;
    }
    let started = Instant::now();
    let mut call = std::pin::pin!(call);
    let mut shown = false;
    loop {
        tokio::select! {
            answer = &mut call => {
                if shown {
                    anstream::eprint!("\r\x1b[K");
                }
                return answer;
            }
            () = tokio::time::sleep(PROGRESS_INTERVAL) => {
                shown = true;
                let seconds = started.elapsed().as_secs();
                anstream::eprint!("\r  waiting for the report, {seconds} s (Ctrl-C stops waiting, not the run)");
            }
        }
    }
}

/// The server recognises formats by itself; the name of a file helps it where one line alone would not tell.
pub(super) fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("ndjson" | "jsonl") => "application/x-ndjson",
        _ => "application/json",
    }
}
