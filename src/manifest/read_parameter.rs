//! Reads the `parameters` of one manifest: their keys, their values, and that the set is the one which the
//! operation needs. `parameter.rs` says what each key means.

use super::entries::{ListEntry, read_entries, split_commas};
use super::fields::{Fields, Shape};
use super::mistake::{Mistakes, Place};
use super::parameter::{
    BelongsTo, OBJECTS_PER_RUN_MAX, Parameter, ParameterKey, ParameterKind, ParameterValue,
};
use super::yaml::{Content, Node};
use crate::model::{ListKind, Operation, View};

const SHAPE: Shape = Shape {
    what: "a parameter",
    required: &[
        "key",
        "label",
        "type",
        "default",
        "required",
        "secret",
        "help",
        "belongs_to",
    ],
    optional: &["fixed"],
};

/// Reads the whole list. None where a parameter is wrong or missing.
pub(super) fn read_parameters(
    node: Node,
    action: Option<(Operation, View)>,
    mistakes: &mut Mistakes,
) -> Option<Vec<Parameter>> {
    let place = node.place;
    let Content::List(items) = node.content else {
        let text = format!(
            "`parameters` is {}; allowed: a list of parameters",
            node.content.kind()
        );
        mistakes.add(&place, text);
        return None;
    };
    let allowed = action.map_or(ParameterKey::ALL.to_vec(), |(operation, view)| {
        ParameterKey::of_action(operation, view)
    });
    let count = items.len();
    let mut seen: Vec<(ParameterKey, Place)> = Vec::new();
    let mut parameters = Vec::new();
    for item in items {
        let Some(mut fields) = Fields::open(item, &SHAPE, mistakes) else {
            continue;
        };
        let Some(key) = read_key(&mut fields, &allowed, &mut seen, mistakes) else {
            continue;
        };
        parameters.extend(read_parameter(key, &mut fields, mistakes));
    }
    let missing: Vec<&str> = allowed
        .iter()
        .filter(|key| !seen.iter().any(|(other, _)| other == *key))
        .map(|key| key.word())
        .collect();
    if action.is_some() && !missing.is_empty() {
        let all: Vec<&str> = allowed.iter().map(|key| key.word()).collect();
        let text = format!(
            "`parameters` lacks {}; this action needs: {}",
            missing.join(", "),
            all.join(", ")
        );
        mistakes.add(&place, text);
        return None;
    }
    (parameters.len() == count).then_some(parameters)
}

fn read_key(
    fields: &mut Fields,
    allowed: &[ParameterKey],
    seen: &mut Vec<(ParameterKey, Place)>,
    mistakes: &mut Mistakes,
) -> Option<ParameterKey> {
    let words: Vec<(&str, ParameterKey)> = allowed.iter().map(|key| (key.word(), *key)).collect();
    let (key, place) = fields.word("key", &words, mistakes)?;
    if let Some((_, first)) = seen.iter().find(|(other, _)| *other == key) {
        let text = format!(
            "the parameter `{}` stands here a second time, first at {first}",
            key.word()
        );
        mistakes.add(&place, format!("{text}; allowed: once"));
        return None;
    }
    seen.push((key, place));
    Some(key)
}

fn read_parameter(key: ParameterKey, fields: &mut Fields, mistakes: &mut Mistakes) -> Option<Parameter> {
    let label = fields.text("label", mistakes);
    let kind = fields.word("type", &[(key.kind().word(), key.kind())], mistakes);
    let belongs_to = fields.word(
        "belongs_to",
        &[(key.belongs_to().word(), key.belongs_to())],
        mistakes,
    );
    let secret = fields.boolean("secret", mistakes);
    let help = fields.text("help", mistakes);
    let required = fields.boolean("required", mistakes);
    let default = fields
        .take("default")
        .map(|node| read_default(key, node, mistakes));
    let fixed = fields.take("fixed").map(|node| read_fixed(key, node, mistakes));

    if let Some((false, place)) = &secret
        && key == ParameterKey::Password
    {
        mistakes.add(place, "a password is a secret; allowed: true");
        return None;
    }
    // Something must hold in the end: what is set, or what is the default, or what is fixed.
    if let (Some(Ok(default)), Some((required, place))) = (&default, &required)
        && fixed.is_none()
        && *required == default.is_some()
    {
        let text = if *required {
            "a required parameter has no default; allowed: false here, or `default: null`"
        } else {
            "a parameter without a default is required; allowed: true here, or a default"
        };
        mistakes.add(place, text);
        return None;
    }
    Some(Parameter {
        key,
        label: label?.0,
        kind: kind?.0,
        default: default?.ok()?,
        required: required?.0,
        secret: secret?.0,
        help: help?.0,
        belongs_to: belongs_to?.0,
        fixed: fixed.transpose().ok()?,
    })
}

