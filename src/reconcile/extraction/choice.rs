//! The next request of an extraction: whole rows where they hold nothing that is to stay, else one row rewritten
//! without the pairs. A pure function of the wish, the latest observation and what happened so far: every pair
//! that stands is in a request, or has its turn later, or a reason why not. `trials.rs` tells what was refused.

use super::trials::Trials;
use super::wish::AbsentPairs;
use crate::model::{EntryKey, ListKind, Pair, PairKey, Verb, Verdict, View, Write};
use crate::reconcile::caps::{Excess, ListSize};
use crate::reconcile::scope::Observation;
use crate::reconcile::wish::Limits;
use std::collections::{BTreeMap, BTreeSet};

/// Why a pair that stands is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Over the objects per run.
    Waiting,
    /// Over the pairs that the task may change.
    OverCap(Excess),
}

/// One request: rows in the spelling that the appliance shows, and what it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) verb: Verb,
    pub(super) view: View,
    pub(super) keys: Vec<String>,
    /// Everything that an edited row is to hold; what is put back; nothing for a deletion.
    pub(super) values: Vec<String>,
    /// The pairs that it takes away or puts back, in every spelling.
    pub(super) pairs: BTreeSet<Pair>,
    /// What else the rows hold, also under other spellings of their keys: it must be there afterwards.
    pub(super) foreign: BTreeSet<Pair>,
    /// Pairs of the wish among what else the rows hold: not sent, and welcome to be gone.
    pub(super) spared: BTreeSet<PairKey>,
}

impl Request {
    pub(super) fn write(&self, list: ListKind) -> Write {
        Write {
            list,
            view: self.view,
            verb: self.verb,
            keys: self.keys.clone(),
            values: self.values.clone(),
        }
    }

    pub(super) fn pair_keys(&self) -> BTreeSet<PairKey> {
        self.pairs.iter().map(Pair::key).collect()
    }

    /// The row of a pair in the view of the request.
    pub(super) fn row<'a>(&self, pair: &'a Pair) -> &'a String {
        row_of(pair, self.view)
    }

    /// Puts back what a row has lost; otherwise pairs are taken away.
    pub(super) fn puts_back(&self) -> bool {
        matches!(self.verb, Verb::Add | Verb::Append)
    }
}

/// A request that was sent and not judged yet.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) request: Request,
    pub(super) verdict: Verdict,
    /// The appliance was given time to show what it had accepted.
    pub(super) delayed: bool,
}

impl Sent {
    pub(super) fn may_have_changed_rows(&self) -> bool {
        !matches!(self.verdict, Verdict::Unreachable { .. })
    }
}

/// The key of a pair's row, as it is spelled.
pub(super) fn row_of(pair: &Pair, view: View) -> &String {
    match view {
        View::Recipient => &pair.recipient,
        View::Sender => &pair.sender,
    }
}

/// Does the pair stand in this very spelling?
pub(super) fn is_shown(seen: &Observation, pair: &Pair) -> bool {
    let shown = seen.pairs.get(&pair.key());
    shown.is_some_and(|shown| shown.contains(pair))
}

#[derive(Debug, Default)]
pub(super) struct Choice {
    /// Pairs that stand and may be sent, in this request or in a later one.
    pub(super) open: BTreeSet<PairKey>,
    pub(super) request: Option<Request>,
    pub(super) holds: BTreeMap<PairKey, Hold>,
}

/// What the choice is made from.
pub(super) struct Picture<'a> {
    pub(super) wish: &'a AbsentPairs,
    pub(super) limits: &'a Limits,
    pub(super) size: ListSize,
    pub(super) seen: &'a Observation,
    pub(super) trials: &'a Trials,
    /// Pairs that were sent before.
    pub(super) requested: &'a BTreeSet<PairKey>,
}

/// The pairs of each row of a view, by the spelling of its key.
type Rows<'a> = BTreeMap<&'a str, Vec<&'a Pair>>;

impl<'a> Picture<'a> {
    pub(super) fn choose(&self) -> Choice {
        let (open, holds) = self.admit();
        if open.is_empty() {
            return Choice {
                holds,
                ..Choice::default()
            };
        }
        let by_recipient = self.rows(View::Recipient);
        let by_sender = self.rows(View::Sender);
        let by_recipient_deletion = self.deletion(View::Recipient, &by_recipient, &open);
        let by_sender_deletion = self.deletion(View::Sender, &by_sender, &open);
        let deletion = match (by_recipient_deletion, by_sender_deletion) {
            (Some(by_recipient), Some(by_sender)) => Some(if reach(&by_sender) > reach(&by_recipient) {
                by_sender
            } else {
                by_recipient
            }),
            (by_recipient, by_sender) => by_recipient.or(by_sender),
        };
        let request = deletion.or_else(|| self.edit(&by_recipient, &by_sender, &open));
        Choice { open, request, holds }
    }

