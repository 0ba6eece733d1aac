//! Reads as much of a list as the wish touches, by the cheapest way that proves absence, page by page.
//! Pure: it names the next page and takes the answer. What absence may be concluded from is told in
//! `docs/asyncos.md`, "Reading"; `plan.rs` uses what comes out.

use super::effort::Patience;
use super::paging::{PAGE_ROWS_MAX, Paging};
use super::scope::{Observation, Scope};
use super::wish::{Knowledge, SearchTrust};
use crate::model::{ListKind, Page, Pair, Read, ReadReply, Verdict, View};
use std::sync::Arc;

/// The wait before the second try of a read that failed without a clear no; doubled for each further one.
pub(super) const READ_RETRY_DELAY_MS: u64 = 300;

/// What to read next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Aim {
    /// The next page of a view.
    Page(View),
    /// A search for a row that paging has shown, to learn whether searches can be believed.
    TrustProbe,
    /// The next page of the search for the recipient with this number.
    Search(usize),
}

/// One observation in the making.
#[derive(Debug, Clone)]
pub(super) struct Observer {
    list: ListKind,
    scope: Arc<Scope>,
    /// The view in which the wish is at home; tried first when nothing else is known.
    home: View,
    by_home: Paging,
    by_other: Paging,
    /// One for each recipient of the scope, in its order; empty where searching is of no use.
    searches: Vec<(String, Paging)>,
    search_gave_up: bool,
    /// A recipient that paging has shown, and the same with the case of its letters swapped.
    sample: Option<(String, String)>,
    aim: Aim,
    delay_ms: u64,
    patience: Patience,
    failures: u32,
    denials: u32,
    /// Everything seen in pagings that were given up: good for presence, not for absence.
    glimpsed: Vec<Pair>,
}

impl Observer {
    pub(super) fn new(
        list: ListKind,
        scope: Arc<Scope>,
        home: View,
        delay_ms: u64,
        patience: Patience,
        knowledge: &Knowledge,
    ) -> Self {
        let searches = if scope.searchable() {
            scope
                .recipients
                .iter()
                .map(|key| (key.as_str().to_owned(), Paging::default()))
                .collect()
        } else {
            Vec::new()
        };
        let mut observer = Self {
            list,
            scope,
            home,
            by_home: Paging::default(),
            by_other: Paging::default(),
            search_gave_up: searches.is_empty(),
            searches,
            sample: None,
            aim: Aim::Page(home),
            delay_ms,
            patience,
            failures: 0,
            denials: 0,
            glimpsed: Vec::new(),
        };
        if let Some(aim) = observer.cheapest_aim(knowledge) {
            observer.aim = aim;
        }
        observer
    }

    /// The same without a search, which shows nothing of the rest of the list.
    pub(super) fn by_paging_alone(mut self, knowledge: &Knowledge) -> Self {
        self.searches.clear();
        self.search_gave_up = true;
        self.aim = self.cheapest_aim(knowledge).unwrap_or(Aim::Page(self.home));
        self
    }

    /// The page to read now.
    pub(super) fn next(&self) -> Read {
        let (view, search, offset) = match &self.aim {
            Aim::Page(view) => (*view, None, self.paging(*view).next_offset()),
            Aim::TrustProbe => (
                View::Recipient,
                self.sample.as_ref().map(|(_, swapped)| swapped.clone()),
                0,
            ),
            Aim::Search(number) => {
                let (recipient, paging) = &self.searches[*number];
                (View::Recipient, Some(recipient.clone()), paging.next_offset())
            }
        };
        Read {
            list: self.list,
            view,
            search,
            offset,
            limit: PAGE_ROWS_MAX,
            delay_ms: self.delay_ms,
        }
    }

    /// Takes the answer; returns the observation, or why there is none, once nothing is left to read.
    pub(super) fn feed(
        &mut self,
        reply: ReadReply,
        knowledge: &mut Knowledge,
    ) -> Option<Result<Observation, Verdict>> {
        match reply {
            ReadReply::Page(page) => self.take_page(page, knowledge),
            ReadReply::Failed(verdict) => {
                if let Some(verdict) = self.take_failure(verdict, knowledge) {
                    return Some(Err(verdict));
                }
                if self.failures > 0 {
                    return None;
                }
            }
        }
        if let Some(observation) = self.finished() {
            return Some(Ok(observation));
        }
        match self.cheapest_aim(knowledge) {
            Some(aim) => {
                self.aim = aim;
                None
            }
            None => Some(Ok(self.incomplete())),
        }
    }

    fn take_page(&mut self, page: Page, knowledge: &mut Knowledge) {
        self.failures = 0;
        self.delay_ms = 0;
        match self.aim.clone() {
            Aim::Page(view) => {
                if view == View::Recipient && self.sample.is_none() {
                    self.sample = page.rows.iter().find_map(|row| swap_case(&row.key));
                }
                if let Some(total) = page.total_count {
                    knowledge.row_counts.insert((self.list, view), total);
                }
                let lost = self.paging_mut(view).take(page, view);
                self.glimpsed.extend(lost);
            }
            Aim::TrustProbe => {
                let stored = self.sample.as_ref().map(|(stored, _)| stored);
                let found = page.rows.iter().any(|row| Some(&row.key) == stored);
                knowledge.search = if found {
                    SearchTrust::Proven
                } else {
                    SearchTrust::Disproven
                };
            }
            Aim::Search(number) => {
                let lost = self.searches[number].1.take(page, View::Recipient);
                self.glimpsed.extend(lost);
                self.search_gave_up |= self.searches[number].1.gave_up();
            }
        }
    }

