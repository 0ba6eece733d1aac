//! Who is next, and the taking of its lanes. A task can be taken when it is first in each of its lanes and none of
//! them is leased, so tasks of one lane follow each other, and a long one holds up nobody else.
//!
//! Several servers may choose the same task at once. Each lane is taken by an update that says again what must hold,
//! in the order of the lanes' names, and whoever loses begins anew. Next: `held.rs` for what comes with a claim.

use super::StoreError;
use super::nouns::{Claim, StoredPair};
use super::sql::Sql;
use super::work::Work;
use async_trait::async_trait;
use sqlx::Row as _;
use std::time::Duration;

/// The first of each free lane, and of these the oldest that is first in all of its lanes. The four looks at the head of
/// a lane are answered by the key of `waiting`; as one join, either database would read the whole queue.
const NEXT: &str = "\
    SELECT run, place FROM (SELECT \
      (SELECT h.ordinal FROM waiting h WHERE h.lane = l.name ORDER BY h.ordinal, h.run, h.place LIMIT 1) AS ordinal, \
      (SELECT h.run FROM waiting h WHERE h.lane = l.name ORDER BY h.ordinal, h.run, h.place LIMIT 1) AS run, \
      (SELECT h.place FROM waiting h WHERE h.lane = l.name ORDER BY h.ordinal, h.run, h.place LIMIT 1) AS place, \
      (SELECT h.lanes_wanted FROM waiting h WHERE h.lane = l.name ORDER BY h.ordinal, h.run, h.place LIMIT 1) AS lanes_wanted \
      FROM lanes l WHERE l.owner IS NULL OR l.lease_ms <= $1) heads \
    WHERE run IS NOT NULL GROUP BY ordinal, run, place, lanes_wanted HAVING COUNT(*) = lanes_wanted \
    ORDER BY ordinal, run, place LIMIT 1";

/// Takes a lane, and remembers from whom.
const TAKE_LANE: &str = "\
    UPDATE lanes SET owner_before = owner, owner = $1, epoch = epoch + 1, lease_ms = $2 \
    WHERE name = $3 AND (owner IS NULL OR lease_ms <= $4) RETURNING epoch, owner_before";

/// The lanes are taken in the order of their names everywhere, so that two servers never wait for each other.
pub(super) fn in_order(lanes: &[String]) -> Vec<&str> {
    let mut lanes: Vec<&str> = lanes.iter().map(String::as_str).collect();
    lanes.sort_unstable();
    lanes.dedup();
    lanes
}

/// Puts a task into the queue of one of the lanes that it wants.
pub(super) async fn wait_in(
    sql: &mut Sql<'_>,
    lane: &str,
    ordinal: i64,
    run: &str,
    place: i64,
    lanes_wanted: usize,
) -> Result<(), StoreError> {
    // An existing lane is not touched: accepting must not wait for whoever works there.
    let known =
        sqlx::query("INSERT INTO lanes (name, epoch, lease_ms) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING")
            .bind(lane);
    sql.execute(known).await?;
    let wait = sqlx::query(
        "INSERT INTO waiting (lane, ordinal, run, place, lanes_wanted) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(lane)
    .bind(ordinal)
    .bind(run)
    .bind(place)
    .bind(i64::try_from(lanes_wanted).unwrap_or(i64::MAX));
    sql.execute(wait).await?;
    Ok(())
}

/// As the database keeps it.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Takes the next task.
pub(super) struct Take {
    pub(super) owner: String,
    pub(super) lease: Duration,
}

#[async_trait]
impl Work for Take {
    type Answer = Option<Claim>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<Claim>, StoreError> {
        let now_ms = sql.now_ms().await?;
        let Some(row) = sql.optional(sqlx::query(NEXT).bind(now_ms)).await? else {
            return Ok(None);
        };
        let (run, place): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let lanes = self.take_lanes(sql, &run, place, now_ms).await?;
        let row = start(sql, &run, place, now_ms).await?;
        let journal = journal(sql, &run, place).await?;
        let of_run =
            sqlx::query("SELECT document, cancel_reason, created_ms FROM runs WHERE id = $1").bind(&run);
        let of_run = sql.one(of_run).await?;
        Ok(Some(Claim {
            place,
            appliance: row.try_get(0)?,
            list: row.try_get(1)?,
            attempt: row.try_get(2)?,
            is_after_expiry: lanes.iter().any(|lane| lane.is_after_expiry),
            epochs: lanes.iter().map(|lane| lane.epoch).collect(),
            lanes: lanes.into_iter().map(|lane| lane.name).collect(),
            owner: self.owner.clone(),
            age_ms: now_ms - of_run.try_get::<i64, _>(2)?,
            document: of_run.try_get(0)?,
            cancel_reason: of_run.try_get(1)?,
            journal,
            run,
        }))
    }
}

struct Lane {
    name: String,
    epoch: i64,
    is_after_expiry: bool,
}

impl Take {
    async fn take_lanes(
        &self,
        sql: &mut Sql<'_>,
        run: &str,
        place: i64,
        now_ms: i64,
    ) -> Result<Vec<Lane>, StoreError> {
        let wanted = sqlx::query("SELECT lane FROM waiting WHERE run = $1 AND place = $2 ORDER BY lane")
            .bind(run)
            .bind(place);
        let mut names = Vec::new();
        for row in sql.all(wanted).await? {
            names.push(row.try_get::<String, _>(0)?);
        }
        // Bytes decide, not the database's collation: `in_order` sorts alike.
        names.sort_unstable();
        if names.is_empty() {
            return Err(StoreError::Fenced);
        }
        let mut lanes = Vec::new();
        for name in names {
            let take = sqlx::query(TAKE_LANE)
                .bind(&self.owner)
                .bind(now_ms.saturating_add(milliseconds(self.lease)))
                .bind(&name)
                .bind(now_ms);
            let row = sql.optional(take).await?.ok_or(StoreError::Fenced)?;
            lanes.push(Lane {
                name,
                epoch: row.try_get(0)?,
                is_after_expiry: row.try_get::<Option<String>, _>(1)?.is_some(),
            });
        }
        Ok(lanes)
    }
}

/// Somebody may have finished the task between our choice and our taking of its lanes.
async fn start(
    sql: &mut Sql<'_>,
    run: &str,
    place: i64,
    now_ms: i64,
) -> Result<sqlx::any::AnyRow, StoreError> {
    let start = sqlx::query(
        "UPDATE tasks SET state = 'running', attempt = attempt + 1, started_ms = COALESCE(started_ms, $3) \
         WHERE run = $1 AND place = $2 AND state <> 'done' RETURNING appliance, list, attempt",
    )
    .bind(run)
    .bind(place)
    .bind(now_ms);
    sql.optional(start).await?.ok_or(StoreError::Fenced)
}

async fn journal(sql: &mut Sql<'_>, run: &str, place: i64) -> Result<Vec<StoredPair>, StoreError> {
    let pairs = sqlx::query(
        "SELECT recipient, sender FROM journal WHERE run = $1 AND place = $2 ORDER BY recipient, sender",
    )
    .bind(run)
    .bind(place);
    let mut journal = Vec::new();
    for row in sql.all(pairs).await? {
        journal.push(StoredPair {
            recipient: row.try_get(0)?,
            sender: row.try_get(1)?,
        });
    }
    Ok(journal)
}
