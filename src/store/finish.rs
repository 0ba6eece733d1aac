//! The end of a task, all of it or nothing of it: lanes, changed and owned pairs (`owned.rs`), outcomes, holds, audit, and
//! the run when it was its last task. And the answer of a run, which is kept once.

use super::StoreError;
use super::audit::Line;
use super::held::Held;
use super::holds::{self, NewHold, StoredHold};
use super::nouns::{Author, TaskEnd};
use super::sql::{ROWS_PER_STATEMENT, Sql, values};
use super::work::Work;
use crate::model::counted;
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Row as _};

/// Ends a task.
pub(super) struct Finish {
    pub(super) held: Held,
    pub(super) end: TaskEnd,
}

#[async_trait]
impl Work for Finish {
    type Answer = bool;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<bool, StoreError> {
        let now_ms = sql.now_ms().await?;
        self.held.let_go(sql).await?;
        self.end_task(sql, now_ms).await?;
        self.keep_changes(sql).await?;
        self.keep_outcomes(sql).await?;
        self.keep_owned(sql, now_ms).await?;
        let (tasks_open, changed_pairs) = self.end_run(sql, now_ms).await?;
        let held = self.put_holds_down(sql, now_ms).await?;
        let mut line = Line::of_task(sql, &self.held.run, self.held.place).await?;
        line.write(sql, now_ms, "finished", &self.words()).await?;
        if !held.is_empty() {
            line.write(sql, now_ms, "hold", &holds::words(&held)).await?;
        }
        let is_done = tasks_open == 0;
        if is_done {
            (line.appliance, line.list) = (None, None);
            let detail = format!("{} changed", counted(changed_pairs, "pair"));
            line.write(sql, now_ms, "run_done", &detail).await?;
        }
        Ok(is_done)
    }
}

impl Finish {
    async fn end_task(&self, sql: &mut Sql<'_>, now_ms: i64) -> Result<(), StoreError> {
        let end = sqlx::query(
            "UPDATE tasks SET state = 'done', result = $3, done_ms = $4 \
             WHERE run = $1 AND place = $2 AND state <> 'done'",
        )
        .bind(&self.held.run)
        .bind(self.held.place)
        .bind(&self.end.result)
        .bind(now_ms);
        if sql.execute(end).await? != 1 {
            return Err(StoreError::Fenced);
        }
        for text in [
            "DELETE FROM waiting WHERE run = $1 AND place = $2",
            "DELETE FROM journal WHERE run = $1 AND place = $2",
        ] {
            let delete = sqlx::query(text).bind(&self.held.run).bind(self.held.place);
            sql.execute(delete).await?;
        }
        Ok(())
    }

    async fn keep_changes(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        for changes in self.end.changed.chunks(ROWS_PER_STATEMENT) {
            let text = format!(
                "INSERT INTO changed_pairs (run, place, recipient, sender, change, sole) VALUES {}",
                values(changes.len(), 2, 4)
            );
            let mut insert = sqlx::query(AssertSqlSafe(text))
                .bind(&self.held.run)
                .bind(self.held.place);
            for change in changes {
                insert = insert
                    .bind(&change.pair.recipient)
                    .bind(&change.pair.sender)
                    .bind(change.change)
                    .bind(i64::from(change.sole));
            }
            sql.execute(insert).await?;
        }
        Ok(())
    }

    async fn keep_outcomes(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        for (outcome, number) in &self.end.outcomes {
            let insert =
                sqlx::query("INSERT INTO outcomes (run, place, outcome, number) VALUES ($1, $2, $3, $4)")
                    .bind(&self.held.run)
                    .bind(self.held.place)
                    .bind(outcome)
                    .bind(*number);
            sql.execute(insert).await?;
        }
        Ok(())
    }

    /// How many of the run's tasks are left, and how many pairs it changed so far.
    async fn end_run(&self, sql: &mut Sql<'_>, now_ms: i64) -> Result<(i64, i64), StoreError> {
        let changed = self.end.changed.iter();
        let changed = changed.filter(|change| change.is_proven()).count();
        let update = sqlx::query(
            "UPDATE runs SET tasks_open = tasks_open - 1, changed_pairs = changed_pairs + $2, \
             done_ms = CASE WHEN tasks_open = 1 THEN $3 ELSE done_ms END WHERE id = $1 \
             RETURNING tasks_open, changed_pairs",
        )
        .bind(&self.held.run)
        .bind(i64::try_from(changed).unwrap_or(i64::MAX))
        .bind(now_ms);
        let row = sql.one(update).await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// On behalf of whoever asked for the run. Of a pair that several appliances had, the first one that ends does it.
    async fn put_holds_down(&self, sql: &mut Sql<'_>, now_ms: i64) -> Result<Vec<StoredHold>, StoreError> {
        if self.end.holds.is_empty() {
            return Ok(Vec::new());
        }
        let find = sqlx::query(
            "SELECT client, request_id, ticket, reason FROM runs r WHERE id = $1 \
             AND NOT EXISTS (SELECT 1 FROM runs u WHERE u.undo_of = r.id)",
        )
        .bind(&self.held.run);
        let Some(row) = sql.optional(find).await? else {
            // It is taken back itself, and what it took out is wanted again.
            return Ok(Vec::new());
        };
        let author = Author {
            client: row.try_get(0)?,
            request_id: row.try_get(1)?,
            ticket: row.try_get(2)?,
            reason: row.try_get(3)?,
        };
        let mut known = holds::of_run(sql, &self.held.run).await?;
        let is_new = |hold: &&NewHold| known.insert(hold.entries());
        let holds: Vec<NewHold> = self.end.holds.iter().filter(is_new).cloned().collect();
        holds::put_down(sql, &holds, &author, Some(&self.held.run), now_ms).await
    }

    /// How often each outcome occurred, and what the task says of itself.
    fn words(&self) -> String {
        let outcomes = self.end.outcomes.iter();
        let outcomes: Vec<String> = outcomes
            .map(|(outcome, number)| format!("{outcome} {number}"))
            .collect();
        let parts = [outcomes.join(", "), self.end.audit.clone()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("; ")
    }
}

/// Keeps the answer of a run.
pub(super) struct KeepReport {
    pub(super) run: String,
    pub(super) report: String,
    pub(super) text: String,
    pub(super) class: String,
}

#[async_trait]
impl Work for KeepReport {
    type Answer = ();

    async fn run(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        let keep = sqlx::query(
            "UPDATE runs SET report = $2, report_text = $3, class = $4 WHERE id = $1 AND report IS NULL",
        )
        .bind(&self.run)
        .bind(&self.report)
        .bind(&self.text)
        .bind(&self.class);
        sql.execute(keep).await?;
        Ok(())
    }
}
