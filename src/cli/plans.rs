//! `doorlist preview ACTION FILE` and `doorlist apply PLAN`: what would be done is looked at and kept, and then done exactly
//! so, or not at all. Whether anything moved, the server finds.

use super::client::{Overrides, Server, Words};
use super::send::{content_type, read, waiting_and_shown};
use super::{ExitStatus, Failure};
use serde_json::Value;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Preview {
    /// Id of the action, such as cisco-esa-add-senders-to-quarantine-list.
    action: String,
    /// The file with the indicators, in any format that the server reads; `-` is standard input.
    file: PathBuf,
    /// The stored configuration; may be left out when only one names the action.
    #[arg(long, value_name = "NAME")]
    configuration: Option<String>,
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

#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// The plan's id, as its preview told it.
    plan: String,
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    server: Server,
    /// Print the report, or the problem, as the server sent it.
    #[arg(long)]
    json: bool,
}

impl Preview {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let body = read(&self.file)?;
        let mut url = self
            .server
            .action_url(&self.action, self.configuration.as_deref(), true)?;
        url.query_pairs_mut().append_pair("keep", "true");
        self.overrides.add_to(&mut url);
        let call = self.server.post(url, content_type(&self.file), &self.words, body);
        let report = waiting_and_shown(call, self.json).await?.report;
        let status = ExitStatus::of(&report);
        match &report.plan {
            Some(plan) => {
                if !self.json {
                    anstream::println!("apply it as it is: doorlist apply {}", plan.id);
                }
                Ok(status)
            }
            // A script must not go on to apply what was not kept; the report says why.
            None if status == ExitStatus::Done => Ok(ExitStatus::Refused),
            None => Ok(status),
        }
    }
}

impl Apply {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let plan = self.server.get_at(&["v1", "plans", &self.plan], &[]).await?;
        let plan: Value = serde_json::from_str(&plan).unwrap_or_default();
        let Some(action) = plan["action"].as_str() else {
            let words = "the server's answer about the plan names no action";
            return Err(Failure::new(ExitStatus::Failed, words));
        };
        let query = [("plan", self.plan.clone())];
        let url = self.server.url_of(&["v1", "actions", action], &query)?;
        let call = self.server.post(url, "application/json", &self.words, Vec::new());
        let report = waiting_and_shown(call, self.json).await?.report;
        let is_moved = report.plan.as_ref().is_some_and(|plan| !plan.moved.is_empty());
        if is_moved {
            return Ok(ExitStatus::PlanNotApplied);
        }
        Ok(ExitStatus::of(&report))
    }
}
