//! Who did what: rows that are only ever added, in the transaction of what they tell of, in the order of the commits.
//! A row is put down last in its transaction: it takes the row of the counter, for which others wait until the commit,
//! and whoever waits for nothing after that stops nobody. Refuses to know what is secret; nothing that is, comes here.

use super::conditions::{Conditions, Value, number, text};
use super::nouns::{Author, NewRun};
use super::sql::Sql;
use super::work::Work;
use super::{Store, StoreError};
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Which rows of the audit are wanted. Whatever is none says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Written at this time or later.
    pub from_ms: Option<i64>,
    /// Written before this time.
    pub to_ms: Option<i64>,
    /// What this client did.
    pub client: Option<String>,
    /// Of this run.
    pub run: Option<String>,
    /// Of this kind.
    pub event: Option<String>,
    /// Of any of these configurations.
    pub configurations: Option<Vec<String>>,
    /// On this appliance.
    pub appliance: Option<String>,
    /// The `next` of the page before, or the place of the last row that is known.
    pub after: Option<i64>,
    /// Most rows on the page; at least 1 is taken.
    pub limit: i64,
}

/// Rows of the audit, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// Those of this page.
    pub rows: Vec<AuditRow>,
    /// The `after` of the next page, where there is more now.
    pub next: Option<i64>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place: each row comes after those that were there when it was put down.
    pub ordinal: i64,
    /// When, by the database's clock, which may have jumped.
    pub at_ms: i64,
    /// `accepted`, `write`, `finished`, `run_done`, `cancel`, `undo`, `remove`, `hold`, `hold_ended`, `override`, `plan_kept`,
    /// `plan_applied`, `refused_rights`, `writes_stopped`, `writes_started` or `replayed`.
    pub event: String,
    /// Who did it, or asked for the run that did. None for a row of the first version that named nobody.
    pub client: Option<String>,
    /// The id of that call.
    pub request_id: Option<String>,
    /// The ticket of that call.
    pub ticket: Option<String>,
    /// The reason of that call.
    pub reason: Option<String>,
    /// The run's action.
    pub action: Option<String>,
    /// The run's configuration.
    pub configuration: Option<String>,
    /// Where it happened on one.
    pub appliance: Option<String>,
    /// Where it is about one.
    pub list: Option<String>,
    /// Where it is about one. Of an undo: the run that is taken back.
    pub run: Option<String>,
    /// What happened, in words.
    pub detail: String,
}

impl Store {
    /// Rows of the audit, oldest first. What is there after a page is read by its `next`, or later by the place of its
    /// last row: none is missed and none comes twice.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<AuditPage, StoreError> {
        let filter = filter.clone();
        self.inner.read(Page { filter }).await
    }

    /// Keeps that a call was refused because its client may not do that.
    ///
    /// # Errors
    /// Where it could not be kept.
    pub async fn audit_refusal(&self, author: Author, refused: RefusedRights) -> Result<(), StoreError> {
        self.inner.write(Refusal { author, refused }).await
    }
}

/// What a client asked for that it may not do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusedRights {
    /// In words.
    pub what: String,
    /// The run that it named.
    pub run: Option<String>,
    /// The configuration that it named.
    pub configuration: Option<String>,
    /// The appliance that it named.
    pub appliance: Option<String>,
}

/// What a row says beside what happened.
#[derive(Default)]
pub(super) struct Line {
    pub(super) author: Option<Author>,
    pub(super) action: Option<String>,
    pub(super) configuration: Option<String>,
    pub(super) appliance: Option<String>,
    pub(super) list: Option<String>,
    pub(super) run: Option<String>,
}

impl Line {
    /// About no run.
    pub(super) fn by(author: &Author) -> Self {
        Self {
            author: Some(author.clone()),
            ..Self::default()
        }
    }

    /// About a run that is just being accepted.
    pub(super) fn of_new(run: &NewRun) -> Self {
        Self {
            action: Some(run.action.clone()),
            configuration: Some(run.configuration.clone()),
            run: Some(run.id.clone()),
            ..Self::by(&run.author)
        }
    }

    /// About a run, by whoever asked for it.
    pub(super) async fn of_run(sql: &mut Sql<'_>, run: &str) -> Result<Self, StoreError> {
        let find = sqlx::query(
            "SELECT client, request_id, ticket, reason, action, configuration FROM runs WHERE id = $1",
        )
        .bind(run);
        let mut line = Self {
            run: Some(run.to_owned()),
            ..Self::default()
        };
        if let Some(row) = sql.optional(find).await? {
            line.author = Some(Author {
                client: row.try_get(0)?,
                request_id: row.try_get(1)?,
                ticket: row.try_get(2)?,
                reason: row.try_get(3)?,
            });
            line.action = row.try_get(4)?;
            line.configuration = row.try_get(5)?;
        }
        Ok(line)
    }

    /// About a run, by somebody else.
    pub(super) async fn of_run_by(sql: &mut Sql<'_>, run: &str, author: &Author) -> Result<Self, StoreError> {
        Ok(Self {
            author: Some(author.clone()),
            ..Self::of_run(sql, run).await?
        })
    }

