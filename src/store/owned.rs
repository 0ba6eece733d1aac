//! Pairs that stand because of us, as far as we know: kept with the end of each task, and looked up by whoever takes
//! something back or asks why. A row outlives its run. Refuses to know what is on a list now; somebody may have changed
//! it by hand since. Entries are folded by whoever brings them.

use super::finish::Finish;
use super::nouns::{ADDED, REMOVED, StoredChange, StoredPair, UNPROVEN_ADDED, UNPROVEN_REMOVED};
use super::sql::{ROWS_PER_STATEMENT, Sql, values};
use super::work::Work;
use super::{Store, StoreError};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

/// A pair that stands because of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The appliance's name.
    pub appliance: String,
    /// The list's name.
    pub list: String,
    /// Which one, folded.
    pub pair: StoredPair,
    /// The run that put it there.
    pub run: String,
    /// When that was stored.
    pub since_ms: i64,
    /// The last run that asked for it since, and found it there.
    pub claimed_by: Option<String>,
    /// Put back for somebody else: an undo took out what was not ours.
    pub is_restored: bool,
    /// The last that was sent about it was not read back, nor has any run found it there since.
    pub is_unproven: bool,
}

/// A side of a pair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Side {
    /// Who sends.
    #[default]
    Sender,
    /// The mailbox.
    Recipient,
}

impl Side {
    fn column(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Recipient => "recipient",
        }
    }
}

impl Store {
    /// Which of these pairs stand there because of us, in their order.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn owned(
        &self,
        appliance: &str,
        list: &str,
        pairs: &[StoredPair],
    ) -> Result<Vec<Owned>, StoreError> {
        let [appliance, list] = [appliance, list].map(str::to_owned);
        let mut pairs = pairs.to_vec();
        // Each once, also where two of them are in different statements.
        pairs.sort_unstable();
        pairs.dedup();
        let work = OfPairs {
            appliance,
            list,
            pairs,
        };
        self.inner.read(work).await
    }

    /// Every pair with this entry, folded, that stands because of us; on one appliance or list alone where it is named.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn owned_of(
        &self,
        entry: &str,
        side: Side,
        appliance: Option<&str>,
        list: Option<&str>,
    ) -> Result<Vec<Owned>, StoreError> {
        let work = OfEntry {
            entry: entry.to_owned(),
            side,
            appliance: appliance.map(str::to_owned),
            list: list.map(str::to_owned),
        };
        self.inner.read(work).await
    }
}

impl Finish {
    /// What the task put there is ours, what it took away is not any more, and what it found there it claims.
    pub(super) async fn keep_owned(&self, sql: &mut Sql<'_>, now_ms: i64) -> Result<(), StoreError> {
        let end = &self.end;
        if end.changed.is_empty()
            && end.already.is_empty()
            && end.gone.is_empty()
            && end.absent.entries.is_empty()
        {
            return Ok(());
        }
        let find = sqlx::query(
            "SELECT t.appliance, t.list, r.ordinal FROM tasks t JOIN runs r ON r.id = t.run \
             WHERE t.run = $1 AND t.place = $2",
        )
        .bind(&self.held.run)
        .bind(self.held.place);
        let row = sql.one(find).await?;
        let keeping = Keeping {
            run: &self.held.run,
            place: self.held.place,
            appliance: row.try_get(0)?,
            list: row.try_get(1)?,
            ordinal: row.try_get(2)?,
            now_ms,
        };
        keeping.mark_ours(sql).await?;
        // In their order: what was taken away and put back, stands.
        for alike in self.end.changed.chunk_by(|one, next| one.change == next.change) {
            for changes in alike.chunks(ROWS_PER_STATEMENT) {
                match changes[0].change {
                    ADDED => keeping.added(sql, changes, false).await?,
                    // What nobody else had put there, it most likely came from us if it is there.
                    UNPROVEN_ADDED => keeping.added(sql, changes, true).await?,
                    REMOVED => {
                        keeping
                            .let_go(sql, changes.iter().map(|change| &change.pair))
                            .await?
                    }
                    UNPROVEN_REMOVED => keeping.doubted(sql, changes).await?,
                    unknown => return Err(StoreError::Broken(format!("{unknown} is no change"))),
                }
            }
        }
        keeping.restored(sql).await?;
        for pairs in self.end.gone.chunks(ROWS_PER_STATEMENT) {
            keeping.let_go(sql, pairs.iter()).await?;
        }
        for entries in end.absent.entries.chunks(ROWS_PER_STATEMENT) {
            keeping.let_entries_go(sql, end.absent.side, entries).await?;
        }
        for pairs in self.end.already.chunks(ROWS_PER_STATEMENT) {
            keeping.claimed(sql, pairs).await?;
        }
        Ok(())
    }
}

