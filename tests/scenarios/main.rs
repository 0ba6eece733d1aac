//! Known troubles, told and played: each `.txt` file beside this one is a scenario, prose for a person and a
//! transcript for a machine. It is played against a simulated appliance and the real server over real sockets,
//! and what comes out has to be what the file says, the calls that the appliance received included.
//!
//! `DOORLIST_BLESS=1 cargo test --test scenarios` writes what comes out into the files; read the difference
//! before it is committed. `DOORLIST_SCENARIO=row-full` plays the files with that in their names alone.
//!
//! A line of a file is one of four:
//!
//! | line | is |
//! |---|---|
//! | `# prose` | what goes wrong in real life, and what doorlist does; a file opens with it |
//! | `> command` | one of those below |
//! | two spaces and text | what came of the command above |
//! | nothing | nothing |
//!
//! | command | does |
//! |---|---|
//! | `set appliance list_limit = 3` | a key of doorlist.toml, before the first call; tables are `appliance`, `guard` and the four calls |
//! | `knob list_limit=3` | the appliance is another one from now on |
//! | `fault cut_reply:after_bytes=20,method=POST` | goes wrong during the next call; a fault that does not happen is an error |
//! | `put blocklist u@example.com: a.example` | somebody puts pairs on a list by hand |
//! | `take safelist u@example.com: a.example` | somebody takes them off |
//! | `call add-senders a.example, b.example` | posts indicators; also `add-recipients`, `delete-senders`, `delete-recipients` |
//! | `lists` | what the lists hold now |
//! | `appliance stops`, `appliance starts` | nobody listens; somebody listens again, with the same lists |
//!
//! Names stand with commas between them; `s[0..250].example` is 250 names, from s0.example to s249.example. Unless
//! a file sets something else, senders are listed for user1@example.com, and recipients get bad.example. In what
//! came, equal results beside each other are one line with their number, `added x50`, and `NAME` is the name of each;
//! changes that are asked one after the other and alike are one line too, `in 64 calls of 1 to 2`; `RUN` is the id
//! of the run, `A-RUN-BEFORE` of another, and `APPLIANCE` the appliance's address. Knobs and faults are those of `doorlist simulator`. Each file is
//! played from its beginning on an empty appliance.

#![expect(
    unreachable_pub,
    reason = "a test binary has no public side; `pub` marks what a module offers"
)]

mod calls;
mod difference;
mod names;
mod script;
mod stage;
mod transcript;

use difference::difference;
use script::Script;
use stage::Stage;
use std::path::{Path, PathBuf};

/// Fewer files mean that they were not found.
const FILES_MIN: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_comes_out_as_it_is_told() {
    let is_blessing = std::env::var("DOORLIST_BLESS").is_ok_and(|value| value == "1");
    let wanted = std::env::var("DOORLIST_SCENARIO").unwrap_or_default();
    // Side by side: most of their time is the product's own patience with an appliance that gave no answer.
    let mut playing = tokio::task::JoinSet::new();
    for path in files() {
        if path.to_string_lossy().contains(&wanted) {
            playing.spawn(hold(path, is_blessing));
        }
    }
    assert!(!playing.is_empty(), "no scenario has `{wanted}` in its name");
    let failures: Vec<String> = playing
        .join_all()
        .await
        .into_iter()
        .filter_map(Result::err)
        .collect();
    assert!(
        failures.is_empty(),
        "\n\n{}\n\n(`-` was expected, `+` came; DOORLIST_BLESS=1 cargo test --test scenarios writes what came)",
        failures.join("\n\n")
    );
}

#[test]
fn every_scenario_is_read_without_a_mistake_and_calls_something() {
    let files = files();
    assert!(files.len() >= FILES_MIN, "only {} files", files.len());
    for path in files {
        let script = load(&path).unwrap_or_else(|mistake| panic!("{mistake}"));
        let calls = script
            .steps()
            .filter(|step| matches!(step.command, script::Command::Call { .. }));
        assert!(calls.count() > 0, "{} calls nothing", path.display());
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let entries = std::fs::read_dir(folder).expect("the folder of this file");
    let entries = entries.map(|entry| entry.expect("an entry of it").path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    files.sort();
    files
}

fn load(path: &Path) -> Result<Script, String> {
    let name = path
        .strip_prefix(env!("CARGO_MANIFEST_DIR"))
        .unwrap_or(path)
        .display()
        .to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    script::read(&name, &text)
}

/// What came of a script's steps, and where that is not what it says.
struct Played {
    outputs: Vec<Vec<String>>,
    differences: Vec<String>,
}

async fn play(script: &Script) -> Result<Played, String> {
    let mut stage = Stage::start().await?;
    let mut played = Played {
        outputs: Vec::new(),
        differences: Vec::new(),
    };
    for step in script.steps() {
        let told = |why: String| format!("{}: {}\n{why}", step.place, step.line);
        let output = stage.play(&step.command).await.map_err(told)?;
        if output != step.expected {
            played.differences.push(told(difference(&step.expected, &output)));
        }
        played.outputs.push(output);
    }
    stage.stop().await?;
    Ok(played)
}

/// Plays a file and holds it against what it says, or writes what came into it.
async fn hold(path: PathBuf, is_blessing: bool) -> Result<(), String> {
    let script = load(&path)?;
    let Played { outputs, differences } = play(&script).await?;
    if differences.is_empty() {
        return Ok(());
    }
    if is_blessing {
        return std::fs::write(&path, script.written(&outputs)).map_err(|error| error.to_string());
    }
    Err(differences.join("\n\n"))
}

#[tokio::test]
async fn a_step_that_cannot_be_played_is_told_with_its_line_and_the_reason() {
    for (steps, told) in [
        (
            "> fault reset_after_apply:method=DELETE\n> call add-senders a.example",
            "x.txt:3: > call add-senders a.example\nthe fault `reset_after_apply` did not happen",
        ),
        (
            "> call add-senders a.example\n> set appliance list_limit = 3",
            "x.txt:3: > set appliance list_limit = 3\nsettings stand before the first call",
        ),
        (
            "> set appliance list_limits = 3\n> call add-senders a.example",
            "list_limits",
        ),
        (
            "> knob colour=red",
            "there is no knob `colour`; there are: add_on_existing",
        ),
        (
            "> take safelist u@example.com: a.example",
            "a.example is not there for u@example.com",
        ),
        ("> appliance starts", "the appliance is so already"),
        (
            "> appliance stops\n> lists",
            "switched off; first: appliance starts",
        ),
    ] {
        let script = script::read("x.txt", &format!("# A trouble.\n{steps}\n")).expect(steps);
        let error = play(&script).await.err().expect(steps);
        assert!(error.contains(told), "{steps}: {error}");
    }
}

#[tokio::test]
async fn what_came_otherwise_is_told_with_the_command_and_both_sides() {
    let text = "# A trouble.\n> put blocklist u@example.com: a.example\n> lists\n  blocklist: empty\n  safelist: empty\n";
    let script = script::read("x.txt", text).expect("a scenario");
    let played = play(&script).await.expect("two steps");
    let told = "x.txt:3: > lists\n  - blocklist: empty\n  + blocklist of u@example.com: a.example\n    safelist: empty";
    assert_eq!(played.differences, [told]);
    let blessed = text.replace("blocklist: empty", "blocklist of u@example.com: a.example");
    assert_eq!(script.written(&played.outputs), blessed);
}
