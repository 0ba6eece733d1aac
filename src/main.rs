//! The binary: parse the arguments, run the command, end with its exit code. Everything else is in the library.

use clap::Parser as _;
use doorlist::cli::{self, Arguments, ExitStatus};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors; a closed pipe is nobody's fault.
            let _ = error.print();
            return if error.use_stderr() {
                ExitStatus::Usage.into()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match cli::run(arguments) {
        Ok(status) => status.into(),
        Err(failure) => {
            anstream::eprintln!("doorlist: {failure}");
            failure.status().into()
        }
    }
}
