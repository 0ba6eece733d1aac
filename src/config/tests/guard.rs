//! `[guard]`: which domains are one's own and why, and where each list of a configuration was written. The caps are
//! `caps.rs`'s.

use super::*;
use crate::model::{EntryKey, Level};

fn own_domains(config: &Config) -> Vec<(&str, &str)> {
    let own_domains = config.guard.own_domains.iter();
    own_domains
        .map(|own| (own.domain.as_str(), own.origin.as_str()))
        .collect()
}

#[test]
fn the_guard_has_its_defaults_and_takes_what_is_written() {
    let guard = good("", &[]).guard;
    assert_eq!(guard.caps, CapSettings::default());
    assert!(guard.own_domains.is_empty());
}

#[test]
fn own_domains_are_the_configured_ones_and_those_of_all_recipients_each_with_its_first_origin() {
    let directory = Directory::new();
    directory.write(
        "people.txt",
        "# finance\na@finance.example.com\nb@b\u{fc}cher.example\n",
    );
    let configuration = |name: &str, list: &str| {
        format!(
            "[configurations.{name}]\naction = \"cisco-esa-add-senders-to-quarantine-list\"\n\
             appliance = \"esa-1\"\n{list}\n"
        )
    };
    let text = [
        SMALL.replace(
            "\"a@example.com\"",
            "\n\"a@Example.com\", \"b@example.org\", \"c@[192.0.2.1]\"",
        ),
        configuration("c", "recipient_list = \"z@example.org, z@[IPv6:2001:db8::1]\""),
        configuration("d", "recipient_list_file = \"people.txt\""),
        "[guard]\nown_domains = [\n\"Example.NET.\",\n\"example.com\"]\n".to_owned(),
    ]
    .concat();
    let config = directory.read(&text, &[]).unwrap();
    assert_eq!(
        own_domains(&config),
        [
            ("example.com", "own_domains, doorlist.toml:23"),
            ("example.net", "own_domains, doorlist.toml:22"),
            (
                "example.org",
                "recipient_list of [configurations.block], doorlist.toml:10"
            ),
            (
                "finance.example.com",
                "recipient_list_file of [configurations.d], doorlist.toml:19"
            ),
            (
                "xn--bcher-kva.example",
                "recipient_list_file of [configurations.d], doorlist.toml:19"
            ),
        ]
    );
}

#[test]
fn what_is_protected_is_read_folded_with_the_line_of_each() {
    let text = "[guard]\nown_domains = 'example.com'\npartner_domains = [\n'Example.NET.',\n'example.org']\n\
                protected_addresses = ['CEO@Example.org', 'B\u{fc}cher.example']\n\
                protected_networks = ['192.0.2.0/24', '2001:db8::1']\n\
                protected_recipients = ['Board@example.com', 'law.example.com.']\n\
                [guard.rules]\nfreemail_domain = 'note'\nforeign_recipient = 'off'\n\
                [[guard.pinned]]\nlist = 'Safelist'\nsender = 'Partner.example.'\n\
                [[guard.pinned]]\nlist = 'blocklist'\nrecipient = 'Board@example.com'\nsender = '192.0.2.7'\n";
    let guard = good(text, &[]).guard;
    let shown = |configured: &[Configured<EntryKey>]| {
        let told = configured.iter();
        told.map(|one| format!("{} ({})", one.value.as_str(), one.origin))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        guard.own_domains_origin.as_deref(),
        Some("own_domains, doorlist.toml:2")
    );
    assert_eq!(
        guard.partner_domains,
        [
            Configured {
                value: "example.net".to_owned(),
                origin: "partner_domains, doorlist.toml:4".to_owned()
            },
            Configured {
                value: "example.org".to_owned(),
                origin: "partner_domains, doorlist.toml:5".to_owned()
            },
        ]
    );
    assert_eq!(
        shown(&guard.protected_addresses),
        [
            "ceo@example.org (protected_addresses, doorlist.toml:6)",
            "xn--bcher-kva.example (protected_addresses, doorlist.toml:6)"
        ]
    );
    assert_eq!(
        shown(&guard.protected_recipients),
        [
            "board@example.com (protected_recipients, doorlist.toml:8)",
            "law.example.com (protected_recipients, doorlist.toml:8)"
        ]
    );
    let networks: Vec<String> = guard
        .protected_networks
        .iter()
        .map(|one| one.value.to_string())
        .collect();
    assert_eq!(networks, ["192.0.2.0/24", "2001:db8::1/128"]);
    assert_eq!(
        guard.levels,
        [
            ("freemail_domain", Level::Note),
            ("foreign_recipient", Level::Off)
        ]
        .into()
    );
    let pinned: Vec<_> = guard
        .pinned
        .iter()
        .map(|pin| {
            let shown = |entry: &Option<EntryKey>| entry.as_ref().map(|entry| entry.as_str().to_owned());
            (
                pin.list,
                shown(&pin.recipient),
                shown(&pin.sender),
                pin.origin.as_str(),
            )
        })
        .collect();
    assert_eq!(
        pinned,
        [
            (
                ListKind::Safelist,
                None,
                Some("partner.example".to_owned()),
                "guard.pinned, doorlist.toml:12"
            ),
            (
                ListKind::Blocklist,
                Some("board@example.com".to_owned()),
                Some("192.0.2.7".to_owned()),
                "guard.pinned, doorlist.toml:15"
            ),
        ]
    );
    let nothing = good("", &[]).guard;
    assert_eq!(nothing, GuardSettings::default());
}

