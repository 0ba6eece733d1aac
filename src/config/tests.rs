//! The configuration as a whole: what a good file becomes, what the environment may change, and that no
//! secret is ever shown. `tests/mistakes.rs` has one row for every rule.

mod caps;
mod clients;
mod example;
mod guard;
mod mistakes;

use super::*;
use crate::model::ListKind;
use std::net::SocketAddr;
use std::time::Duration;

const FINANCE: &str = include_str!("../../tests/data/block-senders-for-finance.yaml");

/// A file with no more than it needs; the tests add what they are about.
const SMALL: &str = r#"
[appliances.esa-1]
url = "https://127.0.0.1:6443"
username = "doorlist"
password_file = "esa-1.password"

[configurations.block]
action = "cisco-esa-add-senders-to-quarantine-list"
appliance = "esa-1"
recipient_list = ["a@example.com"]
"#;

/// A directory with the files that the texts point to.
struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        let directory = Self(tempfile::tempdir().unwrap());
        directory.write("esa-1.password", "from the file\n");
        directory
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn read(&self, text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment: BTreeMap<String, String> = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let manifests = self.0.path().join("manifests");
        std::fs::create_dir_all(&manifests).unwrap();
        std::fs::write(manifests.join("finance.yaml"), FINANCE).unwrap();
        let actions = Actions::load(Some(&manifests)).unwrap();
        Config::from_toml(text, "doorlist.toml", self.0.path(), &environment, &actions)
    }
}

/// The message for a text, which must not be good.
fn message(text: &str, environment: &[(&str, &str)]) -> String {
    Directory::new().read(text, environment).unwrap_err().to_string()
}

fn good(text: &str, environment: &[(&str, &str)]) -> Config {
    Directory::new().read(text, environment).unwrap()
}

#[test]
fn an_empty_file_is_a_server_that_does_nothing_with_every_default() {
    let config = good("", &[]);
    assert_eq!(
        config.server,
        Server {
            listen: SocketAddr::from(([127, 0, 0, 1], 8750)),
            allow_http: false,
            tls: None,
            fail_on: FailOn::Any,
            body_bytes_max: 8_388_608,
            requests_at_once_max: 64,
            store: config.server.store.clone(),
            wait: Duration::from_secs(25),
            keep_keys: Duration::from_secs(24 * 3600),
            keep_plans: Duration::from_secs(15 * 60),
            keep_runs_without_change: Duration::from_secs(30 * 24 * 3600),
            keep_runs_with_change: Duration::from_secs(400 * 24 * 3600),
            keep_audit: Duration::from_secs(400 * 24 * 3600),
            run_timeout: Duration::from_secs(600),
            log_format: LogFormat::Human,
            log_level: "info".to_owned(),
        }
    );
    assert!(config.server.store.expose().ends_with("doorlist.db"));
    assert!(config.clients.is_empty() && config.type_ids.is_empty());
    assert!(config.appliances.is_empty() && config.configurations.is_empty());
}

#[test]
fn the_path_of_the_store_starts_at_the_directory_of_the_file_in_either_spelling() {
    let directory = Directory::new();
    for (written, below) in [
        ("sqlite:runs/doorlist.db", true),
        ("sqlite://runs/doorlist.db", true),
        ("sqlite:/runs/doorlist.db", false),
        ("sqlite:///runs/doorlist.db", false),
    ] {
        let config = directory
            .read(&format!("[server]\nstore = \"{written}\"\n"), &[])
            .unwrap();
        let beside = if below {
            directory.0.path().to_owned()
        } else {
            "/".into()
        };
        let expected = format!("sqlite:{}", beside.join("runs/doorlist.db").display());
        assert_eq!(config.server.store.expose(), expected, "{written}");
    }
}

