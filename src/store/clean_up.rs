//! Retention: what ended long enough ago goes, with all that belongs to it; what is owned stays, and the audit goes by its
//! own age. In batches, each a transaction of its
//! own, so that a call never waits for more than one of them.

use super::StoreError;
use super::claim::milliseconds;
use super::sql::{Sql, values};
use super::work::Work;
use super::writer::Hands;
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Row as _};
use std::time::Duration;

/// How long things are kept after their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Runs that changed nothing, and plans that are over.
    pub unchanged: Duration,
    /// Runs that changed something, and holds.
    pub changed: Duration,
    /// Rows of the audit, by their own age.
    pub audit: Duration,
}

/// How many were removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CleanedUp {
    /// Runs that changed nothing.
    pub unchanged: i64,
    /// Runs that changed something.
    pub changed: i64,
    /// Idempotency keys.
    pub keys: i64,
    /// Holds.
    pub holds: i64,
    /// Plans.
    pub plans: i64,
    /// Rows of the audit.
    pub audit: i64,
}

/// Runs, keys, holds, plans or rows that one transaction removes.
const BATCH: i64 = 100;

/// Where rows of a run are; the run itself comes last, so that what a crash leaves is found again.
const OF_RUNS: [(&str, &str); 7] = [
    ("changed_pairs", "run"),
    ("outcomes", "run"),
    ("journal", "run"),
    ("waiting", "run"),
    ("tasks", "run"),
    ("idempotency", "run"),
    ("runs", "id"),
];

/// Removes all that is over.
pub(super) async fn clean_up(hands: &Hands, keep: &Retention) -> Result<CleanedUp, StoreError> {
    let unchanged = Ended {
        which: "changed_pairs = 0",
        keep: keep.unchanged,
    };
    let changed = Ended {
        which: "changed_pairs > 0",
        keep: keep.changed,
    };
    Ok(CleanedUp {
        unchanged: until_nothing_is_left(hands, unchanged).await?,
        changed: until_nothing_is_left(hands, changed).await?,
        keys: until_nothing_is_left(hands, KEYS.older_than(Duration::ZERO)).await?,
        holds: until_nothing_is_left(hands, HOLDS.older_than(keep.changed)).await?,
        plans: until_nothing_is_left(hands, PLANS.older_than(keep.unchanged)).await?,
        audit: until_nothing_is_left(hands, AUDIT.older_than(keep.audit)).await?,
    })
}

async fn until_nothing_is_left<W>(hands: &Hands, work: W) -> Result<i64, StoreError>
where
    W: Work<Answer = i64> + Clone,
{
    let mut removed = 0;
    loop {
        let batch = hands.write(work.clone()).await?;
        removed += batch;
        if batch < BATCH {
            return Ok(removed);
        }
    }
}

#[derive(Clone)]
struct Ended {
    which: &'static str,
    keep: Duration,
}

#[async_trait]
impl Work for Ended {
    type Answer = i64;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<i64, StoreError> {
        let before_ms = sql.now_ms().await?.saturating_sub(milliseconds(self.keep));
        let text = format!(
            "SELECT id FROM runs WHERE done_ms < $1 AND {} ORDER BY done_ms LIMIT $2",
            self.which
        );
        let ended = sqlx::query(AssertSqlSafe(text)).bind(before_ms).bind(BATCH);
        let mut runs: Vec<String> = Vec::new();
        for row in sql.all(ended).await? {
            runs.push(row.try_get(0)?);
        }
        if runs.is_empty() {
            return Ok(0);
        }
        let mut removed = 0;
        for (table, column) in OF_RUNS {
            let text = format!(
                "DELETE FROM {table} WHERE {column} IN {}",
                values(1, runs.len(), 0)
            );
            let delete = runs
                .iter()
                .fold(sqlx::query(AssertSqlSafe(text)), |delete, run| delete.bind(run));
            removed = sql.execute(delete).await?;
        }
        Ok(i64::try_from(removed).unwrap_or(i64::MAX))
    }
}

/// Rows of one table that are over.
#[derive(Clone)]
struct Rows {
    delete: &'static str,
    keep: Duration,
}

const KEYS: Rows = Rows::by(
    "DELETE FROM idempotency WHERE (client, idempotency_key) IN \
     (SELECT client, idempotency_key FROM idempotency WHERE expires_ms <= $1 LIMIT $2)",
);
/// A hold that was ended before its time is over since then.
const HOLDS: Rows = Rows::by(
    "DELETE FROM holds WHERE id IN (SELECT id FROM holds WHERE until_ms <= $1 OR ended_ms <= $1 LIMIT $2)",
);
/// A plan has changed nothing; what its run did is kept with that.
const PLANS: Rows = Rows::by(
    "DELETE FROM plans WHERE id IN (SELECT id FROM plans WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2)",
);
const AUDIT: Rows = Rows::by(
    "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at_ms <= $1 ORDER BY at_ms LIMIT $2)",
);

impl Rows {
    const fn by(delete: &'static str) -> Self {
        let keep = Duration::ZERO;
        Self { delete, keep }
    }

    fn older_than(self, keep: Duration) -> Self {
        Self { keep, ..self }
    }
}

#[async_trait]
impl Work for Rows {
    type Answer = i64;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<i64, StoreError> {
        let before_ms = sql.now_ms().await?.saturating_sub(milliseconds(self.keep));
        let delete = sqlx::query(self.delete).bind(before_ms).bind(BATCH);
        Ok(i64::try_from(sql.execute(delete).await?).unwrap_or(i64::MAX))
    }
}
