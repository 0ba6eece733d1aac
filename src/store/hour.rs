//! What was changed on a list within the last hour, by the database's clock: for caps that hold for all runs together.
//! Refuses to know the caps.

use super::nouns::{ADDED, REMOVED, UNPROVEN_ADDED, UNPROVEN_REMOVED};
use super::sql::Sql;
use super::work::Work;
use super::{Store, StoreError};
use async_trait::async_trait;
use sqlx::Row as _;

const HOUR_MS: i64 = 3_600_000;

/// Each task that ended within the hour, and its pairs; `tasks_by_list` finds them, and the key of `changed_pairs` counts.
/// What takes a run back has no cap and uses none; no more does what goes by no configuration, as the removal of one
/// entry that is ours. An end that lies more than an hour ahead is of a clock that has jumped back since, and tells
/// nothing.
const USED: &str = "\
    SELECT t.run, t.done_ms, COUNT(*) FROM tasks t \
      JOIN runs r ON r.id = t.run JOIN changed_pairs c ON c.run = t.run AND c.place = t.place \
    WHERE t.appliance = $1 AND t.list = $2 AND t.done_ms > $3 AND t.done_ms <= $4 \
      AND r.undo_of IS NULL AND r.configuration <> '' AND c.change IN ($5, $6) \
    GROUP BY t.run, t.place, t.done_ms ORDER BY t.done_ms, t.run";

/// What a run used of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedByRun {
    /// Its id.
    pub run: String,
    /// What it changed, or may have.
    pub pairs: i64,
    /// When that is more than an hour ago.
    pub back_in_ms: i64,
}

impl Store {
    /// What runs of configurations added to that list of that appliance within the last hour, or removed from it, in the
    /// order in which it is over.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn used_within_the_hour(
        &self,
        appliance: &str,
        list: &str,
        is_addition: bool,
    ) -> Result<Vec<UsedByRun>, StoreError> {
        let [appliance, list] = [appliance, list].map(str::to_owned);
        let changes = if is_addition {
            [ADDED, UNPROVEN_ADDED]
        } else {
            [REMOVED, UNPROVEN_REMOVED]
        };
        let work = Used {
            appliance,
            list,
            changes,
        };
        self.inner.read(work).await
    }
}

struct Used {
    appliance: String,
    list: String,
    changes: [&'static str; 2],
}

#[async_trait]
impl Work for Used {
    type Answer = Vec<UsedByRun>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Vec<UsedByRun>, StoreError> {
        let now_ms = sql.now_ms().await?;
        let find = sqlx::query(USED)
            .bind(&self.appliance)
            .bind(&self.list)
            .bind(now_ms - HOUR_MS)
            .bind(now_ms + HOUR_MS)
            .bind(self.changes[0])
            .bind(self.changes[1]);
        let mut used = Vec::new();
        for row in sql.all(find).await? {
            let done_ms: i64 = row.try_get(1)?;
            used.push(UsedByRun {
                run: row.try_get(0)?,
                pairs: row.try_get(2)?,
                back_in_ms: done_ms + HOUR_MS - now_ms,
            });
        }
        Ok(used)
    }
}
