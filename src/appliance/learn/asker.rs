//! One run's conversation with the appliance: sends, counts, keeps the first error of each kind, and lets no change
//! through that names anything but [`Names`]. Refuses to know what is asked (`questions/`), how rows are read
//! (`reading.rs`) and how the ground for a question is laid (`ground.rs`).

use super::cleaning::LeftPair;
use super::finding::{Findings, unsettled, word};
use super::look::Look;
use super::names::Names;
use super::seen::{Reply, Seen};
use super::stop::Stop;
use super::{Progress, StopToken};
use crate::appliance::WireLog;
use crate::appliance::session::basic_credentials;
use crate::appliance::transport::Transport;
use crate::appliance::verdict::Answer;
use crate::appliance::wire::{self, Request};
use crate::config::ApplianceSettings;
use crate::model::{ListKind, Row, Verb, Verdict, View, Write};
use http::header::{AUTHORIZATION, HeaderMap};
use std::collections::BTreeSet;

/// Some fifty are usual, with a list that is filled to its end; pages are counted apart.
const REQUESTS_MAX: usize = 250;

/// The first error of its kind, word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) kind: &'static str,
    pub(super) status_line: String,
    pub(super) form: String,
    pub(super) body: String,
}

/// The run.
pub(super) struct Asker {
    pub(super) settings: ApplianceSettings,
    pub(super) names: Names,
    pub(super) findings: Findings,
    pub(super) samples: Vec<Sample>,
    /// What was seen that no knob stands for.
    pub(super) notes: Vec<String>,
    /// Pairs that were sent, but for those of [`Asker::is_gone`], for the case that the lists cannot be read in the end.
    pub(super) sent: BTreeSet<LeftPair>,
    /// What the blocklist of the scratch recipient held when it was last read; none after a change.
    pub(super) rows: Option<Vec<Row>>,
    /// Most senders of the scratch recipient, once that is known.
    pub(super) limit: Option<usize>,
    /// Whether a search finds the scratch recipient, once that is known.
    pub(super) search_is_trusted: Option<bool>,
    /// An unknown path was answered with a reset, twice: so errors come here.
    pub(super) errors_are_resets: bool,
    /// A page has come. Until then nothing is asked twice: accounts lock.
    pub(super) was_let_in: bool,
    /// Cleaning up goes on where questions stop.
    pub(super) is_cleaning: bool,
    pub(super) requests: usize,
    pub(super) pages: usize,
    transport: Transport,
    /// Basic credentials, whatever `auth` says: the questions about logins are asked apart.
    credentials: HeaderMap,
    stop: StopToken,
    progress: Progress,
}

impl Asker {
    pub(super) fn new(
        settings: &ApplianceSettings,
        names: Names,
        stop: StopToken,
        progress: Progress,
    ) -> Result<Self, Stop> {
        Ok(Self {
            transport: Transport::new(settings).map_err(Stop::Client)?,
            credentials: HeaderMap::from_iter([(
                AUTHORIZATION,
                basic_credentials(settings).map_err(|error| Stop::Client(error.to_string()))?,
            )]),
            settings: settings.clone(),
            names,
            findings: Findings::default(),
            samples: Vec::new(),
            notes: Vec::new(),
            sent: BTreeSet::new(),
            rows: None,
            limit: None,
            search_is_trusted: None,
            errors_are_resets: false,
            was_let_in: false,
            is_cleaning: false,
            requests: 0,
            pages: 0,
            stop,
            progress,
        })
    }

    /// Tells the operator what is being asked.
    pub(super) fn tell(&self, line: &str) {
        (self.progress)(line);
    }

    /// Keeps what no knob stands for.
    pub(super) fn note(&mut self, kind: &str, told: &str) {
        self.notes.push(format!("{kind}: {told}"));
    }

    /// Sends one request. `kind` says what it is, for the list of errors.
    pub(super) async fn ask(&mut self, kind: &'static str, request: Request) -> Result<Seen, Stop> {
        let seen = self.ask_where_denied_counts(kind, request).await?;
        refuse_to_go_on(&seen)?;
        Ok(seen)
    }

    /// The same where a 401 is an answer like others.
    pub(super) async fn ask_where_denied_counts(
        &mut self,
        kind: &'static str,
        request: Request,
    ) -> Result<Seen, Stop> {
        self.begin_request()?;
        let headers = self.credentials.clone();
        Ok(self.send(kind, &request, headers).await)
    }

    /// The same with other headers in the place of the credentials.
    pub(super) async fn ask_with(
        &mut self,
        headers: HeaderMap,
        kind: &'static str,
        request: Request,
    ) -> Result<Seen, Stop> {
        self.begin_request()?;
        Ok(self.send(kind, &request, headers).await)
    }

