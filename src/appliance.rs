//! The AsyncOS client: asks one appliance for a page of a list, or to change it, and says in our words what is
//! known afterwards. The only room that knows the API's JSON and paths. Refuses to know why something is read
//! or written, and decides nothing by the appliance's words.
//!
//! `wire.rs` makes a request, `transport.rs` sends it and keeps whatever comes back, `verdict.rs` judges that. The
//! first and the last are pure and public, so that a test can play both sides without a socket. `tls.rs` decides whom
//! we talk to, `session.rs` who we are, `readiness.rs` whether it is asked now. `words.rs`, `cause.rs` and
//! `certificate.rs` find what a person is told. `connection_test.rs` looks at an appliance before it is trusted,
//! `learn.rs` asks one what nobody could tell. The facts and how sure each is: `docs/asyncos.md`.

mod cause;
mod certificate;
mod connection_test;
mod gate;
pub mod learn;
mod login;
mod readiness;
mod session;
mod tls;
mod transport;
pub mod verdict;
mod way;
pub mod wire;
mod wire_log;
mod words;

pub use certificate::CertificateFacts;
pub use connection_test::{ConnectionTest, StepState, TestStep};
pub use tls::SeenTls;
pub use wire_log::WireLog;

use crate::config::{ApplianceSettings, Root};
use crate::model::{Read, ReadReply, Verdict, Write};
use readiness::Manner;
use session::Session;
use std::time::Duration;
use transport::Transport;

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ApplianceError {
    /// The HTTP library refused the settings.
    #[error("appliance `{name}`: {reason}")]
    Client {
        /// Name in the configuration.
        name: String,
        /// The library's words.
        reason: String,
    },
}

/// A client of one appliance. Cheap to share; keeps its connection where the appliance allows it.
#[derive(Debug)]
pub struct Appliance {
    name: String,
    root: Root,
    transport: Transport,
    session: Session,
}

impl Appliance {
    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    /// When the HTTP library refuses the settings.
    pub fn new(settings: &ApplianceSettings) -> Result<Self, ApplianceError> {
        let failed = |reason: String| ApplianceError::Client {
            name: settings.name.clone(),
            reason,
        };
        let transport = Transport::new(settings).map_err(failed)?;
        let session = Session::new(settings).map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            name: settings.name.clone(),
            root: settings.root,
            transport,
            session,
        })
    }

    /// Name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the last handshake of TLS showed. None before the first one, over plain HTTP, and with
    /// `legacy_tls`; a certificate that cannot be read leaves nothing either.
    #[must_use]
    pub fn seen_tls(&self) -> Option<SeenTls> {
        self.transport.seen_tls()
    }

    /// Reads one page. `delay_ms` of the read is the caller's to keep.
    pub async fn view(&self, read: &Read, log: &WireLog) -> ReadReply {
        self.view_in(Manner::Usual, read, log).await
    }

    async fn view_in(&self, manner: Manner, read: &Read, log: &WireLog) -> ReadReply {
        let request = wire::request_of_read(self.root, read);
        match self.session.ask(&self.transport, &request, manner, log).await {
            Err(verdict) => ReadReply::Failed(verdict),
            Ok(answer) => match verdict::of_read(&answer, read.view) {
                ReadReply::Failed(verdict) => ReadReply::Failed(self.explain(verdict)),
                page @ ReadReply::Page(_) => page,
            },
        }
    }

    /// Sends one change, once: whether it was applied is for the caller to observe.
    pub async fn write(&self, write: &Write, log: &WireLog) -> Verdict {
        let request = wire::request_of_write(self.root, write);
        let asked = self
            .session
            .ask(&self.transport, &request, Manner::Usual, log)
            .await;
        asked.map_or_else(|verdict| verdict, |answer| verdict::of_write(&answer))
    }

    /// For a run that is about to begin: may it ask? Not for a while after a refused login, and not for a while after
    /// several answers in a row did not come; then one run tries whether it is back, and the others go on resting.
    ///
    /// # Errors
    /// Why not, and until when.
    pub fn enter(&self) -> Result<(), Verdict> {
        // A try is the first request of a run, and the login before it.
        let try_max: Duration = self.transport.request_timeout() * 2;
        self.session.readiness().enter(try_max)
    }

    /// How long the next request would wait, because the appliance asked for it.
    #[must_use]
    pub fn pause(&self) -> Duration {
        self.session.readiness().pause()
    }

    /// Why it would not be asked now, if so.
    #[must_use]
    pub fn resting(&self) -> Option<Verdict> {
        self.session.readiness().resting()
    }

    /// A list that is not there is answered like a bad request (`docs/asyncos.md`, "Errors"), and "Not Found." tells
    /// nobody where to look. Only reading tries whether it is there.
    fn explain(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Refused { status: 404, words } => {
                let root = self.root.word();
                let hint = format!("is root = \"{root}\" right, and the safelist/blocklist switched on?");
                let words = format!("{words} ({hint})").trim_start().to_owned();
                Verdict::Refused { status: 404, words }
            }
            other => other,
        }
    }
}
