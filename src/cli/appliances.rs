//! `doorlist appliances`: which appliances a running server has, a look at one before it is trusted, and what one can tell
//! us about AsyncOS. The first two ask a server, the last one talks to the appliance itself.

mod learn;
mod list;
mod test;

pub(super) use list::names;

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
    /// Answer the open questions about AsyncOS by trying them on a throw-away recipient, without a server.
    Learn(learn::Learn),
}

impl Appliances {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::List(list) => list.run().await,
            Command::Test(test) => test.run().await,
            Command::Learn(learn) => learn.run().await,
        }
    }
}
