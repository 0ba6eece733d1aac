//! What comes with a claim while its task is under way: renewal, journal, progress, and giving it back. Each begins
//! with the fence, which holds the lanes' rows until the commit, so that nobody takes them in between. Next:
//! `finish.rs` for the end.

use super::StoreError;
use super::audit::Line;
use super::claim::milliseconds;
use super::nouns::{Claim, StoredPair};
use super::sql::{ROWS_PER_STATEMENT, Sql, values};
use super::switch::{Direction, refuse_stopped};
use super::work::Work;
use crate::model::counted;
use async_trait::async_trait;
use sqlx::AssertSqlSafe;
use std::time::Duration;

/// What a claim gives the right to.
pub(super) struct Held {
    pub(super) run: String,
    pub(super) place: i64,
    owner: String,
    lanes: Vec<(String, i64)>,
}

impl From<&Claim> for Held {
    fn from(claim: &Claim) -> Self {
        let lanes = claim.lanes.iter().cloned().zip(claim.epochs.iter().copied());
        let mut lanes: Vec<_> = lanes.collect();
        lanes.sort_unstable();
        Self {
            run: claim.run.clone(),
            place: claim.place,
            owner: claim.owner.clone(),
            lanes,
        }
    }
}

impl Held {
    /// Are all lanes still ours? Nothing may follow where this fails.
    pub(super) async fn fence(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        self.on_each_lane(
            sql,
            "UPDATE lanes SET epoch = epoch WHERE name = $1 AND owner = $2 AND epoch = $3",
            None,
        )
        .await
    }

    /// Lets the lanes go; refused like the fence.
    pub(super) async fn let_go(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        self.on_each_lane(
            sql,
            "UPDATE lanes SET owner = NULL, lease_ms = 0 WHERE name = $1 AND owner = $2 AND epoch = $3",
            None,
        )
        .await
    }

    async fn on_each_lane(
        &self,
        sql: &mut Sql<'_>,
        update: &'static str,
        lease_ms: Option<i64>,
    ) -> Result<(), StoreError> {
        for (name, epoch) in &self.lanes {
            let mut query = sqlx::query(update).bind(name).bind(&self.owner).bind(*epoch);
            if let Some(lease_ms) = lease_ms {
                query = query.bind(lease_ms);
            }
            if sql.execute(query).await? != 1 {
                return Err(StoreError::Fenced);
            }
        }
        Ok(())
    }
}

/// Prolongs the lease.
pub(super) struct Renew {
    pub(super) held: Held,
    pub(super) lease: Duration,
}

#[async_trait]
impl Work for Renew {
    type Answer = ();

    async fn run(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        let lease_ms = sql.now_ms().await?.saturating_add(milliseconds(self.lease));
        let renew = "UPDATE lanes SET lease_ms = $4 WHERE name = $1 AND owner = $2 AND epoch = $3";
        self.held.on_each_lane(sql, renew, Some(lease_ms)).await
    }
}

/// Keeps pairs that are about to be sent.
pub(super) struct Journal {
    pub(super) held: Held,
    pub(super) pairs: Vec<StoredPair>,
    /// Where they may be stopped.
    pub(super) direction: Option<Direction>,
}

#[async_trait]
impl Work for Journal {
    type Answer = usize;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<usize, StoreError> {
        let now_ms = sql.now_ms().await?;
        self.held.fence(sql).await?;
        let mut new = 0;
        if self.pairs.is_empty() {
            return Ok(0);
        }
        for pairs in self.pairs.chunks(ROWS_PER_STATEMENT) {
            let text = format!(
                "INSERT INTO journal (run, place, recipient, sender) VALUES {} ON CONFLICT DO NOTHING",
                values(pairs.len(), 2, 2)
            );
            let mut insert = sqlx::query(AssertSqlSafe(text))
                .bind(&self.held.run)
                .bind(self.held.place);
            for pair in pairs {
                insert = insert.bind(&pair.recipient).bind(&pair.sender);
            }
            new += sql.execute(insert).await?;
        }
        let line = Line::of_task(sql, &self.held.run, self.held.place).await?;
        let detail = counted(self.pairs.len(), "pair");
        line.write(sql, now_ms, "write", &detail).await?;
        refuse_stopped(sql, self.direction).await?;
        Ok(usize::try_from(new).unwrap_or(usize::MAX))
    }
}

/// Keeps how far the task is.
pub(super) struct Progress {
    pub(super) held: Held,
    pub(super) document: String,
}

#[async_trait]
impl Work for Progress {
    type Answer = ();

    async fn run(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        self.held.fence(sql).await?;
        let update = sqlx::query("UPDATE tasks SET progress = $3 WHERE run = $1 AND place = $2")
            .bind(&self.held.run)
            .bind(self.held.place)
            .bind(&self.document);
        sql.execute(update).await?;
        Ok(())
    }
}

/// Gives the task back.
pub(super) struct Release {
    pub(super) held: Held,
}

#[async_trait]
impl Work for Release {
    type Answer = ();

    async fn run(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        self.held.let_go(sql).await?;
        let update = sqlx::query("UPDATE tasks SET state = 'queued' WHERE run = $1 AND place = $2")
            .bind(&self.held.run)
            .bind(self.held.place);
        sql.execute(update).await?;
        Ok(())
    }
}
