//! Deletions that leave out what is pinned. Which pairs an entry has is known only after a look at the list; then the
//! entries without a pinned pair go as whole rows, as with any other deletion, and of the others each pair that is not
//! pinned is taken out of its row by itself. Refuses to know how either is done; that is the loop's.

use super::accept::{Fate, Item};
use super::clear;
use super::drive::Driver;
use super::ended::Told;
use super::merge::Merged;
use super::planned::{Moved, bounded};
use super::sent_before;
use super::task::{Task, Way};
use crate::app::Target;
use crate::guard::{Refused, Rule};
use crate::model::{EntryKey, Operation, Outcome, PairKey, View};
use crate::reconcile::{
    AbsentPairs, Caps, Extraction, ExtractionPreview, ItemStanding, Journal, Limits, Preview, Reconcile,
    Settled,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::OnceLock;

/// What becomes of the items of a run, by where they stand in it.
#[derive(Default)]
struct Parts {
    /// They have no pinned pair.
    whole: BTreeSet<usize>,
    /// They have: the pairs that are to go nevertheless.
    single: BTreeMap<usize, Vec<PairKey>>,
    /// And those that stay.
    kept: Vec<(PairKey, Refused)>,
    /// What is told of items of which somebody let a pinned pair pass.
    passed: BTreeMap<usize, String>,
}

impl Task<'_> {
    /// Why a pair is not taken off its list, unless somebody lets it pass.
    pub(super) fn pinned(&self, pair: &PairKey) -> Option<Refused> {
        let refused = self.guard.pinned(self.run.list, &pair.recipient, &pair.sender)?;
        (!self.is_passed(pair)).then_some(refused)
    }

    /// What is told of a pair that is pinned and goes all the same, because somebody lets it pass.
    pub(super) fn passed_pin(&self, pair: &PairKey) -> Option<String> {
        let by = self.run.passed_by.as_ref().filter(|_| self.is_passed(pair))?;
        let refused = self.guard.pinned(self.run.list, &pair.recipient, &pair.sender)?;
        Some(by.note(refused.rule()))
    }

    /// By the indicator itself, or by the entry on the other side that a pin names.
    fn is_passed(&self, pair: &PairKey) -> bool {
        let passes = |entry: &EntryKey| self.run.passed.names(Rule::Pinned, entry);
        let (item, other, other_side) = match self.run.view {
            View::Sender => (&pair.sender, &pair.recipient, View::Recipient),
            View::Recipient => (&pair.recipient, &pair.sender, View::Sender),
        };
        passes(item) || (passes(other) && self.guard.names_in_pin(self.run.list, other_side, other))
    }

    /// Could this deletion meet a pinned pair?
    pub(super) fn may_meet_pins(&self) -> bool {
        let run = self.run;
        let entries = run.items.iter().filter_map(Item::wished);
        run.operation == Operation::Delete && self.guard.may_pin(run.list, run.view, entries)
    }

    /// Removes what the run names but for what is pinned, or looks what that would do.
    pub(super) async fn remove_but_pinned(
        &self,
        way: Way,
        target: &Target,
        driver: &mut Driver<'_>,
    ) -> Option<Told> {
        if way == Way::Write && self.stopped.is_some() {
            // Nothing more is begun, so that nothing that is pinned can be touched.
            return self.write(target, driver).await;
        }
        let looked = self.look_at_pairs(target, driver).await?;
        if self.keeper.is_stopping() {
            return None;
        }
        if let Some(unread) = looked.items.iter().find(|item| !item.class.ok()) {
            if self.journal.is_empty() {
                return Some(self.tell(target, self.run, looked, VecDeque::new()));
            }
            let sent = sent_before::wish_of(self.run, self.run.items.iter());
            let why = unread.detail.clone();
            let settled = self.read_back(target, driver, sent, &why).await?;
            return Some(self.tell(target, self.run, settled, VecDeque::new()));
        }
        target.learn(&looked.knowledge);
        let parts = self.part(&looked.items);
        let (whole, moved) = self.remove_whole(&parts, way, target, driver).await?;
        let limits = self.limits_after(&whole).await?;
        let (single, merged) = self.remove_single(&parts, limits, way, target, driver).await?;
        Some(Told {
            moved,
            ..self.tell_both(looked, whole, single, &parts, merged)
        })
    }

    /// Every pair of the items that stands now. No limit counts for a look.
    async fn look_at_pairs(&self, target: &Target, driver: &mut Driver<'_>) -> Option<Settled> {
        let limits = Limits {
            objects_per_run: usize::MAX,
            changed_pairs_max: usize::MAX,
            caps: Caps::default(),
            ..self.limits().await?
        };
        let wish = clear::clear(&self.guard, &mut self.run.clone());
        let (_lane, resting) = self.lane_of_previews(target).await;
        let preview = Preview::new(wish, limits, target.knowledge());
        Some(driver.preview(preview, resting).await)
    }

    fn part(&self, looked: &[ItemStanding]) -> Parts {
        let mut parts = Parts::default();
        let mut sent: BTreeMap<&EntryKey, Vec<PairKey>> = BTreeMap::new();
        for pair in self.journal.pairs().filter(|pair| self.pinned(pair).is_none()) {
            sent.entry(self.item_side(pair)).or_default().push(pair.clone());
        }
        let takes_up_single_pairs = self.promised().next().is_some();
        let items = self.run.items.iter().enumerate();
        let wished = items.filter_map(|(index, item)| Some((index, item.wished()?)));
        for ((index, key), standing) in wished.zip(looked) {
            let sent = sent.remove(key).unwrap_or_default();
            let mut touched = standing.would.iter().chain(&sent);
            let passed = touched.find_map(|pair| self.passed_pin(pair));
            parts.passed.extend(passed.map(|note| (index, note)));
            let mut going = Vec::new();
            let mut has_pinned = false;
            for pair in &standing.would {
                match self.pinned(pair) {
                    Some(refused) => {
                        parts.kept.push((pair.clone(), refused));
                        has_pinned = true;
                    }
                    None => going.push(pair.clone()),
                }
            }
            if has_pinned || (takes_up_single_pairs && !sent.is_empty()) {
                let going: BTreeSet<PairKey> = going.into_iter().chain(sent).collect();
                parts.single.insert(index, going.into_iter().collect());
            } else {
                parts.whole.insert(index);
            }
        }
        parts
    }

    /// What an earlier attempt was about to put back into the rows of single pairs: nothing of it is a pair that a
    /// deletion takes.
    fn promised(&self) -> impl Iterator<Item = &PairKey> {
        let items: BTreeSet<&EntryKey> = self.run.items.iter().filter_map(Item::wished).collect();
        let pairs = self.journal.pairs();
        pairs.filter(move |pair| !items.contains(self.item_side(pair)) || self.pinned(pair).is_some())
    }

    fn item_side<'p>(&self, pair: &'p PairKey) -> &'p EntryKey {
        match self.run.view {
            View::Sender => &pair.sender,
            View::Recipient => &pair.recipient,
        }
    }

    async fn remove_whole(
        &self,
        parts: &Parts,
        way: Way,
        target: &Target,
        driver: &mut Driver<'_>,
    ) -> Option<(Settled, Option<Moved>)> {
        let mut run = self.run.clone();
        let mut keys = BTreeSet::new();
        for (index, item) in run.items.iter_mut().enumerate() {
            let Some(key) = item.wished().cloned() else {
                continue;
            };
            if parts.whole.contains(&index) {
                keys.insert(key);
            } else {
                item.fate = Fate::Settled(Outcome::RefusedByRule, String::new());
            }
        }
        let wish = clear::clear(&self.guard, &mut run);
        let of_whole = self
            .journal
            .pairs()
            .filter(|pair| keys.contains(self.item_side(pair)));
        let journal = Journal::of(of_whole.cloned());
        let beside = OnceLock::new();
        let mut settled = match way {
            Way::Look | Way::ReadBack => {
                let (_lane, resting) = self.lane_of_previews(target).await;
                let preview = Preview::new(wish, self.limits().await?, target.knowledge());
                driver.preview(preview, resting).await
            }
            Way::Write => {
                let machine = Reconcile::new(wish, self.limits().await?, journal, target.knowledge());
                // Its own readings are later than the look by which the items were parted.
                driver.run(bounded(self, machine, &beside)).await?
            }
        };
        target.learn(&settled.knowledge);
        self.note_whose(&mut settled.items).await?;
        Some((settled, beside.into_inner().map(Moved::of)))
    }

    /// Both parts together keep to the limits of one run.
    async fn limits_after(&self, whole: &Settled) -> Option<Limits> {
        let counts = whole.items.iter().map(|item| item.counts);
        let touched = counts.map(|counts| counts.written + counts.unproven + counts.would);
        let touched: Vec<usize> = touched.filter(|pairs| *pairs > 0).collect();
        let (items, pairs) = (touched.len(), touched.iter().sum());
        let gone = whole.items.iter().map(|item| item.counts.written).sum();
        Some(self.limits().await?.after(items, pairs, gone))
    }

    async fn remove_single(
        &self,
        parts: &Parts,
        limits: Limits,
        way: Way,
        target: &Target,
        driver: &mut Driver<'_>,
    ) -> Option<(Settled, Merged<'_>)> {
        let mut merged = Merged::new(self.run);
        for (pair, refused) in &parts.kept {
            merged.keep(pair, Outcome::RefusedByRule, &refused.to_string());
        }
        let guard = &self.guard;
        let pairs: Vec<&PairKey> = parts.single.values().flatten().collect();
        let cleared: Vec<_> = pairs.iter().map(|pair| guard.clear_removal(*pair)).collect();
        let wish = AbsentPairs::found(self.run.list, &cleared);
        let mut settled = match way {
            Way::Look | Way::ReadBack => {
                let (_lane, resting) = self.lane_of_previews(target).await;
                let preview = ExtractionPreview::new(wish, limits, target.knowledge());
                driver.preview(preview, resting).await
            }
            Way::Write => {
                let sent: BTreeSet<&PairKey> = pairs.iter().copied().collect();
                let sent = self.journal.pairs().filter(|pair| sent.contains(pair));
                let journal = Journal::of(sent.chain(self.promised()).cloned());
                let machine = Extraction::new(wish, limits, journal, target.knowledge());
                driver.run(machine).await?
            }
        };
        target.learn(&settled.knowledge);
        let standings = std::mem::take(&mut settled.items);
        let mut taken: BTreeMap<&EntryKey, Vec<PairKey>> = BTreeMap::new();
        for (pair, standing) in pairs.iter().zip(standings) {
            let item = self.item_side(pair);
            if standing.counts.written + standing.counts.would > 0 {
                taken.entry(item).or_default().push((*pair).clone());
            }
            merged.add(item.clone(), standing);
        }
        let (items, taken): (Vec<_>, Vec<_>) = taken.into_iter().unzip();
        let notes = self.whose(&taken).await?;
        for (item, note) in items.into_iter().zip(notes) {
            if let Some(note) = note {
                merged.note(item, note);
            }
        }
        Some((settled, merged))
    }

    fn tell_both(
        &self,
        looked: Settled,
        whole: Settled,
        single: Settled,
        parts: &Parts,
        mut merged: Merged<'_>,
    ) -> Told {
        let mut told = Told::default();
        for settled in [&looked, &whole, &single] {
            told.calls.reads += settled.calls.reads;
            told.calls.writes += settled.calls.writes;
        }
        let warnings: BTreeSet<String> = [looked.warnings, whole.warnings, single.warnings]
            .into_iter()
            .flatten()
            .collect();
        told.warnings = warnings.into_iter().collect();
        told.configuration_troubles = whole.configuration_troubles;
        let mut standings = whole.items.into_iter();
        for (index, item) in self.run.items.iter().enumerate() {
            let Some(key) = item.wished() else {
                continue;
            };
            if parts.whole.contains(&index) {
                let mut standing = standings.next().expect("the loop settles every item of its wish");
                told.note_pairs(&mut standing);
                told.note_absent(key, &standing);
                told.items.push(standing.into());
            } else {
                told.items.push(merged.take(key, "nothing of it stands"));
            }
            if let (Some(note), Some(item)) = (parts.passed.get(&index), told.items.last_mut()) {
                item.notes.push(note.clone());
            }
        }
        told.changed.append(&mut merged.changed);
        told.would.append(&mut merged.would);
        told.unproven.append(&mut merged.unproven);
        told
    }
}
