//! What is worth knowing of an entry that is listed all the same: rules that only note, that a domain covers no
//! subdomain, and what looks like a known name. Refuses nothing.

use super::candidate::Candidate;
use super::refused::Refused;
use super::rule::Rule;
use super::{Guard, Level, suffixes};
use crate::model::{ListKind, Recipient, Sender};

/// That a domain on a list stands for its addresses alone. A call that lists many says it once.
pub const COVERS_NAME_ONLY: &str = "covers this name only, not its subdomains";

impl Guard {
    /// Sentences about a sender that is put on this list.
    #[must_use]
    pub fn notes(&self, sender: &Sender, list: ListKind) -> Vec<String> {
        let candidate = Candidate::of(sender.key());
        let mut notes = self.noted(self.find_sender(&candidate, list));
        // Of a name that was registered people think as of the whole; who writes a subdomain means that one.
        let is_registered = suffixes::registered(candidate.host)
            .is_some_and(|(label, suffix)| label.len() + ".".len() + suffix.len() == candidate.host.len());
        if !candidate.is_address && candidate.network.is_none() && is_registered {
            notes.push(COVERS_NAME_ONLY.to_owned());
        }
        if self.level(Rule::Warninglist) != Level::Off {
            notes.extend(self.warninglist_notes(sender.key()));
        }
        if let Some(known) = self.look_alikes.find(&candidate) {
            notes.push(format!("look-alike of {known}"));
        }
        notes
    }

    /// Sentences about a mailbox for which something is added.
    #[must_use]
    pub fn recipient_notes(&self, recipient: &Recipient) -> Vec<String> {
        self.noted(self.find_recipient(&Candidate::of(recipient.key())))
    }

    fn noted(&self, found: Vec<Refused>) -> Vec<String> {
        let notes = found
            .into_iter()
            .filter(|refused| self.level(refused.rule()) == Level::Note);
        notes
            .map(|refused| format!("noted, not refused: {refused}"))
            .collect()
    }
}
