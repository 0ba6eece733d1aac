//! `doorlist simulator`: a simulated appliance in the foreground, for trying things by hand.

use super::stop;
use super::{ExitStatus, Failure};
use crate::config::LogFormat;
use crate::simulator::{Knobs, Settings, Simulator};
use crate::telemetry;
use std::net::SocketAddr;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct SimulatorArguments {
    /// Where to listen; port 0 takes a free one. Other addresses than loopback let anybody change its lists.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8760")]
    listen: SocketAddr,
    /// User name that it lets in.
    #[arg(long, default_value = "admin")]
    username: String,
    /// Password that it lets in. Not a secret: nothing is behind it.
    #[arg(long, default_value = "ironport")]
    password: String,
    /// Most senders of one recipient and list: a number, or `none`.
    #[arg(long, value_name = "NUMBER|none", default_value = "100", value_parser = list_limit)]
    list_limit: ListLimit,
    /// Wait before every answer.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency_ms: u64,
}

#[derive(Debug, Clone, Copy)]
struct ListLimit(Option<u32>);

fn list_limit(text: &str) -> Result<ListLimit, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(ListLimit(None));
    }
    match text.parse() {
        Ok(limit) if limit > 0 => Ok(ListLimit(Some(limit))),
        _ => Err("a number from 1, or `none`".to_owned()),
    }
}

impl SimulatorArguments {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let failed = |words: String| Failure::new(ExitStatus::Failed, words);
        telemetry::start(LogFormat::Human, "info").map_err(|error| failed(error.to_string()))?;
        let settings = Settings {
            listen: self.listen,
            username: self.username.clone(),
            password: self.password.clone(),
            knobs: Knobs {
                list_limit: self.list_limit.0,
                ..Knobs::default()
            },
            latency: Duration::from_millis(self.latency_ms),
            ..Settings::default()
        };
        let handle = Simulator::start(settings)
            .await
            .map_err(|error| failed(format!("cannot listen on {}: {error}", self.listen)))?;
        let url = handle.url();
        anstream::println!(
            "\
+----------------------------------------------------------------------------+
| SIMULATOR. Not a real appliance: no mail is blocked by anything in here.   |
+----------------------------------------------------------------------------+
  API       {url}/esa/api/v2.0 and {url}/sma/api/v2.0
  login     {} / {}
  lists     curl {url}/simulator/lists
  requests  curl {url}/simulator/requests
  reset     curl -X POST {url}/simulator/reset
  stop      Ctrl-C",
            self.username,
            self.password
        );
        if !self.listen.ip().is_loopback() {
            tracing::warn!(
                "listening on {}: anybody who reaches it can change its lists",
                handle.address()
            );
        }
        stop::asked().await;
        handle.stop().await;
        Ok(ExitStatus::Done)
    }
}
