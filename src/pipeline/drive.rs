//! Does what the loop says, over the wire to one appliance, and keeps the time of the run: when it is up, nothing more
//! is begun, and what was sent is read back. What has to be durable before a write goes to a [`Keeper`]. Refuses to know
//! what is wished and what comes of it.

use super::accept::Run;
use super::take_back::{TakenPair, TakingBack};
use crate::appliance::{Appliance, WireLog};
use crate::model::{EntryKey, ListKind, Operation, Pair, PairKey, Read, ReadReply, Verdict, Write};
use crate::reconcile::{
    Event, HourUse, Look, Looked, Machine, PreviewStep, ReadBack, ReadingMachine, Settled, Step, Whole,
    WholeRead,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// What was sent when the time of a run is up is read back for as long as this, from the end of the last change on.
const READ_BACK_MAX: Duration = Duration::from_secs(60);
/// A wait is longer by up to so much of itself, so that runs that began together do not go on together.
const JITTER_PERCENT_MAX: u64 = 50;

/// Whoever claimed the task.
#[async_trait]
pub trait Keeper: Send + Sync {
    /// Makes durable that these pairs may be changed now, where they may.
    async fn journal(&self, pairs: &[Pair], cause: Cause) -> Leave;
    /// May a write begin? No longer where the lease may end before its answer.
    async fn may_write(&self, cause: Cause) -> Leave;
    /// Why nothing more is to be begun, where somebody cancelled the run, or stopped writes like its.
    fn cancelled(&self) -> Option<String>;
    /// That somebody stopped writes like its, where that was heard while it was executed.
    fn switched_off(&self) -> Option<String>;
    /// A point of the way was reached, for tests of what survives a crash there.
    fn reached(&self, point: &'static str);
    /// A call to the appliance is about to be made, for those who look how far the task is.
    fn counted(&self, call: Call);
    /// Is the server stopping? What was not begun is left for its next start.
    fn is_stopping(&self) -> bool;
    /// Resolves when it is.
    async fn stopped(&self);
    /// What a run of single pairs is about on one of its appliances. None where that cannot be known now.
    async fn pairs_to_take_back(&self, what: &TakingBack, run: &Run, place: usize) -> Option<Vec<TakenPair>>;
    /// Which of these pairs stand there because of us, as far as is known. None where that cannot be known now.
    async fn owned(
        &self,
        appliance: &str,
        list: ListKind,
        pairs: Vec<PairKey>,
    ) -> Option<BTreeMap<PairKey, PutThere>>;
    /// What runs before this one changed on that list within the last hour, in the order in which it is over. None where
    /// that cannot be known now.
    async fn used_within_the_hour(
        &self,
        appliance: &str,
        list: ListKind,
        operation: Operation,
    ) -> Option<Vec<HourUse>>;
    /// Which pairs of these entries are on hold, and why. None where that cannot be known now.
    async fn held(
        &self,
        list: ListKind,
        recipients: Vec<EntryKey>,
        senders: Vec<EntryKey>,
    ) -> Option<BTreeMap<PairKey, String>>;
}

/// What something is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It is wished.
    Wish,
    /// A row has lost it to a write before.
    PutBack,
}

/// Leave to change something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leave {
    /// It is given.
    Given,
    /// The task is not ours any more, or we are to stop here: nothing may be written, and it goes on from the journal some
    /// other time.
    Withheld,
    /// Somebody stopped writes, in these words: nothing more is begun, and the task ends with what it has.
    Stopped(String),
}

/// What is known of a pair that stands because of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutThere {
    /// The run that sent it.
    pub run: String,
    /// It was read back, or found there since.
    pub is_proven: bool,
}

/// A call to the appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A page is read.
    Read,
    /// Something is changed.
    Write,
}

/// The time that a run may take.
#[derive(Debug, Clone, Copy)]
pub struct RunTime {
    end: Instant,
    length: Duration,
}

impl RunTime {
    /// Begins now.
    #[must_use]
    pub fn begin(length: Duration) -> Self {
        Self {
            end: Instant::now() + length,
            length,
        }
    }

    fn is_up(self) -> bool {
        Instant::now() >= self.end
    }

