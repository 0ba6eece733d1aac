//! What each kind of list matches and what not, in every spelling, and what a list may not hold. `random.rs` holds
//! networks and names against a second opinion that looks at every element.

mod random;

use super::*;

fn list(name: &str, level: Level, matching: Matching) -> Warninglist {
    Warninglist {
        name: name.to_owned(),
        file: format!("{name}.json"),
        level,
        matching,
        of_names: true,
        of_ip_addresses: true,
        of_mail_addresses: true,
    }
}

/// Lists with their elements, of which the first stands in line 1.
fn built(lists: &[(Warninglist, &[&str])]) -> Warninglists {
    let mut builder = WarninglistsBuilder::default();
    for (list, elements) in lists {
        builder.begin(list.clone()).unwrap();
        for (line, element) in (1..).zip(*elements) {
            builder.add(line, element).unwrap();
        }
    }
    builder.finish().unwrap()
}

fn sentences(lists: &Warninglists, value: &str) -> Vec<String> {
    let hits = lists.hits(&EntryKey::of(value)).into_iter();
    hits.map(|hit| {
        let verb = if hit.refuses() { "refused" } else { "noted" };
        format!("{verb}: {hit} ({})", hit.origin())
    })
    .collect()
}

/// Rows of value and the elements that match it: with a `!` before those that only note it.
fn check(lists: &Warninglists, rows: &[(&str, &[&str])]) {
    for (value, expected) in rows {
        let hits = lists.hits(&EntryKey::of(value));
        let found = hits.iter().map(|hit| {
            let mark = if hit.refuses() { "" } else { "!" };
            format!("{mark}{}", hit.element())
        });
        assert_eq!(found.collect::<Vec<_>>(), *expected, "{value}");
    }
}

#[test]
fn a_list_of_hosts_matches_a_host_and_what_is_below_it_and_notes_what_is_above() {
    let elements: &[&str] = &[
        "Google.com",
        ".dotted.example",
        "*.wild.example.",
        "b\u{fc}cher.example",
        "www.deep.co.uk",
        "8.8.8.8",
        "",
        "com",
        "path.example/index",
    ];
    let lists = built(&[(list("hosts", Level::Refuse, Matching::Hostname), elements)]);
    check(
        &lists,
        &[
            ("google.com", &["google.com"]),
            ("GOOGLE.com.", &["google.com"]),
            ("a.b.google.com", &["google.com"]),
            ("someone@mail.google.com", &["google.com"]),
            ("dotted.example", &["dotted.example"]),
            ("x.wild.example", &["wild.example"]),
            ("xn--bcher-kva.example", &["xn--bcher-kva.example"]),
            ("www.B\u{dc}CHER.example", &["xn--bcher-kva.example"]),
            ("[8.8.8.8]", &["8.8.8.8"]),
            ("8.8.8.8", &["8.8.8.8"]),
            ("user@[8.8.8.8]", &["8.8.8.8"]),
            // By the bare top-level name, as MISP would have it.
            ("other.com", &["com"]),
            // Above: listing it does not list what is below it.
            ("deep.co.uk", &["!www.deep.co.uk"]),
            // Somebody else's mailbox, and a public suffix.
            ("user@deep.co.uk", &[]),
            ("co.uk", &[]),
            // Cut in the middle of a label.
            ("notgoogle.net", &[]),
            ("google.com.evil.example", &[]),
            ("path.example", &[]),
            ("9.8.8.8", &[]),
            ("8.8", &[]),
        ],
    );
}

#[test]
fn a_list_of_strings_matches_whole_values_alone() {
    let elements: &[&str] = &[
        "Abuse@Example.com",
        "example.net",
        "2001:DB8:0::1",
        "::ffff:192.0.2.1",
    ];
    let lists = built(&[(list("strings", Level::Refuse, Matching::String), elements)]);
    check(
        &lists,
        &[
            ("abuse@example.COM", &["abuse@example.com"]),
            ("other@example.com", &[]),
            ("example.com", &[]),
            ("example.net", &["example.net"]),
            ("anybody@example.net", &["example.net"]),
            ("www.example.net", &[]),
            ("[IPv6:2001:db8::1]", &["2001:db8::1"]),
            ("[192.0.2.1]", &["192.0.2.1"]),
        ],
    );
}

