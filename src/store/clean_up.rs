//! Retention: what ended long enough ago goes, with all that belongs to it. In batches, each a transaction of its
//! own, so that a call never waits for more than one of them.

use super::StoreError;
use super::claim::milliseconds;
use super::nouns::{CleanedUp, Retention};
use super::sql::{Sql, values};
use super::work::Work;
use super::writer::Hands;
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Row as _};
use std::time::Duration;

/// Runs or keys that one transaction removes.
const BATCH: i64 = 100;

/// Where rows of a run are; the run itself comes last, so that what a crash leaves is found again.
const OF_RUNS: [(&str, &str); 8] = [
    ("changed_pairs", "run"),
    ("outcomes", "run"),
    ("journal", "run"),
    ("waiting", "run"),
    ("tasks", "run"),
    ("audit", "run"),
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
        keys: until_nothing_is_left(hands, Keys).await?,
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

#[derive(Clone)]
struct Keys;

#[async_trait]
impl Work for Keys {
    type Answer = i64;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<i64, StoreError> {
        let now_ms = sql.now_ms().await?;
        let delete = sqlx::query(
            "DELETE FROM idempotency WHERE (client, idempotency_key) IN \
             (SELECT client, idempotency_key FROM idempotency WHERE expires_ms <= $1 LIMIT $2)",
        )
        .bind(now_ms)
        .bind(BATCH);
        Ok(i64::try_from(sql.execute(delete).await?).unwrap_or(i64::MAX))
    }
}
