//! One row for every rule: what is written, and the place and words that a person gets. The rules of the
//! large tables stand in files of their own.

mod of_appliances;
mod of_clients;
mod of_configurations;
mod of_the_guard;
mod of_the_server;

use super::{Directory, SMALL, message};

/// Adds up what does not fit, so that one run shows all of it.
fn check(rows: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (written, instead, expected) in rows {
        assert!(
            SMALL.contains(written),
            "{written} is not in the small file any more"
        );
        let text = SMALL.replacen(written, instead, 1);
        let message = message(&text, &[]);
        if !message.lines().any(|line| line.starts_with(expected)) {
            wrong.push(format!(
                "{written:?} -> {instead:?} gave\n{message}\nand not\n{expected}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn of_the_document() {
    for (text, expected) in [
        ("[server", "doorlist.toml:1:8: not readable as TOML: "),
        (
            "[server]\nlisten = 127.0.0.1",
            "doorlist.toml:2:15: not readable as TOML: invalid float",
        ),
        (
            "[server]\nlisten = ''\nlisten = ''",
            "doorlist.toml:3:1: not readable as TOML: duplicate key",
        ),
        (
            "[appliance.a]\n",
            "doorlist.toml:1:2: unknown key `appliance` at the top; known keys: server, clients, intake, \
             appliances, configurations, guard; did you mean `appliances`?",
        ),
        (
            "'server.listen' = '127.0.0.1:1'",
            "doorlist.toml:1:1: unknown key `server.listen` at the top",
        ),
        (
            "server = 5",
            "doorlist.toml:1:10: `server` must be a table, [server]",
        ),
        (
            "appliances = 5",
            "doorlist.toml:1:14: `appliances` must be tables with names, [appliances.NAME]",
        ),
        (
            "[[appliances]]\nurl = ''",
            "doorlist.toml:1:1: `appliances` must be tables with names, [appliances.NAME]",
        ),
        (
            "[appliances]\nurl = ''",
            "doorlist.toml:2:1: `url` in [appliances] must be in a table with a name",
        ),
        (
            "[appliances.ESA_1]",
            "doorlist.toml:1:13: the name in [appliances.ESA_1] must be lower-case letters",
        ),
        (
            "[configurations.a--b]",
            "doorlist.toml:1:17: the name in [configurations.a--b] must be lower-case",
        ),
        (
            "[configurations.'']",
            "doorlist.toml:1:17: the name in [configurations.] must be lower-case",
        ),
    ] {
        let message = message(text, &[]);
        assert!(
            message.lines().any(|line| line.starts_with(expected)),
            "{text:?} gave\n{message}"
        );
    }
}

#[test]
fn of_intake() {
    for (text, expected) in [
        (
            "type_id = {}",
            "doorlist.toml:2:1: unknown key `type_id` in [intake]; known keys: type_ids; did you mean",
        ),
        (
            "type_ids = 5",
            "doorlist.toml:2:12: `intake.type_ids` must be a table, [intake.type_ids]",
        ),
        (
            "type_ids = { five = 'FQDN' }",
            "doorlist.toml:2:14: `five` in `type_ids` must be a number, the type's id in ThreatQ",
        ),
        (
            "type_ids = { 5 = 'FQDNS' }",
            "doorlist.toml:2:18: unknown type `FQDNS` in `type_ids`; allowed: Email Address, FQDN, IP \
             Address, IPv6 Address; did you mean `FQDN`?",
        ),
        (
            "type_ids = { 5 = 6 }",
            "doorlist.toml:2:18: `intake.type_ids.5` must be text in quotes",
        ),
        (
            "type_ids = { 5 = 'FQDN', 05 = 'FQDN' }",
            "doorlist.toml:2:14: the id 5 stands in `type_ids` twice",
        ),
    ] {
        let message = message(&format!("[intake]\n{text}\n"), &[]);
        assert!(
            message.lines().any(|line| line.starts_with(expected)),
            "{text:?} gave\n{message}"
        );
    }
}

#[test]
fn of_the_environment() {
    let file_alone = "not allowed: what decides what is listed where, and by whom, comes from \
                      doorlist.toml alone; allowed: DOORLIST_SERVER__KEY, DOORLIST_APPLIANCES__NAME__USERNAME, \
                      DOORLIST_APPLIANCES__NAME__PASSWORD, DOORLIST_APPLIANCES__NAME__PASSWORD_FILE";
    for (name, value, expected) in [
        (
            "DOORLIST_CONFIGURATIONS__BLOCK__LIST_TYPE",
            "safelist",
            file_alone,
        ),
        ("DOORLIST_APPLIANCES__ESA_1__VERIFY_TLS", "false", file_alone),
        ("DOORLIST_APPLIANCES__ESA_1__URL", "https://127.0.0.1", file_alone),
        ("DOORLIST_APPLIANCES__ESA_1__MODE", "enforce", file_alone),
        ("DOORLIST_CLIENTS__THREATQ__TOKEN_FILE", "token", file_alone),
        ("DOORLIST_CLIENTS__THREATQ__CONFIGURATIONS", "block", file_alone),
        ("DOORLIST_INTAKE__TYPE_IDS", "5", file_alone),
        ("DOORLIST_GUARD__OWN_DOMAINS", "example.com", file_alone),
        ("DOORLIST_GUARD__ADDED_PAIRS_PER_RUN_MAX", "1", file_alone),
        ("DOORLIST_SERVER__LISTEN__X", "1", file_alone),
        (
            "DOORLIST_SERVER__ALLOW_HTTP",
            "true",
            "not allowed: whether tokens may go over the wire in the clear is decided in doorlist.toml \
             alone; write allow_http = true under [server] there",
        ),
        (
            "DOORLIST_APPLIANCES__ESA_2__PASSWORD",
            "x",
            "there is no [appliances.esa-2] in doorlist.toml; its appliances: esa-1",
        ),
        (
            "DOORLIST_SERVER_LISTEN",
            "127.0.0.1:0",
            "not a key; two underscores part a table and its key: DOORLIST_SERVER__LISTEN",
        ),
        (
            "DOORLIST_APPLIANCES_ESA_1_PASSWORD",
            "x",
            "not a key; two underscores part a table and its key: DOORLIST_APPLIANCES__ESA_1__PASSWORD",
        ),
        (
            "DOORLIST_SERVER__LISTN",
            "127.0.0.1:0",
            "unknown key `listn` in [server]; known keys: listen, allow_http, tls_cert_file, \
             tls_key_file, fail_on, body_bytes_max, requests_at_once_max, store, wait, keep_keys, keep_plans, keep_runs_without_change, keep_runs_with_change, keep_audit, run_timeout, log_format, log_level; did you \
             mean `listen`?",
        ),
        (
            "DOORLIST_SERVER__LISTEN",
            "0.0.0.0:80",
            "`listen` must be a loopback address, 127.0.0.1 or ::1, until callers are told apart, because \
             whoever reaches the server may change the lists; add [clients.NAME] first",
        ),
        (
            "DOORLIST_SERVER__TLS_CERT_FILE",
            "esa-1.password",
            "[server] lacks `tls_key_file`; write both tls_cert_file = \"PATH\" and tls_key_file = \"PATH\", \
             or neither",
        ),
        (
            "DOORLIST_SERVER__BODY_BYTES_MAX",
            "8 MiB",
            "`body_bytes_max` in [server] must be a whole number from 1024 to 1073741824",
        ),
        (
            "DOORLIST_APPLIANCES__ESA_1__USERNAME",
            "a:b",
            "`username` must be without colons and control characters, which a login cannot carry",
        ),
    ] {
        let message = message(SMALL, &[(name, value)]);
        assert_eq!(message, format!("environment variable {name}: {expected}"));
    }
    let both = [
        ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "a"),
        ("DOORLIST_APPLIANCES__ESA_1__PASSWORD_FILE", "b"),
    ];
    let expected = "environment variable DOORLIST_APPLIANCES__ESA_1__PASSWORD: [appliances.esa-1] has both";
    assert!(message(SMALL, &both).starts_with(expected));
}

#[test]
fn are_all_told_at_once_from_top_to_bottom_and_a_wrong_value_is_not_also_missing() {
    let text = "[server]\nlisten = 1\n[appliances.a]\nurl = 1\nusername = 1\npassword = 1\nx = 1\n\
                [configurations.b]\naction = 1\nappliance = 'c'\n";
    let message = message(text, &[("DOORLIST_GUARD__X", "1")]);
    let places: Vec<&str> = message
        .lines()
        .filter_map(|line| line.split(": ").next())
        .collect();
    let expected = [
        "doorlist.toml:2:10",
        "doorlist.toml:4:7",
        "doorlist.toml:5:12",
        "doorlist.toml:6:12",
        "doorlist.toml:7:1",
        "doorlist.toml:9:10",
        "doorlist.toml:10:13",
        "environment variable DOORLIST_GUARD__X",
    ];
    assert_eq!(places, expected, "{message}");
}
