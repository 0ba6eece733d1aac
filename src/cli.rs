//! The command line: one file per subcommand, no logic of its own. `serve`, `simulator` and `demo` start
//! something, `check` loads what `serve` would and `guard explain` asks it, `appliances learn` speaks to an appliance itself; the others speak HTTP
//! like any caller. Exit codes stand in `cli/exit.rs`.

mod actions;
mod appliances;
mod audit;
mod check;
mod client;
mod demo;
mod exit;
mod guard;
mod health;
mod hold;
mod lists;
mod load;
mod plans;
mod runs;
mod send;
mod serve;
mod simulator;
mod stop;
mod take_back;
mod token;
mod why;
mod writes;

pub use exit::{ExitStatus, Failure};

use clap::{CommandFactory as _, Parser, Subcommand};

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
    /// Show what posting a file would do, and keep it as a plan that can be applied exactly as it is shown.
    Preview(plans::Preview),
    /// Apply a plan: exactly what its preview showed, once, and nothing where that has moved.
    Apply(plans::Apply),
    /// Load everything, read the lists, write nothing, and report all mistakes at once.
    Check(check::Check),
    /// Make tokens for clients.
    Token(token::Token),
    /// List the actions of a running server.
    Actions(actions::ActionsArguments),
    /// List the appliances of a running server, test one, or let one answer open questions.
    Appliances(appliances::Appliances),
    /// List, show and stop runs of a running server.
    Runs(runs::Runs),
    /// Ask a running server what blocks a sender, for whom, and who put that there.
    Why(why::WhyArguments),
    /// Show what stands on a list of an appliance, or export it.
    Lists(lists::Lists),
    /// Say what today's rules refuse: of what stands on the lists, or of a value.
    Guard(guard::GuardArguments),
    /// Take out one entry that stands because of doorlist, and leave what others put there.
    Remove(take_back::Remove),
    /// Keep entries off the lists of a running server for a time.
    Hold(hold::Hold),
    /// Stop what a running server writes, and start it again.
    Writes(writes::Writes),
    /// Export who did what on a running server.
    Audit(audit::Audit),
    /// Ask a running server whether it takes calls.
    Health(health::Health),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
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
            Command::Preview(preview) => preview.run().await,
            Command::Apply(apply) => apply.run().await,
            Command::Check(check) => check.run().await,
            Command::Token(token) => token.run(),
            Command::Actions(actions) => actions.run().await,
            Command::Appliances(appliances) => appliances.run().await,
            Command::Runs(runs) => runs.run().await,
            Command::Why(why) => why.run().await,
            Command::Lists(lists) => lists.run().await,
            Command::Guard(guard) => guard.run().await,
            Command::Remove(remove) => remove.run().await,
            Command::Hold(hold) => hold.run().await,
            Command::Writes(writes) => writes.run().await,
            Command::Audit(audit) => audit.run().await,
            Command::Health(health) => health.run().await,
            Command::Completions { shell } => {
                let mut completions = Vec::new();
                clap_complete::generate(shell, &mut Arguments::command(), "doorlist", &mut completions);
                anstream::print!("{}", String::from_utf8_lossy(&completions));
                Ok(ExitStatus::Done)
            }
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
        Arguments::command().debug_assert();
    }
}
