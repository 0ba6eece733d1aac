//! What the knobs make of a change: which pairs stand afterwards, and why the rest was refused.

use super::super::*;
use super::{ByRecipient, BySender, Pair, pair};

/// `a` has `1.com` and `2.com`, `b` has `1.com`; the other list has `a` with `safe.com`.
fn lists() -> Lists {
    Lists {
        blocklist: vec![
            pair("a@x.com", "1.com"),
            pair("b@x.com", "1.com"),
            pair("a@x.com", "2.com"),
        ],
        safelist: vec![pair("a@x.com", "safe.com")],
    }
}

fn knobs(settings: &str) -> Knobs {
    let mut knobs = Knobs::default();
    for setting in settings.split_whitespace() {
        let (name, value) = setting.split_once('=').expect("name=value");
        knobs.set(name, value).expect("a knob");
    }
    knobs
}

fn texts(pairs: &[Pair]) -> Vec<String> {
    let text = |Pair { recipient, sender }: &Pair| format!("{recipient} {sender}");
    pairs.iter().map(text).collect()
}

/// Why something was refused, and the pairs that came and went.
fn outcome(knobs: &Knobs, decision: Decision) -> (Option<u16>, Vec<String>, Vec<String>) {
    let status = decision.refusal.map(|refusal| {
        super::super::super::errors::refused(&refusal, knobs)
            .status
            .as_u16()
    });
    let difference = decision.effect.carry_out(&mut lists().blocklist);
    (status, texts(&difference.added), texts(&difference.removed))
}

