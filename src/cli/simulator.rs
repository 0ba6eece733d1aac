//! `doorlist simulator`: a simulated appliance in the foreground, for trying things by hand.
//!
//! How it behaves comes from a file, from flags, or from both: a knob on the command line wins over the file,
//! and a fault there comes before those of the file. This file refuses to know what knobs and faults there are;
//! the simulator says so itself when one is misspelt.

use super::stop;
use super::{ExitStatus, Failure};
use crate::config::LogFormat;
use crate::simulator::{Account, Behaviour, FaultRule, Handle, Settings, Simulator};
use crate::telemetry;
use std::net::SocketAddr;
use std::path::PathBuf;
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
    /// What that account may do: everything, log in without a right to the lists, or log in with a second factor only.
    #[arg(long, value_enum, default_value_t = AccountKind::Administrator)]
    account: AccountKind,
    /// Most senders of one recipient and list: a number, or `none`. Short for `--knob list_limit=...`.
    #[arg(long, value_name = "NUMBER|none")]
    list_limit: Option<String>,
    /// Wait before every answer.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    latency_ms: u64,
    /// Decide an open question about the appliance otherwise, such as `add_on_existing=merge`; may be repeated.
    /// A wrong name or value is answered with those there are.
    #[arg(long = "knob", value_name = "NAME=VALUE")]
    knobs: Vec<String>,
    /// Let something go wrong, such as `cut_reply:after_bytes=20,method=POST`; may be repeated.
    #[arg(long = "fault", value_name = "NAME[:KEY=VALUE,...]")]
    faults: Vec<String>,
    /// Where the chances of faults and scrambled orders come from.
    #[arg(long, value_name = "NUMBER")]
    fault_seed: Option<u64>,
    /// Knobs and faults from a TOML file: `[knobs]`, `[[faults]]`, `fault_seed`. Flags win over it.
    #[arg(long, value_name = "FILE")]
    behaviour: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum AccountKind {
    Administrator,
    WithoutRight,
    SecondFactor,
}

impl From<AccountKind> for Account {
    fn from(kind: AccountKind) -> Self {
        match kind {
            AccountKind::Administrator => Self::Administrator,
            AccountKind::WithoutRight => Self::WithoutRight,
            AccountKind::SecondFactor => Self::SecondFactor,
        }
    }
}

impl SimulatorArguments {
    pub(super) async fn run(self) -> Result<ExitStatus, Failure> {
        let failed = |words: String| Failure::new(ExitStatus::Failed, words);
        telemetry::start(LogFormat::Human, "info").map_err(|error| failed(error.to_string()))?;
        let Behaviour {
            knobs,
            faults,
            fault_seed,
        } = self.read_behaviour()?;
        let settings = Settings {
            listen: self.listen,
            username: self.username.clone(),
            password: self.password.clone(),
            account: self.account.into(),
            latency: Duration::from_millis(self.latency_ms),
            knobs,
            faults,
            fault_seed,
            ..Settings::default()
        };
        let handle = Simulator::start(settings)
            .await
            .map_err(|error| failed(format!("cannot listen on {}: {error}", self.listen)))?;
        self.print_banner(&handle);
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

    fn read_behaviour(&self) -> Result<Behaviour, Failure> {
        let wrong = |words: String| Failure::new(ExitStatus::Usage, words);
        let mut behaviour = match &self.behaviour {
            None => Behaviour::default(),
            Some(path) => {
                let told = |error: &dyn std::fmt::Display| {
                    Failure::new(ExitStatus::Configuration, format!("{}: {error}", path.display()))
                };
                let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
                Behaviour::from_toml(&text).map_err(|error| told(&error))?
            }
        };
        if let Some(limit) = &self.list_limit {
            let set = behaviour.knobs.set("list_limit", limit);
            set.map_err(|error| wrong(format!("--list-limit {limit}: {error}")))?;
        }
        for knob in &self.knobs {
            let Some((name, value)) = knob.split_once('=') else {
                return Err(wrong(format!("--knob {knob}: not of the form NAME=VALUE")));
            };
            let set = behaviour.knobs.set(name, value);
            set.map_err(|error| wrong(format!("--knob {knob}: {error}")))?;
        }
        let faults = self.faults.iter().map(|fault| {
            let rule = fault.parse::<FaultRule>();
            rule.map_err(|error| wrong(format!("--fault {fault}: {error}")))
        });
        let mut faults = faults.collect::<Result<Vec<FaultRule>, Failure>>()?;
        faults.append(&mut behaviour.faults);
        behaviour.faults = faults;
        if let Some(seed) = self.fault_seed {
            behaviour.fault_seed = seed;
        }
        Ok(behaviour)
    }

    fn print_banner(&self, handle: &Handle) {
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
  history   curl {url}/simulator/history
  faults    curl {url}/simulator/faults   (and PUT the same form back)
  reset     curl -X POST {url}/simulator/reset
  stop      Ctrl-C",
            self.username,
            self.password
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use std::io::Write as _;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        simulator: SimulatorArguments,
    }

    /// The behaviour of a command line, with a file of this content.
    fn behaviour(arguments: &[&str], toml: &str) -> Result<Behaviour, String> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(toml.as_bytes()).expect("written");
        let path = file.path().to_string_lossy().into_owned();
        let line = ["simulator", "--behaviour", &path]
            .into_iter()
            .chain(arguments.iter().copied());
        let line = Line::try_parse_from(line).expect("a command line");
        let told = line.simulator.read_behaviour();
        told.map_err(|error| format!("{}: {error}", error.status().code()).replace(&path, "FILE"))
    }

