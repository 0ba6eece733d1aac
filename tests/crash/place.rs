//! Where the server under test keeps its runs (a file, or a schema of the PostgreSQL that `DOORLIST_TEST_POSTGRES_URL`
//! names), and by which clock.

use doorlist::store::{RunFilter, Store};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use std::path::{Path, PathBuf};
use std::process::Command;

const POSTGRES_URL: &str = "DOORLIST_TEST_POSTGRES_URL";
/// Debian's package `faketime` puts it there.
const FAKETIME_FOLDERS: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime",
    "/usr/lib/aarch64-linux-gnu/faketime",
];

/// The address of a store of its own.
pub async fn store_url(directory: &Path) -> String {
    let Ok(server) = std::env::var(POSTGRES_URL) else {
        return format!("sqlite:{}", directory.join("doorlist.db").display());
    };
    let schema = format!("crash_{}", uuid::Uuid::now_v7().simple());
    let separator = if server.contains('?') { '&' } else { '?' };
    execute(&server, &format!("CREATE SCHEMA {schema}")).await;
    format!("{server}{separator}options=-csearch_path%3D{schema}")
}

/// Past the server, which must not run on a file then.
pub async fn execute(url: &str, text: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    connection.execute(AssertSqlSafe(text)).await.unwrap();
    connection.close().await.unwrap();
}

/// Do leases outlive the server that held them?
pub fn is_shared() -> bool {
    std::env::var(POSTGRES_URL).is_ok()
}

/// How many tasks are there, and how many of them had to be taken more than once. The server must not run.
pub async fn taken_up(url: &str) -> (usize, usize) {
    let store = Store::open(url).await.unwrap();
    let mut filter = RunFilter {
        limit: 200,
        ..RunFilter::default()
    };
    let (mut tasks, mut again) = (0, 0);
    loop {
        let page = store.runs(&filter).await.unwrap();
        let of_page = page.runs.iter().flat_map(|run| &run.tasks);
        tasks += of_page.clone().count();
        again += of_page.filter(|task| task.attempt > 1).count();
        if page.next.is_none() {
            store.close().await;
            return (tasks, again);
        }
        filter.before = page.next;
    }
}

/// A clock of the server that can be put forward and back, where libfaketime is installed. What counts how long something
/// took goes on as it does.
pub struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    pub fn of(directory: &Path) -> Option<Self> {
        let libraries = FAKETIME_FOLDERS.map(|folder| Path::new(folder).join("libfaketimeMT.so.1"));
        let library = libraries.into_iter().find(|library| library.exists())?;
        let clock = Self {
            library,
            file: directory.join("clock"),
        };
        clock.jump_to(0);
        Some(clock)
    }

    /// So far from the true time from now on.
    pub fn jump_to(&self, seconds: i64) {
        let beside = self.file.with_extension("next");
        std::fs::write(&beside, format!("{seconds:+}\n")).unwrap();
        std::fs::rename(beside, &self.file).unwrap();
    }

    pub fn give_to(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1");
    }
}
