//! `doorlist guard`: what today's rules say, of what stands on the lists (`guard/audit.rs`) and of a value that nobody
//! listed yet (`guard/explain.rs`).

mod audit;
mod explain;

use super::{ExitStatus, Failure};
use clap::Subcommand;

#[derive(Debug, clap::Args)]
pub(super) struct GuardArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask a running server which entries on the lists break today's rules.
    Audit(audit::Audit),
    /// Say which rule judges a value, by the configuration file alone; no server and no appliance is asked.
    Explain(explain::Explain),
}

impl GuardArguments {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::Audit(audit) => audit.run().await,
            Command::Explain(explain) => explain.run(),
        }
    }
}
