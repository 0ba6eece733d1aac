//! `doorlist appliances`: which appliances a running server has, and a look at one before it is trusted.

mod list;
mod test;

use super::client::Server;
use super::{ExitStatus, Failure};
use clap::Subcommand;

#[derive(Debug, clap::Args)]
pub(super) struct Appliances {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the appliances of a running server, and which of them rest.
    List(list::List),
    /// Try name, port, TLS, login, role and both lists of an appliance through a running server. Writes nothing; a
    /// test that succeeds ends the rest after a refused login.
    Test(test::Test),
}

impl Appliances {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::List(list) => list.run().await,
            Command::Test(test) => test.run().await,
        }
    }
}
