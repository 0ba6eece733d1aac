//! What a request may do to the lists: add, append, edit and delete as pure functions over [`Lists`].
//!
//! A change is checked whole before anything moves: it happens entirely or not at all (unsettled,
//! `docs/asyncos.md`, "Semantics", G: no source). The checks are in `refusals.rs`. This file refuses to know
//! HTTP; statuses are in `errors.rs`, request bodies in `writing.rs`.

use std::collections::{HashMap, HashSet};

use super::entries::{Recipient, Sender};
use super::lists::{ListName, Lists, Pair, View};
use super::refusals::{self, Refusal};

/// What to do with the rows that a change names: `action` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// New rows.
    Add,
    /// More values in rows that stand, or new rows.
    Append,
    /// Other values in rows that stand.
    Edit,
}

/// One write: every sender for every recipient, and from which side the rows are meant.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) verb: Verb,
    pub(super) view: View,
    pub(super) recipients: Vec<Recipient>,
    pub(super) senders: Vec<Sender>,
}

pub(super) fn apply(
    lists: &mut Lists,
    name: ListName,
    change: &Change,
    list_limit: Option<u32>,
) -> Result<(), Refusal> {
    let wanted = change.pairs();
    let here = lists.list(name);
    match change.verb {
        Verb::Add => refusals::add_on_existing_row(here, change)?,
        Verb::Append => refusals::append_of_existing_pair(here, &wanted)?,
        Verb::Edit => refusals::edit_of_missing_row(here, change)?,
    }
    refusals::pair_in_the_other_list(lists.list(name.other()), &wanted)?;
    if let Some(list_limit) = list_limit {
        refusals::row_beyond_the_limit(here, change, &wanted, list_limit)?;
    }

    let here = lists.list_mut(name);
    match change.verb {
        Verb::Add | Verb::Append => here.extend(wanted),
        Verb::Edit => replace_rows(here, change, wanted),
    }
    Ok(())
}

/// Takes whole rows out and tells how many there were.
///
/// Unsettled (`docs/asyncos.md`, "Semantics", I from XI): what is absent lowers the count and is no error.
/// That the count is of rows, not of pairs, is inferred too (TQ: 1 for 1).
pub(super) fn delete(lists: &mut Lists, name: ListName, view: View, keys: &[String]) -> usize {
    let keys: HashSet<&str> = keys.iter().map(String::as_str).collect();
    let here = lists.list_mut(name);
    let deleted_rows: HashSet<&str> = here
        .iter()
        .map(|pair| pair.key(view))
        .filter(|key| keys.contains(key))
        .collect();
    let deleted_row_count = deleted_rows.len();
    here.retain(|pair| !keys.contains(pair.key(view)));
    deleted_row_count
}

impl Change {
    /// The names of the rows that are meant, as they came.
    pub(super) fn keys(&self) -> Vec<&str> {
        match self.view {
            View::Recipient => self.recipients.iter().map(Recipient::as_str).collect(),
            View::Sender => self.senders.iter().map(Sender::as_str).collect(),
        }
    }

    /// Every pair the request names, in the order in which they are named. What is named twice counts once.
    fn pairs(&self) -> Vec<Pair> {
        let mut seen = HashSet::new();
        let mut pairs = Vec::new();
        for recipient in &self.recipients {
            for sender in &self.senders {
                if seen.insert((recipient, sender)) {
                    pairs.push(Pair {
                        recipient: recipient.as_str().to_owned(),
                        sender: sender.as_str().to_owned(),
                    });
                }
            }
        }
        pairs
    }
}

/// `edit` replaces the whole value list of a row (`docs/asyncos.md`, "Semantics", XS). The row keeps its
/// place.
fn replace_rows(here: &mut Vec<Pair>, change: &Change, wanted: Vec<Pair>) {
    let mut new_rows: HashMap<String, Vec<Pair>> = HashMap::new();
    for pair in wanted {
        let key = pair.key(change.view).to_owned();
        new_rows.entry(key).or_default().push(pair);
    }
    for pair in std::mem::take(here) {
        match new_rows.get_mut(pair.key(change.view)) {
            // The first pair of an old row makes place for the whole new one; at the later ones it is empty.
            Some(new_row) => here.append(new_row),
            None => here.push(pair),
        }
    }
}

