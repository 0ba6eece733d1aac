//! Takes off again whatever a run put onto the lists, and says what is left. Runs after every ending: the last question,
//! a failure, Ctrl-C. Only invented senders are deleted; a row is deleted by its recipient only where it is the scratch
//! recipient's and holds invented senders alone.

use super::asker::Asker;
use super::ground::SENDERS_PER_REQUEST;
use super::stop::Stop;
use crate::model::{ListKind, Pair, Row, Verb, View, Write};
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// Senders that are deleted one by one when nothing else worked.
const SINGLE_DELETIONS_MAX: usize = 60;

/// What a run left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// Nothing: both lists were read to their end.
    Nothing,
    /// These pairs stand.
    Pairs(Vec<LeftPair>),
    /// A list could not be read. These pairs were sent in the run, not seen to be gone, and may stand.
    Unknown {
        /// Why not.
        reason: String,
        /// What may stand.
        pairs: Vec<LeftPair>,
    },
}

/// A pair on a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftPair {
    /// Which list.
    pub list: ListKind,
    /// As the appliance shows it, or as it was sent.
    pub pair: Pair,
}

impl fmt::Display for LeftPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, {}", self.list, self.pair.recipient, self.pair.sender)
    }
}

/// How a round of deletions goes about it.
#[derive(Debug, Clone, Copy)]
enum Way {
    BySender,
    ByRecipient,
    OneByOne,
}

/// Cleans up, and reads both lists. An appliance that is gone for a moment is waited for: what was put in there is ours
/// to take out.
pub(super) async fn clean(asker: &mut Asker, pauses: &[Duration]) -> Left {
    asker.is_cleaning = true;
    let mut left = clean_once(asker).await;
    for pause in pauses {
        let Left::Unknown { reason, .. } = &left else {
            break;
        };
        let pause_shown = humantime::format_duration(*pause);
        asker.tell(&format!(
            "cleaning up failed ({reason}); tried again in {pause_shown}"
        ));
        tokio::time::sleep(*pause).await;
        left = clean_once(asker).await;
    }
    left
}

async fn clean_once(asker: &mut Asker) -> Left {
    if asker.sent.is_empty() {
        return Left::Nothing;
    }
    for way in [Way::BySender, Way::ByRecipient, Way::OneByOne] {
        let left = match left(asker).await {
            Ok(left) => left,
            Err(stop) => return clean_blindly(asker, stop).await,
        };
        if left.is_empty() {
            return Left::Nothing;
        }
        for list in ListKind::ALL {
            let rows: Vec<&Row> = left
                .iter()
                .filter(|(on, _)| *on == list)
                .map(|(_, row)| row)
                .collect();
            for deletion in deletions(asker, list, &rows, way) {
                // What came of it, the next reading shows.
                if asker
                    .write("a deletion while cleaning up", &deletion)
                    .await
                    .is_err()
                {
                    break;
                }
            }
        }
    }
    match left(asker).await {
        Ok(left) if left.is_empty() => Left::Nothing,
        Ok(left) => Left::Pairs(pairs_of(&left)),
        Err(stop) => unknown(asker, &stop),
    }
}

/// The lists cannot be read: what was sent is deleted without a look, once, and then one more look is tried.
async fn clean_blindly(asker: &mut Asker, stop: Stop) -> Left {
    for list in ListKind::ALL {
        let sent: Vec<String> = senders_sent(asker, list);
        for some in sent.chunks(SENDERS_PER_REQUEST) {
            let taken = asker.take_off("a deletion while cleaning up", list, some).await;
            if taken.is_err() {
                return unknown(asker, &stop);
            }
        }
    }
    match left(asker).await {
        Ok(left) if left.is_empty() => Left::Nothing,
        Ok(left) => Left::Pairs(pairs_of(&left)),
        Err(stop) => unknown(asker, &stop),
    }
}

/// Rows that hold something of this run, from both lists whole: a search might overlook one.
async fn left(asker: &mut Asker) -> Result<Vec<(ListKind, Row)>, Stop> {
    let mut left = Vec::new();
    for list in ListKind::ALL {
        let rows = asker.view(list, View::Recipient, None).await?;
        let rows = rows.map_err(Stop::Unreadable)?;
        for row in rows {
            if row.values.iter().any(|sender| asker.names.is_invented(sender)) {
                left.push((list, row));
            }
        }
    }
    Ok(left)
}

fn deletions(asker: &Asker, list: ListKind, rows: &[&Row], way: Way) -> Vec<Write> {
    let is_invented = |sender: &&String| asker.names.is_invented(sender);
    let senders: BTreeSet<&String> = rows
        .iter()
        .flat_map(|row| &row.values)
        .filter(is_invented)
        .collect();
    let senders: Vec<String> = senders.into_iter().cloned().collect();
    let deletion = |view: View, keys: &[String]| Write {
        list,
        view,
        verb: Verb::Delete,
        keys: keys.to_vec(),
        values: Vec::new(),
    };
    let by_sender = |some: &[String]| deletion(View::Sender, some);
    match way {
        Way::BySender => senders.chunks(SENDERS_PER_REQUEST).map(by_sender).collect(),
        Way::OneByOne => senders
            .chunks(1)
            .take(SINGLE_DELETIONS_MAX)
            .map(by_sender)
            .collect(),
        Way::ByRecipient => rows
            .iter()
            .filter(|row| asker.names.is_scratch(&row.key))
            .filter(|row| row.values.iter().all(|sender| asker.names.is_invented(sender)))
            .map(|row| deletion(View::Recipient, std::slice::from_ref(&row.key)))
            .collect(),
    }
}

fn pairs_of(left: &[(ListKind, Row)]) -> Vec<LeftPair> {
    let pairs = left.iter().flat_map(|(list, row)| {
        let pairs = row.pairs(View::Recipient);
        pairs.map(|pair| LeftPair { list: *list, pair })
    });
    pairs.collect()
}

fn unknown(asker: &Asker, stop: &Stop) -> Left {
    Left::Unknown {
        reason: stop.to_string(),
        pairs: asker.sent.iter().cloned().collect(),
    }
}

fn senders_sent(asker: &Asker, list: ListKind) -> Vec<String> {
    let sent = asker.sent.iter().filter(|sent| sent.list == list);
    let senders: BTreeSet<&String> = sent.map(|sent| &sent.pair.sender).collect();
    senders.into_iter().cloned().collect()
}
