//! How we prove who we are: Basic credentials with every call, or a login and its token. Keeps the account from being
//! locked: as long as nobody knows whether the credentials are good, one request at a time tries them, and after a
//! refusal the appliance rests (`readiness.rs`). The facts: `docs/asyncos.md`, "Login". Refuses to know lists.

use super::login::{self, Login, NoLogin};
use super::readiness::{Manner, Readiness};
use super::transport::{Received, Transport};
use super::verdict::{Answer, of_write};
use super::wire::Request;
use super::wire_log::{WireLog, hide};
use crate::config::{ApplianceSettings, Auth, Root, Secret};
use crate::model::Verdict;
use base64::Engine as _;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A password of fewer characters is not looked for in what an appliance says: it would be found everywhere, and
/// hiding it would tell it.
const PASSWORD_CHARACTERS_HIDDEN_MIN: usize = 6;

/// The account at one appliance. A token is never shared: it is bound to whom it was given to.
#[derive(Debug)]
pub(super) struct Session {
    root: Root,
    auth: Auth,
    username: String,
    password: Secret,
    basic: HeaderValue,
    readiness: Readiness,
    login: Mutex<Option<Login>>,
}

impl Session {
    pub(super) fn new(settings: &ApplianceSettings) -> Result<Self, InvalidHeaderValue> {
        let basic = basic_credentials(settings)?;
        Ok(Self {
            root: settings.root,
            auth: settings.auth,
            username: settings.username.clone(),
            password: settings.password.clone(),
            basic,
            readiness: Readiness::new(&settings.name),
            login: Mutex::default(),
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
                let _turn = self.readiness.turn(manner).await?;
                self.readiness.wait_as_asked().await;
                let received = self.send(&line, request, AUTHORIZATION, &self.basic).await;
                self.note(&received);
                Ok(received.answer)
            }
            Auth::Login => self.ask_with_token(&line, request, manner).await,
        }
    }

    /// Logs in anew, for a test; nothing where there is no login.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn log_in_anew(&self, transport: &Transport) -> Result<(), NoLogin> {
        if self.auth == Auth::Basic {
            return Ok(());
        }
        *self.login() = None;
        let log = WireLog::off();
        let line = Line { transport, log: &log };
        self.log_in(&line, None, Manner::Test).await.map(|_| ())
    }

    /// Whether the appliance would be asked now.
    pub(super) fn readiness(&self) -> &Readiness {
        &self.readiness
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

    async fn ask_with_token(
        &self,
        line: &Line<'_>,
        request: &Request,
        manner: Manner,
    ) -> Result<Answer, Verdict> {
        self.readiness.refuse_while_locked(manner)?;
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
        self.readiness.wait_as_asked().await;
        let name = HeaderName::from_static(login::TOKEN_HEADER);
        let received = self.send(line, request, name, &token).await;
        self.readiness.note_reached(&received);
        Ok(received)
    }

    /// Logs in, unless somebody else has done it since `refused` was in use. One at a time.
    async fn log_in(
        &self,
        line: &Line<'_>,
        refused: Option<&Secret>,
        manner: Manner,
    ) -> Result<Login, NoLogin> {
        let turn = self.readiness.login_turn(manner).await;
        let _turn = turn.map_err(NoLogin::Unreachable)?;
        let known = self.login().clone();
        if let Some(login) = known.filter(|login| Some(&login.token) != refused) {
            return Ok(login);
        }
        let request = login::request(self.root, &self.username, &self.password);
        self.readiness.wait_as_asked().await;
        let received = self.send_with(line, &request, HeaderMap::new()).await;
        self.readiness.note_reached(&received);
        match login::read(&received.answer) {
            Ok(login) => {
                self.readiness.let_in();
                *self.login() = Some(login.clone());
                Ok(login)
            }
            Err(no_login) => {
                if let NoLogin::Refused(verdict) = &no_login {
                    *self.login() = None;
                    self.readiness.refused(&verdict.describe());
                }
                Err(no_login)
            }
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

    async fn send(
        &self,
        line: &Line<'_>,
        request: &Request,
        name: HeaderName,
        value: &HeaderValue,
    ) -> Received {
        let credentials = HeaderMap::from_iter([(name, value.clone())]);
        self.send_with(line, request, credentials).await
    }

    async fn send_with(&self, line: &Line<'_>, request: &Request, credentials: HeaderMap) -> Received {
        let secrets = self.secrets();
        let mut received = line
            .transport
            .send(request, credentials, line.log, &secrets)
            .await;
        conceal(&mut received.answer, &secrets);
        received
    }

    fn note(&self, received: &Received) {
        self.readiness.note_reached(received);
        let verdict = of_write(&received.answer);
        match &received.answer {
            Answer::Answered { status: 401, .. } => {
                self.readiness.refused_once(&verdict.describe());
            }
            _ if verdict == Verdict::Done => self.readiness.let_in(),
            _ => {}
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

    fn login(&self) -> MutexGuard<'_, Option<Login>> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value of `Authorization` for Basic credentials; as Base64 they always fit into a header.
pub(super) fn basic_credentials(settings: &ApplianceSettings) -> Result<HeaderValue, InvalidHeaderValue> {
    let credentials = encode(&format!("{}:{}", settings.username, settings.password.expose()));
    let mut value = HeaderValue::try_from(format!("Basic {credentials}"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Where a request goes, and where it is written down.
struct Line<'a> {
    transport: &'a Transport,
    log: &'a WireLog,
}

/// What a failure says is shown to callers and logged, and a server in front may repeat in it what it was sent. What
/// is no failure is shown to nobody, and stays as it came.
fn conceal(answer: &mut Answer, secrets: &[String]) {
    if of_write(answer) == Verdict::Done {
        return;
    }
    let Answer::Answered {
        body,
        reason,
        location,
        ..
    } = answer
    else {
        return;
    };
    for text in [reason, location].into_iter().flatten() {
        *text = hide(text, secrets);
    }
    let shown = String::from_utf8_lossy(body);
    let hidden = hide(&shown, secrets);
    if hidden != shown {
        *body = hidden.into_bytes();
    }
}

fn is_unauthorized(answer: &Answer) -> bool {
    matches!(answer, Answer::Answered { status: 401, .. })
}

fn encode(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}
