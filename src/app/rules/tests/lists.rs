//! The folder of warninglists: where lists are found, what they may look like, and what each mistake is told as.

use super::*;

#[test]
fn lists_are_found_where_misp_has_them_and_their_levels_are_what_was_written() {
    let site = Site::new(&[
        ("lists/google/list.json", GOOGLE),
        ("lists/google/generate.py", "print()"),
        ("lists/.being-written.json", "{"),
        (
            "lists/own.json",
            &GOOGLE.replace("List of known google domains", "Ours"),
        ),
        ("lists/empty/README", ""),
    ]);
    let refused = |file: &str, name: &str| {
        format!("google.com on the warninglist \"{name}\" (warninglists, lists/{file}.json:4)")
    };
    let google = refused("google/list", "List of known google domains");
    let own = refused("own", "Ours");
    for (levels, expected, notes) in [
        ("", "", 2),
        (
            "warninglist_levels = { 'List of known google domains' = 'refuse' }",
            google.as_str(),
            1,
        ),
        (
            "warninglist_levels = { google = 'Refuse', own = 'off' }",
            &google,
            0,
        ),
        (
            "warninglist_levels = { '*' = 'refuse', google = 'note' }",
            &own,
            1,
        ),
        ("warninglist_levels = { '*' = 'off', own = 'refuse' }", &own, 0),
        // Its own name goes before that of its file.
        ("warninglist_levels = { Ours = 'refuse', own = 'note' }", &own, 1),
    ] {
        let rules = site.rules(&format!("warninglists = 'lists'\n{levels}")).unwrap();
        let guard = rules.guard();
        assert_eq!(site.judged(&guard, "google.com"), expected, "{levels}");
        let sender = Sender::parse_untyped("google.com").unwrap();
        assert_eq!(guard.warninglist_notes(sender.key()).len(), notes, "{levels}");
    }
}

