//! The guard: may this entry be put on a list? Nobody blocks their own company, a public suffix, their own
//! network or a whole freemail provider by mistake. It is the only maker of [`Cleared`], so that whoever asks
//! for a `Cleared<Sender>` cannot be handed one that nobody judged.
//!
//! Pure: the same guard judges the same entry alike at `accept` and again at `execute`. Refuses to know which
//! list is meant, who asks, and what stands on the appliance. One file per rule: `guard/own_domains.rs`,
//! `suffixes.rs`, `networks.rs`, `freemail.rs`; `candidate.rs` is what they judge, `refused.rs` what they say.

mod candidate;
mod freemail;
mod networks;
mod own_domains;
mod refused;
mod suffixes;
#[cfg(test)]
mod tests;

pub use refused::{Refused, Rule};

use crate::model::{EntryKey, Recipient, Sender};
use candidate::Candidate;
use own_domains::OwnDomains;

/// The rules, ready to judge. Built from the configuration once; judging allocates only where it refuses.
#[derive(Debug, Clone)]
pub struct Guard {
    own_domains: OwnDomains,
}

impl Guard {
    /// A guard for the given own domains, each with the place where it was configured
    /// ("own_domains, doorlist.toml:31"). What stands twice is told by its first place. Whoever reads the
    /// configuration has refused what is no domain; a mail address stands for its domain.
    pub fn new(own_domains: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            own_domains: OwnDomains::new(own_domains),
        }
    }

    /// May this sender be listed for anybody, on either list?
    ///
    /// # Errors
    /// The first rule that forbids it.
    pub fn clear_sender(&self, sender: &Sender) -> Result<Cleared<Sender>, Refused> {
        self.judge(sender.key())?;
        Ok(Cleared {
            entry: sender.clone(),
        })
    }

    /// May entries be added for this mailbox? There is no rule about mailboxes yet.
    pub fn clear_recipient(&self, recipient: &Recipient) -> Cleared<Recipient> {
        Cleared {
            entry: recipient.clone(),
        }
    }

    /// For what is to be taken off a list, and for nothing else: a wrong entry must always be able to leave,
    /// and the more so when a rule forbids it today.
    pub fn clear_removal<T: Clone>(&self, entry: &T) -> Cleared<T> {
        Cleared { entry: entry.clone() }
    }

    /// What belongs to the reader comes first: of all reasons it is the one to act upon.
    fn judge(&self, key: &EntryKey) -> Result<(), Refused> {
        let candidate = Candidate::of(key);
        self.own_domains.judge(&candidate)?;
        suffixes::judge(&candidate)?;
        networks::judge(&candidate)?;
        freemail::judge(&candidate)
    }
}

/// An entry that the guard has let through. Never stored: after a restart today's rules judge it again.
///
/// ```
/// use doorlist::guard::{Cleared, Guard};
/// use doorlist::model::Sender;
///
/// let sender = Sender::parse_untyped("bad.example").unwrap();
/// let cleared: Cleared<Sender> = Guard::new([]).clear_sender(&sender).unwrap();
/// assert_eq!(cleared.entry(), &sender);
/// ```
///
/// Nobody else can make one:
///
/// ```compile_fail,E0451
/// use doorlist::guard::{Cleared, Guard};
/// use doorlist::model::Sender;
///
/// let sender = Sender::parse_untyped("bad.example").unwrap();
/// let cleared: Cleared<Sender> = Cleared { entry: sender.clone() };
/// assert_eq!(cleared.entry(), &sender);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared<T> {
    entry: T,
}

impl<T> Cleared<T> {
    /// What was let through.
    pub fn entry(&self) -> &T {
        &self.entry
    }

    /// What was let through, without the proof.
    pub fn into_entry(self) -> T {
        self.entry
    }
}
