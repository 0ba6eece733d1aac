//! Files that change under a running server: what is good takes effect, what is broken is told with file and line and
//! changes nothing, and what was made to hurt costs a message. `lists.rs` has the folder of warninglists.

mod lists;
mod real_size;

use super::*;
use crate::config::Config;
use crate::guard::Passed;
use crate::manifest::Actions;
use crate::model::{ListKind, Sender};
use std::collections::BTreeMap;
use std::path::Path;

struct Site(tempfile::TempDir);

impl Site {
    fn new(files: &[(&str, &str)]) -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            site.write(name, text);
        }
        site
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn rules(&self, guard: &str) -> Result<Rules, String> {
        let text = format!("[guard]\n{guard}\n");
        let actions = Actions::load(None).unwrap();
        let config = Config::from_toml(&text, "doorlist.toml", self.path(), &BTreeMap::new(), &actions);
        let config = config.map_err(|error| error.to_string())?;
        Rules::new(config.guard).map_err(|error| self.without_path(&error.to_string()))
    }

    /// The folder has another name each time.
    fn without_path(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.path().display()), "")
            .replace(&self.path().display().to_string(), ".")
    }

    /// The sentence of the refusal, or nothing.
    fn judged(&self, guard: &Guard, value: &str) -> String {
        let sender = Sender::parse_untyped(value).unwrap();
        let cleared = guard.clear_sender(&sender, ListKind::Blocklist, &Passed::default());
        let refused = cleared.err();
        refused.map_or_else(String::new, |refused| self.without_path(&refused.to_string()))
    }
}

const GOOGLE: &str = r#"{
  "description": "Google",
  "list": [
    "google.com",
    "google.example"
  ],
  "matching_attributes": ["domain", "hostname"],
  "name": "List of known google domains",
  "type": "hostname",
  "version": 3
}"#;

#[test]
fn own_domains_of_a_file_are_refused_with_their_line() {
    let site = Site::new(&[(
        "domains.txt",
        "# ours\n\nacme.example # the main one\n  B\u{fc}cher.example.\r\n",
    )]);
    let rules = site
        .rules("own_domains = 'acme.example'\nown_domains_file = 'domains.txt'")
        .unwrap();
    for (value, expected) in [
        (
            "acme.example",
            "own domain acme.example (own_domains, doorlist.toml:2)",
        ),
        (
            "mx.xn--bcher-kva.example",
            "subdomain of the own domain xn--bcher-kva.example (own_domains_file, domains.txt:4)",
        ),
        ("other.example", ""),
    ] {
        assert_eq!(site.judged(&rules.guard(), value), expected);
    }
}

#[test]
fn fifty_thousand_own_domains_are_read_and_too_many_lines_are_refused() {
    let lines: Vec<String> = (1..=50_000).map(|number| format!("d{number}.example")).collect();
    let site = Site::new(&[("domains.txt", &lines.join("\n"))]);
    let rules = site.rules("own_domains_file = 'domains.txt'").unwrap();
    assert_eq!(
        site.judged(&rules.guard(), "a.d50000.example"),
        "subdomain of the own domain d50000.example (own_domains_file, domains.txt:50000)"
    );
    site.write("domains.txt", &"# nothing\n".repeat(1_000_000));
    assert_eq!(
        site.rules("own_domains_file = 'domains.txt'").unwrap_err(),
        "domains.txt:200001:1: nothing from this line on was read; allowed: 200000 lines"
    );
}

#[test]
fn mistakes_in_the_file_of_own_domains_are_told_with_their_line() {
    for (text, expected) in [
        (
            "acme.example\n com\n*.acme.example\n",
            "domains.txt:2:2: `com` cannot be an own domain; allowed: a name such as \"example.com\", which stands \
             for its subdomains too; a single label; a top-level domain or host name alone cannot be listed\n\
             domains.txt:3:1: `*.acme.example` cannot be an own domain; allowed: a name such as \"example.com\", \
             which stands for its subdomains too; not a domain name",
        ),
        (
            "acme.example\nACME.example.",
            "domains.txt:2:1: `ACME.example.` stands in the file twice, first at domains.txt:1; take one out",
        ),
        (
            "# nobody\n",
            "domains.txt: holds no domain; allowed: one on each line",
        ),
    ] {
        let site = Site::new(&[("domains.txt", text)]);
        let message = site.rules("own_domains_file = 'domains.txt'").unwrap_err();
        assert_eq!(message, expected);
    }
    let many = Site::new(&[("domains.txt", &"com\n".repeat(1_000_000))]);
    let message = many.rules("own_domains_file = 'domains.txt'").unwrap_err();
    assert_eq!(message.lines().count(), 21);
    assert!(
        message.ends_with(
            "domains.txt:21:1: nothing from this line on was read; there are 20 mistakes before it"
        )
    );
    let missing = Site::new(&[])
        .rules("own_domains_file = 'domains.txt'")
        .unwrap_err();
    assert!(missing.starts_with("domains.txt: cannot be read: "), "{missing}");
}

