//! The file with the environment on top, merged by the `config` crate. Hands out one table at a time
//! (`section.rs`), and the names of the tables that users name. Knows no keys.

use super::document::Places;
use super::environment::{PREFIX, SEPARATOR};
use super::section::Section;
use crate::manifest::{Mistakes, Place};
use crate::model::escape_control;
use config::{Environment, File, FileFormat, Map, Source, Value, ValueKind};
use std::collections::HashMap;

/// Everything that was written, wherever it was.
pub(super) struct Layers {
    root: Map<String, Value>,
    places: Places,
}

impl Layers {
    /// `text` is known to be good TOML, and `variables` come from `environment::overrides`.
    pub(super) fn merge(
        text: &str,
        variables: HashMap<String, String>,
        places: Places,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let environment = Environment::with_prefix(PREFIX)
            .prefix_separator("_")
            .separator(SEPARATOR)
            // It would turn the password "007" into the number 7.
            .try_parsing(false)
            .source(Some(variables));
        let merged = config::Config::builder()
            .add_source(File::from_str(text, FileFormat::Toml))
            .add_source(environment)
            .build()
            .and_then(|merged| merged.collect());
        match merged {
            Ok(root) => Some(Self { root, places }),
            Err(_) => {
                // Cannot happen with checked TOML. Its words could quote a line with a password.
                let place = Place::whole(places.source());
                mistakes.add(&place, "cannot be merged with the environment");
                None
            }
        }
    }

    /// One table by its path, with all that is asked of it. An absent one has no keys.
    pub(super) fn section<'a>(&'a self, path: &[&str], mistakes: &'a mut Mistakes) -> Section<'a> {
        let path: Vec<String> = path.iter().map(|segment| (*segment).to_owned()).collect();
        Section::open(self, path, mistakes)
    }

    /// The names of the tables below one table, `[appliances.NAME]`, without those that no table can have.
    pub(super) fn names(&self, table: &'static str, mistakes: &mut Mistakes) -> Vec<String> {
        let path = [table.to_owned()];
        match self.places.spot(&path) {
            Some(spot) if !spot.is_table => {
                let text = format!("`{table}` must be tables with names, [{table}.NAME]");
                mistakes.add(&spot.value, text);
                return vec![];
            }
            _ => {}
        }
        let mut names = Vec::new();
        for (name, spot) in self.places.children(&path) {
            let shown = escape_control(name);
            if !spot.is_table {
                let text = format!("`{shown}` in [{table}] must be in a table with a name, [{table}.NAME]");
                mistakes.add(&spot.key, text);
            } else if !is_name(name) {
                let text = format!(
                    "the name in [{table}.{shown}] must be lower-case letters, digits, and single hyphens \
                     between them, so that a variable can name it too"
                );
                mistakes.add(&spot.key, text);
            } else {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// Whether a variable has set this key.
    pub(super) fn is_from_environment(&self, path: &[&str]) -> bool {
        let path: Vec<String> = path.iter().map(|segment| (*segment).to_owned()).collect();
        self.places.spot(&path).is_some_and(|spot| spot.from_environment)
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn value(&self, path: &[String]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.root.get(first)?, |value, key| match &value.kind {
                ValueKind::Table(table) => table.get(key),
                ValueKind::Array(items) => items.get(key.parse::<usize>().ok()?),
                _ => None,
            })
    }
}

/// Each name has exactly one spelling in a variable, and each spelling there means exactly one name.
fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(is_letter))
}
