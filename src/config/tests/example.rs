//! `doorlist.example.toml`: it works as it stands, it works with what is commented out, and no key is missing.

use super::*;

const EXAMPLE: &str = include_str!("../../../doorlist.example.toml");

#[test]
fn the_example_works_once_it_has_its_passwords() {
    let passwords = [
        ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "one"),
        ("DOORLIST_APPLIANCES__SMA_1__PASSWORD", "two"),
    ];
    let config = good(EXAMPLE, &passwords);
    assert_eq!(config.appliances["sma-1"].root.word(), "sma");
    assert_eq!(config.appliances["sma-1"].password.expose(), "two");
    assert_eq!(config.type_ids[&12], IndicatorType::Fqdn);
    let trust = &config.configurations["trust-partners"];
    assert_eq!((trust.list, trust.appliances.len()), (ListKind::Safelist, 2));
    let Counterpart::Senders(senders) = &trust.counterpart else {
        panic!("senders")
    };
    let senders: Vec<&str> = senders.iter().map(|sender| sender.as_str()).collect();
    assert_eq!(senders, ["example.net", "billing@example.org"]);
    assert_eq!(config.configurations["unblock"].counterpart, Counterpart::None);
    assert_eq!(config.guard.own_domains.len(), 3);
    assert!(config.warnings.is_empty());
}

/// Takes the "# " off the table of clients, its keys, and the keys of TLS.
fn with_what_is_commented_out() -> String {
    let mut table = String::new();
    let mut text = String::new();
    for line in EXAMPLE.lines() {
        if let Some(header) = header(line) {
            table = header.to_owned();
        }
        let code = line.strip_prefix("# ").unwrap_or(line);
        let is_key = code.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        let is_meant =
            (table == "clients.threatq" && (is_key || header(line).is_some())) || code.starts_with("tls_");
        // The other way to name a token.
        let is_alternative = code.starts_with("token_sha256 = ");
        text.push_str(if is_meant && !is_alternative { code } else { line });
        text.push('\n');
    }
    text
}

/// The table that begins at a line, commented out or not.
fn header(line: &str) -> Option<&str> {
    let code = line.strip_prefix("# ").unwrap_or(line);
    code.strip_prefix('[')?.strip_suffix(']')
}

#[test]
fn what_the_example_comments_out_works_too_and_opens_it_to_others() {
    let directory = Directory::new();
    for name in [
        "server.crt",
        "server.key",
        "esa-1.password",
        "sma-1.password",
        "threatq.token",
    ] {
        directory.write(name, "0123456789abcdef0123456789abcdef");
    }
    let text = with_what_is_commented_out()
        .replace("127.0.0.1:8750", "0.0.0.0:8750")
        .replace("https://localhost", "https://sma.example.com");
    let config = directory.read(&text, &[]).unwrap();
    assert!(config.server.listen.ip().is_unspecified() && config.server.tls.is_some());
    assert_eq!(config.appliances["sma-1"].url.host_str(), Some("sma.example.com"));
    let client = &config.clients["threatq"];
    assert_eq!(client.configurations, ["block-for-finance", "unblock"]);
    assert_eq!((client.token_sha256.len(), client.addresses.len()), (1, 2));
    assert_eq!(client.rights, [Right::Hold, Right::Audit]);
    assert!(config.warnings.is_empty());

    // Whoever forgets to put a hash of their own there is told, and not served with a known one.
    let message = message(&text.replace("token_file = ", "token_sha256 = \"...\" # "), &[]);
    assert!(message.contains("must be the SHA-256 of a token"), "{message}");
}

/// The keys that the code knows are asked of the code itself: an unknown key is answered with them.
#[test]
fn the_example_shows_every_key_with_a_comment() {
    let tables = [
        "server",
        "clients.threatq",
        "intake",
        "appliances.esa-1",
        "configurations.block",
        "guard",
        "guard.rules",
        "[guard.pinned]",
    ];
    for table in tables {
        let message = message(&format!("[{table}]\nnonsense = 1\n"), &[]);
        let line = message
            .lines()
            .find(|line| line.contains("unknown key `nonsense`"))
            .unwrap();
        let known = line.split("known keys: ").nth(1).unwrap();
        for key in known.split(", ") {
            let lines = lines_of(table);
            let shown = |line: &str| {
                let code = line.trim_start_matches("# ");
                let is_table = header(line)
                    .is_some_and(|header| header.trim_matches(['[', ']']) == format!("{table}.{key}"));
                code.starts_with(&format!("{key} = ")) || is_table
            };
            let index = lines.iter().position(|line| shown(line));
            let index = index.unwrap_or_else(|| panic!("`{key}` of [{table}] is not in the example"));
            assert!(
                lines[index - 1].starts_with("# "),
                "`{key}` of [{table}] has no comment"
            );
        }
        if table == "server" {
            assert_eq!(known, super::server::KEYS.join(", "));
        }
    }
}

/// The lines of the tables of the same kind, as all that begin with `[appliances.`.
fn lines_of(table: &str) -> Vec<&'static str> {
    let kind = |table: &str| {
        table
            .trim_start_matches('[')
            .split('.')
            .next()
            .unwrap()
            .to_owned()
    };
    let mut current = String::new();
    let mut lines = Vec::new();
    for line in EXAMPLE.lines() {
        current = header(line).map_or(current, kind);
        if current == kind(table) {
            lines.push(line);
        }
    }
    lines
}
