//! The guard's place in the pipeline: what is to be listed is judged once when a call is accepted, so that the
//! caller hears it at once, and again when the run is executed, by the rules of that moment. Only what was
//! cleared can become a wish.

use super::accept::{Fate, Run};
use crate::app::App;
use crate::config::Counterpart;
use crate::guard::{COVERS_NAME_ONLY, Cleared, Guard, Passed, Refused, Rule};
use crate::model::{ListKind, Operation, Outcome, Recipient, Sender, View};
use crate::reconcile::Wish;

/// Gives every item that a rule forbids its fate, and makes the wish of the others.
/// What somebody lets pass is about the items alone: a stored entry that is forbidden is for the operator to mend.
pub(super) fn clear(guard: &Guard, run: &mut Run) -> Wish {
    let (list, nothing) = (run.list, Passed::default());
    match (run.operation, run.view, run.counterpart.clone()) {
        (Operation::Add, View::Sender, Counterpart::Recipients(stored)) => {
            let notes = run.notes.clone();
            // What has a reason of its own keeps it.
            let senders = clear_senders(guard, run);
            let (stored, refusals) = sort_out(&stored, |entry| clear_stored(guard, entry, list));
            if spoil(run, &refusals) {
                run.notes = notes;
                return Wish::present_senders(list, &[], &[]);
            }
            Wish::present_senders(list, &senders, &stored)
        }
        (Operation::Add, View::Recipient, Counterpart::Senders(stored)) => {
            let recipients = clear_recipients(guard, run);
            let (stored, refusals) = sort_out(&stored, |entry| guard.clear_sender(entry, list, &nothing));
            if spoil(run, &refusals) {
                return Wish::present_recipients(list, &[], &[]);
            }
            Wish::present_recipients(list, &recipients, &stored)
        }
        (Operation::Delete, View::Sender, Counterpart::None) => {
            let senders: Vec<_> = wished_senders(run)
                .iter()
                .map(|sender| guard.clear_removal(sender))
                .collect();
            Wish::absent_senders(list, &senders)
        }
        (Operation::Delete, View::Recipient, Counterpart::None) => {
            let recipients: Vec<_> = wished_recipients(run)
                .iter()
                .map(|recipient| guard.clear_removal(recipient))
                .collect();
            Wish::absent_recipients(list, &recipients)
        }
        (operation, view, counterpart) => unreachable!(
            "a checked configuration fits its action: {} by {view} with {counterpart:?}",
            operation.word()
        ),
    }
}

/// Configurations under which nothing is listed, because a stored entry is refused, and why.
#[must_use]
pub fn spoiled_configurations(app: &App) -> Vec<String> {
    let guard = &*app.guard();
    let mut spoiled = Vec::new();
    for configuration in app.config.configurations.values() {
        let (list, nothing) = (configuration.list, Passed::default());
        let refusals = match &configuration.counterpart {
            Counterpart::Recipients(stored) => sort_out(stored, |entry| clear_stored(guard, entry, list)).1,
            Counterpart::Senders(stored) => {
                sort_out(stored, |entry| guard.clear_sender(entry, list, &nothing)).1
            }
            Counterpart::None => Vec::new(),
        };
        let origin = &configuration.counterpart_origin;
        spoiled.extend(refusals.into_iter().map(|(entry, refused)| {
            format!(
                "{origin} holds {entry}, which the guard refuses ({refused}): nothing is listed under this configuration"
            )
        }));
    }
    spoiled
}

fn clear_senders(guard: &Guard, run: &mut Run) -> Vec<Cleared<Sender>> {
    let mut cleared = Vec::new();
    let mut domains = Vec::new();
    for item in &mut run.items {
        let Fate::Sender(sender) = &item.fate else {
            continue;
        };
        match guard.clear_sender(sender, run.list, &run.passed) {
            Ok(sender) => {
                let mut notes = guard.notes(sender.entry(), run.list);
                if notes.iter().any(|note| note == COVERS_NAME_ONLY) {
                    notes.retain(|note| note != COVERS_NAME_ONLY);
                    domains.push(sender.entry().to_string());
                }
                note(&mut item.notes, notes);
                cleared.push(sender);
            }
            Err(refused) => item.fate = Fate::Settled(Outcome::RefusedByRule, refused.to_string()),
        }
    }
    let of_domains = match domains.as_slice() {
        [] => None,
        [one] => Some(format!("{one} {COVERS_NAME_ONLY}")),
        several => Some(format!(
            "{} domains cover their own names only, not their subdomains",
            several.len()
        )),
    };
    note(&mut run.notes, of_domains.into_iter().collect());
    cleared
}

/// Who wrote a mailbox into the configuration has not swapped it with a sender, wherever it is.
fn clear_stored(guard: &Guard, recipient: &Recipient, list: ListKind) -> Result<Cleared<Recipient>, Refused> {
    let mut passed = Passed::default();
    passed.insert(Rule::ForeignRecipient, recipient.key().clone());
    guard.clear_recipient(recipient, list, &passed)
}

fn clear_recipients(guard: &Guard, run: &mut Run) -> Vec<Cleared<Recipient>> {
    let mut cleared = Vec::new();
    for item in &mut run.items {
        let Fate::Recipient(recipient) = &item.fate else {
            continue;
        };
        match guard.clear_recipient(recipient, run.list, &run.passed) {
            Ok(recipient) => {
                note(&mut item.notes, guard.recipient_notes(recipient.entry()));
                cleared.push(recipient);
            }
            Err(refused) => item.fate = Fate::Settled(Outcome::RefusedByRule, refused.to_string()),
        }
    }
    cleared
}

/// A run is judged again when it is executed, and has most of its notes by then.
fn note(notes: &mut Vec<String>, found: Vec<String>) {
    for note in found {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
}

/// Stored entries that are let through, and those that are not with the reason.
fn sort_out<T: ToString>(
    stored: &[T],
    clear: impl Fn(&T) -> Result<Cleared<T>, Refused>,
) -> (Vec<Cleared<T>>, Vec<(String, Refused)>) {
    let mut cleared = Vec::new();
    let mut refusals = Vec::new();
    for entry in stored {
        match clear(entry) {
            Ok(entry) => cleared.push(entry),
            Err(refused) => refusals.push((entry.to_string(), refused)),
        }
    }
    (cleared, refusals)
}

/// A stored entry that a rule forbids spoils the whole configuration: nothing is listed under it, and every item says
/// why, until the operator has mended it.
fn spoil(run: &mut Run, refusals: &[(String, Refused)]) -> bool {
    if refusals.is_empty() {
        return false;
    }
    let words: Vec<String> = refusals
        .iter()
        .map(|(entry, refused)| format!("{entry}: {refused}"))
        .collect();
    let reason = format!("the stored {} holds {}", run.counterpart_origin, words.join("; "));
    for item in run.items.iter_mut().filter(|item| item.wished().is_some()) {
        item.fate = Fate::Settled(Outcome::RefusedByRule, reason.clone());
    }
    true
}

fn wished_senders(run: &Run) -> Vec<Sender> {
    let senders = run.items.iter().filter_map(|item| match &item.fate {
        Fate::Sender(sender) => Some(sender.clone()),
        _ => None,
    });
    senders.collect()
}

fn wished_recipients(run: &Run) -> Vec<Recipient> {
    let recipients = run.items.iter().filter_map(|item| match &item.fate {
        Fate::Recipient(recipient) => Some(recipient.clone()),
        _ => None,
    });
    recipients.collect()
}
