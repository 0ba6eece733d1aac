//! `doorlist health`: does a server take calls? For containers and scripts: exit code 0 or 1.

use super::client::Server;
use super::{ExitStatus, Failure};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(super) struct Health {
    #[command(flatten)]
    server: Server,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Health {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let answer = self.server.get("/readyz").await;
        if self.json {
            let words = answer
                .as_ref()
                .map_or_else(ToString::to_string, |words| words.trim().to_owned());
            anstream::println!("{}", json!({ "ready": answer.is_ok(), "detail": words }));
            return Ok(if answer.is_ok() {
                ExitStatus::Done
            } else {
                ExitStatus::Failed
            });
        }
        let words = answer.map_err(|failure| Failure::new(ExitStatus::Failed, failure.to_string()))?;
        anstream::println!("{}", words.trim());
        Ok(ExitStatus::Done)
    }
}
