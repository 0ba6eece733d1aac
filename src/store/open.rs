//! From an address to hands that work: the lock on the file, connections told how to behave, tables brought up to
//! date, leases of the dead freed. Refuses to know what is stored.

use super::StoreError;
use super::dialect::{Dialect, POSTGRES, SQLITE_READER, SQLITE_WRITER};
use super::writer::{Hands, Pool};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Executor as _, Row as _, SqlSafeStr as _,
};
use std::fs::TryLockError;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

/// Connections that read a file at the same time.
const READERS: u32 = 4;
/// Connections to a server: what 16 of them do keeps a PostgreSQL of two cores busy.
const SERVER_CONNECTIONS: u32 = 16;
/// Longer than any transaction of ours takes; whoever waits longer is told so.
const CONNECTION_WITHIN: Duration = Duration::from_secs(10);

/// The tables, oldest first. (number, what, text)
const MIGRATIONS: [(i64, &str, &str); 5] = [
    (1, "runs", include_str!("migrations/0001_runs.sql")),
    (2, "take back", include_str!("migrations/0002_take_back.sql")),
    (3, "switch", include_str!("migrations/0003_switch.sql")),
    (4, "caps", include_str!("migrations/0004_caps.sql")),
    (5, "plans", include_str!("migrations/0005_plans.sql")),
];

/// Opens what the address names.
pub(super) async fn open(url: &str) -> Result<Hands, StoreError> {
    sqlx::any::install_default_drivers();
    if let Some(path) = url.strip_prefix("sqlite:") {
        return open_file(Path::new(path.strip_prefix("//").unwrap_or(path))).await;
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return open_server(url).await;
    }
    Err(StoreError::Unreachable(
        "the address must begin with \"sqlite:\" or \"postgres://\"".to_owned(),
    ))
}

/// A database file that nobody else writes.
pub(super) struct File {
    path: PathBuf,
    /// Held as long as this lives; the system frees it when the process dies.
    _lock: std::fs::File,
}

impl File {
    /// Takes the file, and makes it readable for its owner alone where it is new: it holds mail addresses.
    fn take(path: &Path) -> Result<Self, StoreError> {
        let path = real(path).map_err(|error| of_io(path, &error))?;
        let mut lock_path = path.clone().into_os_string();
        lock_path.push(".lock");
        let lock_path = PathBuf::from(lock_path);
        let lock = touch(&lock_path).map_err(|error| of_io(&lock_path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.display().to_string();
                return Err(StoreError::InUse { path });
            }
            Err(TryLockError::Error(error)) => return Err(of_io(&lock_path, &error)),
        }
        if !path.exists() {
            touch(&path).map_err(|error| of_io(&path, &error))?;
        }
        Ok(Self { path, _lock: lock })
    }

    /// What its writer speaks.
    pub(super) fn dialect(&self) -> Dialect {
        SQLITE_WRITER
    }

    /// A connection that writes, and of which it is known that it waits for the disk.
    pub(super) async fn connect(&self) -> Result<AnyConnection, StoreError> {
        let mut connection = AnyConnection::connect(&self.url()).await?;
        set_up(&mut connection, SQLITE_WRITER).await?;
        let journal: String = connection.fetch_one("PRAGMA journal_mode").await?.try_get(0)?;
        let synchronous: i64 = connection.fetch_one("PRAGMA synchronous").await?.try_get(0)?;
        if journal == "wal" && synchronous == 2 {
            return Ok(connection);
        }
        Err(StoreError::Unreachable(format!(
            "{} cannot be kept safely there (journal {journal}, synchronous {synchronous}); choose a local disk",
            self.path.display()
        )))
    }

    fn url(&self) -> String {
        let mut path = String::new();
        for byte in self.path.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                    path.push(char::from(*byte))
                }
                other => path.push_str(&format!("%{other:02X}")),
            }
        }
        format!("sqlite://{path}?mode=rw")
    }
}

async fn open_file(path: &Path) -> Result<Hands, StoreError> {
    let file = File::take(path)?;
    let mut connection = file.connect().await?;
    migrate(&mut connection).await?;
    free_leases_of_the_dead(&mut connection).await?;
    let readers = pool(&file.url(), READERS, SQLITE_READER).await?;
    Ok(Hands::of_file(file, connection, readers))
}

/// The lock says that whoever held a lane in this file is gone. That a lease ended so, and was not given back, is
/// still seen by the next who takes the lane.
async fn free_leases_of_the_dead(connection: &mut AnyConnection) -> Result<(), StoreError> {
    for text in [
        "UPDATE lanes SET lease_ms = 0 WHERE owner IS NOT NULL",
        "UPDATE tasks SET state = 'queued' WHERE state = 'running'",
    ] {
        connection.execute(text).await?;
    }
    Ok(())
}

async fn open_server(url: &str) -> Result<Hands, StoreError> {
    let mut connection = AnyConnection::connect(url).await?;
    // Else each start is told that the tables are there already.
    connection.execute("SET client_min_messages = warning").await?;
    let migrated = migrate(&mut connection).await;
    // Its end frees the lock on the migrations, also where they failed; that it went is all that matters.
    drop(connection);
    migrated?;
    Ok(Hands::of_server(pool(url, SERVER_CONNECTIONS, POSTGRES).await?))
}

async fn pool(url: &str, size: u32, dialect: Dialect) -> Result<Pool, StoreError> {
    let options = AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(CONNECTION_WITHIN)
        .after_connect(move |connection, _| Box::pin(set_up(connection, dialect)));
    let connections: AnyPool = options.connect_with(AnyConnectOptions::from_str(url)?).await?;
    Ok(Pool { connections, dialect })
}

async fn set_up(connection: &mut AnyConnection, dialect: Dialect) -> Result<(), sqlx::Error> {
    for text in dialect.set_up {
        connection.execute(*text).await?;
    }
    Ok(())
}

/// By `run_direct`, which is there for futures that go to another thread: of `run`, the compiler cannot tell that it is
/// `Send` for a borrowed connection.
async fn migrate(connection: &mut AnyConnection) -> Result<(), MigrateError> {
    migrator().run_direct(None, connection, false).await
}

fn migrator() -> Migrator {
    let migration = |(number, what, text): (i64, &'static str, &'static str)| {
        let text = AssertSqlSafe(text).into_sql_str();
        Migration::new(number, what.into(), MigrationType::Simple, text, false)
    };
    Migrator::with_migrations(MIGRATIONS.map(migration).into())
}

/// The file itself, so that two names of it have one lock.
fn real(path: &Path) -> std::io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            Ok(folder.unwrap_or(Path::new(".")).canonicalize()?.join(name))
        }
        other => other,
    }
}

fn touch(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn of_io(path: &Path, error: &std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => StoreError::ReadOnly,
        ErrorKind::NotFound => {
            StoreError::Unreachable(format!("the folder of {} does not exist", path.display()))
        }
        _ => StoreError::Unreachable(format!("{}: {error}", path.display())),
    }
}
