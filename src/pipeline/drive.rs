//! Does what the loop says, over the wire to one appliance, and keeps the time of the run: when it is up, nothing more
//! is begun, and what was sent is read back. Refuses to know what is wished and what comes of it.

use crate::appliance::{Appliance, WireLog};
use crate::model::{Read, ReadReply, Verdict, Write};
use crate::reconcile::{Event, Preview, PreviewStep, Reconcile, Settled, Step};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// What was sent when the time of a run is up is read back for as long as this, from the end of the last change on.
const READ_BACK_MAX: Duration = Duration::from_secs(60);
/// A wait is longer by up to so much of itself, so that runs that began together do not go on together.
const JITTER_PERCENT_MAX: u64 = 50;

/// The time that a run may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunTime {
    end: Instant,
    length: Duration,
}

impl RunTime {
    /// Begins now.
    pub(super) fn begin(length: Duration) -> Self {
        Self {
            end: Instant::now() + length,
            length,
        }
    }

    pub(super) fn is_up(self) -> bool {
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
    pub(super) fn describe(self) -> String {
        let length = humantime::format_duration(self.length);
        format!("the time of the run was up ({length}, run_timeout under [server])")
    }
}

/// One run's way to one appliance.
pub(super) struct Driver<'a> {
    appliance: &'a Appliance,
    time: RunTime,
    log: &'a WireLog,
    /// Until when a page is waited for. It moves on with each write: one that took long is read back all the same.
    read_until: Instant,
    /// What came of the last page, where that was no answer.
    unread: Option<String>,
    /// The same of the last change. Pages that come later tell what it came to, not that it was answered.
    unanswered: Option<String>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(appliance: &'a Appliance, time: RunTime, log: &'a WireLog) -> Self {
        Self {
            appliance,
            time,
            log,
            read_until: time.end + READ_BACK_MAX,
            unread: None,
            unanswered: None,
        }
    }

    /// To the end of the loop; without a single request where the appliance was found resting.
    pub(super) async fn run(&mut self, mut machine: Reconcile, resting: Option<Verdict>) -> Settled {
        if matches!(machine.next(), Step::Read(_))
            && let Err(resting) = self.enter(resting)
        {
            machine.feed(Event::Read(ReadReply::Failed(resting)));
        }
        loop {
            if self.time.is_up() {
                machine.stop(self.describe_end());
            }
            let event = match machine.next() {
                Step::Read(read) => Event::Read(self.view(&read).await),
                // Runs do not survive a crash yet: there is no journal that an answer would have to wait for.
                Step::Journal(_) => Event::Journaled,
                // It would be sent when the time is up.
                Step::Write(_) if self.time.ends_within(self.appliance.pause()) => {
                    machine.stop(self.describe_end());
                    continue;
                }
                Step::Write(write) => Event::Written(self.write(&write).await),
                Step::Done => return machine.settled(),
            };
            machine.feed(event);
        }
    }

    /// The same for a preview, whose steps have no write.
    pub(super) async fn preview(&mut self, mut preview: Preview, resting: Option<Verdict>) -> Settled {
        self.read_until = self.time.end;
        if matches!(preview.next(), PreviewStep::Read(_))
            && let Err(resting) = self.enter(resting)
        {
            preview.feed(ReadReply::Failed(resting));
        }
        loop {
            match preview.next() {
                PreviewStep::Read(read) => preview.feed(self.view(&read).await),
                PreviewStep::Done => return preview.settled(),
            }
        }
    }

    /// Whoever found it resting has waited for nobody, and does not ask although the rest has ended meanwhile.
    fn enter(&self, resting: Option<Verdict>) -> Result<(), Verdict> {
        resting.map_or_else(|| self.appliance.enter(), Err)
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
