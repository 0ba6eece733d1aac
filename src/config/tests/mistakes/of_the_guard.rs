//! `[guard]`: one row for every rule.

use super::message;

#[test]
fn of_the_guard() {
    for (table, expected) in [
        (
            "own_domain = 'example.com'",
            "doorlist.toml:2:1: unknown key `own_domain` in [guard]; known keys: own_domains, \
             added_pairs_per_run_max, removed_pairs_per_run_max; did you mean `own_domains`?",
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
    ] {
        let message = message(&format!("[guard]\n{table}\n"), &[]);
        assert!(message.starts_with(expected), "{table}\ngave\n{message}");
        assert_eq!(message.lines().count(), 1, "{table}\ngave\n{message}");
    }
    let message = message("guard = 5", &[]);
    assert_eq!(message, "doorlist.toml:1:9: `guard` must be a table, [guard]");
}
