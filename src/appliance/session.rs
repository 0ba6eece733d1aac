//! How we prove who we are: Basic credentials with every call, or a login and its token. Keeps the account from being
//! locked: as long as nobody knows whether the credentials are good, one request at a time tries them, and after a
//! refusal the appliance rests (`gate.rs`). The facts: `docs/asyncos.md`, "Login". Refuses to know lists.

use super::gate::{Gate, Rest};
use super::login::{self, Login, NoLogin};
use super::transport::{Received, Transport};
use super::verdict::{Answer, of_write};
use super::wire::Request;
use super::wire_log::WireLog;
use crate::config::{ApplianceSettings, Auth, Root, Secret};
use crate::model::Verdict;
use base64::Engine as _;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue, InvalidHeaderValue, RETRY_AFTER};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A password of fewer characters is not looked for in what an appliance says: it would be found everywhere, and
/// hiding it would tell it.
const PASSWORD_CHARACTERS_HIDDEN_MIN: usize = 6;

/// The account at one appliance. A token is never shared: it is bound to whom it was given to.
#[derive(Debug)]
pub(super) struct Session {
    name: String,
    root: Root,
    auth: Auth,
    username: String,
    password: Secret,
    basic: HeaderValue,
    gate: Mutex<Gate>,
    login: Mutex<Option<Login>>,
    /// Held by whoever tries credentials that nobody knows to be good.
    turn: tokio::sync::Mutex<()>,
}

/// Whether a rest is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// As for every run.
    Usual,
    /// Somebody wants to know whether it works now.
    Test,
}

