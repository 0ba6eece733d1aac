//! One paging of one view or one search: where the next page begins, and whether the pages make a whole.
//! A list that changes between two pages shows itself by a changed count, a repeated key, or a seam that does not
//! fit: each page begins with the last row of the one before, so that a row which went and another which came
//! cannot shift a third one past our eyes. Then the paging begins again, once. `observe.rs` decides what is paged.

use crate::model::{Page, Pair, View};
use std::collections::BTreeSet;

/// Rows asked for in one page: the largest number that clients are known to use (`docs/asyncos.md`, "Reading").
pub(super) const PAGE_ROWS_MAX: usize = 100;
/// Times a paging is begun before absence is left unproven.
const PAGING_TRIES_MAX: u32 = 2;

#[derive(Debug, Clone, Default)]
pub(super) struct Paging {
    tries: u32,
    total: Option<usize>,
    row_keys: BTreeSet<String>,
    /// The row that the next page has to begin with.
    last_key: Option<String>,
    pairs: Vec<Pair>,
    complete: bool,
    gave_up: bool,
}

impl Paging {
    pub(super) fn next_offset(&self) -> usize {
        self.row_keys.len().saturating_sub(1)
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    pub(super) fn gave_up(&self) -> bool {
        self.gave_up
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.iter()
    }

    pub(super) fn into_pairs(self) -> Vec<Pair> {
        self.pairs
    }

    /// Takes the next page. Returns the pairs of a try that was given up, good only to prove presence.
    pub(super) fn take(&mut self, page: Page, view: View) -> Vec<Pair> {
        let steady =
            page.total_count.is_some() && self.total.is_none_or(|total| page.total_count == Some(total));
        self.total = page.total_count;
        let mut rows = page.rows.into_iter();
        let fits = self.last_key.is_none() || rows.next().map(|row| row.key) == self.last_key;
        let ended_early = rows.len() == 0 && self.total != Some(self.row_keys.len());
        let mut repeated = false;
        for row in rows {
            self.pairs.extend(row.pairs(view));
            self.last_key = Some(row.key.clone());
            repeated |= !self.row_keys.insert(row.key);
        }
        let too_many = self.total.is_some_and(|total| self.row_keys.len() > total);
        if !steady || !fits || repeated || ended_early || too_many {
            return self.begin_again();
        }
        self.complete = self.total == Some(self.row_keys.len());
        Vec::new()
    }

    fn begin_again(&mut self) -> Vec<Pair> {
        let tries = self.tries + 1;
        let lost = std::mem::take(&mut self.pairs);
        *self = Self {
            tries,
            gave_up: tries >= PAGING_TRIES_MAX,
            ..Self::default()
        };
        lost
    }

    /// Calls until this paging is complete. `known` is the row count of an earlier paging, `hoped` the guess
    /// where there was none. `None` when it was given up.
    pub(super) fn calls_left(&self, known: Option<usize>, hoped: usize) -> Option<usize> {
        if self.gave_up {
            return None;
        }
        Some(match (self.total, known) {
            // A page after the first one brings one row less that is new.
            (Some(total), _) => (total - self.row_keys.len()).div_ceil(PAGE_ROWS_MAX - 1),
            (None, Some(known)) => known.div_ceil(PAGE_ROWS_MAX).max(1),
            (None, None) => hoped,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Row;

    fn page(total: Option<usize>, keys: &[&str]) -> Page {
        let rows = keys.iter().map(|key| Row {
            key: (*key).to_owned(),
            values: vec!["s.example".into()],
        });
        Page {
            total_count: total,
            rows: rows.collect(),
        }
    }

    /// Feeds pages one after the other and tells (complete, gave up) at the end.
    fn check(pages: &[Page]) -> (bool, bool) {
        let mut paging = Paging::default();
        for page in pages {
            paging.take(page.clone(), View::Recipient);
        }
        (paging.is_complete(), paging.gave_up())
    }

    #[test]
    fn a_whole_is_made_of_pages_with_one_count_and_no_key_twice() {
        let a = || page(Some(3), &["a", "b"]);
        let c = |total| page(Some(total), &["b", "c"]);
        for (pages, expected, why) in [
            (vec![page(Some(0), &[])], (true, false), "an empty list is whole"),
            (vec![a(), c(3)], (true, false), "all rows came"),
            (
                vec![a(), page(Some(3), &["c", "d"])],
                (false, false),
                "a row went and another came, so that the seam does not fit: again",
            ),
            (vec![a()], (false, false), "one row is missing"),
            (vec![a(), c(4)], (false, false), "the count changed: again"),
            (
                vec![a(), page(Some(3), &["b", "a"])],
                (false, false),
                "a key came twice: again",
            ),
            (
                vec![a(), page(Some(3), &[])],
                (false, false),
                "the pages ended early: again",
            ),
            (
                vec![a(), page(Some(3), &["b", "c", "d"])],
                (false, false),
                "more rows than the count: again",
            ),
            (vec![page(None, &["a"])], (false, false), "no count, no proof"),
            (vec![a(), c(4), a(), c(3)], (true, false), "second try"),
            (
                vec![a(), c(4), a(), page(Some(2), &[])],
                (false, true),
                "given up",
            ),
        ] {
            assert_eq!(check(&pages), expected, "{why}");
        }
    }
}
