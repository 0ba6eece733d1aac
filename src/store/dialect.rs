//! All that differs between SQLite and PostgreSQL in the text of SQL. Everything else is one text for both: TEXT and
//! BIGINT, `$1`, `ON CONFLICT`, `RETURNING`.

/// The fragments of one database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// Milliseconds of the database's clock.
    pub(super) now: &'static str,
    /// Begins what writes. PostgreSQL's row locks want each statement to see what was committed before it.
    pub(super) begin: &'static str,
    /// Begins what reads: all its statements see the same moment.
    pub(super) begin_reading: &'static str,
    /// What each connection is told first.
    pub(super) set_up: &'static [&'static str],
}

/// WAL, so that readers wait for nobody; FULL, so that what was committed is on the disk.
pub(super) const SQLITE_WRITER: Dialect = Dialect {
    now: "SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS BIGINT)",
    begin: "BEGIN IMMEDIATE",
    begin_reading: "BEGIN",
    set_up: &[
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA busy_timeout = 5000",
        "PRAGMA foreign_keys = ON",
    ],
};

/// The same file, for those who only look.
pub(super) const SQLITE_READER: Dialect = Dialect {
    set_up: &["PRAGMA busy_timeout = 5000", "PRAGMA query_only = ON"],
    ..SQLITE_WRITER
};

/// A server that forgets a commit when it crashes is told not to. The limits free the rows of a replica that is gone.
pub(super) const POSTGRES: Dialect = Dialect {
    now: "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
    begin_reading: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    set_up: &[
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        "SET lock_timeout = '10s'",
        "SET idle_in_transaction_session_timeout = '15s'",
    ],
};