    async fn send(&mut self, kind: &'static str, request: &Request, headers: HeaderMap) -> Seen {
        let received = self.transport.send(request, headers, &WireLog::off(), &[]).await;
        self.keep(kind, Look::at(received))
    }

    /// Makes one change, once.
    pub(super) async fn write(&mut self, kind: &'static str, write: &Write) -> Result<Seen, Stop> {
        self.write_with_query(kind, write, "").await
    }

    /// The same with a query, which changes never have.
    pub(super) async fn write_with_query(
        &mut self,
        kind: &'static str,
        write: &Write,
        query: &str,
    ) -> Result<Seen, Stop> {
        if !self.names.may_write(write) {
            return Err(Stop::NotOurs);
        }
        if write.list == ListKind::Blocklist {
            self.rows = None;
        }
        self.sent.extend(pairs_of(write));
        let mut request = wire::request_of_write(self.settings.root, write);
        request.target.push_str(query);
        self.ask(kind, request).await
    }

    /// A change of the scratch recipient's own row on the blocklist.
    pub(super) async fn put(
        &mut self,
        kind: &'static str,
        verb: Verb,
        senders: &[String],
    ) -> Result<Seen, Stop> {
        let write = self.of_own_row(verb, senders);
        self.write(kind, &write).await
    }

    /// The change that [`Asker::put`] makes.
    pub(super) fn of_own_row(&self, verb: Verb, senders: &[String]) -> Write {
        Write {
            list: ListKind::Blocklist,
            view: View::Recipient,
            verb,
            keys: vec![self.names.recipient().to_owned()],
            values: senders.to_vec(),
        }
    }

    /// These were deleted or refused, and seen not to stand.
    pub(super) fn is_gone(&mut self, list: ListKind, senders: &[String]) {
        self.sent
            .retain(|sent| sent.list != list || !senders.contains(&sent.pair.sender));
    }

    fn begin_request(&mut self) -> Result<(), Stop> {
        if self.is_cleaning {
            return Ok(());
        }
        if self.stop.is_cancelled() {
            return Err(Stop::Asked);
        }
        if self.requests >= REQUESTS_MAX {
            return Err(Stop::TooMany(REQUESTS_MAX));
        }
        self.requests += 1;
        Ok(())
    }

    fn keep(&mut self, kind: &'static str, look: Look) -> Seen {
        let seen = Seen::of(look, self.errors_are_resets);
        self.keep_error(kind, &seen);
        seen
    }

    /// Any error tells how errors come, whatever the question was.
    fn keep_error(&mut self, kind: &'static str, seen: &Seen) {
        if seen.reply == Reply::Yes {
            return;
        }
        let evidence = || format!("{kind}: {}", seen.told());
        if let Some(framing) = seen.error_framing() {
            self.findings.record("error_framing", word(framing), evidence());
        }
        if seen.is_no() {
            let judged = seen
                .error_code()
                .map_or_else(|| unsettled("an error without a code in JSON"), word);
            self.findings.record("error_code", judged, evidence());
        }
        if self.samples.iter().all(|sample| sample.kind != kind) {
            let sample = match seen.look.answer {
                Answer::Answered { .. } => Sample {
                    kind,
                    status_line: seen.status_line(),
                    form: seen.form(),
                    body: seen.body(),
                },
                Answer::NotConnected(_) | Answer::NotTrusted(_) | Answer::Lost(_) => Sample {
                    kind,
                    status_line: seen.told(),
                    form: String::new(),
                    body: String::new(),
                },
            };
            self.samples.push(sample);
        }
    }
}

/// What may stand after a change: every key with every value; nothing after a deletion.
fn pairs_of(write: &Write) -> Vec<LeftPair> {
    let rows = write.keys.iter().map(|key| Row {
        key: key.clone(),
        values: write.values.clone(),
    });
    let pairs = rows.flat_map(|row| row.pairs(write.view).collect::<Vec<_>>());
    let list = write.list;
    pairs.map(|pair| LeftPair { list, pair }).collect()
}

/// Who is not let in asks no further, and nor does who reaches nobody.
pub(super) fn refuse_to_go_on(seen: &Seen) -> Result<(), Stop> {
    use crate::appliance::verdict::of_write;
    match of_write(&seen.look.answer) {
        denied @ Verdict::Denied { .. } => Err(Stop::Denied(denied.describe())),
        unreachable @ (Verdict::Unreachable { .. } | Verdict::Untrusted { .. }) => {
            Err(Stop::Unreachable(unreachable.describe()))
        }
        Verdict::Done | Verdict::Refused { .. } | Verdict::Unclear { .. } | Verdict::Resting { .. } => Ok(()),
    }
}