/// A change in the fewest letters, for the tests of this room.
#[cfg(test)]
pub(super) fn change(verb: Verb, view: View, recipients: &[&str], senders: &[&str]) -> Change {
    let recipients = recipients.iter().map(|text| Recipient::parse((*text).to_owned()));
    let senders = senders.iter().map(|text| Sender::parse((*text).to_owned()));
    Change {
        verb,
        view,
        recipients: recipients.map(|parsed| parsed.expect("a recipient")).collect(),
        senders: senders.map(|parsed| parsed.expect("a sender")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lists::pair;
    use super::*;
    use View::{Recipient as ByRecipient, Sender as BySender};

    fn two_recipients() -> Lists {
        Lists {
            blocklist: vec![
                pair("a@x.com", "1.com"),
                pair("b@x.com", "1.com"),
                pair("a@x.com", "2.com"),
            ],
            safelist: vec![],
        }
    }

    /// What the blocklist holds after a change that must succeed.
    fn blocklist_after(change: &Change) -> Vec<Pair> {
        let mut lists = two_recipients();
        apply(&mut lists, ListName::Blocklist, change, None).expect("the change is taken");
        lists.blocklist
    }

    #[test]
    fn add_and_append_put_every_sender_on_every_recipient() {
        let change_of_four = |verb| change(verb, ByRecipient, &["c@x.com", "d@x.com"], &["1.com", "3.com"]);
        for verb in [Verb::Add, Verb::Append] {
            assert_eq!(
                blocklist_after(&change_of_four(verb))[3..],
                [
                    pair("c@x.com", "1.com"),
                    pair("c@x.com", "3.com"),
                    pair("d@x.com", "1.com"),
                    pair("d@x.com", "3.com")
                ]
            );
        }
    }

    #[test]
    fn an_entry_named_twice_in_one_request_counts_once() {
        let twice = change(
            Verb::Append,
            BySender,
            &["c@x.com", "c@x.com"],
            &["3.com", "3.com"],
        );
        assert_eq!(blocklist_after(&twice)[3..], [pair("c@x.com", "3.com")]);
    }

    #[test]
    fn edit_replaces_the_row_in_its_view_and_leaves_it_in_its_place() {
        for (edit, expected) in [
            (
                change(Verb::Edit, ByRecipient, &["a@x.com"], &["3.com", "2.com"]),
                vec![
                    pair("a@x.com", "3.com"),
                    pair("a@x.com", "2.com"),
                    pair("b@x.com", "1.com"),
                ],
            ),
            (
                change(Verb::Edit, BySender, &["c@x.com"], &["1.com"]),
                vec![pair("c@x.com", "1.com"), pair("a@x.com", "2.com")],
            ),
        ] {
            assert_eq!(blocklist_after(&edit), expected);
        }
    }

    #[test]
    fn a_refused_change_leaves_the_lists_as_they_were() {
        let mut lists = two_recipients();
        let half_new = change(Verb::Append, BySender, &["a@x.com", "c@x.com"], &["1.com"]);
        assert!(apply(&mut lists, ListName::Blocklist, &half_new, None).is_err());
        assert_eq!(lists, two_recipients());
    }

    #[test]
    fn delete_takes_rows_in_its_view_and_counts_only_those_that_stood() {
        for (view, keys, count, left) in [
            (ByRecipient, vec!["a@x.com"], 1, vec![pair("b@x.com", "1.com")]),
            (BySender, vec!["1.com"], 1, vec![pair("a@x.com", "2.com")]),
            (BySender, vec!["1.com", "2.com", "9.com"], 2, vec![]),
            (
                BySender,
                vec!["1.com", "1.com"],
                1,
                vec![pair("a@x.com", "2.com")],
            ),
            (
                ByRecipient,
                vec!["A@x.com", "1.com"],
                0,
                two_recipients().blocklist,
            ),
        ] {
            let mut lists = two_recipients();
            let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
            assert_eq!(
                delete(&mut lists, ListName::Blocklist, view, &keys),
                count,
                "{keys:?}"
            );
            assert_eq!(lists.blocklist, left, "{keys:?}");
        }
    }
}
