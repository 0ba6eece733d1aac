//! `[appliances.NAME]`: one row for every rule.

use super::{Directory, SMALL, check};

#[test]
fn of_an_appliance() {
    let url = "\"https://127.0.0.1:6443\"";
    let last = "password_file = \"esa-1.password\"";
    check(&[
        (
            "url =",
            "list_limt = 100 #",
            "doorlist.toml:3:1: unknown key `list_limt` in [appliances.esa-1]; known keys: url, \
             allow_http, root, username, password,",
        ),
        (
            "url =",
            "root = 'esa' #",
            "doorlist.toml:2:13: [appliances.esa-1] lacks `url`; write url = \"https://HOST:PORT\"",
        ),
        (
            url,
            "'esa.example.com'",
            "doorlist.toml:3:7: `url` is not a URL (relative URL without a base); allowed: \
             \"https://HOST:PORT\"",
        ),
        (
            url,
            "'ftp://127.0.0.1'",
            "doorlist.toml:3:7: `url` must begin with https; allowed:",
        ),
        (
            url,
            "'http://127.0.0.1'",
            "doorlist.toml:3:7: `url` cannot be used: it begins with http, which sends the password in the \
             clear; where that is meant, add allow_http = true; allowed:",
        ),
        (
            url,
            "'https://esa.example.com'",
            "doorlist.toml:3:7: `url` cannot be used: its host must be loopback (127.0.0.1, ::1, \
             localhost) until callers are told apart, because whoever reaches the server may change the \
             lists; add [clients.NAME] first; allowed: \"https://HOST:PORT\"",
        ),
        (
            url,
            "'https://192.0.2.1'",
            "doorlist.toml:3:7: `url` cannot be used: its host must be loopback",
        ),
        (
            url,
            "'https://a:b@localhost/esa?x=1'",
            "doorlist.toml:3:7: `url` cannot be used: it holds a user name or password, which belong to \
             `username` and `password_file`; it has a path, which `root` decides; it has a query or \
             fragment; allowed:",
        ),
        (
            "username =",
            "root =",
            "doorlist.toml:2:13: [appliances.esa-1] lacks `username`; write it, or set \
             DOORLIST_APPLIANCES__ESA_1__USERNAME",
        ),
        (
            "\"doorlist\"",
            "'a:b'",
            "doorlist.toml:4:12: `username` must be without colons",
        ),
        (
            last,
            "",
            "doorlist.toml:2:13: [appliances.esa-1] lacks a password; write password_file = \"PATH\", or \
             set DOORLIST_APPLIANCES__ESA_1__PASSWORD",
        ),
        (
            last,
            "password = 'x'\npassword_file = 'y'",
            "doorlist.toml:5:12: [appliances.esa-1] has both `password` and `password_file`; take \
             `password` out",
        ),
        (
            last,
            "password = ''",
            "doorlist.toml:5:12: `password` in [appliances.esa-1] must be text in quotes",
        ),
        (
            last,
            "password = 7",
            "doorlist.toml:5:12: `password` in [appliances.esa-1] must be text in quotes",
        ),
        (
            last,
            "password_file = 'missing'",
            "doorlist.toml:5:17: the `password_file` of [appliances.esa-1] cannot be read: ",
        ),
        (
            last,
            "password_file = 'esa-1.password'\nroot = 'wsa'",
            "doorlist.toml:6:8: `root` in [appliances.esa-1] must be \"esa\" or \"sma\"",
        ),
        (
            last,
            "verify_tls = 'yes'",
            "doorlist.toml:5:14: `verify_tls` in [appliances.esa-1] must be true or false, without quotes",
        ),
        (
            last,
            "allow_http = 1",
            "doorlist.toml:5:14: `allow_http` in [appliances.esa-1] must be true or false",
        ),
        (
            last,
            "disable_proxies = 'off'",
            "doorlist.toml:5:19: `disable_proxies` in [appliances.esa-1] must be true or false",
        ),
        (
            last,
            "auth = 'token'",
            "doorlist.toml:5:8: `auth` in [appliances.esa-1] must be \"basic\" or \"login\"",
        ),
        (
            last,
            "verify_tls = false\nca_file = 'esa-1.password'",
            "doorlist.toml:6:11: `verify_tls` = false takes any certificate; take it out, or `ca_file` and \
             `pin_sha256`",
        ),
        (
            last,
            "verify_tls = false\npin_sha256 = 'ab'",
            "doorlist.toml:6:14: `verify_tls` = false takes any certificate; take it out,",
        ),
        (
            last,
            "ca_file = 'esa-1.password'\npin_sha256 = 'ab'",
            "doorlist.toml:6:14: `pin_sha256` decides alone who the appliance is; take it out, or `ca_file`",
        ),
        (
            last,
            "ca_file = 'missing.pem'",
            "doorlist.toml:5:11: the `ca_file` cannot be read: ",
        ),
        (
            last,
            "ca_file = 'esa-1.password'",
            "doorlist.toml:5:11: the `ca_file` holds no certificate in PEM",
        ),
        (
            last,
            "pin_sha256 = ['ab:cd']",
            "doorlist.toml:5:15: `pin_sha256` must be the SHA-256 fingerprint of a certificate, 64 hexadecimal \
             digits with or without colons",
        ),
        (
            last,
            "pin_sha256 = ''",
            "doorlist.toml:5:14: `pin_sha256` must be one fingerprint, or 2 while a certificate is being renewed; here are 0",
        ),
        (
            last,
            "pin_sha256 = ['a', 'b', 'c']",
            "doorlist.toml:5:14: `pin_sha256` must be one fingerprint, or 2 while a certificate is being renewed; here are 3",
        ),
        (
            last,
            "proxy = 'http://127.0.0.1:3128'\ndisable_proxies = true",
            "doorlist.toml:5:9: `disable_proxies` = true goes straight to the appliance; take it out, or `proxy`",
        ),
        (
            last,
            "proxy = 'socks5://127.0.0.1'",
            "doorlist.toml:5:9: `proxy` cannot be used; allowed: \"http://HOST:PORT\", or",
        ),
        (
            last,
            "proxy = '127.0.0.1'",
            "doorlist.toml:5:9: `proxy` is not a URL (relative URL without a base); allowed:",
        ),
        (
            last,
            "list_sync_minutes = 1441",
            "doorlist.toml:5:21: `list_sync_minutes` in [appliances.esa-1] must be a whole number from 0 to 1440",
        ),
        (
            last,
            "list_limit = 900",
            "doorlist.toml:5:14: `list_limit` in [appliances.esa-1] must be a whole number from 1 to 500",
        ),
        (
            last,
            "items_per_call = 0",
            "doorlist.toml:5:18: `items_per_call` in [appliances.esa-1] must be a whole number from 1 to 500",
        ),
        (
            last,
            "request_timeout = '11m'",
            "doorlist.toml:5:19: `request_timeout` must be a time from \"1s\" to \"10m\", as",
        ),
        (
            last,
            "request_timeout = 'soon'",
            "doorlist.toml:5:19: `request_timeout` must be a time from",
        ),
        (
            last,
            "request_timeout = 30",
            "doorlist.toml:5:19: `request_timeout` in [appliances.esa-1] must be text in quotes",
        ),
        (
            last,
            "mode = 'watch'",
            "doorlist.toml:5:8: `mode` in [appliances.esa-1] must be \"enforce\" or \"observe\"",
        ),
    ]);
}

