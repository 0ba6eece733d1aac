//! A YAML document as a tree in which everything knows its line and column, duplicated keys included.
//! serde's derive would stop at the first mistake; a tree lets `read.rs` find them all. Knows nothing of what
//! a manifest must contain.

use super::mistake::{Mistakes, Place};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Location, Spanned};
use std::fmt;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) content: Content,
}

/// What stands there.
#[derive(Debug)]
pub(super) enum Content {
    Null,
    Boolean(bool),
    Number(i64),
    /// A number with a point, or one that no `i64` holds. No key of a manifest takes it.
    OtherNumber,
    Text(String),
    List(Vec<Node>),
    /// In the order of the file; the same key may come twice.
    Map(Vec<Entry>),
}

/// One line of a map.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) value: Node,
}

impl Content {
    /// The kind in words, for "a list, not a number".
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Boolean(_) => "true or false",
            Self::Number(_) | Self::OtherNumber => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// Reads one document. A syntax error is the only mistake of its file: nothing behind it can be trusted.
pub(super) fn parse(text: &str, source: &str, mistakes: &mut Mistakes) -> Option<Node> {
    let options = serde_saphyr::options! {
        // The tree keeps both, so that a duplicate is one mistake among others.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(root) => Some(placed(root, source)),
        Err(error) => {
            let place = error
                .location()
                .map_or_else(|| Place::whole(source), |found| at(source, found));
            let message = error.render();
            // The message repeats the position at its end.
            let reason = message.split(" at line ").next().unwrap_or_default();
            mistakes.add(&place, format!("not readable as YAML: {reason}"));
            None
        }
    }
}

fn at(source: &str, location: Location) -> Place {
    // A manifest is compiled in or was read into memory: its lines fit a usize.
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    Place::at(source, number(location.line()), number(location.column()))
}

fn placed(raw: Spanned<Raw>, source: &str) -> Node {
    let content = match raw.value {
        Raw::Plain(content) => content,
        Raw::List(items) => Content::List(items.into_iter().map(|item| placed(item, source)).collect()),
        Raw::Map(entries) => Content::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key_place: at(source, key.referenced),
                    key: key.value,
                    value: placed(value, source),
                })
                .collect(),
        ),
    };
    Node {
        place: at(source, raw.referenced),
        content,
    }
}

/// The tree as serde builds it, before the name of the file is added.
enum Raw {
    Plain(Content),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::Plain(Content::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Plain(Content::Boolean(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Plain(Content::Number(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Plain(
            i64::try_from(value).map_or(Content::OtherNumber, Content::Number),
        ))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Plain(Content::OtherNumber))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Plain(Content::OtherNumber))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Plain(Content::OtherNumber))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Plain(Content::Text(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, String> {
        let mut mistakes = Mistakes::new();
        parse(text, "a.yaml", &mut mistakes).ok_or_else(|| mistakes.to_string())
    }

    #[test]
    fn every_key_and_value_knows_its_place_and_a_key_may_come_twice() {
        let node = read("a: yes\nb:\n  - true\n  - 12\n  - 1.5\n  - null\na: \"1\"\n").unwrap();
        let Content::Map(entries) = node.content else {
            panic!("a map")
        };
        let keys: Vec<String> = entries
            .iter()
            .map(|entry| format!("{} {}", entry.key_place, entry.key))
            .collect();
        assert_eq!(keys, ["a.yaml:1:1 a", "a.yaml:2:1 b", "a.yaml:7:1 a"]);
        assert!(matches!(&entries[0].value.content, Content::Text(text) if text == "yes"));
        let Content::List(items) = &entries[1].value.content else {
            panic!("a list")
        };
        assert_eq!(items[1].place.to_string(), "a.yaml:4:5");
        let kinds: Vec<&str> = items.iter().map(|item| item.content.kind()).collect();
        assert_eq!(kinds, ["true or false", "a number", "a number", "nothing"]);
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_place() {
        for (text, expected) in [
            ("a: [1\n", "not readable as YAML"),
            (
                "a: 1\n\tb: 2\n",
                "a.yaml:1:4: not readable as YAML: while scanning",
            ),
            ("a: 1\n---\nb: 2\n", "not readable as YAML"),
            ("a: &x {b: 1}\nc:\n  <<: *x\n", "a.yaml:3:"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(expected), "{text:?} gave {message}");
        }
    }
}
