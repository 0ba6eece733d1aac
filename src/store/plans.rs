//! Plans: previews that are kept to be applied as they are, by one run and until a time. Whether a plan is free is asked
//! and answered in the transaction that accepts the run, so that of many who apply it one does. Refuses to know what a
//! plan is about: run, picture and report are texts.

use super::audit::Line;
use super::claim::milliseconds;
use super::conditions::{Conditions, Value, text};
use super::nouns::{Author, NewRun};
use super::sql::Sql;
use super::work::Work;
use super::{Store, StoreError};
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::time::Duration;

/// Plans of one client that may wait to be applied at the same time. Each can be some megabytes, and whoever previews in a
/// loop must not fill the disk.
pub const WAITING_PLANS_MAX: i64 = 100;

/// A preview that is about to be kept.
#[derive(Debug, Clone)]
pub struct NewPlan {
    /// A UUIDv7; plans are paged in its order.
    pub id: String,
    /// Who previewed, and why.
    pub author: Author,
    /// The action's name.
    pub action: String,
    /// The configuration's name.
    pub configuration: String,
    /// The run as it would be accepted.
    pub document: String,
    /// What it found.
    pub picture: String,
    /// The preview's answer.
    pub report: String,
    /// The answer's text.
    pub text: String,
    /// How long it may be applied.
    pub good_for: Duration,
    /// What the audit says.
    pub audit: String,
}

/// A plan as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlan {
    /// Its id.
    pub id: String,
    /// Who previewed.
    pub client: String,
    /// The ticket of the preview.
    pub ticket: Option<String>,
    /// The reason of the preview.
    pub reason: Option<String>,
    /// The action's name.
    pub action: String,
    /// The configuration's name.
    pub configuration: String,
    /// When it was kept.
    pub created_ms: i64,
    /// It cannot be applied from then on.
    pub expires_ms: i64,
    /// The run that applied it.
    pub run: Option<String>,
    /// Who applied it.
    pub applied_by: Option<String>,
    /// When.
    pub applied_ms: Option<i64>,
    /// The preview's first sentence.
    pub text: String,
    /// The preview's answer; empty on a page of plans.
    pub report: String,
    /// What it found; empty on a page of plans.
    pub picture: String,
    /// The run as it would be accepted; empty on a page of plans.
    pub document: String,
    /// The database's time when this was read.
    pub now_ms: i64,
}

impl StoredPlan {
    /// Can it not be applied any more, because its time is over?
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.expires_ms <= self.now_ms
    }
}

/// Which plans are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanFilter {
    /// Neither applied nor over.
    pub only_waiting: bool,
    /// Of any of these configurations.
    pub configurations: Option<Vec<String>>,
    /// The `next` of the page before.
    pub before: Option<String>,
    /// Most plans on the page; at least 1 is taken.
    pub limit: i64,
}

/// Plans, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPage {
    /// Those of this page.
    pub plans: Vec<StoredPlan>,
    /// The `before` of the next page, where there is one.
    pub next: Option<String>,
}

impl Store {
    /// Keeps a preview. None where so many of its client wait to be applied that this one is not kept.
    ///
    /// # Errors
    /// It was not kept then.
    pub async fn keep_plan(&self, plan: NewPlan) -> Result<Option<StoredPlan>, StoreError> {
        self.inner.write(Keep { plan }).await
    }

    /// A plan. None where there is none, or it was cleaned up.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn plan(&self, id: &str) -> Result<Option<StoredPlan>, StoreError> {
        let id = id.to_owned();
        self.inner.read(One { id }).await
    }

    /// Plans, newest first, without what may be large.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn plans(&self, filter: &PlanFilter) -> Result<PlanPage, StoreError> {
        let filter = filter.clone();
        self.inner.read(Page { filter }).await
    }
}

/// Takes the plan for the run that applies it, and tells who previewed. `PlanNotFree` undoes the whole acceptance.
pub(super) async fn take(
    sql: &mut Sql<'_>,
    plan: &str,
    run: &NewRun,
    now_ms: i64,
) -> Result<String, StoreError> {
    let take = sqlx::query(
        "UPDATE plans SET run = $1, applied_by = $2, applied_ms = $3 \
         WHERE id = $4 AND run IS NULL AND expires_ms > $3 RETURNING client",
    )
    .bind(&run.id)
    .bind(&run.author.client)
    .bind(now_ms)
    .bind(plan);
    let taken = sql.optional(take).await?;
    Ok(taken.ok_or(StoreError::PlanNotFree)?.try_get(0)?)
}

struct Keep {
    plan: NewPlan,
}

