//! What an earlier attempt at a task may have sent, and this one must not send: entries that a rule forbids since,
//! appliances that are only looked at since, appliances that the configuration names no more. What stands is told and
//! kept as changed, so that it can be taken back; what is not known is not guessed.

use super::accept::{Fate, Item, Run};
use super::ended::ItemResult;
use crate::config::Counterpart;
use crate::model::{Operation, Outcome, PairCounts, View};
use crate::reconcile::{ItemStanding, Journal, SentBefore};

/// The items of an accepted run that a rule forbids by now although the journal names them, by their index.
pub(super) fn forbidden_since(accepted: &Run, judged: &Run, journal: &Journal) -> Vec<usize> {
    let sent = journal.pairs_by_entry(accepted.view);
    let items = accepted.items.iter().zip(&judged.items).enumerate();
    items
        .filter(|(_, (_, now))| matches!(now.fate, Fate::Settled(..)))
        .filter(|(_, (item, _))| item.wished().is_some_and(|key| sent.contains_key(key)))
        .map(|(index, _)| index)
        .collect()
}

/// What was wished of these items; what never had a wish is left out.
pub(super) fn wish_of<'a>(run: &Run, items: impl Iterator<Item = &'a Item>) -> SentBefore {
    let (mut senders, mut recipients) = (Vec::new(), Vec::new());
    for item in items {
        match &item.fate {
            Fate::Sender(sender) => senders.push(sender.clone()),
            Fate::Recipient(recipient) => recipients.push(recipient.clone()),
            Fate::Repeated { .. } | Fate::Settled(..) => {}
        }
    }
    match (&run.counterpart, run.view) {
        (Counterpart::Recipients(stored), _) => SentBefore::senders(run.list, &senders, Some(stored)),
        (Counterpart::Senders(stored), _) => SentBefore::recipients(run.list, &recipients, Some(stored)),
        (Counterpart::None, View::Sender) => SentBefore::senders(run.list, &senders, None),
        (Counterpart::None, View::Recipient) => SentBefore::recipients(run.list, &recipients, None),
    }
}

/// What a rule forbids by now, as it was found. Whatever was not sent before it was forbidden is refused.
pub(super) fn refused_since(run: &Run, found: ItemStanding, reason: &str) -> ItemResult {
    let mut result = ItemResult::from(found);
    let counts = &mut result.counts;
    counts.refused_by_rule += std::mem::take(&mut counts.not_tried);
    (result.outcome, result.class) = counts.outcome(run.operation);
    for example in &mut result.examples {
        if example.outcome == Outcome::NotTried {
            example.outcome = Outcome::RefusedByRule;
        }
    }
    let notice = format!("a rule forbids it since it was sent: {reason}");
    result.notes.push(notice);
    result
}

/// An item of which nothing was sent, and nothing is by now.
pub(super) fn unsent(run: &Run, outcome: Outcome, reason: &str) -> ItemResult {
    let wanted = run.counterpart_count().max(1);
    let mut counts = PairCounts {
        wanted,
        ..PairCounts::default()
    };
    match outcome {
        Outcome::RefusedByRule => counts.refused_by_rule = wanted,
        _ => counts.not_tried = wanted,
    }
    short(run.operation, counts, reason.to_owned())
}

/// What is known of the items of a run where the appliance cannot be asked: what the journal names may have been written.
pub(super) fn unread(run: &Run, journal: &Journal, reason: &str) -> Vec<ItemResult> {
    let sent_before = journal.pairs_by_entry(run.view);
    let wished = run.items.iter().filter_map(Item::wished);
    wished
        .map(|key| match sent_before.get(key) {
            None => unsent(run, Outcome::NotTried, reason),
            Some(&sent) => {
                let counts = PairCounts {
                    wanted: run.counterpart_count().max(sent),
                    unproven: sent,
                    not_tried: run.counterpart_count().saturating_sub(sent),
                    ..PairCounts::default()
                };
                let detail = format!("sent, and not read afterwards: {reason}");
                short(run.operation, counts, detail)
            }
        })
        .collect()
}

fn short(operation: Operation, counts: PairCounts, detail: String) -> ItemResult {
    let (outcome, class) = counts.outcome(operation);
    ItemResult {
        counts,
        mailboxes: 0,
        outcome,
        class,
        detail,
        notes: Vec::new(),
        examples: Vec::new(),
    }
}
