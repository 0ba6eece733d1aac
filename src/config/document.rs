//! Where each key and value stands in `doorlist.toml`, and the syntax errors. The values themselves are
//! merged with the environment in `layers.rs`; this file only keeps what the `config` crate forgets, the
//! positions. Knows nothing of what the keys mean.

use crate::manifest::{Mistakes, Place};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Most syntax errors that are told; behind one slip the parser often finds a row of others.
const SYNTAX_ERRORS_MAX: usize = 5;

/// Where a key was set.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) key: Place,
    pub(super) value: Place,
    pub(super) is_table: bool,
    pub(super) from_environment: bool,
}

/// The spots of all keys, by their path: `["appliances", "esa-1", "url"]`; items of arrays by their number.
#[derive(Debug)]
pub(super) struct Places {
    source: String,
    spots: BTreeMap<Vec<String>, Spot>,
}

impl Places {
    /// Reads the document. None where its syntax is broken: nothing else can be said about it then.
    pub(super) fn read(text: &str, source: &str, mistakes: &mut Mistakes) -> Option<Self> {
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors.iter().take(SYNTAX_ERRORS_MAX) {
            let span = error.span().unwrap_or(0..0);
            let pointer = pointer(text, &span).unwrap_or_default();
            let place = place_of(text, source, span.start);
            mistakes.add(
                &place,
                format!("not readable as TOML: {}{pointer}", error.message()),
            );
        }
        let mut reader = Reader {
            text,
            spots: BTreeMap::new(),
            source,
            mistakes,
            is_good: errors.is_empty(),
        };
        reader.read_table(&mut vec![], root.get_ref());
        let (spots, is_good) = (reader.spots, reader.is_good);
        is_good.then(|| Self {
            source: source.to_owned(),
            spots,
        })
    }

    /// The file's name, for messages about the whole of it.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn spot(&self, path: &[String]) -> Option<&Spot> {
        self.spots.get(path)
    }

    /// The keys right below a path, in alphabetical order.
    pub(super) fn children(&self, path: &[String]) -> impl Iterator<Item = (&str, &Spot)> {
        let depth = path.len();
        self.spots
            .iter()
            .filter(move |(key, _)| key.len() == depth + 1 && key.starts_with(path))
            .map(move |(key, spot)| (key[depth].as_str(), spot))
    }

    /// An environment variable has the last word on this path.
    pub(super) fn override_with(&mut self, path: Vec<String>, variable: Place) {
        let spot = Spot {
            key: variable.clone(),
            value: variable,
            is_table: false,
            from_environment: true,
        };
        self.spots.insert(path, spot);
    }
}

struct Reader<'a> {
    text: &'a str,
    source: &'a str,
    spots: BTreeMap<Vec<String>, Spot>,
    mistakes: &'a mut Mistakes,
    is_good: bool,
}

impl Reader<'_> {
    fn read_table(&mut self, path: &mut Vec<String>, table: &DeTable<'_>) {
        for (key, value) in table {
            path.push(key.get_ref().clone().into_owned());
            self.read_value(path, key.span().start, value.span().start, value.get_ref());
            path.pop();
        }
    }

    fn read_value(
        &mut self,
        path: &mut Vec<String>,
        key_offset: usize,
        value_offset: usize,
        value: &DeValue<'_>,
    ) {
        let spot = Spot {
            key: place_of(self.text, self.source, key_offset),
            value: place_of(self.text, self.source, value_offset),
            is_table: value.is_table(),
            from_environment: false,
        };
        match value {
            DeValue::Table(table) => self.read_table(path, table),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.read_value(path, item.span().start, item.span().start, item.get_ref());
                    path.pop();
                }
            }
            DeValue::Integer(number) if i64::from_str_radix(number.as_str(), number.radix()).is_err() => {
                self.refuse(
                    &spot.value,
                    "the number is too large for any key; allowed: a smaller one",
                );
            }
            // They would be taken for text further on.
            DeValue::Datetime(_) => {
                self.refuse(
                    &spot.value,
                    "no key takes a date; put it in quotes if it is meant as text",
                );
            }
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {}
        }
        self.spots.insert(path.clone(), spot);
    }

    fn refuse(&mut self, place: &Place, text: &str) {
        self.mistakes.add(place, text);
        self.is_good = false;
    }
}

/// Line and column of a byte, both from 1, the column in characters.
fn place_of(text: &str, source: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    Place::at(source, line, before[line_start..].chars().count() + 1)
}

/// The line with a caret below the error, on two further lines. Nothing of a file that may hold a password or
/// token is ever repeated: one missing quote can pull a secret onto any line.
fn pointer(text: &str, span: &Range<usize>) -> Option<String> {
    let may_hold_secret = text.lines().any(|line| {
        let code = line.split('#').next().unwrap_or_default();
        let code = code.replace("password_file", "").replace("token_file", "");
        code.contains("password") || code.contains("token")
    });
    if may_hold_secret {
        return None;
    }
    let before = text.get(..span.start)?;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let indent = before[line_start..].chars().count();
    let width = text.get(span.clone()).map_or(1, |marked| {
        marked.lines().next().unwrap_or_default().chars().count()
    });
    let carets = "^".repeat(width.max(1));
    Some(format!(
        "\n    | {}\n    | {}{carets}",
        crate::model::escape_control(line),
        " ".repeat(indent)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Places, String> {
        let mut mistakes = Mistakes::new();
        Places::read(text, "a.toml", &mut mistakes).ok_or_else(|| mistakes.sorted().to_string())
    }

    #[test]
    fn every_key_and_value_knows_its_line_and_column() {
        let places = read("[a.b-1]\n'ü' = 1\n  list = [1,\n   2]\nc.d = { e = true }\n").unwrap();
        for (path, key, value) in [
            (vec!["a"], "a.toml:1:2", "a.toml:1:2"),
            (vec!["a", "b-1"], "a.toml:1:4", "a.toml:1:1"),
            (vec!["a", "b-1", "list"], "a.toml:3:3", "a.toml:3:10"),
            (vec!["a", "b-1", "list", "1"], "a.toml:4:4", "a.toml:4:4"),
            (vec!["a", "b-1", "c", "d", "e"], "a.toml:5:9", "a.toml:5:13"),
        ] {
            let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
            let spot = places.spot(&path).unwrap();
            assert_eq!(
                (spot.key.to_string(), spot.value.to_string()),
                (key.into(), value.into()),
                "{path:?}"
            );
        }
    }

    #[test]
    fn broken_syntax_is_pointed_at() {
        for (text, expected) in [
            ("[a]\nb = tru\n", "a.toml:2:5: not readable as TOML: "),
            ("[a]\nb = tru\n", "\n    | b = tru\n    |     ^^^"),
            (
                "a = 1\na = 2\n",
                "a.toml:2:1: not readable as TOML: duplicate key",
            ),
            (
                "a = 99999999999999999999\n",
                "a.toml:1:5: the number is too large for any key",
            ),
            ("a = 1979-05-27\n", "a.toml:1:5: no key takes a date"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(expected), "{text:?} gave:\n{message}");
        }
    }

    #[test]
    fn a_file_with_a_password_or_token_is_not_repeated() {
        for text in [
            "password = \"hunter2\nb = 1",
            "x.password = '''\nhunter2\nb = = 1",
            "a = {password=hunter2}",
            "token = hunter2",
            "token_sha256 = hunter2",
        ] {
            let message = read(text).unwrap_err();
            assert!(!message.contains("hunter2"), "{message}");
        }
        assert!(
            read("password_file = hunter2 # password")
                .unwrap_err()
                .contains("^")
        );
    }
}
