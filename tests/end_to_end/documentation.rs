//! What the documents say is what the code does.

use super::support::file_in_repository;
use doorlist::model::Outcome;

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
