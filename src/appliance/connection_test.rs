//! A look at an appliance before it is trusted: name, port, TLS, login, role, both lists, and how long it takes. Reads
//! one row of each list and writes nothing. Asks also while the appliance rests: whoever tests wants to know whether
//! it works now, and a test that succeeds ends the rest.

use super::login::NoLogin;
use super::readiness::Manner;
use super::{Appliance, WireLog};
use crate::model::{ListKind, Page, Read, ReadReply, Verdict};
use serde::Serialize;
use std::time::{Duration, Instant};

/// A kept connection that a proxy has just ended is no finding; every run asks again as well.
const TRIES_MAX: u32 = 2;

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionTest {
    /// Is everything that a run needs there?
    pub ok: bool,
    /// One sentence, trouble first.
    pub text: String,
    /// In the order in which a connection is made.
    pub steps: Vec<TestStep>,
    /// What works and may surprise.
    pub warnings: Vec<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestStep {
    /// `name`, `port`, `tls`, `login`, `role`, `blocklist`, `safelist`, `latency`.
    pub step: &'static str,
    /// How it ended.
    pub state: StepState,
    /// What was seen, or why not.
    pub detail: String,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Works.
    Ok,
    /// Does not, and keeps every run from its work.
    Failed,
    /// A step before it failed.
    NotTried,
}

/// A page of one list and how long it took.
struct Look {
    list: ListKind,
    reply: ReadReply,
    duration: Duration,
}

impl Look {
    fn without_login(no_login: NoLogin) -> Self {
        Self {
            list: ListKind::Blocklist,
            reply: ReadReply::Failed(no_login.into()),
            duration: Duration::ZERO,
        }
    }
}

impl Appliance {
    /// Looks at everything that a run needs.
    pub async fn test(&self) -> ConnectionTest {
        let way = self.transport.try_way().await;
        let login = self.session.log_in_anew(&self.transport).await;
        let blocklist = match &login {
            Ok(()) => self.look(ListKind::Blocklist).await,
            Err(no_login) => Look::without_login(no_login.clone()),
        };
        let safelist = match &blocklist.reply {
            ReadReply::Page(_) => Some(self.look(ListKind::Safelist).await),
            // Accounts lock after failed logins: one refusal says enough.
            ReadReply::Failed(_) => None,
        };
        let mut report = Steps::default();
        let is_login_unclear = matches!(login, Err(NoLogin::Unclear(_)));
        let is_reached = is_login_unclear
            || !matches!(
                blocklist.reply,
                ReadReply::Failed(
                    Verdict::Unreachable { .. } | Verdict::Untrusted { .. } | Verdict::Resting { .. }
                )
            );
        for (step, found) in [("name", way.name), ("port", way.port)] {
            match found {
                // What cannot be done from here may be done by a proxy.
                Err(why) if is_reached => report.ok(
                    step,
                    format!("reached all the same, most likely through a proxy ({why})"),
                ),
                found => report.add(step, found),
            }
        }
        if let Err(NoLogin::Unclear(words)) = login {
            report.ok("tls", self.transport.describe_tls());
            report.add("login", Err(words));
        } else {
            self.judge_access(&blocklist.reply, is_reached, &mut report);
        }
        let looks: Vec<Look> = [Some(blocklist), safelist].into_iter().flatten().collect();
        judge_lists(&looks, is_reached, &mut report);
        report.finish(&self.name, self.root.word())
    }

    async fn look(&self, list: ListKind) -> Look {
        let read = Read::first_row(list);
        let mut tries = 0;
        loop {
            tries += 1;
            let started = Instant::now();
            let reply = self.view_in(Manner::Test, &read, &WireLog::off()).await;
            let is_unclear = matches!(reply, ReadReply::Failed(Verdict::Unclear { .. }));
            if !is_unclear || tries >= TRIES_MAX {
                let duration = started.elapsed();
                return Look {
                    list,
                    reply,
                    duration,
                };
            }
        }
    }

    /// TLS, login and role, as far as the first page tells.
    fn judge_access(&self, reply: &ReadReply, is_reached: bool, report: &mut Steps) {
        if let ReadReply::Failed(resting @ Verdict::Resting { .. }) = reply {
            // It was not even connected to: the account is what is spared.
            report.add("login", Err(resting.describe()));
            return;
        }
        let tls = if is_reached {
            Ok(self.transport.describe_tls())
        } else {
            Err(match reply {
                ReadReply::Failed(verdict) => verdict.describe(),
                ReadReply::Page(_) => String::new(),
            })
        };
        report.add("tls", tls);
        let are_credentials_good = self.session.readiness().are_credentials_proven();
        match reply {
            ReadReply::Page(_) => {
                report.ok("login", self.session.describe());
                report.ok(
                    "role",
                    "may read the lists; whether it may change them, the first change tells".to_owned(),
                );
            }
            ReadReply::Failed(verdict @ Verdict::Denied { .. }) if are_credentials_good => {
                report.ok("login", self.session.describe());
                report.add("role", Err(verdict.describe()));
            }
            ReadReply::Failed(verdict @ Verdict::Denied { .. }) => {
                report.add("login", Err(verdict.describe()));
            }
            ReadReply::Failed(_) => {}
        }
    }
}

fn judge_lists(looks: &[Look], is_reached: bool, report: &mut Steps) {
    let mut rows = Vec::new();
    for Look { list, reply, .. } in looks {
        let step = list.word();
        match reply {
            ReadReply::Page(Page {
                total_count: Some(count),
                ..
            }) => {
                rows.push(*count);
                report.ok(step, format!("can be read, {count} rows by recipient"));
            }
            ReadReply::Page(_) => {
                report.ok(step, "can be read".to_owned());
                report.warnings.push(format!(
                    "the {step} gives no totalCount: nothing can be proven absent, so nothing will be added"
                ));
            }
            ReadReply::Failed(Verdict::Denied { .. }) => {}
            ReadReply::Failed(verdict) if is_reached => report.add(step, Err(verdict.describe())),
            ReadReply::Failed(_) => {}
        }
    }
    if rows == [0, 0] {
        let text = "0 rows on both lists: is the spam quarantine centralised on a management appliance (SMA)? Then its \
                    url, with root = \"sma\"";
        report.warnings.push(text.to_owned());
    }
    if looks.len() == 2 {
        let milliseconds: Vec<String> = looks
            .iter()
            .map(|look| format!("{} ms for the {}", look.duration.as_millis(), look.list))
            .collect();
        report.ok("latency", milliseconds.join(", "));
    }
}

/// Steps in the making.
#[derive(Default)]
struct Steps {
    steps: Vec<TestStep>,
    warnings: Vec<String>,
}

impl Steps {
    const ALL: [&str; 8] = [
        "name",
        "port",
        "tls",
        "login",
        "role",
        "blocklist",
        "safelist",
        "latency",
    ];

    fn add(&mut self, step: &'static str, found: Result<String, String>) {
        let has_failed = self.failed().is_some();
        let (state, detail) = match found {
            Ok(detail) => (StepState::Ok, detail),
            // What follows from a step before it is told once.
            Err(_) if has_failed => (StepState::NotTried, String::new()),
            Err(why) => (StepState::Failed, why),
        };
        self.steps.push(TestStep { step, state, detail });
    }

    fn ok(&mut self, step: &'static str, detail: String) {
        self.add(step, Ok(detail));
    }

    fn failed(&self) -> Option<&TestStep> {
        self.steps.iter().find(|step| step.state == StepState::Failed)
    }

    fn finish(mut self, name: &str, root: &str) -> ConnectionTest {
        for (position, step) in Self::ALL.into_iter().enumerate() {
            if self.steps.get(position).is_none_or(|found| found.step != step) {
                let missing = TestStep {
                    step,
                    state: StepState::NotTried,
                    detail: String::new(),
                };
                self.steps.insert(position, missing);
            }
        }
        let text = match self.failed() {
            Some(step) => format!("{name} is NOT ready: {}: {}", step.step, step.detail),
            None => format!("{name} is ready: both lists of /{root} can be read; nothing was written"),
        };
        ConnectionTest {
            ok: self.failed().is_none(),
            text,
            steps: self.steps,
            warnings: self.warnings,
        }
    }
}
