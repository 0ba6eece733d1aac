//! When the appliance says no to a change: one function per reason, and nothing else.
//!
//! Most of these decisions are told by no public source. Each function says so ("Unsettled", with how sure
//! it is and the source tag; `docs/asyncos.md`, "What the simulator assumes", has them all), so that a
//! setting can be put in its place later. This file refuses to know HTTP: the status of a refusal is
//! decided in `errors.rs`.

use std::collections::{HashMap, HashSet};

use super::lists::Pair;
use super::rules::{Change, Verb};

/// Why nothing was changed. The texts are guesses: no source shows the text of any such error
/// (`docs/asyncos.md`, "Errors").
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("Entry already exists - {0}")]
    RowExists(String),
    #[error("Entry already exists - {recipient}, {sender}")]
    PairExists { recipient: String, sender: String },
    #[error("Entry does not exist - {0}")]
    RowMissing(String),
    #[error("Entry exists in the other list - {recipient}, {sender}")]
    PairInOtherList { recipient: String, sender: String },
    #[error("More than {list_limit} list items - {recipient}")]
    ListFull { recipient: String, list_limit: u32 },
}

/// Unsettled (`docs/asyncos.md`, "Semantics", I from BAN): TQ documents a conflict, and the one public client
/// that tells the verbs apart adds only where no row stands; so the row decides, not the pair.
pub(super) fn add_on_existing_row(here: &[Pair], change: &Change) -> Result<(), Refusal> {
    let present = keys_present(here, change);
    match change.keys().into_iter().find(|key| present.contains(key)) {
        Some(key) => Err(Refusal::RowExists(key.to_owned())),
        None => Ok(()),
    }
}

/// Unsettled (`docs/asyncos.md`, "Semantics", I from TQ): TQ tells its conflict of all adding actions, one of
/// which appends. A missing row is no reason to refuse (I from TQ and BAN): the row is created.
pub(super) fn append_of_existing_pair(here: &[Pair], wanted: &[Pair]) -> Result<(), Refusal> {
    match first_wanted_pair_in(here, wanted) {
        Some(pair) => Err(Refusal::PairExists {
            recipient: pair.recipient.clone(),
            sender: pair.sender.clone(),
        }),
        None => Ok(()),
    }
}

/// Unsettled (`docs/asyncos.md`, "Semantics", G): where no row stands, there is nothing to edit.
pub(super) fn edit_of_missing_row(here: &[Pair], change: &Change) -> Result<(), Refusal> {
    let present = keys_present(here, change);
    match change.keys().into_iter().find(|key| !present.contains(key)) {
        Some(key) => Err(Refusal::RowMissing(key.to_owned())),
        None => Ok(()),
    }
}

/// Documented: the same entry cannot be in both lists of a recipient, while a domain in one and an address
/// of that domain in the other is fine (`docs/asyncos.md`, "Semantics", HELP). Unsettled is only what the
/// refusal looks like.
pub(super) fn pair_in_the_other_list(other: &[Pair], wanted: &[Pair]) -> Result<(), Refusal> {
    match first_wanted_pair_in(other, wanted) {
        Some(pair) => Err(Refusal::PairInOtherList {
            recipient: pair.recipient.clone(),
            sender: pair.sender.clone(),
        }),
        None => Ok(()),
    }
}

/// Documented: the limit counts the senders of one recipient in one list (`docs/asyncos.md`, "Semantics", TQ
/// and UGM82). Unsettled (G): a row that is too long already, because the lists were set from outside, may
/// shrink.
pub(super) fn row_beyond_the_limit(
    here: &[Pair],
    change: &Change,
    wanted: &[Pair],
    list_limit: u32,
) -> Result<(), Refusal> {
    let replaced_keys: HashSet<&str> = match change.verb {
        Verb::Edit => change.keys().into_iter().collect(),
        Verb::Add | Verb::Append => HashSet::new(),
    };
    let mut lengths: HashMap<&str, RowLength> = HashMap::new();
    for pair in wanted {
        lengths.entry(&pair.recipient).or_default().after += 1;
    }
    for pair in here {
        if let Some(length) = lengths.get_mut(pair.recipient.as_str()) {
            length.before += 1;
            if !replaced_keys.contains(pair.key(change.view)) {
                length.after += 1;
            }
        }
    }
    let is_too_long =
        |length: &RowLength| length.after > u64::from(list_limit) && length.after > length.before;
    // In the order of the request, so that the same request always names the same recipient.
    let mut recipients = wanted.iter().map(|pair| &pair.recipient);
    match recipients.find(|recipient| lengths.get(recipient.as_str()).is_some_and(is_too_long)) {
        Some(recipient) => Err(Refusal::ListFull {
            recipient: recipient.clone(),
            list_limit,
        }),
        None => Ok(()),
    }
}

/// How many senders a recipient has in this list before a change, and would have after it.
#[derive(Default)]
struct RowLength {
    before: u64,
    after: u64,
}

fn keys_present<'a>(here: &'a [Pair], change: &Change) -> HashSet<&'a str> {
    here.iter().map(|pair| pair.key(change.view)).collect()
}

fn first_wanted_pair_in<'a>(list: &[Pair], wanted: &'a [Pair]) -> Option<&'a Pair> {
    let present: HashSet<&Pair> = list.iter().collect();
    wanted.iter().find(|pair| present.contains(pair))
}

#[cfg(test)]
mod tests {
    use super::super::lists::{ListName, Lists, View::*, pair};
    use super::super::rules::{Verb::*, apply, change};
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
        apply(&mut lists, ListName::Blocklist, change, Some(3))
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
}
