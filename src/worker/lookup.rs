//! What the pipeline asks of the store while a task is executed: which pairs a run takes back, which are on hold, and
//! what of an hour is used. In the pipeline's words; refuses to decide what becomes of a pair.

use super::kept::stored;
use crate::model::{EntryKey, ListKind, Operation, PairKey, Recipient, Sender, View};
use crate::pipeline::{Kept, PutThere, Run, TakenPair, TakingBack};
use crate::reconcile::HourUse;
use crate::store::{
    ADDED, HoldIndex, Owned, REMOVED, Side, Store, StoreError, StoredChange, StoredHold, StoredPair,
    UNPROVEN_ADDED, UNPROVEN_REMOVED,
};
use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

/// See [`crate::pipeline::Keeper::pairs_to_take_back`].
pub(super) async fn pairs_to_take_back(
    store: &Store,
    what: &TakingBack,
    run: &Run,
    place: usize,
) -> Option<Vec<TakenPair>> {
    let appliance = &run.appliances[place].name;
    let found = match what {
        TakingBack::Run { id, force } => of_run(store, run, appliance, id, *force).await,
        TakingBack::Ours { recipient } => of_ours(store, run, appliance, recipient.as_deref()).await,
    };
    told(run, found)
}

/// See [`crate::pipeline::Keeper::held`].
pub(super) async fn held(
    store: &Store,
    list: ListKind,
    recipients: &[EntryKey],
    senders: &[EntryKey],
    ends_holds_of: Option<&str>,
) -> Option<BTreeMap<PairKey, String>> {
    let texts = |entries: &[EntryKey]| {
        entries
            .iter()
            .map(|entry| entry.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    let holds = store
        .holds_for(list.word(), &texts(recipients), &texts(senders))
        .await;
    let holds = match holds {
        Ok(mut holds) => {
            holds.retain(|hold| hold.run.is_none() || hold.run.as_deref() != ends_holds_of);
            holds
        }
        Err(error) => {
            tracing::error!(%error, "holds cannot be read, so nothing is sent");
            return None;
        }
    };
    let mut held = BTreeMap::new();
    if holds.is_empty() {
        return Some(held);
    }
    let index = HoldIndex::of(list.word(), &holds);
    for recipient in recipients {
        for sender in senders {
            let (recipient, sender) = (recipient.clone(), sender.clone());
            let pair = PairKey { recipient, sender };
            if let Some(hold) = index.hold_of(&stored(&pair)) {
                held.insert(pair, words(hold));
            }
        }
    }
    Some(held)
}

/// See [`crate::pipeline::Keeper::owned`].
pub(super) async fn owned(
    store: &Store,
    appliance: &str,
    list: ListKind,
    pairs: &[PairKey],
) -> Option<BTreeMap<PairKey, PutThere>> {
    let by_key: BTreeMap<StoredPair, &PairKey> = pairs.iter().map(|pair| (stored(pair), pair)).collect();
    let wanted: Vec<StoredPair> = by_key.keys().cloned().collect();
    match store.owned(appliance, list.word(), &wanted).await {
        Ok(owned) => {
            let ours = owned.into_iter().filter(|owned| !owned.is_restored);
            let keyed = ours.filter_map(|owned| {
                let put_there = PutThere {
                    run: owned.run,
                    is_proven: !owned.is_unproven,
                };
                Some(((*by_key.get(&owned.pair)?).clone(), put_there))
            });
            Some(keyed.collect())
        }
        Err(error) => {
            tracing::error!(%error, "whose pairs these are cannot be read");
            None
        }
    }
}

/// See [`crate::pipeline::Keeper::used_within_the_hour`].
pub(super) async fn used_within_the_hour(
    store: &Store,
    appliance: &str,
    list: ListKind,
    operation: Operation,
) -> Option<Vec<HourUse>> {
    let is_addition = operation == Operation::Add;
    match store
        .used_within_the_hour(appliance, list.word(), is_addition)
        .await
    {
        Ok(used) => {
            let uses = used.into_iter().map(|used| HourUse {
                run: used.run,
                pairs: usize::try_from(used.pairs).unwrap_or(usize::MAX),
                back_in: Duration::from_millis(u64::try_from(used.back_in_ms).unwrap_or(0)),
            });
            Some(uses.collect())
        }
        Err(error) => {
            tracing::error!(%error, "what was changed within the hour cannot be read, so nothing is sent");
            None
        }
    }
}

/// Who holds it, until when, and why.
#[must_use]
pub fn words(hold: &StoredHold) -> String {
    let until = Duration::from_millis(u64::try_from(hold.until_ms).unwrap_or(0));
    let until = humantime::format_rfc3339_seconds(UNIX_EPOCH + until);
    let of_run = hold
        .run
        .as_ref()
        .map_or(String::new(), |run| format!(" with {run}"));
    let why = hold
        .reason
        .as_ref()
        .map_or(String::new(), |reason| format!(": {reason}"));
    format!(
        "on hold until {until}, by {}{of_run}{why} (hold {})",
        hold.by_client, hold.id
    )
}

/// What a run changed there, and why some of it is left alone.
async fn of_run(
    store: &Store,
    run: &Run,
    appliance: &str,
    undone: &str,
    force: bool,
) -> Result<Vec<TakenPair>, StoreError> {
    let tasks = store.changes_of(undone).await?;
    let here = tasks.into_iter().filter(|task| task.appliance == appliance);
    let changes: Vec<StoredChange> = here
        .flat_map(|task| task.changes)
        .filter(|change| is_undone_by(change, run))
        .collect();
    let pairs: Vec<StoredPair> = changes.iter().map(|change| change.pair.clone()).collect();
    let owned = store.owned(appliance, run.list.word(), &pairs).await?;
    let owned: BTreeMap<&StoredPair, &Owned> = owned.iter().map(|owned| (&owned.pair, owned)).collect();
    let taken = changes.iter().filter_map(|change| {
        let owned = owned.get(&change.pair).copied();
        let kept = match run.operation {
            Operation::Delete => why_kept(owned, undone, force),
            Operation::Add => None,
        };
        taken(&change.pair, kept, change.is_proven())
    });
    Ok(taken.collect())
}

/// Why a pair that the undone run put there, or may have, is not taken out.
fn why_kept(owned: Option<&Owned>, undone: &str, force: bool) -> Option<Kept> {
    match owned {
        None => Some(Kept::WhereItStands(format!(
            "left alone: a run after {undone} had taken it out, or found it gone, and who has listed it again is not known"
        ))),
        Some(owned) if owned.run != undone => Some(Kept::LeftAlone(format!(
            "left alone: {} has put it there again after {undone}",
            owned.run
        ))),
        Some(_) if force => None,
        Some(owned) => owned.claimed_by.as_ref().map(|later| {
            Kept::LeftAlone(format!(
                "kept: {later} asked for it since; with force it is taken all the same"
            ))
        }),
    }
}

/// A run has one direction; what it changed the other way is for another run to take back.
fn is_undone_by(change: &StoredChange, run: &Run) -> bool {
    match run.operation {
        Operation::Delete => [ADDED, UNPROVEN_ADDED].contains(&change.change),
        Operation::Add => [REMOVED, UNPROVEN_REMOVED].contains(&change.change),
    }
}

/// What stands there of the run's items because of us.
async fn of_ours(
    store: &Store,
    run: &Run,
    appliance: &str,
    recipient: Option<&str>,
) -> Result<Vec<TakenPair>, StoreError> {
    let side = match run.view {
        View::Sender => Side::Sender,
        View::Recipient => Side::Recipient,
    };
    let mut pairs = Vec::new();
    for item in run.items.iter().filter_map(|item| item.wished()) {
        let owned = store
            .owned_of(item.as_str(), side, Some(appliance), Some(run.list.word()))
            .await?;
        let wanted = owned
            .into_iter()
            .filter(|owned| !owned.is_restored)
            .filter(|owned| recipient.is_none_or(|recipient| owned.pair.recipient == recipient));
        pairs.extend(wanted.filter_map(|owned| taken(&owned.pair, None, !owned.is_unproven)));
    }
    Ok(pairs)
}

/// None where this version cannot read an entry that an earlier one wrote.
fn taken(pair: &StoredPair, kept: Option<Kept>, is_proven: bool) -> Option<TakenPair> {
    match (
        Recipient::parse(&pair.recipient),
        Sender::parse_untyped(&pair.sender),
    ) {
        (Ok(recipient), Ok(sender)) => Some(TakenPair {
            recipient: recipient.entry,
            sender,
            kept,
            is_proven,
        }),
        _ => {
            tracing::error!(
                pair.recipient,
                pair.sender,
                "a stored pair cannot be read; it is left alone"
            );
            None
        }
    }
}

fn told(run: &Run, found: Result<Vec<TakenPair>, StoreError>) -> Option<Vec<TakenPair>> {
    found
        .inspect_err(|error| {
            tracing::error!(run.id = run.id, %error, "what a run takes back cannot be read, so nothing is sent")
        })
        .ok()
}