    /// The pairs that stand and may be sent, in input order as far as there are places; the others have a reason.
    fn admit(&self) -> (BTreeSet<PairKey>, BTreeMap<PairKey, Hold>) {
        let places = self.limits.objects_per_run;
        // What was refused gives its place back, at most as often as there are places.
        let places = places.saturating_add(self.trials.refused().min(places));
        let mut places_left = places.saturating_sub(self.requested.len());
        let changed = self
            .requested
            .iter()
            .filter(|pair| !self.trials.is_settled(pair) || !self.seen.holds(pair));
        let mut before = changed.count();
        let pairs_max = self.limits.pairs_max(self.size);
        let (mut open, mut holds) = (BTreeSet::new(), BTreeMap::new());
        for item in &self.wish.items {
            let key = &item.key;
            let is_known = open.contains(key) || holds.contains_key(key);
            if is_known || !self.seen.holds(key) || self.trials.is_settled(key) {
                continue;
            }
            if self.requested.contains(key) {
                open.insert(key.clone());
            } else if places_left == 0 {
                holds.insert(key.clone(), Hold::Waiting);
            } else if before >= pairs_max {
                let excess = Excess { wanted: 1, before };
                holds.insert(key.clone(), Hold::OverCap(excess));
            } else {
                open.insert(key.clone());
                places_left -= 1;
                before += 1;
            }
        }
        (open, holds)
    }

    fn rows(&self, view: View) -> Rows<'a> {
        let mut rows = Rows::new();
        for pair in self.seen.pairs.values().flatten() {
            rows.entry(row_of(pair, view)).or_default().push(pair);
        }
        rows
    }

    /// The largest request that takes away rows of a view which hold open pairs alone.
    fn deletion(&self, view: View, rows: &Rows<'_>, open: &BTreeSet<PairKey>) -> Option<Request> {
        let goes = |pair: &&Pair| open.contains(&pair.key()) && self.trials.allows(&pair.key(), view);
        let mut parts: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for (key, pairs) in rows {
            if pairs.iter().all(goes) {
                let part = pairs.iter().map(|pair| self.trials.part(&pair.key())).max();
                parts.entry(part.unwrap_or_default()).or_default().push(key);
            }
        }
        let rows_max = self.limits.items_per_call.max(1);
        let requests = parts.into_values().map(|mut keys| {
            keys.truncate(rows_max);
            let pairs = keys.iter().flat_map(|key| &rows[key]).map(|pair| (*pair).clone());
            self.request(Verb::Delete, view, &keys, Vec::new(), pairs.collect())
        });
        requests.max_by_key(reach)
    }

    /// The first open pair's shorter row without every open pair that it holds. Only one row: an edit gives each
    /// of its rows the same values. All values stand in the one request, however many there are.
    fn edit(
        &self,
        by_recipient: &Rows<'_>,
        by_sender: &Rows<'_>,
        open: &BTreeSet<PairKey>,
    ) -> Option<Request> {
        let first = self.wish.items.iter().find(|item| open.contains(&item.key))?;
        let shown = self.seen.pairs.get(&first.key)?.first()?;
        let sender_row = &by_sender[shown.sender.as_str()];
        let recipient_row = &by_recipient[shown.recipient.as_str()];
        let by_sender_first =
            sender_row.len() < recipient_row.len() && self.trials.allows(&first.key, View::Sender);
        let (view, row) = if by_sender_first {
            (View::Sender, sender_row)
        } else {
            (View::Recipient, recipient_row)
        };
        let goes = |pair: &Pair| open.contains(&pair.key()) && self.trials.allows(&pair.key(), view);
        let (gone, kept): (Vec<&Pair>, Vec<&Pair>) = row.iter().partition(|pair| goes(pair));
        let values = kept
            .iter()
            .map(|pair| row_of(pair, view.other()).clone())
            .collect();
        let pairs = gone.into_iter().cloned().collect();
        let key = row_of(shown, view).as_str();
        // An empty row is no row: the web interface demands one entry at least.
        let verb = if kept.is_empty() { Verb::Delete } else { Verb::Edit };
        Some(self.request(verb, view, &[key], values, pairs))
    }

    fn request(
        &self,
        verb: Verb,
        view: View,
        keys: &[&str],
        values: Vec<String>,
        pairs: BTreeSet<Pair>,
    ) -> Request {
        // By folded keys: an appliance that folds would change the rows of all spellings.
        let folded: BTreeSet<EntryKey> = keys.iter().map(|key| EntryKey::of(key)).collect();
        let of_the_rows = self.seen.pairs.iter().filter(|(key, _)| match view {
            View::Recipient => folded.contains(&key.recipient),
            View::Sender => folded.contains(&key.sender),
        });
        let (wished, foreign): (Vec<_>, Vec<_>) = of_the_rows.partition(|(key, _)| self.wish.names(key));
        let sent: BTreeSet<PairKey> = pairs.iter().map(Pair::key).collect();
        let spared = wished
            .into_iter()
            .map(|(key, _)| key)
            .filter(|key| !sent.contains(key));
        Request {
            verb,
            view,
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            values,
            pairs,
            foreign: foreign
                .into_iter()
                .flat_map(|(_, shown)| shown.iter().cloned())
                .collect(),
            spared: spared.cloned().collect(),
        }
    }
}

/// Of two deletions the one with more pairs is better; of equals, the one with fewer rows.
fn reach(request: &Request) -> (usize, std::cmp::Reverse<usize>) {
    (request.pairs.len(), std::cmp::Reverse(request.keys.len()))
}
