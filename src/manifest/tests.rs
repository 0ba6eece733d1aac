//! The built-in actions, the file that adds one without code, and what callers are told about them.
//! `tests/mistakes.rs` has one row for every rule.

mod mistakes;

use super::*;
use crate::model::ListKind;

const FINANCE: &str = include_str!("../../tests/data/block-senders-for-finance.yaml");

/// The built-in files and one more, as if it lay in a directory.
fn load_with(text: &str) -> Result<Actions, ManifestError> {
    load_with_all(&[("finance.yaml", text)])
}

fn load_with_all(extra: &[(&str, &str)]) -> Result<Actions, ManifestError> {
    let files: Vec<(String, String)> = BUILT_IN
        .iter()
        .chain(extra)
        .map(|(source, text)| ((*source).to_owned(), (*text).to_owned()))
        .collect();
    Actions::from_files(&files, Mistakes::new())
}

#[test]
fn the_four_actions_are_built_in_under_threatqs_names() {
    let actions = Actions::load(None).unwrap();
    let ids: Vec<&str> = actions.iter().map(|action| action.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "cisco-esa-add-recipients-to-quarantine-list",
            "cisco-esa-add-senders-to-quarantine-list",
            "cisco-esa-delete-recipients-from-quarantine-list",
            "cisco-esa-delete-senders-from-quarantine-list",
        ]
    );
    for action in actions.iter() {
        assert_eq!(action.id, action.name.to_lowercase().replace(' ', "-"));
        let labels: Vec<&str> = action
            .parameters
            .iter()
            .map(|parameter| parameter.label.as_str())
            .collect();
        let mut expected = vec![
            "Cisco ESA URL",
            "Cisco ESA Username",
            "Cisco ESA Password",
            "List Type",
        ];
        expected.extend(match (action.operation, action.view) {
            (Operation::Add, View::Sender) => Some("Recipient List"),
            (Operation::Add, View::Recipient) => Some("Sender List"),
            (Operation::Delete, _) => None,
        });
        expected.extend(["Enable SSL Verification", "Disable Proxies", "Objects per run"]);
        assert_eq!(labels, expected, "{}", action.id);
        let inverse = actions.get(action.inverse_action.as_deref().unwrap()).unwrap();
        assert_eq!(inverse.inverse_action.as_deref(), Some(action.id.as_str()));
    }
}

#[test]
fn sender_actions_take_four_types_and_recipient_actions_mailboxes_alone() {
    let actions = Actions::load(None).unwrap();
    for action in actions.iter() {
        let is_sender = action.view == View::Sender;
        for (indicator_type, expected) in [
            (IndicatorType::EmailAddress, true),
            (IndicatorType::Fqdn, is_sender),
            (IndicatorType::IpAddress, is_sender),
            (IndicatorType::Ipv6Address, is_sender),
            (IndicatorType::EmailDestination, !is_sender),
        ] {
            assert_eq!(
                action.accepts(indicator_type),
                expected,
                "{} {indicator_type}",
                action.id
            );
        }
    }
    let finance = load_with(FINANCE).unwrap();
    let finance = finance.get("block-senders-for-finance").unwrap();
    assert!(
        !finance.accepts(IndicatorType::EmailAddress) && !finance.accepts(IndicatorType::EmailDestination)
    );
}

#[test]
fn every_manifest_has_its_keys_in_the_same_order() {
    let top_keys = |text: &str| -> Vec<String> {
        let keys = text.lines().filter(|line| !line.starts_with([' ', '#']));
        keys.filter_map(|line| line.split_once(':'))
            .map(|(key, _)| key.to_owned())
            .collect()
    };
    let texts: Vec<&str> = BUILT_IN.iter().map(|(_, text)| *text).chain([FINANCE]).collect();
    for text in &texts {
        assert_eq!(top_keys(text), top_keys(texts[0]));
    }
}

#[test]
fn a_file_in_the_directory_adds_an_action_with_a_fixed_list_type() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("finance.yml"), FINANCE).unwrap();
    std::fs::write(directory.path().join("notes.txt"), "not a manifest").unwrap();
    let actions = Actions::load(Some(directory.path())).unwrap();
    assert_eq!(actions.iter().count(), 5);
    let action = actions.get("block-senders-for-finance").unwrap();
    assert_eq!(action.accepted_types, [IndicatorType::Fqdn]);
    let list_type = action.parameter(ParameterKey::ListType).unwrap();
    assert_eq!(
        list_type.fixed,
        Some(ParameterValue::ListType(ListKind::Blocklist))
    );
}

#[test]
fn the_json_of_an_action_speaks_the_words_of_its_manifest() {
    let actions = load_with(FINANCE).unwrap();
    let json = serde_json::to_value(actions.get("block-senders-for-finance").unwrap()).unwrap();
    assert_eq!(json["operation"], "add");
    assert_eq!(json["view"], "sender");
    assert_eq!(json["accepted_types"], serde_json::json!(["FQDN"]));
    assert_eq!(
        json["parameters"][3],
        serde_json::json!({
            "key": "list_type", "label": "List Type", "type": "list_type", "default": "blocklist",
            "required": false, "secret": false, "help": "This action changes the blocklist, never the \
             safelist.",
            "belongs_to": "configuration", "fixed": "blocklist",
        })
    );
    assert_eq!(json["parameters"][0]["default"], serde_json::Value::Null);
    assert_eq!(json["parameters"][0].get("fixed"), None);
    assert_eq!(json["parameters"][5]["default"], true);
}

#[test]
fn a_missing_directory_or_an_unreadable_file_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    let message = Actions::load(Some(&missing)).unwrap_err().to_string();
    assert!(
        message.contains("missing: cannot be read as a directory of manifests"),
        "{message}"
    );
    std::fs::write(directory.path().join("latin.yaml"), b"name: \xe9").unwrap();
    let message = Actions::load(Some(directory.path())).unwrap_err().to_string();
    assert!(message.contains("latin.yaml: cannot be read"), "{message}");
}
