//! What somebody with the right to do so lets pass in spite of a rule: single entries, each with the rule that is not to
//! judge it. It is kept with the run, so that the run is judged alike when it is executed. Refuses to know who may.

use super::rule::Rule;
use crate::model::EntryKey;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;

/// Rules that do not judge these entries. Nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passed(BTreeSet<(Rule, EntryKey)>);

impl Passed {
    /// Lets an entry pass one rule.
    pub fn insert(&mut self, rule: Rule, entry: EntryKey) {
        self.0.insert((rule, entry));
    }

    /// Does the rule not judge this entry?
    #[must_use]
    pub fn names(&self, rule: Rule, entry: &EntryKey) -> bool {
        // The common case costs nothing.
        !self.0.is_empty() && self.0.contains(&(rule, entry.clone()))
    }

    /// Does every rule judge every entry?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the rules.
    pub fn iter(&self) -> impl Iterator<Item = (Rule, &EntryKey)> {
        self.0.iter().map(|(rule, entry)| (*rule, entry))
    }
}

/// `own_domain for acme.example, pinned for ceo@acme.example`.
impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (rule, entry)) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{} for {}", rule.code(), entry.as_str())?;
        }
        Ok(())
    }
}

impl FromIterator<(Rule, EntryKey)> for Passed {
    fn from_iter<T: IntoIterator<Item = (Rule, EntryKey)>>(passed: T) -> Self {
        Self(passed.into_iter().collect())
    }
}

/// One of them as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    rule: String,
    entry: String,
}

impl Serialize for Passed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|(rule, entry)| Stored {
            rule: rule.code().to_owned(),
            entry: entry.as_str().to_owned(),
        }))
    }
}

impl<'de> Deserialize<'de> for Passed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Vec::<Stored>::deserialize(deserializer)?;
        let read = stored.into_iter().map(|Stored { rule, entry }| {
            let rule =
                Rule::of_code(&rule).ok_or_else(|| D::Error::custom(format!("there is no rule `{rule}`")))?;
            Ok((rule, EntryKey::of(&entry)))
        });
        read.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_let_pass_is_one_rule_for_one_entry_and_is_stored_as_that() {
        let entry = EntryKey::of("Bücher.example");
        let passed = Passed::from_iter([
            (Rule::FreemailDomain, EntryKey::of("GMAIL.com")),
            (Rule::OwnDomain, entry.clone()),
        ]);
        let text = serde_json::to_string(&passed).unwrap();
        assert_eq!(
            text,
            r#"[{"rule":"own_domain","entry":"xn--bcher-kva.example"},{"rule":"freemail_domain","entry":"gmail.com"}]"#
        );
        let words = "own_domain for xn--bcher-kva.example, freemail_domain for gmail.com";
        assert_eq!(passed.to_string(), words);
        let read: Passed = serde_json::from_str(&text).unwrap();
        assert_eq!(read, passed);
        assert!(read.names(Rule::OwnDomain, &entry));
        assert!(!read.names(Rule::PublicSuffix, &entry));
        assert!(!read.names(Rule::OwnDomain, &EntryKey::of("mx.bücher.example")));
        assert!(Passed::default().is_empty() && !Passed::default().names(Rule::OwnDomain, &entry));
        assert!(serde_json::from_str::<Passed>(r#"[{"rule":"nonsense","entry":"a"}]"#).is_err());
    }
}
