//! Every rule of a manifest, with the place and words that a person gets when it is broken.

use super::super::BUILT_IN;
use super::{FINANCE, load_with, load_with_all};

/// What is replaced in the finance manifest, by what, and what the message must then contain.
#[test]
fn every_mistake_is_told_with_file_line_column_and_what_is_allowed() {
    let mut wrong = Vec::new();
    for (written, instead, expected) in [
        (
            "name: Block",
            "nam: Block",
            "finance.yaml:3:1: unknown key `nam` of a manifest; allowed keys: id, name,",
        ),
        ("name: Block", "nam: Block", "did you mean `name`?"),
        (
            "name: Block",
            "nam: Block",
            "finance.yaml:2:1: a manifest lacks the key `name`; it needs: id, name,",
        ),
        (
            "version:",
            "name: Again\nversion:",
            "finance.yaml:4:1: key `name` stands here a second time, first at",
        ),
        (
            "version: 1.0.0",
            "version: 1.0",
            "finance.yaml:4:10: `version` must be text, not a number; put it in quotes",
        ),
        (
            "version: 1.0.0",
            "version:",
            "finance.yaml:4:8: `version` is empty; allowed: text",
        ),
        (
            "version: 1.0.0",
            "version: [1]",
            "finance.yaml:4:10: `version` must be text, not a list",
        ),
        (
            "id: block-",
            "id: Block_",
            "finance.yaml:2:5: `id` is part of a URL; allowed: lower-case letters",
        ),
        (
            "id: block-senders-for-finance",
            "id: cisco-esa-add-senders-to-quarantine-list",
            "finance.yaml:2:5: the id `cisco-esa-add-senders-to-quarantine-list` is taken by \
             action-manifests/",
        ),
        (
            "operation: add",
            "operation: ad",
            "finance.yaml:6:12: unknown `operation` `ad`; allowed: add, delete; did you",
        ),
        (
            "view: sender",
            "view: domain",
            "finance.yaml:7:7: unknown `view` `domain`; allowed: sender, recipient",
        ),
        (
            "  - FQDN",
            "  - URL",
            "finance.yaml:9:5: unknown accepted type `URL`; allowed: Email Address, FQDN, IP Ad",
        ),
        (
            "  - FQDN",
            "  - FQDN\n  - FQDN",
            "finance.yaml:10:5: the type `FQDN` stands here a second time",
        ),
        (
            "  - FQDN",
            "  - 5",
            "finance.yaml:9:5: an accepted type is a number; allowed: Email Address",
        ),
        (
            "types:\n  - FQDN",
            "types: []",
            "finance.yaml:8:17: `accepted_types` is a list; allowed: a list of at least one",
        ),
        (
            "view: sender",
            "view: recipient",
            "finance.yaml:9:5: unknown accepted type of a recipient action `FQDN`; allowed: Email Address",
        ),
        (
            "view: sender",
            "view: recipient",
            "unknown `key` `recipient_list`; allowed: url, username, password,",
        ),
        (
            "view: sender",
            "view: recipient",
            "`parameters` lacks sender_list; this action needs: url, username",
        ),
        (
            "operation: add",
            "operation: delete",
            "unknown `key` `recipient_list`; allowed: url, username, password,",
        ),
        (
            "- key: objects_per_run",
            "- key: objects_per_rum",
            "unknown `key` `objects_per_rum`; allowed: url, username",
        ),
        (
            "- key: objects_per_run",
            "- key: objects_per_rum",
            "finance.yaml:11:3: `parameters` lacks objects_per_run",
        ),
        (
            "- key: username",
            "- key: url",
            "finance.yaml:19:10: the parameter `url` stands here a second time, first",
        ),
        (
            "    label: List Type\n",
            "",
            "finance.yaml:35:5: a parameter lacks the key `label`; it needs: key, label,",
        ),
        (
            "label: List Type",
            "labels: List Type",
            "finance.yaml:36:5: unknown key `labels` of a parameter; allowed keys:",
        ),
        (
            "label: List Type",
            "key: List Type",
            "finance.yaml:36:5: key `key` stands here a second time, first at finan",
        ),
        (
            "type: list_type",
            "type: text",
            "finance.yaml:37:11: unknown `type` `text`; allowed: list_type",
        ),
        (
            "required: true",
            "required: \"yes\"",
            "finance.yaml:15:15: `required` is text; allowed: true, false",
        ),
        (
            "secret: true",
            "secret: false",
            "finance.yaml:32:13: a password is a secret; allowed: true",
        ),
        (
            "belongs_to: appliance",
            "belongs_to: nobody",
            "unknown `belongs_to` `nobody`; allowed: appliance",
        ),
        (
            "fixed: Blocklist",
            "fixed: true",
            "finance.yaml:43:12: `fixed` of `list_type` must be Blocklist or Safelist",
        ),
        (
            "fixed: Blocklist",
            "fixed: Greylist",
            "finance.yaml:43:12: `fixed` of `list_type` must be",
        ),
        (
            "default: Blocklist",
            "default: 1",
            "finance.yaml:38:14: `default` of `list_type` must be Bl",
        ),
        (
            "default: 100\n",
            "default: 0\n",
            "`default` of `objects_per_run` must be a whole number from 1 to 100000",
        ),
        (
            "default: true",
            "default: false",
            "`default` of `verify_tls` is set by the appliance's table; allowed: true",
        ),
        (
            "default: null",
            "default: https://a",
            "`default` of `url` is set by the appliance's table; allowed: null",
        ),
        (
            "    belongs_to: appliance\n  - key: username",
            "    belongs_to: appliance\n    fixed: https://a\n  - key: username",
            "finance.yaml:19:12: `url` belongs to the appliance and cannot be fixed by an action; allowed: \
             no `fixed`",
        ),
        (
            "default: 100\n    required: false",
            "default: 100\n    required: true",
            "a required parameter has no default",
        ),
        (
            "default: 100\n",
            "default: null\n",
            "a parameter without a default is required; allowed: true here, or",
        ),
        (
            "    label: Recipient List\n    type: list\n    default: null",
            "    label: Recipient List\n    type: list\n    default: [a@example.com, example.org]",
            "finance.yaml:47:30: `example.org` cannot be a recipient; allowed: a mail address; not a mail \
             address",
        ),
        (
            "    label: Recipient List\n    type: list\n    default: null",
            "    label: Recipient List\n    type: list\n    default: a@example.com, A@example.com",
            "finance.yaml:47:14: `A@example.com` stands in the list twice, first at finance.yaml:47:14",
        ),
        (
            "parameters:",
            "parameters: {}\nx:",
            "finance.yaml:10:13: `parameters` is a map; allowed: a list of parameters",
        ),
        (
            "inverse_action: cisco-esa-delete-senders",
            "inverse_action: cisco-esa-delete-sender",
            "unknown action `cisco-esa-delete-sender-from-quarantine-list` as `inverse_action`; allowed: \
             null, or one of",
        ),
        (
            "inverse_action: cisco-esa-delete-senders-from-quarantine-list",
            "inverse_action: cisco-esa-add-senders-to-quarantine-list",
            "does not do the opposite of `block-senders-for-finance`; allowed: an action of the other \
             operation",
        ),
        (
            "inverse_action: cisco",
            "inverse_action: 5 #",
            "`inverse_action` is a number; allowed: the id of an action",
        ),
        ("id: block", "id: [block", "not readable as YAML: "),
    ] {
        assert!(
            FINANCE.contains(written),
            "{written} is not in the manifest any more"
        );
        let text = FINANCE.replacen(written, instead, 1);
        let message = load_with(&text).unwrap_err().to_string();
        if !message.contains(expected) || !message.lines().all(|line| line.starts_with("finance.yaml:")) {
            wrong.push(format!(
                "{written:?} -> {instead:?} gave\n{message}\nand not {expected}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_file_without_a_map_is_told_which_keys_it_needs() {
    for text in ["", "# nothing\n", "- a\n", "5\n"] {
        let message = load_with(text).unwrap_err().to_string();
        assert!(message.starts_with("finance.yaml"), "{text:?} gave {message}");
        assert!(
            message.contains("a manifest must be a map"),
            "{text:?} gave {message}"
        );
    }
}

#[test]
fn all_mistakes_of_all_files_come_at_once_from_top_to_bottom() {
    let first = FINANCE
        .replace("operation: add", "operation: ad")
        .replace("name: Block", "nam: Block");
    let second = FINANCE
        .replace("block-senders-for-finance", "other")
        .replace("secret: true", "secret: 1");
    let message = load_with_all(&[("b.yaml", &second), ("a.yaml", &first)])
        .unwrap_err()
        .to_string();
    let places: Vec<&str> = message
        .lines()
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert_eq!(
        places,
        ["a.yaml:2:1", "a.yaml:3:1", "a.yaml:6:12", "b.yaml:32:13"],
        "{message}"
    );
}

#[test]
fn a_mistake_elsewhere_in_the_inverse_action_is_told_there_alone() {
    let inverse = BUILT_IN[3]
        .1
        .replace("id: cisco-esa-delete-senders-from-quarantine-list", "id: unblock");
    let inverse = inverse.replace("version: 1.0.0", "version: 1");
    let action = FINANCE.replace(
        "inverse_action: cisco-esa-delete-senders-from-quarantine-list",
        "inverse_action: unblock",
    );
    let message = load_with_all(&[("a.yaml", &action), ("b.yaml", &inverse)])
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "b.yaml:4:10: `version` must be text, not a number; put it in quotes"
    );
}
