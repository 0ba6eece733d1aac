//! Exit codes, in one place: what a script may conclude from a command that ended.

use crate::model::{Class, Outcome};
use crate::report::{Report, ResultLine};
use std::fmt;
use std::process::ExitCode;

pub(super) const HELP: &str = "\
Exit codes:
   0  every indicator is as wished, or was skipped
   1  something failed, or could not be proven
   3  something was refused (invalid, conflict, full, ...) or waits for the next run
   4  the server did not let us in
   5  no appliance could be reached
   6  a plan was not applied, or not everywhere: what it is about moved, its time is over, or it was applied before
  64  wrong usage, or a request that the server did not accept
  78  a mistake in the configuration or a manifest";

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Every indicator is as wished, or was skipped.
    Done,
    /// Something failed, or could not be proven.
    Failed,
    /// Something was refused, or waits for the next run.
    Refused,
    /// The server did not let us in.
    NotSignedIn,
    /// No appliance could be reached.
    Unreachable,
    /// A plan moved, is over, or was applied before.
    PlanNotApplied,
    /// Wrong usage, or a request that the server did not accept.
    Usage,
    /// A mistake in the configuration or a manifest.
    Configuration,
}

impl ExitStatus {
    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Refused => 3,
            Self::NotSignedIn => 4,
            Self::Unreachable => 5,
            Self::PlanNotApplied => 6,
            Self::Usage => 64,
            Self::Configuration => 78,
        }
    }

    /// What a report amounts to: its worst result decides.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let in_trouble = report
            .results
            .iter()
            .filter(|result| result.class == Class::Trouble);
        // A repeated entry is as badly off as its twin.
        let in_trouble: Vec<&ResultLine> = in_trouble
            .map(|result| {
                let twin = result.of.and_then(|twin| report.results.get(twin));
                twin.unwrap_or(result)
            })
            .collect();
        if !in_trouble.is_empty() {
            // The outcome is that of the worst appliance; others may have been reached.
            let all_unreachable = in_trouble.iter().all(|result| {
                // One that is only looked at counts for nothing.
                let mut appliances = result.appliances.iter().filter(|appliance| !appliance.skipped);
                result.outcome == Outcome::Unreachable
                    && appliances.all(|appliance| appliance.outcome == Outcome::Unreachable)
            });
            return if all_unreachable {
                Self::Unreachable
            } else {
                Self::Failed
            };
        }
        let refused = report.count(Class::Refused) + report.count(Class::Waiting);
        if refused > 0 { Self::Refused } else { Self::Done }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// What kept a command from its work.
#[derive(Debug)]
pub struct Failure {
    status: ExitStatus,
    words: String,
    document: Option<String>,
}

impl Failure {
    pub(super) fn new(status: ExitStatus, words: impl Into<String>) -> Self {
        Self {
            status,
            words: words.into(),
            document: None,
        }
    }

    /// Keeps what a server answered, for those who asked for JSON.
    pub(super) fn with_document(self, raw: &str) -> Self {
        Self {
            document: Some(raw.to_owned()),
            ..self
        }
    }

    pub(super) fn document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    /// The exit code that says so.
    #[must_use]
    pub fn status(&self) -> ExitStatus {
        self.status
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}
