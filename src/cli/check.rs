//! `doorlist check`: everything that can be known before anything is changed. Loads manifests and configuration, tests
//! the way to every appliance and reads one row of both its lists, writes nothing, and reports all it finds at once.

use super::load::{Files, warnings};
use super::{ExitStatus, Failure};
use crate::app::App;
use crate::appliance::{ConnectionTest, StepState};
use crate::model::escape_control;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    files: Files,
    /// Do not ask the appliances.
    #[arg(long)]
    offline: bool,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let app = self.files.load()?;
        let warnings = warnings(&app);
        let mut tests = Vec::new();
        for name in app.config.appliances.keys().filter(|_| !self.offline) {
            if let Some(target) = app.target(name) {
                tests.push((name.as_str(), target.appliance.test().await));
            }
        }
        if self.json {
            print_json(&app, &warnings, &tests);
        } else {
            print_text(&app, &warnings, &tests);
        }
        Ok(if tests.iter().all(|(_, test)| test.ok) {
            ExitStatus::Done
        } else {
            ExitStatus::Unreachable
        })
    }
}

fn print_text(app: &App, warnings: &[String], tests: &[(&str, ConnectionTest)]) {
    let config = &app.config;
    anstream::println!(
        "  ok      manifests and configuration: {} actions, {} configurations, {} appliances, {} clients, {} own domains",
        app.actions.iter().count(),
        config.configurations.len(),
        config.appliances.len(),
        config.clients.len(),
        app.guard().own_domain_count()
    );
    for warning in warnings {
        anstream::println!("  warning {}", escape_control(warning));
    }
    for (name, test) in tests {
        for step in &test.steps {
            let word = match step.state {
                StepState::Ok => "ok",
                StepState::Failed => "FAILED",
                StepState::NotTried => continue,
            };
            anstream::println!(
                "  {word:<7} {name}: {}: {}",
                step.step,
                escape_control(&step.detail)
            );
        }
        for warning in &test.warnings {
            anstream::println!("  warning {name}: {}", escape_control(warning));
        }
    }
    anstream::println!("  nothing was written");
}

fn print_json(app: &App, warnings: &[String], tests: &[(&str, ConnectionTest)]) {
    let appliances: Vec<_> = tests
        .iter()
        .map(|(name, test)| {
            json!({
                "name": name,
                "ok": test.ok,
                "text": test.text,
                "steps": test.steps,
                "warnings": test.warnings,
            })
        })
        .collect();
    let document = json!({
        "actions": app.actions.iter().map(|action| &action.id).collect::<Vec<_>>(),
        "configurations": app.config.configurations.keys().collect::<Vec<_>>(),
        "warnings": warnings,
        "appliances": appliances,
    });
    anstream::println!("{document}");
}
