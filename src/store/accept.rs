//! Makes an accepted call durable: idempotency key, run, tasks, their places in the queues of their lanes, audit.
//! Refuses to compare fingerprints; whoever asked does. Next: `claim.rs` takes what waits here.

use super::nouns::{Accepted, IdempotentRun, NewKey, NewRun, NewTask};
use super::sql::Sql;
use super::work::Work;
use super::{StoreError, claim};
use async_trait::async_trait;
use sqlx::Row as _;

/// Accepts a run.
pub(super) struct Accept {
    pub(super) run: NewRun,
}

#[async_trait]
impl Work for Accept {
    type Answer = Accepted;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Accepted, StoreError> {
        let run = &self.run;
        if run.tasks.is_empty() || run.tasks.iter().any(|task| task.lanes.is_empty()) {
            return Err(StoreError::Broken(
                "a run without tasks, or a task without lanes, would never end".to_owned(),
            ));
        }
        let now_ms = sql.now_ms().await?;
        if let Some(key) = &run.idempotency
            && let Some(known) = take_key(sql, run, key, now_ms).await?
        {
            return Ok(Accepted::Known(known));
        }
        let ordinal = insert_run(sql, run, now_ms).await?;
        for (place, task) in (0..).zip(&run.tasks) {
            insert_task(sql, &run.id, ordinal, place, task).await?;
        }
        sql.audit(&run.id, now_ms, "accepted", &run.audit).await?;
        Ok(Accepted::New)
    }
}

/// Takes the key for this run, or tells whose it is.
async fn take_key(
    sql: &mut Sql<'_>,
    run: &NewRun,
    key: &NewKey,
    now_ms: i64,
) -> Result<Option<IdempotentRun>, StoreError> {
    let over = sqlx::query(
        "DELETE FROM idempotency WHERE client = $1 AND idempotency_key = $2 AND expires_ms <= $3",
    )
    .bind(&run.client)
    .bind(&key.key)
    .bind(now_ms);
    sql.execute(over).await?;
    let taken = sqlx::query(
        "INSERT INTO idempotency (client, idempotency_key, fingerprint, run, created_ms, expires_ms) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(&run.client)
    .bind(&key.key)
    .bind(&key.fingerprint)
    .bind(&run.id)
    .bind(now_ms)
    .bind(now_ms.saturating_add(claim::milliseconds(run.keep_key_for)));
    if sql.execute(taken).await? == 1 {
        return Ok(None);
    }
    let known = find_key(sql, &run.client, &key.key, now_ms).await?;
    // It was there a moment ago: another server has cleaned it up meanwhile.
    let gone = || StoreError::Unreachable("the idempotency key ran out at this moment; try again".to_owned());
    known.map(Some).ok_or_else(gone)
}

async fn insert_run(sql: &mut Sql<'_>, run: &NewRun, now_ms: i64) -> Result<i64, StoreError> {
    let insert = sqlx::query(
        "INSERT INTO runs (id, ordinal, client, action, configuration, request_id, document, tasks_open, \
         changed_pairs, created_ms) \
         SELECT $1, COALESCE(MAX(ordinal), 0) + 1, $2, $3, $4, $5, $6, $7, 0, $8 FROM runs RETURNING ordinal",
    )
    .bind(&run.id)
    .bind(&run.client)
    .bind(&run.action)
    .bind(&run.configuration)
    .bind(&run.request_id)
    .bind(&run.document)
    .bind(i64::try_from(run.tasks.len()).unwrap_or(i64::MAX))
    .bind(now_ms);
    Ok(sql.one(insert).await?.try_get(0)?)
}

async fn insert_task(
    sql: &mut Sql<'_>,
    run: &str,
    ordinal: i64,
    place: i64,
    task: &NewTask,
) -> Result<(), StoreError> {
    let insert = sqlx::query(
        "INSERT INTO tasks (run, place, appliance, list, state, attempt) VALUES ($1, $2, $3, $4, 'queued', 0)",
    )
    .bind(run)
    .bind(place)
    .bind(&task.appliance)
    .bind(&task.list);
    sql.execute(insert).await?;
    let lanes = claim::in_order(&task.lanes);
    for lane in &lanes {
        claim::wait_in(sql, lane, ordinal, run, place, lanes.len()).await?;
    }
    Ok(())
}

/// Looks a key up.
pub(super) struct Known {
    pub(super) client: String,
    pub(super) key: String,
}

#[async_trait]
impl Work for Known {
    type Answer = Option<IdempotentRun>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<IdempotentRun>, StoreError> {
        let now_ms = sql.now_ms().await?;
        find_key(sql, &self.client, &self.key, now_ms).await
    }
}

async fn find_key(
    sql: &mut Sql<'_>,
    client: &str,
    key: &str,
    now_ms: i64,
) -> Result<Option<IdempotentRun>, StoreError> {
    let find = sqlx::query(
        "SELECT run, fingerprint, created_ms FROM idempotency \
         WHERE client = $1 AND idempotency_key = $2 AND expires_ms > $3",
    )
    .bind(client)
    .bind(key)
    .bind(now_ms);
    let Some(row) = sql.optional(find).await? else {
        return Ok(None);
    };
    Ok(Some(IdempotentRun {
        run: row.try_get(0)?,
        fingerprint: row.try_get(1)?,
        age_ms: now_ms - row.try_get::<i64, _>(2)?,
    }))
}
