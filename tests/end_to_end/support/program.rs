//! The real binary, as a user starts it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Runs the binary to its end, in a directory, with nothing of the caller's environment but these variables.
pub fn run(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    command(directory, arguments, environment).output().unwrap()
}

fn command(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorlist"));
    command
        .current_dir(directory)
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied());
    command
}

/// The binary while it runs; ended when dropped.
pub struct Program {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Program {
    pub fn start(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = command(directory, arguments, environment);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The first line of standard error that holds this text, and all lines before it.
    pub fn wait_for(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            let found = line.contains(text);
            seen.push(line);
            if found {
                return seen.join("\n");
            }
        }
        panic!("ended without saying {text:?}:\n{}", seen.join("\n"));
    }

    /// The address that it says it listens on.
    pub fn url(&mut self) -> String {
        let line = self.wait_for("listening on http://");
        let start = line.rfind("http://").unwrap();
        line[start..]
            .split(|character: char| character.is_whitespace() || character == '"')
            .next()
            .unwrap()
            .to_owned()
    }

    /// Asks it to stop, as a service manager would; returns its exit code and the rest of its log.
    pub fn terminate(mut self) -> (Option<i32>, String) {
        let killed = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(killed.success());
        let rest: Vec<String> = self.lines.by_ref().map(Result::unwrap).collect();
        (self.child.wait().unwrap().code(), rest.join("\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
