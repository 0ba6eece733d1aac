//! A YAML map that must have certain keys and no others: unknown, missing and duplicated ones are told all at
//! once, and what is left is handed out by name and type. Knows nothing of what the keys mean.

use super::mistake::{Mistakes, Place, unknown};
use super::yaml::{Content, Entry, Node};
use crate::model::excerpt;

/// Longest part of a wrong value that a message repeats.
const EXCERPT_CHARACTERS_MAX: usize = 60;

/// Which keys a map has.
pub(super) struct Shape {
    /// "a manifest", "a parameter"
    pub(super) what: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

/// The known keys of one map, each once.
pub(super) struct Fields(Vec<Entry>);

impl Fields {
    /// None where there is no map at all.
    pub(super) fn open(node: Node, shape: &Shape, mistakes: &mut Mistakes) -> Option<Self> {
        let known: Vec<&str> = shape.required.iter().chain(shape.optional).copied().collect();
        let entries = match node.content {
            Content::Map(entries) => entries,
            other => {
                let text = format!(
                    "{} must be a map, not {}; its keys: {}",
                    shape.what,
                    other.kind(),
                    known.join(", ")
                );
                mistakes.add(&node.place, text);
                return None;
            }
        };
        let mut kept: Vec<Entry> = Vec::new();
        for entry in entries {
            let shown = excerpt(&entry.key, EXCERPT_CHARACTERS_MAX);
            if !known.contains(&entry.key.as_str()) {
                let what = format!("key `{shown}` of {}", shape.what);
                mistakes.add(
                    &entry.key_place,
                    unknown(&what, &entry.key, "allowed keys", &known),
                );
            } else if let Some(first) = kept.iter().find(|other| other.key == entry.key) {
                let text = format!(
                    "key `{shown}` stands here a second time, first at {}",
                    first.key_place
                );
                mistakes.add(&entry.key_place, format!("{text}; allowed: once"));
            } else {
                kept.push(entry);
            }
        }
        for missing in shape
            .required
            .iter()
            .filter(|key| !kept.iter().any(|entry| entry.key == **key))
        {
            let text = format!(
                "{} lacks the key `{missing}`; it needs: {}",
                shape.what,
                known_list(shape)
            );
            mistakes.add(&node.place, text);
        }
        Some(Self(kept))
    }

    /// The value of a key, once.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        let index = self.0.iter().position(|entry| entry.key == key)?;
        Some(self.0.swap_remove(index).value)
    }

    /// Text that is not empty, with its place.
    pub(super) fn text(&mut self, key: &str, mistakes: &mut Mistakes) -> Option<(String, Place)> {
        let node = self.take(key)?;
        match node.content {
            Content::Text(text) if !text.trim().is_empty() => Some((text.trim().to_owned(), node.place)),
            Content::Text(_) | Content::Null => {
                mistakes.add(&node.place, format!("`{key}` is empty; allowed: text"));
                None
            }
            Content::Boolean(_) | Content::Number(_) | Content::OtherNumber => {
                let text = format!("`{key}` must be text, not {}", node.content.kind());
                mistakes.add(&node.place, format!("{text}; put it in quotes"));
                None
            }
            Content::List(_) | Content::Map(_) => {
                let kind = node.content.kind();
                mistakes.add(
                    &node.place,
                    format!("`{key}` must be text, not {kind}; allowed: text"),
                );
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, key: &str, mistakes: &mut Mistakes) -> Option<(bool, Place)> {
        let node = self.take(key)?;
        match node.content {
            Content::Boolean(value) => Some((value, node.place)),
            other => {
                let text = format!("`{key}` is {}; allowed: true, false", other.kind());
                mistakes.add(&node.place, text);
                None
            }
        }
    }

    /// One word out of a closed list.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &str,
        allowed: &[(&str, T)],
        mistakes: &mut Mistakes,
    ) -> Option<(T, Place)> {
        let (text, place) = self.text(key, mistakes)?;
        let value = choose(&format!("`{key}`"), &text, &place, allowed, mistakes)?;
        Some((value, place))
    }
}

/// The one of `allowed` that the text names.
pub(super) fn choose<T: Copy>(
    what: &str,
    text: &str,
    place: &Place,
    allowed: &[(&str, T)],
    mistakes: &mut Mistakes,
) -> Option<T> {
    if let Some((_, value)) = allowed.iter().find(|(word, _)| *word == text) {
        return Some(*value);
    }
    let words: Vec<&str> = allowed.iter().map(|(word, _)| *word).collect();
    let what = format!("{what} `{}`", excerpt(text, EXCERPT_CHARACTERS_MAX));
    mistakes.add(place, unknown(&what, text, "allowed", &words));
    None
}

fn known_list(shape: &Shape) -> String {
    let required = shape.required.join(", ");
    match shape.optional {
        [] => required,
        optional => format!("{required}, and where wanted {}", optional.join(", ")),
    }
}
