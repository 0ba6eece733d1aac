//! `doorlist appliances learn`: asks before it begins, shows what it is doing, and prints the file. Everything else is in
//! `appliance::learn`. The file goes to standard output, or to where it is asked for; all other words go to standard error.

use super::super::load::Files;
use super::super::{ExitStatus, Failure, stop};
use crate::appliance::learn::{self, Learned, Left, LeftPair, Stop, StopToken};
use crate::config::{ApplianceSettings, Mode};
use crate::model::{Recipient, escape_control};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Learn {
    /// The appliance, by its name in the configuration.
    name: String,
    /// A mailbox that nobody reads, without entries on either list.
    #[arg(long, value_name = "ADDRESS")]
    scratch_recipient: String,
    /// Begin without asking.
    #[arg(long)]
    yes: bool,
    /// Write the answers here and not to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    files: Files,
}

impl Learn {
    pub(in crate::cli) async fn run(self) -> Result<ExitStatus, Failure> {
        let usage = |words: String| Failure::new(ExitStatus::Usage, words);
        let scratch = Recipient::parse(&self.scratch_recipient)
            .map_err(|refusal| usage(format!("--scratch-recipient: {refusal}")))?
            .entry;
        let app = self.files.load()?;
        let Some(settings) = app.config.appliances.get(&self.name) else {
            let names: Vec<&str> = app.config.appliances.keys().map(String::as_str).collect();
            let name = escape_control(&self.name);
            return Err(usage(format!(
                "there is no appliance `{name}`; there are: {}",
                names.join(", ")
            )));
        };
        if settings.mode == Mode::Observe {
            let words = format!(
                "appliance {} is in mode = \"observe\", and this writes to its lists",
                self.name
            );
            return Err(Failure::new(ExitStatus::Refused, words));
        }
        print_plan(settings, &scratch);
        if !self.yes {
            wait_for_yes()?;
        }
        let result = ask(settings, &scratch).await;
        let learned = result.map_err(|stopped| failure_before_the_first_change(&stopped))?;
        let status = print_ending(&learned);
        write_file(&learned.text, self.output.as_deref())?;
        Ok(status)
    }
}

fn print_plan(settings: &ApplianceSettings, scratch: &Recipient) {
    anstream::eprintln!(
        "\
This tries on a real appliance what nobody could tell about it:
  appliance   {} at {}, root {}
  recipient   {scratch}: a mailbox that nobody reads, on both lists, in either case of its letters
  writes      up to 501 senders that exist nowhere, below doorlist-learn-....example; nothing else is touched
  requests    {}
  in the end  all of it is taken off again, also after a failure or Ctrl-C, and both lists are read
Nothing else should write for this recipient meanwhile.",
        settings.name,
        settings.url,
        settings.root.word(),
        learn::COST,
    );
}

fn wait_for_yes() -> Result<(), Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let words = "there is nobody to ask whether to begin; --yes begins without asking";
        return Err(Failure::new(ExitStatus::Usage, words));
    }
    anstream::eprint!("Type yes to begin: ");
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line);
    read.map_err(|error| Failure::new(ExitStatus::Failed, format!("cannot read the answer: {error}")))?;
    if line.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::new(ExitStatus::Refused, "nothing was done"))
    }
}

async fn ask(settings: &ApplianceSettings, scratch: &Recipient) -> Result<Learned, Stop> {
    let token = StopToken::new();
    let asked = token.clone();
    let waiting = tokio::spawn(async move {
        stop::asked_or_hung_up().await;
        tell(format_args!(
            "stopping after this request, then cleaning up; to be asked again ends it at once, and leaves on the lists \
             what stands there"
        ));
        asked.cancel();
    });
    let progress = Box::new(|line: &str| tell(format_args!("  {}", escape_control(line))));
    let result = Box::pin(learn::learn(
        settings,
        scratch,
        token,
        progress,
        &learn::CLEANING_PAUSES,
    ))
    .await;
    waiting.abort();
    result
}

fn failure_before_the_first_change(stopped: &Stop) -> Failure {
    let status = match stopped {
        Stop::Denied(_) => ExitStatus::NotSignedIn,
        Stop::Unreachable(_) => ExitStatus::Unreachable,
        Stop::InUse(_) | Stop::LeftBehind(_) => ExitStatus::Refused,
        _ => ExitStatus::Failed,
    };
    let words = escape_control(&stopped.to_string());
    Failure::new(status, format!("nothing was written: {words}"))
}

/// How it went, with what is left; that is what the exit code tells.
fn print_ending(learned: &Learned) -> ExitStatus {
    let Learned {
        settled,
        unsettled,
        requests,
        pages,
        ..
    } = learned;
    tell(format_args!(
        "{settled} settled, {unsettled} not; {requests} requests and {pages} pages"
    ));
    if let Some(stopped) = &learned.stopped {
        tell(format_args!(
            "NOT ALL WAS ASKED: {}",
            escape_control(&stopped.to_string())
        ));
    }
    match &learned.left {
        Left::Nothing => tell(format_args!("nothing of it is left on either list")),
        Left::Pairs(pairs) => {
            tell(format_args!(
                "LEFT ON THE LISTS, {} pairs; please delete them:",
                pairs.len()
            ));
            print_pairs(pairs);
        }
        Left::Unknown { reason, pairs } => {
            let reason = escape_control(reason);
            tell(format_args!(
                "PERHAPS LEFT ON THE LISTS, which could not be read ({reason}), {} pairs:",
                pairs.len()
            ));
            print_pairs(pairs);
        }
    }
    if learned.stopped.is_none() && learned.left == Left::Nothing {
        ExitStatus::Done
    } else {
        ExitStatus::Failed
    }
}

fn print_pairs(pairs: &[LeftPair]) {
    for pair in pairs {
        tell(format_args!("  {}", escape_control(&pair.to_string())));
    }
}

/// A file that cannot be written does not lose what was learned.
fn write_file(text: &str, output: Option<&Path>) -> Result<(), Failure> {
    let written = output.map(|path| (path, std::fs::write(path, text)));
    match written {
        Some((_, Ok(()))) => Ok(()),
        None => {
            anstream::print!("{text}");
            Ok(())
        }
        Some((path, Err(error))) => {
            anstream::print!("{text}");
            let words = format!(
                "cannot write {}: {error}; the answers went to standard output",
                path.display()
            );
            Err(Failure::new(ExitStatus::Failed, words))
        }
    }
}

/// A line for the operator. A terminal that is gone must not keep a run from cleaning up.
fn tell(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{line}");
}
