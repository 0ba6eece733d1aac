//! Which rules match an entry, in the order in which they judge. What belongs to the reader comes first: of all reasons it
//! is the one to act upon. Which of them judge depends on the list: a blocklist must not take mail that is wanted, a
//! safelist must not let in everybody. Refuses to know how strictly a rule is meant; `guard.rs` asks the levels.

use super::candidate::Candidate;
use super::refused::Refused;
use super::rule::Rule;
use super::{Guard, freemail, networks, suffixes};
use crate::model::ListKind;

const OWN: &str = "own domain";

impl Guard {
    /// Everything that speaks against a sender on this list.
    pub(super) fn find_sender(&self, candidate: &Candidate<'_>, list: ListKind) -> Vec<Refused> {
        let is_blocklist = list == ListKind::Blocklist;
        let suffix = suffixes::find(candidate);
        let mut found = Vec::new();
        if let Some(own) = self.own_domains.reaching(candidate) {
            found.push(own.refuse_at(candidate, Rule::OwnDomain, OWN));
        }
        // A public suffix above an own domain is not the operator's; its own rule says better what it is.
        if suffix.is_none() {
            found.extend(self.own_domain_below(candidate));
        }
        if is_blocklist {
            let noun = "protected address";
            found.extend(self.protected.find(candidate, Rule::ProtectedAddress, noun));
            if suffix.is_none() {
                found.extend(self.protected.find_within(candidate, Rule::ProtectedAddress));
            }
            found.extend(self.protected_networks.find(candidate));
        }
        let is_suffix = suffix.is_some();
        found.extend(suffix);
        if is_suffix {
            found.extend(self.own_domain_below(candidate));
            if is_blocklist {
                found.extend(self.protected.find_within(candidate, Rule::ProtectedAddress));
            }
        }
        found.extend(networks::find_special(candidate));
        found.extend(freemail::find(candidate));
        found.extend(self.warninglists.find(candidate.text));
        if !is_blocklist {
            found.extend(self.outside_partners(candidate));
        }
        found
    }

    /// Everything that speaks against adding anything for a mailbox.
    pub(super) fn find_recipient(&self, candidate: &Candidate<'_>) -> Vec<Refused> {
        let noun = "protected mailbox";
        let protected = self
            .protected_recipients
            .find(candidate, Rule::ProtectedRecipient, noun);
        let foreign = self.all_own_domains.as_deref().and_then(|origin| {
            let subject = format!("mailbox outside your own domains, at {}", candidate.host);
            let is_foreign = self.own_domains.reaching(candidate).is_none();
            is_foreign.then(|| Refused::new(Rule::ForeignRecipient, subject, origin))
        });
        protected.into_iter().chain(foreign).collect()
    }

    fn own_domain_below(&self, candidate: &Candidate<'_>) -> Option<Refused> {
        let own = self.own_domains.below(candidate)?;
        Some(own.refuse_above(Rule::OwnDomain, OWN))
    }

    fn outside_partners(&self, candidate: &Candidate<'_>) -> Option<Refused> {
        let origin = self.all_partners.as_deref()?;
        if self.partners.reaching(candidate).is_some() {
            return None;
        }
        let subject = format!("{} is of no partner's domain", candidate.text);
        Some(Refused::new(Rule::OutsidePartnerDomains, subject, origin))
    }
}
