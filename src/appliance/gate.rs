//! Whether an appliance may be asked now. After a refused login it is left alone, because accounts are locked by
//! repetition; after it gave no answer several times in a row, because every caller would wait for nothing. Pure:
//! the time is handed in, nothing is sent. Refuses to know what a login is and what is asked; `session.rs` and
//! `pipeline` do.

use std::time::{Duration, Instant};

/// Long enough for any lockout that is told of, short enough that somebody waits for it.
const REST_AFTER_REFUSED_LOGIN: Duration = Duration::from_secs(15 * 60);
/// A test is made while the appliance rests, and locks an account as well. One that is refused makes the next one wait
/// for so long, and twice as long each time; the longest is the rest's own length.
const PAUSE_AFTER_REFUSED_TEST_MIN: Duration = Duration::from_secs(60);
/// In a row. One lost answer is usual, and the loop asks three times by itself.
const FAILURES_MAX: u32 = 3;
/// The first rest; doubled each time that the appliance is still silent when it is asked again.
const REST_AFTER_SILENCE_MIN: Duration = Duration::from_secs(10);
/// The longest one: whoever mended the appliance does not want to wait much longer for the next call.
const REST_AFTER_SILENCE_MAX: Duration = Duration::from_secs(5 * 60);
/// As long as this, a `Retry-After` is waited for within a run; a longer one is a rest.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// An appliance that asks for more is asked again all the same.
const REST_WANTED_MAX: Duration = Duration::from_secs(15 * 60);

/// Why an appliance is not asked, and how much longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rest {
    /// What happened.
    pub(super) why: String,
    /// From now on.
    pub(super) remaining: Duration,
}

/// What is known of an appliance's readiness.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// A login was refused.
    locked: Option<Lock>,
    /// The credentials were good when they were used last.
    are_credentials_proven: bool,
    failures: u32,
    silence: Option<Silence>,
    /// Not before this, because the appliance asked for it.
    pause: Option<Instant>,
}

#[derive(Debug)]
struct Lock {
    until: Instant,
    why: String,
    /// No test before this; it was refused while the rest was on.
    tests_from: Instant,
    /// How long that is.
    test_pause: Duration,
}

#[derive(Debug)]
struct Silence {
    until: Instant,
    length: Duration,
    why: String,
    /// Somebody has taken the turn to try.
    is_being_tried: bool,
}

impl Gate {
    /// The rest after a refused login. It holds for every single request.
    pub(super) fn lock(&self, now: Instant) -> Option<Rest> {
        rest(self.locked.as_ref().map(|lock| (lock.until, &lock.why)), now)
    }

    /// The rest of tests, which ask while the appliance rests.
    pub(super) fn lock_of_tests(&self, now: Instant) -> Option<Rest> {
        rest(self.locked.as_ref().map(|lock| (lock.tests_from, &lock.why)), now)
    }

    /// The rest of an appliance that did not answer. It holds for runs that have yet to begin: one that has sent
    /// something asks on, because only reading can tell what became of it.
    pub(super) fn silence(&self, now: Instant) -> Option<Rest> {
        rest(
            self.silence.as_ref().map(|silence| (silence.until, &silence.why)),
            now,
        )
    }

    /// Lets one caller try whether a silent appliance is back; the others go on resting as long as one try can take.
    pub(super) fn take_turn(&mut self, now: Instant, try_max: Duration) {
        if let Some(silence) = &mut self.silence {
            silence.until = now + try_max;
            silence.is_being_tried = true;
        }
    }

    /// Were the credentials good when they were used last? As long as nobody knows, they are tried by one request
    /// at a time.
    pub(super) fn are_credentials_proven(&self) -> bool {
        self.are_credentials_proven
    }

    /// How long the appliance asked to be left alone, where that can be waited for.
    pub(super) fn pause(&self, now: Instant) -> Option<Duration> {
        self.pause?.checked_duration_since(now)
    }

    /// Something came back that was not about who asks.
    pub(super) fn answered(&mut self) {
        self.failures = 0;
        self.silence = None;
    }

    /// The credentials are good.
    pub(super) fn let_in(&mut self) {
        self.locked = None;
        self.are_credentials_proven = true;
    }

    /// The credentials were refused. Those that were good a moment ago may be tried once more, by one request.
    pub(super) fn refused_once(&mut self, now: Instant, why: &str) {
        if std::mem::take(&mut self.are_credentials_proven) {
            return;
        }
        self.refused(now, why);
    }

    /// A login was refused for certain.
    pub(super) fn refused(&mut self, now: Instant, why: &str) {
        self.are_credentials_proven = false;
        let test_pause = match &self.locked {
            // Whoever is refused in the middle of a rest is a test.
            Some(lock) if now < lock.until => {
                (lock.test_pause * 2).clamp(PAUSE_AFTER_REFUSED_TEST_MIN, REST_AFTER_REFUSED_LOGIN)
            }
            _ => Duration::ZERO,
        };
        self.locked = Some(Lock {
            until: now + REST_AFTER_REFUSED_LOGIN,
            why: why.to_owned(),
            tests_from: now + test_pause,
            test_pause,
        });
    }

    /// There was no answer, or a server in front said that there is none.
    pub(super) fn silent(&mut self, now: Instant, why: &str) {
        self.failures = self.failures.saturating_add(1);
        let length = match &self.silence {
            None if self.failures < FAILURES_MAX => return,
            None => REST_AFTER_SILENCE_MIN,
            // One run asks several times; that is one try.
            Some(silence) if now < silence.until && !silence.is_being_tried => return,
            Some(silence) => (silence.length * 2).min(REST_AFTER_SILENCE_MAX),
        };
        let why = format!(
            "it was asked in vain {} times in a row, the last time: {why}",
            self.failures
        );
        self.rest_silently(now, length, why);
    }

