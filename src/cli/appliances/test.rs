//! `doorlist appliances test`: one line for each step of the way to an appliance.

use super::{ExitStatus, Failure, Server, list};
use crate::model::escape_control;
use serde_json::Value;

#[derive(Debug, clap::Args)]
pub(super) struct Test {
    /// Names of appliances; all of them where none is given.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    server: Server,
    /// Print the answers as the server sent them, one on each line.
    #[arg(long)]
    json: bool,
}

impl Test {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let names = if self.names.is_empty() {
            list::names(&self.server).await?
        } else {
            self.names
        };
        let mut status = ExitStatus::Done;
        for name in names {
            let raw = self.server.test_appliance(&name).await?;
            let document: Value = serde_json::from_str(&raw).unwrap_or_default();
            if document["ok"] != true {
                status = ExitStatus::Unreachable;
            }
            if self.json {
                anstream::println!("{raw}");
            } else {
                print(&document);
            }
        }
        Ok(status)
    }
}

fn print(document: &Value) {
    let text = |value: &Value| escape_control(value.as_str().unwrap_or_default());
    anstream::println!("{}", text(&document["text"]));
    for step in document["steps"].as_array().into_iter().flatten() {
        let word = match step["state"].as_str() {
            Some("ok") => "ok",
            Some("failed") => "FAILED",
            _ => "-",
        };
        anstream::println!(
            "  {word:<7} {:<10} {}",
            text(&step["step"]),
            text(&step["detail"])
        );
    }
    for warning in document["warnings"].as_array().into_iter().flatten() {
        anstream::println!("  warning {}", text(warning));
    }
}
