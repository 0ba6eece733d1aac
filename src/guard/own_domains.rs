//! Own domains: what is configured as one's own, or is the domain of a configured recipient, is not listed, and
//! neither is a name below it or above it. An address is ours at an own domain or below it; at a mere parent it
//! is somebody else's. Refuses to know how the domains were found; whoever builds the guard names each place.

use super::candidate::Candidate;
use super::refused::{Refused, Rule};
use super::suffixes;
use crate::model::EntryKey;
use std::collections::HashMap;
use std::sync::Arc;

/// Own domains, to be found from above and from below. A check is one look-up per label, however many there are.
#[derive(Debug, Clone)]
pub(super) struct OwnDomains {
    by_name: HashMap<String, Arc<OwnDomain>>,
    /// From every name above an own domain to the first of those that were configured below it.
    by_parent: HashMap<String, Arc<OwnDomain>>,
}

#[derive(Debug)]
struct OwnDomain {
    name: String,
    origin: String,
}

impl OwnDomains {
    pub(super) fn new(own_domains: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut by_name = HashMap::new();
        let mut by_parent = HashMap::new();
        for (domain, origin) in own_domains {
            let key = EntryKey::of(&domain);
            let candidate = Candidate::of(&key);
            let own = Arc::new(OwnDomain {
                name: candidate.host.to_owned(),
                origin,
            });
            // A public suffix above an own domain is not the operator's; its own rule says better what it is.
            let parents = candidate.upwards().skip(1);
            for parent in parents.filter(|name| !suffixes::is_suffix(name)) {
                by_parent
                    .entry(parent.to_owned())
                    .or_insert_with(|| Arc::clone(&own));
            }
            by_name.entry(own.name.clone()).or_insert(own);
        }
        Self { by_name, by_parent }
    }

    pub(super) fn judge(&self, candidate: &Candidate<'_>) -> Result<(), Refused> {
        if let Some(own) = candidate.upwards().find_map(|name| self.by_name.get(name)) {
            return Err(
                own.refuse(match (candidate.is_address, own.name == candidate.host) {
                    (false, true) => "own domain",
                    (false, false) => "subdomain of the own domain",
                    (true, true) => "address at the own domain",
                    (true, false) => "address at a subdomain of the own domain",
                }),
            );
        }
        match self.by_parent.get(candidate.host) {
            Some(own) if !candidate.is_address => Err(own.refuse("parent of the own domain")),
            _ => Ok(()),
        }
    }
}

impl OwnDomain {
    fn refuse(&self, relation: &str) -> Refused {
        Refused::new(
            Rule::OwnDomain,
            format!("{relation} {}", self.name),
            self.origin.as_str(),
        )
    }
}