#[test]
fn each_knob_of_a_write_decides_what_comes_and_what_is_refused() {
    let a_and_c = &["a@x.com", "c@x.com"][..];
    let add = |view, recipients, senders| change(Verb::Add, view, recipients, senders);
    let append = |view, recipients, senders| change(Verb::Append, view, recipients, senders);
    let edit = |view, recipients, senders| change(Verb::Edit, view, recipients, senders);
    let many = &["1.com", "2.com", "3.com", "4.com"][..];
    let (a, b, c, none) = (&["a@x.com"][..], &["b@x.com"][..], &["c@x.com"][..], &[][..]);
    for (settings, change, status, added) in [
        // add_on_existing
        (
            "add_on_existing=row",
            add(ByRecipient, a, &["9.com"]),
            Some(409),
            none,
        ),
        (
            "add_on_existing=pair",
            add(ByRecipient, a, &["9.com"]),
            None,
            &["a@x.com 9.com"],
        ),
        (
            "add_on_existing=pair",
            add(ByRecipient, a, &["1.com", "9.com"]),
            Some(409),
            none,
        ),
        (
            "add_on_existing=merge",
            add(ByRecipient, a, &["1.com", "9.com"]),
            None,
            &["a@x.com 9.com"],
        ),
        (
            "add_on_existing=merge",
            add(ByRecipient, a, &["1.com"]),
            None,
            none,
        ),
        // append_of_existing_pair, append_on_missing_row
        (
            "append_of_existing_pair=409",
            append(BySender, a_and_c, &["1.com"]),
            Some(409),
            none,
        ),
        (
            "append_of_existing_pair=noop",
            append(BySender, a_and_c, &["1.com"]),
            None,
            &["c@x.com 1.com"],
        ),
        (
            "append_on_missing_row=create",
            append(ByRecipient, c, &["1.com"]),
            None,
            &["c@x.com 1.com"],
        ),
        (
            "append_on_missing_row=404",
            append(ByRecipient, c, &["1.com"]),
            Some(404),
            none,
        ),
        (
            "append_on_missing_row=404",
            append(BySender, c, &["1.com"]),
            None,
            &["c@x.com 1.com"],
        ),
        // edit_on_missing_row
        (
            "edit_on_missing_row=404",
            edit(ByRecipient, c, &["1.com"]),
            Some(404),
            none,
        ),
        (
            "edit_on_missing_row=create",
            edit(ByRecipient, c, &["1.com"]),
            None,
            &["c@x.com 1.com"],
        ),
        // batch_with_conflict, for each reason
        (
            "batch_with_conflict=partial",
            append(BySender, a_and_c, &["1.com"]),
            Some(409),
            &["c@x.com 1.com"],
        ),
        (
            "batch_with_conflict=partial",
            add(ByRecipient, a_and_c, &["9.com"]),
            Some(409),
            &["c@x.com 9.com"],
        ),
        (
            "batch_with_conflict=partial",
            append(BySender, a_and_c, &["safe.com"]),
            Some(409),
            &["c@x.com safe.com"],
        ),
        (
            "batch_with_conflict=partial",
            append(ByRecipient, c, &["9.com", ".bad"]),
            Some(400),
            &["c@x.com 9.com"],
        ),
        (
            "batch_with_conflict=partial list_limit=3",
            append(ByRecipient, b, &["7.com", "8.com", "9.com"]),
            Some(400),
            &["b@x.com 7.com", "b@x.com 8.com"],
        ),
        (
            "batch_with_conflict=partial append_on_missing_row=404",
            append(ByRecipient, a_and_c, &["9.com"]),
            Some(404),
            &["a@x.com 9.com"],
        ),
        // other_list
        (
            "other_list=400",
            append(BySender, a, &["safe.com"]),
            Some(400),
            none,
        ),
        (
            "other_list=allow",
            append(BySender, a, &["safe.com"]),
            None,
            &["a@x.com safe.com"],
        ),
        // list_limit, over_limit
        ("list_limit=3", append(ByRecipient, c, many), Some(400), none),
        (
            "list_limit=3 over_limit=409",
            append(ByRecipient, c, many),
            Some(409),
            none,
        ),
        (
            "list_limit=3 over_limit=413",
            append(ByRecipient, c, many),
            Some(413),
            none,
        ),
        (
            "list_limit=none",
            append(ByRecipient, b, &["2.com"]),
            None,
            &["b@x.com 2.com"],
        ),
        // A pair that stands takes no place.
        (
            "list_limit=3 append_of_existing_pair=noop",
            append(ByRecipient, a, &["1.com", "3.com"]),
            None,
            &["a@x.com 3.com"],
        ),
        // bad_entry, refused_entries
        ("bad_entry=404", append(BySender, a, &[".bad"]), Some(404), none),
        (
            "refused_entries=b@x.com",
            append(BySender, &["b@x.com", "c@x.com"], &["9.com"]),
            Some(400),
            none,
        ),
        (
            "refused_entries=9.com",
            append(BySender, a, &["9.com"]),
            Some(400),
            none,
        ),
        (
            "refused_entries=9.COM",
            append(BySender, a, &["9.com"]),
            None,
            &["a@x.com 9.com"],
        ),
        (
            "refused_entries=9.COM spelling=fold",
            append(BySender, a, &["9.com"]),
            Some(400),
            none,
        ),
        // spelling
        (
            "spelling=exact",
            append(BySender, &["A@x.com"], &["1.com"]),
            None,
            &["A@x.com 1.com"],
        ),
        (
            "spelling=fold",
            append(BySender, &["A@x.com"], &["1.COM"]),
            Some(409),
            none,
        ),
        (
            "spelling=fold",
            append(BySender, &["A@x.com"], &["safe.COM"]),
            Some(409),
            none,
        ),
        (
            "spelling=fold",
            add(ByRecipient, &["A@x.com"], &["9.com"]),
            Some(409),
            none,
        ),
        // The spelling that came first stays.
        (
            "spelling=fold",
            append(BySender, &["B@X.com", "N@x.com", "n@x.com"], &["2.COM"]),
            None,
            &["b@x.com 2.com", "N@x.com 2.com"],
        ),
    ] {
        let knobs = knobs(settings);
        let decision = decide(&lists(), ListName::Blocklist, &change, &knobs);
        let (refused, came, went) = outcome(&knobs, decision);
        assert_eq!(
            (refused, &came[..]),
            (
                status,
                &added.iter().map(ToString::to_string).collect::<Vec<_>>()[..]
            ),
            "{settings} {change:?}"
        );
        assert!(went.is_empty(), "{settings} {change:?}: {went:?}");
    }
}

