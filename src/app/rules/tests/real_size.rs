//! A folder as large as that of MISP: some hundred lists of networks, tens of thousands of names, hashes that are of no
//! use. `DOORLIST_WARNINGLISTS=FOLDER cargo test real_size` reads a real one instead, and prints what is in it.

use super::*;
use std::fmt::Write as _;

const NETWORK_LISTS: usize = 100;
const NETWORKS_PER_LIST: usize = 400;
const NAMES: usize = 60_000;

fn list(name: &str, matching: &str, attributes: &str, elements: impl Iterator<Item = String>) -> String {
    let mut text = format!("{{\n  \"description\": \"{name}\",\n  \"list\": [");
    for (index, element) in elements.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(text, "{comma}\n    \"{element}\"").unwrap();
    }
    write!(
        text,
        "\n  ],\n  \"matching_attributes\": [{attributes}],\n  \"name\": \"{name}\",\n  \"type\": \"{matching}\",\n  \"version\": 1\n}}\n"
    )
    .unwrap();
    text
}

/// Networks and names that no other list has, so that each match is known.
fn generate(site: &Site) {
    for number in 0..NETWORK_LISTS {
        let network = |index: usize| format!("{}.{}.{}.0/24", 11 + number, index / 256, index % 256);
        let text = list(
            &format!("Networks {number}"),
            "cidr",
            "\"ip-src\", \"ip-dst\", \"domain|ip\"",
            (0..NETWORKS_PER_LIST).map(network),
        );
        site.write(&format!("lists/networks-{number}/list.json"), &text);
    }
    let names = list(
        "Most used",
        "hostname",
        "\"domain\", \"hostname\", \"url\"",
        (0..NAMES).map(|number| format!("name{number}.com")),
    );
    site.write("lists/top/list.json", &names);
    let hashes = list(
        "Hashes",
        "string",
        "\"md5\"",
        (0..NAMES).map(|number| format!("{number:032x}")),
    );
    site.write("lists/hashes/list.json", &hashes);
    let parts = list(
        "Simulations",
        "substring",
        "\"domain\"",
        (0..130).map(|number| format!("www.simulation{number}.com")),
    );
    site.write("lists/simulations/list.json", &parts);
    let contacts = std::iter::once("/^(security|noc|soc|abuse)\\\\@.*\\\\..*$/i".to_owned());
    site.write(
        "lists/contacts/list.json",
        &list("Contacts", "regex", "\"email-src\"", contacts),
    );
}

#[test]
fn a_folder_of_the_size_of_misps_is_read_and_judges_by_each_of_its_lists() {
    if let Some(folder) = std::env::var_os("DOORLIST_WARNINGLISTS") {
        return print_real(Path::new(&folder));
    }
    let site = Site::new(&[]);
    generate(&site);
    let rules = site
        .rules("warninglists = 'lists'\nwarninglist_levels = { '*' = 'refuse' }")
        .unwrap();
    let guard = rules.guard();
    assert_eq!(guard.warninglists().lists().len(), NETWORK_LISTS + 3);
    for number in 0..NETWORK_LISTS {
        let value = format!("{}.1.143.{number}", 11 + number);
        assert_eq!(
            site.judged(&guard, &value),
            format!(
                "below {}.1.143.0/24 on the warninglist \"Networks {number}\" (warninglists, \
                 lists/networks-{number}/list.json:403)",
                11 + number
            )
        );
    }
    for (value, expected) in [
        (
            "name59999.com",
            "name59999.com on the warninglist \"Most used\" (warninglists, lists/top/list.json:60003)",
        ),
        (
            "www.simulation7.com",
            "matched by www.simulation7.com on the warninglist \"Simulations\" (warninglists, lists/simulations/list.json:11)",
        ),
        (
            "abuse@bad.example",
            "matched by /^(security|noc|soc|abuse)\\@.*\\..*$/i on the warninglist \"Contacts\" (warninglists, lists/contacts/list.json:4)",
        ),
        ("bad.example", ""),
        ("11.1.144.1", ""),
        ("someone@name1.com", ""),
    ] {
        assert_eq!(site.judged(&guard, value), expected, "{value}");
    }
}

fn print_real(folder: &Path) {
    let guard = format!("warninglists = '{}'", folder.display());
    let rules = Site::new(&[]).rules(&guard).unwrap();
    let guard = rules.guard();
    let lists = guard.warninglists();
    println!(
        "{} lists, {} bytes of elements",
        lists.lists().len(),
        lists.element_bytes()
    );
    for value in [
        "google.com",
        "www.google.com",
        "someone@gmail.com",
        "8.8.8.8",
        "40.92.0.1",
        "bad.example",
    ] {
        println!(
            "{value}: {:#?}",
            guard.warninglist_notes(&crate::model::EntryKey::of(value))
        );
    }
}