#[test]
fn lists_in_every_form_that_misp_reads_are_read() {
    for (list, value) in [
        // No type, an array of types, comments, escapes, and keys that nobody knows.
        (r#"{"name":"l","list":["a.example"]}"#, "a.example"),
        (
            r#"{"name":"l","type":["hostname"],"list":["a.example"]}"#,
            "www.a.example",
        ),
        (
            r#"{"name":"l","type":"hostname","list":{"a.example":"why","b.example":""}}"#,
            "www.b.example",
        ),
        (
            r#"{"list":["b\u00fccher.example"],"name":"l","category":{"x":[1,{}]}}"#,
            "xn--bcher-kva.example",
        ),
        (
            r#"{"list":["","192.0.2.0/24"],"name":"l","type":"cidr","matching_attributes":[]}"#,
            "192.0.2.9",
        ),
        (
            r#"{"list":["/^a\\.[a-z]+$/i"],"name":"l","type":"regex"}"#,
            "a.example",
        ),
    ] {
        let site = Site::new(&[("lists/l.json", list)]);
        let rules = site
            .rules("warninglists = 'lists'\nwarninglist_levels = { l = 'refuse' }")
            .unwrap();
        let sentence = site.judged(&rules.guard(), value);
        assert!(
            sentence.ends_with("on the warninglist \"l\" (warninglists, lists/l.json:1)"),
            "{list}: {sentence}"
        );
    }
}

#[test]
fn a_list_of_what_can_never_be_listed_is_not_kept() {
    let hashes =
        r#"{"name":"hashes","type":"string","matching_attributes":["md5"],"list":["d41d8cd98f00b204"]}"#;
    let site = Site::new(&[("lists/hashes.json", hashes)]);
    let rules = site
        .rules("warninglists = 'lists'\nwarninglist_levels = { hashes = 'refuse' }")
        .unwrap();
    assert!(rules.guard().warninglists().lists().is_empty());
}

#[test]
fn a_list_that_cannot_be_used_is_named_with_file_and_line() {
    let deep = format!(r#"{{"name":{}"x"{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let million = format!(
        r#"{{"name":"l","type":"cidr","list":[{}"x"]}}"#,
        "\"x\",\n".repeat(1_000_000)
    );
    for (text, expected) in [
        (
            "{\n  \"name\": \"l\",\n",
            "lists/l.json:3:0: not readable as a warninglist of MISP: EOF while parsing",
        ),
        (
            "[]",
            "lists/l.json:1:0: not readable as a warninglist of MISP: invalid type: sequence, expected an object",
        ),
        (
            r#"{"list":[]}"#,
            "lists/l.json:1:11: not readable as a warninglist of MISP: `name` is missing",
        ),
        (
            r#"{"name":"l"}"#,
            "lists/l.json:1:12: not readable as a warninglist of MISP: `list` is missing",
        ),
        (
            "{\"name\":\"l\",\n\"list\":[],\"list\":[]}",
            "lists/l.json:2:16: not readable as a warninglist of MISP: `list` stands there twice",
        ),
        (
            r#"{"name":"l","type":"fuzzy","list":[]}"#,
            "lists/l.json:1:26: not readable as a warninglist of MISP: unknown type `fuzzy`; known types: string, substring, hostname, cidr, regex",
        ),
        (
            "{\"name\":\"l\",\"list\":[\"a\",\n  7]}",
            "lists/l.json:2:3: `7` is not text in quotes",
        ),
        (
            "{\"name\":\"l\",\"type\":\"cidr\",\"list\":[\n\"192.0.2.1\", \"192.0.2.300\"]}",
            "lists/l.json:2:14: `192.0.2.300` is neither an IP address nor a network",
        ),
        (
            "{\"type\":\"regex\",\"list\":[\n\n\"((a{100}){100}){100}\"],\"name\":\"l\"}",
            "lists/l.json:3:1: `((a{100}){100}){100}` is larger than 524288 bytes",
        ),
        (
            "{\"name\":\"l\",\"list\":\"a\"}",
            "lists/l.json:1:22: not readable as a warninglist of MISP: invalid type: string \"a\", expected `list`",
        ),
        (
            &deep,
            "lists/l.json:1:8: not readable as a warninglist of MISP: invalid type: sequence, expected a string",
        ),
        (
            &million,
            "lists/l.json:1:35: `x` is neither an IP address nor a network",
        ),
    ] {
        let site = Site::new(&[("lists/l.json", text)]);
        let message = site.rules("warninglists = 'lists'").unwrap_err();
        assert!(
            message.starts_with(expected),
            "expected\n{expected}\ngot\n{message}"
        );
        assert!(message.lines().count() <= 21);
    }
}

#[test]
fn a_folder_or_a_level_that_cannot_be_meant_is_refused() {
    let site = Site::new(&[("lists/google/list.json", GOOGLE), ("none/README", "")]);
    for (guard, expected) in [
        ("warninglists = 'missing'", "missing: cannot be read: "),
        (
            "warninglists = 'none'",
            "none: holds no list; allowed: NAME.json or NAME/list.json",
        ),
        (
            "warninglists = 'lists'\nwarninglist_levels = { gogle = 'refuse' }",
            "doorlist.toml:3:24: no warninglist in lists is called `gogle`, by itself or by its file or folder, or that one is off by its other name; did you mean `google`?",
        ),
        (
            "warninglists = 'lists'\nwarninglist_levels = { google = 'deny' }",
            "doorlist.toml:3:33: the level of a warninglist must be \"refuse\", \"note\" or \"off\", not `deny`",
        ),
        (
            "warninglist_levels = { google = 'note' }",
            "doorlist.toml:2:24: `warninglist_levels` has no use without `warninglists`",
        ),
    ] {
        let message = site.rules(guard).unwrap_err();
        assert!(
            message.starts_with(expected),
            "expected\n{expected}\ngot\n{message}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_folder_whose_list_cannot_be_looked_at_is_no_folder_without_a_list() {
    let site = Site::new(&[
        ("lists/google/list.json", GOOGLE),
        ("lists/readme/text.md", "no list"),
    ]);
    let rules = site.rules("warninglists = 'lists'").unwrap();
    assert_eq!(rules.guard().warninglists().lists().len(), 1);
    let list = site.path().join("lists/google/list.json");
    std::fs::remove_file(&list).unwrap();
    std::os::unix::fs::symlink("nowhere", &list).unwrap();
    let Reread::Kept(trouble) = rules.reread() else {
        panic!("a list that cannot be read was left out")
    };
    assert!(trouble.words.contains("list.json"), "{}", trouble.words);
    assert_eq!(rules.guard().warninglists().lists().len(), 1);
}
