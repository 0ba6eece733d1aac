//! Opening: twice at once, after a newer program, after somebody died, and what is no store.

use crate::place::Place;
use crate::samples::{accept, claim, pair};
use doorlist::store::{Store, StoreError};

on_each_store!(
    two_that_open_at_once_make_the_tables_once,
    what_a_newer_program_used_is_refused_with_words,
    who_claimed_before_a_restart_is_known_to_be_gone_in_a_file_alone,
    a_closed_store_says_so,
    whether_it_can_be_written_can_be_asked,
);

async fn two_that_open_at_once_make_the_tables_once(place: &Place) {
    let (first, second) = tokio::join!(Store::open(&place.url), Store::open(&place.url));
    if place.is_file() {
        let mut opened = [first, second];
        opened.sort_by_key(Result::is_err);
        let [first, second] = opened;
        assert!(matches!(second, Err(StoreError::InUse { .. })), "{second:?}");
        first.unwrap().close().await;
    } else {
        let (first, second) = (first.unwrap(), second.unwrap());
        let id = accept(&first, &[&["esa-1/blocklist"]]).await;
        assert!(second.run(&id).await.unwrap().is_some());
        first.close().await;
        second.close().await;
    }
    assert_eq!(place.count("_sqlx_migrations WHERE version = 1").await, 1);
}

async fn what_a_newer_program_used_is_refused_with_words(place: &Place) {
    place.open().await.close().await;
    place
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'of tomorrow', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    let error = Store::open(&place.url).await.unwrap_err();
    assert_eq!(
        error,
        StoreError::Newer("its tables have version 9999".to_owned())
    );
    assert!(error.to_string().contains("a newer doorlist"), "{error}");
    // Nobody is locked out by the refusal.
    place
        .execute("DELETE FROM _sqlx_migrations WHERE version = 9999")
        .await;
    place.open().await.close().await;
}

async fn who_claimed_before_a_restart_is_known_to_be_gone_in_a_file_alone(place: &Place) {
    let store = place.open().await;
    let id = accept(&store, &[&["esa-1/blocklist"]]).await;
    let held = claim(&store, "worker-1").await.unwrap();
    store
        .journal(&held, &[pair("mallory@example.com")])
        .await
        .unwrap();
    store.close().await;
    let store = place.open().await;
    let again = claim(&store, "worker-2").await;
    if place.is_file() {
        let again = again.unwrap();
        assert_eq!((&again.run, again.attempt, again.is_after_expiry), (&id, 2, true));
        assert_eq!(again.journal, [pair("mallory@example.com")]);
    } else {
        assert_eq!(again, None, "another server may be at it");
    }
    store.close().await;
}

async fn a_closed_store_says_so(place: &Place) {
    let store = place.open().await;
    let other = store.clone();
    store.close().await;
    assert!(matches!(
        other.is_writable().await,
        Err(StoreError::Unreachable(_))
    ));
    assert!(matches!(other.run("any").await, Err(StoreError::Unreachable(_))));
    assert!(matches!(
        other.claim("worker", crate::samples::HOUR).await,
        Err(StoreError::Unreachable(_))
    ));
    other.close().await;
}

async fn whether_it_can_be_written_can_be_asked(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.is_writable().await, Ok(()));
    store.close().await;
    if !place.is_file() {
        let read_only = format!("{}%20-cdefault_transaction_read_only%3Don", place.url);
        assert_eq!(Store::open(&read_only).await.unwrap_err(), StoreError::ReadOnly);
    }
}

#[tokio::test]
async fn what_is_no_store_is_refused_with_words() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "This is a letter, and no database at all. ".repeat(100)).unwrap();
    let text = format!("sqlite:{}", text.display());
    let no_folder = format!("sqlite:{}", folder.path().join("missing/doorlist.db").display());
    // (address, words)
    for (address, words) in [
        (
            "mysql://localhost/doorlist",
            "must begin with \"sqlite:\" or \"postgres://\"",
        ),
        ("postgres://doorlist@127.0.0.1:1/doorlist", "cannot be reached"),
        (&text, "file is not a database"),
        (&no_folder, "does not exist"),
    ] {
        let error = Store::open(address).await.unwrap_err().to_string();
        assert!(error.contains(words), "{address}: {error}");
    }
}
