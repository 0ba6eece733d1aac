//! Where a store can be: a file in a folder of its own, or a schema of its own in a PostgreSQL. And a way past the
//! store, to move times and to look at rows.

use doorlist::store::Store;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Row as _};
use tempfile::TempDir;

/// The variable that names a PostgreSQL whose user may create schemas.
const POSTGRES_URL: &str = "DOORLIST_TEST_POSTGRES_URL";

/// An address, and what has to be kept or removed with it.
pub struct Place {
    pub url: String,
    folder: Option<TempDir>,
    schema: Option<String>,
}

impl Place {
    /// A file that is not there yet.
    pub fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("doorlist.db").display());
        Self {
            url,
            folder: Some(folder),
            schema: None,
        }
    }

    /// An empty schema. None, and a word about it, where no PostgreSQL is named.
    #[expect(clippy::print_stderr, reason = "whoever reads the tests should know")]
    pub async fn schema() -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES_URL) else {
            eprintln!("skipped: {POSTGRES_URL} names no PostgreSQL");
            return None;
        };
        let schema = format!("store_{}", uuid::Uuid::now_v7().simple());
        let separator = if server.contains('?') { '&' } else { '?' };
        execute(&server, &format!("CREATE SCHEMA {schema}")).await;
        Some(Self {
            url: format!("{server}{separator}options=-csearch_path%3D{schema}"),
            folder: None,
            schema: Some(schema),
        })
    }

    /// Is it a file?
    pub fn is_file(&self) -> bool {
        self.folder.is_some()
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    /// Past the store, for what only time would bring about.
    pub async fn execute(&self, text: &str) {
        execute(&self.url, text).await;
    }

    /// Past the store.
    pub async fn count(&self, table: &str) -> i64 {
        let text = format!("SELECT COUNT(*) FROM {table}");
        let row: AnyRow = connect(&self.url)
            .await
            .fetch_one(AssertSqlSafe(text))
            .await
            .unwrap();
        row.get(0)
    }

    /// A server keeps what nobody removes.
    pub async fn remove(&self) {
        if let Some(schema) = &self.schema {
            self.execute(&format!("DROP SCHEMA {schema} CASCADE")).await;
        }
    }
}

async fn connect(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

async fn execute(url: &str, text: &str) {
    let mut connection = connect(url).await;
    connection.execute(AssertSqlSafe(text.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}
