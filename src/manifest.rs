//! Actions, as their manifests describe them: YAML in, `Action` out. Four are compiled in; a directory adds
//! more without a line of Rust. A file with a mistake stops the start. Refuses to know appliances, lists'
//! contents and who may call; `config` says who uses an action. Read on in `manifest/read.rs`.

mod entries;
mod fields;
mod mistake;
mod parameter;
mod read;
mod read_parameter;
mod yaml;

pub(crate) use entries::{ListEntry, read_entries, split_commas};
pub(crate) use mistake::{Mistakes, Place, unknown};
pub use parameter::{BelongsTo, OBJECTS_PER_RUN_MAX, Parameter, ParameterKey, ParameterKind, ParameterValue};

use crate::model::{IndicatorType, Operation, View, escape_control};
use read::{Draft, read};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// ThreatQ's four actions. The names stand in messages, should one of them ever be wrong.
const BUILT_IN: [(&str, &str); 4] = [
    (
        "action-manifests/cisco-esa-add-recipients-to-quarantine-list.yaml (built in)",
        include_str!("../action-manifests/cisco-esa-add-recipients-to-quarantine-list.yaml"),
    ),
    (
        "action-manifests/cisco-esa-add-senders-to-quarantine-list.yaml (built in)",
        include_str!("../action-manifests/cisco-esa-add-senders-to-quarantine-list.yaml"),
    ),
    (
        "action-manifests/cisco-esa-delete-recipients-from-quarantine-list.yaml (built in)",
        include_str!("../action-manifests/cisco-esa-delete-recipients-from-quarantine-list.yaml"),
    ),
    (
        "action-manifests/cisco-esa-delete-senders-from-quarantine-list.yaml (built in)",
        include_str!("../action-manifests/cisco-esa-delete-senders-from-quarantine-list.yaml"),
    ),
];

/// What an action does and takes. As JSON it is what `GET /v1/actions/{id}` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// Lower-case letters, digits and hyphens; the last segment of the endpoint's path.
    pub id: String,
    /// For people; ThreatQ's name of the action.
    pub name: String,
    /// The manifest's own version.
    pub version: String,
    /// What it does, in sentences.
    pub description: String,
    /// Add or delete.
    pub operation: Operation,
    /// What an indicator is: a sender or a recipient.
    pub view: View,
    /// Types of indicators that it takes, each once; the others are skipped.
    #[serde(serialize_with = "serialize_type_names")]
    pub accepted_types: Vec<IndicatorType>,
    /// All that its operation needs, each once, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// The id of the action that does the opposite.
    pub inverse_action: Option<String>,
    /// What else changes, in a sentence.
    pub side_effect: String,
}

impl Action {
    /// Does it take indicators of this type? An address that *received* mail (MISP's `email-dst`) is a
    /// mailbox for the recipient actions, and never a sender.
    #[must_use]
    pub fn accepts(&self, indicator_type: IndicatorType) -> bool {
        match indicator_type {
            IndicatorType::EmailDestination => {
                self.view == View::Recipient && self.accepts(IndicatorType::EmailAddress)
            }
            _ => self.accepted_types.contains(&indicator_type),
        }
    }

    /// One of its parameters; none for a key that such an action has no use for.
    #[must_use]
    pub fn parameter(&self, key: ParameterKey) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.key == key)
    }
}

fn serialize_type_names<S: Serializer>(types: &[IndicatorType], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(types.iter().map(|indicator_type| indicator_type.name()))
}

/// Why the manifests cannot be used: every mistake of every file on its own line, as
/// `file:line:column: what is wrong; what is allowed`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ManifestError(Mistakes);

/// All actions, ordered by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions(BTreeMap<String, Action>);

impl Actions {
    /// The four built-in actions, and those of the `*.yaml` and `*.yml` files of `extra_dir`.
    ///
    /// # Errors
    /// All mistakes of all files, or that the directory or a file in it cannot be read.
    pub fn load(extra_dir: Option<&Path>) -> Result<Self, ManifestError> {
        let mut mistakes = Mistakes::new();
        let mut files: Vec<(String, String)> = BUILT_IN
            .iter()
            .map(|(source, text)| ((*source).to_owned(), (*text).to_owned()))
            .collect();
        if let Some(directory) = extra_dir {
            files.extend(read_directory(directory, &mut mistakes));
        }
        Self::from_files(&files, mistakes)
    }

    /// The action of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Action> {
        self.0.get(id)
    }

    /// All of them, ordered by id.
    pub fn iter(&self) -> impl Iterator<Item = &Action> {
        self.0.values()
    }

    fn from_files(files: &[(String, String)], mut mistakes: Mistakes) -> Result<Self, ManifestError> {
        let drafts: Vec<Draft> = files
            .iter()
            .filter_map(|(source, text)| read(text, source, &mut mistakes))
            .collect();
        refuse_repeated_ids(&drafts, &mut mistakes);
        refuse_wrong_inverses(&drafts, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(ManifestError(mistakes.sorted()));
        }
        let actions = drafts.into_iter().filter_map(|draft| draft.action);
        Ok(Self(actions.map(|action| (action.id.clone(), action)).collect()))
    }
}

fn refuse_repeated_ids(drafts: &[Draft], mistakes: &mut Mistakes) {
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    for (id, place) in drafts.iter().filter_map(|draft| draft.id.as_ref()) {
        match seen.get(id.as_str()) {
            Some(first) => {
                let text = format!("the id `{id}` is taken by {first}; allowed: an id of its own");
                mistakes.add(place, text);
            }
            None => {
                seen.insert(id, place);
            }
        }
    }
}

/// An inverse does the opposite to the same side. Whether it gives back exactly what was there is not its
/// promise: `side_effect` tells.
fn refuse_wrong_inverses(drafts: &[Draft], mistakes: &mut Mistakes) {
    let ids: Vec<&str> = drafts
        .iter()
        .filter_map(|draft| draft.id.as_ref())
        .map(|(id, _)| id.as_str())
        .collect();
    let actions: Vec<&Action> = drafts.iter().filter_map(|draft| draft.action.as_ref()).collect();
    for draft in drafts {
        let Some((Some(inverse_id), place)) = &draft.inverse_action else {
            continue;
        };
        if !ids.contains(&inverse_id.as_str()) {
            let what = format!("action `{}` as `inverse_action`", escape_control(inverse_id));
            mistakes.add(
                place,
                unknown(&what, inverse_id, "allowed: null, or one of", &ids),
            );
            continue;
        }
        // Where either file is wrong elsewhere, that is told there.
        let inverse = actions.iter().find(|action| action.id == *inverse_id);
        if let (Some(action), Some(inverse)) = (&draft.action, inverse)
            && (inverse.view != action.view || inverse.operation == action.operation)
        {
            let text = format!(
                "`{inverse_id}` does not do the opposite of `{}`; allowed: an action of the other operation \
                 and the same view",
                action.id
            );
            mistakes.add(place, text);
        }
    }
}

/// The YAML files of a directory, sorted by name, as (name for messages, text).
fn read_directory(directory: &Path, mistakes: &mut Mistakes) -> Vec<(String, String)> {
    let mut paths = match yaml_paths(directory) {
        Ok(paths) => paths,
        Err(error) => {
            let place = Place::whole(directory.display().to_string());
            mistakes.add(
                &place,
                format!("cannot be read as a directory of manifests: {error}"),
            );
            return vec![];
        }
    };
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let source = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push((source, text)),
            Err(error) => mistakes.add(&Place::whole(source), format!("cannot be read: {error}")),
        }
    }
    files
}

fn yaml_paths(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            paths.push(path);
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests;
