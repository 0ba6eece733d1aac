//! The house rules, checked under `cargo test`: which room may know which, what each file begins with, and that
//! the documents name what is there. `ARCHITECTURE.md` tells the reasons.

#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rooms from the door inwards: imports go down this list, never up.
const ROOMS: [&str; 15] = [
    "cli",
    "http",
    "worker",
    "pipeline",
    "app",
    "store",
    "telemetry",
    "reconcile",
    "guard",
    "appliance",
    "intake",
    "config",
    "report",
    "manifest",
    "model",
];
/// Beside them, and known to the command line alone.
const SIMULATOR: &str = "simulator";
/// Longer than this, a file is more than one thing.
const FILE_LINES_MAX: usize = 400;

struct SourceFile {
    path: PathBuf,
    room: String,
    text: String,
}

impl SourceFile {
    /// The lines of the product: without comments and without tests.
    fn code(&self) -> Vec<&str> {
        let product = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        product
            .lines()
            .map(|line| line.split("//").next().unwrap())
            .collect()
    }

    fn is_test(&self) -> bool {
        self.path.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            part == "tests" || part == "tests.rs" || part == "testing.rs"
        })
    }
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn source_files() -> Vec<SourceFile> {
    let source = repository().join("src");
    let file = |path: PathBuf| {
        let inside = path.strip_prefix(&source).unwrap();
        let first = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let room = first.trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        SourceFile { path, room, text }
    };
    rust_files(&source).into_iter().map(file).collect()
}

/// Every `crate::room` that a line names, also in `use crate::{one, other}`.
fn rooms_named(line: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for rest in line.split("crate::").skip(1) {
        let group = rest
            .strip_prefix('{')
            .map(|group| group.split('}').next().unwrap());
        for part in group.unwrap_or(rest).split(',') {
            let end = part.trim_start().find(|c: char| !c.is_alphanumeric() && c != '_');
            let name = part.trim_start();
            named.insert(end.map_or(name, |end| &name[..end]).to_owned());
            if group.is_none() {
                break;
            }
        }
    }
    named
}

#[test]
fn imports_go_down_the_list_of_rooms_and_never_up() {
    let mut broken = Vec::new();
    for file in source_files()
        .iter()
        .filter(|file| file.room != "lib" && file.room != "main")
    {
        for line in file.code() {
            for named in rooms_named(line) {
                let is_room = ROOMS.contains(&named.as_str()) || named == SIMULATOR;
                if !is_room || named == file.room {
                    continue;
                }
                let place = |room: &str| ROOMS.iter().position(|other| *other == room);
                let allowed = match (place(&file.room), place(&named)) {
                    (Some(from), Some(to)) => from < to,
                    (Some(_), None) => file.room == "cli",
                    (None, _) => false,
                };
                if !allowed {
                    broken.push(format!("{}: {}", file.path.display(), line.trim()));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "these arrows go up, or into the simulator:\n{}",
        broken.join("\n")
    );
}

#[test]
fn each_room_knows_only_what_it_may_know() {
    // (words, rooms that may have them, why)
    let rules: [(&[&str], &[&str], &str); 5] = [
        (&["axum"], &["http", "simulator"], "HTTP stays at the door"),
        (
            &[
                "quarantineType",
                "quarantine_type",
                "senderList",
                "recipientList",
                "senderAddresses",
            ],
            &["appliance", "simulator"],
            "AsyncOS's JSON is known to the client and to the simulator, each by itself",
        ),
        (
            // Not "crate::app" alone, with which `crate::appliance` begins as well.
            &["crate::app::", "crate::app;", "App::"],
            &["cli", "http", "worker", "pipeline", "app"],
            "App is for those who hold it",
        ),
        (&["sqlx", "SELECT "], &["store"], "SQL belongs into the store"),
        (
            &[
                "tokio",
                "async ",
                ".await",
                "Instant",
                "SystemTime",
                "std::fs",
                "std::env",
                "TcpStream",
            ],
            &[
                "cli",
                "http",
                "worker",
                "pipeline",
                "app",
                "store",
                "telemetry",
                "appliance",
                "config",
                "manifest",
                "simulator",
            ],
            "reconcile, guard, model, intake and report are free of async, clocks and I/O",
        ),
    ];
    let mut broken = Vec::new();
    for file in source_files()
        .iter()
        .filter(|file| !file.is_test() && file.room != "lib")
    {
        for (words, rooms, why) in &rules {
            if rooms.contains(&file.room.as_str()) {
                continue;
            }
            for line in file.code() {
                if words.iter().any(|word| line.contains(word)) && file.room != "main" {
                    broken.push(format!("{}: {} ({why})", file.path.display(), line.trim()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_none_is_too_long() {
    let mut broken = Vec::new();
    let tests = rust_files(&repository().join("tests"));
    let all = source_files().into_iter().map(|file| (file.path, file.text));
    let all = all.chain(tests.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    }));
    for (path, text) in all {
        if !text.starts_with("//! ") {
            broken.push(format!("{}: begins without //!", path.display()));
        }
        if text.lines().count() > FILE_LINES_MAX {
            broken.push(format!("{}: longer than {FILE_LINES_MAX} lines", path.display()));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_code_map_of_the_architecture_names_every_room() {
    let architecture = std::fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    for room in ROOMS.iter().chain([&SIMULATOR]) {
        assert!(
            architecture.contains(&format!("`src/{room}.rs`")),
            "ARCHITECTURE.md does not name {room}"
        );
    }
}

#[test]
fn comments_cite_sections_of_the_appliances_document_that_exist() {
    let document = std::fs::read_to_string(repository().join("docs/asyncos.md")).unwrap();
    let headings: BTreeSet<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(str::trim)
        .collect();
    let mut cited = 0;
    for file in source_files() {
        // A citation may be broken over two comment lines.
        let text = file
            .text
            .replace("\n    ///", "")
            .replace("\n///", "")
            .replace("\n//!", "")
            .replace("\n    //", "");
        for rest in text
            .split("docs/asyncos.md`, \"")
            .skip(1)
            .chain(text.split("docs/asyncos.md, \"").skip(1))
        {
            let heading = rest.split('"').next().unwrap();
            assert!(
                headings.contains(heading),
                "{} cites \"{heading}\"",
                file.path.display()
            );
            cited += 1;
        }
    }
    assert!(
        cited > 10,
        "only {cited} citations were found: is the form still `docs/asyncos.md`, \"Heading\"?"
    );
}
