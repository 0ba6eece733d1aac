//! A scenario file as a list of steps: prose and commands, each command with what is expected below it.
//!
//! Pure, and refuses to know what a command does; `stage.rs` plays them. Each mistake has the file, the line
//! and what is allowed.

use super::names::expand;
use doorlist::simulator::FaultRule;

/// Every command, as mistakes name them.
pub const COMMANDS: &str = "set, knob, fault, put, take, call, test, lists, appliance";
/// What follows `call`, and besides `appliance` and `guard` what follows `set`.
pub const CALLS: [&str; 4] = [
    "add-senders",
    "add-recipients",
    "delete-senders",
    "delete-recipients",
];
/// Before each line of an output.
const INDENT: &str = "  ";

/// A whole file.
#[derive(Debug)]
pub struct Script {
    pub parts: Vec<Part>,
}

/// A piece of a file.
#[derive(Debug)]
pub enum Part {
    /// Lines that are kept as they are: prose and empty lines.
    Prose(String),
    /// A command, with the output that the file expects.
    Step(Step),
}

#[derive(Debug)]
pub struct Step {
    /// As written, with the `> `.
    pub line: String,
    /// `FILE:LINE`.
    pub place: String,
    pub command: Command,
    pub expected: Vec<String>,
}

#[derive(Debug)]
pub enum Command {
    /// A key of the configuration, before the first call.
    Set {
        table: String,
        key: String,
        value: toml::Value,
    },
    /// From now on.
    Knob {
        name: String,
        value: String,
    },
    /// During the next call.
    Fault(FaultRule),
    /// By hand.
    Change {
        is_put: bool,
        is_blocklist: bool,
        recipients: Vec<String>,
        senders: Vec<String>,
    },
    Call {
        name: String,
        values: Vec<String>,
    },
    /// A test of the connection.
    Test,
    Lists,
    /// Switches the appliance on or off.
    Power {
        is_on: bool,
    },
}

/// Reads a file. The name is for the mistakes.
pub fn read(name: &str, text: &str) -> Result<Script, String> {
    let mut parts: Vec<Part> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let place = format!("{name}:{number}");
        let mistake = |why: String| format!("{place}: {why}");
        if let Some(command) = line.strip_prefix("> ") {
            parts.push(Part::Step(Step {
                line: line.to_owned(),
                command: read_command(command.trim()).map_err(mistake)?,
                place,
                expected: Vec::new(),
            }));
        } else if let Some(output) = line.strip_prefix(INDENT) {
            let Some(Part::Step(step)) = parts.last_mut() else {
                return Err(mistake("an output stands directly below its command".to_owned()));
            };
            step.expected.push(output.to_owned());
        } else if line.is_empty() || line == "#" || line.starts_with("# ") {
            parts.push(Part::Prose(line.to_owned()));
        } else {
            let allowed =
                "a line is `# prose`, `> command`, empty, or two spaces and what came of the command above";
            return Err(mistake(allowed.to_owned()));
        }
    }
    let is_explained = matches!(parts.first(), Some(Part::Prose(line)) if line.starts_with("# "));
    if !is_explained {
        return Err(format!(
            "{name}:1: a scenario opens with `# ` and what goes wrong in real life"
        ));
    }
    Ok(Script { parts })
}

impl Script {
    /// The text of the file with other outputs, one for each step.
    pub fn written(&self, outputs: &[Vec<String>]) -> String {
        let mut outputs = outputs.iter();
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Prose(line) => text.push_str(&format!("{line}\n")),
                Part::Step(step) => {
                    text.push_str(&format!("{}\n", step.line));
                    for line in outputs.next().into_iter().flatten() {
                        text.push_str(&format!("{INDENT}{line}\n"));
                    }
                }
            }
        }
        text
    }

    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.parts.iter().filter_map(|part| match part {
            Part::Step(step) => Some(step),
            Part::Prose(_) => None,
        })
    }
}