#[test]
fn networks_match_what_is_in_them_and_what_holds_them() {
    let elements: &[&str] = &[
        "192.0.2.0/24",
        "198.51.100.7",
        "203.0.113.99/25",
        "2001:db8::/32",
        "::ffff:10.0.0.0/104",
    ];
    let lists = built(&[
        (list("networks", Level::Refuse, Matching::Cidr), elements),
        (list("narrow", Level::Refuse, Matching::Cidr), &["192.0.2.128/30"]),
    ]);
    check(
        &lists,
        &[
            ("[192.0.2.1]", &["192.0.2.0/24"]),
            ("user@[192.0.2.255]", &["192.0.2.0/24"]),
            ("192.0.2.129", &["192.0.2.128/30", "192.0.2.0/24"]),
            ("[IPv6:::ffff:192.0.2.1]", &["192.0.2.0/24"]),
            ("198.51.100.7", &["198.51.100.7/32"]),
            ("198.51.100.6", &[]),
            ("203.0.113.1", &["203.0.113.0/25"]),
            ("203.0.113.128", &[]),
            ("[ipv6:2001:db8:ffff::1]", &["2001:db8::/32"]),
            ("[ipv6:2001:db9::1]", &[]),
            ("10.1.2.3", &["10.0.0.0/8"]),
            // Networks as candidates.
            ("192.0.2.0/24", &["192.0.2.0/24", "192.0.2.128/30"]),
            ("192.0.2.0/30", &["192.0.2.0/24"]),
            ("192.0.0.0/16", &["192.0.2.0/24", "192.0.2.128/30"]),
            ("::ffff:192.0.2.0/126", &["192.0.2.0/24"]),
            ("2001::/16", &["2001:db8::/32"]),
            ("11.0.0.0/8", &[]),
            // Names that look like it.
            ("192.0.2.example", &[]),
        ],
    );
}

#[test]
fn parts_and_expressions_are_found_in_either_form_of_a_name() {
    let lists = built(&[
        (
            list("parts", Level::Refuse, Matching::Substring),
            &["Goog", "b\u{fc}ch", "oogl", ".ru"],
        ),
        (
            list("expressions", Level::Refuse, Matching::Regex),
            &[
                r"/^(security|noc|ABUSE)\@.*\..*$/",
                r"(?:^|\.)shop\.",
                "/stra\u{df}e [.]/x",
                r"^\w{100}$",
                "/^[\u{e4}\u{df}]\\w+[.]example/u",
                r"/example\.n.t$/gs",
            ],
        ),
    ]);
    check(
        &lists,
        &[
            ("GOOGLE.com", &["Goog"]),
            ("xn--bcher-kva.example", &["b\u{fc}ch"]),
            ("info@b\u{fc}cher.example", &["b\u{fc}ch"]),
            ("mail.ru", &[".ru"]),
            ("abuse@bad.example", &[r"/^(security|noc|ABUSE)\@.*\..*$/"]),
            ("no-abuse@bad.example", &[]),
            ("my.shop.example", &[r"(?:^|\.)shop\."]),
            ("workshop.example", &[]),
            ("stra\u{df}e.example", &["/stra\u{df}e [.]/x"]),
            ("\u{df}traub.example", &["/^[\u{e4}\u{df}]\\w+[.]example/u"]),
            ("example.nxt", &[r"/example\.n.t$/gs"]),
            ("bad.example", &[]),
            // Its host alone would match.
            ("x@b\u{e4}d.\u{df}traub.example", &[]),
            ("x@\u{df}traub.example", &[]),
        ],
    );
}

#[test]
fn a_list_is_held_against_the_kinds_of_values_that_it_names() {
    let of = |of_names, of_ip_addresses, of_mail_addresses| Warninglist {
        of_names,
        of_ip_addresses,
        of_mail_addresses,
        ..list("hosts", Level::Refuse, Matching::Hostname)
    };
    let elements: &[&str] = &["example.com", "192.0.2.1"];
    let names = built(&[(of(true, false, false), elements)]);
    let ip_addresses = built(&[(of(false, true, false), elements)]);
    let mail_addresses = built(&[(of(false, false, true), elements)]);
    check(
        &names,
        &[
            ("example.com", &["example.com"]),
            ("192.0.2.1", &[]),
            // One address there is not the whole host.
            ("user@example.com", &["!example.com"]),
            ("user@[192.0.2.1]", &[]),
        ],
    );
    check(
        &ip_addresses,
        &[
            ("example.com", &[]),
            ("192.0.2.1", &["192.0.2.1"]),
            ("user@[192.0.2.1]", &["!192.0.2.1"]),
        ],
    );
    check(
        &mail_addresses,
        &[
            ("example.com", &[]),
            ("192.0.2.1", &[]),
            ("user@example.com", &["example.com"]),
        ],
    );
}

