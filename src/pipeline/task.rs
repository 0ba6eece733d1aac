//! One task: the wish of a run on one list of one appliance. A task is executed by whoever claimed it, as often as it
//! takes; the journal says what may have been written before. What is kept of how it ended is in `ended.rs`.

use super::accept::{Fate, Run, RunAppliance};
use super::caps;
use super::clear;
use super::drive::{Driver, Keeper, RunTime};
use super::ended::{Ended, Told, ended};
use super::planned::{Moved, Start, bounded, look_before_writing};
use super::sent_before;
use super::take_back::{self, take_back};
use crate::app::{App, Target};
use crate::guard::Guard;
use crate::model::{ListKind, Operation, Verdict};
use crate::reconcile::{ItemStanding, Journal, Limits, Preview, ReadBack, Reconcile, SentBefore, Settled};
use crate::report::Mode;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

/// An appliance that says yes is given this long to show it. Nothing tells how long its list takes to catch up
/// with itself; two seconds cost one run once, and only when a doubt arose.
const SETTLE_DELAY_MS: u64 = 2_000;

/// What a task is executed with.
pub struct Task<'a> {
    /// The application.
    pub app: &'a App,
    /// The rules when it began, by which all of it is judged.
    pub guard: Arc<Guard>,
    /// The run.
    pub run: &'a Run,
    /// Which of its appliances.
    pub place: usize,
    /// What may have been written before.
    pub journal: Journal,
    /// Why nothing more is to be begun, if so.
    pub stopped: Option<String>,
    /// Keeps what has to be durable, and says when to stop.
    pub keeper: &'a dyn Keeper,
    /// How long it may take.
    pub time: RunTime,
}

