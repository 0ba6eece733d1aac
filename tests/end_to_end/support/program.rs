//! The real binary, as a user starts it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::Receiver;

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
    /// Of its log, read all the time: a program whose log nobody reads stops at a full pipe.
    lines: Receiver<String>,
}

impl Program {
    pub fn start(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::spawn(command(directory, arguments, environment))
    }

    /// No file that it writes gets longer than this, as on a disk that is full.
    #[cfg(unix)]
    pub fn start_with_short_files(directory: &Path, arguments: &[&str], blocks: u32) -> Self {
        let program = env!("CARGO_BIN_EXE_doorlist");
        // The signal is ignored, so that the write fails in place of the process.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script.as_str(), program]).args(arguments);
        command.current_dir(directory).env_clear();
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in log.lines() {
                // Where the test has ended, what comes is read all the same.
                let _ = sender.send(line.unwrap());
            }
        });
        Self { child, lines }
    }

    /// The first line of standard error that holds this text, and all lines before it.
    pub fn wait_for(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        for line in &self.lines {
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
        let rest: Vec<String> = self.lines.iter().collect();
        (self.child.wait().unwrap().code(), rest.join("\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