#[test]
fn every_list_is_told_once_with_its_nearest_element_and_refusals_come_first() {
    let lists = built(&[
        (
            list("notes", Level::Note, Matching::Hostname),
            &["example.com", "mail.example.com"],
        ),
        (
            list("refuses", Level::Refuse, Matching::Hostname),
            &["example.com"],
        ),
        (
            list("parts", Level::Refuse, Matching::Substring),
            &["example", "mail"],
        ),
    ]);
    assert_eq!(
        sentences(&lists, "mail.example.com"),
        [
            "refused: below example.com on the warninglist \"refuses\" (warninglists, refuses.json:1)",
            "refused: matched by mail on the warninglist \"parts\" (warninglists, parts.json:2)",
            "noted: mail.example.com on the warninglist \"notes\" (warninglists, notes.json:2)",
        ]
    );
    assert_eq!(
        lists.notes(&EntryKey::of("mail.example.com")),
        ["mail.example.com on the warninglist \"notes\" (warninglists, notes.json:2)"]
    );
    let refused = lists.find("mail.example.com").unwrap();
    assert_eq!(refused.rule(), Rule::Warninglist);
    assert_eq!(
        refused.to_string(),
        "below example.com on the warninglist \"refuses\" (warninglists, refuses.json:1)"
    );
    assert_eq!(Warninglists::default().find("mail.example.com"), None);
}

#[test]
fn what_cannot_be_used_or_is_made_to_hurt_is_refused_with_a_reason() {
    let nested = "(".repeat(60) + "a" + &")".repeat(60);
    let long = "a".repeat(5000);
    for (matching, element, expected) in [
        (
            Matching::Cidr,
            "example.com",
            "is neither an IP address nor a network",
        ),
        (
            Matching::Cidr,
            "192.0.2.0/33",
            "is neither an IP address nor a network",
        ),
        (
            Matching::Cidr,
            "010.0.0.1",
            "is neither an IP address nor a network",
        ),
        (
            Matching::Cidr,
            "192.0.2.0-192.0.2.9",
            "is neither an IP address nor a network",
        ),
        (Matching::Cidr, "0.0.0.0/0", "is the network of all addresses"),
        (Matching::Cidr, "::/0", "is the network of all addresses"),
        (
            Matching::Regex,
            "((a{100}){100}){100}",
            "is larger than 524288 bytes when it is compiled",
        ),
        (Matching::Regex, "/(a)\\1/", "backreferences are not supported"),
        (Matching::Regex, "/(?=a)b/", "look-around"),
        (Matching::Regex, "/a(/i", "unclosed group"),
        (Matching::Regex, "/a/e", "has the letter e behind its second `/`"),
        (Matching::Regex, &nested, "exceed the maximum number of nested"),
        (Matching::Regex, &long, "is longer than 4096 characters"),
    ] {
        let mut builder = WarninglistsBuilder::default();
        builder.begin(list("list", Level::Refuse, matching)).unwrap();
        let mistake = builder.add(1, element).unwrap_err().to_string();
        assert!(mistake.contains(expected), "{element}: {mistake}");
    }
}

#[test]
fn patterns_have_an_end_together_as_well() {
    for (matching, pattern, words) in [
        (Matching::Substring, "part", "20000 substrings"),
        (Matching::Regex, "a", "1000 regular expressions"),
    ] {
        let mut builder = WarninglistsBuilder::default();
        builder.begin(list("list", Level::Refuse, matching)).unwrap();
        let mistake = (1..1_000_000).find_map(|line| builder.add(line, &format!("{pattern}{line}")).err());
        assert!(mistake.unwrap().to_string().contains(words));
    }
    let mut builder = WarninglistsBuilder::default();
    builder
        .begin(list("list", Level::Refuse, Matching::Regex))
        .unwrap();
    for line in 1..400 {
        builder.add(line, &format!("({line}[a-z]{{20}}){{20}}")).unwrap();
    }
    let mistake = builder.finish().unwrap_err();
    assert_eq!(mistake, WarninglistMistake::RegexesTooLarge(4 * 1024 * 1024));
}
