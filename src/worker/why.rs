//! Why a sender is blocked: what stands on the lists, joined with what the store knows of who put it there, what is on
//! hold and what is under way. Lists are read first and the store afterwards, so that what a run put there and ended with
//! in between is told as ours. Refuses to know who may see which run; the caller says so.

use super::Engine;
use super::kept::stored;
use super::lookup::words;
use super::onlooker::Onlooker;
use crate::guard::Passed;
use crate::model::{EntryKey, ListKind, Sender};
use crate::pipeline::{self, Question, Standing};
use crate::report::{Asked, Covering, CoveringEntry, Ours, Why, WhyHold, WhyList, WhyPair};
use crate::store::{Owned, RunFilter, RunState, Side, StoreError, StoredHold, StoredPair, StoredRun};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// Runs of which configuration, client, ticket and reason are looked up: as many as a document can have pairs.
const RUNS_MAX: usize = 1_000;
/// Open runs that are told; each server executes some at once, and whoever has more of them waits anyway.
const RUNS_UNDER_WAY_MAX: i64 = 1_000;

/// What may be told of a run.
pub type MaySee<'a> = &'a (dyn Fn(&StoredRun) -> bool + Send + Sync);

impl Engine {
    /// What stands for a sender on both lists of these appliances. None where the server is stopping.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn why(
        &self,
        value: &str,
        question: Question,
        appliances: Vec<String>,
        may_see: MaySee<'_>,
    ) -> Result<Option<Why>, StoreError> {
        let keeper = Arc::new(Onlooker {
            store: self.store.clone(),
            ends_holds_of: None,
        });
        let look = pipeline::look(Arc::clone(&self.app), appliances, question.clone(), keeper);
        let mut looking = self.app.runs.spawn(look);
        let looked = tokio::select! {
            looked = &mut looking => looked,
            // It writes nothing, so that nothing is lost with it.
            () = self.stopped() => {
                looking.abort();
                return Ok(None);
            }
        };
        let standings = looked.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let under_way = self.under_way().await?;
        let known = self.known(&question, &standings, may_see).await?;
        let holds = self.holds_on(&question, &standings).await?;
        let lists = standings
            .into_iter()
            .map(|standing| self.list(standing, &question, &known, &under_way))
            .collect();
        let guarded = self.guarded(&question.sender);
        Ok(Some(Why::new(asked(value, &question), guarded, holds, lists)))
    }

    /// Why the guard would not let a sender be listed today, on either list or on one.
    fn guarded(&self, sender: &Sender) -> Option<String> {
        let guard = self.app.guard();
        let refused = ListKind::ALL.map(|list| {
            let cleared = guard.clear_sender(sender, list, &Passed::default());
            cleared.err().map(|refused| (list, refused.to_string()))
        });
        match refused {
            [Some((_, one)), Some((_, other))] if one == other => Some(one),
            refused => {
                let words = refused.into_iter().flatten();
                let words: Vec<String> = words
                    .map(|(list, words)| format!("on the {list}: {words}"))
                    .collect();
                (!words.is_empty()).then(|| words.join("; "))
            }
        }
    }

    /// Runs that are not done, by appliance and list.
    async fn under_way(&self) -> Result<BTreeMap<(String, String), Vec<String>>, StoreError> {
        let filter = RunFilter {
            state: Some(RunState::Open),
            limit: RUNS_UNDER_WAY_MAX,
            ..RunFilter::default()
        };
        let mut under_way: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for run in self.store.runs(&filter).await?.runs {
            for task in run.tasks.iter().filter(|task| task.done_ms.is_none()) {
                let place = (task.appliance.clone(), task.list.clone());
                under_way.entry(place).or_default().push(run.id.clone());
            }
        }
        Ok(under_way)
    }

    /// What we put there, with its runs.
    async fn known(
        &self,
        question: &Question,
        standings: &[Standing],
        may_see: MaySee<'_>,
    ) -> Result<Known, StoreError> {
        let mut known = Known::default();
        let appliances: BTreeSet<&str> = standings
            .iter()
            .map(|standing| standing.appliance.as_str())
            .collect();
        for entry in question.covering() {
            for owned in self
                .store
                .owned_of(entry.as_str(), Side::Sender, None, None)
                .await?
            {
                let is_asked = question
                    .recipient
                    .as_ref()
                    .is_none_or(|recipient| recipient.key().as_str() == owned.pair.recipient);
                if is_asked && appliances.contains(owned.appliance.as_str()) {
                    let place = (owned.appliance.clone(), owned.list.clone());
                    let pairs = known.owned.entry(place).or_default();
                    pairs.insert(owned.pair.clone(), owned);
                }
            }
        }
        let pairs = known.owned.values().flat_map(BTreeMap::values);
        let runs: BTreeSet<String> = pairs.map(|owned| owned.run.clone()).collect();
        // The ids of runs are in the order of their time; of too many, the newest are of more use.
        for id in runs.into_iter().rev().take(RUNS_MAX) {
            let run = self.store.run(&id).await?;
            if let Some(run) = run.filter(|run| may_see(run)) {
                known.runs.insert(id, run);
            }
        }
        Ok(known)
    }

    /// Holds that name the sender or its domain, and those of mailboxes that are asked about or have something there.
    async fn holds_on(
        &self,
        question: &Question,
        standings: &[Standing],
    ) -> Result<Vec<WhyHold>, StoreError> {
        let senders: Vec<String> = question
            .covering()
            .iter()
            .map(|entry| entry.as_str().to_owned())
            .collect();
        let mut holds: BTreeMap<String, StoredHold> = BTreeMap::new();
        for list in ListKind::ALL {
            let found = match &question.recipient {
                Some(recipient) => {
                    let recipients = [recipient.key().as_str().to_owned()];
                    self.store.holds_for(list.word(), &recipients, &senders).await?
                }
                None => {
                    let on_list = standings.iter().filter(|standing| standing.list == list);
                    let pairs = on_list.flat_map(|standing| &standing.pairs);
                    let recipients: Vec<String> = pairs.map(|pair| stored(&pair.key()).recipient).collect();
                    let mut found = self.store.holds_of_senders(list.word(), &senders).await?;
                    found.extend(self.store.holds_for(list.word(), &recipients, &[]).await?);
                    found
                }
            };
            holds.extend(found.into_iter().map(|hold| (hold.id.clone(), hold)));
        }
        let told = |hold: StoredHold| WhyHold {
            text: words(&hold),
            list: hold.list,
            recipient: hold.recipient,
            entry: hold.sender.as_deref().map(spelled),
        };
        let mut holds: Vec<StoredHold> = holds.into_values().collect();
        // The one that holds longest is told first.
        holds.sort_by_key(|hold| std::cmp::Reverse(hold.until_ms));
        Ok(holds.into_iter().map(told).collect())
    }

    fn list(
        &self,
        standing: Standing,
        question: &Question,
        known: &Known,
        under_way: &BTreeMap<(String, String), Vec<String>>,
    ) -> WhyList {
        let place = (standing.appliance.clone(), standing.list.word().to_owned());
        let target = self.app.target(&standing.appliance);
        let list_sync_minutes = target.and_then(|target| target.list_sync_minutes);
        let mut owned = known.owned.get(&place).cloned().unwrap_or_default();
        let told = |recipient: String, entry: String, owned: Option<&Owned>| WhyPair {
            covers: covers(question, &EntryKey::of(&entry)),
            recipient,
            entry,
            ours: owned
                .filter(|owned| !owned.is_restored)
                .map(|owned| known.ours(owned)),
            put_back_by: owned
                .filter(|owned| owned.is_restored)
                .map(|owned| owned.run.clone()),
            in_force_by: owned
                .zip(list_sync_minutes)
                .map(|(owned, minutes)| pipeline::in_force_by(UNIX_EPOCH + since(owned.since_ms), minutes)),
        };
        let mut pairs = Vec::new();
        let mut seen = BTreeSet::new();
        for pair in standing.pairs {
            let key = stored(&pair.key());
            pairs.push(told(pair.recipient, pair.sender, owned.get(&key)));
            seen.insert(key);
        }
        owned.retain(|pair, _| !seen.contains(pair));
        let under_way = under_way.get(&place).cloned().unwrap_or_default();
        // Nobody knows what was not read, and a run that is under way may have taken it.
        let gone = if standing.unread.is_some() || !under_way.is_empty() {
            Vec::new()
        } else {
            // What was never seen there may never have come, and what was put back for somebody else is not ours to miss.
            let gone = owned
                .values()
                .filter(|owned| !owned.is_unproven && !owned.is_restored);
            gone.map(|owned| WhyPair {
                in_force_by: None,
                ..told(
                    owned.pair.recipient.clone(),
                    spelled(&owned.pair.sender),
                    Some(owned),
                )
            })
            .collect()
        };
        WhyList {
            appliance: standing.appliance,
            list: standing.list,
            unread: standing.unread,
            mailboxes: 0,
            list_sync_minutes,
            under_way,
            pairs,
            gone,
        }
    }
}