#[async_trait]
impl Work for Keep {
    type Answer = Option<StoredPlan>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<StoredPlan>, StoreError> {
        let (plan, author) = (&self.plan, &self.plan.author);
        let now_ms = sql.now_ms().await?;
        let waiting =
            sqlx::query("SELECT COUNT(*) FROM plans WHERE client = $1 AND run IS NULL AND expires_ms > $2")
                .bind(&author.client)
                .bind(now_ms);
        let waiting: i64 = sql.one(waiting).await?.try_get(0)?;
        if waiting >= WAITING_PLANS_MAX {
            return Ok(None);
        }
        let insert = sqlx::query(
            "INSERT INTO plans (id, client, ticket, reason, action, configuration, created_ms, expires_ms, text, \
             report, picture, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(&plan.id)
        .bind(&author.client)
        .bind(author.ticket.as_deref())
        .bind(author.reason.as_deref())
        .bind(&plan.action)
        .bind(&plan.configuration)
        .bind(now_ms)
        .bind(now_ms.saturating_add(milliseconds(plan.good_for)))
        .bind(&plan.text)
        .bind(&plan.report)
        .bind(&plan.picture)
        .bind(&plan.document);
        sql.execute(insert).await?;
        let kept = find(sql, &plan.id, now_ms).await?;
        let line = Line {
            action: Some(plan.action.clone()),
            configuration: Some(plan.configuration.clone()),
            ..Line::by(author)
        };
        let detail = format!("plan {}: {}", plan.id, plan.audit);
        line.write(sql, now_ms, "plan_kept", &detail).await?;
        Ok(kept)
    }
}

struct One {
    id: String,
}

#[async_trait]
impl Work for One {
    type Answer = Option<StoredPlan>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Option<StoredPlan>, StoreError> {
        let now_ms = sql.now_ms().await?;
        find(sql, &self.id, now_ms).await
    }
}

struct Page {
    filter: PlanFilter,
}

#[async_trait]
impl Work for Page {
    type Answer = PlanPage;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<PlanPage, StoreError> {
        let now_ms = sql.now_ms().await?;
        let filter = &self.filter;
        let limit = filter.limit.max(1);
        let mut wanted = Conditions::none();
        wanted.add_given([("id < ", text(&filter.before), "")]);
        if filter.only_waiting {
            wanted.add("run IS NULL AND expires_ms > ", Value::Number(now_ms), "");
        }
        if let Some(configurations) = &filter.configurations {
            wanted.add_any_of("configuration", configurations);
        }
        let parameter = wanted.bind(Value::Number(limit.saturating_add(1)));
        let order = format!(" ORDER BY id DESC LIMIT {parameter}");
        let mut plans = Vec::new();
        for row in &sql.all(wanted.query(WITHOUT_LARGE, &order)).await? {
            plans.push(of_row(row, now_ms)?);
        }
        let has_more = i64::try_from(plans.len()).unwrap_or(i64::MAX) > limit;
        if has_more {
            plans.pop();
        }
        let next = plans.last().filter(|_| has_more).map(|last| last.id.clone());
        Ok(PlanPage { plans, next })
    }
}

/// The columns of a plan; what may be large stands last.
macro_rules! select_plan {
    ($large:literal, $condition:literal) => {
        concat!(
            "SELECT id, client, ticket, reason, action, configuration, created_ms, expires_ms, run, applied_by, ",
            "applied_ms, text, ",
            $large,
            " FROM plans WHERE ",
            $condition
        )
    };
}

const WHOLE: &str = select_plan!("report, picture, document", "id = $1");
const WITHOUT_LARGE: &str = select_plan!("CAST('' AS TEXT), CAST('' AS TEXT), CAST('' AS TEXT)", "");

async fn find(sql: &mut Sql<'_>, id: &str, now_ms: i64) -> Result<Option<StoredPlan>, StoreError> {
    let row = sql.optional(sqlx::query(WHOLE).bind(id)).await?;
    row.map(|row| of_row(&row, now_ms)).transpose()
}

fn of_row(row: &AnyRow, now_ms: i64) -> Result<StoredPlan, StoreError> {
    Ok(StoredPlan {
        id: row.try_get(0)?,
        client: row.try_get(1)?,
        ticket: row.try_get(2)?,
        reason: row.try_get(3)?,
        action: row.try_get(4)?,
        configuration: row.try_get(5)?,
        created_ms: row.try_get(6)?,
        expires_ms: row.try_get(7)?,
        run: row.try_get(8)?,
        applied_by: row.try_get(9)?,
        applied_ms: row.try_get(10)?,
        text: row.try_get(11)?,
        report: row.try_get(12)?,
        picture: row.try_get(13)?,
        document: row.try_get(14)?,
        now_ms,
    })
}
