//! How work becomes durable. A SQLite file has one writer, which puts what waits into one transaction, so that one
//! wait for the disk serves many; each member has a savepoint and fails alone. PostgreSQL does that itself: there,
//! each piece of work has a connection of a pool.
//!
//! Work runs in tasks of its own, so that a caller that goes away never leaves half a transaction. Refuses to know
//! what the work is. Next: `open.rs` for how connections come about.

use super::StoreError;
use super::dialect::Dialect;
use super::open::File;
use super::sql::Sql;
use super::work::{Job, Member, Work};
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _};
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// Most members of one transaction: at that size the disk is waited for so seldom that more would only add latency.
const GROUP_MAX: usize = 64;
/// Work that may wait for the writer; whoever comes then waits to be let in.
const WAITING_MAX: usize = 1024;
/// A database that is silent for so long is gone, whatever TCP thinks.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The hands of the store: who writes, and who reads.
pub(super) struct Hands {
    writing: Writing,
    readers: Pool,
}

enum Writing {
    /// One file, one writer.
    Groups {
        work: mpsc::Sender<Message>,
        writer: Mutex<Option<JoinHandle<()>>>,
    },
    /// Whoever has a connection.
    Alone(Pool),
}

enum Message {
    Work(Box<dyn Member>),
    Close,
}

/// Connections, and what they speak.
#[derive(Clone)]
pub(super) struct Pool {
    pub(super) connections: AnyPool,
    pub(super) dialect: Dialect,
}

impl Hands {
    /// For a file, whose only writer this starts.
    pub(super) fn of_file(file: File, connection: AnyConnection, readers: Pool) -> Self {
        let (work, waiting) = mpsc::channel(WAITING_MAX);
        let writer = Writer {
            file,
            connection: Some(connection),
        };
        let writer = Mutex::new(Some(tokio::spawn(writer.serve(waiting))));
        Self {
            writing: Writing::Groups { work, writer },
            readers,
        }
    }

    /// For a server.
    pub(super) fn of_server(pool: Pool) -> Self {
        Self {
            writing: Writing::Alone(pool.clone()),
            readers: pool,
        }
    }

    /// A file has one server.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.writing, Writing::Alone(_))
    }

    /// Durable when it returns.
    pub(super) async fn write<W: Work>(&self, work: W) -> Result<W::Answer, StoreError> {
        let (job, answer) = Job::new(work);
        match &self.writing {
            Writing::Groups { work, .. } => {
                let sent = work.send(Message::Work(job)).await;
                sent.map_err(|_| StoreError::closed())?;
            }
            Writing::Alone(pool) => {
                let pool = pool.clone();
                tokio::spawn(async move { pool.transact(pool.dialect.begin, job).await });
            }
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::closed()))
    }

    /// Sees one moment.
    pub(super) async fn read<W: Work>(&self, work: W) -> Result<W::Answer, StoreError> {
        let (job, answer) = Job::new(work);
        let pool = self.readers.clone();
        tokio::spawn(async move { pool.transact(pool.dialect.begin_reading, job).await });
        answer.await.unwrap_or_else(|_| Err(StoreError::closed()))
    }

    /// Does what was asked for before, and lets go.
    pub(super) async fn close(&self) {
        self.readers.connections.close().await;
        if let Writing::Groups { work, writer } = &self.writing {
            // Where nobody listens any more, it is closed already.
            let _ = work.send(Message::Close).await;
            if let Some(writer) = writer.lock().await.take()
                && let Err(error) = writer.await
            {
                tracing::error!(%error, "the writer of the store did not end well");
            }
        }
    }
}

impl Pool {
    async fn transact(&self, begin: &'static str, mut job: Box<dyn Member>) {
        let mut connection = match self.connections.acquire().await {
            Ok(connection) => connection,
            Err(error) => return job.tell(Err(error.into())),
        };
        let work = alone(&mut connection, self.dialect, begin, &mut job);
        let (result, is_usable) = tokio::time::timeout(ANSWER_WITHIN, work)
            .await
            .unwrap_or_else(|_| {
                let silent = format!("no answer within {} s", ANSWER_WITHIN.as_secs());
                (Err(StoreError::Unreachable(silent)), false)
            });
        if !is_usable {
            // Nobody knows what state it is in; the pool makes a new one.
            drop(connection.detach());
        }
        job.tell(result);
    }
}

