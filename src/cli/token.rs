//! `doorlist token new`: makes a token for a client. The token goes to standard output and nowhere else; the
//! lines to paste hold only its hash. Random tokens need no slow hash: there is nothing to guess.

use super::{ExitStatus, Failure};
use base64::Engine as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// 256 bits: as many as the hash that is stored of it.
const TOKEN_BYTES: usize = 32;

#[derive(Debug, clap::Args)]
pub(super) struct Token {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, clap::Subcommand)]
enum TokenCommand {
    /// Make a token, and print it once with the lines to paste.
    New {
        /// Name of the client, for the lines to paste.
        #[arg(long, default_value = "threatq")]
        client: String,
        /// Print token and hash as JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Token {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let TokenCommand::New { client, json } = self.command;
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| {
            Failure::new(
                ExitStatus::Failed,
                format!("this system gives no random bytes: {error}"),
            )
        })?;
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let hash = Sha256::digest(token.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        if json {
            anstream::println!("{}", json!({ "token": token, "token_sha256": hash }));
            return Ok(ExitStatus::Done);
        }
        anstream::println!("{token}");
        anstream::eprintln!(
            "
The line above is the token. It is shown this once; give it to the caller, who sends it as
  Authorization: Bearer TOKEN        (or by HTTP Basic: name {client}, password TOKEN)

Paste this into doorlist.toml, and say what the client may use and from where:
  [clients.{client}]
  token_sha256 = \"{hash}\"
  configurations = []
  addresses = []"
        );
        Ok(ExitStatus::Done)
    }
}
