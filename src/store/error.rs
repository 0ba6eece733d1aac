//! What can be wrong with a store, with words that tell what to do, and which answer of the database means which.
//! Refuses to know what was being done.

use super::Stopped;
use sqlx::migrate::MigrateError;

/// Why the store did not do it. Where nothing else is said, nothing of it was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another server has the file.
    #[error(
        "{path} is in use by another doorlist. One server holds a file; stop the other one, give this one a file of \
         its own, or let both use a PostgreSQL"
    )]
    InUse {
        /// The database file.
        path: String,
    },
    /// No room.
    #[error("the disk of the store is full. Make room; nothing was stored, and nothing else has to be done")]
    Full,
    /// Not ours to write.
    #[error(
        "the store is read-only. Look at the rights of its file and folder and at how the disk is mounted; a \
         PostgreSQL may be a standby"
    )]
    ReadOnly,
    /// It does not answer, or not now.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// Its tables were made by a newer program.
    #[error(
        "the store was last used by a newer doorlist ({0}). Start that one, or restore the backup that was made \
         before it"
    )]
    Newer(String),
    /// It answers what it should not.
    #[error("the store is damaged or not a store of doorlist: {0}")]
    Broken(String),
    /// The lane has another owner by now.
    #[error("the list was taken over by another worker, because the lease was over; nothing was stored")]
    Fenced,
    /// Somebody stopped what writes in this direction.
    #[error("writes are stopped by {}: {}; nothing was stored", .0.by_client, .0.reason)]
    Stopped(Stopped),
    /// Whoever asks for the plan learns which.
    #[error("the plan was applied already, or its time is over; nothing was stored")]
    PlanNotFree,
}

/// SQLite's primary codes (sqlite.org/rescode.html); the rest of a code says more about the same.
mod sqlite {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
}

impl StoreError {
    /// After `close`.
    pub(super) fn closed() -> Self {
        Self::Unreachable("it was closed".to_owned())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let words = error.message().to_owned();
                match error.code().as_deref() {
                    Some(code) if code.len() == 5 && !is_sqlite(error.as_ref()) => of_postgres(code, words),
                    Some(code) => of_sqlite(code.parse().unwrap_or_default(), words),
                    None => Self::Broken(words),
                }
            }
            sqlx::Error::Io(error) => Self::Unreachable(error.to_string()),
            sqlx::Error::Tls(error) => Self::Unreachable(format!("TLS: {error}")),
            sqlx::Error::Configuration(error) => Self::Unreachable(format!("the address is wrong: {error}")),
            // The pool asks again as long as nobody listens there, and keeps that to itself.
            sqlx::Error::PoolTimedOut => Self::Unreachable(
                "no connection in time. Either nothing answers at its address, or all connections are busy"
                    .to_owned(),
            ),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::closed(),
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => {
                Self::Newer(format!("its tables have version {version}"))
            }
            MigrateError::VersionMismatch(version) => {
                Self::Newer(format!("its tables have another version {version}"))
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::Broken(other.to_string()),
        }
    }
}

fn is_sqlite(error: &(dyn sqlx::error::DatabaseError + 'static)) -> bool {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
}

fn of_sqlite(code: i32, words: String) -> StoreError {
    match code & 0xff {
        sqlite::FULL => StoreError::Full,
        sqlite::READONLY => StoreError::ReadOnly,
        sqlite::BUSY | sqlite::LOCKED => {
            StoreError::Unreachable(format!("another program holds the file ({words})"))
        }
        sqlite::CANTOPEN => StoreError::Unreachable(format!(
            "{words}. Does its folder exist, and may this user write there?"
        )),
        sqlite::IOERR => StoreError::Unreachable(format!("{words}. The system's log may say more")),
        _ => StoreError::Broken(words),
    }
}

/// Classes of SQLSTATE (PostgreSQL's documentation, appendix A).
fn of_postgres(code: &str, words: String) -> StoreError {
    match (&code[..2], code) {
        (_, "53100") => StoreError::Full,
        (_, "25006") => StoreError::ReadOnly,
        // Connection, role, resources, an administrator's hand, a database that is not there.
        ("08" | "28" | "53" | "57", _) | (_, "3D000") => StoreError::Unreachable(words),
        // A lock, a deadlock, a conflict with others: the next try may succeed.
        ("40" | "55", _) | (_, "25P03") => {
            StoreError::Unreachable(format!("others are in the way ({words})"))
        }
        _ => StoreError::Broken(format!("{words} ({code})")),
    }
}
