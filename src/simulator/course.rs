//! The course of one request: what its faults make of it, sorted by when they take part.
//!
//! Pure: the same faults always give the same course. It is followed in `api.rs`. This file refuses to know
//! which faults happen; that is `faults/firing.rs`.

use http::StatusCode;

use super::delivery::{Passage, Silence};
use super::errors::{self, ApiError};
use super::faults::{EndOfConnection, Fault, Moment};
use super::lists::{ListName, Pair};

/// Without faults: asked, applied at once, answered, sent.
#[derive(Debug, Default)]
pub(super) struct Course {
    pub(super) kills_tokens: bool,
    pub(super) others_before: Vec<OtherChange>,
    pub(super) others_after: Vec<OtherChange>,
    /// Whether the appliance never gets to see the request.
    pub(super) is_lost: bool,
    pub(super) fate: Fate,
    /// Answered in the place of the appliance's own reply.
    pub(super) instead: Option<Instead>,
    pub(super) way_back: WayBack,
    /// Whether the reply has no length.
    pub(super) is_to_eof: bool,
}

/// What somebody else does.
#[derive(Debug)]
pub(super) struct OtherChange {
    pub(super) list: ListName,
    pub(super) add: Vec<Pair>,
    pub(super) remove: Vec<Pair>,
}

/// What becomes of an effect that was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Fate {
    #[default]
    Now,
    Never,
    /// After so many further requests.
    Late(u64),
}

#[derive(Debug)]
pub(super) enum Instead {
    Error {
        error: ApiError,
        retry_after_seconds: Option<u32>,
    },
    /// Of a server in front.
    Page(StatusCode),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WayBack {
    Reply(Passage),
    Silence(Silence),
}

impl Course {
    pub(super) fn of(faults: Vec<Fault>) -> Self {
        let mut course = Self::default();
        for fault in faults {
            course.take(fault);
        }
        course
    }

    fn take(&mut self, fault: Fault) {
        match fault {
            // Those of connections happen before there is a request.
            Fault::RefuseConnections { .. } | Fault::AcceptAndClose => {}
            Fault::ResetBeforeApply => self.be_silent(Silence::Reset, false),
            Fault::ResetAfterApply => self.be_silent(Silence::Reset, true),
            Fault::CloseBeforeApply => self.be_silent(Silence::Close, false),
            Fault::CloseAfterApply => self.be_silent(Silence::Close, true),
            Fault::Hang { applied } => self.be_silent(Silence::Hang, applied),
            Fault::CutReply { after_bytes, by } => {
                self.way_back = WayBack::Reply(Passage::Cut { after_bytes, by });
            }
            Fault::SlowDrip { bytes, every_ms } => {
                self.way_back = WayBack::Reply(Passage::Drip { bytes, every_ms });
            }
            Fault::BodyToEof => self.is_to_eof = true,
            Fault::Html { status, applied } => {
                self.is_lost |= !applied;
                self.instead = Some(Instead::Page(status_of(status)));
            }
            Fault::Status {
                status,
                retry_after_seconds,
                applied,
            } => self.answer_instead(errors::of_status(status_of(status)), retry_after_seconds, applied),
            Fault::Unauthorized => self.answer_instead(errors::unauthorized(), None, false),
            Fault::KillTokens => self.kills_tokens = true,
            Fault::SaysYesDoesNothing => self.fate = Fate::Never,
            Fault::AppliedLate { after_requests } => self.fate = Fate::Late(after_requests),
            Fault::OtherWriter {
                when,
                list,
                add,
                remove,
            } => {
                let change = OtherChange { list, add, remove };
                match when {
                    Moment::Before => self.others_before.push(change),
                    Moment::After => self.others_after.push(change),
                }
            }
        }
    }

    fn be_silent(&mut self, silence: Silence, is_applied: bool) {
        self.is_lost |= !is_applied;
        self.way_back = WayBack::Silence(silence);
    }

    fn answer_instead(&mut self, error: ApiError, retry_after_seconds: Option<u32>, is_applied: bool) {
        self.is_lost |= !is_applied;
        self.instead = Some(Instead::Error {
            error,
            retry_after_seconds,
        });
    }
}

impl Default for WayBack {
    fn default() -> Self {
        Self::Reply(Passage::Whole)
    }
}

/// A rule cannot hold any other number than one from 200 to 599.
fn status_of(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl From<EndOfConnection> for Silence {
    fn from(end: EndOfConnection) -> Self {
        match end {
            EndOfConnection::Close => Self::Close,
            EndOfConnection::Reset => Self::Reset,
        }
    }
}