    /// The appliance asked to be left alone for so long.
    pub(super) fn asked_to_wait(&mut self, now: Instant, wanted: Duration) {
        if wanted <= PAUSE_MAX {
            self.pause = Some(now + wanted);
        } else {
            let why = format!("it asked to be left alone for {} s", wanted.as_secs());
            self.rest_silently(now, wanted.min(REST_WANTED_MAX), why);
        }
    }

    fn rest_silently(&mut self, now: Instant, length: Duration, why: String) {
        self.silence = Some(Silence {
            until: now + length,
            length,
            why,
            is_being_tried: false,
        });
    }
}

fn rest(until_and_why: Option<(Instant, &String)>, now: Instant) -> Option<Rest> {
    let (until, why) = until_and_why?;
    let remaining = until.checked_duration_since(now).filter(|left| !left.is_zero())?;
    Some(Rest {
        why: why.clone(),
        remaining,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const TRY_MAX: Duration = Duration::from_secs(40);

    fn silence_seconds(gate: &Gate, now: Instant) -> Option<u64> {
        gate.silence(now).map(|rest| rest.remaining.as_secs())
    }

    #[test]
    fn three_answers_missing_in_a_row_are_a_rest_and_one_that_comes_ends_it() {
        let (mut gate, now) = (Gate::default(), Instant::now());
        gate.silent(now, "connection refused");
        gate.silent(now, "connection refused");
        gate.answered();
        gate.silent(now, "connection refused");
        gate.silent(now, "connection refused");
        assert_eq!(gate.silence(now), None);
        gate.silent(now, "no answer within 30s");
        let expected = Rest {
            why: "it was asked in vain 3 times in a row, the last time: no answer within 30s".to_owned(),
            remaining: Duration::from_secs(10),
        };
        assert_eq!(gate.silence(now), Some(expected));
        assert_eq!(silence_seconds(&gate, now + 9 * SECOND), Some(1));
        assert_eq!(gate.silence(now + 10 * SECOND), None);
        gate.answered();
        assert_eq!(gate.silence(now), None);
    }

    #[test]
    fn one_at_a_time_tries_whether_it_is_back_and_the_rest_grows_with_each_try_in_vain() {
        let (mut gate, mut now) = (Gate::default(), Instant::now());
        for _ in 0..5 {
            gate.silent(now, "down");
        }
        let mut rests = Vec::new();
        for _ in 0..7 {
            let rest = silence_seconds(&gate, now).unwrap();
            rests.push(rest);
            now += SECOND * u32::try_from(rest).unwrap();
            assert_eq!(gate.silence(now), None);
            gate.take_turn(now, TRY_MAX);
            assert_eq!(silence_seconds(&gate, now), Some(40), "the others go on resting");
            // The run that tries asks three times.
            for _ in 0..3 {
                gate.silent(now, "down");
            }
        }
        assert_eq!(rests, [10, 20, 40, 80, 160, 300, 300]);
        gate.answered();
        assert_eq!(gate.silence(now), None);
    }

    #[test]
    fn a_refused_login_is_a_quarter_of_an_hour_and_a_good_one_ends_it() {
        let (mut gate, now) = (Gate::default(), Instant::now());
        gate.refused_once(now, "401");
        assert_eq!(gate.lock(now).unwrap().remaining, Duration::from_secs(15 * 60));
        assert_eq!(gate.lock(now + Duration::from_secs(15 * 60)), None);
        gate.let_in();
        assert_eq!((gate.lock(now), gate.are_credentials_proven()), (None, true));
    }

    #[test]
    fn tests_that_are_refused_wait_longer_each_time_and_one_that_succeeds_ends_it() {
        let (mut gate, mut now) = (Gate::default(), Instant::now());
        gate.refused(now, "401");
        let mut pauses = Vec::new();
        for _ in 0..7 {
            let pause = gate
                .lock_of_tests(now)
                .map_or(Duration::ZERO, |rest| rest.remaining);
            pauses.push(pause.as_secs());
            now += pause;
            assert_eq!(gate.lock_of_tests(now), None);
            if pause < REST_AFTER_REFUSED_LOGIN {
                assert!(gate.lock(now).is_some(), "runs go on resting");
            }
            gate.refused(now, "401");
        }
        assert_eq!(pauses, [0, 60, 120, 240, 480, 900, 0]);
        gate.let_in();
        assert_eq!((gate.lock(now), gate.lock_of_tests(now)), (None, None));
    }

    #[test]
    fn credentials_that_were_good_a_moment_ago_are_tried_once_more() {
        let (mut gate, now) = (Gate::default(), Instant::now());
        gate.let_in();
        gate.refused_once(now, "401");
        assert_eq!((gate.lock(now), gate.are_credentials_proven()), (None, false));
        gate.refused_once(now, "401");
        assert!(gate.lock(now).is_some());
    }

    #[test]
    fn what_the_appliance_asks_for_is_waited_for_when_it_is_short_and_a_rest_when_it_is_long() {
        let now = Instant::now();
        for (wanted_seconds, pause, silence) in [
            (1, Some(1), None),
            (30, Some(30), None),
            (31, None, Some(31)),
            (100_000, None, Some(15 * 60)),
        ] {
            let mut gate = Gate::default();
            gate.asked_to_wait(now, Duration::from_secs(wanted_seconds));
            let pause_seconds = gate.pause(now).map(|pause| pause.as_secs());
            assert_eq!((pause_seconds, silence_seconds(&gate, now)), (pause, silence));
        }
    }
}
