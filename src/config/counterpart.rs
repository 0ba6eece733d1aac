//! The stored list that indicators are paired with: recipients for an action on senders, senders for one on
//! recipients. Written as a TOML array, as ThreatQ's text with commas, or in a file with one entry per line.

use super::configuration::Stored;
use super::files::read_text;
use super::section::Section;
use super::setting::Setting;
use crate::manifest::{ListEntry, Mistakes, ParameterKey, ParameterValue, Place, read_entries};
use crate::model::{Recipient, Sender};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Some 300,000 addresses; whoever has more for one action has picked the wrong file.
const LIST_FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The other side of every pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counterpart {
    /// A deletion takes all pairs of an indicator.
    None,
    /// For an action that adds senders: for whom. At least one, none twice.
    Recipients(Vec<Recipient>),
    /// For an action that adds recipients: whom. At least one, none twice.
    Senders(Vec<Sender>),
}

/// The four keys as they were written.
pub(super) struct Written {
    recipients: WrittenList,
    senders: WrittenList,
}

struct WrittenList {
    key: ParameterKey,
    list: Setting<Vec<(Place, String)>>,
    file: Setting<String>,
}

impl Written {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self {
            recipients: WrittenList {
                key: ParameterKey::RecipientList,
                list: section.texts("recipient_list"),
                file: section.text("recipient_list_file"),
            },
            senders: WrittenList {
                key: ParameterKey::SenderList,
                list: section.texts("sender_list"),
                file: section.text("sender_list_file"),
            },
        }
    }

    /// The list that the action needs, and no other, with where it was written.
    pub(super) fn into_counterpart(
        self,
        stored: &Stored<'_>,
        base_dir: &Path,
        mistakes: &mut Mistakes,
    ) -> Option<(Counterpart, String)> {
        let needed = ParameterKey::counterpart(stored.action.operation, stored.action.view);
        for list in [&self.recipients, &self.senders] {
            if Some(list.key) != needed {
                list.refuse(needed, stored, mistakes);
            }
        }
        match needed {
            Some(key @ ParameterKey::RecipientList) => {
                let origin = self.recipients.origin(stored);
                let entries = self.recipients.read_entries(stored, base_dir, mistakes);
                let recipients = stored.settle(key, entries, mistakes, |value| match value {
                    ParameterValue::Recipients(recipients) => Some(recipients.clone()),
                    _ => None,
                });
                recipients.map(|recipients| (Counterpart::Recipients(recipients), origin))
            }
            Some(key) => {
                let origin = self.senders.origin(stored);
                let entries = self.senders.read_entries(stored, base_dir, mistakes);
                let senders = stored.settle(key, entries, mistakes, |value| match value {
                    ParameterValue::Senders(senders) => Some(senders.clone()),
                    _ => None,
                });
                senders.map(|senders| (Counterpart::Senders(senders), origin))
            }
            None => Some((Counterpart::None, String::new())),
        }
    }
}

impl WrittenList {
    /// The keys that were written, with their places.
    fn written(&self) -> impl Iterator<Item = (String, &Place)> {
        let word = self.key.word();
        let keys = [
            (word.to_owned(), self.list.place()),
            (format!("{word}_file"), self.file.place()),
        ];
        keys.into_iter().filter_map(|(key, place)| Some((key, place?)))
    }

    /// Where the list was written, for a report that tells why an entry is held against it.
    fn origin(&self, stored: &Stored<'_>) -> String {
        match self.written().next() {
            Some((key, place)) => format!("{key} of {}, {}", stored.header, place.without_column()),
            None => format!("{} of the action `{}`", self.key.word(), stored.action.id),
        }
    }

    fn refuse(&self, needed: Option<ParameterKey>, stored: &Stored<'_>, mistakes: &mut Mistakes) {
        let needs = match needed {
            Some(key) => format!("needs `{}` instead", key.word()),
            None => "deletes for everybody and needs no list".to_owned(),
        };
        for (key, place) in self.written() {
            let text = format!(
                "`{key}` has no use in {}: the action `{}` {needs}",
                stored.header, stored.action.id
            );
            mistakes.add(place, format!("{text}; take this line out"));
        }
    }

    fn read_entries<E: ListEntry>(
        self,
        stored: &Stored<'_>,
        base_dir: &Path,
        mistakes: &mut Mistakes,
    ) -> Setting<Vec<E>> {
        let word = self.key.word();
        let written = match (self.list, self.file) {
            (list, Setting::Absent) => list,
            (Setting::Absent, file) => read_list_file(file, base_dir, mistakes),
            (list, file) => {
                let place = list.place().or(file.place()).unwrap_or(stored.place).clone();
                let text = format!(
                    "{} has both `{word}` and `{word}_file`; take one of them out",
                    stored.header
                );
                mistakes.add(&place, text);
                return Setting::Wrong(place);
            }
        };
        match written {
            Setting::Absent => Setting::Absent,
            Setting::Wrong(place) => Setting::Wrong(place),
            Setting::Written(texts, place) => match read_entries(&texts, &place, mistakes) {
                Some(entries) => Setting::Written(entries, place),
                None => Setting::Wrong(place),
            },
        }
    }
}

/// One entry per line; `#` at the beginning or behind white space begins a comment (inside an address it is a
/// letter like any other).
fn read_list_file(
    file: Setting<String>,
    base_dir: &Path,
    mistakes: &mut Mistakes,
) -> Setting<Vec<(Place, String)>> {
    file.checked(mistakes, |written| {
        let path = base_dir.join(written);
        let shown = path.display().to_string();
        let text =
            read_text(&path, LIST_FILE_BYTES_MAX).map_err(|reason| format!("the file {shown} {reason}"))?;
        let mut entries = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let entry = without_comment(line);
            if !entry.trim().is_empty() {
                let indent = entry
                    .chars()
                    .take_while(|character| character.is_whitespace())
                    .count();
                entries.push((
                    Place::at(shown.clone(), index + 1, indent + 1),
                    entry.trim().to_owned(),
                ));
            }
        }
        Ok(entries)
    })
}

pub(super) fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (index, character) in line.char_indices() {
        if character == '#' && before.is_whitespace() {
            return &line[..index];
        }
        before = character;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_begins_at_the_line_or_behind_white_space() {
        for (line, expected) in [
            ("a@example.com # finance", "a@example.com "),
            ("# all of it", ""),
            ("a#b@example.com", "a#b@example.com"),
            ("a@example.com\t#x", "a@example.com\t"),
            ("", ""),
        ] {
            assert_eq!(without_comment(line), expected);
        }
    }
}
