//! The connection inside a transaction, as the kinds of work see it: query and clock. Refuses to know where a
//! transaction begins and ends; `writer.rs` does.

use super::StoreError;
use super::dialect::Dialect;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Row as _};

/// A query that waits for a connection.
pub(super) type Asked<'q> = Query<'q, Any, AnyArguments>;

/// Rows that one statement inserts, or runs that it names, at most: far below the 32,766 parameters that SQLite takes.
pub(super) const ROWS_PER_STATEMENT: usize = 100;

/// The inside of a transaction.
pub(super) struct Sql<'c> {
    connection: &'c mut AnyConnection,
    dialect: Dialect,
}

impl<'c> Sql<'c> {
    /// For a transaction that has begun.
    pub(super) fn new(connection: &'c mut AnyConnection, dialect: Dialect) -> Self {
        Self { connection, dialect }
    }

    /// The database's time, asked once per transaction.
    pub(super) async fn now_ms(&mut self) -> Result<i64, StoreError> {
        let row = self.one(sqlx::query(self.dialect.now)).await?;
        Ok(row.try_get(0)?)
    }

    /// How many rows it touched.
    pub(super) async fn execute(&mut self, query: Asked<'_>) -> Result<u64, StoreError> {
        Ok(query.execute(&mut *self.connection).await?.rows_affected())
    }

    /// The only row.
    pub(super) async fn one(&mut self, query: Asked<'_>) -> Result<AnyRow, StoreError> {
        Ok(query.fetch_one(&mut *self.connection).await?)
    }

    /// The only row, where there is one.
    pub(super) async fn optional(&mut self, query: Asked<'_>) -> Result<Option<AnyRow>, StoreError> {
        Ok(query.fetch_optional(&mut *self.connection).await?)
    }

    /// Every row.
    pub(super) async fn all(&mut self, query: Asked<'_>) -> Result<Vec<AnyRow>, StoreError> {
        Ok(query.fetch_all(&mut *self.connection).await?)
    }
}

/// "($1, $2, $3, $4), ($1, $2, $5, $6)": `rows` rows, each of the first `shared` parameters and `own` of its own.
pub(super) fn values(rows: usize, shared: usize, own: usize) -> String {
    let row = |row: usize| {
        let own = (1..=own).map(|place| shared + row * own + place);
        let parameters: Vec<String> = (1..=shared)
            .chain(own)
            .map(|number| format!("${number}"))
            .collect();
        format!("({})", parameters.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn rows_share_their_first_parameters() {
        // (rows, shared, own, text)
        for (rows, shared, own, text) in [
            (1, 0, 1, "($1)"),
            (2, 0, 2, "($1, $2), ($3, $4)"),
            (2, 2, 2, "($1, $2, $3, $4), ($1, $2, $5, $6)"),
            (3, 1, 1, "($1, $2), ($1, $3), ($1, $4)"),
        ] {
            assert_eq!(values(rows, shared, own), text);
        }
    }
}
