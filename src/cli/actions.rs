//! `doorlist actions`: what a running server can be asked for, and with which configurations.

use super::client::Server;
use super::{ExitStatus, Failure};
use crate::model::escape_control;
use serde_json::Value;

#[derive(Debug, clap::Args)]
pub(super) struct ActionsArguments {
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

impl ActionsArguments {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let raw = self.server.get("/v1/actions").await?;
        if self.json {
            anstream::println!("{raw}");
            return Ok(ExitStatus::Done);
        }
        let document: Value = serde_json::from_str(&raw).unwrap_or_default();
        for action in document["actions"].as_array().into_iter().flatten() {
            let text = |key: &str| escape_control(action[key].as_str().unwrap_or_default());
            let list = |key: &str| {
                let items = action[key]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str);
                escape_control(&items.collect::<Vec<_>>().join(", "))
            };
            let configurations = list("configurations");
            let configurations = if configurations.is_empty() {
                "none".to_owned()
            } else {
                configurations
            };
            anstream::println!("{}\n    {}", text("id"), text("name"));
            anstream::println!("    takes           {}", list("accepted_types"));
            anstream::println!("    configurations  {configurations}");
        }
        Ok(ExitStatus::Done)
    }
}
