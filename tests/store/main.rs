//! The conformance suite of the store: every sentence holds for a SQLite file and, where
//! `DOORLIST_TEST_POSTGRES_URL` names one, for a PostgreSQL, in a schema of its own (`.ci/run` starts one). What can
//! only happen to a file is in `files.rs`. `place.rs` has the two kinds of store, `samples.rs` what is put into them.
//!
//! Leases of no length stand for leases that are over, and times are moved in the rows, so that nothing here waits.

#![expect(clippy::unwrap_used, reason = "in a test a failed step is a failed test")]
#![expect(
    unreachable_pub,
    reason = "a test binary has no public side; `pub` marks what a module offers"
)]

/// Makes a test for each kind of store of every named sentence.
macro_rules! on_each_store {
    ($($sentence:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $sentence() {
                super::$sentence(&$crate::place::Place::file()).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $sentence() {
                if let Some(place) = $crate::place::Place::schema().await {
                    super::$sentence(&place).await;
                    place.remove().await;
                }
            })*
        }
    };
}

mod accepting;
mod auditing;
mod cancelling;
mod claiming;
mod crashing;
mod fencing;
mod files;
mod finishing;
mod holding;
mod holding_senders;
mod hour;
mod listing;
mod migrating;
mod opening;
mod owning;
mod place;
mod planning;
mod racing;
mod retention;
mod samples;
mod switching;
mod taking_back;
