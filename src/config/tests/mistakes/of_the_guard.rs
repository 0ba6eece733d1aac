//! `[guard]`: one row for every rule.

use super::message;

#[test]
fn of_the_guard() {
    for (table, expected) in [
        (
            "own_domain = 'example.com'",
            "doorlist.toml:2:1: unknown key `own_domain` in [guard]; known keys: own_domains, \
             own_domains_file, warninglists, warninglist_levels, partner_domains, protected_addresses, \
             protected_networks, protected_recipients, pinned, rules, added_pairs_per_run_max, \
             removed_pairs_per_run_max, added_pairs_per_hour_max, removed_pairs_per_hour_max, \
             removed_share_max_percent, removed_share_floor_pairs; did you mean `own_domains`?",
        ),
        (
            "own_domains = 5",
            "doorlist.toml:2:15: `own_domains` in [guard] must be an array of texts, or one text with commas",
        ),
        (
            "own_domains = ['example.com', 'com']",
            "doorlist.toml:2:31: `com` cannot be an own domain; allowed: a name such as \"example.com\", which \
             stands for its subdomains too; a single label; a top-level domain or host name alone cannot be \
             listed",
        ),
        (
            "own_domains = '*.example.com'",
            "doorlist.toml:2:15: `*.example.com` cannot be an own domain; allowed: a name such as \
             \"example.com\", which stands for its subdomains too; not a domain name",
        ),
        (
            "own_domains = '192.0.2.1'",
            "doorlist.toml:2:15: `192.0.2.1` cannot be an own domain; allowed:",
        ),
        (
            "own_domains = ['']",
            "doorlist.toml:2:16: `` cannot be an own domain; allowed:",
        ),
        (
            "own_domains = ['example.com', 'Example.COM.']",
            "doorlist.toml:2:31: `Example.COM.` stands in `own_domains` twice, first at doorlist.toml:2:16; \
             take one out",
        ),
        (
            "own_domains = 'example.com'\npartner_domains = ['example.net', 'Example.com.']",
            "doorlist.toml:3:35: `Example.com.` is your own domain (own_domains, doorlist.toml:2), and is no \
             partner's; take one out",
        ),
        (
            "partner_domains = ['a.example', 'A.example']",
            "doorlist.toml:2:33: `A.example` stands in `partner_domains` twice, first at doorlist.toml:2:20; take one out",
        ),
        (
            "partner_domains = 'x@example.com'",
            "doorlist.toml:2:19: `x@example.com` cannot be a partner's domain; allowed: a name such as",
        ),
        (
            "own_domains = 'example.com'\nprotected_addresses = ['a@example.com', 'Example.COM']",
            "doorlist.toml:3:41: `Example.COM` is protected already, as your own domain (own_domains, \
             doorlist.toml:2); take one out",
        ),
        (
            "protected_addresses = ['ceo@example.com', 'CEO@Example.com.']",
            "doorlist.toml:2:43: `CEO@Example.com.` stands in `protected_addresses` twice, first at doorlist.toml:2:24",
        ),
        (
            "protected_addresses = '192.0.2.1'",
            "doorlist.toml:2:23: `192.0.2.1` is an IP address; allowed: an address such as \"ceo@example.com\", or a \
             domain, which stands for its subdomains too; write it in `protected_networks`",
        ),
        (
            "protected_addresses = '*.example.com'",
            "doorlist.toml:2:23: `*.example.com` cannot be protected; allowed: an address such as",
        ),
        (
            "protected_networks = ['192.0.2.0/24', '192.0.2.0/33']",
            "doorlist.toml:2:39: in `protected_networks` of [guard]: `192.0.2.0/33` is not an IP address or network; \
             allowed: \"192.0.2.7\"",
        ),
        (
            "protected_networks = ['192.0.2.7/32', '192.0.2.7']",
            "doorlist.toml:2:39: `192.0.2.7` stands in `protected_networks` twice, first at doorlist.toml:2:23",
        ),
        (
            "protected_networks = 'example.com'",
            "doorlist.toml:2:22: in `protected_networks` of [guard]: `example.com` is not an IP address or network",
        ),
        (
            "protected_recipients = ['a@example.com', 'com']",
            "doorlist.toml:2:42: `com` cannot be a protected mailbox; allowed: an address such as \
             \"board@example.com\", or a domain, which stands for all mailboxes there and below; a single label",
        ),
        (
            "protected_recipients = ['a@example.com', 'A@example.com']",
            "doorlist.toml:2:42: `A@example.com` stands in `protected_recipients` twice",
        ),
        (
            "rules = 5",
            "doorlist.toml:2:9: `guard.rules` must be a table, [guard.rules]",
        ),
        (
            "rules = { freemail_domain = 'warn' }",
            "doorlist.toml:2:29: `freemail_domain` in [guard.rules] must be \"refuse\" or \"note\" or \"off\"",
        ),
        (
            "rules = { protected_address = 'off' }",
            "doorlist.toml:2:11: unknown key `protected_address` in [guard.rules]; known keys: own_domain, \
             public_suffix, special_network, freemail_domain, warninglist, outside_partner_domains, foreign_recipient",
        ),
        (
            "pinned = 5",
            "doorlist.toml:2:10: `guard.pinned` must be tables, each under [[guard.pinned]]",
        ),
        (
            "pinned = { list = 'blocklist' }",
            "doorlist.toml:2:10: `guard.pinned` must be tables, each under [[guard.pinned]]",
        ),
        (
            "[[guard.pinned]]\nlist = 'greylist'\nsender = 'a.example'",
            "doorlist.toml:3:8: `list` in [[guard.pinned]] must be \"blocklist\" or \"safelist\"",
        ),
        (
            "[[guard.pinned]]\nsender = 'a.example'",
            "doorlist.toml:2:1: [[guard.pinned]] lacks `list`; write \"blocklist\" or \"safelist\"",
        ),
        (
            "[[guard.pinned]]\nlist = 'safelist'",
            "doorlist.toml:2:1: [[guard.pinned]] names nothing; write `recipient`, `sender`, or both",
        ),
        (
            "[[guard.pinned]]\nlist = 'safelist'\nrecipient = 'example.com'",
            "doorlist.toml:4:13: `recipient` must be one mailbox, an address; ",
        ),
        (
            "[[guard.pinned]]\nlist = 'safelist'\nsender = 'com'",
            "doorlist.toml:4:10: `sender` must be an entry as it stands on the list: an address, a domain, or an IP \
             address; ",
        ),
        (
            "[[guard.pinned]]\nlist = 'safelist'\nsenders = 'a.example'\nsender = 'a.example'",
            "doorlist.toml:4:1: unknown key `senders` in [[guard.pinned]]; known keys: list, recipient, sender; did \
             you mean `sender`?",
        ),
        (
            "[[guard.pinned]]\nlist = 'safelist'\nsender = 'a.example'\n[[guard.pinned]]\nlist = 'safelist'\n\
             sender = 'A.example.'",
            "doorlist.toml:5:1: the same is pinned before (guard.pinned, doorlist.toml:2); take one out",
        ),
        (
            "added_pairs_per_run_max = 0",
            "doorlist.toml:2:27: `added_pairs_per_run_max` in [guard] must be a whole number from 1 to 1000000",
        ),
        (
            "removed_pairs_per_run_max = 1000001",
            "doorlist.toml:2:29: `removed_pairs_per_run_max` in [guard] must be a whole number from 1 to \
             1000000",
        ),
        (
            "removed_pairs_per_run_max = 'all'",
            "doorlist.toml:2:29: `removed_pairs_per_run_max` in [guard] must be a whole number",
        ),
        (
            "removed_pairs_per_hour_max = 0",
            "doorlist.toml:2:30: `removed_pairs_per_hour_max` in [guard] must be a whole number from 1 to \
             1000000",
        ),
        (
            "removed_share_max_percent = 101",
            "doorlist.toml:2:29: `removed_share_max_percent` in [guard] must be a whole number from 1 to 100",
        ),
        (
            "removed_share_floor_pairs = -1",
            "doorlist.toml:2:29: `removed_share_floor_pairs` in [guard] must be a whole number from 1 to \
             1000000",
        ),
    ] {
        let message = message(&format!("[guard]\n{table}\n"), &[]);
        assert!(message.starts_with(expected), "{table}\ngave\n{message}");
        assert_eq!(message.lines().count(), 1, "{table}\ngave\n{message}");
    }
    let message = message("guard = 5", &[]);
    assert_eq!(message, "doorlist.toml:1:9: `guard` must be a table, [guard]");
}