#[test]
fn a_small_file_takes_its_defaults_from_here_and_from_the_manifest() {
    let config = good(SMALL, &[]);
    let appliance = &config.appliances["esa-1"];
    assert_eq!(appliance.url.as_str(), "https://127.0.0.1:6443/");
    assert_eq!(appliance.root, Root::Esa);
    assert_eq!(appliance.password.expose(), "from the file");
    assert_eq!(appliance.tls.trust, Trust::System);
    assert_eq!(appliance.proxy, ProxySettings::FromEnvironment);
    assert_eq!((appliance.auth, appliance.list_sync_minutes), (Auth::Basic, None));
    assert_eq!((appliance.list_limit, appliance.items_per_call), (None, 50));
    assert_eq!(appliance.request_timeout, Duration::from_secs(30));
    assert_eq!(appliance.mode, Mode::Enforce);
    let configuration = &config.configurations["block"];
    assert_eq!(configuration.appliances, ["esa-1"]);
    assert_eq!(
        (configuration.list, configuration.objects_per_run),
        (ListKind::Blocklist, 100)
    );
    assert_eq!(configuration.deploy_statuses, None);
    assert!(config.warnings.is_empty());
}

#[test]
fn lists_are_read_from_arrays_from_text_with_commas_and_from_files() {
    let directory = Directory::new();
    directory.write(
        "people.txt",
        "\u{feff}# finance\na@example.com # Ann\r\n\n  c#d@example.com\n",
    );
    for (written, expected) in [
        (
            "recipient_list = ['a@example.com', 'b@example.com']",
            vec!["a@example.com", "b@example.com"],
        ),
        (
            "recipient_list = ' a@example.com,b@example.com , '",
            vec!["a@example.com", "b@example.com"],
        ),
        (
            "recipient_list_file = 'people.txt'",
            vec!["a@example.com", "c#d@example.com"],
        ),
    ] {
        let text = SMALL.replace("recipient_list = [\"a@example.com\"]", written);
        let config = directory.read(&text, &[]).unwrap();
        let Counterpart::Recipients(recipients) = &config.configurations["block"].counterpart else {
            panic!("recipients")
        };
        let recipients: Vec<&str> = recipients.iter().map(|recipient| recipient.as_str()).collect();
        assert_eq!(recipients, expected, "{written}");
    }
}

#[test]
fn senders_are_read_in_all_their_forms() {
    let text = SMALL.replace("add-senders", "add-recipients").replace(
        "recipient_list = [\"a@example.com\"]",
        "sender_list = 'a@example.com, Example.ORG, 192.0.2.1'",
    );
    let config = good(&text, &[]);
    let Counterpart::Senders(senders) = &config.configurations["block"].counterpart else {
        panic!("senders")
    };
    let senders: Vec<&str> = senders.iter().map(|sender| sender.as_str()).collect();
    assert_eq!(senders, ["a@example.com", "example.org", "[192.0.2.1]"]);
}

