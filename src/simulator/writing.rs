//! `POST` and `DELETE {root}/quarantine/{safelist|blocklist}`: request bodies into changes, and the answers
//! to them.
//!
//! Facts: `docs/asyncos.md`, "Requests". The key side of a write is named `…Addresses` and the value side
//! `…List`; a delete names only a `…List`. Keys that are not asked for are ignored, and so is the query, unless a
//! knob says otherwise (TQ sends `?resource_attribute`). This file refuses to know what a change does to the lists; that is
//! `rules.rs`.

use serde::Serialize;
use url::form_urlencoded;

use super::effects::Effect;
use super::errors::{self, ApiError};
use super::fields::Fields;
use super::knobs::{AppendBySenderEcho, Knobs, UnknownQueryOnPost};
use super::lists::{ListName, Lists, View};
use super::rules::{self, Change, Decision, Verb};

/// Recipients times senders of one request. Two long lists multiply: 4 MiB of body can name more pairs than
/// fit into memory. Far above anything that the list limit (500 at most) allows in practice.
const PAIRS_PER_REQUEST_MAX: usize = 100_000;

#[derive(Debug, Serialize)]
pub(super) struct WriteReply {
    data: Echo,
}

/// What a write answers, and what it does. There may be both: a refusal, and an effect of the rest.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) answer: Result<WriteReply, ApiError>,
    pub(super) effect: Effect,
}

/// What a write answers: the request's own keys.
///
/// Unsettled (`docs/asyncos.md`, "Requests", SPL): TQ prints another form for appends by sender, with a
/// `senderList` in place of the `senderAddresses`.
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Echo {
    WrittenByRecipient {
        action: &'static str,
        recipient_addresses: Vec<String>,
        sender_list: Vec<String>,
    },
    WrittenBySender {
        action: &'static str,
        sender_addresses: Vec<String>,
        recipient_list: Vec<String>,
    },
    AppendedBySender {
        action: &'static str,
        recipient_list: Vec<String>,
        sender_list: Vec<String>,
    },
    DeletedByRecipient {
        action: &'static str,
        total_count: usize,
        recipient_list: Vec<String>,
    },
    DeletedBySender {
        action: &'static str,
        total_count: usize,
        sender_list: Vec<String>,
    },
}

/// `POST`: add, append or edit.
pub(super) fn write(lists: &Lists, name: ListName, body: &[u8], knobs: &Knobs) -> Written {
    let change = match read_change(body) {
        Ok(change) => change,
        Err(error) => return Written::unreadable(error),
    };
    let decision = rules::decide(lists, name, &change, knobs);
    Written::of(decision, knobs, |_| echo(change, knobs))
}

/// `DELETE`, with a body. What it names need not have the form of an entry: it is absent then, like any
/// other.
pub(super) fn delete(lists: &Lists, name: ListName, body: &[u8], knobs: &Knobs) -> Written {
    let (view, keys) = match read_deletion(body) {
        Ok(read) => read,
        Err(error) => return Written::unreadable(error),
    };
    let decision = rules::decide_deletion(lists, name, view, &keys, knobs);
    let action = "delete";
    Written::of(decision, knobs, |total_count| match view {
        View::Recipient => Echo::DeletedByRecipient {
            action,
            total_count,
            recipient_list: keys,
        },
        View::Sender => Echo::DeletedBySender {
            action,
            total_count,
            sender_list: keys,
        },
    })
}

/// Unsettled (`docs/asyncos.md`, "Requests", I): the URL that TQ prints carries a query on a POST.
pub(super) fn refuse_query(query: &str, knobs: &Knobs) -> Result<(), ApiError> {
    let mut names = form_urlencoded::parse(query.as_bytes());
    match (knobs.unknown_query_on_post, names.next()) {
        (UnknownQueryOnPost::NotFound, Some((name, _))) => Err(errors::unexpected_query_name(&name)),
        _ => Ok(()),
    }
}

impl Written {
    fn unreadable(error: ApiError) -> Self {
        Self {
            answer: Err(error),
            effect: Effect::Nothing,
        }
    }

    fn of(decision: Decision, knobs: &Knobs, echo: impl FnOnce(usize) -> Echo) -> Self {
        let answer = match decision.refusal {
            Some(refusal) => Err(errors::refused(&refusal, knobs)),
            None => Ok(WriteReply {
                data: echo(decision.total_count),
            }),
        };
        Self {
            answer,
            effect: decision.effect,
        }
    }
}

fn read_change(body: &[u8]) -> Result<Change, ApiError> {
    let fields = Fields::parse(body)?;
    let verb = verb_of(fields.text("action")?)?;
    let view = fields.view()?;
    let (recipients_key, senders_key) = match view {
        View::Recipient => ("recipientAddresses", "senderList"),
        View::Sender => ("recipientList", "senderAddresses"),
    };
    let recipients = fields.texts(recipients_key)?;
    let senders = fields.texts(senders_key)?;
    refuse_too_many_pairs(recipients.len(), senders.len())?;
    Ok(Change {
        verb,
        view,
        recipients,
        senders,
    })
}

fn read_deletion(body: &[u8]) -> Result<(View, Vec<String>), ApiError> {
    let fields = Fields::parse(body)?;
    let view = fields.view()?;
    let keys = match view {
        View::Recipient => fields.texts("recipientList")?,
        View::Sender => fields.texts("senderList")?,
    };
    Ok((view, keys))
}

fn echo(change: Change, knobs: &Knobs) -> Echo {
    let action = match change.verb {
        Verb::Add => "add",
        Verb::Append => "append",
        Verb::Edit => "edit",
    };
    let is_printed_otherwise =
        change.verb == Verb::Append && knobs.append_by_sender_echo == AppendBySenderEcho::Threatq;
    match change.view {
        View::Recipient => Echo::WrittenByRecipient {
            action,
            recipient_addresses: change.recipients,
            sender_list: change.senders,
        },
        View::Sender if is_printed_otherwise => Echo::AppendedBySender {
            action,
            recipient_list: change.recipients,
            sender_list: change.senders,
        },
        View::Sender => Echo::WrittenBySender {
            action,
            sender_addresses: change.senders,
            recipient_list: change.recipients,
        },
    }
}

fn verb_of(action: &str) -> Result<Verb, ApiError> {
    match action {
        "add" => Ok(Verb::Add),
        "append" => Ok(Verb::Append),
        "edit" => Ok(Verb::Edit),
        _ => Err(errors::bad_body_value("action")),
    }
}

/// Guess: no source tells a greatest request (`docs/asyncos.md`, "Semantics").
fn refuse_too_many_pairs(recipient_count: usize, sender_count: usize) -> Result<(), ApiError> {
    if recipient_count.saturating_mul(sender_count) > PAIRS_PER_REQUEST_MAX {
        Err(errors::too_large())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
