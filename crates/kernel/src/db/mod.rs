//! The database: SQLite or PostgreSQL behind one wrapper and one SQL text. No ORM; the queries are the program,
//! in the `store.rs` of each domain. This module owns units of work; what may be said alike is in ARCHITECTURE.md.

mod dialect;
pub mod migrate;
mod postgres;
mod sqlite;
mod statement;
pub mod transfer;
mod tx;
mod value;

use std::{any::Any, future::Future, path::Path, sync::Arc, time::Duration};

use jiff::tz::TimeZone;

pub use dialect::INSTALLATION_TABLES;
pub(crate) use dialect::claim_jobs;
pub use tx::{Tx, UnitId, counting};
pub use value::{Column, FromColumn, Row, Type, Value};

use crate::{Actor, Clock, Error, Result, TenantId, crypto::Keys, jobs::Reactions, kept::Memory};
use statement::Statement;

/// Whose data, in which zone legal days end, and who acts.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The isolation boundary.
    pub tenant: TenantId,
    /// Where "today" is read.
    pub zone: TimeZone,
    /// Who acts.
    pub actor: Actor,
}

/// Marks an error that a constraint of the database gave (unique, not null, foreign key).
#[derive(Debug, thiserror::Error)]
#[error("a constraint of the database refused")]
pub struct Constraint;

/// The database of an installation; cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Arc<Engine>,
    pub(crate) clock: Clock,
    pub(crate) reactions: Arc<Reactions>,
    /// What marks the lines of the journal; none before the key file is read, and then nothing can be recorded.
    pub(crate) keys: Option<Keys>,
    ids: Arc<std::sync::Mutex<uuid::ContextV7>>,
    memory: Memory,
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

tokio::task_local! {
    /// Set while a unit of work runs, so that one inside another is refused instead of waiting for ever.
    static IN_UNIT: ();
}

