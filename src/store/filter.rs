//! Pages of runs: a filter becomes conditions with parameters, and what "notable" leaves out is counted. Values are
//! bound, never written into the text.

use super::StoreError;
use super::TROUBLE;
use super::nouns::{RunFilter, RunPage, RunState};
use super::read::{WITHOUT_LARGE, add_tasks, without_large};
use super::sql::{Asked, Sql};
use super::work::Work;
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Row as _};

const COLUMNS: &str = "SELECT id, client, action, configuration, request_id, cancel_reason, created_ms, done_ms, \
                       changed_pairs, report_text, class FROM runs WHERE ";
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
        let mut wanted = Conditions::of(&self.filter);
        if self.filter.only_notable {
            wanted.add_negated_quiet();
        }
        let rows = {
            let limit = wanted.bind(Value::Number(limit.saturating_add(1)));
            let order = format!(" ORDER BY id DESC LIMIT {limit}");
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
        let mut hidden = Conditions::of(&self.filter);
        hidden.add_quiet();
        if let Some(until) = until {
            hidden.add("id > ", Value::Text(until.to_owned()), "");
        }
        let row = sql.one(hidden.query(COUNT, "")).await?;
        Ok(row.try_get(0)?)
    }
}

enum Value {
    Text(String),
    Number(i64),
}

/// Conditions that all have to hold, and the values of their parameters.
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn of(filter: &RunFilter) -> Self {
        let mut all = Self {
            texts: vec!["1 = 1".to_owned()],
            values: Vec::new(),
        };
        match filter.state {
            Some(RunState::Open) => all.texts.push("done_ms IS NULL".to_owned()),
            Some(RunState::Done) => all.texts.push("done_ms IS NOT NULL".to_owned()),
            None => {}
        }
        let text = |value: &Option<String>| value.clone().map(Value::Text);
        let number = |value: Option<i64>| value.map(Value::Number);
        let simple = [
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
            ("created_ms >= ", number(filter.from_ms), ""),
            ("created_ms < ", number(filter.to_ms), ""),
            ("id < ", text(&filter.before), ""),
        ];
        for (before, value, after) in simple {
            if let Some(value) = value {
                all.add(before, value, after);
            }
        }
        if let Some(configurations) = &filter.configurations {
            all.add_any_of("configuration", configurations);
        }
        all
    }

    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn add(&mut self, before: &'static str, value: Value, after: &'static str) {
        let parameter = self.bind(value);
        self.texts.push(format!("{before}{parameter}{after}"));
    }

    fn add_any_of(&mut self, column: &'static str, values: &[String]) {
        let parameters: Vec<String> = values
            .iter()
            .map(|value| self.bind(Value::Text(value.clone())))
            .collect();
        // "IN ()" is no SQL everywhere; nothing is any of nothing.
        self.texts.push(if parameters.is_empty() {
            "1 = 0".to_owned()
        } else {
            format!("{column} IN ({})", parameters.join(", "))
        });
    }

    fn add_quiet(&mut self) {
        self.add(IS_QUIET, Value::Text(TROUBLE.to_owned()), "");
    }

    /// The opposite, spelt so that no NULL makes it unknown.
    fn add_negated_quiet(&mut self) {
        let trouble = self.bind(Value::Text(TROUBLE.to_owned()));
        self.texts.push(format!(
            "(changed_pairs > 0 OR done_ms IS NULL OR class IS NULL OR class = {trouble})"
        ));
    }

    fn query(&self, begin: &str, end: &str) -> Asked<'_> {
        let text = format!("{begin}{}{end}", self.texts.join(" AND "));
        let query = sqlx::query(AssertSqlSafe(text));
        self.values.iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(*number),
        })
    }
}
