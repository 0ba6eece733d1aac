//! Reads one list to its end: every pair that stands, for those who look at lists and export them. No wish, no search, and
//! nothing that writes. A list that cannot be proven whole is told as unread, never handed over in part. Whether pages
//! make a whole is `paging.rs`'s to say.

use super::effort::{INCOMPLETE_DELAY_MS, OBSERVATIONS_MAX, Patience};
use super::observe::READ_RETRY_DELAY_MS;
use super::paging::{PAGE_ROWS_MAX, Paging};
use super::{Knowledge, PreviewStep};
use crate::model::{ListKind, Pair, Read, ReadReply, Verdict, View};

/// Pairs of a list that is read. So many take about 100 megabytes while they are read and sorted; that is two thousand
/// mailboxes with a hundred senders each, the default limit of an appliance.
pub const WHOLE_PAIRS_MAX: usize = 200_000;

/// The reading of one list.
#[derive(Debug)]
pub struct Whole {
    list: ListKind,
    /// Tried first when nothing else is known.
    home: View,
    by_home: Paging,
    by_other: Paging,
    view: View,
    delay_ms: u64,
    failures: u32,
    observations: u32,
    has_row_count: bool,
    knowledge: Knowledge,
    end: Option<Result<Vec<Pair>, Unread>>,
}

/// Why a list is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// The appliance did not answer with pages.
    #[error("{}", .0.describe())]
    Failed(Verdict),
    /// No two readings in a row fitted together.
    #[error("it kept changing while it was read")]
    Moved,
    /// Pages without a row count prove nothing.
    #[error("the appliance tells no row count, so that nobody knows whether the pages are all")]
    NoRowCount,
    /// Longer than [`WHOLE_PAIRS_MAX`].
    #[error("it holds more than {WHOLE_PAIRS_MAX} pairs, the most that is read at once")]
    TooLong,
}

/// What was read.
#[derive(Debug)]
pub struct WholeRead {
    /// Every pair of the list, as the appliance spells it.
    pub pairs: Result<Vec<Pair>, Unread>,
    /// What is known of the appliance now.
    pub knowledge: Knowledge,
}

impl Whole {
    /// Both views show the same pairs, so that the shorter one is read; `home` where nobody knows which that is.
    #[must_use]
    pub fn new(list: ListKind, home: View, knowledge: Knowledge) -> Self {
        let mut whole = Self {
            list,
            home,
            by_home: Paging::default(),
            by_other: Paging::default(),
            view: home,
            delay_ms: 0,
            failures: 0,
            observations: 1,
            has_row_count: false,
            knowledge,
            end: None,
        };
        whole.choose_view();
        whole
    }

    /// What to do now.
    #[must_use]
    pub fn next(&self) -> PreviewStep {
        if self.end.is_some() {
            return PreviewStep::Done;
        }
        PreviewStep::Read(Read {
            list: self.list,
            view: self.view,
            search: None,
            offset: self.paging(self.view).next_offset(),
            limit: PAGE_ROWS_MAX,
            delay_ms: self.delay_ms,
        })
    }

    /// Takes a page, or why there is none.
    pub fn feed(&mut self, reply: ReadReply) {
        let page = match reply {
            ReadReply::Page(page) => page,
            ReadReply::Failed(verdict) => return self.take_failure(verdict),
        };
        (self.failures, self.delay_ms) = (0, 0);
        if let Some(total) = page.total_count {
            self.has_row_count = true;
            self.knowledge.row_counts.insert((self.list, self.view), total);
        }
        let view = self.view;
        // What a paging saw before it began again is of no use: only the whole list is handed over.
        self.paging_mut(view).take(page, view);
        let paging = self.paging(view);
        if paging.pairs().count() > WHOLE_PAIRS_MAX {
            self.end = Some(Err(Unread::TooLong));
        } else if paging.is_complete() {
            self.end = Some(Ok(std::mem::take(self.paging_mut(view)).into_pairs()));
        } else if !self.choose_view() {
            self.observe_again();
        }
    }

    /// The end.
    #[must_use]
    pub fn whole(self) -> WholeRead {
        WholeRead {
            pairs: self.end.unwrap_or(Err(Unread::Moved)),
            knowledge: self.knowledge,
        }
    }

    fn take_failure(&mut self, verdict: Verdict) {
        self.failures += 1;
        let may_pass = matches!(verdict, Verdict::Unclear { .. } | Verdict::Unreachable { .. });
        if may_pass && self.failures < Patience::NothingSent.tries_max() {
            self.delay_ms = READ_RETRY_DELAY_MS << (self.failures - 1);
        } else {
            self.end = Some(Err(Unread::Failed(verdict)));
        }
    }

    /// Whoever edits the list is waited for, but not for ever.
    fn observe_again(&mut self) {
        if self.observations >= OBSERVATIONS_MAX {
            let why = if self.has_row_count {
                Unread::Moved
            } else {
                Unread::NoRowCount
            };
            self.end = Some(Err(why));
            return;
        }
        self.delay_ms = INCOMPLETE_DELAY_MS << self.observations;
        self.observations += 1;
        (self.by_home, self.by_other) = (Paging::default(), Paging::default());
        self.choose_view();
    }

    /// The view with the fewest calls left. False where both were given up.
    fn choose_view(&mut self) -> bool {
        let calls_left = |view: View| {
            // A view that was never paged may be short: worth a look when the other has more than two pages left.
            let hoped = if view == self.home { 1 } else { 3 };
            let known = self.knowledge.row_counts.get(&(self.list, view)).copied();
            self.paging(view)
                .calls_left(known, hoped)
                .map(|calls| (calls, view))
        };
        let views = [self.home, self.home.other()].into_iter().filter_map(calls_left);
        // min_by_key returns the first of equals.
        match views.min_by_key(|(calls, _)| *calls) {
            Some((_, view)) => {
                self.view = view;
                true
            }
            None => false,
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