/// One piece of work in a transaction of its own. False where the connection cannot be used any more.
async fn alone(
    connection: &mut AnyConnection,
    dialect: Dialect,
    begin: &'static str,
    job: &mut Box<dyn Member>,
) -> (Result<(), StoreError>, bool) {
    if let Err(error) = connection.execute(begin).await {
        return (Err(error.into()), false);
    }
    let mut result = job.run(&mut Sql::new(connection, dialect)).await;
    if result.is_ok() {
        result = connection.execute("COMMIT").await.map(|_| ()).map_err(Into::into);
    }
    if result.is_ok() {
        return (result, true);
    }
    let is_usable = connection.execute("ROLLBACK").await.is_ok();
    (result, is_usable)
}

/// The one writer of a file. It holds the file's lock until its connection is closed.
struct Writer {
    file: File,
    connection: Option<AnyConnection>,
}

impl Writer {
    async fn serve(mut self, mut waiting: mpsc::Receiver<Message>) {
        let mut is_open = true;
        while is_open && let Some(first) = waiting.recv().await {
            let mut members = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Work(member) => members.push(member),
                    Message::Close => is_open = false,
                }
                next = if is_open && members.len() < GROUP_MAX {
                    waiting.try_recv().ok()
                } else {
                    None
                };
            }
            self.serve_group(members).await;
        }
        // Whoever is still waiting is told that it is closed.
        drop(waiting);
        self.give_up_connection().await;
    }

    /// All in one transaction; where that comes to nothing, each in its own, so that what can be stored is. Where it
    /// cannot even begin, all are told: each by itself would wait as long again, one after the other.
    async fn serve_group(&mut self, mut members: Vec<Box<dyn Member>>) {
        if members.len() > 1 {
            match self.together(&mut members).await {
                Ok(results) => {
                    for (member, result) in members.into_iter().zip(results) {
                        member.tell(result);
                    }
                    return;
                }
                Err(NotTogether::NotBegun(error)) => {
                    for member in members {
                        member.tell(Err(error.clone()));
                    }
                    return;
                }
                Err(NotTogether::Undone) => {}
            }
        }
        for mut member in members {
            let result = self.by_itself(&mut member).await;
            member.tell(result);
        }
    }

    /// How each member fared in a transaction that was committed. An error where it was not, and nothing is stored.
    async fn together(
        &mut self,
        members: &mut [Box<dyn Member>],
    ) -> Result<Vec<Result<(), StoreError>>, NotTogether> {
        let dialect = self.file.dialect();
        let connection = self.connection().await.map_err(NotTogether::NotBegun)?;
        if let Err(error) = connection.execute(dialect.begin).await {
            self.give_up_connection().await;
            return Err(NotTogether::NotBegun(error.into()));
        }
        let group = in_group(connection, dialect, members).await;
        if group.is_err() && connection.execute("ROLLBACK").await.is_err() {
            self.give_up_connection().await;
        }
        group.map_err(|_| NotTogether::Undone)
    }

    async fn by_itself(&mut self, member: &mut Box<dyn Member>) -> Result<(), StoreError> {
        let dialect = self.file.dialect();
        let connection = self.connection().await?;
        let (result, is_usable) = alone(connection, dialect, dialect.begin, member).await;
        if !is_usable {
            self.give_up_connection().await;
        }
        result
    }

    async fn connection(&mut self) -> Result<&mut AnyConnection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.file.connect().await?,
        };
        Ok(self.connection.insert(connection))
    }

    async fn give_up_connection(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "a connection of the store did not close well");
        }
    }
}

/// Why members are not stored in one transaction.
enum NotTogether {
    /// Nobody is let in.
    NotBegun(StoreError),
    /// One of them ended it for all.
    Undone,
}

/// In a transaction that has begun.
async fn in_group(
    connection: &mut AnyConnection,
    dialect: Dialect,
    members: &mut [Box<dyn Member>],
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    let mut results = Vec::with_capacity(members.len());
    for member in members {
        connection.execute("SAVEPOINT member").await?;
        let result = member.run(&mut Sql::new(connection, dialect)).await;
        if result.is_err() {
            // Where the database has given up all of it (a full disk), this fails, and the group with it.
            connection.execute("ROLLBACK TO SAVEPOINT member").await?;
        }
        connection.execute("RELEASE SAVEPOINT member").await?;
        results.push(result);
    }
    connection.execute("COMMIT").await?;
    Ok(results)
}
