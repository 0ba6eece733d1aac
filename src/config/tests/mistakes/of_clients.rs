//! Clients, the guard, and what they change about `[server]` and the appliances: one row for every rule.

use super::super::{Directory, SMALL, good, message};
use crate::config::Mode;

const HASH: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const TOKEN: &str = "a-token-of-forty-three-characters-or-so-xyz";

fn client(keys: &str) -> String {
    format!("{SMALL}[clients.threatq]\n{keys}\n")
}

#[test]
fn each_mistake_is_told_with_its_line_and_what_is_allowed() {
    let hash = format!("token_sha256 = \"{HASH}\"");
    for (text, expected) in [
        (client(""), "doorlist.toml:11:10: [clients.threatq] lacks a token"),
        (
            client("token_sha256 = 'xyz'"),
            "doorlist.toml:12:16: the `token_sha256` of [clients.threatq]",
        ),
        (
            client(&format!("{hash}\ntoken_file = 'threatq.token'")),
            "[clients.threatq] has both `token_file` and",
        ),
        (
            client(&format!("token_sha256 = ['{HASH}', '{HASH}', '{HASH}']")),
            "doorlist.toml:12:16:",
        ),
        (
            client(&format!("token_sha256 = ['{HASH}', '{HASH}']")),
            "the token stands in [clients.threatq] twice",
        ),
        (
            client("token_file = 'short.token'"),
            "doorlist.toml:12:14: the `token_file` of [clients.threatq]",
        ),
        (
            client("token_file = 'missing.token'"),
            "doorlist.toml:12:14: the `token_file` of [clients.threatq]",
        ),
        (
            client(&format!("{hash}\nconfigurations = ['blok']")),
            "did you mean `block`?",
        ),
        (
            client(&format!("{hash}\naddresses = ['10.0.0.1/8']")),
            "doorlist.toml:13:14: in `addresses` of",
        ),
        (
            client(&format!("{hash}\naddresses = ['example.com']")),
            "doorlist.toml:13:14: in `addresses` of",
        ),
        (
            client(&format!("{hash}\ntoken = 'x'")),
            "unknown key `token` in [clients.threatq]; known keys:",
        ),
        (
            format!("{}[clients.other]\n{hash}\n", client(&hash)),
            "is that of [clients.other] too, at doorlist.toml:14:16",
        ),
        (
            format!("[server]\nlisten = '0.0.0.0:8750'\n{SMALL}"),
            "add [clients.NAME] first",
        ),
        (
            format!("[server]\nlisten = '0.0.0.0:8750'\n{}", client(&hash)),
            "doorlist.toml:2:10: `listen`",
        ),
        (
            format!("[server]\ntls_cert_file = 'nothing.pem'\n{SMALL}"),
            "`tls_cert_file`",
        ),
        (
            format!("[server]\ntls_key_file = 'esa-1.password'\n{SMALL}"),
            "tls_cert_file",
        ),
        (
            format!("{SMALL}[guard]\nown_domains = ['com']\n"),
            "doorlist.toml:12:16: `own_domains` in [guard] holds `com`",
        ),
        (
            format!("{SMALL}[guard]\nadded_pairs_per_run_max = -1\n"),
            "whole number from 0 to 1000000",
        ),
        (
            format!("{SMALL}[guard]\nown_domain = 'x.example'\n"),
            "did you mean `own_domains`?",
        ),
        (
            SMALL.replace("username", "mode = 'watch'\nusername"),
            "must be \"enforce\" or \"observe\"",
        ),
    ] {
        let directory = Directory::new();
        directory.write("short.token", "too-short\n");
        let message = directory.read(&text, &[]).unwrap_err().to_string();
        assert!(
            message.contains(expected),
            "{text}\ngave\n{message}\nand not\n{expected}"
        );
        assert!(!message.contains("too-short"), "{message}");
    }
}

#[test]
fn neither_clients_nor_the_guard_come_from_the_environment() {
    for name in [
        "DOORLIST_CLIENTS__THREATQ__TOKEN_SHA256",
        "DOORLIST_CLIENTS__THREATQ__CONFIGURATIONS",
        "DOORLIST_GUARD__OWN_DOMAINS",
        "DOORLIST_SERVER__ALLOW_HTTP",
        "DOORLIST_APPLIANCES__ESA_1__MODE",
    ] {
        let message = message(SMALL, &[(name, "true")]);
        assert!(
            message.contains(name) && message.contains("not allowed"),
            "{name}: {message}"
        );
    }
}

#[test]
fn a_client_has_hashes_configurations_and_addresses_and_nothing_by_default() {
    let directory = Directory::new();
    directory.write("threatq.token", &format!("{TOKEN}\n"));
    let text = client(
        "token_file = 'threatq.token'\nconfigurations = 'block'\naddresses = ['192.0.2.10', '2001:db8::/32']",
    );
    let config = directory.read(&text, &[]).unwrap();
    let threatq = &config.clients["threatq"];
    assert_eq!(
        (
            threatq.token_sha256.len(),
            threatq.configurations.len(),
            threatq.addresses.len()
        ),
        (1, 1, 2)
    );
    assert!(!format!("{config:?}").contains(TOKEN));
    assert_eq!(config.warnings, Vec::<String>::new());

    let nothing = good(&client(&format!("token_sha256 = '{HASH}'")), &[]);
    assert_eq!(nothing.warnings.len(), 2, "{:?}", nothing.warnings);
    assert!(
        !format!("{nothing:?}").contains(HASH),
        "not even a hash is shown whole"
    );
}

#[test]
fn with_a_client_other_addresses_and_appliances_are_allowed() {
    let text = client(&format!("token_sha256 = '{HASH}'")).replace("127.0.0.1:6443", "esa.example.com");
    let open = format!("[server]\nlisten = '0.0.0.0:8750'\nallow_http = true\n{text}");
    let config = good(&open, &[]);
    assert!(config.server.listen.ip().is_unspecified());
    assert_eq!(config.appliances["esa-1"].url.host_str(), Some("esa.example.com"));
}

#[test]
fn own_domains_are_those_written_and_those_of_every_configured_recipient_with_their_origin() {
    let text = format!("{SMALL}[guard]\nown_domains = 'Acme.example., bücher.example'\n")
        .replace(
            "\"a@example.com\"",
            "\"a@example.com\", \"b@sub.example.com\", \"c@[192.0.2.1]\"",
        )
        .replace("username", "mode = 'observe'\nusername");
    let config = good(&text, &[]);
    let known: Vec<_> = config
        .guard
        .own_domains
        .iter()
        .map(|own| (own.domain.as_str(), own.origin.as_str()))
        .collect();
    let recipients = "recipient_list of [configurations.block], doorlist.toml:11:18";
    let written = "own_domains, doorlist.toml:13:15";
    assert_eq!(
        known,
        [
            ("acme.example", written),
            ("example.com", recipients),
            ("sub.example.com", recipients),
            ("xn--bcher-kva.example", written)
        ]
    );
    assert_eq!(
        (
            config.guard.added_pairs_per_run_max,
            config.guard.removed_pairs_per_run_max
        ),
        (500, 50)
    );
    assert_eq!(config.appliances["esa-1"].mode, Mode::Observe);
}
