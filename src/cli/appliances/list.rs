//! `doorlist appliances list`.

use super::{ExitStatus, Failure, Server};
use crate::model::escape_control;
use serde_json::Value;

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    server: Server,
    /// Print the answer as the server sent it.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let raw = self.server.get("/v1/appliances").await?;
        if self.json {
            anstream::println!("{raw}");
            return Ok(ExitStatus::Done);
        }
        let document: Value = serde_json::from_str(&raw).unwrap_or_default();
        for appliance in document["appliances"].as_array().into_iter().flatten() {
            let text = |key: &str| escape_control(appliance[key].as_str().unwrap_or_default());
            let state = match appliance["resting"].as_str() {
                Some(why) => format!("RESTS: {}", escape_control(why)),
                None => "would be asked".to_owned(),
            };
            anstream::println!("{}  /{}  {}  {state}", text("name"), text("root"), text("mode"));
        }
        Ok(ExitStatus::Done)
    }
}

/// The names of all appliances that the server shows us.
pub(in crate::cli) async fn names(server: &Server) -> Result<Vec<String>, Failure> {
    let raw = server.get("/v1/appliances").await?;
    let document: Value = serde_json::from_str(&raw).unwrap_or_default();
    let appliances = document["appliances"].as_array().into_iter().flatten();
    Ok(appliances
        .filter_map(|appliance| appliance["name"].as_str().map(str::to_owned))
        .collect())
}
