//! `doorlist check`: everything that can be known before anything is changed. Loads manifests and configuration,
//! reads one row of both lists of every appliance, writes nothing, and reports all it finds at once.

use super::load::{Files, warnings};
use super::{ExitStatus, Failure};
use crate::app::App;
use crate::appliance::WireLog;
use crate::model::{ListKind, Read, ReadReply, View, escape_control};
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

/// What one list of one appliance answered.
struct Finding {
    appliance: String,
    list: ListKind,
    /// Rows of the list, or why it cannot be read.
    rows: Result<Option<usize>, String>,
}

impl Check {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let app = self.files.load()?;
        let warnings = warnings(&app);
        let findings = if self.offline { Vec::new() } else { ask(&app).await };
        if self.json {
            print_json(&app, &warnings, &findings);
        } else {
            print_text(&app, &warnings, &findings);
        }
        let all_readable = findings.iter().all(|finding| finding.rows.is_ok());
        Ok(if all_readable {
            ExitStatus::Done
        } else {
            ExitStatus::Unreachable
        })
    }
}

async fn ask(app: &App) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in app.config.appliances.keys() {
        let Some(target) = app.target(name) else { continue };
        for list in ListKind::ALL {
            let read = Read {
                list,
                view: View::Recipient,
                search: None,
                offset: 0,
                limit: 1,
                delay_ms: 0,
            };
            let rows = match target.appliance.view(&read, &WireLog::off()).await {
                ReadReply::Page(page) => Ok(page.total_count),
                ReadReply::Failed(verdict) => Err(verdict.describe()),
            };
            let is_refused = rows.is_err();
            findings.push(Finding {
                appliance: name.clone(),
                list,
                rows,
            });
            if is_refused {
                // Accounts lock after failed logins: one refusal says enough.
                break;
            }
        }
    }
    findings
}

fn print_text(app: &App, warnings: &[String], findings: &[Finding]) {
    let config = &app.config;
    anstream::println!(
        "  ok      manifests and configuration: {} actions, {} configurations, {} appliances, {} clients, {} own domains",
        app.actions.iter().count(),
        config.configurations.len(),
        config.appliances.len(),
        config.clients.len(),
        config.guard.own_domains.len()
    );
    for warning in warnings {
        anstream::println!("  warning {}", escape_control(warning));
    }
    for Finding {
        appliance,
        list,
        rows,
    } in findings
    {
        match rows {
            Ok(Some(rows)) => {
                anstream::println!("  ok      {appliance}: the {list} can be read, {rows} rows by recipient")
            }
            Ok(None) => anstream::println!(
                "  warning {appliance}: the {list} can be read, but gives no totalCount: nothing can be proven absent, so nothing will be added"
            ),
            Err(why) => anstream::println!(
                "  FAILED  {appliance}: the {list} cannot be read: {}",
                escape_control(why)
            ),
        }
    }
    for appliance in config.appliances.keys() {
        let of_it: Vec<_> = findings
            .iter()
            .filter(|finding| finding.appliance == *appliance)
            .collect();
        if of_it.len() == 2 && of_it.iter().all(|finding| finding.rows == Ok(Some(0))) {
            anstream::println!(
                "  note    {appliance}: 0 rows on both lists. Is the spam quarantine centralised on a management appliance? Then its url, with root = \"sma\""
            );
        }
    }
    anstream::println!("  nothing was written");
}

fn print_json(app: &App, warnings: &[String], findings: &[Finding]) {
    let lists: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "appliance": finding.appliance,
                "list": finding.list,
                "ok": finding.rows.is_ok(),
                "rows": finding.rows.as_ref().ok(),
                "reason": finding.rows.as_ref().err(),
            })
        })
        .collect();
    let document = json!({
        "actions": app.actions.iter().map(|action| &action.id).collect::<Vec<_>>(),
        "configurations": app.config.configurations.keys().collect::<Vec<_>>(),
        "warnings": warnings,
        "lists": lists,
    });
    anstream::println!("{document}");
}
