//! What a request does to a list, decided before it is done: so that it can also be done later, or not at all.
//!
//! This file refuses to know why; that is `rules.rs`, and for somebody else's changes `api.rs`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::knobs::Spelling;
use super::lists::{Pair, View};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    /// Pairs that are not there.
    Put(Vec<Pair>),
    /// Whole rows by the compared form of their keys, each with all that it holds from then on.
    Replace {
        view: View,
        spelling: Spelling,
        rows: Vec<(String, Vec<Pair>)>,
    },
    /// Whole rows, by the compared form of their keys.
    TakeRows {
        view: View,
        spelling: Spelling,
        keys: HashSet<String>,
    },
    /// Single pairs, byte by byte.
    TakePairs(HashSet<Pair>),
}

/// What came and went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) added: Vec<Pair>,
    pub(super) removed: Vec<Pair>,
}

impl Effect {
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Put(pairs) => pairs.is_empty(),
            Self::Replace { rows, .. } => rows.is_empty(),
            Self::TakeRows { keys, .. } => keys.is_empty(),
            Self::TakePairs(pairs) => pairs.is_empty(),
        }
    }

    /// Time has passed since it was decided, or nobody has looked: what stands by now is not put again.
    pub(super) fn without_what_stands(self, list: &[Pair], spelling: Spelling) -> Self {
        let Self::Put(mut pairs) = self else {
            return self;
        };
        if pairs.is_empty() {
            return Self::Nothing;
        }
        let stands: HashSet<ComparedPair<'_>> = list.iter().map(|pair| compared(pair, spelling)).collect();
        let mut named = HashSet::new();
        pairs.retain(|pair| {
            let key = compared(pair, spelling);
            !stands.contains(&key) && named.insert((key.0.into_owned(), key.1.into_owned()))
        });
        Self::Put(pairs)
    }

    pub(super) fn carry_out(self, list: &mut Vec<Pair>) -> Difference {
        match self {
            Self::Nothing => Difference::default(),
            Self::Put(pairs) => {
                list.extend(pairs.iter().cloned());
                Difference {
                    added: pairs,
                    removed: Vec::new(),
                }
            }
            Self::Replace { view, spelling, rows } => replace_rows(list, view, spelling, rows),
            Self::TakeRows { view, spelling, keys } => take(list, |pair| {
                keys.contains(spelling.compared(pair.key(view)).as_ref())
            }),
            Self::TakePairs(pairs) => take(list, |pair| pairs.contains(pair)),
        }
    }
}

type ComparedPair<'a> = (Cow<'a, str>, Cow<'a, str>);

fn compared(pair: &Pair, spelling: Spelling) -> ComparedPair<'_> {
    (
        spelling.compared(&pair.recipient),
        spelling.compared(&pair.sender),
    )
}

fn take(list: &mut Vec<Pair>, is_taken: impl Fn(&Pair) -> bool) -> Difference {
    let removed = list.extract_if(.., |pair| is_taken(pair)).collect();
    Difference {
        added: Vec::new(),
        removed,
    }
}

/// A row keeps its place; one that did not stand comes last.
fn replace_rows(
    list: &mut Vec<Pair>,
    view: View,
    spelling: Spelling,
    rows: Vec<(String, Vec<Pair>)>,
) -> Difference {
    let new_pairs: Vec<Pair> = rows.iter().flat_map(|(_, pairs)| pairs.iter().cloned()).collect();
    let place: HashMap<String, usize> = rows
        .iter()
        .enumerate()
        .map(|(index, (key, _))| (key.clone(), index))
        .collect();
    let mut rows: Vec<Vec<Pair>> = rows.into_iter().map(|(_, pairs)| pairs).collect();
    let mut old_pairs = Vec::new();
    for pair in std::mem::take(list) {
        match place.get(spelling.compared(pair.key(view)).as_ref()) {
            // The first pair of an old row makes place for the whole new one; at the later ones it is empty.
            Some(index) => {
                list.append(&mut rows[*index]);
                old_pairs.push(pair);
            }
            None => list.push(pair),
        }
    }
    for mut row in rows {
        list.append(&mut row);
    }
    let (old, new): (HashSet<&Pair>, HashSet<&Pair>) =
        (old_pairs.iter().collect(), new_pairs.iter().collect());
    Difference {
        added: new_pairs
            .iter()
            .filter(|pair| !old.contains(pair))
            .cloned()
            .collect(),
        removed: old_pairs
            .iter()
            .filter(|pair| !new.contains(pair))
            .cloned()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lists::pair;
    use super::*;

    #[test]
    fn an_effect_tells_what_came_and_went() {
        let before = [pair("a", "1"), pair("b", "1"), pair("a", "2")];
        let rows = vec![
            ("a".to_owned(), vec![pair("a", "3"), pair("a", "2")]),
            ("c".to_owned(), vec![pair("c", "1")]),
        ];
        let (view, spelling) = (View::Recipient, Spelling::Exact);
        for (effect, after, added, removed) in [
            (Effect::Nothing, before.to_vec(), vec![], vec![]),
            (
                Effect::Put(vec![pair("c", "1")]),
                [&before[..], &[pair("c", "1")]].concat(),
                vec![pair("c", "1")],
                vec![],
            ),
            (
                Effect::Replace { view, spelling, rows },
                vec![pair("a", "3"), pair("a", "2"), pair("b", "1"), pair("c", "1")],
                vec![pair("a", "3"), pair("c", "1")],
                vec![pair("a", "1")],
            ),
            (
                Effect::TakeRows {
                    view,
                    spelling: Spelling::Fold,
                    keys: HashSet::from(["a".to_owned()]),
                },
                vec![pair("b", "1")],
                vec![],
                vec![pair("a", "1"), pair("a", "2")],
            ),
            (
                Effect::TakePairs(HashSet::from([pair("a", "1"), pair("z", "1")])),
                vec![pair("b", "1"), pair("a", "2")],
                vec![],
                vec![pair("a", "1")],
            ),
        ] {
            let mut list = before.to_vec();
            let difference = effect.clone().carry_out(&mut list);
            assert_eq!(list, after, "{effect:?}");
            assert_eq!(difference, Difference { added, removed }, "{effect:?}");
        }
    }

    #[test]
    fn a_late_effect_does_not_put_what_stands_by_then() {
        let effect = Effect::Put(vec![pair("A", "1"), pair("b", "1"), pair("B", "1")]);
        for (spelling, left) in [
            (
                Spelling::Exact,
                vec![pair("A", "1"), pair("b", "1"), pair("B", "1")],
            ),
            (Spelling::Fold, vec![pair("b", "1")]),
        ] {
            let late = effect.clone().without_what_stands(&[pair("a", "1")], spelling);
            assert_eq!(late, Effect::Put(left));
        }
    }
}