impl Session {
    pub(super) fn new(settings: &ApplianceSettings) -> Result<Self, InvalidHeaderValue> {
        let mut basic = HeaderValue::try_from(format!(
            "Basic {}",
            encode(&format!("{}:{}", settings.username, settings.password.expose()))
        ))?;
        basic.set_sensitive(true);
        Ok(Self {
            name: settings.name.clone(),
            root: settings.root,
            auth: settings.auth,
            username: settings.username.clone(),
            password: settings.password.clone(),
            basic,
            gate: Mutex::default(),
            login: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// Sends a request as the account. A request is repeated once where a token was refused, because a 401 did
    /// nothing; never otherwise.
    ///
    /// # Errors
    /// Why it was not sent, or not let in although the login was accepted.
    pub(super) async fn ask(
        &self,
        transport: &Transport,
        request: &Request,
        manner: Manner,
        log: &WireLog,
    ) -> Result<Answer, Verdict> {
        let line = Line { transport, log };
        match self.auth {
            Auth::Basic => {
                let _turn = self.turn(manner).await?;
                self.wait_as_asked().await;
                let received = self.send(&line, request, AUTHORIZATION, &self.basic).await;
                self.note(&received);
                Ok(received.answer)
            }
            Auth::Login => self.ask_with_token(&line, request, manner).await,
        }
    }

    /// Makes the next request log in anew.
    pub(super) fn forget_login(&self) {
        *self.login() = None;
    }

    /// Were the credentials good when they were used last?
    pub(super) fn are_credentials_proven(&self) -> bool {
        self.gate().are_credentials_proven()
    }

    /// How it was let in.
    pub(super) fn describe(&self) -> String {
        match (
            self.auth,
            self.login().as_ref().and_then(|login| login.role.clone()),
        ) {
            (Auth::Basic, _) => "the credentials are good (auth = \"basic\")".to_owned(),
            (Auth::Login, Some(role)) => format!("logged in, role {role}"),
            (Auth::Login, None) => "logged in".to_owned(),
        }
    }

    /// Why it would not be asked now.
    pub(super) fn resting(&self) -> Option<Verdict> {
        let (lock, silence) = {
            let (gate, now) = (self.gate(), Instant::now());
            (gate.lock(now), gate.silence(now))
        };
        let ends_with_test = format!("or until `doorlist appliances test {}` succeeds", self.name);
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

    async fn ask_with_token(
        &self,
        line: &Line<'_>,
        request: &Request,
        manner: Manner,
    ) -> Result<Answer, Verdict> {
        self.refuse_while_locked(manner)?;
        let known = self.login().clone();
        let is_fresh = known.is_none();
        let mut login = match known {
            Some(login) => login,
            None => self.log_in(line, None, manner).await?,
        };
        let mut received = self.send_with_token(line, request, &login).await?;
        if is_unauthorized(&received.answer) && !is_fresh {
            login = self.log_in(line, Some(&login.token), manner).await?;
            received = self.send_with_token(line, request, &login).await?;
        }
        if is_unauthorized(&received.answer) {
            // The next request logs in anew; whether that helps is for it to see.
            self.login().take_if(|current| current.token == login.token);
            return Err(login::denied_with_a_fresh_token(
                &received.answer,
                login.role.as_deref(),
            ));
        }
        self.renew(&login, &received);
        Ok(received.answer)
    }

    async fn send_with_token(
        &self,
        line: &Line<'_>,
        request: &Request,
        login: &Login,
    ) -> Result<Received, Verdict> {
        let Ok(mut token) = HeaderValue::try_from(login.token.expose()) else {
            let words = "the login was answered with a token that no header can carry".to_owned();
            return Err(Verdict::Unreachable { words });
        };
        token.set_sensitive(true);
        self.wait_as_asked().await;
        let name = HeaderName::from_static(login::TOKEN_HEADER);
        let received = self.send(line, request, name, &token).await;
        self.note_reached(&received);
        Ok(received)
    }

    /// Logs in, unless somebody else has done it since `refused` was in use. One at a time.
    async fn log_in(
        &self,
        line: &Line<'_>,
        refused: Option<&Secret>,
        manner: Manner,
    ) -> Result<Login, Verdict> {
        let _turn = self.turn.lock().await;
        self.refuse_while_locked(manner)?;
        let known = self.login().clone();
        if let Some(login) = known.filter(|login| Some(&login.token) != refused) {
            return Ok(login);
        }
        let request = login::request(self.root, &self.username, &self.password);
        self.wait_as_asked().await;
        let received = line
            .transport
            .send(&request, None, line.log, &self.secrets())
            .await;
        self.note_reached(&received);
        match login::read(&received.answer) {
            Ok(login) => {
                self.gate().let_in();
                *self.login() = Some(login.clone());
                Ok(login)
            }
            Err(NoLogin::Refused(verdict)) => {
                *self.login() = None;
                self.gate().refused(Instant::now(), &verdict.describe());
                Err(verdict)
            }
            Err(NoLogin::Unreachable(verdict)) => Err(verdict),
        }
    }

    /// Near the end of a token's life a reply brings the next one.
    fn renew(&self, used: &Login, received: &Received) {
        let fresh = received.headers.get(login::TOKEN_HEADER);
        let fresh = fresh
            .and_then(|token| token.to_str().ok())
            .filter(|token| !token.is_empty());
        let Some(fresh) = fresh else { return };
        let mut current = self.login();
        if current
            .as_ref()
            .is_some_and(|current| current.token == used.token)
        {
            *current = Some(Login {
                token: Secret::new(fresh.to_owned()),
                role: used.role.clone(),
            });
        }
    }

    /// Credentials that nobody knows to be good are tried by one request at a time, so that a hundred callers are
    /// one failed login and not a hundred.
    async fn turn(&self, manner: Manner) -> Result<Option<tokio::sync::MutexGuard<'_, ()>>, Verdict> {
        self.refuse_while_locked(manner)?;
        if self.gate().are_credentials_proven() {
            return Ok(None);
        }
        let turn = self.turn.lock().await;
        self.refuse_while_locked(manner)?;
        let are_proven = self.gate().are_credentials_proven();
        Ok((!are_proven).then_some(turn))
    }

    fn refuse_while_locked(&self, manner: Manner) -> Result<(), Verdict> {
        match self.gate().lock(Instant::now()) {
            Some(rest) if manner == Manner::Usual => Err(self.locked(&rest)),
            _ => Ok(()),
        }
    }

    fn locked(&self, rest: &Rest) -> Verdict {
        Verdict::Resting {
            words: format!(
                "{}; accounts are locked by repetition, so it is left alone until {}, or until `doorlist appliances test {}` succeeds",
                rest.why,
                until(rest),
                self.name
            ),
        }
    }

    async fn wait_as_asked(&self) {
        let pause = self.gate().pause(Instant::now());
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }

    async fn send(
        &self,
        line: &Line<'_>,
        request: &Request,
        name: HeaderName,
        value: &HeaderValue,
    ) -> Received {
        let credentials = Some((name, value.clone()));
        line.transport
            .send(request, credentials, line.log, &self.secrets())
            .await
    }

    fn note(&self, received: &Received) {
        self.note_reached(received);
        let verdict = of_write(&received.answer);
        match &received.answer {
            Answer::Answered { status: 401, .. } => {
                self.gate().refused_once(Instant::now(), &verdict.describe());
            }
            _ if verdict == Verdict::Done => self.gate().let_in(),
            _ => {}
        }
    }

    /// Did anything come back, and does the appliance want to be left alone?
    fn note_reached(&self, received: &Received) {
        let (mut gate, now) = (self.gate(), Instant::now());
        match &received.answer {
            Answer::NotConnected(why) | Answer::Lost(why) => gate.silent(now, why),
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

    /// What must not be seen, as it goes over the wire.
    fn secrets(&self) -> Vec<String> {
        let password = self.password.expose();
        let mut secrets = vec![encode(&format!("{}:{password}", self.username)), encode(password)];
        secrets.extend(self.login().as_ref().map(|login| login.token.expose().to_owned()));
        if password.chars().count() >= PASSWORD_CHARACTERS_HIDDEN_MIN {
            secrets.push(password.to_owned());
        }
        secrets
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        // Nothing in there is left half-done by a panic.
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn login(&self) -> MutexGuard<'_, Option<Login>> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a request goes, and where it is written down.
struct Line<'a> {
    transport: &'a Transport,
    log: &'a WireLog,
}

fn is_unauthorized(answer: &Answer) -> bool {
    matches!(answer, Answer::Answered { status: 401, .. })
}

fn encode(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
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
