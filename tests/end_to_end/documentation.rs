//! What the documents say is what the code does.

use super::support::file_in_repository;
use doorlist::model::Outcome;
use doorlist::simulator::{Behaviour, FaultRule, Knobs};

fn read(path: &str) -> String {
    std::fs::read_to_string(file_in_repository(path)).unwrap()
}

/// The outcome table as the code has it.
fn outcome_table() -> String {
    let mut table = "| outcome | class | ok | meaning |\n|---|---|---|---|\n".to_owned();
    for outcome in Outcome::ALL {
        let (class, ok) = match (outcome.class(), outcome) {
            (Some(class), _) => (class.code(), if class.ok() { "yes" } else { "no" }),
            (None, Outcome::Repeated) => ("as its twin", "as its twin"),
            (None, _) => ("as its worst part", "no"),
        };
        table.push_str(&format!(
            "| `{}` | {class} | {ok} | {} |\n",
            outcome.code(),
            outcome.explain()
        ));
    }
    table
}

#[test]
fn the_readme_has_the_outcome_table_of_the_code() {
    let table = outcome_table();
    assert!(read("README.md").contains(&table), "the table is now:\n{table}");
}

#[test]
fn the_readme_begins_its_start_with_the_rust_version_and_has_the_two_commands() {
    let readme = read("README.md");
    let start = readme
        .split("## Start")
        .nth(1)
        .expect("a section Start")
        .trim_start();
    assert!(start.starts_with("Rust 1.95"), "{}", &start[..40]);
    assert!(readme.contains("cargo run --release -- demo") && readme.contains("cargo test"));
    assert!(read("Cargo.toml").contains("rust-version = \"1.95\""));
}

/// The words in backticks.
fn words(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The cells of the row that begins with this cell.
fn row<'a>(document: &'a str, first: &str) -> Vec<&'a str> {
    let found = document
        .lines()
        .find(|line| line.starts_with(&format!("| {first} |")));
    found
        .unwrap_or_else(|| panic!("no row {first}"))
        .split(" | ")
        .collect()
}

#[test]
fn every_knob_is_in_the_table_with_its_values_and_the_default_first() {
    let document = read("docs/asyncos.md");
    let knobs = serde_json::to_value(Knobs::default()).unwrap();
    let knobs = knobs.as_object().unwrap();
    for (name, default) in knobs {
        let values = words(row(&document, &format!("`{name}`"))[1]);
        if default.is_array() {
            continue;
        }
        let default = default
            .as_str()
            .map_or_else(|| default.to_string(), str::to_owned);
        assert_eq!(values.first(), Some(&default.as_str()), "{name}");
        for value in &values {
            Knobs::default().set(name, value).unwrap();
        }
        // What is refused is told with all that is allowed.
        let error = Knobs::default().set(name, "?").unwrap_err().to_string();
        if let Some((_, allowed)) = error.split_once("is none of ") {
            assert_eq!(values, words(allowed), "{name}");
        }
    }
    let table = document
        .split("### Knobs")
        .nth(1)
        .unwrap()
        .split("###")
        .next()
        .unwrap();
    assert_eq!(
        table.lines().filter(|line| line.starts_with("| `")).count(),
        knobs.len()
    );
}

#[test]
fn every_fault_is_in_the_table_and_none_beside() {
    let document = read("docs/asyncos.md");
    let table = document.split("### Faults").nth(1).unwrap();
    let table = table.split("## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let told: Vec<&str> = rows
        .flat_map(|line| words(line.split(" | ").next().unwrap()))
        .collect();
    let error = "none".parse::<FaultRule>().unwrap_err().to_string();
    let (_, names) = error.split_once("expected one of ").unwrap();
    assert_eq!(told, words(names));
}

#[test]
fn the_behaviour_in_the_readme_can_be_read() {
    let readme = read("README.md");
    let toml = readme
        .split("```toml\nfault_seed")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let behaviour = Behaviour::from_toml(&format!("fault_seed{toml}")).unwrap();
    assert_eq!((behaviour.fault_seed, behaviour.faults.len()), (7, 1));
    for fault in [
        "cut_reply:after_bytes=20,by=reset,method=POST",
        "hang:list=safelist,skip=3",
    ] {
        assert!(readme.contains(&format!("--fault {fault}")), "{fault}");
        fault.parse::<FaultRule>().unwrap();
    }
    let json = readme
        .split("-d '")
        .find(|part| part.starts_with("{\"knobs\""))
        .unwrap();
    Behaviour::from_json(json.split('\'').next().unwrap().as_bytes()).unwrap();
}

#[test]
fn the_words_of_refusals_that_docs_tls_explains_are_those_of_the_code() {
    let mut code = String::new();
    for file in ["tls/refusal.rs", "tls/flaws.rs", "cause.rs"] {
        code.push_str(&read(&format!("src/appliance/{file}")));
    }
    // A text may be broken over lines.
    let joined: Vec<&str> = code.split("\\\n").map(str::trim_start).collect();
    let code = joined.concat();
    let document = read("docs/tls.md");
    let (_, section) = document.split_once("\n## What a refusal says\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let mut explained = 0;
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let words = row.split('|').nth(1).unwrap();
        for words in words.split('`').skip(1).step_by(2) {
            assert!(code.contains(words), "{words:?} is not said anywhere");
            explained += 1;
        }
    }
    assert!(explained > 15, "only {explained} are explained");
}
