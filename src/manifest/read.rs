//! Reads one manifest, from text to `Action`, and tells every mistake in it. What can only be judged with all
//! files in hand (ids, inverse actions) is left to `manifest.rs`, which is why the places go along.

use super::Action;
use super::fields::{Fields, Shape, choose};
use super::mistake::{Mistakes, Place};
use super::read_parameter::read_parameters;
use super::yaml::{Content, Node, parse};
use crate::model::{IndicatorType, Operation, View};

const SHAPE: Shape = Shape {
    what: "a manifest",
    required: &[
        "id",
        "name",
        "version",
        "description",
        "operation",
        "view",
        "accepted_types",
        "parameters",
        "inverse_action",
        "side_effect",
    ],
    optional: &[],
};

/// One file, as far as it could be read.
pub(super) struct Draft {
    /// Known even where the rest is wrong, so that other files can still be held against it.
    pub(super) id: Option<(String, Place)>,
    /// None where the key is missing or wrong, else the id of the other action, if there is one.
    pub(super) inverse_action: Option<(Option<String>, Place)>,
    /// None where anything in the file is wrong.
    pub(super) action: Option<Action>,
}

/// Reads the text of one file.
pub(super) fn read(text: &str, source: &str, mistakes: &mut Mistakes) -> Option<Draft> {
    let root = parse(text, source, mistakes)?;
    let mut fields = Fields::open(root, &SHAPE, mistakes)?;
    let id = read_id(&mut fields, mistakes);
    let name = fields.text("name", mistakes);
    let version = fields.text("version", mistakes);
    let description = fields.text("description", mistakes);
    let operations = [Operation::Add, Operation::Delete].map(|operation| (operation.word(), operation));
    let operation = fields
        .word("operation", &operations, mistakes)
        .map(|(operation, _)| operation);
    let views = [View::Sender, View::Recipient].map(|view| (view.word(), view));
    let view = fields.word("view", &views, mistakes).map(|(view, _)| view);
    let accepted_types = fields
        .take("accepted_types")
        .and_then(|node| read_accepted_types(node, view, mistakes));
    let parameters = fields
        .take("parameters")
        .and_then(|node| read_parameters(node, operation.zip(view), mistakes));
    let inverse_action = read_inverse_action(&mut fields, mistakes);
    let side_effect = fields.text("side_effect", mistakes);

    let assemble = || {
        Some(Action {
            id: id.clone()?.0,
            name: name?.0,
            version: version?.0,
            description: description?.0,
            operation: operation?,
            view: view?,
            accepted_types: accepted_types?,
            parameters: parameters?,
            inverse_action: inverse_action.clone()?.0,
            side_effect: side_effect?.0,
        })
    };
    let action = assemble();
    Some(Draft {
        id,
        inverse_action,
        action,
    })
}

/// The id is a segment of a path: `POST /v1/actions/{id}`.
fn read_id(fields: &mut Fields, mistakes: &mut Mistakes) -> Option<(String, Place)> {
    let (id, place) = fields.text("id", mistakes)?;
    let is_kebab = !id.starts_with('-')
        && !id.ends_with('-')
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_kebab {
        return Some((id, place));
    }
    let text = "`id` is part of a URL; allowed: lower-case letters, digits, and hyphens between them";
    mistakes.add(&place, text);
    None
}

fn read_accepted_types(
    node: Node,
    view: Option<View>,
    mistakes: &mut Mistakes,
) -> Option<Vec<IndicatorType>> {
    let types: Vec<IndicatorType> = match view {
        Some(View::Recipient) => vec![IndicatorType::EmailAddress],
        Some(View::Sender) | None => IndicatorType::ACCEPTABLE.to_vec(),
    };
    let allowed: Vec<(&str, IndicatorType)> = types
        .into_iter()
        .map(|accepted| (accepted.name(), accepted))
        .collect();
    let names: Vec<&str> = allowed.iter().map(|(name, _)| *name).collect();
    let items = match node.content {
        Content::List(items) if !items.is_empty() => items,
        other => {
            let text = format!("`accepted_types` is {}", other.kind());
            mistakes.add(
                &node.place,
                format!("{text}; allowed: a list of at least one of: {}", names.join(", ")),
            );
            return None;
        }
    };
    let what = match view {
        Some(View::Recipient) => "accepted type of a recipient action",
        Some(View::Sender) | None => "accepted type",
    };
    let count = items.len();
    let mut accepted = Vec::new();
    for item in items {
        let Content::Text(text) = &item.content else {
            let kind = item.content.kind();
            mistakes.add(
                &item.place,
                format!("an accepted type is {kind}; allowed: {}", names.join(", ")),
            );
            continue;
        };
        let Some(chosen) = choose(what, text, &item.place, &allowed, mistakes) else {
            continue;
        };
        if accepted.contains(&chosen) {
            mistakes.add(
                &item.place,
                format!("the type `{text}` stands here a second time; allowed: once"),
            );
            continue;
        }
        accepted.push(chosen);
    }
    (accepted.len() == count).then_some(accepted)
}

/// `null`, or an id that `manifest.rs` looks up.
fn read_inverse_action(fields: &mut Fields, mistakes: &mut Mistakes) -> Option<(Option<String>, Place)> {
    let node = fields.take("inverse_action")?;
    match node.content {
        Content::Null => Some((None, node.place)),
        Content::Text(id) => Some((Some(id), node.place)),
        other => {
            let text = format!(
                "`inverse_action` is {}; allowed: the id of an action, or null",
                other.kind()
            );
            mistakes.add(&node.place, text);
            None
        }
    }
}
