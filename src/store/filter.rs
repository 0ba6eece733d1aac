//! Pages of runs: a filter becomes conditions (`conditions.rs`), and what "notable" leaves out is counted.

use super::StoreError;
use super::TROUBLE;
use super::conditions::{Conditions, Value, number, text};
use super::nouns::{RunFilter, RunPage, RunState};
use super::read::{WITHOUT_LARGE, add_tasks, without_large};
use super::sql::Sql;
use super::work::Work;
use async_trait::async_trait;
use sqlx::Row as _;

const COLUMNS: &str = "SELECT id, client, action, configuration, request_id, cancel_reason, created_ms, done_ms, \
                       changed_pairs, report_text, class, ticket, reason, undo_of FROM runs WHERE ";
const COUNT: &str = "SELECT COUNT(*) FROM runs WHERE ";

/// A run that ended without an answer (yet) is notable too.
const IS_QUIET: &str = "changed_pairs = 0 AND done_ms IS NOT NULL AND class IS NOT NULL AND class <> ";

/// One page.
pub(super) struct Page {
    pub(super) filter: RunFilter,
}

#[async_trait]
impl Work for Page {
    type Answer = RunPage;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<RunPage, StoreError> {
        let now_ms = sql.now_ms().await?;
        let limit = self.filter.limit.max(1);
        let mut wanted = of_filter(&self.filter);
        if self.filter.only_notable {
            add_negated_quiet(&mut wanted);
        }
        let rows = {
            let limit = wanted.bind(Value::Number(limit.saturating_add(1)));
            let order = format!(" ORDER BY ordinal DESC, id DESC LIMIT {limit}");
            sql.all(wanted.query(COLUMNS, &order)).await?
        };
        let mut runs = Vec::new();
        for row in &rows {
            runs.push(without_large(row, now_ms)?);
        }
        let has_more = i64::try_from(runs.len()).unwrap_or(i64::MAX) > limit;
        if has_more {
            runs.pop();
        }
        let next = runs.last().filter(|_| has_more).map(|last| last.id.clone());
        add_tasks(sql, &mut runs, WITHOUT_LARGE).await?;
        let hidden = if self.filter.only_notable {
            self.hidden(sql, next.as_deref()).await?
        } else {
            0
        };
        Ok(RunPage { runs, hidden, next })
    }
}

impl Page {
    async fn hidden(&self, sql: &mut Sql<'_>, until: Option<&str>) -> Result<i64, StoreError> {
        let mut hidden = of_filter(&self.filter);
        hidden.add(IS_QUIET, Value::Text(TROUBLE.to_owned()), "");
        if let Some(until) = until {
            let after = "(ordinal, id) > (SELECT ordinal, id FROM runs WHERE id = ";
            hidden.add(after, Value::Text(until.to_owned()), ")");
        }
        let row = sql.one(hidden.query(COUNT, "")).await?;
        Ok(row.try_get(0)?)
    }
}

fn of_filter(filter: &RunFilter) -> Conditions {
    let mut all = Conditions::none();
    match filter.state {
        Some(RunState::Open) => all.add_text("done_ms IS NULL"),
        Some(RunState::Done) => all.add_text("done_ms IS NOT NULL"),
        None => {}
    }
    all.add_given([
        ("class = ", text(&filter.class), ""),
        (
            "EXISTS (SELECT 1 FROM outcomes o WHERE o.run = runs.id AND o.number > 0 AND o.outcome = ",
            text(&filter.outcome),
            ")",
        ),
        ("action = ", text(&filter.action), ""),
        (
            "EXISTS (SELECT 1 FROM tasks t WHERE t.run = runs.id AND t.appliance = ",
            text(&filter.appliance),
            ")",
        ),
        ("ticket = ", text(&filter.ticket), ""),
        ("undo_of = ", text(&filter.undo_of), ""),
        ("created_ms >= ", number(filter.from_ms), ""),
        ("created_ms < ", number(filter.to_ms), ""),
        (
            "(ordinal, id) < (SELECT ordinal, id FROM runs WHERE id = ",
            text(&filter.before),
            ")",
        ),
    ]);
    if let Some(configurations) = &filter.configurations {
        all.add_any_of("configuration", configurations);
    }
    all
}

/// The opposite of quiet, spelt so that no NULL makes it unknown.
fn add_negated_quiet(all: &mut Conditions) {
    let trouble = all.bind(Value::Text(TROUBLE.to_owned()));
    all.add_text(&format!(
        "(changed_pairs > 0 OR done_ms IS NULL OR class IS NULL OR class = {trouble})"
    ));
}
