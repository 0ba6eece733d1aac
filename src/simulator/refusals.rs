//! When the appliance says no to a change: one function per reason, and nothing else.
//!
//! Most of these decisions are told by no public source. Each function says so ("Unsettled", with how sure
//! the default is and the source tag; `docs/asyncos.md`, "What the simulator assumes", has them all) and asks
//! the knob that can decide otherwise. This file refuses to know HTTP: the status of a refusal is decided in
//! `errors.rs`.

use super::entries::{self, BadEntry};
use super::knobs::{
    AddOnExisting, AppendOfExistingPair, AppendOnMissingRow, EditOnMissingRow, Knobs, OtherList,
};
use super::lists::View;
use super::rules::{Change, Verb};
use super::standing::{Standing, Wanted};

/// Why something was not changed. The texts are guesses: no source shows the text of any such error
/// (`docs/asyncos.md`, "Errors").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    BadEntry(BadEntry),
    #[error("Entry already exists - {0}")]
    RowExists(String),
    #[error("Entry already exists - {recipient}, {sender}")]
    PairExists { recipient: String, sender: String },
    #[error("Entry does not exist - {0}")]
    RowMissing(String),
    #[error("Entry exists in the other list - {recipient}, {sender}")]
    PairInOtherList { recipient: String, sender: String },
    #[error("More than {list_limit} list items - {recipient}")]
    ListFull { recipient: String, list_limit: u32 },
}

/// Recipients first, then senders; each takes all its pairs with it.
pub(super) fn bad_entry(wanted: &mut Wanted<'_>, knobs: &Knobs) {
    let refused = |entry: &str| {
        let compared = knobs.spelling.compared(entry);
        let mut refused = knobs.refused_entries.iter();
        refused.any(|refused| knobs.spelling.compared(refused) == compared)
    };
    let bad = |is_good: bool, entry: &str| !is_good || refused(entry);
    let recipients = wanted.recipients.entries().iter();
    let bad_recipients: Vec<bool> = recipients
        .map(|entry| bad(entries::is_recipient(entry), entry))
        .collect();
    let senders = wanted.senders.entries().iter();
    let bad_senders: Vec<bool> = senders
        .map(|entry| bad(entries::is_sender(entry), entry))
        .collect();

    if bad_recipients.contains(&true) {
        wanted.refuse_where(|wanted, recipient, _| {
            let entry = || BadEntry::Recipient(wanted.recipients.entries()[recipient].to_owned());
            bad_recipients[recipient].then(|| Refusal::BadEntry(entry()))
        });
    }
    if bad_senders.contains(&true) {
        wanted.refuse_where(|wanted, _, sender| {
            let entry = || BadEntry::Sender(wanted.senders.entries()[sender].to_owned());
            bad_senders[sender].then(|| Refusal::BadEntry(entry()))
        });
    }
}

/// Unsettled (`docs/asyncos.md`, "Semantics", I from BAN): TQ documents a conflict, and the one public client
/// that tells the verbs apart adds only where no row stands; so the row decides, not the pair.
pub(super) fn add_on_existing(wanted: &mut Wanted<'_>, here: &Standing<'_>, view: View, knobs: &Knobs) {
    match knobs.add_on_existing {
        AddOnExisting::Row => wanted.refuse_where(|wanted, recipient, sender| {
            let key = || wanted.key(view, recipient, sender).to_owned();
            here.has_row(view, recipient, sender)
                .then(|| Refusal::RowExists(key()))
        }),
        AddOnExisting::Pair => refuse_pairs_that_stand(wanted, here),
        AddOnExisting::Merge => {}
    }
}

/// Unsettled (`docs/asyncos.md`, "Semantics", I from TQ): TQ tells its conflict of all adding actions, one of
/// which appends. A missing row is no reason to refuse (I from TQ and BAN): the row is created.
pub(super) fn append(wanted: &mut Wanted<'_>, here: &Standing<'_>, view: View, knobs: &Knobs) {
    if knobs.append_on_missing_row == AppendOnMissingRow::NotFound {
        refuse_missing_rows(wanted, here, view);
    }
    if knobs.append_of_existing_pair == AppendOfExistingPair::Conflict {
        refuse_pairs_that_stand(wanted, here);
    }
}

