//! What one answer amounts to for a question: yes, no, or nobody knows; and what it tells of the form of errors. Pure.
//! Refuses to know what was asked. The words are for people, as everywhere (`verdict.rs`).

use super::look::Look;
use crate::appliance::verdict::{self, Answer};
use crate::appliance::words::{one_line, words_of};
use crate::model::{Page, ReadReply, Verdict, View, excerpt};
use serde_json::Value as Json;

/// Characters of a body that are kept: an error of the known form has some 200.
const BODY_CHARACTERS_MAX: usize = 600;

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    Yes,
    /// Without a status where errors are known to come as a reset.
    No {
        status: Option<u16>,
    },
    Unclear,
}

/// One answer.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) reply: Reply,
    pub(super) look: Look,
}

impl Seen {
    pub(super) fn of(look: Look, errors_are_resets: bool) -> Self {
        let reply = match verdict::of_write(&look.answer) {
            Verdict::Done => Reply::Yes,
            Verdict::Refused { status, .. } | Verdict::Denied { status, .. } => {
                Reply::No { status: Some(status) }
            }
            Verdict::Unclear { .. } if look.was_reset && errors_are_resets => Reply::No { status: None },
            Verdict::Unclear { .. }
            | Verdict::Unreachable { .. }
            | Verdict::Untrusted { .. }
            | Verdict::Resting { .. } => Reply::Unclear,
        };
        Self { reply, look }
    }

    pub(super) fn is_no(&self) -> bool {
        matches!(self.reply, Reply::No { .. })
    }

    /// In a few words, for people.
    pub(super) fn told(&self) -> String {
        match (&self.reply, &self.look.answer) {
            (Reply::No { status: None }, _) => "a reset in place of an answer".to_owned(),
            (_, Answer::Answered { body, .. }) => {
                let line = self.status_line();
                match self.reply {
                    Reply::Yes => line,
                    // What came may be a page of other people's entries, or a token.
                    _ if self.is_success() => format!("{line}, and no clear yes"),
                    // Some errors have their message in the status line as well.
                    Reply::No { .. } | Reply::Unclear => match words_of(body) {
                        words if words.is_empty() || line.ends_with(&words) => line,
                        words => format!("{line}: {words}"),
                    },
                }
            }
            _ => verdict::of_write(&self.look.answer).describe(),
        }
    }

    /// `409 Conflict`, with the words that came, or the usual ones.
    pub(super) fn status_line(&self) -> String {
        let Answer::Answered { status, reason, .. } = &self.look.answer else {
            return "no status".to_owned();
        };
        let usual = http::StatusCode::from_u16(*status).ok();
        let usual = usual
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        let reason = reason.as_deref().map_or_else(|| usual.to_owned(), one_line);
        format!("{status} {reason}").trim_end().to_owned()
    }

    /// How the body came, for people.
    pub(super) fn form(&self) -> String {
        let content_type = self.look.content_type.as_deref().unwrap_or("no content type");
        let end = if self.look.has_length {
            "with a length"
        } else {
            "ended by the connection"
        };
        format!("{}, {end}", one_line(content_type))
    }

    /// How the body of an error begins, on one line. That of a success is nobody's business.
    pub(super) fn body(&self) -> String {
        let bytes = if self.is_success() { &[] } else { self.bytes() };
        excerpt(&String::from_utf8_lossy(bytes), BODY_CHARACTERS_MAX)
    }

    pub(super) fn json(&self) -> Option<Json> {
        serde_json::from_slice(self.bytes()).ok()
    }

    /// The page that came, where one was asked for.
    pub(super) fn page(&self, view: View) -> Result<Page, Verdict> {
        match verdict::of_read(&self.look.answer, view) {
            ReadReply::Page(page) => Ok(page),
            ReadReply::Failed(verdict) => Err(verdict),
        }
    }

    /// The word for how this error came; none where no error did.
    pub(super) fn error_framing(&self) -> Option<&'static str> {
        let status = match self.reply {
            Reply::No { status } => status,
            Reply::Yes | Reply::Unclear => return None,
        };
        if status.is_none() {
            return Some("rst");
        }
        let Answer::Answered { reason, body, .. } = &self.look.answer else {
            return None;
        };
        let content_type = self.look.content_type.as_deref().unwrap_or_default();
        let is_page = content_type.contains("html") || body.trim_ascii_start().starts_with(b"<");
        let is_in_status_line = reason.as_deref().is_some_and(|reason| {
            let message = self.error_part("message");
            !reason.is_empty() && message.is_none_or(|message| message.as_str() == Some(reason))
        });
        Some(match (is_page, is_in_status_line, self.look.has_length) {
            (true, ..) => "html",
            (_, true, _) => "reason",
            (_, _, false) => "eof",
            (_, _, true) => "length",
        })
    }

    /// The word for the JSON type of this error's code.
    pub(super) fn error_code(&self) -> Option<&'static str> {
        match self.error_part("code") {
            Some(Json::String(_)) => Some("string"),
            Some(Json::Number(_)) => Some("integer"),
            _ => None,
        }
    }

    fn is_success(&self) -> bool {
        matches!(
            self.look.answer,
            Answer::Answered {
                status: 200..=299,
                ..
            }
        )
    }

    fn error_part(&self, name: &str) -> Option<Json> {
        Some(self.json()?.get("error")?.get(name)?.clone())
    }

    fn bytes(&self) -> &[u8] {
        match &self.look.answer {
            Answer::Answered { body, .. } => body,
            Answer::NotConnected(_) | Answer::NotTrusted(_) | Answer::Lost(_) => &[],
        }
    }
}

#[cfg(test)]
mod tests;
