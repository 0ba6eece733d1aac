//! Finding holds: a page of all, and those under which pairs may be, whatever their number.

use super::{HoldFilter, HoldPage, StoredHold};
use crate::store::StoreError;
use crate::store::conditions::{Conditions, Value, text};
use crate::store::sql::{ROWS_PER_STATEMENT, Sql};
use crate::store::work::Work;
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::BTreeSet;

const COLUMNS: &str = "SELECT id, list, recipient, sender, by_client, reason, run, created_ms, until_ms, ended_ms, \
                       ended_by FROM holds WHERE ";

/// One page.
pub(in crate::store) struct Page {
    pub(in crate::store) filter: HoldFilter,
}

#[async_trait]
impl Work for Page {
    type Answer = HoldPage;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<HoldPage, StoreError> {
        let now_ms = sql.now_ms().await?;
        let limit = self.filter.limit.max(1);
        let mut wanted = Conditions::none();
        wanted.add_given([("id < ", text(&self.filter.before), "")]);
        if self.filter.only_active {
            wanted.add("ended_ms IS NULL AND until_ms > ", Value::Number(now_ms), "");
        }
        let parameter = wanted.bind(Value::Number(limit.saturating_add(1)));
        let order = format!(" ORDER BY id DESC LIMIT {parameter}");
        let mut holds = Vec::new();
        for row in &sql.all(wanted.query(COLUMNS, &order)).await? {
            holds.push(of_row(row)?);
        }
        let has_more = i64::try_from(holds.len()).unwrap_or(i64::MAX) > limit;
        if has_more {
            holds.pop();
        }
        let next = holds.last().filter(|_| has_more).map(|last| last.id.clone());
        Ok(HoldPage { holds, next, now_ms })
    }
}

/// Those under which a pair of these entries may be.
pub(in crate::store) struct For {
    pub(in crate::store) list: String,
    pub(in crate::store) recipients: BTreeSet<String>,
    pub(in crate::store) senders: BTreeSet<String>,
    /// Those that name a sender, for whichever mailbox.
    pub(in crate::store) is_any_recipient: bool,
}

#[async_trait]
impl Work for For {
    type Answer = Vec<StoredHold>;

    /// Each hold names a sender, or else a recipient, and is looked up by that.
    async fn run(&self, sql: &mut Sql<'_>) -> Result<Vec<StoredHold>, StoreError> {
        let now_ms = sql.now_ms().await?;
        let of_senders = self.by(sql, now_ms, "sender", &self.senders).await?;
        let mut holds: Vec<StoredHold> = of_senders
            .into_iter()
            .filter(|hold| {
                let is_of = |entry: &String| self.is_any_recipient || self.recipients.contains(entry);
                hold.recipient.as_ref().is_none_or(is_of)
            })
            .collect();
        holds.extend(
            self.by(sql, now_ms, "sender IS NULL AND recipient", &self.recipients)
                .await?,
        );
        holds.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        Ok(holds)
    }
}

impl For {
    async fn by(
        &self,
        sql: &mut Sql<'_>,
        now_ms: i64,
        column: &'static str,
        entries: &BTreeSet<String>,
    ) -> Result<Vec<StoredHold>, StoreError> {
        let entries: Vec<String> = entries.iter().cloned().collect();
        let mut holds = Vec::new();
        for entries in entries.chunks(ROWS_PER_STATEMENT) {
            let mut wanted = Conditions::none();
            wanted.add("ended_ms IS NULL AND until_ms > ", Value::Number(now_ms), "");
            wanted.add("(list IS NULL OR list = ", Value::Text(self.list.clone()), ")");
            wanted.add_any_of(column, entries);
            for row in &sql.all(wanted.query(COLUMNS, "")).await? {
                holds.push(of_row(row)?);
            }
        }
        Ok(holds)
    }
}

fn of_row(row: &AnyRow) -> Result<StoredHold, StoreError> {
    Ok(StoredHold {
        id: row.try_get(0)?,
        list: row.try_get(1)?,
        recipient: row.try_get(2)?,
        sender: row.try_get(3)?,
        by_client: row.try_get(4)?,
        reason: row.try_get(5)?,
        run: row.try_get(6)?,
        created_ms: row.try_get(7)?,
        until_ms: row.try_get(8)?,
        ended_ms: row.try_get(9)?,
        ended_by: row.try_get(10)?,
    })
}
