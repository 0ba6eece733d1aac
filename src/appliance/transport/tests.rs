//! The client against raw TCP peers that write exact bytes: what a person is told of a reply that does not behave.
//! Each case is one that an appliance, a front server or a proxy may give (`docs/asyncos.md`, "On the wire").
//!
//! Here are the peer and the tables' check; the cases stand in one file for each theme. What needs the environment,
//! proxies, is in `tests/end_to_end/proxies.rs`; what needs no socket, in `verdict.rs`.

mod bodies;
mod connections;
mod ends;
mod half_read;
mod heads;
mod outgoing;
mod peer;
mod tls;
mod tls_certificates;
#[cfg(feature = "legacy-tls")]
mod tls_legacy;
mod tls_openssl;
mod tls_server;
mod tls_trust;
mod unanswered;

use crate::appliance::{Appliance, WireLog};
use crate::config::{ApplianceSettings, ProxySettings, Secret, TlsSettings, Trust};
use crate::model::{ListKind, Read, ReadReply, Verb, Verdict, View, Write};
use peer::{Peer, Step};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Long enough never to run out, in a case that is not about time.
const PATIENCE: Duration = Duration::from_secs(60);
/// For a case in which time must run out: enough for what the peer sends at once.
const IMPATIENCE: Duration = Duration::from_millis(900);
/// A clear yes for a change, and a page for a read.
const YES: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n{\"meta\":{\"totalCount\":0},\"data\":[]}";

fn settings(url: &str, request_timeout: Duration) -> ApplianceSettings {
    let url = url::Url::parse(url).unwrap();
    ApplianceSettings {
        tls: TlsSettings {
            trust: Trust::System,
            legacy: false,
        },
        proxy: ProxySettings::Disabled,
        request_timeout,
        ..ApplianceSettings::new("peer", url, "admin", Secret::new("007".into()))
    }
}

fn client(url: &str, request_timeout: Duration) -> Appliance {
    Appliance::new(&settings(url, request_timeout)).unwrap()
}

fn page_wanted() -> Read {
    Read {
        list: ListKind::Blocklist,
        view: View::Sender,
        search: None,
        offset: 0,
        limit: 100,
        delay_ms: 0,
    }
}

fn addition() -> Write {
    Write {
        list: ListKind::Blocklist,
        view: View::Sender,
        verb: Verb::Append,
        keys: vec!["bad.example".into()],
        values: vec!["user1@example.com".into()],
    }
}

fn deletion() -> Write {
    Write {
        verb: Verb::Delete,
        values: vec![],
        ..addition()
    }
}

/// What a table says of a verdict: its kind, and the status where it has one.
fn kind(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Done => "done".into(),
        Verdict::Refused { status, .. } => format!("refused {status}"),
        Verdict::Denied { status, .. } => format!("denied {status}"),
        Verdict::Unclear { .. } => "unclear".into(),
        Verdict::Unreachable { .. } => "unreachable".into(),
        Verdict::Resting { .. } => "resting".into(),
        Verdict::Untrusted { .. } => "untrusted".into(),
    }
}

/// What a peer does, and what the client makes of it.
struct Case {
    /// What the peer does, for people.
    peer: &'static str,
    /// The same in steps, after the request was read.
    steps: Vec<Step>,
    /// `done` (and a page for a read), or a kind of verdict for both.
    outcome: &'static str,
    /// What a person must be told; empty where nothing is told.
    words: &'static str,
}

fn case(peer: &'static str, steps: impl Into<Vec<Step>>, outcome: &'static str, words: &'static str) -> Case {
    Case {
        peer,
        steps: steps.into(),
        outcome,
        words,
    }
}

/// A reply that ends with the connection.
fn sent(reply: impl AsRef<[u8]>) -> Vec<Step> {
    vec![Step::Send(reply.as_ref().to_vec()), Step::Close]
}

/// Plays every case with a page wanted, an addition and a deletion, all at once, each with a client of its own; a
/// request may arrive only once whatever comes of it.
async fn check(request_timeout: Duration, cases: Vec<Case>) {
    let mut plays = Vec::new();
    for case in cases.into_iter().map(Arc::new) {
        for write in [None, Some(addition()), Some(deletion())] {
            plays.push(Play::prepare(case.clone(), write, request_timeout).await);
        }
    }
    let mut playing = JoinSet::new();
    for play in plays {
        playing.spawn(play.run());
    }
    let broken: Vec<String> = playing.join_all().await.into_iter().flatten().collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// A case made ready: making a client takes its time, which is not the request's.
struct Play {
    case: Arc<Case>,
    write: Option<Write>,
    peer: Peer,
    client: Appliance,
}

impl Play {
    async fn prepare(case: Arc<Case>, write: Option<Write>, request_timeout: Duration) -> Self {
        let mut script = vec![Step::Read];
        script.extend(case.steps.iter().cloned());
        let peer = Peer::start(vec![script]).await;
        let client = client(&peer.url(), request_timeout);
        Self {
            case,
            write,
            peer,
            client,
        }
    }

    /// What is wrong with it.
    async fn run(self) -> Option<String> {
        let (got, words) = match &self.write {
            Some(write) => {
                let verdict = self.client.write(write, &WireLog::off()).await;
                (kind(&verdict), verdict.describe())
            }
            None => match self.client.view(&page_wanted(), &WireLog::off()).await {
                // The table has one word for both, as one cannot be had without the other.
                ReadReply::Page(_) => ("done".to_owned(), String::new()),
                ReadReply::Failed(verdict) => (kind(&verdict), verdict.describe()),
            },
        };
        let asked = self.write.map_or("view", |write| write.verb.word());
        let arrived = self.peer.requests().len();
        let Case {
            peer,
            outcome,
            words: wanted,
            ..
        } = &*self.case;
        let is_right = got == *outcome && words.contains(wanted) && arrived == 1;
        (!is_right).then(|| {
            format!(
                "{peer} ({asked}): {outcome} {wanted:?} expected, got {got} {words:?}; {arrived} requests"
            )
        })
    }
}
