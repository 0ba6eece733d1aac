//! The only names that a run may write: the scratch recipient, in either case of the letters before its `@`, and senders
//! below a domain that exists for this run alone. Refuses to know what is done with them; `asker.rs` sends nothing that
//! [`Names::may_write`] does not let through.

use crate::model::{EntryKey, Recipient, Write};

/// Senders are told apart by three digits; a full list, and what was refused on the way there, stays below.
const SENDERS_MAX: usize = 1_000;

/// Around the word of a run.
const DOMAIN_BEGIN: &str = "doorlist-learn-";
const DOMAIN_END: &str = ".example";

/// Whom and what a run may name.
#[derive(Debug, Clone)]
pub(super) struct Names {
    recipient: String,
    key: EntryKey,
    domain: String,
    made: Vec<String>,
}

impl Names {
    /// `run` is a word that no other run has.
    pub(super) fn new(recipient: &Recipient, run: &str) -> Self {
        Self {
            recipient: recipient.as_str().to_owned(),
            key: recipient.key().clone(),
            domain: format!("{DOMAIN_BEGIN}{run}{DOMAIN_END}"),
            made: Vec::new(),
        }
    }

    pub(super) fn recipient(&self) -> &str {
        &self.recipient
    }

    /// The domain of all invented senders.
    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// The scratch recipient with the case of the letters before its `@` swapped; none where there are no letters.
    pub(super) fn other_spelling(&self) -> Option<String> {
        let (local, host) = self.recipient.rsplit_once('@')?;
        let swapped = swap_case(local);
        (swapped != local).then(|| format!("{swapped}@{host}"))
    }

    /// A sender that this run has not used. They do not come in the order of the alphabet, so that a list that is
    /// sorted can be told from one that is kept as it came.
    pub(super) fn new_sender(&mut self) -> String {
        let number = (self.made.len() * 37 + 11) % SENDERS_MAX;
        let sender = format!("s{number:03}.{}", self.domain);
        self.made.push(sender.clone());
        sender
    }

    pub(super) fn new_senders(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.new_sender()).collect()
    }

    /// Below the domain of this run.
    pub(super) fn is_invented(&self, sender: &str) -> bool {
        let sender = sender.to_lowercase();
        let above = sender.strip_suffix(&self.domain);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    }

    /// Below the domain of some run, this one or one that was killed before it had cleaned up.
    pub(super) fn is_of_any_run(sender: &str) -> bool {
        let sender = sender.to_lowercase();
        let run = sender
            .strip_suffix(DOMAIN_END)
            .and_then(|above| above.rsplit_once(DOMAIN_BEGIN));
        run.is_some_and(|(_, run)| !run.is_empty() && run.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    /// When this run made it, counted from 0.
    pub(super) fn position(&self, sender: &str) -> Option<usize> {
        self.made.iter().position(|made| made == sender)
    }

    /// As [`Names::new_sender`] made it, and not one of its odd relatives.
    pub(super) fn is_usual(&self, sender: &str) -> bool {
        sender.starts_with('s') && sender.ends_with(&self.domain) && !sender.contains(char::is_whitespace)
    }

    /// The scratch recipient in any spelling.
    pub(super) fn is_scratch(&self, recipient: &str) -> bool {
        EntryKey::of(recipient) == self.key
    }

    /// Whether a change names nothing else.
    pub(super) fn may_write(&self, write: &Write) -> bool {
        use crate::model::View::{Recipient, Sender};
        let is_key = |name: &String| match write.view {
            Recipient => self.is_scratch(name),
            Sender => self.is_invented(name),
        };
        let is_value = |name: &String| match write.view {
            Recipient => self.is_invented(name),
            Sender => self.is_scratch(name),
        };
        write.keys.iter().all(is_key) && write.values.iter().all(is_value)
    }
}

/// ASCII letters in the other case.
pub(super) fn swap_case(text: &str) -> String {
    let swap = |letter: char| {
        if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        }
    };
    text.chars().map(swap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ListKind, Verb, View};

    fn names(recipient: &str) -> Names {
        Names::new(&Recipient::parse(recipient).unwrap().entry, "7f")
    }

    #[test]
    fn senders_are_new_unique_and_in_no_order() {
        let senders = names("Test@example.com").new_senders(SENDERS_MAX);
        let mut sorted = senders.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((sorted.len(), sorted != senders), (SENDERS_MAX, true));
        assert_eq!(senders[0], "s011.doorlist-learn-7f.example");
    }

    #[test]
    fn only_letters_before_the_at_change_their_case() {
        assert_eq!(
            names("Test.1@example.com").other_spelling().as_deref(),
            Some("tEST.1@example.com")
        );
        assert_eq!(names("11@example.com").other_spelling(), None);
    }

    #[test]
    fn nothing_else_may_be_written() {
        let names = names("test@example.com");
        for (view, key, value, allowed) in [
            (
                View::Recipient,
                "test@example.com",
                "s1.doorlist-learn-7f.example",
                true,
            ),
            (
                View::Recipient,
                "TEST@example.com",
                ".s1.DOORLIST-LEARN-7F.example",
                true,
            ),
            (
                View::Sender,
                "s1.doorlist-learn-7f.example",
                "test@example.com",
                true,
            ),
            (
                View::Sender,
                "s1.doorlist-learn-7f.example",
                "test2@example.com",
                false,
            ),
            (
                View::Sender,
                "s1.doorlist-learn-8f.example",
                "test@example.com",
                false,
            ),
            (
                View::Recipient,
                "test@example.com",
                "xdoorlist-learn-7f.example",
                false,
            ),
            (
                View::Recipient,
                "other@example.com",
                "s1.doorlist-learn-7f.example",
                false,
            ),
        ] {
            let write = Write {
                list: ListKind::Blocklist,
                view,
                verb: Verb::Append,
                keys: vec![key.into()],
                values: vec![value.into()],
            };
            assert_eq!(names.may_write(&write), allowed, "{write:?}");
            let deletion = Write {
                verb: Verb::Delete,
                values: vec![],
                ..write
            };
            assert_eq!(
                names.may_write(&deletion),
                allowed || key.starts_with("test@") || key.starts_with("s1.doorlist-learn-7f"),
                "{deletion:?}"
            );
        }
    }
}