/// Unsettled (`docs/asyncos.md`, "Semantics", G): where no row stands, there is nothing to edit.
pub(super) fn edit_on_missing_row(wanted: &mut Wanted<'_>, here: &Standing<'_>, view: View, knobs: &Knobs) {
    if knobs.edit_on_missing_row == EditOnMissingRow::NotFound {
        refuse_missing_rows(wanted, here, view);
    }
}

/// Documented: the same entry cannot be in both lists of a recipient, while a domain in one and an address
/// of that domain in the other is fine (`docs/asyncos.md`, "Semantics", HELP). Unsettled is only what the
/// refusal looks like, and whether the API keeps to it at all.
pub(super) fn pair_in_the_other_list(wanted: &mut Wanted<'_>, there: &Standing<'_>, knobs: &Knobs) {
    if knobs.other_list == OtherList::Allow {
        return;
    }
    wanted.refuse_where(|wanted, recipient, sender| {
        let pair = || wanted.pair(recipient, sender);
        there.has_pair(recipient, sender).then(|| {
            let super::Pair { recipient, sender } = pair();
            Refusal::PairInOtherList { recipient, sender }
        })
    });
}

/// Documented: the limit counts the senders of one recipient in one list (`docs/asyncos.md`, "Semantics", TQ
/// and UGM82). Unsettled (G): a row that is too long already, because the lists were set from outside, may
/// shrink.
pub(super) fn row_beyond_the_limit(
    wanted: &mut Wanted<'_>,
    here: &Standing<'_>,
    change: &Change,
    knobs: &Knobs,
) {
    let Some(list_limit) = knobs.list_limit else {
        return;
    };
    let most = usize::try_from(list_limit).unwrap_or(usize::MAX);
    let replaced = replaced_pairs(wanted, here, change);
    let mut lengths: Vec<usize> = (here.row_lengths.iter().zip(&replaced))
        .map(|(length, replaced)| length - replaced)
        .collect();
    wanted.refuse_where(|wanted, recipient, sender| {
        if change.verb != Verb::Edit && here.has_pair(recipient, sender) {
            return None;
        }
        let length = lengths[recipient] + 1;
        if length > most && length > here.row_lengths[recipient] {
            let recipient = wanted.recipients.entries()[recipient].to_owned();
            return Some(Refusal::ListFull {
                recipient,
                list_limit,
            });
        }
        lengths[recipient] = length;
        None
    });
}

/// Of each recipient, how many senders make place because an edit replaces the rows that they belong to.
fn replaced_pairs(wanted: &Wanted<'_>, here: &Standing<'_>, change: &Change) -> Vec<usize> {
    let recipients = wanted.recipients.entries().len();
    let mut replaced = vec![0; recipients];
    if change.verb != Verb::Edit {
        return replaced;
    }
    let open = wanted.open();
    match change.view {
        View::Recipient => {
            for (recipient, _) in open {
                replaced[recipient] = here.row_lengths[recipient];
            }
        }
        View::Sender => {
            let mut senders: Vec<usize> = open.into_iter().map(|(_, sender)| sender).collect();
            senders.sort_unstable();
            senders.dedup();
            for (recipient, count) in replaced.iter_mut().enumerate() {
                *count = senders
                    .iter()
                    .filter(|sender| here.has_pair(recipient, **sender))
                    .count();
            }
        }
    }
    replaced
}

fn refuse_pairs_that_stand(wanted: &mut Wanted<'_>, here: &Standing<'_>) {
    wanted.refuse_where(|wanted, recipient, sender| {
        let pair = || wanted.pair(recipient, sender);
        here.has_pair(recipient, sender).then(|| {
            let super::Pair { recipient, sender } = pair();
            Refusal::PairExists { recipient, sender }
        })
    });
}

fn refuse_missing_rows(wanted: &mut Wanted<'_>, here: &Standing<'_>, view: View) {
    wanted.refuse_where(|wanted, recipient, sender| {
        let key = || wanted.key(view, recipient, sender).to_owned();
        (!here.has_row(view, recipient, sender)).then(|| Refusal::RowMissing(key()))
    });
}

#[cfg(test)]
mod tests;