/// What the rows of one task share.
struct Keeping<'f> {
    run: &'f str,
    place: i64,
    appliance: String,
    list: String,
    ordinal: i64,
    now_ms: i64,
}

impl Keeping<'_> {
    async fn added(
        &self,
        sql: &mut Sql<'_>,
        changes: &[StoredChange],
        is_unproven: bool,
    ) -> Result<(), StoreError> {
        let text = format!(
            "INSERT INTO owned (appliance, list, run, ordinal, since_ms, unproven, recipient, sender) VALUES {} \
             ON CONFLICT (appliance, list, recipient, sender) DO UPDATE SET run = excluded.run, \
             ordinal = excluded.ordinal, since_ms = excluded.since_ms, unproven = excluded.unproven, \
             claimed_by = NULL, claimed_ordinal = NULL, restored = 0",
            values(changes.len(), 6, 2)
        );
        let mut insert = sqlx::query(AssertSqlSafe(text))
            .bind(&self.appliance)
            .bind(&self.list)
            .bind(self.run)
            .bind(self.ordinal)
            .bind(self.now_ms)
            .bind(i64::from(is_unproven));
        for change in changes {
            insert = insert.bind(&change.pair.recipient).bind(&change.pair.sender);
        }
        sql.execute(insert).await?;
        Ok(())
    }

    /// What an undo puts back was somebody else's where it was not ours when it was taken out.
    async fn restored(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        let restore = sqlx::query(
            "UPDATE owned SET restored = 1 WHERE appliance = $1 AND list = $2 AND run = $3 AND EXISTS (\
             SELECT 1 FROM runs r JOIN changed_pairs c ON c.run = r.undo_of \
             JOIN tasks t ON t.run = c.run AND t.place = c.place \
             WHERE r.id = $3 AND t.appliance = owned.appliance AND t.list = owned.list \
             AND c.recipient = owned.recipient AND c.sender = owned.sender \
             AND c.change IN ('removed', 'unproven_removed') AND COALESCE(c.was_ours, 0) = 0)",
        )
        .bind(&self.appliance)
        .bind(&self.list)
        .bind(self.run);
        sql.execute(restore).await?;
        Ok(())
    }

    /// Of what is removed, remembers what was ours.
    async fn mark_ours(&self, sql: &mut Sql<'_>) -> Result<(), StoreError> {
        let mark = sqlx::query(
            "UPDATE changed_pairs SET was_ours = 1 WHERE run = $1 AND place = $2 AND change IN ('removed', 'unproven_removed') AND EXISTS (\
             SELECT 1 FROM owned o WHERE o.appliance = $3 AND o.list = $4 AND o.recipient = changed_pairs.recipient \
             AND o.sender = changed_pairs.sender AND o.restored = 0)",
        )
        .bind(self.run)
        .bind(self.place)
        .bind(&self.appliance)
        .bind(&self.list);
        sql.execute(mark).await?;
        Ok(())
    }

    /// It may be gone by now.
    async fn doubted(&self, sql: &mut Sql<'_>, changes: &[StoredChange]) -> Result<(), StoreError> {
        let text = format!("UPDATE owned SET unproven = 1 WHERE {}", any_of(changes.len(), 2));
        let mut update = sqlx::query(AssertSqlSafe(text))
            .bind(&self.appliance)
            .bind(&self.list);
        for change in changes {
            update = update.bind(&change.pair.recipient).bind(&change.pair.sender);
        }
        sql.execute(update).await?;
        Ok(())
    }

    async fn let_go(
        &self,
        sql: &mut Sql<'_>,
        pairs: impl ExactSizeIterator<Item = &StoredPair>,
    ) -> Result<(), StoreError> {
        let text = format!("DELETE FROM owned WHERE {}", any_of(pairs.len(), 2));
        let mut delete = sqlx::query(AssertSqlSafe(text))
            .bind(&self.appliance)
            .bind(&self.list);
        for pair in pairs {
            delete = delete.bind(&pair.recipient).bind(&pair.sender);
        }
        sql.execute(delete).await?;
        Ok(())
    }

    /// Nothing of them stands any more, whoever took it away.
    async fn let_entries_go(
        &self,
        sql: &mut Sql<'_>,
        side: Side,
        entries: &[String],
    ) -> Result<(), StoreError> {
        let any = (0..entries.len()).map(|place| format!("{} = ${}", side.column(), place + 3));
        let any = any.collect::<Vec<_>>().join(" OR ");
        let text = format!("DELETE FROM owned WHERE appliance = $1 AND list = $2 AND ({any})");
        let mut delete = sqlx::query(AssertSqlSafe(text))
            .bind(&self.appliance)
            .bind(&self.list);
        for entry in entries {
            delete = delete.bind(entry);
        }
        sql.execute(delete).await?;
        Ok(())
    }

    /// A run does not claim what it put there itself.
    async fn claimed(&self, sql: &mut Sql<'_>, pairs: &[StoredPair]) -> Result<(), StoreError> {
        let text = format!(
            "UPDATE owned SET claimed_by = $3, claimed_ordinal = $4, unproven = 0 WHERE run <> $3 AND ({})",
            any_of(pairs.len(), 4)
        );
        let mut update = sqlx::query(AssertSqlSafe(text))
            .bind(&self.appliance)
            .bind(&self.list)
            .bind(self.run)
            .bind(self.ordinal);
        for pair in pairs {
            update = update.bind(&pair.recipient).bind(&pair.sender);
        }
        sql.execute(update).await?;
        Ok(())
    }
}