/// The mistake has been told.
struct Told;

fn read_default(
    key: ParameterKey,
    node: Node,
    mistakes: &mut Mistakes,
) -> Result<Option<ParameterValue>, Told> {
    if key.belongs_to() == BelongsTo::Appliance {
        return read_default_of_appliance(key, &node, mistakes);
    }
    match node.content {
        Content::Null => Ok(None),
        _ => read_value(key, "default", node, mistakes).map(Some).ok_or(Told),
    }
}

/// An appliance is set up once for all actions, so that a manifest can only repeat what holds there.
fn read_default_of_appliance(
    key: ParameterKey,
    node: &Node,
    mistakes: &mut Mistakes,
) -> Result<Option<ParameterValue>, Told> {
    let (expected, allowed) = match key {
        ParameterKey::VerifyTls => (Some(true), "true"),
        ParameterKey::DisableProxies => (Some(false), "false"),
        _ => (None, "null"),
    };
    let written = match node.content {
        Content::Null => Some(None),
        Content::Boolean(value) => Some(Some(value)),
        _ => None,
    };
    if written == Some(expected) {
        return Ok(expected.map(ParameterValue::Boolean));
    }
    let text = format!(
        "`default` of `{}` is set by the appliance's table; allowed: {allowed}",
        key.word()
    );
    mistakes.add(&node.place, text);
    Err(Told)
}

fn read_fixed(key: ParameterKey, node: Node, mistakes: &mut Mistakes) -> Result<ParameterValue, Told> {
    if key.belongs_to() == BelongsTo::Appliance {
        let text = format!(
            "`{}` belongs to the appliance and cannot be fixed by an action",
            key.word()
        );
        mistakes.add(&node.place, format!("{text}; allowed: no `fixed` here"));
        return Err(Told);
    }
    read_value(key, "fixed", node, mistakes).ok_or(Told)
}

/// A value of a parameter that belongs to the configuration.
fn read_value(key: ParameterKey, field: &str, node: Node, mistakes: &mut Mistakes) -> Option<ParameterValue> {
    let place = node.place.clone();
    let allowed = match (key.kind(), &node.content) {
        (ParameterKind::ListType, Content::Text(text)) => {
            if let Some(list) = ListKind::parse(text) {
                return Some(ParameterValue::ListType(list));
            }
            "Blocklist or Safelist".to_owned()
        }
        (ParameterKind::ListType, _) => "Blocklist or Safelist".to_owned(),
        (ParameterKind::Number, content) => {
            if let Content::Number(number) = content
                && let Ok(number) = u32::try_from(*number)
                && (1..=OBJECTS_PER_RUN_MAX).contains(&number)
            {
                return Some(ParameterValue::Number(number));
            }
            format!("a whole number from 1 to {OBJECTS_PER_RUN_MAX}")
        }
        (ParameterKind::List, _) if key == ParameterKey::SenderList => {
            return read_list(field, node, mistakes).map(ParameterValue::Senders);
        }
        (ParameterKind::List, _) => {
            return read_list(field, node, mistakes).map(ParameterValue::Recipients);
        }
        // Kinds that only an appliance's parameters have; they never come here.
        (ParameterKind::Url | ParameterKind::Text | ParameterKind::Boolean, _) => "nothing".to_owned(),
    };
    mistakes.add(&place, format!("`{field}` of `{}` must be {allowed}", key.word()));
    None
}

fn read_list<E: ListEntry>(field: &str, node: Node, mistakes: &mut Mistakes) -> Option<Vec<E>> {
    let mut written = Vec::new();
    let items = match node.content {
        Content::Text(text) => {
            written.extend(split_commas(&text).map(|piece| (node.place.clone(), piece.to_owned())));
            vec![]
        }
        Content::List(items) => items,
        other => {
            let text = format!(
                "`{field}` is {}; allowed: a list, or text with commas",
                other.kind()
            );
            mistakes.add(&node.place, text);
            return None;
        }
    };
    for item in items {
        match item.content {
            Content::Text(text) => written.push((item.place, text)),
            other => {
                let text = format!(
                    "an entry of `{field}` is {}; allowed: {}",
                    other.kind(),
                    E::ALLOWED
                );
                mistakes.add(&item.place, text);
                return None;
            }
        }
    }
    read_entries(&written, &node.place, mistakes)
}