/// A SQLite unit that holds the writer longer is rolled back: everybody waits behind it.
const SQLITE_UNIT: Duration = Duration::from_secs(1);
/// A PostgreSQL unit only holds its own connection.
const POSTGRES_UNIT: Duration = Duration::from_secs(15);

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`. The schema is `migrate`'s business.
    pub fn open(url: &str, is_grouped: bool, clock: Clock, reactions: Reactions) -> Result<Self> {
        let engine = if let Some(path) = url.strip_prefix("sqlite:") {
            Engine::Sqlite(sqlite::Sqlite::open(Path::new(path), is_grouped)?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Engine::Postgres(postgres::Postgres::new(url, 16)?)
        } else {
            let sentence = "L’adresse de la base commence par « sqlite: » (un fichier) ou « postgres:// » (un serveur).";
            return Err(Error::refused("database-url", sentence));
        };
        let ids = Arc::new(std::sync::Mutex::new(uuid::ContextV7::new()));
        Ok(Self { engine: Arc::new(engine), clock, reactions: Arc::new(reactions), keys: None, ids, memory: Memory::default() })
    }

    /// The same, able to mark the lines of the journal.
    pub fn with_keys(self, keys: Keys) -> Self {
        Self { keys: Some(keys), ..self }
    }

    /// The same database, at another time: the demonstration lives several days at once.
    pub fn at(&self, clock: Clock) -> Self {
        Self { clock, ..self.clone() }
    }

    pub(crate) fn marking_keys(&self) -> Result<&Keys> {
        let missing = "Le fichier de clés n’est pas lisible : sans lui, rien ne peut être écrit au journal.";
        self.keys.as_ref().ok_or_else(|| Error::refused("key-file", missing))
    }

    /// What a domain keeps in memory beside this database, by its type: empty at first, lost at the end.
    pub fn kept<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        self.memory.of()
    }

    /// Whether several nodes may share this database.
    pub fn is_postgres(&self) -> bool {
        matches!(*self.engine, Engine::Postgres(_))
    }

    /// A consistent reading; a statement that writes is refused.
    pub async fn read<T>(&self, scope: &Scope, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let conn = match &*self.engine {
            Engine::Sqlite(sqlite) => tx::Conn::SqliteReader(sqlite.reader().await?),
            Engine::Postgres(postgres) => tx::Conn::Postgres(postgres.unit(Some(scope.tenant), false).await?),
        };
        let mut tx = Tx::new(self, conn, scope.clone(), false);
        let out = work(&mut tx).await;
        tx.end(false).await?;
        out
    }

    /// A unit of work: all of it is on disk when this returns `Ok`, none of it when it returns `Err`.
    /// Inside, nothing is awaited but `tx`. A unit inside a unit is refused.
    pub async fn write<T>(&self, scope: &Scope, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.unit(scope.clone(), Some(scope.tenant), work).await
    }

    /// A unit of work of the installation, for the kernel's own tables; the statements name their tenant themselves.
    pub(crate) async fn installation<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let nobody = TenantId::from(uuid::Uuid::nil());
        let scope = Scope { tenant: nobody, zone: TimeZone::UTC, actor: Actor::system("installation") };
        self.unit(scope, None, work).await
    }

    async fn unit<T>(&self, scope: Scope, tenant: Option<TenantId>, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        if IN_UNIT.try_with(|()| ()).is_ok() {
            return Err(Error::internal("a unit of work inside a unit of work"));
        }
        let (conn, limit) = match &*self.engine {
            Engine::Sqlite(sqlite) => (tx::Conn::Sqlite(sqlite.unit().await?), SQLITE_UNIT),
            Engine::Postgres(postgres) => (tx::Conn::Postgres(postgres.unit(tenant, true).await?), POSTGRES_UNIT),
        };
        let mut tx = Tx::new(self, conn, scope, true);
        let out = limited(limit, IN_UNIT.scope((), work(&mut tx))).await;
        let has_jobs = tx.has_jobs();
        let ended = tx.end(out.is_ok()).await;
        match out {
            Ok(value) => {
                ended?;
                if has_jobs {
                    self.reactions.bell.notify_waiters();
                }
                Ok(value)
            }
            Err(error) => Err(error),
        }
    }

    /// Rows of the installation: `$1…$n` are the values given.
    pub(crate) async fn installation_all(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let statement = Statement::new(sql, values.to_vec())?;
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.reader().await?.query(&statement),
            Engine::Postgres(postgres) => {
                let mut unit = postgres.unit(None, false).await?;
                let rows = unit.query(statement).await;
                unit.end(false).await?;
                rows
            }
        }
    }

    /// One statement of the installation, in a unit of its own; gives the number of rows changed.
    pub(crate) async fn installation_run(&self, sql: &str, values: &[Value]) -> Result<u64> {
        let values = values.to_vec();
        self.installation(async |tx| tx.raw_run(sql, values).await).await
    }

    /// The address given at opening, or the file's path: for `backup` and messages of the command line.
    pub fn address(&self) -> String {
        match &*self.engine {
            Engine::Sqlite(sqlite) => format!("sqlite:{}", sqlite.path().display()),
            Engine::Postgres(postgres) => postgres.url().to_owned(),
        }
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<()> {
        self.installation_all("select cast(1 as bigint) as one", &[]).await.map(drop)
    }

    /// An identifier for a tenant about to be created, before any scope exists.
    pub fn new_tenant_id(&self) -> TenantId {
        TenantId::from(self.new_uuid(self.clock.now()))
    }

    /// A fresh UUIDv7: ordered by time, and by order of making within this process.
    pub(crate) fn new_uuid(&self, at: jiff::Timestamp) -> uuid::Uuid {
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        let nanos = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
        uuid::Uuid::new_v7(uuid::Timestamp::from_unix(&*self.ids, seconds, nanos))
    }
}

async fn limited<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(out) => out,
        Err(_) => {
            tracing::error!(?limit, "a unit of work held its connection too long and was rolled back");
            Err(Error::Unavailable("base de données"))
        }
    }
}
