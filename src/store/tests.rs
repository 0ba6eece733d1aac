//! Troubles of a file, brought about from inside: no more pages, a connection that may not write, one that breaks.
//! `tests/store/` has everything that can be seen from outside.

use super::sql::Sql;
use super::work::Work;
use super::{Accepted, Author, NewRun, NewTask, Store, StoreError};
use async_trait::async_trait;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use std::time::Duration;

/// Says something to the writer's connection.
struct Say(&'static str);

#[async_trait]
impl Work for Say {
    type Answer = ();
    async fn run(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        sql.all(sqlx::query(self.0)).await?;
        Ok(())
    }
}

fn run(document: &str) -> NewRun {
    NewRun {
        id: uuid::Uuid::now_v7().to_string(),
        author: Author {
            client: "threatq".to_owned(),
            request_id: "request-1".to_owned(),
            ..Author::default()
        },
        action: "add-senders".to_owned(),
        configuration: "block-senders".to_owned(),
        document: document.to_owned(),
        tasks: vec![NewTask {
            appliance: "esa-1".to_owned(),
            list: "blocklist".to_owned(),
            lanes: vec!["esa-1/blocklist".to_owned()],
        }],
        writes: None,
        undo_of: None,
        is_remove: false,
        end_holds_of: None,
        overridden: None,
        plan: None,
        idempotency: None,
        keep_key_for: Duration::from_secs(60),
        audit: "accepted by a test".to_owned(),
    }
}

async fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("doorlist.db").display());
    let store = Store::open(&url).await.unwrap();
    (folder, store)
}

/// The end of it is out of reach for a small file, and the beginning is not.
fn too_large() -> String {
    "a document of some size. ".repeat(40_000)
}

#[tokio::test]
async fn a_full_file_refuses_what_is_too_large_and_takes_what_is_not() {
    let (_folder, store) = open().await;
    store
        .inner
        .write(Say("PRAGMA max_page_count = 150"))
        .await
        .unwrap();
    let large = run(&too_large());
    assert_eq!(store.accept(large.clone()).await, Err(StoreError::Full));
    assert_eq!(store.run(&large.id).await, Ok(None));
    assert_eq!(store.is_writable().await, Ok(()), "it goes on");
    assert_eq!(store.accept(run("small")).await, Ok(Accepted::New));
    store
        .inner
        .write(Say("PRAGMA max_page_count = 100000"))
        .await
        .unwrap();
    assert_eq!(
        store.accept(large).await,
        Ok(Accepted::New),
        "there is room again"
    );
    store.close().await;
}

#[tokio::test]
async fn one_that_is_too_large_fails_alone_among_many() {
    let (_folder, store) = open().await;
    store
        .inner
        .write(Say("PRAGMA max_page_count = 150"))
        .await
        .unwrap();
    let calls: Vec<_> = (0..30)
        .map(|number| {
            let document = if number % 10 == 5 {
                too_large()
            } else {
                "small".to_owned()
            };
            let store = store.clone();
            tokio::spawn(async move { store.accept(run(&document)).await })
        })
        .collect();
    for (number, call) in calls.into_iter().enumerate() {
        let expected = if number % 10 == 5 {
            Err(StoreError::Full)
        } else {
            Ok(Accepted::New)
        };
        assert_eq!(call.await.unwrap(), expected, "{number}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_connection_that_may_not_write_says_so_and_is_replaced() {
    let (_folder, store) = open().await;
    store.inner.write(Say("PRAGMA query_only = ON")).await.unwrap();
    let refused = run("any");
    assert_eq!(store.accept(refused.clone()).await, Err(StoreError::ReadOnly));
    assert_eq!(store.run(&refused.id).await, Ok(None), "it can still be read");
    assert_eq!(
        store.accept(refused).await,
        Ok(Accepted::New),
        "the file may be written"
    );
    store.close().await;
}

#[tokio::test]
async fn a_connection_in_a_state_that_nobody_knows_is_replaced() {
    let (_folder, store) = open().await;
    // The end of the transaction under the writer's feet: its own end then fails.
    let ended = store.inner.write(Say("COMMIT")).await;
    assert!(matches!(ended, Err(StoreError::Broken(_))), "{ended:?}");
    assert_eq!(store.accept(run("any")).await, Ok(Accepted::New));
    store.close().await;
}

/// All of these wait for the writer before it begins, so they are one group; the member in their middle ends it.
#[tokio::test]
async fn where_a_group_comes_to_nothing_each_member_is_done_by_itself() {
    let (_folder, store) = open().await;
    let mut calls = Vec::new();
    for number in 0..20 {
        let store = store.clone();
        calls.push(tokio::spawn(async move {
            if number == 10 {
                return store.inner.write(Say("ROLLBACK")).await;
            }
            store.accept(run("any")).await.map(|_| ())
        }));
    }
    for (number, call) in calls.into_iter().enumerate() {
        let result = call.await.unwrap();
        assert_eq!(result.is_ok(), number != 10, "{number}: {result:?}");
    }
    let all = super::RunFilter {
        limit: 100,
        ..Default::default()
    };
    assert_eq!(store.runs(&all).await.unwrap().runs.len(), 19);
    store.close().await;
}

/// The lock is gone once the first of them is told, so that whoever tried again by itself would succeed.
#[tokio::test]
async fn where_somebody_else_has_the_file_a_whole_group_is_told_at_once() {
    let (folder, store) = open().await;
    let url = format!("sqlite:{}", folder.path().join("doorlist.db").display());
    // Else the test waits.
    let at_once = Say("PRAGMA busy_timeout = 0");
    store.inner.write(at_once).await.unwrap();
    let mut other = AnyConnection::connect(&url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        calls.spawn(async move { store.accept(run("any")).await });
    }
    let first = calls.join_next().await.unwrap().unwrap();
    other.execute("ROLLBACK").await.unwrap();
    let mut all = calls.join_all().await;
    all.push(first);
    for result in all {
        assert!(
            matches!(&result, Err(StoreError::Unreachable(words)) if words.contains("another program")),
            "{result:?}"
        );
    }
    assert_eq!(store.accept(run("any")).await, Ok(Accepted::New), "it goes on");
    store.close().await;
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_half_transaction() {
    let (_folder, store) = open().await;
    for _ in 0..20 {
        let call = tokio::spawn({
            let store = store.clone();
            async move { store.accept(run("of somebody who went away")).await }
        });
        tokio::task::yield_now().await;
        call.abort();
    }
    let last = run("of somebody who waits");
    assert_eq!(store.accept(last.clone()).await, Ok(Accepted::New));
    assert_eq!(store.run(&last.id).await.unwrap().unwrap().tasks.len(), 1);
    store.close().await;
}