#[test]
fn an_edit_replaces_what_was_not_refused() {
    let edit = |view, recipients, senders| change(Verb::Edit, view, recipients, senders);
    for (settings, change, status, added, removed) in [
        (
            "",
            edit(ByRecipient, &["a@x.com"], &["3.com"]),
            None,
            vec!["a@x.com 3.com"],
            vec!["a@x.com 1.com", "a@x.com 2.com"],
        ),
        (
            "spelling=fold",
            edit(ByRecipient, &["A@X.com"], &["1.COM"]),
            None,
            vec![],
            vec!["a@x.com 2.com"],
        ),
        // One row is replaced, the other is left as it was, because all of its values were refused.
        (
            "batch_with_conflict=partial edit_on_missing_row=404",
            edit(ByRecipient, &["b@x.com", "c@x.com"], &["3.com"]),
            Some(404),
            vec!["b@x.com 3.com"],
            vec!["b@x.com 1.com"],
        ),
        (
            "batch_with_conflict=partial",
            edit(ByRecipient, &["a@x.com"], &["safe.com", "2.com"]),
            Some(409),
            vec![],
            vec!["a@x.com 1.com"],
        ),
    ] {
        let knobs = knobs(settings);
        let decision = decide(&lists(), ListName::Blocklist, &change, &knobs);
        let expected = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        assert_eq!(
            outcome(&knobs, decision),
            (status, expected(added), expected(removed)),
            "{settings} {change:?}"
        );
    }
}

#[test]
fn each_knob_of_a_deletion_decides_what_goes_and_what_is_counted() {
    for (settings, view, keys, status, count, removed) in [
        (
            "",
            ByRecipient,
            vec!["a@x.com", "z@x.com"],
            None,
            1,
            vec!["a@x.com 1.com", "a@x.com 2.com"],
        ),
        (
            "delete_count=pairs",
            ByRecipient,
            vec!["a@x.com", "z@x.com"],
            None,
            2,
            vec!["a@x.com 1.com", "a@x.com 2.com"],
        ),
        (
            "delete_count=pairs",
            BySender,
            vec!["1.com"],
            None,
            2,
            vec!["a@x.com 1.com", "b@x.com 1.com"],
        ),
        (
            "delete_of_absent=404",
            BySender,
            vec!["9.com"],
            Some(404),
            0,
            vec![],
        ),
        (
            "delete_of_absent=404",
            BySender,
            vec!["2.com", "9.com"],
            Some(404),
            1,
            vec![],
        ),
        (
            "delete_of_absent=404 batch_with_conflict=partial",
            BySender,
            vec!["2.com", "9.com"],
            Some(404),
            1,
            vec!["a@x.com 2.com"],
        ),
        ("spelling=exact", ByRecipient, vec!["B@x.com"], None, 0, vec![]),
        (
            "spelling=fold",
            ByRecipient,
            vec!["B@x.com", "b@x.com"],
            None,
            1,
            vec!["b@x.com 1.com"],
        ),
    ] {
        let knobs = knobs(settings);
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        let decision = decide_deletion(&lists(), ListName::Blocklist, view, &keys, &knobs);
        assert_eq!(decision.total_count, count, "{settings} {keys:?}");
        let (refused, _, went) = outcome(&knobs, decision);
        assert_eq!(
            (refused, went),
            (status, removed.into_iter().map(str::to_owned).collect()),
            "{settings} {keys:?}"
        );
    }
}
