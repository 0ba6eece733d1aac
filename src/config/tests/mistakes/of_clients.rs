//! `[clients.NAME]`: one row for every rule.

use super::{Directory, SMALL, message};

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A file with one client, whose table begins at line 11.
fn with_client(table: &str) -> String {
    format!("{SMALL}[clients.a]\n{}\n", table.replace("HASH", HASH))
}

#[test]
fn of_a_client() {
    for (table, expected) in [
        (
            "token_sha256 = 'HASH'\naddress = '192.0.2.7'",
            "doorlist.toml:13:1: unknown key `address` in [clients.a]; known keys: token_file, token_sha256, \
             configurations, addresses, rights; did you mean `addresses`?",
        ),
        (
            "addresses = '192.0.2.7'",
            "doorlist.toml:11:10: [clients.a] lacks a token; make one with `doorlist token new`, and write \
             token_file = \"PATH\" or token_sha256 = \"HASH\"",
        ),
        (
            "token_file = 'a'\ntoken_sha256 = 'HASH'",
            "doorlist.toml:12:14: [clients.a] has both `token_file` and `token_sha256`; take one of them out",
        ),
        (
            "token_file = 5",
            "doorlist.toml:12:14: `token_file` in [clients.a] must be text in quotes, or an array of such",
        ),
        (
            "token_file = []",
            "doorlist.toml:12:14: the `token_file` of [clients.a] names 0; allowed: 1, or 2 while callers \
             change from one token to the next",
        ),
        (
            "token_sha256 = ['HASH', 'HASH', 'HASH']",
            "doorlist.toml:12:16: the `token_sha256` of [clients.a] names 3; allowed: 1, or 2 while",
        ),
        (
            "token_sha256 = 'HASH, HASH'",
            "doorlist.toml:12:16: the `token_sha256` of [clients.a] must be the SHA-256 of a token, 64 \
             hexadecimal digits; `doorlist token new` prints it",
        ),
        (
            "token_sha256 = ['HASH', 'hash']",
            "doorlist.toml:12:85: the `token_sha256` of [clients.a] must be the SHA-256 of a token, 64",
        ),
        (
            "token_sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
            "doorlist.toml:12:16: the `token_sha256` of [clients.a] is the SHA-256 of an empty text; \
             `doorlist token new` prints that of a token",
        ),
        (
            "token_sha256 = ['HASH', 'HASH']",
            "doorlist.toml:12:85: the token stands in [clients.a] twice, first at doorlist.toml:12:17; take \
             one out",
        ),
        (
            "token_sha256 = 'HASH'\n[clients.b]\ntoken_sha256 = 'HASH'",
            "doorlist.toml:14:16: the token of [clients.b] is that of [clients.a] too, at \
             doorlist.toml:12:16, and would not tell who calls; make one with `doorlist token new`",
        ),
        (
            "token_sha256 = 'HASH'\nconfigurations = ['block', 'blok']",
            "doorlist.toml:13:28: unknown configuration `blok` in [clients.a]; known configurations: block; \
             did you mean `block`?",
        ),
        (
            "token_sha256 = 'HASH'\nconfigurations = 'block, block'",
            "doorlist.toml:13:18: the configuration `block` stands in [clients.a] twice; take one out",
        ),
        (
            "token_sha256 = 'HASH'\nrights = ['hold', 'holds']",
            "doorlist.toml:13:19: unknown right `holds` in [clients.a]; known rights: undo, remove, hold, audit, writes, override; \
             did you mean `hold`?",
        ),
        (
            "token_sha256 = 'HASH'\nrights = 'hold, hold'",
            "doorlist.toml:13:10: the right `hold` stands in [clients.a] twice; take one out",
        ),
        (
            "token_sha256 = 'HASH'\nconfigurations = [5]",
            "doorlist.toml:13:18: `configurations` in [clients.a] must be an array of texts, or one text \
             with commas",
        ),
        (
            "token_sha256 = 'HASH'\naddresses = 7",
            "doorlist.toml:13:13: `addresses` in [clients.a] must be an array of texts, or one text with \
             commas",
        ),
        (
            "token_sha256 = 'HASH'\naddresses = ['192.0.2.0/24', '192.0.2.7/24']",
            "doorlist.toml:13:30: in `addresses` of [clients.a]: `192.0.2.7/24` has bits set behind its first \
             24; did you mean the network \"192.0.2.0/24\", or \"192.0.2.7\" alone?",
        ),
        (
            "token_sha256 = 'HASH'\naddresses = '::ffff:192.0.2.0/120'",
            "doorlist.toml:13:13: in `addresses` of [clients.a]: `::ffff:192.0.2.0/120` is IPv4 in the form of \
             IPv6, and would match nobody; write it as IPv4; did you mean \"192.0.2.0/24\"?",
        ),
        (
            "token_sha256 = 'HASH'\naddresses = 'threatq.example.com'",
            "doorlist.toml:13:13: in `addresses` of [clients.a]: `threatq.example.com` is not an IP address \
             or network; allowed: \"192.0.2.7\", \"192.0.2.0/24\", \"2001:db8::7\", \"2001:db8::/32\"",
        ),
        (
            "token_sha256 = 'HASH'\naddresses = '2001:db8::1, 2001:DB8:0::1/128'",
            "doorlist.toml:13:13: the address 2001:db8::1 stands in [clients.a] twice; take one out",
        ),
    ] {
        let message = message(&with_client(table), &[]);
        assert!(message.starts_with(expected), "{table}\ngave\n{message}");
        assert_eq!(message.lines().count(), 1, "{table}\ngave\n{message}");
    }
}

