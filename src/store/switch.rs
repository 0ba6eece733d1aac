//! The switch that stops writes: who threw it, when and why, until somebody starts them again. Whoever accepts a run or
//! keeps pairs that are about to be sent looks at it in that very transaction, after the row of the audit was put down:
//! all who put one down wait for each other, so that what was stopped before is seen, and what is kept was kept before
//! the stop. Whoever stops or starts waits for its turn first. Refuses to know what an addition is; whoever asks says in which direction it writes.

use super::audit::Line;
use super::nouns::{Author, Claim, StoredPair};
use super::sql::Sql;
use super::work::Work;
use super::{Store, StoreError, held};
use async_trait::async_trait;
use sqlx::Row as _;

/// The row of the wider switch; its name comes after that of the other one.
const EVERYTHING: &str = "everything";
const ADDITIONS: &str = "additions";

/// In which direction something writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Something is to stand afterwards that does not yet.
    Adding,
    /// Something is to be gone.
    Removing,
}

/// What is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What adds.
    Additions,
    /// What removes as well.
    Everything,
}

/// What is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// All that was stopped.
    All,
    /// What removes; what adds stays stopped.
    Removals,
}

/// That writes are stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// What is.
    pub scope: Scope,
    /// Since when.
    pub since_ms: i64,
    /// By whom.
    pub by_client: String,
    /// Why.
    pub reason: String,
}

impl Stopped {
    /// Does it stop what writes in this direction?
    #[must_use]
    pub fn stops(&self, direction: Direction) -> bool {
        self.scope == Scope::Everything || direction == Direction::Adding
    }
}

/// What became of the switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// What was stopped until now.
    pub before: Option<Stopped>,
    /// What is stopped from now on.
    pub now: Option<Stopped>,
}

impl Store {
    /// What is stopped, if anything; of two, the wider.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn writes_stopped(&self) -> Result<Option<Stopped>, StoreError> {
        self.inner.read(Look).await
    }

    /// Stops writes. What is stopped already stays so, since then and by whoever did it; nothing is started by it.
    ///
    /// # Errors
    /// Nothing was stopped then; after `Unreachable` it may have been all the same.
    pub async fn stop_writes(&self, scope: Scope, author: &Author) -> Result<Switched, StoreError> {
        let author = author.clone();
        self.inner.write(Stop { scope, author }).await
    }

    /// Starts them again.
    ///
    /// # Errors
    /// They are stopped as before then; after `Unreachable` they may not be.
    pub async fn start_writes(&self, restart: Restart, author: &Author) -> Result<Switched, StoreError> {
        let author = author.clone();
        self.inner.write(Start { restart, author }).await
    }

    /// The same as [`Store::journal`] for what writes in a direction that can be stopped.
    ///
    /// # Errors
    /// None of the pairs may be sent then. `Stopped` where it is.
    pub async fn journal_unless_stopped(
        &self,
        claim: &Claim,
        pairs: &[StoredPair],
        direction: Direction,
    ) -> Result<usize, StoreError> {
        let (held, pairs) = (claim.into(), pairs.to_vec());
        let direction = Some(direction);
        let work = held::Journal {
            held,
            pairs,
            direction,
        };
        self.inner.write(work).await
    }
}

/// Refuses what is stopped. The transaction has put its row of the audit down before.
pub(super) async fn refuse_stopped(
    sql: &mut Sql<'_>,
    direction: Option<Direction>,
) -> Result<(), StoreError> {
    let Some(direction) = direction else {
        return Ok(());
    };
    match current(sql).await? {
        Some(stopped) if stopped.stops(direction) => Err(StoreError::Stopped(stopped)),
        _ => Ok(()),
    }
}

async fn current(sql: &mut Sql<'_>) -> Result<Option<Stopped>, StoreError> {
    let find =
        sqlx::query("SELECT name, stopped_ms, by_client, reason FROM switches ORDER BY name DESC LIMIT 1");
    let Some(row) = sql.optional(find).await? else {
        return Ok(None);
    };
    let name: String = row.try_get(0)?;
    Ok(Some(Stopped {
        scope: match name.as_str() {
            ADDITIONS => Scope::Additions,
            // Of a switch that nobody knows, the most is believed.
            _ => Scope::Everything,
        },
        since_ms: row.try_get(1)?,
        by_client: row.try_get(2)?,
        reason: row.try_get(3)?,
    }))
}

struct Look;

#[async_trait]
impl Work for Look {
    type Answer = Option<Stopped>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<Stopped>, StoreError> {
        current(sql).await
    }
}

struct Stop {
    scope: Scope,
    author: Author,
}

#[async_trait]
impl Work for Stop {
    type Answer = Switched;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Switched, StoreError> {
        Line::wait_for_turn(sql).await?;
        let now_ms = sql.now_ms().await?;
        let before = current(sql).await?;
        let name = match self.scope {
            Scope::Additions => ADDITIONS,
            Scope::Everything => EVERYTHING,
        };
        // Where everything is stopped, so is what adds, since then and by whoever did that.
        let is_new = before
            .as_ref()
            .is_none_or(|before| before.scope == Scope::Additions && self.scope == Scope::Everything);
        if is_new {
            let stop = sqlx::query(
                "INSERT INTO switches (name, stopped_ms, by_client, reason) VALUES ($1, $2, $3, $4)",
            )
            .bind(name)
            .bind(now_ms)
            .bind(&self.author.client)
            .bind(self.author.reason.as_deref().unwrap_or_default());
            sql.execute(stop).await?;
        }
        let now = current(sql).await?;
        let detail = if is_new {
            name.to_owned()
        } else {
            format!("{name}, which were stopped already")
        };
        let line = Line::by(&self.author);
        line.write(sql, now_ms, "writes_stopped", &detail).await?;
        Ok(Switched { before, now })
    }
}

struct Start {
    restart: Restart,
    author: Author,
}

#[async_trait]
impl Work for Start {
    type Answer = Switched;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Switched, StoreError> {
        Line::wait_for_turn(sql).await?;
        let now_ms = sql.now_ms().await?;
        let before = current(sql).await?;
        let what = match self.restart {
            Restart::All => {
                sql.execute(sqlx::query("DELETE FROM switches")).await?;
                "everything"
            }
            Restart::Removals => {
                // What adds is stopped since the same moment, where nobody stopped it by itself.
                let narrow = sqlx::query(
                    "INSERT INTO switches (name, stopped_ms, by_client, reason) \
                     SELECT $1, stopped_ms, by_client, reason FROM switches WHERE name = $2 \
                     ON CONFLICT DO NOTHING",
                )
                .bind(ADDITIONS)
                .bind(EVERYTHING);
                sql.execute(narrow).await?;
                let delete = sqlx::query("DELETE FROM switches WHERE name = $1").bind(EVERYTHING);
                sql.execute(delete).await?;
                "removals"
            }
        };
        let now = current(sql).await?;
        let detail = match &before {
            None => format!("{what}, though nothing was stopped"),
            Some(_) => what.to_owned(),
        };
        let line = Line::by(&self.author);
        line.write(sql, now_ms, "writes_started", &detail).await?;
        Ok(Switched { before, now })
    }
}
