//! The two lists, together with all that must follow when they change: the history, and the rows that are
//! kept for views.
//!
//! Nothing else can reach into the lists, so that no change can go by unnoticed. This file refuses to know
//! who changes what for which reason.

use std::collections::HashSet;

use super::effects::{Difference, Effect};
use super::history::{ChangedBy, History, HistoryEntry, PairChange};
use super::knobs::Knobs;
use super::lists::{ListName, Lists, Pair};
use super::rows::{KeptRows, Rows, Shape};

#[derive(Debug, Default)]
pub(super) struct Store {
    lists: Lists,
    history: History,
    kept_rows: KeptRows,
}

impl Store {
    /// Without a history: what is there at the start did not change.
    pub(super) fn new(lists: Lists) -> Self {
        Self {
            lists: lists.without_repeated_pairs(),
            ..Self::default()
        }
    }

    pub(super) fn lists(&self) -> &Lists {
        &self.lists
    }

    pub(super) fn history(&self) -> Vec<HistoryEntry> {
        self.history.entries()
    }

    pub(super) fn carry_out(&mut self, sequence: u64, name: ListName, effect: Effect, by: ChangedBy) {
        if effect.is_nothing() {
            return;
        }
        let difference = effect.carry_out(self.lists.list_mut(name));
        self.kept_rows.forget(name);
        self.note(sequence, name, difference, by);
    }

    /// Replaces both lists.
    pub(super) fn set(&mut self, sequence: u64, lists: Lists) {
        let before = std::mem::replace(&mut self.lists, lists.without_repeated_pairs());
        self.kept_rows.forget_all();
        for name in [ListName::Blocklist, ListName::Safelist] {
            let difference = Difference {
                added: missing_in(before.list(name), self.lists.list(name)),
                removed: missing_in(self.lists.list(name), before.list(name)),
            };
            self.note(sequence, name, difference, ChangedBy::Control);
        }
    }

    /// Other knobs may show other rows.
    pub(super) fn forget_rows(&mut self) {
        self.kept_rows.forget_all();
    }

    /// A list, and its rows as places in it.
    pub(super) fn view(
        &mut self,
        name: ListName,
        shape: Shape,
        knobs: &Knobs,
        seed: u64,
    ) -> (&[Pair], &Rows) {
        let pairs = self.lists.list(name);
        (pairs, self.kept_rows.rows(name, pairs, shape, knobs, seed))
    }

    fn note(&mut self, sequence: u64, name: ListName, difference: Difference, by: ChangedBy) {
        let Difference { added, removed } = difference;
        self.history
            .note(sequence, name, removed, PairChange::Removed, by);
        self.history.note(sequence, name, added, PairChange::Added, by);
    }
}

fn missing_in(list: &[Pair], pairs: &[Pair]) -> Vec<Pair> {
    let list: HashSet<&Pair> = list.iter().collect();
    pairs
        .iter()
        .filter(|pair| !list.contains(pair))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::lists::pair;
    use super::*;

    #[test]
    fn every_change_is_in_the_history_with_who_made_it() {
        let mut store = Store::new(Lists {
            blocklist: vec![pair("a", "1")],
            safelist: vec![],
        });
        let put = Effect::Put(vec![pair("b", "1")]);
        store.carry_out(3, ListName::Safelist, put, ChangedBy::Api);
        store.set(
            4,
            Lists {
                blocklist: vec![pair("a", "2")],
                safelist: vec![pair("b", "1")],
            },
        );
        let history: Vec<String> = (store.history().iter())
            .map(|entry| {
                let HistoryEntry {
                    sequence,
                    list,
                    recipient,
                    sender,
                    change,
                    by,
                } = entry;
                format!("{sequence} {list} {recipient} {sender} {change} {by}")
            })
            .collect();
        assert_eq!(
            history,
            [
                "3 safelist b 1 added api",
                "4 blocklist a 1 removed control",
                "4 blocklist a 2 added control"
            ]
        );
    }
}
