//! The pairs of a list, sorted, judged and cut into pages. Pure: whose a pair is comes from the store, and is asked for by
//! `lists.rs` beside this.

use crate::guard::Guard;
use crate::model::{EntryKey, ListKind, Pair, PairKey, Sender, View};
use crate::pipeline;
use crate::report::{ListCounts, ListGuard, ListVerdict};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashSet};

/// Pairs of one page, so that a reply stays below some twenty megabytes. A longer row is a page of its own.
const PAGE_PAIRS_MAX: usize = 100_000;

/// A pair with its folded form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    pub(super) key: PairKey,
    pub(super) pair: Pair,
}

impl Listed {
    /// The side that rows are keyed by.
    pub(super) fn row(&self, view: View) -> (&EntryKey, &str) {
        match view {
            View::Sender => (&self.key.sender, &self.pair.sender),
            View::Recipient => (&self.key.recipient, &self.pair.recipient),
        }
    }

    /// The other one.
    pub(super) fn counterpart(&self, view: View) -> (&EntryKey, &str) {
        self.row(view.other())
    }
}

/// A whole list, and what can be said of it as a whole.
#[derive(Debug)]
pub(super) struct Arranged {
    /// In the order of the view.
    pub(super) listed: Vec<Listed>,
    pub(super) digest: String,
    pub(super) total: ListCounts,
    /// Senders that do not pass, folded.
    pub(super) guarded: BTreeMap<EntryKey, ListGuard>,
}

impl Arranged {
    pub(super) fn new(pairs: Vec<Pair>, list: ListKind, view: View, guard: &Guard) -> Self {
        let keyed = |pair: Pair| Listed {
            key: pair.key(),
            pair,
        };
        let mut listed: Vec<Listed> = pairs.into_iter().map(keyed).collect();
        listed.sort_unstable();
        let digest = digest(&listed);
        listed.sort_by(|one, other| {
            (one.row(view), one.counterpart(view)).cmp(&(other.row(view), other.counterpart(view)))
        });
        Self {
            total: counts(&listed, view),
            guarded: judge(&listed, list, guard),
            listed,
            digest,
        }
    }

    /// Senders with this verdict.
    pub(super) fn count(&self, verdict: ListVerdict) -> usize {
        let guarded = self.guarded.values();
        guarded.filter(|guard| guard.verdict == verdict).count()
    }
}

/// Rows and pairs of what is in the order of the view.
pub(super) fn counts(listed: &[Listed], view: View) -> ListCounts {
    ListCounts {
        rows: rows(listed, view).count(),
        pairs: listed.len(),
    }
}

/// One row after the other; two spellings of an entry are two rows, as on the appliance.
pub(super) fn rows(listed: &[Listed], view: View) -> impl Iterator<Item = &[Listed]> {
    listed.chunk_by(move |one, next| one.row(view) == next.row(view))
}

/// Text that either side of a pair has to hold, in any case and in either form of an international name.
#[derive(Debug)]
pub(super) struct Search {
    lower_case: String,
    /// Not where folding would take something of it away.
    folded: Option<EntryKey>,
}

impl Search {
    pub(super) fn of(text: &str) -> Self {
        Self {
            lower_case: text.to_lowercase(),
            folded: (text.trim() == text && !text.ends_with('.')).then(|| EntryKey::of(text)),
        }
    }

    pub(super) fn finds(&self, listed: &Listed) -> bool {
        let has = |key: &EntryKey, spelling: &str| {
            key.as_str().contains(&self.lower_case)
                || self
                    .folded
                    .as_ref()
                    .is_some_and(|folded| key.as_str().contains(folded.as_str()))
                || spelling.to_lowercase().contains(&self.lower_case)
        };
        has(&listed.key.sender, &listed.pair.sender) || has(&listed.key.recipient, &listed.pair.recipient)
    }
}

/// So many rows behind a key, and whether there are more. Rows of one key stay together, because the next page begins
/// behind it.
pub(super) fn page<'l>(
    listed: &'l [Listed],
    view: View,
    after: Option<&str>,
    limit: usize,
) -> (&'l [Listed], bool) {
    let is_before = |one: &Listed| after.is_some_and(|after| one.row(view).0.as_str() <= after);
    let rest = &listed[listed.partition_point(is_before)..];
    let (mut taken_rows, mut end) = (0, 0);
    for alike in rest.chunk_by(|one, next| one.row(view).0 == next.row(view).0) {
        let further = rows(alike, view).count();
        if end > 0 && (taken_rows + further > limit || end + alike.len() > PAGE_PAIRS_MAX) {
            break;
        }
        taken_rows += further;
        end += alike.len();
    }
    (&rest[..end], end < rest.len())
}

/// Of what stands, in whatever order it was shown.
fn digest(listed: &[Listed]) -> String {
    let mut hash = Sha256::new();
    for text in listed
        .iter()
        .flat_map(|one| [&one.pair.recipient, &one.pair.sender])
    {
        // With its length, so that no two lists are the same text.
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn judge(listed: &[Listed], list: ListKind, guard: &Guard) -> BTreeMap<EntryKey, ListGuard> {
    let mut judged = HashSet::new();
    let mut guarded = BTreeMap::new();
    for one in listed {
        if judged.insert(&one.key.sender)
            && let Some(refusal) = judge_one(one, list, guard)
        {
            guarded.insert(one.key.sender.clone(), refusal);
        }
    }
    guarded
}

fn judge_one(listed: &Listed, list: ListKind, guard: &Guard) -> Option<ListGuard> {
    // What an appliance spells oddly may be an entry when it is folded.
    let folded = || Sender::parse_untyped(listed.key.sender.as_str());
    let sender = match Sender::parse_untyped(&listed.pair.sender).or_else(|_| folded()) {
        Ok(sender) => sender,
        Err(refusal) => {
            return Some(ListGuard {
                verdict: ListVerdict::NotJudged,
                rule: refusal.rule().code().to_owned(),
                text: refusal.to_string(),
                origin: None,
            });
        }
    };
    let refusals = pipeline::judge_sender(guard, &sender, list);
    refusals.first().map(|refused| ListGuard {
        verdict: ListVerdict::Refused,
        rule: refused.rule().code().to_owned(),
        text: refused.to_string(),
        origin: Some(refused.origin().to_owned()),
    })
}

#[cfg(test)]
mod tests;
