//! A fifth action without a line of Rust, through the real binary.

use super::support::{Program, file_in_repository, post, run};
use doorlist::simulator::{Settings, Simulator};

const FINANCE: &str = "block-senders-for-finance";

fn directory(config: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("doorlist.toml"), config).unwrap();
    std::fs::create_dir(directory.path().join("manifests")).unwrap();
    let manifest = std::fs::read(file_in_repository("tests/data/block-senders-for-finance.yaml")).unwrap();
    std::fs::write(directory.path().join("manifests/finance.yaml"), manifest).unwrap();
    directory
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_in_a_folder_gets_its_endpoint_and_does_nothing_until_a_configuration_names_it() {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let appliance = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[appliances.esa-1]\nurl = \"{}\"\nallow_http = true\nusername = \"admin\"\npassword = \"ironport\"\n",
        simulator.url()
    );
    let unnamed = directory(&appliance);
    let mut program = Program::start(unnamed.path(), &["serve", "--manifests", "manifests"], &[]);
    let url = program.url();
    let answer = post(&format!("{url}/v1/actions/{FINANCE}"), r#"["bad.example"]"#).await;
    assert_eq!((answer.status, answer.code()), (400, "no_configuration"));
    drop(program);

    let named = directory(&format!(
        "{appliance}[configurations.finance]\naction = \"{FINANCE}\"\nappliance = \"esa-1\"\nrecipient_list = \"cfo@example.com\"\n"
    ));
    let mut program = Program::start(named.path(), &["serve", "--manifests", "manifests"], &[]);
    let url = program.url();
    let body = r#"[{"value":"bad.example","type":"FQDN"},{"value":"a@bad.example","type":"Email Address"}]"#;
    let answer = post(&format!("{url}/v1/actions/{FINANCE}"), body).await;
    assert_eq!(answer.outcomes(), ["added", "unsupported_type"]);
    assert_eq!(simulator.lists().blocklist.len(), 1);
    drop(program);

    let fixed = directory(&format!(
        "{appliance}[configurations.finance]\naction = \"{FINANCE}\"\nappliance = \"esa-1\"\nlist_type = \"Safelist\"\nrecipient_list = \"cfo@example.com\"\n"
    ));
    let output = run(fixed.path(), &["serve", "--manifests", "manifests"], &[]);
    assert_eq!(output.status.code(), Some(78));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        words.contains("doorlist.toml:") && words.contains("list_type") && words.contains("fixed"),
        "{words}"
    );
}

#[test]
fn mistakes_in_manifests_stop_the_start_with_file_and_line_and_what_is_allowed() {
    let directory = directory("");
    let manifest = std::fs::read_to_string(directory.path().join("manifests/finance.yaml")).unwrap();
    for (from, to, words) in [
        ("operation: add", "operation: ad", "add"),
        ("view: sender", "view: sender\nview: sender", "view"),
        ("version:", "versoin:", "versoin"),
        ("  - FQDN", "  - MD5", "FQDN"),
        (
            "id: block-senders-for-finance",
            "id: cisco-esa-add-senders-to-quarantine-list",
            "cisco-esa-add-senders",
        ),
    ] {
        assert!(manifest.contains(from), "{from}");
        let broken = manifest.replacen(from, to, 1);
        std::fs::write(directory.path().join("manifests/finance.yaml"), broken).unwrap();
        let output = run(directory.path(), &["serve", "--manifests", "manifests"], &[]);
        assert_eq!(output.status.code(), Some(78), "{to}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("finance.yaml:") && said.contains(words),
            "{to}: {said}"
        );
    }
}
