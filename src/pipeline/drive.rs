//! Does what the loop says, over the wire to one appliance, and keeps the time of the run: when it is up, nothing more
//! is begun, and what was sent is read back. Refuses to know what is wished and what comes of it.

use crate::appliance::{Appliance, WireLog};
use crate::model::{Read, ReadReply, Verdict};
use crate::reconcile::{Event, Preview, PreviewStep, Reconcile, Settled, Step};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// What was sent when the time of a run is up is read back for as long as this.
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

    /// What a person is told.
    pub(super) fn describe(self) -> String {
        let length = humantime::format_duration(self.length);
        format!("the time of the run was up ({length}, run_timeout under [server])")
    }
}

/// One run's way to one appliance.
pub(super) struct Driver<'a> {
    pub(super) appliance: &'a Appliance,
    pub(super) time: RunTime,
    pub(super) log: &'a WireLog,
}

impl Driver<'_> {
    /// To the end of the loop.
    pub(super) async fn run(&self, mut machine: Reconcile) -> Settled {
        if matches!(machine.next(), Step::Read(_))
            && let Err(resting) = self.appliance.enter()
        {
            machine.feed(Event::Read(ReadReply::Failed(resting)));
        }
        loop {
            if self.time.is_up() {
                machine.stop(self.time.describe());
            }
            let event = match machine.next() {
                Step::Read(read) => Event::Read(self.view(&read).await),
                // Runs do not survive a crash yet: there is no journal that an answer would have to wait for.
                Step::Journal(_) => Event::Journaled,
                Step::Write(write) => Event::Written(self.appliance.write(&write, self.log).await),
                Step::Done => return machine.settled(),
            };
            machine.feed(event);
        }
    }

    /// The same for a preview, whose steps have no write.
    pub(super) async fn preview(&self, mut preview: Preview) -> Settled {
        if matches!(preview.next(), PreviewStep::Read(_))
            && let Err(resting) = self.appliance.enter()
        {
            preview.feed(ReadReply::Failed(resting));
        }
        loop {
            match preview.next() {
                PreviewStep::Read(read) => {
                    let reply = self.time.wait_for(self.view(&read)).await;
                    preview.feed(reply.unwrap_or_else(|| self.out_of_time()));
                }
                PreviewStep::Done => return preview.settled(),
            }
        }
    }

    async fn view(&self, read: &Read) -> ReadReply {
        let asked = async {
            if read.delay_ms > 0 {
                sleep(with_jitter(Duration::from_millis(read.delay_ms))).await;
            }
            self.appliance.view(read, self.log).await
        };
        let reply = timeout_at(self.time.end + READ_BACK_MAX, asked).await;
        reply.unwrap_or_else(|_| self.out_of_time())
    }

    fn out_of_time(&self) -> ReadReply {
        ReadReply::Failed(Verdict::Resting {
            words: self.time.describe(),
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