impl Task<'_> {
    /// Executes it by today's rules. None where it is interrupted between two rounds: then it goes on from the journal.
    pub async fn execute(self) -> Option<Ended> {
        let (run, appliance) = (self.run, &self.run.appliances[self.place]);
        let Some(target) = self.app.target(&appliance.name) else {
            let name = &appliance.name;
            let why = format!("the configuration has no appliance {name} any more");
            return self.give_up(&why).await;
        };
        let mode = if run.dry_run {
            Mode::Observe
        } else {
            appliance.mode
        };
        // Whoever switched an appliance to observe meanwhile does not want it to be written to.
        let is_switched = mode == Mode::Enforce && target.mode == Mode::Observe;
        let log = self.app.wire_log(&run.id);
        let mut driver = Driver::new(&target.appliance, self.time, &log, self.keeper);
        let way = match mode {
            Mode::Enforce if !is_switched => Way::Write,
            Mode::Enforce if !self.journal.is_empty() => Way::ReadBack,
            Mode::Enforce | Mode::Observe => Way::Look,
        };
        if let (Way::Look, Some(why)) = (way, &self.stopped) {
            return self.give_up(why).await;
        }
        let looked = match look_before_writing(&self, way, target, &log).await? {
            Start::Free(calls) => calls,
            Start::Over(ended) => return Some(*ended),
        };
        let mut told = match (&run.taking_back, way) {
            (Some(what), way) => take_back(&self, what, way, target, &mut driver).await?,
            (None, Way::Write | Way::Look) if self.may_meet_pins() => {
                self.remove_but_pinned(way, target, &mut driver).await?
            }
            (None, Way::Write) => self.write(target, &mut driver).await?,
            (None, Way::Look) => self.look(target, &mut driver).await?,
            (None, Way::ReadBack) => self.look_for_what_was_sent(target, &mut driver).await?,
        };
        told.calls.reads += looked.reads;
        let mode = if way == Way::Look { Mode::Observe } else { mode };
        tracing::info!(
            run.id = %run.id, appliance.name = appliance.name, list.kind = %run.list,
            reads = told.calls.reads, writes = told.calls.writes, "task finished"
        );
        let mut ended = ended(appliance, mode, told);
        let is_short = ended.result.items.iter().any(|item| item.counts.not_tried > 0);
        ended.result.stopped = self.keeper.switched_off().filter(|_| is_short);
        Some(ended)
    }

    /// Ends it without a look at the appliance: what may have been sent is unproven. None where the store cannot be asked.
    pub async fn give_up(&self, reason: &str) -> Option<Ended> {
        let appliance = &self.run.appliances[self.place];
        let items = match &self.run.taking_back {
            None => sent_before::unread(self.run, &self.journal, reason),
            Some(what) => take_back::unread(self, what, reason).await?,
        };
        let told = Told {
            items,
            unproven: self.journal.pairs().cloned().collect(),
            ..Told::default()
        };
        let mode = if self.run.dry_run {
            Mode::Observe
        } else {
            appliance.mode
        };
        Some(ended(appliance, mode, told))
    }

    /// What would be done.
    pub(super) async fn look(&self, target: &Target, driver: &mut Driver<'_>) -> Option<Told> {
        let mut judged = self.run.clone();
        let wish = clear::clear(&self.guard, &mut judged);
        let wish = wish.without(&self.held(&judged).await?);
        let (_lane, resting) = self.lane_of_previews(target).await;
        let preview = Preview::new(wish, self.limits().await?, target.knowledge());
        let mut settled = driver.preview(preview, resting).await;
        self.note_whose(&mut settled.items).await?;
        Some(self.tell(target, &judged, settled, VecDeque::new()))
    }

    /// A resting appliance is told at once, and not after the previews before this one.
    pub(super) async fn lane_of_previews<'t>(
        &self,
        target: &'t Target,
    ) -> (Option<tokio::sync::MutexGuard<'t, ()>>, Option<Verdict>) {
        match target.appliance.resting() {
            Some(resting) => (None, Some(resting)),
            None => (self.time.wait_for(target.lane_of_previews()).await, None),
        }
    }

    /// What an earlier attempt sent to an appliance that is only looked at by now; nothing more is begun.
    async fn look_for_what_was_sent(&self, target: &Target, driver: &mut Driver<'_>) -> Option<Told> {
        let sent = sent_before::wish_of(self.run, self.run.items.iter());
        let settled = self.read_back(target, driver, sent, Way::NO_MORE).await?;
        Some(self.tell(target, self.run, settled, VecDeque::new()))
    }

    /// Makes the list as the run wishes, after a look at what today's rules would not have let it send.
    pub(super) async fn write(&self, target: &Target, driver: &mut Driver<'_>) -> Option<Told> {
        let mut judged = self.run.clone();
        let wish = clear::clear(&self.guard, &mut judged);
        let forbidden = sent_before::forbidden_since(self.run, &judged, &self.journal);
        let mut found = Settled::default();
        if !forbidden.is_empty() {
            let items = forbidden.iter().map(|index| &self.run.items[*index]);
            let sent = sent_before::wish_of(self.run, items);
            found = self
                .read_back(target, driver, sent, "a rule forbids it by now")
                .await?;
        }
        let wish = wish.without(&self.held(&judged).await?);
        let limits = self.limits().await?;
        let mut machine = Reconcile::new(wish, limits, self.journal.clone(), target.knowledge());
        if let Some(why) = &self.stopped {
            machine.stop(why.clone());
        }
        let beside = OnceLock::new();
        let mut settled = driver.run(bounded(self, machine, &beside)).await?;
        self.note_whose(&mut settled.items).await?;
        settled.calls.reads += found.calls.reads;
        settled.warnings.extend(found.warnings);
        let found = forbidden.into_iter().zip(found.items).collect();
        Some(Told {
            moved: beside.into_inner().map(Moved::of),
            ..self.tell(target, &judged, settled, found)
        })
    }

    pub(super) async fn read_back(
        &self,
        target: &Target,
        driver: &mut Driver<'_>,
        sent: SentBefore,
        why: &str,
    ) -> Option<Settled> {
        let journal = self.journal.clone();
        let machine = ReadBack::new(sent, self.limits().await?, journal, target.knowledge(), why);
        let settled = driver.read_back(machine).await?;
        target.learn(&settled.knowledge);
        Some(settled)
    }

    /// None where the store cannot be asked.
    pub(super) async fn limits(&self) -> Option<Limits> {
        let appliance = &self.run.appliances[self.place];
        Some(Limits {
            objects_per_run: self.run.objects_per_run,
            items_per_call: appliance.items_per_call,
            list_limit: appliance.list_limit,
            changed_pairs_max: self.run.changed_pairs_max,
            caps: caps::of(self).await?,
            settle_delay_ms: SETTLE_DELAY_MS,
        })
    }

    /// What stands becomes one result for each item that had a wish; those that a rule forbids by now among them.
    /// `found` is what was sent of these before, by index.
    pub(super) fn tell(
        &self,
        target: &Target,
        judged: &Run,
        settled: Settled,
        mut found: VecDeque<(usize, ItemStanding)>,
    ) -> Told {
        target.learn(&settled.knowledge);
        let mut standings = settled.items.into_iter();
        let mut told = Told {
            calls: settled.calls,
            configuration_troubles: settled.configuration_troubles,
            warnings: settled.warnings,
            ..Told::default()
        };
        let items = self.run.items.iter().zip(&judged.items).enumerate();
        for (index, (item, now)) in items {
            let Some(entry) = item.wished() else {
                continue;
            };
            let result = match &now.fate {
                Fate::Settled(outcome, reason) => match found.pop_front_if(|(of, _)| *of == index) {
                    Some((_, mut standing)) => {
                        told.note_pairs(&mut standing);
                        sent_before::refused_since(self.run, standing, reason)
                    }
                    None => sent_before::unsent(self.run, *outcome, reason),
                },
                _ => {
                    let mut standing = standings.next().expect("the loop settles every item of its wish");
                    told.note_pairs(&mut standing);
                    told.note_absent(entry, &standing);
                    standing.into()
                }
            };
            told.items.push(result);
        }
        told
    }
}

/// What may be done on an appliance now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// All of it.
    Write,
    /// Only a look.
    Look,
    /// Only a look at what an earlier attempt sent.
    ReadBack,
}

impl Way {
    /// Why nothing more than that.
    pub(super) const NO_MORE: &str = "the appliance is only looked at by now (mode = \"observe\")";
}

/// The lanes that a task needs: its list, and for an addition the other one, on which the same pair must not appear
/// meanwhile. What is only looked at stands in a lane of its own.
pub(super) fn lanes(run: &Run, appliance: &RunAppliance) -> Vec<String> {
    let lane = |list: ListKind| format!("{}/{list}", appliance.name);
    match (appliance.mode, run.operation) {
        (Mode::Observe, _) => vec![format!("{}/observe", appliance.name)],
        (Mode::Enforce, Operation::Add) => ListKind::ALL.map(lane).to_vec(),
        (Mode::Enforce, Operation::Delete) => vec![lane(run.list)],
    }
}