#[test]
fn of_names_of_clients() {
    for (text, expected) in [
        (
            "clients = 5",
            "doorlist.toml:1:11: `clients` must be tables with names, [clients.NAME]",
        ),
        (
            "[clients]\ntoken_file = 'x'",
            "doorlist.toml:2:1: `token_file` in [clients] must be in a table with a name, [clients.NAME]",
        ),
        (
            "[clients.ThreatQ]",
            "doorlist.toml:1:10: the name in [clients.ThreatQ] must be lower-case letters",
        ),
    ] {
        let message = message(text, &[]);
        assert!(message.starts_with(expected), "{text:?} gave\n{message}");
    }
}

#[test]
fn of_a_token_file() {
    let long = "a".repeat(5000);
    let spaced = format!("{} ", "a".repeat(40));
    for (content, expected) in [
        (Some(""), "is empty; allowed: the token on one line"),
        (
            Some("a\nb\n"),
            "has more than one line; allowed: the token on one line",
        ),
        (Some(long.as_str()), "is longer than 4096 bytes"),
        (
            Some("0123456789012345678901234567890\n"),
            "holds a token of fewer than 32 characters, which could be guessed; make one with `doorlist \
             token new`",
        ),
        (
            Some(spaced.as_str()),
            "holds white space or letters beyond ASCII, which a header cannot carry; make one with `doorlist \
             token new`",
        ),
        (None, "cannot be read: No such file or directory (os error 2)"),
    ] {
        let directory = Directory::new();
        if let Some(content) = content {
            directory.write("token", content);
        }
        let text = with_client("token_file = 'token'");
        let message = directory.read(&text, &[]).unwrap_err().to_string();
        let expected = format!("doorlist.toml:12:14: the `token_file` of [clients.a] {expected}");
        assert_eq!(message, expected, "{content:?}");
    }
}

#[test]
fn of_a_token_file_and_a_hash_of_the_same_token() {
    let directory = Directory::new();
    directory.write("token", &"a".repeat(64));
    let hash = "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb";
    let text = with_client(&format!(
        "token_file = 'token'\n[clients.b]\ntoken_sha256 = '{hash}'"
    ));
    let message = directory.read(&text, &[]).unwrap_err().to_string();
    let expected = "doorlist.toml:14:16: the token of [clients.b] is that of [clients.a] too";
    assert!(message.starts_with(expected), "{message}");
}