#[test]
fn of_a_password_file() {
    for (content, expected) in [
        (
            "",
            "doorlist.toml:5:17: the `password_file` of [appliances.esa-1] is empty; allowed: the password \
             on one line",
        ),
        (
            "\n",
            "doorlist.toml:5:17: the `password_file` of [appliances.esa-1] is empty",
        ),
        (
            "a\nb\n",
            "doorlist.toml:5:17: the `password_file` of [appliances.esa-1] has more than one line",
        ),
        (
            &"a".repeat(5000),
            "doorlist.toml:5:17: the `password_file` of [appliances.esa-1] is longer than 4096 bytes",
        ),
    ] {
        let directory = Directory::new();
        directory.write("esa-1.password", content);
        let message = directory.read(SMALL, &[]).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{content:?} gave\n{message}");
    }
}

#[test]
fn of_one_appliance_under_two_names() {
    let twin = "[appliances.esa-2]\nurl = \"https://127.0.0.1:6443/\"\nusername = \"x\"\npassword = \"y\"\n";
    let message = super::message(&format!("{}{twin}", super::SMALL), &[]);
    assert!(
        message.contains("[appliances.esa-2] has the `url` of [appliances.esa-1]"),
        "{message}"
    );
}

#[cfg(not(feature = "legacy-tls"))]
#[test]
fn of_a_build_without_the_old_key_exchanges() {
    check(&[(
        "password_file = \"esa-1.password\"",
        "legacy_tls = true",
        "doorlist.toml:5:14: `legacy_tls` needs a build that has it: cargo build --release --features legacy-tls",
    )]);
}
