//! One piece of work in one transaction, and how its answer gets back to whoever asked. Work may be done again when a
//! transaction comes to nothing, so it changes nothing but the database.

use super::StoreError;
use super::sql::Sql;
use async_trait::async_trait;
use tokio::sync::oneshot;

/// What is done inside a transaction.
#[async_trait]
pub(super) trait Work: Send + Sync + 'static {
    /// What the caller gets.
    type Answer: Send + 'static;
    /// Does it. An error undoes all of it.
    async fn run(&self, sql: &mut Sql<'_>) -> Result<Self::Answer, StoreError>;
}

/// A piece of work that waits for its transaction, whatever its answer is.
#[async_trait]
pub(super) trait Member: Send {
    /// Does the work and keeps its answer until the commit.
    async fn run(&mut self, sql: &mut Sql<'_>) -> Result<(), StoreError>;
    /// Tells the caller, who may have gone.
    fn tell(self: Box<Self>, committed: Result<(), StoreError>);
}

/// Work with its caller.
pub(super) struct Job<W: Work> {
    work: W,
    answer: Option<W::Answer>,
    caller: oneshot::Sender<Result<W::Answer, StoreError>>,
}

impl<W: Work> Job<W> {
    /// A job, and where its answer will be.
    pub(super) fn new(work: W) -> (Box<Self>, oneshot::Receiver<Result<W::Answer, StoreError>>) {
        let (caller, answer) = oneshot::channel();
        let job = Self {
            work,
            answer: None,
            caller,
        };
        (Box::new(job), answer)
    }
}

#[async_trait]
impl<W: Work> Member for Job<W> {
    async fn run(&mut self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        self.answer = Some(self.work.run(sql).await?);
        Ok(())
    }

    fn tell(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { answer, caller, .. } = *self;
        let result = committed.and_then(|()| answer.ok_or_else(StoreError::closed));
        // A caller that has gone asks again, and finds what was stored.
        let _ = caller.send(result);
    }
}

/// Writes the one row that is there for it.
pub(super) struct Probe;

#[async_trait]
impl Work for Probe {
    type Answer = ();
    async fn run(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        let now_ms = sql.now_ms().await?;
        let probe = sqlx::query("UPDATE probe SET probed_ms = $1 WHERE id = 1").bind(now_ms);
        sql.execute(probe).await?;
        Ok(())
    }
}

/// What time it is there.
pub(super) struct Now;

#[async_trait]
impl Work for Now {
    type Answer = i64;
    async fn run(&self, sql: &mut Sql<'_>) -> Result<i64, StoreError> {
        sql.now_ms().await
    }
}
