//! Pairs that nobody wished away and that were gone after one of our requests: owed to the list until they are read
//! there again. Makes the requests that put them back, and tells in the end which stand and which do not.

use super::choice::{Request, row_of};
use crate::model::{ListKind, Pair, PairKey, Verb, Verdict, View, escape_control};
use crate::reconcile::scope::Observation;
use std::collections::{BTreeMap, BTreeSet};

/// Requests that put a pair back, each with a reading after it: one more than a restarting service would lose.
const PUT_BACK_TRIES_MAX: u32 = 3;

/// Pairs named in a note of one item. More would drown the reader; what is lost is named in full by a warning.
const NAMED_MAX: usize = 10;

#[derive(Debug, Clone)]
struct Debt {
    /// The view of the row that lost it, in which it goes back.
    view: View,
    /// The items of the request after which it was gone.
    items: BTreeSet<PairKey>,
    tries: u32,
    /// The last try was a clear no.
    refused: bool,
    stands: bool,
}

impl Debt {
    fn new(view: View) -> Self {
        Self {
            view,
            items: BTreeSet::new(),
            tries: 0,
            refused: false,
            stands: false,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct PutBacks {
    debts: BTreeMap<Pair, Debt>,
    /// What an earlier life was about to put back, and was not seen on the list yet.
    promised: BTreeSet<PairKey>,
    /// Nobody looked yet whether it stands.
    is_promise_unread: bool,
    /// What rows held that were changed and could not be read afterwards.
    unread: BTreeSet<Pair>,
}

impl PutBacks {
    pub(super) fn new(promised: BTreeSet<PairKey>) -> Self {
        Self {
            is_promise_unread: !promised.is_empty(),
            promised,
            ..Self::default()
        }
    }

    /// Takes in a complete reading: whoever put it there, what stands is not owed any more.
    pub(super) fn read(&mut self, seen: &Observation) {
        self.promised.retain(|pair| !seen.holds(pair));
        self.is_promise_unread = false;
        for (pair, debt) in &mut self.debts {
            debt.stands |= seen.holds(&pair.key());
        }
    }

    /// Was an earlier life about to put something back, and was the list not read since?
    pub(super) fn has_unread_promises(&self) -> bool {
        self.is_promise_unread
    }

    /// Is there something that is still to be put back?
    pub(super) fn is_owing(&self) -> bool {
        let mut debts = self.debts.values();
        debts.any(|debt| !debt.stands && debt.tries < PUT_BACK_TRIES_MAX)
    }

    /// The rows of a request cannot be read after it.
    pub(super) fn leave_unread(&mut self, request: &Request) {
        self.unread.extend(request.foreign.iter().cloned());
    }

    /// Takes up what the rows of a request held besides, and do not hold any more. Whether they lost it by our
    /// request or by somebody else's at the same moment cannot be told; that it comes back is the smaller harm.
    pub(super) fn owe(&mut self, request: &Request, seen: &Observation) {
        for pair in request.foreign.iter().filter(|pair| !seen.holds(&pair.key())) {
            let debt = self
                .debts
                .entry(pair.clone())
                .or_insert_with(|| Debt::new(request.view));
            debt.view = request.view;
            debt.items.extend(request.pair_keys());
            (debt.tries, debt.refused, debt.stands) = (0, false, false);
        }
    }

    /// The next request, for one row: what is owed to it and was not tried too often.
    pub(super) fn request(&self, seen: &Observation, items_per_call: usize) -> Option<Request> {
        let is_open = |debt: &Debt| !debt.stands && debt.tries < PUT_BACK_TRIES_MAX;
        let mut open = self.debts.iter().filter(|(_, debt)| is_open(debt));
        let (first, first_debt) = open.next()?;
        let view = first_debt.view;
        let row = row_of(first, view);
        let of_the_row = |(pair, debt): &(&Pair, &Debt)| debt.view == view && row_of(pair, view) == row;
        let rest = open.filter(of_the_row).map(|(pair, _)| pair);
        // After a refusal each goes alone, so that one pair that is not taken any more keeps back no other.
        let pairs_max = if first_debt.refused {
            1
        } else {
            items_per_call.max(1)
        };
        let pairs: BTreeSet<Pair> = std::iter::once(first)
            .chain(rest)
            .take(pairs_max)
            .cloned()
            .collect();
        let has_row = seen
            .pairs
            .values()
            .flatten()
            .any(|pair| row_of(pair, view) == row);
        // Whether an append makes a row is not known (`docs/asyncos.md`, "Semantics"); an add does.
        let verb = if first_debt.refused && !has_row {
            Verb::Add
        } else {
            Verb::Append
        };
        Some(Request {
            verb,
            view,
            keys: vec![row.clone()],
            values: pairs
                .iter()
                .map(|pair| row_of(pair, view.other()).clone())
                .collect(),
            pairs,
            foreign: BTreeSet::new(),
            spared: BTreeSet::new(),
        })
    }

    /// Takes what became of a request that was to put pairs back, after the reading that followed it.
    pub(super) fn judge(&mut self, request: &Request, verdict: &Verdict) {
        for pair in &request.pairs {
            if let Some(debt) = self.debts.get_mut(pair) {
                debt.tries += 1;
                debt.refused = matches!(verdict, Verdict::Refused { .. });
            }
        }
    }

    /// What to tell with an item: the pairs of its row that were put back, and those that were not.
    pub(super) fn notes(&self, item: &PairKey) -> Vec<String> {
        let mut notes = Vec::new();
        for (stands, beginning) in [(true, "put back"), (false, "NOT put back")] {
            let of_the_item = |debt: &Debt| debt.stands == stands && debt.items.contains(item);
            let pairs: Vec<&Pair> = self
                .debts
                .iter()
                .filter(|(_, debt)| of_the_item(debt))
                .map(|(pair, _)| pair)
                .collect();
            if !pairs.is_empty() {
                let named = names(pairs.iter().copied().take(NAMED_MAX));
                let more = match pairs.len().saturating_sub(NAMED_MAX) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                notes.push(format!("{beginning}: {named}{more}"));
            }
        }
        notes
    }

    /// The loud part: what is missing from the list by our doing, or may be.
    pub(super) fn warnings(&self, list: ListKind) -> Vec<String> {
        let lost: Vec<&Pair> = self
            .debts
            .iter()
            .filter_map(|(pair, debt)| (!debt.stands).then_some(pair))
            .collect();
        // Whether it was put back and taken away again since cannot be told: a person has to look.
        let promised: Vec<Pair> = self.promised.iter().map(spell_folded).collect();
        let parts = [
            (
                lost,
                "LOST, and not read back after putting back: they stood in a row that was changed",
            ),
            (
                self.unread.iter().collect(),
                "UNREAD: they stood in a row that was changed and could not be read afterwards",
            ),
            (
                promised.iter().collect(),
                "NOT SEEN: an interrupted run was about to put them back",
            ),
        ];
        parts
            .into_iter()
            .filter(|(pairs, _)| !pairs.is_empty())
            .map(|(pairs, what)| format!("{what} ({list}): {}", names(pairs)))
            .collect()
    }
}

fn spell_folded(pair: &PairKey) -> Pair {
    Pair {
        recipient: pair.recipient.as_str().to_owned(),
        sender: pair.sender.as_str().to_owned(),
    }
}

/// Pairs by name. A warning has no limit here: where something is lost, this is the last place that knows it.
fn names<'a>(pairs: impl IntoIterator<Item = &'a Pair>) -> String {
    let name = |pair: &Pair| format!("{} / {}", pair.recipient, pair.sender);
    let names: Vec<String> = pairs
        .into_iter()
        .map(|pair| escape_control(&name(pair)))
        .collect();
    names.join(", ")
}