    /// Waits for something, but no longer than the run may take.
    pub(super) async fn wait_for<T>(self, what: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.end, what).await.ok()
    }

    fn ends_within(self, wait: Duration) -> bool {
        Instant::now() + wait >= self.end
    }

    /// What a person is told.
    fn describe(self) -> String {
        let length = humantime::format_duration(self.length);
        format!("the time of the run was up ({length}, run_timeout under [server])")
    }
}

/// One run's way to one appliance.
pub(super) struct Driver<'a> {
    appliance: &'a Appliance,
    time: RunTime,
    log: &'a WireLog,
    keeper: &'a dyn Keeper,
    /// Until when a page is waited for. It moves on with each write: one that took long is read back all the same.
    read_until: Instant,
    /// What came of the last page, where that was no answer.
    unread: Option<String>,
    /// The same of the last change. Pages that come later tell what it came to, not that it was answered.
    unanswered: Option<String>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(
        appliance: &'a Appliance,
        time: RunTime,
        log: &'a WireLog,
        keeper: &'a dyn Keeper,
    ) -> Self {
        Self {
            appliance,
            time,
            log,
            keeper,
            read_until: time.end + READ_BACK_MAX,
            unread: None,
            unanswered: None,
        }
    }

    /// To the end of the machine; none where it was left between two steps. An appliance that rests is not asked, but
    /// for what may have been written before.
    pub(super) async fn run(&mut self, mut machine: impl Machine + Send) -> Option<Settled> {
        if matches!(machine.next(), Step::Read(_))
            && !machine.may_have_written()
            && let Err(resting) = self.appliance.enter()
        {
            machine.feed(Event::Read(ReadReply::Failed(resting)));
        }
        let mut cause = Cause::Wish;
        loop {
            if self.time.is_up() {
                machine.stop(self.describe_end());
            } else if let Some(why) = self.keeper.cancelled() {
                machine.stop(why);
            }
            let event = match machine.next() {
                Step::Done => return Some(machine.settled()),
                // What was sent stands in the journal: the next start reads it back, and goes on.
                _ if self.keeper.is_stopping() && machine.may_be_left() => return None,
                Step::Read(read) if machine.may_be_left() => {
                    Event::Read(self.view_unless_stopped(&read).await?)
                }
                Step::Read(read) => {
                    self.keeper.counted(Call::Read);
                    Event::Read(self.view(&read).await)
                }
                Step::Journal(pairs) => match self.keeper.journal(&pairs, cause).await {
                    Leave::Given => {
                        self.keeper.reached("journaled");
                        Event::Journaled
                    }
                    Leave::Withheld => return None,
                    Leave::Stopped(why) => {
                        // Whatever a machine that was stopped still writes, puts back.
                        machine.stop(why);
                        cause = Cause::PutBack;
                        continue;
                    }
                },
                // An appliance that asked for a pause gets it first, so that the lease is looked at right before the request.
                Step::Write(_)
                    if !self.appliance.pause().is_zero()
                        && !self.time.ends_within(self.appliance.pause()) =>
                {
                    let keeper = self.keeper;
                    tokio::select! {
                        () = sleep(self.appliance.pause()) => continue,
                        () = keeper.stopped() => return None,
                    }
                }
                Step::Write(write) => {
                    match self.keeper.may_write(cause).await {
                        Leave::Given => {}
                        Leave::Withheld => return None,
                        Leave::Stopped(why) => {
                            machine.stop(why);
                            cause = Cause::PutBack;
                            continue;
                        }
                    }
                    if self.time.ends_within(self.appliance.pause()) {
                        // It would be sent when the time is up. What a row has lost is put back all the same.
                        machine.stop(self.describe_end());
                        if machine.next() != Step::Write(write.clone()) {
                            continue;
                        }
                    }
                    self.keeper.counted(Call::Write);
                    let verdict = self.write(&write).await;
                    self.keeper.reached("written");
                    Event::Written(verdict)
                }
            };
            machine.feed(event);
        }
    }

    /// Reads what may have been sent before a crash, also from an appliance that rests; none where it was left.
    pub(super) async fn read_back(&mut self, mut sent: ReadBack) -> Option<Settled> {
        loop {
            match sent.next() {
                PreviewStep::Done => return Some(sent.settled()),
                PreviewStep::Read(read) => sent.feed(self.view_unless_stopped(&read).await?),
            }
        }
    }

    /// The same for a preview, whose steps have no write.
    pub(super) async fn preview(
        &mut self,
        mut preview: impl ReadingMachine + Send,
        resting: Option<Verdict>,
    ) -> Settled {
        let read_until = std::mem::replace(&mut self.read_until, self.time.end);
        if matches!(preview.next(), PreviewStep::Read(_))
            && let Err(resting) = self.enter(resting)
        {
            preview.feed(ReadReply::Failed(resting));
        }
        while let PreviewStep::Read(read) = preview.next() {
            preview.feed(self.view(&read).await);
        }
        // What comes after the look may send something, and has to read it back.
        self.read_until = read_until;
        preview.settled()
    }

    /// Reads what stands on one list. An appliance that rests is not asked.
    pub(super) async fn look(&mut self, mut look: Look) -> Looked {
        self.read_until = self.time.end;
        if let Err(resting) = self.appliance.enter() {
            look.feed(ReadReply::Failed(resting));
        }
        loop {
            match look.next() {
                PreviewStep::Read(read) => look.feed(self.view(&read).await),
                PreviewStep::Done => return look.looked(),
            }
        }
    }

    /// Reads one list to its end. An appliance that rests is not asked.
    pub(super) async fn read_whole(&mut self, mut whole: Whole) -> WholeRead {
        self.read_until = self.time.end;
        if let Err(resting) = self.appliance.enter() {
            whole.feed(ReadReply::Failed(resting));
        }
        loop {
            match whole.next() {
                PreviewStep::Read(read) => whole.feed(self.view(&read).await),
                PreviewStep::Done => return whole.whole(),
            }
        }
    }

    /// Whoever found it resting has waited for nobody, and does not ask although the rest has ended meanwhile.
    fn enter(&self, resting: Option<Verdict>) -> Result<(), Verdict> {
        resting.map_or_else(|| self.appliance.enter(), Err)
    }

    /// A reading can be left at any moment: it is made again.
    async fn view_unless_stopped(&mut self, read: &Read) -> Option<ReadReply> {
        let keeper = self.keeper;
        keeper.counted(Call::Read);
        tokio::select! {
            reply = self.view(read) => Some(reply),
            () = keeper.stopped() => None,
        }
    }

    async fn view(&mut self, read: &Read) -> ReadReply {
        if Instant::now() >= self.read_until {
            return self.out_of_time();
        }
        let asked = async {
            if read.delay_ms > 0 {
                sleep(with_jitter(Duration::from_millis(read.delay_ms))).await;
            }
            self.appliance.view(read, self.log).await
        };
        let Ok(reply) = timeout_at(self.read_until, asked).await else {
            self.unread = Some("a page was asked for, and did not come".to_owned());
            return self.out_of_time();
        };
        self.unread = match &reply {
            ReadReply::Failed(verdict @ (Verdict::Unclear { .. } | Verdict::Unreachable { .. })) => {
                Some(verdict.describe())
            }
            ReadReply::Page(_) | ReadReply::Failed(_) => None,
        };
        reply
    }

    async fn write(&mut self, write: &Write) -> Verdict {
        let verdict = self.appliance.write(write, self.log).await;
        self.read_until = self.read_until.max(Instant::now() + READ_BACK_MAX);
        self.unanswered = matches!(verdict, Verdict::Unclear { .. } | Verdict::Unreachable { .. })
            .then(|| format!("the last change: {}", verdict.describe()));
        verdict
    }

    /// That the time was up, and what it was spent on where nothing answered.
    fn describe_end(&self) -> String {
        let end = self.time.describe();
        match self.unread.as_ref().or(self.unanswered.as_ref()) {
            Some(unanswered) => format!("{end}; before that, {unanswered}"),
            None => end,
        }
    }

    fn out_of_time(&self) -> ReadReply {
        ReadReply::Failed(Verdict::Resting {
            words: self.describe_end(),
        })
    }
}

fn with_jitter(delay: Duration) -> Duration {
    let mut byte = [0];
    // Without randomness the wait is just not longer.
    let drawn = getrandom::fill(&mut byte).map_or(0, |()| u64::from(byte[0]));
    let percent = 100 + drawn * JITTER_PERCENT_MAX / 255;
    Duration::from_millis(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX) * percent / 100)
}