fn read_command(text: &str) -> Result<Command, String> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match (word, rest.trim()) {
        ("set", rest) => read_setting(rest),
        ("knob", rest) => {
            let form = || format!("`{rest}` is no NAME=VALUE; as in: knob list_limit=3");
            let (name, value) = rest.split_once('=').ok_or_else(form)?;
            let value = if value.contains("..") {
                expand(value)?.join(",")
            } else {
                value.to_owned()
            };
            Ok(Command::Knob {
                name: name.to_owned(),
                value,
            })
        }
        ("fault", rest) => rest
            .parse()
            .map(Command::Fault)
            .map_err(|error| error.to_string()),
        ("put" | "take", rest) => {
            let form = || {
                format!(
                    "`{rest}` is no LIST RECIPIENTS: SENDERS; as in: {word} blocklist u@example.com: a.example"
                )
            };
            let (list, pairs) = rest.split_once(' ').ok_or_else(form)?;
            let (recipients, senders) = pairs.split_once(": ").ok_or_else(form)?;
            if !matches!(list, "blocklist" | "safelist") {
                return Err(format!("there is no list `{list}`; allowed: blocklist, safelist"));
            }
            Ok(Command::Change {
                is_put: word == "put",
                is_blocklist: list == "blocklist",
                recipients: expand(recipients)?,
                senders: expand(senders)?,
            })
        }
        ("call", rest) => {
            let (name, values) = rest.split_once(' ').unwrap_or((rest, ""));
            if !CALLS.contains(&name) {
                return Err(format!(
                    "there is no call `{name}`; allowed: {}",
                    CALLS.join(", ")
                ));
            }
            Ok(Command::Call {
                name: name.to_owned(),
                values: expand(values)?,
            })
        }
        ("test", "appliance") => Ok(Command::Test),
        ("lists", "") => Ok(Command::Lists),
        ("appliance", "stops") => Ok(Command::Power { is_on: false }),
        ("appliance", "starts") => Ok(Command::Power { is_on: true }),
        ("appliance", rest) => Err(format!("an appliance does not `{rest}`; allowed: stops, starts")),
        _ => Err(format!("there is no command `{text}`; allowed: {COMMANDS}")),
    }
}

fn read_setting(text: &str) -> Result<Command, String> {
    let allowed = || {
        format!(
            "`{text}` is no TABLE KEY = VALUE; tables: appliance, guard, {}",
            CALLS.join(", ")
        )
    };
    let (table, setting) = text.split_once(' ').ok_or_else(allowed)?;
    if !["appliance", "guard"]
        .iter()
        .chain(&CALLS)
        .any(|known| *known == table)
    {
        return Err(allowed());
    }
    let setting: toml::Table = toml::from_str(setting).map_err(|error| error.message().to_owned())?;
    let (key, value) = setting.into_iter().next().ok_or_else(allowed)?;
    Ok(Command::Set {
        table: table.to_owned(),
        key,
        value,
    })
}

#[test]
fn a_file_is_read_and_written_as_it_was() {
    let text = "# A trouble.\n#\n# More of it.\n\n> knob list_limit=3\n\n# Then:\n> call add-senders s[0..9].example\n  200 fine\n  added x9\n\n> lists\n";
    let script = read("x.txt", text).unwrap();
    let expected: Vec<_> = script.steps().map(|step| step.expected.clone()).collect();
    assert_eq!(expected.iter().map(Vec::len).collect::<Vec<_>>(), [0, 2, 0]);
    assert_eq!(script.written(&expected), text);
}

#[test]
fn a_mistake_has_its_line_and_what_is_allowed() {
    for (line, told) in [
        (
            "> dance",
            "there is no command `dance`; allowed: set, knob, fault",
        ),
        (
            "> lists blocklist",
            "there is no command `lists blocklist`; allowed: set",
        ),
        (
            "> call add-sender a.example",
            "allowed: add-senders, add-recipients, delete-senders, delete-recipients",
        ),
        ("> call add-senders", "empty name"),
        ("> call add-senders s[0..].example", "a range is [0..250]"),
        (
            "> put greylist u@example.com: a.example",
            "allowed: blocklist, safelist",
        ),
        (
            "> take blocklist u@example.com",
            "as in: take blocklist u@example.com: a.example",
        ),
        ("> knob list_limit", "as in: knob list_limit=3"),
        (
            "> fault reset",
            "unknown variant `reset`, expected one of `refuse_connections`",
        ),
        (
            "> set appliances list_limit = 3",
            "tables: appliance, guard, add-senders",
        ),
        ("> set appliance list_limit = ", "string values must be quoted"),
        ("> appliance explodes", "allowed: stops, starts"),
        ("call add-senders a.example", "a line is `# prose`, `> command`"),
        ("#prose", "a line is `# prose`, `> command`"),
        ("  200 of nothing", "an output stands directly below its command"),
    ] {
        let error = read("x.txt", &format!("# A trouble.\n\n{line}\n")).unwrap_err();
        assert!(
            error.starts_with("x.txt:3: ") && error.contains(told),
            "{line}: {error}"
        );
    }
    let error = read("x.txt", "> lists\n").unwrap_err();
    assert!(error.starts_with("x.txt:1: a scenario opens with"), "{error}");
}
