//! How the simulator behaves, in one piece: the knobs, the faults and the seed, as a file or a request holds
//! them.
//!
//! Everything has a default, and an unknown name is an error. This file refuses to know what the parts mean;
//! that is `knobs.rs` and `faults.rs`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use toml::Spanned;

use super::faults::FaultRule;
use super::knobs::Knobs;

/// Which appliance is played, and what goes wrong with it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The decisions that no source settles.
    pub knobs: Knobs,
    /// What goes wrong. Where two exclude each other, the first wins.
    pub faults: Vec<FaultRule>,
    /// Where the chances of faults and scrambled orders come from.
    pub fault_seed: u64,
}

/// Text that is no behaviour; the words have the line and the column.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BehaviourError(String);

impl Behaviour {
    /// From TOML: a table `[knobs]`, tables `[[faults]]`, and `fault_seed`.
    ///
    /// # Errors
    ///
    /// When the text is no TOML, or has a name or a value that does not exist.
    pub fn from_toml(text: &str) -> Result<Self, BehaviourError> {
        let written: WrittenBehaviour =
            toml::from_str(text).map_err(|error| BehaviourError(error.to_string()))?;
        let mut faults = Vec::new();
        for rule in written.faults {
            let from = rule.span().start;
            let rule = FaultRule::from_keys(rule.into_inner())
                .map_err(|error| BehaviourError(format!("{}: {error}", place(text, from))))?;
            faults.push(rule);
        }
        Ok(Self {
            knobs: written.knobs,
            faults,
            fault_seed: written.fault_seed,
        })
    }

    /// From JSON of the same shape.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, or has a name or a value that does not exist.
    pub fn from_json(text: &[u8]) -> Result<Self, BehaviourError> {
        serde_json::from_slice(text).map_err(|error| BehaviourError(error.to_string()))
    }
}

/// With the place of each rule, because a rule is judged as a whole.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenBehaviour {
    knobs: Knobs,
    faults: Vec<Spanned<Map<String, Value>>>,
    fault_seed: u64,
}

fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line_begin = before.rfind('\n').map_or(0, |line_end| line_end + 1);
    let column = before[line_begin..].chars().count() + 1;
    format!("line {}, column {column}", before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::super::knobs::OtherList;
    use super::*;

    #[test]
    fn a_behaviour_is_the_same_from_toml_and_from_its_own_json() {
        let toml = "fault_seed = 7\n\n[knobs]\nother_list = 400\nlist_limit = 'none'\n\n\
                    [[faults]]\nfault = 'hang'\n\n[[faults]]\nfault = 'unauthorized'\nskip = 1\n";
        let behaviour = Behaviour::from_toml(toml).expect("a behaviour");
        assert_eq!(behaviour.knobs.other_list, OtherList::BadRequest);
        assert_eq!((behaviour.knobs.list_limit, behaviour.fault_seed), (None, 7));
        assert_eq!(
            behaviour.faults,
            ["hang", "unauthorized:skip=1"].map(|rule| rule.parse().expect(rule))
        );

        let json = serde_json::to_vec(&behaviour).expect("JSON");
        assert_eq!(Behaviour::from_json(&json).ok(), Some(behaviour));
        assert_eq!(Behaviour::from_toml("").ok(), Some(Behaviour::default()));
    }

    #[test]
    fn a_mistake_is_told_with_its_place_and_what_is_allowed() {
        for (toml, place, reason) in [
            (
                "[knobs]\nadd_on_existing = 'rows'",
                "line 2, column 19",
                "`rows` is none of `row`, `pair`, `merge`",
            ),
            (
                "[knobs]\ncolour = 1",
                "line 2, column 1",
                "unknown field `colour`, expected one of `add_on_existing`",
            ),
            (
                "knob = 1",
                "line 1, column 1",
                "unknown field `knob`, expected one of `knobs`, `faults`, `fault_seed`",
            ),
            (
                "fault_seed = 1\n[[faults]]\nfault = 'hangs'",
                "line 2, column 1",
                "unknown variant `hangs`, expected one of",
            ),
            (
                "[[faults]]\nfault = 'hang'\n\n[[faults]]\nfault = 'hang'\npage = 'last'",
                "line 4, column 1",
                "fault `hang`: `page`: `last` is none of `first`, `later`",
            ),
            ("[knobs", "line 1, column 7", "unclosed table"),
        ] {
            let error = Behaviour::from_toml(toml).expect_err(toml).to_string();
            assert!(
                error.contains(place) && error.contains(reason),
                "{toml}:\n{error}"
            );
        }
        for (json, place, reason) in [
            (
                r#"{"knobs": {"spelling": "loose"}}"#,
                "line 1 column 30",
                "`loose` is none of `exact`, `fold`",
            ),
            (
                "{\n\"faults\": [{\"fault\": \"hang\", \"page\": \"last\"}]}",
                "line 2 column",
                "`last` is none of `first`, `later`",
            ),
        ] {
            let error = Behaviour::from_json(json.as_bytes()).expect_err(json).to_string();
            assert!(error.contains(place) && error.contains(reason), "{json}: {error}");
        }
    }
}