    /// A refused search only means that lists are paged; a refused page, that the list cannot be used.
    fn take_failure(&mut self, verdict: Verdict, knowledge: &mut Knowledge) -> Option<Verdict> {
        match verdict {
            Verdict::Unclear { .. } | Verdict::Unreachable { .. }
                if self.failures + 1 >= self.patience.tries_max() && !matches!(self.aim, Aim::Page(_)) =>
            {
                self.give_up_searching(knowledge);
                None
            }
            Verdict::Unclear { .. } | Verdict::Unreachable { .. } => {
                self.failures += 1;
                self.delay_ms = READ_RETRY_DELAY_MS << (self.failures - 1);
                (self.failures >= self.patience.tries_max()).then_some(verdict)
            }
            Verdict::Refused { .. } if !matches!(self.aim, Aim::Page(_)) => {
                self.give_up_searching(knowledge);
                None
            }
            // A page that was refused although others were not is asked for again where something depends on it.
            Verdict::Refused { .. } if self.patience == Patience::Sent => {
                self.failures += 1;
                self.delay_ms = READ_RETRY_DELAY_MS << (self.failures - 1);
                (self.failures >= self.patience.tries_max()).then_some(verdict)
            }
            Verdict::Denied { .. } if self.denials < self.patience.denials_max() => {
                self.denials += 1;
                self.failures += 1;
                self.delay_ms = READ_RETRY_DELAY_MS;
                None
            }
            // Nothing was asked, and nothing would be if it were tried again.
            Verdict::Refused { .. }
            | Verdict::Denied { .. }
            | Verdict::Resting { .. }
            | Verdict::Untrusted { .. }
            | Verdict::Done => Some(verdict),
        }
    }

    fn give_up_searching(&mut self, knowledge: &mut Knowledge) {
        self.failures = 0;
        self.delay_ms = 0;
        self.search_gave_up = true;
        knowledge.search = SearchTrust::Disproven;
    }

    fn finished(&self) -> Option<Observation> {
        let mut observation = Observation {
            complete: true,
            ..Observation::default()
        };
        for view in [self.home, self.home.other()] {
            let paging = self.paging(view);
            if paging.is_complete() {
                observation.extend(&self.scope, paging.pairs().cloned());
                observation.list_pairs = Some(paging.pairs().count());
                return Some(observation);
            }
        }
        if !self.search_gave_up && self.searches.iter().all(|(_, paging)| paging.is_complete()) {
            for (_, paging) in &self.searches {
                observation.extend(&self.scope, paging.pairs().cloned());
            }
            return Some(observation);
        }
        None
    }

    /// Nothing left to try: what was seen is there, and nothing can be said of the rest.
    pub(super) fn incomplete(&self) -> Observation {
        let mut observation = Observation::default();
        let searched = self.searches.iter().map(|(_, paging)| paging);
        for paging in [&self.by_home, &self.by_other].into_iter().chain(searched) {
            observation.extend(&self.scope, paging.pairs().cloned());
        }
        observation.extend(&self.scope, self.glimpsed.iter().cloned());
        observation
    }

    /// The next read of the way with the fewest calls left. Of equals, paging before searching, because its
    /// proof is stronger, and the home view first.
    fn cheapest_aim(&self, knowledge: &Knowledge) -> Option<Aim> {
        let home = self
            .paging_cost(self.home, knowledge)
            .map(|cost| (cost, Aim::Page(self.home)));
        let other = self
            .paging_cost(self.home.other(), knowledge)
            .map(|cost| (cost, Aim::Page(self.home.other())));
        let search = self.search_cost(knowledge);
        // min_by_key returns the first of equals.
        [home, other, search]
            .into_iter()
            .flatten()
            .min_by_key(|(cost, _)| *cost)
            .map(|(_, aim)| aim)
    }

    fn paging_cost(&self, view: View, knowledge: &Knowledge) -> Option<usize> {
        // A view that was never paged may be short: worth a look when the other has more than two pages left.
        let hoped = if view == self.home { 1 } else { 3 };
        let known = knowledge.row_counts.get(&(self.list, view)).copied();
        self.paging(view).calls_left(known, hoped)
    }

    fn search_cost(&self, knowledge: &Knowledge) -> Option<(usize, Aim)> {
        if self.search_gave_up {
            return None;
        }
        let open = self
            .searches
            .iter()
            .filter(|(_, paging)| !paging.is_complete())
            .count();
        let first_open = self
            .searches
            .iter()
            .position(|(_, paging)| !paging.is_complete())?;
        match (knowledge.search, &self.sample) {
            (SearchTrust::Proven, _) => Some((open, Aim::Search(first_open))),
            (SearchTrust::Untried, Some(_)) => Some((open + 1, Aim::TrustProbe)),
            (SearchTrust::Untried, None) | (SearchTrust::Disproven, _) => None,
        }
    }

    fn paging(&self, view: View) -> &Paging {
        if view == self.home {
            &self.by_home
        } else {
            &self.by_other
        }
    }

    fn paging_mut(&mut self, view: View) -> &mut Paging {
        if view == self.home {
            &mut self.by_home
        } else {
            &mut self.by_other
        }
    }
}

/// A stored address and the same with the case of its letters swapped, where that makes a difference.
fn swap_case(stored: &str) -> Option<(String, String)> {
    let swapped: String = stored
        .chars()
        .map(|letter| {
            if letter.is_ascii_lowercase() {
                letter.to_ascii_uppercase()
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .collect();
    (stored.is_ascii() && stored.contains('@') && swapped != stored).then(|| (stored.to_owned(), swapped))
}