#[test]
fn every_setting_reaches_its_field() {
    let text = r#"
        intake = { type_ids = { 7 = "ipv6 address", -1 = "FQDN" } }
        server.listen = "[::1]:0"
        server.fail_on = "never"
        server.body_bytes_max = 1_024
        server.requests_at_once_max = 1
        server.log_format = "JSON"
        server.log_level = "warn,doorlist=debug"
        [appliances.a]
        url = "http://localhost:6080/"
        root = "SMA"
        username = "u"
        password_file = "esa-1.password"
        verify_tls = false
        auth = "login"
        list_sync_minutes = 15
        allow_http = true
        disable_proxies = true
        list_limit = 500
        items_per_call = 1
        request_timeout = "1m 30s"
        mode = "observe"
        [configurations.c]
        action = "cisco-esa-add-senders-to-quarantine-list"
        appliances = ["a"]
        list_type = "Safelist"
        recipient_list = "a@example.com"
        objects_per_run = 100000
        deploy_statuses = "Active, Review"
    "#;
    let config = good(text, &[]);
    assert_eq!(
        config.type_ids,
        BTreeMap::from([(7, IndicatorType::Ipv6Address), (-1, IndicatorType::Fqdn)])
    );
    let server = &config.server;
    assert_eq!(
        (server.listen.to_string().as_str(), server.fail_on),
        ("[::1]:0", FailOn::Never)
    );
    assert_eq!((server.body_bytes_max, server.requests_at_once_max), (1024, 1));
    assert_eq!(
        (server.log_format, server.log_level.as_str()),
        (LogFormat::Json, "warn,doorlist=debug")
    );
    let appliance = &config.appliances["a"];
    assert_eq!((appliance.name.as_str(), appliance.username.as_str()), ("a", "u"));
    assert_eq!(
        (appliance.url.as_str(), appliance.root),
        ("http://localhost:6080/", Root::Sma)
    );
    assert_eq!(appliance.tls.trust, Trust::Nothing);
    assert_eq!(appliance.proxy, ProxySettings::Disabled);
    assert_eq!(
        (appliance.auth, appliance.list_sync_minutes),
        (Auth::Login, Some(15))
    );
    assert_eq!((appliance.list_limit, appliance.items_per_call), (Some(500), 1));
    assert_eq!(appliance.request_timeout, Duration::from_secs(90));
    assert_eq!(appliance.mode, Mode::Observe);
    let configuration = &config.configurations["c"];
    assert_eq!(configuration.name, "c");
    assert_eq!(
        (configuration.list, configuration.objects_per_run),
        (ListKind::Safelist, 100_000)
    );
    assert_eq!(
        configuration.deploy_statuses,
        Some(vec!["Active".to_owned(), "Review".to_owned()])
    );
}

#[test]
fn a_value_that_the_manifest_fixes_is_taken_from_there() {
    let text = SMALL.replace(
        "cisco-esa-add-senders-to-quarantine-list",
        "block-senders-for-finance",
    );
    let config = good(&text, &[]);
    assert_eq!(config.configurations["block"].list, ListKind::Blocklist);
    let message = message(&format!("{text}list_type = \"blocklist\"\n"), &[]);
    let expected = "doorlist.toml:11:13: `list_type` is fixed by the action `block-senders-for-finance`; take \
                    this line out";
    assert_eq!(message, expected);
}

#[test]
fn the_environment_has_the_last_word_on_the_server_and_on_credentials() {
    let environment = [
        ("DOORLIST_SERVER__LISTEN", "127.0.0.1:0"),
        ("DOORLIST_SERVER__FAIL_ON", "all"),
        ("DOORLIST_SERVER__BODY_BYTES_MAX", "2048"),
        ("DOORLIST_APPLIANCES__ESA_1__USERNAME", "somebody"),
        ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "007"),
        ("DOORLIST_SERVER__LOG_LEVEL", ""),
        ("DOORLIST_CONFIG", "doorlist.toml"),
        ("DOORLIST_SERVER_URL", "http://127.0.0.1:8750"),
        ("DOORLIST_MANIFESTS", "manifests"),
        ("DOORLIST_LOG", "debug"),
        ("DOORLIST_SERVICE_HOST", "set by Kubernetes"),
        ("DOORLIST_SERVER_PORT", "set by Kubernetes"),
        ("PATH", "/bin"),
    ];
    let config = good(&format!("server.fail_on = 'never'\n{SMALL}"), &environment);
    assert_eq!(config.server.listen, SocketAddr::from(([127, 0, 0, 1], 0)));
    assert_eq!(
        (config.server.fail_on, config.server.body_bytes_max),
        (FailOn::All, 2048)
    );
    assert_eq!(config.server.log_level, "info");
    let appliance = &config.appliances["esa-1"];
    assert_eq!(
        (appliance.username.as_str(), appliance.password.expose()),
        ("somebody", "007")
    );
}

#[test]
fn a_password_file_of_the_environment_replaces_a_password_of_the_file() {
    let text = SMALL.replace("password_file = \"esa-1.password\"", "password = \"hunter2\"");
    let config = good(
        &text,
        &[("DOORLIST_APPLIANCES__ESA_1__PASSWORD_FILE", "esa-1.password")],
    );
    assert_eq!(config.appliances["esa-1"].password.expose(), "from the file");
    assert!(config.warnings.is_empty());
}

