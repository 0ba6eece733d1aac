//! `[server]`: one row for every rule.

use super::{Directory, message};

#[test]
fn of_the_server() {
    for (text, expected) in [
        (
            "listn = 'x'",
            "doorlist.toml:2:1: unknown key `listn` in [server]; known keys: listen, allow_http, \
             tls_cert_file, tls_key_file, fail_on, body_bytes_max, requests_at_once_max, store, wait, keep_keys, keep_plans, keep_runs_without_change, keep_runs_with_change, keep_audit, run_timeout, log_format, \
             log_level; did you mean `listen`?",
        ),
        (
            "listen = 8750",
            "doorlist.toml:2:10: `listen` in [server] must be text in quotes",
        ),
        (
            "listen = 'localhost:8750'",
            "doorlist.toml:2:10: `listen` must be an IP address and a port, as",
        ),
        (
            "listen = '0.0.0.0:8750'",
            "doorlist.toml:2:10: `listen` must be a loopback address, 127.0.0.1 or ::1, until \
             callers are told apart, because whoever reaches the server may change the lists; add \
             [clients.NAME] first",
        ),
        (
            "listen = '[::]:8750'\nallow_http = true",
            "doorlist.toml:2:10: `listen` must be a loopback address, 127.0.0.1 or ::1, until",
        ),
        (
            "allow_http = 'yes'",
            "doorlist.toml:2:14: `allow_http` in [server] must be true or false, without quotes",
        ),
        (
            "fail_on = 'some'",
            "doorlist.toml:2:11: `fail_on` in [server] must be \"any\" or \"all\" or \"never\"",
        ),
        (
            "body_bytes_max = 0",
            "doorlist.toml:2:18: `body_bytes_max` in [server] must be a whole number from 1024 to 1073741824",
        ),
        (
            "body_bytes_max = '8388608'",
            "doorlist.toml:2:18: `body_bytes_max` in [server] must be a whole number",
        ),
        (
            "requests_at_once_max = 0",
            "doorlist.toml:2:24: `requests_at_once_max` in [server] must be a whole number from 1 to 10000",
        ),
        (
            "requests_at_once_max = 6.5",
            "doorlist.toml:2:24: `requests_at_once_max` in [server] must be a whole number",
        ),
        (
            "store = 'doorlist.db'",
            "doorlist.toml:2:9: `store` must be \"sqlite:PATH\" or \"postgres://USER:PASSWORD@HOST/DATABASE\"",
        ),
        (
            "store = 'postgres://u:p@db.example.com:port/doorlist'",
            "doorlist.toml:2:9: `store` must be \"postgres://USER:PASSWORD@HOST/DATABASE\", in which",
        ),
        (
            "store = 'postgres://u@db.example.com/doorlist?sslmode=verify-full&sslrootcrt=ca.pem'",
            "doorlist.toml:2:9: the address in `store` has an unknown parameter after its \"?\"; known parameters: sslmode,",
        ),
        (
            "log_format = true",
            "doorlist.toml:2:14: `log_format` in [server] must be \"human\" or \"json\"",
        ),
        (
            "log_level = ' '",
            "doorlist.toml:2:13: `log_level` in [server] must be text in quotes",
        ),
    ] {
        let message = message(&format!("[server]\n{text}\n"), &[]);
        assert!(
            message.lines().any(|line| line.starts_with(expected)),
            "{text:?} gave\n{message}"
        );
    }
}

const CLIENT: &str =
    "[clients.a]\ntoken_sha256 = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'\n";

/// What is told of a `[server]` beside a client.
fn with_client(server: &str, directory: &Directory) -> Result<(), String> {
    let text = format!("[server]\n{server}\n{CLIENT}");
    directory
        .read(&text, &[])
        .map(drop)
        .map_err(|error| error.to_string())
}

#[test]
fn of_other_addresses_than_loopback() {
    let directory = Directory::new();
    directory.write("cert.pem", "a certificate");
    directory.write("key.pem", "its key");
    let tls = "tls_cert_file = 'cert.pem'\ntls_key_file = 'key.pem'";
    let in_the_clear = "doorlist.toml:2:10: `listen` is not a loopback address, so that tokens would go over \
                        the wire in the clear; add tls_cert_file and tls_key_file, or, where that is meant, \
                        allow_http = true";
    for (server, expected) in [
        ("listen = '127.0.0.1:1'".to_owned(), Ok(())),
        (format!("listen = '127.0.0.1:1'\n{tls}"), Ok(())),
        (format!("listen = '0.0.0.0:1'\n{tls}"), Ok(())),
        (format!("listen = '0.0.0.0:1'\n{tls}\nallow_http = true"), Ok(())),
        ("listen = '[2001:db8::1]:1'\nallow_http = true".to_owned(), Ok(())),
        ("listen = '0.0.0.0:1'".to_owned(), Err(in_the_clear)),
        (
            "listen = '[::]:1'\nallow_http = false".to_owned(),
            Err(in_the_clear),
        ),
        ("listen = '[::ffff:192.0.2.1]:1'".to_owned(), Err(in_the_clear)),
    ] {
        assert_eq!(
            with_client(&server, &directory),
            expected.map_err(str::to_owned),
            "{server}"
        );
    }
}

#[test]
fn of_tls_files() {
    let directory = Directory::new();
    directory.write("cert.pem", "a certificate");
    directory.write("empty.pem", "");
    let path = "allowed: the path of a PEM file that this process may read";
    for (server, expected) in [
        (
            "tls_cert_file = 'cert.pem'",
            "doorlist.toml:2:17: [server] lacks `tls_key_file`; write both tls_cert_file = \"PATH\" and \
             tls_key_file = \"PATH\", or neither",
        ),
        (
            "listen = '0.0.0.0:1'\ntls_key_file = 'cert.pem'",
            "doorlist.toml:3:16: [server] lacks `tls_cert_file`; write both",
        ),
        (
            "listen = '0.0.0.0:1'\ntls_cert_file = 'hunter2'\ntls_key_file = 'cert.pem'",
            "doorlist.toml:3:17: the `tls_cert_file` of [server] cannot be read: ",
        ),
        (
            "tls_cert_file = 'cert.pem'\ntls_key_file = '.'",
            "doorlist.toml:3:16: the `tls_key_file` of [server] cannot be read: ",
        ),
        (
            "tls_cert_file = 'cert.pem'\ntls_key_file = 'empty.pem'",
            &format!("doorlist.toml:3:16: the `tls_key_file` of [server] is empty; {path}"),
        ),
        (
            "tls_cert_file = 5\ntls_key_file = 'cert.pem'",
            "doorlist.toml:2:17: `tls_cert_file` in [server] must be text in quotes",
        ),
    ] {
        let message = with_client(server, &directory).unwrap_err();
        assert!(message.starts_with(expected), "{server} gave\n{message}");
        assert_eq!(message.lines().count(), 1, "{server} gave\n{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}
