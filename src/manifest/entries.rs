//! Sender and recipient lists that a person wrote, in a manifest or in the configuration: each entry read and
//! none twice. Knows nothing of files; whoever calls hands in each entry with its place.

use super::mistake::{Mistakes, Place};
use crate::model::{EntryKey, Recipient, Refusal, Sender, excerpt};

/// Longest part of a refused entry that a message repeats; a mail address has at most 254.
const EXCERPT_CHARACTERS_MAX: usize = 80;

/// What can stand in such a list.
pub(crate) trait ListEntry: Sized {
    /// "sender" or "recipient".
    const NOUN: &'static str;
    /// What an entry looks like, for messages.
    const ALLOWED: &'static str;

    fn read(text: &str) -> Result<Self, Refusal>;
    fn key(&self) -> &EntryKey;
}

impl ListEntry for Sender {
    const NOUN: &'static str = "sender";
    const ALLOWED: &'static str = "a mail address, a domain or an IP address";

    fn read(text: &str) -> Result<Self, Refusal> {
        Self::parse_untyped(text)
    }

    fn key(&self) -> &EntryKey {
        self.key()
    }
}

impl ListEntry for Recipient {
    const NOUN: &'static str = "recipient";
    const ALLOWED: &'static str = "a mail address";

    fn read(text: &str) -> Result<Self, Refusal> {
        Self::parse(text).map(|parsed| parsed.entry)
    }

    fn key(&self) -> &EntryKey {
        self.key()
    }
}

/// Reads the entries of one list. None where any of them is a mistake, or where there are none at all.
pub(crate) fn read_entries<E: ListEntry>(
    written: &[(Place, String)],
    list: &Place,
    mistakes: &mut Mistakes,
) -> Option<Vec<E>> {
    if written.is_empty() {
        mistakes.add(
            list,
            format!(
                "the list is empty; allowed: at least one {}, {}",
                E::NOUN,
                E::ALLOWED
            ),
        );
        return None;
    }
    let mut entries: Vec<(&Place, E)> = Vec::new();
    for (place, text) in written {
        let shown = excerpt(text, EXCERPT_CHARACTERS_MAX);
        match E::read(text) {
            Err(refusal) => {
                let text = format!(
                    "`{shown}` cannot be a {}; allowed: {}; {refusal}",
                    E::NOUN,
                    E::ALLOWED
                );
                mistakes.add(place, text);
            }
            Ok(entry) => match entries.iter().find(|(_, other)| other.key() == entry.key()) {
                Some((first, _)) => {
                    let text = format!("`{shown}` stands in the list twice, first at {first}; take one out");
                    mistakes.add(place, text);
                }
                None => entries.push((place, entry)),
            },
        }
    }
    let all_good = entries.len() == written.len();
    all_good.then(|| entries.into_iter().map(|(_, entry)| entry).collect())
}

/// ThreatQ's way to write a list: text with commas. An empty piece, as behind a last comma, is nothing.
pub(crate) fn split_commas(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|piece| !piece.is_empty())
}
