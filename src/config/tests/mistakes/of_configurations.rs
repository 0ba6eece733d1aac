//! `[configurations.NAME]`: one row for every rule.

use super::{Directory, SMALL, check, message};

#[test]
fn of_a_configuration() {
    let list = "recipient_list = [\"a@example.com\"]";
    let action = "\"cisco-esa-add-senders-to-quarantine-list\"";
    check(&[
        (
            "action =",
            "acton =",
            "doorlist.toml:8:1: unknown key `acton` in [configurations.block]; known keys: action, \
             appliance,",
        ),
        (
            "action =",
            "list_type = 'blocklist' #",
            "doorlist.toml:7:17: [configurations.block] lacks `action`; write the id of one: \
             block-senders-for-finance,",
        ),
        (
            "cisco-esa-add-senders",
            "cisco-esa-add-sender",
            "doorlist.toml:8:10: unknown action `cisco-esa-add-sender-to-quarantine-list` in \
             [configurations.block]; known actions: block-senders-for-finance,",
        ),
        (
            "appliance = \"esa-1\"",
            "appliance = 'esa-2'",
            "doorlist.toml:9:13: unknown appliance `esa-2` in [configurations.block]; known appliances: \
             esa-1; did you mean `esa-1`?",
        ),
        (
            "appliance = \"esa-1\"",
            "appliances = ['esa-1', 'x']",
            "doorlist.toml:9:24: unknown appliance `x` in [configurations.block]; known appliances: esa-1",
        ),
        (
            "appliance = \"esa-1\"",
            "appliances = ['esa-1', 'esa-1']",
            "doorlist.toml:9:24: the appliance `esa-1` stands in [configurations.block] twice",
        ),
        (
            "appliance = \"esa-1\"",
            "appliances = []",
            "doorlist.toml:9:14: `appliances` in [configurations.block] is empty; write at least one name",
        ),
        (
            "appliance = \"esa-1\"",
            "appliance = 'esa-1'\nappliances = ['esa-1']",
            "doorlist.toml:9:13: [configurations.block] has both `appliance` and `appliances`; take one of \
             them out",
        ),
        (
            "appliance = \"esa-1\"",
            "",
            "doorlist.toml:7:17: [configurations.block] lacks `appliance`; write the name of one, or \
             `appliances` with several",
        ),
        (
            list,
            "",
            "doorlist.toml:7:17: [configurations.block] lacks `recipient_list`, which the action \
             `cisco-esa-add-senders-to-quarantine-list` needs",
        ),
        (
            list,
            "recipient_list = []",
            "doorlist.toml:10:18: the list is empty; allowed: at least one recipient, a mail address",
        ),
        (
            list,
            "recipient_list = ' , '",
            "doorlist.toml:10:18: the list is empty; allowed: at least one recipient",
        ),
        (
            list,
            "recipient_list = [5]",
            "doorlist.toml:10:18: `recipient_list` in [configurations.block] must be an array of texts, or \
             one text with commas",
        ),
        (
            list,
            "recipient_list = [\n'a@example.com',\n'example.com']",
            "doorlist.toml:12:1: `example.com` cannot be a recipient; allowed: a mail address; not a mail \
             address",
        ),
        (
            list,
            "recipient_list = 'a@example.com, A@EXAMPLE.com'",
            "doorlist.toml:10:18: `A@EXAMPLE.com` stands in the list twice, first at doorlist.toml:10:18; \
             take one out",
        ),
        (
            list,
            "recipient_list = 'a@example.com'\nrecipient_list_file = 'x'",
            "doorlist.toml:10:18: [configurations.block] has both `recipient_list` and \
             `recipient_list_file`; take one of them out",
        ),
        (
            list,
            "recipient_list_file = 'missing.txt'",
            "doorlist.toml:10:23: the file ",
        ),
        (
            list,
            "recipient_list = 'a@example.com'\nsender_list = 'example.org'",
            "doorlist.toml:11:15: `sender_list` has no use in [configurations.block]: the action \
             `cisco-esa-add-senders-to-quarantine-list` needs `recipient_list` instead; take this line out",
        ),
        (
            list,
            "recipient_list = 'a@example.com'\nsender_list_file = 'x'",
            "doorlist.toml:11:20: `sender_list_file` has no use in [configurations.block]",
        ),
        (
            action,
            "'cisco-esa-delete-senders-from-quarantine-list'",
            "doorlist.toml:10:18: `recipient_list` has no use in [configurations.block]: the action \
             `cisco-esa-delete-senders-from-quarantine-list` deletes for everybody and needs no list",
        ),
        (
            list,
            "recipient_list = 'a@example.com'\nlist_type = 'greylist'",
            "doorlist.toml:11:13: `list_type` in [configurations.block] must be \"blocklist\" or \
             \"safelist\"",
        ),
        (
            list,
            "recipient_list = 'a@example.com'\nobjects_per_run = 0",
            "doorlist.toml:11:19: `objects_per_run` in [configurations.block] must be a whole number from 1 \
             to 100000",
        ),
        (
            list,
            "recipient_list = 'a@example.com'\nobjects_per_run = 100001",
            "doorlist.toml:11:19: `objects_per_run` in [configurations.block] must be a whole number from 1 \
             to 100000",
        ),
        (
            list,
            "recipient_list = 'a@example.com'\ndeploy_statuses = []",
            "doorlist.toml:11:19: `deploy_statuses` must name at least one status, and no empty one",
        ),
        (
            list,
            "recipient_list = 'a@example.com'\nadded_pairs_per_run_max = 0",
            "doorlist.toml:11:27: `added_pairs_per_run_max` in [configurations.block] must be a whole number \
             from 1 to 1000000",
        ),
    ]);
    let deletion = SMALL.replace("add-senders-to", "delete-senders-from").replace(
        "recipient_list = [\"a@example.com\"]",
        "deploy_statuses = ['Active']",
    );
    let expected = "doorlist.toml:10:19: `deploy_statuses` is for additions; the action \
                    `cisco-esa-delete-senders-from-quarantine-list` deletes whatever the status; take this line \
                    out";
    assert_eq!(message(&deletion, &[]), expected);
    let addition = SMALL.replace(
        "recipient_list = [\"a@example.com\"]",
        "recipient_list = [\"a@example.com\"]\ndelete_scope = 'ours'",
    );
    let expected = "doorlist.toml:11:16: `delete_scope` is for deletions; the action \
                    `cisco-esa-add-senders-to-quarantine-list` adds; take this line out";
    assert_eq!(message(&addition, &[]), expected);
    for (action, key, direction) in [
        (
            "add-senders-to",
            "removed_pairs_per_run_max",
            "deletions; the action `cisco-esa-add-senders-to-quarantine-list` adds",
        ),
        (
            "add-senders-to",
            "removed_pairs_per_hour_max",
            "deletions; the action `cisco-esa-add-senders-to-quarantine-list` adds",
        ),
        (
            "add-senders-to",
            "removed_share_max_percent",
            "deletions; the action `cisco-esa-add-senders-to-quarantine-list` adds",
        ),
        (
            "add-senders-to",
            "removed_share_floor_pairs",
            "deletions; the action `cisco-esa-add-senders-to-quarantine-list` adds",
        ),
        (
            "delete-senders-from",
            "added_pairs_per_run_max",
            "additions; the action `cisco-esa-delete-senders-from-quarantine-list` deletes",
        ),
        (
            "delete-senders-from",
            "added_pairs_per_hour_max",
            "additions; the action `cisco-esa-delete-senders-from-quarantine-list` deletes",
        ),
    ] {
        let list = if action.starts_with("add") {
            "recipient_list = [\"a@example.com\"]"
        } else {
            ""
        };
        let text = SMALL.replace("add-senders-to", action).replace(
            "recipient_list = [\"a@example.com\"]",
            &format!("{key} = 7\n{list}"),
        );
        let column = key.len() + 4;
        let expected = format!("doorlist.toml:10:{column}: `{key}` is for {direction}; take this line out");
        assert_eq!(message(&text, &[]), expected);
    }
    let senders = SMALL
        .replace("add-senders", "add-recipients")
        .replace("recipient_list", "sender_list");
    let senders = senders.replace("a@example.com", "https://example.org/login");
    let expected = "doorlist.toml:10:16: `https://example.org/login` cannot be a sender; allowed: a mail \
                    address, a domain or an IP address; a URL, not a sender. Did you mean \
                    example.org?";
    assert_eq!(message(&senders, &[]), expected);
}

#[test]
fn of_a_list_file_stand_at_the_line_of_that_file() {
    let directory = Directory::new();
    directory.write(
        "people.txt",
        "# finance\n\n  a@example.com\nexample.com # not a mailbox\na@example.com\n",
    );
    let text = SMALL.replace(
        "recipient_list = [\"a@example.com\"]",
        "recipient_list_file = 'people.txt'",
    );
    let message = directory.read(&text, &[]).unwrap_err().to_string();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines.len(), 2, "{message}");
    assert!(
        lines[0].contains("people.txt:4:1: `example.com` cannot be a recipient"),
        "{message}"
    );
    assert!(
        lines[1].contains("people.txt:5:1: `a@example.com` stands in the list twice, first at "),
        "{message}"
    );
    assert!(lines[1].contains("people.txt:3:3; take one out"), "{message}");
}