    /// About one of the run's tasks.
    pub(super) async fn of_task(sql: &mut Sql<'_>, run: &str, place: i64) -> Result<Self, StoreError> {
        let find = sqlx::query("SELECT appliance, list FROM tasks WHERE run = $1 AND place = $2")
            .bind(run)
            .bind(place);
        let row = sql.one(find).await?;
        Ok(Self {
            appliance: row.try_get(0)?,
            list: row.try_get(1)?,
            ..Self::of_run(sql, run).await?
        })
    }

    /// Waits for all who have put a row down and not committed, as one who puts it down does. For whoever has to see what
    /// they did before it does anything itself; the row comes later in the same transaction.
    pub(super) async fn wait_for_turn(sql: &mut Sql<'_>) -> Result<(), StoreError> {
        let wait = sqlx::query("UPDATE counters SET value = value WHERE name = 'audit'");
        sql.execute(wait).await?;
        Ok(())
    }

    /// Puts the row down. Nothing that another transaction may hold is taken after this.
    pub(super) async fn write(
        &self,
        sql: &mut Sql<'_>,
        at_ms: i64,
        event: &'static str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let next = "UPDATE counters SET value = value + 1 WHERE name = 'audit' RETURNING value";
        let ordinal: i64 = sql.one(sqlx::query(next)).await?.try_get(0)?;
        let author = self.author.as_ref();
        let insert = sqlx::query(
            "INSERT INTO audit (id, ordinal, at_ms, event, detail, run, client, request_id, ticket, reason, action, \
             configuration, appliance, list) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(uuid::Uuid::now_v7().to_string())
        .bind(ordinal)
        .bind(at_ms)
        .bind(event)
        .bind(detail)
        .bind(self.run.as_deref().unwrap_or_default())
        .bind(author.map(|author| author.client.as_str()))
        .bind(author.map(|author| author.request_id.as_str()))
        .bind(author.and_then(|author| author.ticket.as_deref()))
        .bind(author.and_then(|author| author.reason.as_deref()))
        .bind(self.action.as_deref())
        // A removal is of none.
        .bind(self.configuration.as_deref().filter(|name| !name.is_empty()))
        .bind(self.appliance.as_deref())
        .bind(self.list.as_deref());
        sql.execute(insert).await?;
        Ok(())
    }
}

struct Refusal {
    author: Author,
    refused: RefusedRights,
}

#[async_trait]
impl Work for Refusal {
    type Answer = ();

    async fn run(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        let now_ms = sql.now_ms().await?;
        let refused = &self.refused;
        let mut line = match &refused.run {
            Some(run) => Line::of_run_by(sql, run, &self.author).await?,
            None => Line::by(&self.author),
        };
        line.configuration = line.configuration.or_else(|| refused.configuration.clone());
        line.appliance.clone_from(&refused.appliance);
        line.write(sql, now_ms, "refused_rights", &refused.what).await
    }
}

struct Page {
    filter: AuditFilter,
}

#[async_trait]
impl Work for Page {
    type Answer = AuditPage;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<AuditPage, StoreError> {
        let filter = &self.filter;
        let mut wanted = Conditions::none();
        // Without a place: put down by an older program at the same time.
        wanted.add("ordinal > ", Value::Number(filter.after.unwrap_or(0)), "");
        wanted.add_given([
            ("at_ms >= ", number(filter.from_ms), ""),
            ("at_ms < ", number(filter.to_ms), ""),
            ("client = ", text(&filter.client), ""),
            ("run = ", text(&filter.run), ""),
            ("event = ", text(&filter.event), ""),
            ("appliance = ", text(&filter.appliance), ""),
        ]);
        if let Some(configurations) = &filter.configurations {
            wanted.add_any_of("configuration", configurations);
        }
        let limit = filter.limit.max(1);
        let parameter = wanted.bind(Value::Number(limit.saturating_add(1)));
        let begin = "SELECT ordinal, at_ms, event, client, request_id, ticket, reason, action, configuration, \
                     appliance, list, run, detail FROM audit WHERE ";
        let order = format!(" ORDER BY ordinal LIMIT {parameter}");
        let mut rows = Vec::new();
        for found in &sql.all(wanted.query(begin, &order)).await? {
            rows.push(row(found)?);
        }
        let has_more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
        if has_more {
            rows.pop();
        }
        let next = rows.last().filter(|_| has_more).map(|last| last.ordinal);
        Ok(AuditPage { rows, next })
    }
}

fn row(row: &AnyRow) -> Result<AuditRow, StoreError> {
    let run: String = row.try_get(11)?;
    Ok(AuditRow {
        ordinal: row.try_get(0)?,
        at_ms: row.try_get(1)?,
        event: row.try_get(2)?,
        client: row.try_get(3)?,
        request_id: row.try_get(4)?,
        ticket: row.try_get(5)?,
        reason: row.try_get(6)?,
        action: row.try_get(7)?,
        configuration: row.try_get(8)?,
        appliance: row.try_get(9)?,
        list: row.try_get(10)?,
        run: (!run.is_empty()).then_some(run),
        detail: row.try_get(12)?,
    })
}
