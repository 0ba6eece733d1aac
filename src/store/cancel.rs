//! The wish that a run ends: kept with the run, seen by whoever works on it. What was never begun waits for no list any
//! more. Refuses to end anything itself.

use super::audit::Line;
use super::nouns::{Author, CancelState};
use super::sql::Sql;
use super::work::Work;
use super::{StoreError, claim};
use async_trait::async_trait;
use sqlx::Row as _;

/// The lane of tasks that have nothing left to do with a list. The name of no list has this form.
const LANE: &str = "cancelled";

/// Wants a run to end.
pub(super) struct Cancel {
    pub(super) run: String,
    pub(super) author: Author,
    pub(super) words: String,
}

#[async_trait]
impl Work for Cancel {
    type Answer = CancelState;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<CancelState, StoreError> {
        let now_ms = sql.now_ms().await?;
        let want = sqlx::query(
            "UPDATE runs SET cancel_reason = COALESCE(cancel_reason, $2) WHERE id = $1 AND done_ms IS NULL",
        )
        .bind(&self.run)
        .bind(&self.words);
        if sql.execute(want).await? == 0 {
            let known = sqlx::query("SELECT id FROM runs WHERE id = $1").bind(&self.run);
            let is_known = sql.optional(known).await?.is_some();
            return Ok(if is_known {
                CancelState::Done
            } else {
                CancelState::NotFound
            });
        }
        self.let_unbegun_out(sql).await?;
        let line = Line::of_run_by(sql, &self.run, &self.author).await?;
        line.write(sql, now_ms, "cancel", &self.words).await?;
        Ok(CancelState::Wanted)
    }
}

impl Cancel {
    /// A task that was never taken has sent nothing, and can end without its lanes, whoever holds them.
    async fn let_unbegun_out(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        // The update holds the rows, so that nobody begins one meanwhile.
        let unbegun = sqlx::query(
            "UPDATE tasks SET attempt = 0 WHERE run = $1 AND state = 'queued' AND attempt = 0 RETURNING place",
        )
        .bind(&self.run);
        for row in sql.all(unbegun).await? {
            let place: i64 = row.try_get(0)?;
            let leave = sqlx::query("DELETE FROM waiting WHERE run = $1 AND place = $2 RETURNING ordinal")
                .bind(&self.run)
                .bind(place);
            let Some(left) = sql.all(leave).await?.into_iter().next() else {
                continue;
            };
            claim::wait_in(sql, LANE, left.try_get(0)?, &self.run, place, 1).await?;
        }
        Ok(())
    }
}

/// Reads the reason.
pub(super) struct Reason {
    pub(super) run: String,
}

#[async_trait]
impl Work for Reason {
    type Answer = Option<String>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<String>, StoreError> {
        let find = sqlx::query("SELECT cancel_reason FROM runs WHERE id = $1").bind(&self.run);
        match sql.optional(find).await? {
            Some(row) => Ok(row.try_get(0)?),
            None => Ok(None),
        }
    }
}
