//! Conditions that all have to hold, with the values of their parameters: what the filters of runs, holds and audit
//! become. Values are bound, never written into the text. Refuses to know the tables.

use super::sql::Asked;
use sqlx::AssertSqlSafe;

/// What a parameter stands for.
pub(super) enum Value {
    Text(String),
    Number(i64),
}

/// Where the filter has one.
pub(super) fn text(value: &Option<String>) -> Option<Value> {
    value.clone().map(Value::Text)
}

/// Where the filter has one.
pub(super) fn number(value: Option<i64>) -> Option<Value> {
    value.map(Value::Number)
}

/// Conditions, and the values of their parameters.
pub(super) struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Whatever there is.
    pub(super) fn none() -> Self {
        Self {
            texts: vec!["1 = 1".to_owned()],
            values: Vec::new(),
        }
    }

    /// The parameter that stands for the value from now on.
    pub(super) fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// One that is written out.
    pub(super) fn add_text(&mut self, text: &str) {
        self.texts.push(text.to_owned());
    }

    /// One with a parameter between two texts.
    pub(super) fn add(&mut self, before: &'static str, value: Value, after: &'static str) {
        let parameter = self.bind(value);
        self.texts.push(format!("{before}{parameter}{after}"));
    }

    /// Those that have a value.
    pub(super) fn add_given<const N: usize>(
        &mut self,
        all: [(&'static str, Option<Value>, &'static str); N],
    ) {
        for (before, value, after) in all {
            if let Some(value) = value {
                self.add(before, value, after);
            }
        }
    }

    /// The column has one of these values.
    pub(super) fn add_any_of(&mut self, column: &'static str, values: &[String]) {
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

    /// Between what is before WHERE and what comes after the conditions.
    pub(super) fn query(&self, begin: &str, end: &str) -> Asked<'_> {
        let text = format!("{begin}{}{end}", self.texts.join(" AND "));
        let query = sqlx::query(AssertSqlSafe(text));
        self.values.iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Number(number) => query.bind(*number),
        })
    }
}
