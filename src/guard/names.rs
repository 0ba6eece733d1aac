//! A set of names, to be found from above and from below: a configured domain stands for itself and what is below it,
//! and whoever takes a name above it takes it along. An address is at the name of its host; at a mere parent it is
//! somebody else's. Own domains, partners and what is protected are such sets; refuses to know which it is.

use super::candidate::Candidate;
use super::refused::Refused;
use super::rule::Rule;
use crate::model::EntryKey;
use std::collections::HashMap;
use std::sync::Arc;

/// Names with the place where each was configured. A check is one look-up per label, however many there are.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    by_name: HashMap<String, Arc<Named>>,
    /// From every name above a configured one to the first of those that were configured below it.
    by_parent: HashMap<String, Arc<Named>>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) origin: String,
}

impl Names {
    /// Whatever stands twice is told by its first place. A mail address stands for its domain.
    pub(super) fn new(names: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut set = Self::default();
        for (name, origin) in names {
            let key = EntryKey::of(&name);
            let candidate = Candidate::of(&key);
            let named = Arc::new(Named {
                name: candidate.host.to_owned(),
                origin,
            });
            for parent in candidate.upwards().skip(1) {
                let first = || Arc::clone(&named);
                set.by_parent.entry(parent.to_owned()).or_insert_with(first);
            }
            set.by_name.entry(named.name.clone()).or_insert(named);
        }
        set
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// The nearest name at or below which the candidate is.
    pub(super) fn reaching(&self, candidate: &Candidate<'_>) -> Option<&Named> {
        let mut upwards = candidate.upwards();
        upwards.find_map(|name| self.by_name.get(name)).map(Arc::as_ref)
    }

    /// A name below the candidate, where that is a whole domain.
    pub(super) fn below(&self, candidate: &Candidate<'_>) -> Option<&Named> {
        let named = self.by_parent.get(candidate.host)?;
        (!candidate.is_address).then_some(named)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Named> {
        self.by_name.values().map(Arc::as_ref)
    }
}

impl Named {
    /// That the candidate is this name, or below it, or an address there.
    pub(super) fn refuse_at(&self, candidate: &Candidate<'_>, rule: Rule, noun: &str) -> Refused {
        let relation = match (candidate.is_address, self.name == candidate.host) {
            (false, true) => "",
            (false, false) => "subdomain of the ",
            (true, true) => "address at the ",
            (true, false) => "address at a subdomain of the ",
        };
        self.refuse(rule, relation, noun)
    }

    /// That the candidate is above this name.
    pub(super) fn refuse_above(&self, rule: Rule, noun: &str) -> Refused {
        self.refuse(rule, "parent of the ", noun)
    }

    fn refuse(&self, rule: Rule, relation: &str, noun: &str) -> Refused {
        let subject = format!("{relation}{noun} {}", self.name);
        Refused::new(rule, subject, self.origin.as_str())
    }
}
