//! Whether an appliance is asked now, and by whom: keeps its [`Gate`], says why it rests, lets one request at a time try
//! credentials that nobody knows to be good, and waits where the appliance asked for it. Refuses to know what is asked.

use super::gate::{Gate, Rest};
use super::transport::Received;
use super::verdict::Answer;
use crate::model::Verdict;
use http::header::RETRY_AFTER;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Whether a rest is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// As for every run.
    Usual,
    /// Somebody wants to know whether it works now. Not at any rate: a test that was refused makes the next one wait.
    Test,
}

/// The state of one appliance, shared by all who ask it.
#[derive(Debug)]
pub(super) struct Readiness {
    name: String,
    gate: Mutex<Gate>,
    /// Held by whoever tries credentials that nobody knows to be good.
    turn: tokio::sync::Mutex<()>,
}

impl Readiness {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            gate: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Why it would not be asked now.
    pub(super) fn resting(&self) -> Option<Verdict> {
        let (lock, silence) = {
            let (gate, now) = (self.gate(), Instant::now());
            (gate.lock(now), gate.silence(now))
        };
        let ends_with_test = format!("or when `doorlist appliances test {}` succeeds", self.name);
        lock.map(|rest| self.locked(&rest)).or_else(|| {
            silence.map(|rest| Verdict::Resting {
                words: format!(
                    "{}; it is tried again at {}, {ends_with_test}",
                    rest.why,
                    until(&rest)
                ),
            })
        })
    }

    /// For a run that is about to begin: may it ask? One at a time tries whether a silent appliance is back.
    pub(super) fn enter(&self, try_max: Duration) -> Result<(), Verdict> {
        if let Some(resting) = self.resting() {
            return Err(resting);
        }
        self.gate().take_turn(Instant::now(), try_max);
        Ok(())
    }

    /// Credentials that nobody knows to be good are tried by one request at a time, so that a hundred callers are
    /// one failed login and not a hundred.
    pub(super) async fn turn(
        &self,
        manner: Manner,
    ) -> Result<Option<tokio::sync::MutexGuard<'_, ()>>, Verdict> {
        self.refuse_while_locked(manner)?;
        if self.gate().are_credentials_proven() {
            return Ok(None);
        }
        let turn = self.turn.lock().await;
        self.refuse_while_locked(manner)?;
        let are_proven = self.gate().are_credentials_proven();
        Ok((!are_proven).then_some(turn))
    }

    pub(super) fn refuse_while_locked(&self, manner: Manner) -> Result<(), Verdict> {
        let (gate, now) = (self.gate(), Instant::now());
        let refusal = match manner {
            Manner::Usual => gate.lock(now).map(|rest| self.locked(&rest)),
            Manner::Test => gate.lock_of_tests(now).map(|rest| Verdict::Resting {
                words: format!(
                    "{}; a test that is refused counts against the account as well, so the next one can be made at {}",
                    rest.why,
                    until(&rest)
                ),
            }),
        };
        refusal.map_or(Ok(()), Err)
    }

    fn locked(&self, rest: &Rest) -> Verdict {
        Verdict::Resting {
            words: format!(
                "{}; accounts are locked by repetition, so it is left alone until {}, or until `doorlist appliances test {}` succeeds (a password that was changed here needs a restart first)",
                rest.why,
                until(rest),
                self.name
            ),
        }
    }

    /// How long the appliance asked to be left alone.
    pub(super) fn pause(&self) -> Duration {
        self.gate().pause(Instant::now()).unwrap_or_default()
    }

    pub(super) async fn wait_as_asked(&self) {
        let pause = self.pause();
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }

    /// Did anything come back, and does the appliance want to be left alone?
    pub(super) fn note_reached(&self, received: &Received) {
        let (mut gate, now) = (self.gate(), Instant::now());
        match &received.answer {
            Answer::NotConnected(why) | Answer::NotTrusted(why) | Answer::Lost(why) => gate.silent(now, why),
            // A server in front, which has no answer either; or a proxy that lets nothing through.
            Answer::Answered {
                status: status @ (407 | 502..=504),
                ..
            } => {
                gate.silent(now, &format!("status {status}"));
            }
            Answer::Answered { .. } => gate.answered(),
        }
        if let Some(wanted) = retry_after(&received.headers) {
            gate.asked_to_wait(now, wanted);
        }
    }

    /// Were the credentials good when they were used last?
    pub(super) fn are_credentials_proven(&self) -> bool {
        self.gate().are_credentials_proven()
    }

    /// The credentials are good.
    pub(super) fn let_in(&self) {
        self.gate().let_in();
    }

    /// A 401; credentials that were good a moment ago may be tried once more.
    pub(super) fn refused_once(&self, why: &str) {
        self.gate().refused_once(Instant::now(), why);
    }

    /// A login was refused for certain.
    pub(super) fn refused(&self, why: &str) {
        self.gate().refused(Instant::now(), why);
    }

    /// Waits until nobody else tries to log in.
    pub(super) async fn login_turn(
        &self,
        manner: Manner,
    ) -> Result<tokio::sync::MutexGuard<'_, ()>, Verdict> {
        let turn = self.turn.lock().await;
        self.refuse_while_locked(manner)?;
        Ok(turn)
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        // Nothing in there is left half-done by a panic.
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// RFC 9110, section 10.2.3: seconds, or a date.
fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    httpdate::parse_http_date(text)
        .ok()?
        .duration_since(SystemTime::now())
        .ok()
}

/// `03:27:10 UTC`
fn until(rest: &Rest) -> String {
    let time = humantime::format_rfc3339_seconds(SystemTime::now() + rest.remaining).to_string();
    format!("{} UTC", &time[11..19])
}