#[test]
fn a_company_that_may_be_blocked_by_itself_is_told_at_every_start() {
    for (level, is_told) in [("refuse", false), ("note", true), ("off", true)] {
        let config = good(&format!("[guard.rules]\nown_domain = '{level}'\n"), &[]);
        let expected: Vec<String> = is_told
            .then(|| {
                format!(
                    "doorlist.toml:2:14: own_domain = \"{level}\" lets your own domains be put on a list; write \
                     \"refuse\", and let single entries pass where they have to"
                )
            })
            .into_iter()
            .collect();
        assert_eq!(config.warnings, expected, "{level}");
    }
}

#[test]
fn own_domains_are_read_from_text_with_commas_too() {
    let config = good("[guard]\nown_domains = 'example.org, example.com,'\n", &[]);
    let expected = "own_domains, doorlist.toml:2";
    assert_eq!(
        own_domains(&config),
        [("example.com", expected), ("example.org", expected)]
    );
}

#[test]
fn a_configuration_tells_where_its_list_was_written() {
    let list = "recipient_list = [\"a@example.com\"]";
    let adds_recipients = SMALL.replace("add-senders", "add-recipients");
    let deletes = SMALL.replace("add-senders-to", "delete-senders-from");
    let directory = Directory::new();
    directory.write("list.txt", "a@example.com\n");
    for (text, expected) in [
        (
            SMALL.to_owned(),
            "recipient_list of [configurations.block], doorlist.toml:10",
        ),
        (
            SMALL.replace(list, "recipient_list_file = 'list.txt'"),
            "recipient_list_file of [configurations.block], doorlist.toml:10",
        ),
        (
            adds_recipients.replace(list, "sender_list = 'example.org'"),
            "sender_list of [configurations.block], doorlist.toml:10",
        ),
        (
            adds_recipients.replace(list, "sender_list_file = 'list.txt'"),
            "sender_list_file of [configurations.block], doorlist.toml:10",
        ),
        (deletes.replace(list, ""), ""),
    ] {
        let config = directory.read(&text, &[]).unwrap();
        assert_eq!(config.configurations["block"].counterpart_origin, expected);
    }
}

#[test]
fn a_list_that_the_action_sets_is_told_as_its() {
    let manifest = FINANCE
        .replace("id: block-senders-for-finance", "id: block-for-one")
        .replace(
            "type: list\n    default: null\n    required: true",
            "type: list\n    default: a@example.com\n    required: false",
        );
    let directory = Directory::new();
    std::fs::create_dir(directory.0.path().join("manifests")).unwrap();
    directory.write("manifests/one.yaml", &manifest);
    let text = SMALL
        .replace("cisco-esa-add-senders-to-quarantine-list", "block-for-one")
        .replace("recipient_list = [\"a@example.com\"]", "");
    let config = directory.read(&text, &[]).unwrap();
    let expected = "recipient_list of the action `block-for-one`";
    assert_eq!(config.configurations["block"].counterpart_origin, expected);
    assert_eq!(own_domains(&config), [("example.com", expected)]);
}

#[test]
fn adding_without_any_own_domain_warns_and_deleting_does_not() {
    let list = "recipient_list = [\"a@example.com\"]";
    let at_a_literal = SMALL.replace("a@example.com", "a@[192.0.2.1]");
    let adds_recipients = SMALL
        .replace("add-senders", "add-recipients")
        .replace(list, "sender_list = 'example.org'");
    let deletes = SMALL
        .replace("add-senders-to", "delete-senders-from")
        .replace(list, "");
    let words = "no domain is known as your own, so that nothing keeps it off a list; write own_domains = \
                 [\"example.com\"] under [guard]";
    for (text, expected) in [
        (adds_recipients.clone(), Some("doorlist.toml")),
        (at_a_literal, Some("doorlist.toml")),
        (
            format!("{adds_recipients}[guard]\nown_domains = []\n"),
            Some("doorlist.toml:11:2"),
        ),
        (
            format!("{adds_recipients}[guard]\nown_domains = ['example.com']\n"),
            None,
        ),
        (deletes, None),
        (SMALL.to_owned(), None),
    ] {
        let expected: Vec<String> = expected
            .map(|place| format!("{place}: {words}"))
            .into_iter()
            .collect();
        assert_eq!(good(&text, &[]).warnings, expected, "{text}");
    }
}
