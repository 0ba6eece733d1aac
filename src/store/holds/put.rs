//! Putting holds down, with the end of the task that wants them or by hand, and ending them, with what the audit says of either.

use super::{Entries, NewHold, StoredHold};
use crate::store::StoreError;
use crate::store::audit::Line;
use crate::store::claim::milliseconds;
use crate::store::nouns::Author;
use crate::store::sql::{ROWS_PER_STATEMENT, Sql, values};
use crate::store::work::Work;
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::HashSet;
use std::time::{Duration, UNIX_EPOCH};

/// Puts holds down, for a run or without one.
pub(in crate::store) async fn put_down(
    sql: &mut Sql<'_>,
    holds: &[NewHold],
    author: &Author,
    run: Option<&str>,
    now_ms: i64,
) -> Result<Vec<StoredHold>, StoreError> {
    if holds
        .iter()
        .any(|hold| hold.recipient.is_none() && hold.sender.is_none())
    {
        let words = "a hold without recipient and sender would hold everything";
        return Err(StoreError::Broken(words.to_owned()));
    }
    let stored = |hold: &NewHold| StoredHold {
        id: uuid::Uuid::now_v7().to_string(),
        list: hold.list.clone(),
        recipient: hold.recipient.clone(),
        sender: hold.sender.clone(),
        by_client: author.client.clone(),
        reason: author.reason.clone(),
        run: run.map(str::to_owned),
        created_ms: now_ms,
        until_ms: now_ms.saturating_add(milliseconds(hold.hold_for)),
        ended_ms: None,
        ended_by: None,
    };
    let holds: Vec<StoredHold> = holds.iter().map(stored).collect();
    for holds in holds.chunks(ROWS_PER_STATEMENT) {
        let text = format!(
            "INSERT INTO holds (by_client, reason, run, created_ms, id, list, recipient, sender, until_ms) VALUES {}",
            values(holds.len(), 4, 5)
        );
        let mut insert = sqlx::query(AssertSqlSafe(text))
            .bind(&author.client)
            .bind(author.reason.as_deref())
            .bind(run)
            .bind(now_ms);
        for hold in holds {
            insert = insert
                .bind(&hold.id)
                .bind(hold.list.as_deref())
                .bind(hold.recipient.as_deref())
                .bind(hold.sender.as_deref())
                .bind(hold.until_ms);
        }
        sql.execute(insert).await?;
    }
    Ok(holds)
}

/// What a run put on hold so far, ended by now or not.
pub(in crate::store) async fn of_run(sql: &mut Sql<'_>, run: &str) -> Result<HashSet<Entries>, StoreError> {
    let find = sqlx::query("SELECT list, recipient, sender FROM holds WHERE run = $1").bind(run);
    let mut known = HashSet::new();
    for row in &sql.all(find).await? {
        known.insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    }
    Ok(known)
}

/// Ends what a run put on hold, and tells how many that were.
pub(in crate::store) async fn end_of_run(
    sql: &mut Sql<'_>,
    run: &str,
    author: &Author,
    now_ms: i64,
) -> Result<u64, StoreError> {
    let end = sqlx::query(
        "UPDATE holds SET ended_ms = $2, ended_by = $3 WHERE run = $1 AND ended_ms IS NULL AND until_ms > $2",
    )
    .bind(run)
    .bind(now_ms)
    .bind(&author.client);
    sql.execute(end).await
}

/// What the audit says of holds that were put down together.
pub(in crate::store) fn words(holds: &[StoredHold]) -> String {
    let until = holds.iter().map(|hold| hold.until_ms).max();
    let until = until
        .and_then(|until_ms| u64::try_from(until_ms).ok())
        .and_then(|until_ms| {
            let time = UNIX_EPOCH.checked_add(Duration::from_millis(until_ms))?;
            // Far beyond any calendar: for good.
            (until_ms < YEAR_10000_MS).then(|| format!(" until {}", humantime::format_rfc3339_seconds(time)))
        });
    let until = until.unwrap_or_default();
    match holds {
        [hold] => format!(
            "{}{until}",
            entries(hold.recipient.as_deref(), hold.sender.as_deref())
        ),
        _ => format!("{} holds{until}", holds.len()),
    }
}

/// The first time that has no form with four digits.
const YEAR_10000_MS: u64 = 253_402_300_800_000;

fn entries(recipient: Option<&str>, sender: Option<&str>) -> String {
    let any_or = |entry: Option<&str>| entry.unwrap_or("any").to_owned();
    format!("recipient {}, sender {}", any_or(recipient), any_or(sender))
}

/// Puts one down by hand.
pub(in crate::store) struct Add {
    pub(in crate::store) hold: NewHold,
    pub(in crate::store) author: Author,
}

#[async_trait]
impl Work for Add {
    type Answer = StoredHold;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<StoredHold, StoreError> {
        let now_ms = sql.now_ms().await?;
        let holds = std::slice::from_ref(&self.hold);
        let mut put = put_down(sql, holds, &self.author, None, now_ms).await?;
        let line = Line {
            list: self.hold.list.clone(),
            ..Line::by(&self.author)
        };
        line.write(sql, now_ms, "hold", &words(&put)).await?;
        put.pop()
            .ok_or_else(|| StoreError::Broken("a hold was put down and is none".to_owned()))
    }
}

/// Ends one by hand.
pub(in crate::store) struct End {
    pub(in crate::store) id: String,
    pub(in crate::store) author: Author,
}

#[async_trait]
impl Work for End {
    type Answer = bool;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<bool, StoreError> {
        let now_ms = sql.now_ms().await?;
        let end = sqlx::query(
            "UPDATE holds SET ended_ms = $2, ended_by = $3 WHERE id = $1 AND ended_ms IS NULL AND until_ms > $2 \
             RETURNING list, run, recipient, sender",
        )
        .bind(&self.id)
        .bind(now_ms)
        .bind(&self.author.client);
        let Some(ended) = sql.optional(end).await? else {
            return Ok(false);
        };
        let run: Option<String> = ended.try_get(1)?;
        let mut line = match &run {
            Some(run) => Line::of_run_by(sql, run, &self.author).await?,
            None => Line::by(&self.author),
        };
        line.list = ended.try_get(0)?;
        let (recipient, sender): (Option<String>, Option<String>) = (ended.try_get(2)?, ended.try_get(3)?);
        let detail = entries(recipient.as_deref(), sender.as_deref());
        line.write(sql, now_ms, "hold_ended", &detail).await?;
        Ok(true)
    }
}
