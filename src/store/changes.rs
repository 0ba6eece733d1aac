//! What a run changed, and who takes it back.

use super::StoreError;
use super::nouns::{ADDED, REMOVED, StoredChange, StoredPair, TaskChanges, UNPROVEN_ADDED, UNPROVEN_REMOVED};
use super::sql::Sql;
use super::work::Work;
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Every pair that a run changed, by task.
pub(super) struct ChangesOf {
    pub(super) run: String,
}

#[async_trait]
impl Work for ChangesOf {
    type Answer = Vec<TaskChanges>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Vec<TaskChanges>, StoreError> {
        let find = sqlx::query("SELECT place, appliance, list FROM tasks WHERE run = $1 ORDER BY place")
            .bind(&self.run);
        let mut tasks = Vec::new();
        for row in sql.all(find).await? {
            let place: i64 = row.try_get(0)?;
            tasks.push(TaskChanges {
                place,
                appliance: row.try_get(1)?,
                list: row.try_get(2)?,
                changes: self.of_place(sql, place).await?,
            });
        }
        Ok(tasks)
    }
}

impl ChangesOf {
    async fn of_place(&self, sql: &mut Sql<'_>, place: i64) -> Result<Vec<StoredChange>, StoreError> {
        let find = sqlx::query(
            "SELECT recipient, sender, change, sole FROM changed_pairs WHERE run = $1 AND place = $2",
        )
        .bind(&self.run)
        .bind(place);
        let mut changes = Vec::new();
        for row in &sql.all(find).await? {
            changes.push(of_row(row)?);
        }
        // Bytes decide, not the database's collation.
        changes.sort_unstable_by(|one, other| (&one.pair, one.change).cmp(&(&other.pair, other.change)));
        Ok(changes)
    }
}

fn of_row(row: &AnyRow) -> Result<StoredChange, StoreError> {
    let change: String = row.try_get(2)?;
    let known = [ADDED, REMOVED, UNPROVEN_ADDED, UNPROVEN_REMOVED]
        .into_iter()
        .find(|known| *known == change);
    Ok(StoredChange {
        pair: StoredPair {
            recipient: row.try_get(0)?,
            sender: row.try_get(1)?,
        },
        change: known.ok_or_else(|| StoreError::Broken(format!("a pair is {change:?}")))?,
        sole: row.try_get::<i64, _>(3)? != 0,
    })
}

/// The runs that take a run back.
pub(super) struct UndoneBy {
    pub(super) run: String,
}

#[async_trait]
impl Work for UndoneBy {
    type Answer = Vec<String>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Vec<String>, StoreError> {
        let find = sqlx::query("SELECT id FROM runs WHERE undo_of = $1 ORDER BY ordinal, id").bind(&self.run);
        let mut runs = Vec::new();
        for row in sql.all(find).await? {
            runs.push(row.try_get(0)?);
        }
        Ok(runs)
    }
}