/// What the store knows: pairs by appliance and list, and the runs that the caller may see.
#[derive(Debug, Default)]
struct Known {
    owned: BTreeMap<(String, String), BTreeMap<StoredPair, Owned>>,
    runs: BTreeMap<String, StoredRun>,
}

impl Known {
    fn ours(&self, owned: &Owned) -> Ours {
        let run = self.runs.get(&owned.run);
        Ours {
            run: owned.run.clone(),
            since: humantime::format_rfc3339_seconds(UNIX_EPOCH + since(owned.since_ms)).to_string(),
            configuration: run.map(|run| run.configuration.clone()),
            client: run.map(|run| run.client.clone()),
            ticket: run.and_then(|run| run.ticket.clone()),
            reason: run.and_then(|run| run.reason.clone()),
            claimed_by: owned.claimed_by.clone(),
            unproven: owned.is_unproven,
        }
    }
}

fn since(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn covers(question: &Question, entry: &EntryKey) -> Covering {
    if entry == question.sender.key() {
        Covering::Itself
    } else {
        Covering::Domain
    }
}

fn asked(value: &str, question: &Question) -> Asked {
    let entries = question.covering();
    Asked {
        value: value.to_owned(),
        entries: entries
            .iter()
            .map(|entry| CoveringEntry {
                covers: covers(question, entry),
                entry: if entry == question.sender.key() {
                    question.sender.as_str().to_owned()
                } else {
                    spelled(entry.as_str())
                },
            })
            .collect(),
        recipient: question
            .recipient
            .as_ref()
            .map(|recipient| recipient.as_str().to_owned()),
    }
}

/// As it would be listed; what could not be is left as it is.
fn spelled(folded: &str) -> String {
    Sender::parse_untyped(folded).map_or_else(|_| folded.to_owned(), |sender| sender.as_str().to_owned())
}
