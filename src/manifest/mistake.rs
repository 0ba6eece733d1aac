//! Mistakes in a file that a person wrote: where, what, what is allowed, and what was probably meant. All of
//! them are collected before anybody hears of the first. Knows neither YAML nor TOML; `manifest` and `config`
//! both report through it, so that every mistake reads alike.

use std::fmt;

/// A position in a file, or the name of whatever else holds the mistake. Ordered as a reader meets them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file as the user named it, or "environment variable NAME".
    source: String,
    /// Line and column, both counted from 1 in characters; none for a source without lines.
    position: Option<(usize, usize)>,
}

impl Place {
    /// A source as a whole: a file that cannot be read, an environment variable.
    pub(crate) fn whole(source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            position: None,
        }
    }

    /// A position in a file.
    pub(crate) fn at(source: impl Into<String>, line: usize, column: usize) -> Self {
        Self {
            source: source.into(),
            position: Some((line, column)),
        }
    }

    /// `file:line`, for a report that tells where a rule was written.
    pub(crate) fn without_column(&self) -> String {
        match self.position {
            Some((line, _)) => format!("{}:{line}", self.source),
            None => self.source.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.source),
            None => f.write_str(&self.source),
        }
    }
}

/// Everything that is wrong, one line each (a syntax error adds the line it points at).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Mistakes(Vec<(Place, String)>);

impl Mistakes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// `text` says what is wrong and what is allowed, without a full stop. It never quotes a secret.
    pub(crate) fn add(&mut self, place: &Place, text: impl Into<String>) {
        self.0.push((place.clone(), text.into()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the files, from top to bottom.
    pub(crate) fn sorted(mut self) -> Self {
        self.0.sort();
        self.0.dedup();
        self
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (place, text)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{place}: {text}")?;
        }
        Ok(())
    }
}

/// `unknown key `list_limt` in [appliances.esa-1]; known keys: url, ...; did you mean `list_limit`?`
pub(crate) fn unknown(what: &str, name: &str, known_what: &str, known: &[&str]) -> String {
    let list = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    let mut text = format!("unknown {what}; {known_what}: {list}");
    if let Some(meant) = closest(name, known) {
        text.push_str(&format!("; did you mean `{meant}`?"));
    }
    text
}

/// The candidate that a slip of the finger would turn into `name`: at most a third of its letters differ.
fn closest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .iter()
        .map(|candidate| (edit_distance(&name, &candidate.to_lowercase()), *candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's: how many letters have to be inserted, left out or replaced.
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (left_index, left_letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = left_index + 1;
        for (index, right_letter) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(left_letter != *right_letter);
            diagonal = row[index + 1];
            row[index + 1] = replaced.min(row[index] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_what_was_meant_and_a_different_word_does_not() {
        let known = ["list_limit", "items_per_call", "url"];
        for (name, expected) in [
            ("list_limt", Some("list_limit")),
            ("List-Limit", Some("list_limit")),
            ("items_per_calls", Some("items_per_call")),
            ("ur", Some("url")),
            ("frobnicate", None),
            ("", None),
        ] {
            assert_eq!(closest(name, &known), expected, "{name}");
        }
    }

    #[test]
    fn mistakes_are_told_once_each_and_from_top_to_bottom() {
        let mut mistakes = Mistakes::new();
        for (line, column) in [(10, 1), (9, 2), (9, 1), (10, 1)] {
            mistakes.add(&Place::at("a.toml", line, column), "wrong");
        }
        let text = mistakes.sorted().to_string();
        assert_eq!(text, "a.toml:9:1: wrong\na.toml:9:2: wrong\na.toml:10:1: wrong");
    }

    #[test]
    fn an_unknown_word_comes_with_what_is_known() {
        assert_eq!(
            unknown("key `x`", "x", "known keys", &[]),
            "unknown key `x`; known keys: none"
        );
        assert_eq!(
            unknown("key `urll`", "urll", "known keys", &["url", "root"]),
            "unknown key `urll`; known keys: url, root; did you mean `url`?"
        );
    }
}