    #[test]
    fn flags_win_over_the_file() {
        let toml = "fault_seed = 7\n[knobs]\nspelling = 'fold'\nlist_limit = 5\n[[faults]]\nfault = 'hang'\n";
        let arguments = [
            "--knob",
            "list_limit=none",
            "--knob",
            "other_list=400",
            "--fault",
            "unauthorized:skip=1",
        ];
        let both = behaviour(&arguments, toml).expect("a behaviour");
        let expected = "fault_seed = 7\n[knobs]\nspelling = 'fold'\nother_list = 400\nlist_limit = 'none'\n\
                        [[faults]]\nfault = 'unauthorized'\nskip = 1\n[[faults]]\nfault = 'hang'\n";
        assert_eq!(Behaviour::from_toml(expected).ok(), Some(both));
        let short = behaviour(&["--list-limit", "3", "--fault-seed", "8"], toml).expect("a behaviour");
        assert_eq!((short.knobs.list_limit, short.fault_seed), (Some(3), 8));
    }

    #[test]
    fn a_mistake_says_where_it_is_and_what_there_is() {
        for (arguments, toml, reasons) in [
            (
                vec!["--knob", "colour"],
                "",
                ["64: --knob colour: ", "not of the form NAME=VALUE"],
            ),
            (
                vec!["--knob", "colour=red"],
                "",
                [
                    "64: --knob colour=red: there is no knob `colour`; there are: ",
                    "spelling",
                ],
            ),
            (
                vec!["--knob", "spelling=loose"],
                "",
                [
                    "64: --knob spelling=loose: ",
                    "`loose` is none of `exact`, `fold`",
                ],
            ),
            (
                vec!["--list-limit", "0"],
                "",
                ["64: --list-limit 0: ", "0 is neither a number from 1 nor `none`"],
            ),
            (
                vec!["--fault", "hangs"],
                "",
                [
                    "64: --fault hangs: fault `hangs`: unknown variant `hangs`, expected one of ",
                    "`hang`",
                ],
            ),
            (
                vec![],
                "[knobs]\nspelling = 1",
                [
                    "78: FILE: TOML parse error at line 2, column 12",
                    "`exact`, `fold`",
                ],
            ),
        ] {
            let error = behaviour(&arguments, toml).expect_err("a mistake");
            assert!(
                reasons.iter().all(|reason| error.contains(reason)),
                "{arguments:?}: {error}"
            );
        }
        let missing = Line::try_parse_from(["simulator", "--behaviour", "/nowhere/else.toml"]);
        let error = missing
            .expect("a command line")
            .simulator
            .read_behaviour()
            .expect_err("no file");
        assert!(error.to_string().starts_with("/nowhere/else.toml: "), "{error}");
    }
}
