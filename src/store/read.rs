//! Runs as they are kept, with their tasks. Next: `filter.rs` for pages of them.

use super::StoreError;
use super::nouns::{RunState, StoredRun, StoredTask, TaskState};
use super::sql::{Asked, ROWS_PER_STATEMENT, Sql, values};
use super::work::Work;
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

/// The columns that each row of a run begins with.
macro_rules! select_run {
    ($and:literal, $condition:literal) => {
        concat!(
            "SELECT id, client, action, configuration, request_id, cancel_reason, created_ms, done_ms, changed_pairs, ",
            "report_text, class, ticket, reason, undo_of",
            $and,
            " FROM runs WHERE ",
            $condition
        )
    };
}

/// All of a run; what may be large stands last.
const WHOLE: &str = select_run!(", document, report", "id = $1");

/// The run before, of which a sentence is told with each answer: without what may be large.
const PREVIOUS: &str = select_run!(
    "",
    "configuration = $1 AND client = $2 AND (ordinal, id) < (SELECT ordinal, id FROM runs WHERE id = $3) \
     ORDER BY ordinal DESC, id DESC LIMIT 1"
);

/// What may be large of a task.
const WITH_LARGE: &str = "result, progress";
/// Nothing in its place.
pub(super) const WITHOUT_LARGE: &str = "CAST(NULL AS TEXT), CAST(NULL AS TEXT)";

/// One run.
pub(super) struct OneRun {
    pub(super) id: String,
}

#[async_trait]
impl Work for OneRun {
    type Answer = Option<StoredRun>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<StoredRun>, StoreError> {
        let find = sqlx::query(WHOLE).bind(&self.id);
        let row = sql.optional(find).await?;
        whole(sql, row).await
    }
}

/// Whether it is done.
pub(super) struct State {
    pub(super) id: String,
}

#[async_trait]
impl Work for State {
    type Answer = Option<RunState>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<RunState>, StoreError> {
        let find = sqlx::query("SELECT done_ms FROM runs WHERE id = $1").bind(&self.id);
        let Some(row) = sql.optional(find).await? else {
            return Ok(None);
        };
        Ok(Some(match row.try_get::<Option<i64>, _>(0)? {
            None => RunState::Open,
            Some(_) => RunState::Done,
        }))
    }
}

/// The run before it.
pub(super) struct Previous {
    pub(super) configuration: String,
    pub(super) client: String,
    pub(super) before: String,
}

#[async_trait]
impl Work for Previous {
    type Answer = Option<StoredRun>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<StoredRun>, StoreError> {
        let find = sqlx::query(PREVIOUS)
            .bind(&self.configuration)
            .bind(&self.client)
            .bind(&self.before);
        let Some(row) = sql.optional(find).await? else {
            return Ok(None);
        };
        let now_ms = sql.now_ms().await?;
        let mut run = without_large(&row, now_ms)?;
        add_tasks(sql, std::slice::from_mut(&mut run), WITHOUT_LARGE).await?;
        Ok(Some(run))
    }
}

/// So many at once; the others are found the next time.
const WITHOUT_REPORT_MAX: i64 = 100;

/// Runs that nobody has made the answer of.
pub(super) struct WithoutReport;

#[async_trait]
impl Work for WithoutReport {
    type Answer = Vec<String>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Vec<String>, StoreError> {
        // The index has these very words.
        let find = sqlx::query(
            "SELECT id FROM runs WHERE done_ms IS NOT NULL AND class IS NULL ORDER BY id DESC LIMIT $1",
        )
        .bind(WITHOUT_REPORT_MAX);
        let mut runs = Vec::new();
        for row in sql.all(find).await? {
            runs.push(row.try_get(0)?);
        }
        Ok(runs)
    }
}

