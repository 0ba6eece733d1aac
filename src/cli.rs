//! The command line: one file per subcommand, no logic of its own. `serve`, `simulator` and `demo` start
//! something; `send` speaks HTTP like any other caller. Exit codes stand in `cli/exit.rs`.

mod client;
mod demo;
mod exit;
mod send;
mod serve;
mod simulator;
mod stop;

pub use exit::{ExitStatus, Failure};

use clap::{Parser, Subcommand};

/// Webhook actions for the safelist and blocklist of Cisco Secure Email Gateway.
#[derive(Debug, Parser)]
#[command(name = "doorlist", version, about, after_help = exit::HELP)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the actions over HTTP, with the configurations of doorlist.toml.
    Serve(serve::Serve),
    /// Post a file of indicators to an action of a running server and print the report.
    Send(send::Send),
    /// Show everything at once, on this machine alone: a simulated appliance, a server, a call to each action.
    Demo(demo::Demo),
    /// Start a simulated AsyncOS appliance to try things on.
    Simulator(simulator::SimulatorArguments),
}

/// Runs the command to its end.
///
/// # Errors
/// What kept it from its work, with the exit code that says so.
pub fn run(arguments: Arguments) -> Result<ExitStatus, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ExitStatus::Failed, format!("cannot start: {error}")))?;
    runtime.block_on(async {
        match arguments.command {
            Command::Serve(serve) => serve.run().await,
            Command::Send(send) => send.run().await,
            Command::Demo(demo) => demo.run().await,
            Command::Simulator(simulator) => simulator.run().await,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