#[test]
fn files_that_change_take_effect_and_broken_ones_leave_everything_as_it_was() {
    let site = Site::new(&[
        ("domains.txt", "acme.example\n"),
        ("lists/google/list.json", GOOGLE),
    ]);
    let rules = site
        .rules("own_domains_file = 'domains.txt'\nwarninglists = 'lists'\nwarninglist_levels = { '*' = 'refuse' }")
        .unwrap();
    let under_way = rules.guard();

    site.write("domains.txt", "acme.example\nacme-group.example\n");
    assert!(matches!(rules.reread(), Reread::Replaced(..)));
    assert_ne!(site.judged(&rules.guard(), "acme-group.example"), "");
    // What was begun is ended by the rules that it began with.
    assert_eq!(site.judged(&under_way, "acme-group.example"), "");

    // Half written, and something good beside it: nothing of both.
    site.write("lists/google/list.json", &GOOGLE[..60]);
    site.write("domains.txt", "other.example\n");
    let Reread::Kept(trouble) = rules.reread() else {
        panic!("a broken file was used")
    };
    let words = site.without_path(&trouble.words);
    assert!(words.starts_with("lists/google/list.json:5:1: "), "{words}");
    assert_eq!(rules.trouble(), Some(trouble));
    assert_ne!(site.judged(&rules.guard(), "acme-group.example"), "");
    assert_ne!(site.judged(&rules.guard(), "google.com"), "");
    assert_eq!(site.judged(&rules.guard(), "other.example"), "");
    // Told once.
    assert_eq!(rules.reread(), Reread::Unchanged);

    // A folder that is gone is no folder without lists.
    std::fs::rename(site.path().join("lists"), site.path().join("elsewhere")).unwrap();
    assert!(matches!(rules.reread(), Reread::Kept(_)));
    assert_ne!(site.judged(&rules.guard(), "google.com"), "");

    std::fs::rename(site.path().join("elsewhere"), site.path().join("lists")).unwrap();
    site.write(
        "lists/google/list.json",
        &GOOGLE.replace("google.com", "google.net"),
    );
    site.write("lists/more.json", &GOOGLE.replace("google.com", "more.example"));
    assert!(matches!(rules.reread(), Reread::Replaced(..)));
    assert_eq!(rules.trouble(), None);
    for (value, is_refused) in [
        ("google.com", false),
        ("google.net", true),
        ("more.example", true),
        ("other.example", true),
        ("acme.example", false),
    ] {
        assert_eq!(
            !site.judged(&rules.guard(), value).is_empty(),
            is_refused,
            "{value}"
        );
    }
}

#[test]
fn a_file_that_was_changed_long_ago_is_not_read_again() {
    let site = Site::new(&[("domains.txt", "acme.example\n")]);
    let long_ago = SystemTime::now() - std::time::Duration::from_secs(3600);
    let date = |seconds: u64| {
        let file = std::fs::File::options()
            .write(true)
            .open(site.path().join("domains.txt"))
            .unwrap();
        file.set_modified(long_ago + std::time::Duration::from_secs(seconds))
            .unwrap();
    };
    date(0);
    let rules = site.rules("own_domains_file = 'domains.txt'").unwrap();
    assert_eq!(rules.reread(), Reread::Unchanged);
    date(1);
    assert!(matches!(rules.reread(), Reread::Replaced(..)));
    assert_eq!(rules.reread(), Reread::Unchanged);
    assert_eq!(Site::new(&[]).rules("").unwrap().reread(), Reread::Unchanged);
}