#[test]
fn a_password_in_the_file_works_and_warns() {
    let text = SMALL.replace("password_file = \"esa-1.password\"", "password = \" hunter2\"");
    let config = good(&text, &[]);
    assert_eq!(config.appliances["esa-1"].password.expose(), " hunter2");
    assert_eq!(config.warnings.len(), 1);
    assert!(
        config.warnings[0].starts_with("doorlist.toml:5:12: the password of [appliances.esa-1] can be read")
    );
}

#[test]
fn no_secret_is_ever_shown() {
    let config = good(
        &SMALL.replace("password_file = \"esa-1.password\"", "password = \"hunter2\""),
        &[],
    );
    let shown = format!("{config:?} {config:#?} {}", config.warnings.join("\n"));
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("********"));

    let with_password = |rest: &str| SMALL.replace("password_file = \"esa-1.password\"", rest);
    for text in [
        with_password("password = \"hunter2\nroot = \"esa\""),
        with_password("password = hunter2"),
        with_password("password = [\"hunter2\"]"),
        with_password("password = \"hunter2\"\npassword_file = \"hunter2\""),
        with_password("password_file = \"hunter2\""),
        with_password("passwort = \"hunter2\""),
        with_password(
            "password = \"hunter2\"\nroot = \"hunter2\"\nverify_tls = \"hunter2\"\nlist_limit = 'hunter2'",
        ),
        SMALL.replace("https://", "https://doorlist:hunter2@"),
        SMALL.replace("https://", "ftp://doorlist:hunter2@"),
        SMALL.replace("https://127.0.0.1:6443", "https://doorlist:hunter2@:x"),
    ] {
        let error = Directory::new().read(&text, &[]).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{text}\ngave {shown}");
    }
    let secret = [
        ("DOORLIST_APPLIANCES__ESA_1__PASSWORD", "hunter2"),
        ("DOORLIST_APPLIANCES__X__PASSWORD", "hunter2"),
    ];
    assert!(!message(SMALL, &secret).contains("hunter2"));
}

#[test]
fn a_file_is_loaded_with_its_own_directory_for_relative_paths() {
    let directory = Directory::new();
    directory.write("doorlist.toml", SMALL);
    let file = directory.0.path().join("doorlist.toml");
    let actions = Actions::load(None).unwrap();
    let config = Config::load(&file, &BTreeMap::new(), &actions).unwrap();
    assert_eq!(config.appliances["esa-1"].password.expose(), "from the file");

    let missing = directory.0.path().join("missing.toml");
    let message = Config::load(&missing, &BTreeMap::new(), &actions)
        .unwrap_err()
        .to_string();
    assert!(message.contains("missing.toml: cannot be read: ") && message.contains("doorlist.example.toml"));
}

#[test]
fn a_pin_is_read_with_and_without_colons_and_a_proxy_keeps_its_password_to_itself() {
    let digits = "0aFF".repeat(16);
    let colons = ["0A:ff"; 16].join(":");
    let keys = format!("pin_sha256 = ['{digits}', '{colons}']\nproxy = 'http://u:hunter2@127.0.0.1:3128'\n");
    let config = good(&SMALL.replace("username = ", &format!("{keys}username = ")), &[]);
    let appliance = &config.appliances["esa-1"];
    let Trust::Pins(pins) = &appliance.tls.trust else {
        panic!("{appliance:?}")
    };
    assert_eq!(pins[0], pins[1]);
    assert_eq!(pins[0].to_string(), ["0A:FF"; 16].join(":"));
    assert!(!format!("{appliance:?}").contains("hunter2"));
    assert!(
        config.warnings[0].contains("the proxy's password of [appliances.esa-1] can be read by everybody")
    );
    assert!(config.warnings[0].contains("DOORLIST_APPLIANCES__ESA_1__PROXY"));
}
