//! One list of one appliance, looked at: read to its end, sorted and judged (`lists/arrange.rs`), and joined with what the
//! store knows of who put it there. The list is read first and the store afterwards, so that what a run put there and
//! ended with in between is told as ours. Each page is a reading of its own. Refuses to know who may see which appliance.

mod arrange;

use super::Engine;
use super::kept::stored;
use super::onlooker::Onlooker;
use crate::app::App;
use crate::model::{ListKind, View};
use crate::pipeline;
use crate::reconcile::Unread;
use crate::report::{ListOurs, ListPage, ListPair, ListRow, ListVerdict};
use crate::store::{Owned, Store, StoreError, StoredPair};
use arrange::{Arranged, Listed, Search, counts, page, rows};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What of a list is wanted.
#[derive(Debug, Clone)]
pub struct ListQuestion {
    /// The appliance's name, as in the configuration.
    pub appliance: String,
    /// Which list.
    pub list: ListKind,
    /// The side that rows are keyed by.
    pub view: View,
    /// Pairs of which either side holds this.
    pub search: Option<String>,
    /// Pairs that are ours, or that are not.
    pub is_ours: Option<bool>,
    /// Pairs whose sender has this verdict of the guard.
    pub verdict: Option<ListVerdict>,
    /// Rows behind this folded key.
    pub after: Option<String>,
    /// So many rows.
    pub limit: usize,
}

/// Why there is no page of a list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The list is not known.
    #[error(transparent)]
    Unread(#[from] Unread),
    /// Whose the pairs are is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

impl Engine {
    /// Reads a list, and makes a page of it.
    ///
    /// # Errors
    /// The list cannot be read whole, the store cannot be asked, or the server is stopping.
    pub async fn list_page(&self, question: ListQuestion) -> Result<ListPage, ListError> {
        let look = look(Arc::clone(&self.app), self.store.clone(), question);
        let mut looking = self.app.runs.spawn(look);
        tokio::select! {
            looked = &mut looking => looked.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())),
            // It writes nothing, so that nothing is lost with it.
            () = self.stopped() => {
                looking.abort();
                Err(ListError::Stopping)
            }
        }
    }
}

async fn look(app: Arc<App>, store: Store, question: ListQuestion) -> Result<ListPage, ListError> {
    let (list, view) = (question.list, question.view);
    let keeper = Onlooker {
        store: store.clone(),
        ends_holds_of: None,
    };
    let whole = pipeline::read_whole(&app, &question.appliance, list, view, &keeper).await?;
    let read_at = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let guard = app.guard();
    // A long list takes a while, in which others are to be answered.
    let arranging = tokio::task::spawn_blocking(move || Arranged::new(whole.pairs, list, view, &guard));
    let mut arranged = arranging
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    let listed = std::mem::take(&mut arranged.listed);
    let mut matching = of_guard_and_search(listed, &arranged, &question);
    if let Some(is_ours) = question.is_ours {
        let ours = ours(&store, &question, &matching).await?;
        matching.retain(|one| ours.contains_key(&stored(&one.key)) == is_ours);
    }
    let (taken, has_more) = page(&matching, view, question.after.as_deref(), question.limit);
    let ours = ours(&store, &question, taken).await?;
    let mut answer = ListPage {
        text: String::new(),
        list,
        view,
        read_at,
        total: arranged.total,
        matching: counts(&matching, view),
        senders_refused: arranged.count(ListVerdict::Refused),
        senders_not_judged: arranged.count(ListVerdict::NotJudged),
        rows: rows(taken, view)
            .map(|row| told(row, view, &arranged, &ours))
            .collect(),
        next: taken
            .last()
            .filter(|_| has_more)
            .map(|last| last.row(view).0.as_str().to_owned()),
        appliance: question.appliance,
        digest: arranged.digest,
    };
    answer.text = answer.sentence();
    Ok(answer)
}

fn of_guard_and_search(mut listed: Vec<Listed>, arranged: &Arranged, question: &ListQuestion) -> Vec<Listed> {
    if let Some(verdict) = question.verdict {
        let guarded = &arranged.guarded;
        listed.retain(|one| {
            guarded
                .get(&one.key.sender)
                .is_some_and(|guard| guard.verdict == verdict)
        });
    }
    if let Some(search) = question.search.as_deref().map(Search::of) {
        listed.retain(|one| search.finds(one));
    }
    listed
}

/// Which of these stand because of us. What an undo put back for somebody else does not.
async fn ours(
    store: &Store,
    question: &ListQuestion,
    listed: &[Listed],
) -> Result<BTreeMap<StoredPair, Owned>, StoreError> {
    let pairs: Vec<StoredPair> = listed.iter().map(|one| stored(&one.key)).collect();
    let owned = store
        .owned(&question.appliance, question.list.word(), &pairs)
        .await?;
    let ours = owned.into_iter().filter(|owned| !owned.is_restored);
    Ok(ours.map(|owned| (owned.pair.clone(), owned)).collect())
}

/// A row has a pair at least.
fn told(row: &[Listed], view: View, arranged: &Arranged, ours: &BTreeMap<StoredPair, Owned>) -> ListRow {
    let (key, entry) = row[0].row(view);
    let guard_of = |one: &Listed| arranged.guarded.get(&one.key.sender).cloned();
    let is_by_sender = view == View::Sender;
    ListRow {
        entry: entry.to_owned(),
        key: key.as_str().to_owned(),
        guard: guard_of(&row[0]).filter(|_| is_by_sender),
        pairs: row
            .iter()
            .map(|one| ListPair {
                entry: one.counterpart(view).1.to_owned(),
                guard: guard_of(one).filter(|_| !is_by_sender),
                ours: ours.get(&stored(&one.key)).map(put_there),
            })
            .collect(),
    }
}

fn put_there(owned: &Owned) -> ListOurs {
    let since = Duration::from_millis(u64::try_from(owned.since_ms).unwrap_or(0));
    ListOurs {
        run: owned.run.clone(),
        since: humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string(),
        claimed_by: owned.claimed_by.clone(),
        unproven: owned.is_unproven,
    }
}