async fn whole(sql: &mut Sql<'_>, row: Option<AnyRow>) -> Result<Option<StoredRun>, StoreError> {
    let Some(row) = row else {
        return Ok(None);
    };
    let now_ms = sql.now_ms().await?;
    let mut run = without_large(&row, now_ms)?;
    run.document = row.try_get(14)?;
    run.report = row.try_get(15)?;
    add_tasks(sql, std::slice::from_mut(&mut run), WITH_LARGE).await?;
    Ok(Some(run))
}

/// A run from the columns that each of its rows begins with.
pub(super) fn without_large(row: &AnyRow, now_ms: i64) -> Result<StoredRun, StoreError> {
    let done_ms: Option<i64> = row.try_get(7)?;
    Ok(StoredRun {
        id: row.try_get(0)?,
        client: row.try_get(1)?,
        action: row.try_get(2)?,
        configuration: row.try_get(3)?,
        request_id: row.try_get(4)?,
        ticket: row.try_get(11)?,
        reason: row.try_get(12)?,
        undo_of: row.try_get(13)?,
        document: String::new(),
        state: if done_ms.is_some() {
            RunState::Done
        } else {
            RunState::Open
        },
        cancel_reason: row.try_get(5)?,
        created_ms: row.try_get(6)?,
        done_ms,
        changed_pairs: row.try_get(8)?,
        report: None,
        text: row.try_get(9)?,
        class: row.try_get(10)?,
        outcomes: Vec::new(),
        tasks: Vec::new(),
        now_ms,
    })
}

/// Adds tasks and outcomes to runs; without what may be large where there are many.
pub(super) async fn add_tasks(
    sql: &mut Sql<'_>,
    runs: &mut [StoredRun],
    large: &'static str,
) -> Result<(), StoreError> {
    for runs in runs.chunks_mut(ROWS_PER_STATEMENT) {
        let ids: Vec<String> = runs.iter().map(|run| run.id.clone()).collect();
        let these = values(1, ids.len(), 0);
        let tasks = format!(
            "SELECT run, place, appliance, list, state, attempt, started_ms, done_ms, {large} FROM tasks \
             WHERE run IN {these} ORDER BY run, place"
        );
        for row in sql.all(of_runs(tasks, &ids)).await? {
            let run: String = row.try_get(0)?;
            if let Some(run) = runs.iter_mut().find(|candidate| candidate.id == run) {
                run.tasks.push(task(&row)?);
            }
        }
        let outcomes = format!(
            "SELECT run, outcome, CAST(SUM(number) AS BIGINT) FROM outcomes WHERE run IN {these} \
             GROUP BY run, outcome ORDER BY run, outcome"
        );
        for row in sql.all(of_runs(outcomes, &ids)).await? {
            let run: String = row.try_get(0)?;
            if let Some(run) = runs.iter_mut().find(|candidate| candidate.id == run) {
                run.outcomes.push((row.try_get(1)?, row.try_get(2)?));
            }
        }
    }
    Ok(())
}

fn of_runs(text: String, ids: &[String]) -> Asked<'_> {
    let query = sqlx::query(AssertSqlSafe(text));
    ids.iter().fold(query, |query, id| query.bind(id))
}

fn task(row: &AnyRow) -> Result<StoredTask, StoreError> {
    let state: String = row.try_get(4)?;
    Ok(StoredTask {
        place: row.try_get(1)?,
        appliance: row.try_get(2)?,
        list: row.try_get(3)?,
        state: task_state(&state)?,
        attempt: row.try_get(5)?,
        started_ms: row.try_get(6)?,
        done_ms: row.try_get(7)?,
        result: row.try_get(8)?,
        progress: row.try_get(9)?,
    })
}

fn task_state(text: &str) -> Result<TaskState, StoreError> {
    match text {
        "queued" => Ok(TaskState::Queued),
        "running" => Ok(TaskState::Running),
        "done" => Ok(TaskState::Done),
        other => Err(StoreError::Broken(format!("a task is {other:?}"))),
    }
}
