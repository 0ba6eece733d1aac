//! Makes an accepted call durable: idempotency key, run, tasks, their places in the queues of their lanes, audit. What is
//! stopped (`switch.rs`) is not accepted.
//! Refuses to judge fingerprints; whoever asked does. Next: `claim.rs` takes what waits here.

use super::audit::Line;
use super::holds;
use super::nouns::{Accepted, IdempotentRun, NewKey, NewRun, NewTask};
use super::sql::Sql;
use super::switch::refuse_stopped;
use super::work::Work;
use super::{StoreError, claim, plans};
use crate::model::counted;
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
            let detail = if known.fingerprint == key.fingerprint {
                "the same call again"
            } else {
                "another call under the same idempotency key"
            };
            let mut line = Line::of_new(run);
            line.run = Some(known.run.clone());
            line.write(sql, now_ms, "replayed", detail).await?;
            return Ok(Accepted::Known(known));
        }
        let planned_by = match &run.plan {
            Some(plan) => Some(plans::take(sql, plan, run, now_ms).await?),
            None => None,
        };
        let ordinal = insert_run(sql, run, now_ms).await?;
        for (place, task) in (0..).zip(&run.tasks) {
            insert_task(sql, &run.id, ordinal, place, task).await?;
        }
        let ended = match &run.end_holds_of {
            Some(undo) => {
                lock_run(sql, undo).await?;
                holds::end_of_run(sql, undo, &run.author, now_ms).await?
            }
            None => 0,
        };
        self.tell(sql, now_ms, ended, planned_by).await?;
        refuse_stopped(sql, run.writes).await?;
        Ok(Accepted::New)
    }
}

impl Accept {
    /// A row for each thing that comes with the run.
    async fn tell(
        &self,
        sql: &mut Sql<'_>,
        now_ms: i64,
        ended: u64,
        planned_by: Option<String>,
    ) -> Result<(), StoreError> {
        let run = &self.run;
        let line = Line::of_new(run);
        line.write(sql, now_ms, "accepted", &run.audit).await?;
        if run.is_remove {
            line.write(sql, now_ms, "remove", &run.audit).await?;
        }
        if let Some(overridden) = &run.overridden {
            line.write(sql, now_ms, "override", overridden).await?;
        }
        if let (Some(plan), Some(client)) = (&run.plan, planned_by) {
            let detail = format!("plan {plan} of {client}");
            line.write(sql, now_ms, "plan_applied", &detail).await?;
        }
        if let Some(undone) = &run.undo_of {
            let line = Line::of_run_by(sql, undone, &run.author).await?;
            line.write(sql, now_ms, "undo", &format!("by run {}", run.id))
                .await?;
        }
        if ended > 0
            && let Some(undo) = &run.end_holds_of
        {
            let detail = format!("{} of run {undo}", counted(ended, "hold"));
            line.write(sql, now_ms, "hold_ended", &detail).await?;
        }
        Ok(())
    }
}

/// Whoever ends a task of that run has put its holds down before, or sees that it is taken back.
async fn lock_run(sql: &mut Sql<'_>, run: &str) -> Result<(), StoreError> {
    let lock = sqlx::query("UPDATE runs SET undo_of = undo_of WHERE id = $1").bind(run);
    sql.execute(lock).await?;
    Ok(())
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
    .bind(&run.author.client)
    .bind(&key.key)
    .bind(now_ms);
    sql.execute(over).await?;
    let taken = sqlx::query(
        "INSERT INTO idempotency (client, idempotency_key, fingerprint, run, created_ms, expires_ms) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(&run.author.client)
    .bind(&key.key)
    .bind(&key.fingerprint)
    .bind(&run.id)
    .bind(now_ms)
    .bind(now_ms.saturating_add(claim::milliseconds(run.keep_key_for)));
    if sql.execute(taken).await? == 1 {
        return Ok(None);
    }
    let known = find_key(sql, &run.author.client, &key.key, now_ms).await?;
    // It was there a moment ago: another server has cleaned it up meanwhile.
    let gone = || StoreError::Unreachable("the idempotency key ran out at this moment; try again".to_owned());
    known.map(Some).ok_or_else(gone)
}

async fn insert_run(sql: &mut Sql<'_>, run: &NewRun, now_ms: i64) -> Result<i64, StoreError> {
    let insert = sqlx::query(
        "INSERT INTO runs (id, ordinal, client, action, configuration, request_id, document, tasks_open, \
         changed_pairs, created_ms, ticket, reason, undo_of) \
         SELECT $1, COALESCE(MAX(ordinal), 0) + 1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11 FROM runs \
         RETURNING ordinal",
    )
    .bind(&run.id)
    .bind(&run.author.client)
    .bind(&run.action)
    .bind(&run.configuration)
    .bind(&run.author.request_id)
    .bind(&run.document)
    .bind(i64::try_from(run.tasks.len()).unwrap_or(i64::MAX))
    .bind(now_ms)
    .bind(run.author.ticket.as_deref())
    .bind(run.author.reason.as_deref())
    .bind(run.undo_of.as_deref());
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
