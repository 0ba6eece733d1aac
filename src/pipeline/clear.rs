//! The guard's place in the pipeline: what is to be listed is judged once when a call is accepted, so that the
//! caller hears it at once, and again when the run is executed, by the rules of that moment. Only what was
//! cleared can become a wish.

use super::accept::{Fate, Run};
use crate::config::Counterpart;
use crate::guard::{Cleared, Guard};
use crate::model::{Operation, Outcome, Recipient, Sender, View};
use crate::reconcile::Wish;

/// Gives every item that a rule forbids its fate, and makes the wish of the others.
pub(super) fn clear(guard: &Guard, run: &mut Run) -> Wish {
    match (run.operation, run.view, run.counterpart.clone()) {
        (Operation::Add, View::Sender, Counterpart::Recipients(stored)) => {
            let senders = clear_senders(guard, run);
            let stored: Vec<_> = stored
                .iter()
                .map(|recipient| guard.clear_recipient(recipient))
                .collect();
            Wish::present_senders(run.list, &senders, &stored)
        }
        (Operation::Add, View::Recipient, Counterpart::Senders(stored)) => {
            let stored = clear_stored(guard, run, &stored);
            let recipients = wished_recipients(run);
            let recipients: Vec<_> = recipients
                .iter()
                .map(|recipient| guard.clear_recipient(recipient))
                .collect();
            Wish::present_recipients(run.list, &recipients, &stored)
        }
        (Operation::Delete, View::Sender, Counterpart::None) => {
            let senders: Vec<_> = wished_senders(run)
                .iter()
                .map(|sender| guard.clear_removal(sender))
                .collect();
            Wish::absent_senders(run.list, &senders)
        }
        (Operation::Delete, View::Recipient, Counterpart::None) => {
            let recipients: Vec<_> = wished_recipients(run)
                .iter()
                .map(|recipient| guard.clear_removal(recipient))
                .collect();
            Wish::absent_recipients(run.list, &recipients)
        }
        (operation, view, counterpart) => unreachable!(
            "a checked configuration fits its action: {} by {view} with {counterpart:?}",
            operation.word()
        ),
    }
}

fn clear_senders(guard: &Guard, run: &mut Run) -> Vec<Cleared<Sender>> {
    let mut cleared = Vec::new();
    for item in &mut run.items {
        let Fate::Sender(sender) = &item.fate else {
            continue;
        };
        match guard.clear_sender(sender) {
            Ok(sender) => cleared.push(sender),
            Err(refused) => item.fate = Fate::Settled(Outcome::RefusedByRule, refused.to_string()),
        }
    }
    cleared
}

/// A stored sender that a rule forbids spoils the whole configuration: nothing is listed under it, and every
/// item says why, until the operator has mended it.
fn clear_stored(guard: &Guard, run: &mut Run, stored: &[Sender]) -> Vec<Cleared<Sender>> {
    let mut cleared = Vec::new();
    let mut refusals = Vec::new();
    for sender in stored {
        match guard.clear_sender(sender) {
            Ok(sender) => cleared.push(sender),
            Err(refused) => refusals.push(format!("{sender}: {refused}")),
        }
    }
    if refusals.is_empty() {
        return cleared;
    }
    let reason = format!(
        "the stored {} holds {}",
        run.counterpart_origin,
        refusals.join("; ")
    );
    for item in run
        .items
        .iter_mut()
        .filter(|item| matches!(item.fate, Fate::Recipient(_)))
    {
        item.fate = Fate::Settled(Outcome::RefusedByRule, reason.clone());
    }
    Vec::new()
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
