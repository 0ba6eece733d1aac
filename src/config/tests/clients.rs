//! `[clients.NAME]`: what a good table becomes, what it opens, and that no token is kept or shown.

use super::*;
use sha2::{Digest as _, Sha256};

/// As long as a token has to be.
const TOKEN: &str = "hunter2-hunter2-hunter2-hunter2-";
const NEXT_TOKEN: &str = "hunter3-hunter3-hunter3-hunter3-";

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn with_tokens() -> Directory {
    let directory = Directory::new();
    directory.write("token", &format!("{TOKEN}\n"));
    directory.write("next, please.token", &format!("{NEXT_TOKEN}\r\n"));
    directory
}

#[test]
fn a_client_is_known_by_the_hashes_of_its_tokens() {
    let digits: String = hash(TOKEN).iter().map(|byte| format!("{byte:02X}")).collect();
    let next_digits: String = hash(NEXT_TOKEN)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for (written, expected) in [
        ("token_file = 'token'".to_owned(), vec![hash(TOKEN)]),
        (
            "token_file = 'next, please.token'".to_owned(),
            vec![hash(NEXT_TOKEN)],
        ),
        (
            "token_file = ['token', 'next, please.token']".to_owned(),
            vec![hash(TOKEN), hash(NEXT_TOKEN)],
        ),
        (format!("token_sha256 = '{digits}'"), vec![hash(TOKEN)]),
        (
            format!("token_sha256 = ['{digits}', '{next_digits}']"),
            vec![hash(TOKEN), hash(NEXT_TOKEN)],
        ),
    ] {
        let text = format!("{SMALL}[clients.threatq]\n{written}\n");
        let config = with_tokens().read(&text, &[]).unwrap();
        assert_eq!(config.clients["threatq"].name, "threatq");
        assert_eq!(config.clients["threatq"].token_sha256, expected, "{written}");
    }
}

#[test]
fn configurations_and_addresses_are_read_from_arrays_and_from_text_with_commas() {
    for written in [
        "configurations = ['block']\naddresses = ['192.0.2.7', '2001:db8::/32']",
        "configurations = 'block,'\naddresses = '192.0.2.7, 2001:db8::/32'",
    ] {
        let text = format!("{SMALL}[clients.threatq]\ntoken_file = 'token'\n{written}\n");
        let config = with_tokens().read(&text, &[]).unwrap();
        let client = &config.clients["threatq"];
        assert_eq!(client.configurations, ["block"]);
        let addresses: Vec<String> = client.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["192.0.2.7/32", "2001:db8::/32"]);
        assert!(config.warnings.is_empty());
    }
}

#[test]
fn a_client_may_do_nothing_by_default_and_that_warns() {
    for (written, places) in [
        ("", ["11:10", "11:10"]),
        ("configurations = []\naddresses = ' , '", ["13:18", "14:13"]),
    ] {
        let text = format!("{SMALL}[clients.threatq]\ntoken_file = 'token'\n{written}\n");
        let config = with_tokens().read(&text, &[]).unwrap();
        let client = &config.clients["threatq"];
        assert!(client.configurations.is_empty() && client.addresses.is_empty());
        let [configuration, address] = config.warnings.as_slice() else {
            panic!("{:?}", config.warnings)
        };
        let expected = format!(
            "doorlist.toml:{}: client `threatq` may use no configuration,",
            places[0]
        );
        assert!(configuration.starts_with(&expected), "{configuration}");
        let expected = format!(
            "doorlist.toml:{}: client `threatq` may call from no address,",
            places[1]
        );
        assert!(address.starts_with(&expected), "{address}");
    }
}

#[test]
fn rights_are_none_by_default_and_with_one_a_client_needs_no_configuration() {
    for (written, rights) in [
        ("configurations = ['block']", vec![]),
        ("rights = ['audit']", vec![Right::Audit]),
        (
            "rights = 'undo, remove, hold, audit, writes, override'",
            Right::ALL.to_vec(),
        ),
    ] {
        let text =
            format!("{SMALL}[clients.threatq]\ntoken_file = 'token'\naddresses = ['192.0.2.7']\n{written}\n");
        let config = with_tokens().read(&text, &[]).unwrap();
        assert_eq!(config.clients["threatq"].rights, rights, "{written}");
        assert_eq!(config.warnings, Vec::<String>::new(), "{written}");
    }
}

#[test]
fn with_clients_server_and_appliances_may_be_anywhere() {
    let directory = with_tokens();
    directory.write("server.crt", "a certificate");
    directory.write("server.key", "its key");
    let text = SMALL.replace("127.0.0.1", "esa.example.com");
    let text = format!(
        "server.listen = '0.0.0.0:8750'\nserver.tls_cert_file = 'server.crt'\n{text}\n\
         [clients.threatq]\ntoken_file = 'token'\n"
    );
    let key_file = [("DOORLIST_SERVER__TLS_KEY_FILE", "server.key")];
    let config = directory.read(&text, &key_file).unwrap();
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:8750");
    assert!(!config.server.allow_http);
    let tls = TlsFiles {
        cert_file: directory.0.path().join("server.crt"),
        key_file: directory.0.path().join("server.key"),
    };
    assert_eq!(config.server.tls, Some(tls));
    assert_eq!(config.appliances["esa-1"].url.host_str(), Some("esa.example.com"));

    let text =
        "server.listen = '192.0.2.1:80'\nserver.allow_http = true\n[clients.a]\ntoken_file = 'token'\n";
    let config = with_tokens().read(text, &[]).unwrap();
    assert!(config.server.allow_http && config.server.tls.is_none());
}

#[test]
fn a_table_of_clients_without_any_opens_nothing() {
    let message = message("server.listen = '0.0.0.0:1'\n[clients]\n", &[]);
    assert!(message.contains("until callers are told apart"), "{message}");
}

#[test]
fn no_token_and_no_hash_of_one_is_ever_shown() {
    let text = format!("{SMALL}[clients.threatq]\ntoken_file = 'token'\n");
    let config = with_tokens().read(&text, &[]).unwrap();
    let digits: String = hash(TOKEN).iter().map(|byte| format!("{byte:02x}")).collect();
    let shown = format!("{config:?} {config:#?} {}", config.warnings.join("\n"));
    assert!(shown.contains(&digits[..8]), "{shown}");
    assert!(
        !shown.contains(&digits[..9]) && !shown.contains("hunter2"),
        "{shown}"
    );
    let bytes = format!("{:?}", hash(TOKEN));
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");

    for written in [
        "token_file = \"hunter2\"",
        "token_file = hunter2",
        "token_file = [\"hunter2\", \"hunter2\", \"hunter2\"]",
        "token_file = \"hunter2\"\ntoken_sha256 = \"hunter2\"",
        "token_sha256 = \"hunter2\"",
        "token_sha256 = [\"hunter2\", 5]",
        "token_sha256 = hunter2",
        "token = \"hunter2\"",
        "token = hunter2",
        "token_file = \"short\"",
        "token_file = \"spaced\"",
        "token_file = \"lines\"",
        "token_file = [\"token\", \"token\"]",
    ] {
        let directory = with_tokens();
        directory.write("short", "hunter2");
        directory.write("spaced", &format!("{TOKEN} {TOKEN}"));
        directory.write("lines", &format!("{TOKEN}\n{TOKEN}"));
        let text = format!("{SMALL}[clients.threatq]\n{written}\n");
        let error = directory.read(&text, &[]).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{written}\ngave {shown}");
        assert!(!shown.contains(&digits[..9]), "{written}\ngave {shown}");
    }
}
