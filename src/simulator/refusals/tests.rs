//! Each reason for a no, with the knobs as they are by default.

use super::super::lists::{ListName, Lists, View::*, pair};
use super::super::rules::{Verb::*, change, decide};
use super::*;

/// What the blocklist says to a change, with a limit of three senders for each recipient.
fn answer(change: &Change) -> Result<(), Refusal> {
    let mut lists = Lists {
        blocklist: vec![
            pair("a@x.com", "1.com"),
            pair("a@x.com", "2.com"),
            pair("b@x.com", "1.com"),
        ],
        safelist: vec![pair("a@x.com", "safe.com")],
    };
    for sender in ["1.com", "2.com", "3.com", "4.com", "5.com"] {
        lists.blocklist.push(pair("long@x.com", sender));
    }
    let knobs = Knobs {
        list_limit: Some(3),
        ..Knobs::default()
    };
    match decide(&lists, ListName::Blocklist, change, &knobs).refusal {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

fn row_exists(key: &str) -> Result<(), Refusal> {
    Err(Refusal::RowExists(key.to_owned()))
}

fn row_missing(key: &str) -> Result<(), Refusal> {
    Err(Refusal::RowMissing(key.to_owned()))
}

fn pair_exists(recipient: &str, sender: &str) -> Result<(), Refusal> {
    Err(Refusal::PairExists {
        recipient: recipient.to_owned(),
        sender: sender.to_owned(),
    })
}

#[test]
fn add_is_refused_where_a_row_stands_in_its_view() {
    for (change, expected) in [
        (
            change(Add, Recipient, &["a@x.com"], &["9.com"]),
            row_exists("a@x.com"),
        ),
        (
            change(Add, Recipient, &["c@x.com", "b@x.com"], &["9.com"]),
            row_exists("b@x.com"),
        ),
        (change(Add, Sender, &["c@x.com"], &["1.com"]), row_exists("1.com")),
        (change(Add, Sender, &["a@x.com"], &["9.com"]), Ok(())),
        (change(Add, Recipient, &["c@x.com"], &["1.com"]), Ok(())),
    ] {
        assert_eq!(answer(&change), expected, "{change:?}");
    }
}

#[test]
fn append_is_refused_only_for_a_pair_that_stands() {
    for (change, expected) in [
        (
            change(Append, Sender, &["b@x.com"], &["1.com"]),
            pair_exists("b@x.com", "1.com"),
        ),
        (
            change(Append, Recipient, &["a@x.com"], &["9.com", "2.com"]),
            pair_exists("a@x.com", "2.com"),
        ),
        (change(Append, Sender, &["b@x.com"], &["2.com"]), Ok(())),
        (change(Append, Sender, &["c@x.com"], &["9.com"]), Ok(())),
        (change(Append, Recipient, &["B@x.com"], &["1.com"]), Ok(())),
    ] {
        assert_eq!(answer(&change), expected, "{change:?}");
    }
}

#[test]
fn edit_is_refused_where_no_row_stands() {
    for (change, expected) in [
        (
            change(Edit, Recipient, &["a@x.com", "c@x.com"], &["9.com"]),
            row_missing("c@x.com"),
        ),
        (
            change(Edit, Sender, &["a@x.com"], &["9.com"]),
            row_missing("9.com"),
        ),
        (change(Edit, Sender, &["c@x.com"], &["2.com"]), Ok(())),
    ] {
        assert_eq!(answer(&change), expected, "{change:?}");
    }
}

#[test]
fn a_pair_of_the_other_list_is_refused_but_what_covers_it_is_not() {
    let refused = Err(Refusal::PairInOtherList {
        recipient: "a@x.com".to_owned(),
        sender: "safe.com".to_owned(),
    });
    assert_eq!(
        answer(&change(Append, Sender, &["c@x.com", "a@x.com"], &["safe.com"])),
        refused
    );
    assert_eq!(
        answer(&change(Edit, Recipient, &["a@x.com"], &["safe.com"])),
        refused
    );
    assert_eq!(
        answer(&change(Append, Sender, &["a@x.com"], &["me@safe.com"])),
        Ok(())
    );
    assert_eq!(
        answer(&change(Append, Sender, &["b@x.com"], &["safe.com"])),
        Ok(())
    );
}

#[test]
fn the_limit_counts_the_senders_of_each_recipient() {
    let full = |recipient: &str| {
        let recipient = recipient.to_owned();
        Err(Refusal::ListFull {
            recipient,
            list_limit: 3,
        })
    };
    let four = ["6.com", "7.com", "8.com", "9.com"];
    for (change, expected) in [
        (change(Append, Sender, &["a@x.com"], &four[..1]), Ok(())),
        (
            change(Append, Sender, &["b@x.com", "a@x.com"], &four[..2]),
            full("a@x.com"),
        ),
        (change(Add, Recipient, &["c@x.com"], &four), full("c@x.com")),
        (change(Edit, Recipient, &["a@x.com"], &four[..3]), Ok(())),
        (change(Edit, Recipient, &["a@x.com"], &four), full("a@x.com")),
        (change(Edit, Sender, &["long@x.com"], &["2.com"]), Ok(())),
        (change(Edit, Recipient, &["long@x.com"], &four), Ok(())),
        (
            change(Append, Sender, &["long@x.com"], &four[..1]),
            full("long@x.com"),
        ),
    ] {
        assert_eq!(answer(&change), expected, "{change:?}");
    }
}
