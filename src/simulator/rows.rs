//! Pairs as rows: grouped by one side, searched and ordered, and kept until the list changes.
//!
//! A caller that pages through five thousand rows asks for the same order fifty times; it is made once. Rows
//! hold places of pairs instead of texts, so that they may outlive a request. This file refuses to know what a
//! query looks like and what a page is; that is `viewing.rs`.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::knobs::{Knobs, SearchCase, SearchFinds, ValueOrder};
use super::lists::{ListName, Pair, View};
use super::seed;

/// One per view and list is enough for a client that pages, a few more for one that searches between.
const KEPT_MAX: usize = 6;

/// What decides which rows there are and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) view: View,
    pub(super) order: Option<(View, Direction)>,
    pub(super) search: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// The places of the pairs of each row; the first of them tells its key.
pub(super) type Rows = Vec<Vec<usize>>;

#[derive(Debug, Default)]
pub(super) struct KeptRows {
    kept: Vec<(ListName, Shape, Rows)>,
}

impl KeptRows {
    /// The rows of a list as it is now.
    pub(super) fn rows(
        &mut self,
        name: ListName,
        pairs: &[Pair],
        shape: Shape,
        knobs: &Knobs,
        seed: u64,
    ) -> &Rows {
        let found = self
            .kept
            .iter()
            .position(|(kept, of, _)| *kept == name && *of == shape);
        let place = found.unwrap_or_else(|| {
            if self.kept.len() >= KEPT_MAX {
                self.kept.remove(0);
            }
            let rows = rows(pairs, &shape, knobs, seed);
            self.kept.push((name, shape, rows));
            self.kept.len() - 1
        });
        &self.kept[place].2
    }

    /// To be called whenever a list changes.
    pub(super) fn forget(&mut self, name: ListName) {
        self.kept.retain(|(kept, ..)| *kept != name);
    }

    pub(super) fn forget_all(&mut self) {
        self.kept.clear();
    }
}

fn rows(pairs: &[Pair], shape: &Shape, knobs: &Knobs, seed: u64) -> Rows {
    let mut rows = grouped(pairs, shape.view);
    if knobs.value_order == ValueOrder::Scrambled {
        scramble_values(&mut rows, pairs, shape.view, seed);
    }
    if let Some(text) = &shape.search {
        search(&mut rows, pairs, shape.view, text, knobs);
    }
    if let Some((by, direction)) = shape.order {
        order(&mut rows, pairs, shape.view, by, direction);
    }
    rows
}

/// In the order in which their first pairs were added.
fn grouped(pairs: &[Pair], view: View) -> Rows {
    let mut rows: Rows = Vec::new();
    let mut row_of_key: HashMap<&str, usize> = HashMap::new();
    for (place, pair) in pairs.iter().enumerate() {
        let row = *row_of_key.entry(pair.key(view)).or_insert_with(|| {
            rows.push(Vec::new());
            rows.len() - 1
        });
        rows[row].push(place);
    }
    rows
}

/// `docs/asyncos.md`, "Reading", XI: the values of a row come in no order.
fn scramble_values(rows: &mut Rows, pairs: &[Pair], view: View, seed: u64) {
    for row in rows {
        row.sort_by_cached_key(|place| seed::rank(seed, pairs[*place].value(view)));
    }
}

/// Unsettled (`docs/asyncos.md`, "Reading", XI): in the recipient view a row is found when its recipient or
/// one of its senders contains the text. That ASCII letters match in either case is a guess: the "contains"
/// filters of such web interfaces usually fold case. In the sender view `search` is not offered, and is
/// ignored (G).
fn search(rows: &mut Rows, pairs: &[Pair], view: View, text: &str, knobs: &Knobs) {
    if view != View::Recipient {
        return;
    }
    let folded = text.to_ascii_lowercase();
    let is_found = |entry: &str| match knobs.search_case {
        SearchCase::Fold => entry.to_ascii_lowercase().contains(&folded),
        SearchCase::Exact => entry.contains(text),
    };
    let looks_at_senders = knobs.search_finds == SearchFinds::RecipientOrSender;
    rows.retain(|row| {
        let recipient = row
            .first()
            .is_some_and(|place| is_found(&pairs[*place].recipient));
        recipient || (looks_at_senders && row.iter().any(|place| is_found(&pairs[*place].sender)))
    });
}

/// Unsettled (G): ordered by the other side, rows go by their first value. Values within a row are never
/// ordered (`docs/asyncos.md`, "Reading", XI).
fn order(rows: &mut Rows, pairs: &[Pair], view: View, by: View, direction: Direction) {
    let first = |row: &Vec<usize>| row.first().map(|place| pairs[*place].key(by));
    let compared = |left: &Vec<usize>, right: &Vec<usize>| -> Ordering { first(left).cmp(&first(right)) };
    if by == view {
        // No two rows have the same key.
        rows.sort_unstable_by(compared);
    } else {
        rows.sort_by(compared);
    }
    if direction == Direction::Descending {
        rows.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::super::lists::pair;
    use super::*;

    fn plain(view: View) -> Shape {
        Shape {
            view,
            order: None,
            search: None,
        }
    }

    #[test]
    fn both_views_show_the_same_pairs_in_the_order_of_their_arrival() {
        let pairs = [
            pair("b@x.com", "s2.com"),
            pair("a@x.com", "s1.com"),
            pair("b@x.com", "s1.com"),
        ];
        assert_eq!(grouped(&pairs, View::Recipient), [vec![0, 2], vec![1]]);
        assert_eq!(grouped(&pairs, View::Sender), [vec![0], vec![1, 2]]);
    }

    #[test]
    fn values_scramble_by_the_seed_and_none_is_lost() {
        let pairs: Vec<Pair> = (0..20).map(|number| pair("a", &number.to_string())).collect();
        let scrambled = Knobs {
            value_order: ValueOrder::Scrambled,
            ..Knobs::default()
        };
        let shown = |seed| rows(&pairs, &plain(View::Recipient), &scrambled, seed);
        assert_eq!(shown(1), shown(1));
        assert_ne!(shown(1), shown(2));
        let mut places = shown(1)[0].clone();
        places.sort_unstable();
        assert_eq!(places, (0..20).collect::<Vec<usize>>());
    }

    #[test]
    fn rows_are_kept_until_they_are_forgotten() {
        let (knobs, mut kept) = (Knobs::default(), KeptRows::default());
        let shown = |pairs: &[Pair], kept: &mut KeptRows| {
            kept.rows(ListName::Blocklist, pairs, plain(View::Sender), &knobs, 0)
                .len()
        };
        let (one, two) = ([pair("a", "1")], [pair("a", "1"), pair("a", "2")]);
        assert_eq!((shown(&one, &mut kept), shown(&two, &mut kept)), (1, 1));
        kept.forget(ListName::Safelist);
        assert_eq!(shown(&two, &mut kept), 1);
        kept.forget(ListName::Blocklist);
        assert_eq!(shown(&two, &mut kept), 2);
        for number in 0..KEPT_MAX * 2 {
            let search = Some(number.to_string());
            let shape = Shape {
                search,
                ..plain(View::Recipient)
            };
            kept.rows(ListName::Blocklist, &two, shape, &knobs, 0);
        }
        assert_eq!(kept.kept.len(), KEPT_MAX);
    }
}