/// Any of so many pairs on the appliance `$1` and the list `$2`, whose parameters come after the first `before`. Written
/// out, because both databases look each of them up in the key then; of a list of rows, SQLite reads the whole table.
fn any_of(pairs: usize, before: usize) -> String {
    let one = |pair: usize| {
        let (recipient, sender) = (before + 2 * pair + 1, before + 2 * pair + 2);
        format!("(appliance = $1 AND list = $2 AND recipient = ${recipient} AND sender = ${sender})")
    };
    (0..pairs).map(one).collect::<Vec<_>>().join(" OR ")
}

const COLUMNS: &str = "SELECT appliance, list, recipient, sender, run, since_ms, claimed_by, restored, unproven \
     FROM owned WHERE ";

struct OfPairs {
    appliance: String,
    list: String,
    pairs: Vec<StoredPair>,
}

#[async_trait]
impl Work for OfPairs {
    type Answer = Vec<Owned>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Vec<Owned>, StoreError> {
        let mut owned = Vec::new();
        for pairs in self.pairs.chunks(ROWS_PER_STATEMENT) {
            let text = format!("{COLUMNS}{}", any_of(pairs.len(), 2));
            let mut find = sqlx::query(AssertSqlSafe(text))
                .bind(&self.appliance)
                .bind(&self.list);
            for pair in pairs {
                find = find.bind(&pair.recipient).bind(&pair.sender);
            }
            for row in &sql.all(find).await? {
                owned.push(of_row(row)?);
            }
        }
        owned.sort_unstable_by(|one, other| one.pair.cmp(&other.pair));
        Ok(owned)
    }
}

struct OfEntry {
    entry: String,
    side: Side,
    appliance: Option<String>,
    list: Option<String>,
}

#[async_trait]
impl Work for OfEntry {
    type Answer = Vec<Owned>;

    async fn run(&self, sql: &mut Sql<'_>) -> Result<Vec<Owned>, StoreError> {
        let column = self.side.column();
        let text = format!(
            "{COLUMNS}{column} = $1 AND appliance = COALESCE($2, appliance) AND list = COALESCE($3, list)"
        );
        let find = sqlx::query(AssertSqlSafe(text))
            .bind(&self.entry)
            .bind(self.appliance.as_deref())
            .bind(self.list.as_deref());
        let mut owned = Vec::new();
        for row in &sql.all(find).await? {
            owned.push(of_row(row)?);
        }
        owned.sort_unstable_by(|one: &Owned, other| {
            (&one.appliance, &one.list, &one.pair).cmp(&(&other.appliance, &other.list, &other.pair))
        });
        Ok(owned)
    }
}

fn of_row(row: &AnyRow) -> Result<Owned, StoreError> {
    Ok(Owned {
        appliance: row.try_get(0)?,
        list: row.try_get(1)?,
        pair: StoredPair {
            recipient: row.try_get(2)?,
            sender: row.try_get(3)?,
        },
        run: row.try_get(4)?,
        since_ms: row.try_get(5)?,
        claimed_by: row.try_get(6)?,
        is_restored: row.try_get::<i64, _>(7)? != 0,
        is_unproven: row.try_get::<i64, _>(8)? != 0,
    })
}
