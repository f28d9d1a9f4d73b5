//! SQLite: one writer connection whose units of work are savepoints that share a commit and its flush,
//! and a few readers. Statements run inline; only the flush waits for the disk on another thread.
//!
//! How the group forms: the first unit to finish queues a flusher behind the units that already wait for the
//! writer (its lock is first come, first served), so these share the flush; those that come later form the next group.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex as StdMutex},
};

use rusqlite::{Connection, OpenFlags, config::DbConfig, types::ToSqlOutput};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

use super::{
    Row, Value,
    statement::Statement,
    value::{Cells, timestamp_text},
};
use crate::{Error, Result};

/// Units that share one flush at most.
const GROUP: usize = 64;
/// Prepared statements kept per connection.
const STATEMENTS: usize = 256;

pub(crate) struct Sqlite {
    writer: Arc<Mutex<Writer>>,
    readers: Arc<StdMutex<Vec<Session>>>,
    reader_permits: Arc<Semaphore>,
    path: PathBuf,
    is_grouped: bool,
}

/// A connection, and what it knows of the texts it was given.
struct Session {
    conn: Connection,
    texts: HashMap<String, Arc<Text>>,
}

/// A text as SQLite wants it, and the columns it gives.
struct Text {
    numbered: String,
    names: Arc<[String]>,
}

/// The writer connection; `is_open` while an outer transaction is under way.
pub(crate) struct Writer {
    session: Session,
    is_open: bool,
    waiting: Vec<oneshot::Sender<Result<()>>>,
    is_flush_queued: bool,
}

/// The writer lent to one unit of work.
pub(crate) struct Unit {
    guard: Option<OwnedMutexGuard<Writer>>,
    writer: Arc<Mutex<Writer>>,
    is_grouped: bool,
    runtime: tokio::runtime::Handle,
}

/// A reader lent for one consistent reading.
pub(crate) struct Reader {
    session: Option<Session>,
    home: Arc<StdMutex<Vec<Session>>>,
    _permit: OwnedSemaphorePermit,
}

impl Sqlite {
    /// Opens or creates the file. Readers are as many as cores, two at least.
    pub fn open(path: &Path, is_grouped: bool) -> Result<Self> {
        let writer = connect(path, OpenFlags::default())?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
        let readers = (0..cores).map(|_| connect(path, OpenFlags::default()).and_then(read_only).map(Session::new));
        let readers = readers.collect::<Result<Vec<_>>>()?;
        Ok(Self {
            writer: Arc::new(Mutex::new(Writer { session: Session::new(writer), is_open: false, waiting: vec![], is_flush_queued: false })),
            readers: Arc::new(StdMutex::new(readers)),
            reader_permits: Arc::new(Semaphore::new(cores)),
            path: path.to_owned(),
            is_grouped,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the writer and opens a savepoint.
    pub async fn unit(&self) -> Result<Unit> {
        let mut guard = self.writer.clone().lock_owned().await;
        if guard.waiting.len() >= GROUP {
            guard = flush(guard).await?;
        }
        if !guard.is_open {
            step(&guard.session.conn, "begin immediate").map_err(fault)?;
            guard.is_open = true;
        }
        let mut unit =
            Unit { guard: Some(guard), writer: self.writer.clone(), is_grouped: self.is_grouped, runtime: tokio::runtime::Handle::current() };
        step(&unit.session().conn, "savepoint unit").map_err(fault)?;
        Ok(unit)
    }

    /// Waits for a reader and opens a consistent reading.
    pub async fn reader(&self) -> Result<Reader> {
        let permit = self.reader_permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| Error::Unavailable("base de données"))?;
        let session = self.readers.lock().expect("no holder panics").pop();
        let session = session.ok_or_else(|| Error::internal("a permit without a reader"))?;
        let mut reader = Reader { session: Some(session), home: self.readers.clone(), _permit: permit };
        step(&reader.session().conn, "begin").map_err(fault)?;
        Ok(reader)
    }

    /// Runs a migration script whole, in one transaction, alone on the writer.
    pub async fn script(&self, sql: &str) -> Result<()> {
        let mut guard = self.writer.clone().lock_owned().await;
        if guard.is_open {
            guard = flush(guard).await?;
        }
        let done = guard.session.conn.execute_batch(&format!("begin immediate; {sql}; commit"));
        if done.is_err() && !guard.session.conn.is_autocommit() {
            guard.session.conn.execute_batch("rollback").map_err(fault)?;
        }
        done.map_err(fault)
    }
}

impl Unit {
    fn session(&mut self) -> &mut Session {
        &mut self.guard.as_mut().expect("the guard leaves only when the unit ends").session
    }

    pub fn query(&mut self, statement: &Statement<'_>) -> Result<Vec<Row>> {
        self.session().query(statement)
    }

    pub fn run(&mut self, statement: &Statement<'_>) -> Result<u64> {
        self.session().run(statement)
    }

    /// Keeps or undoes the savepoint, then waits for the flush of its group: nobody is answered before it.
    pub async fn end(mut self, keep: bool) -> Result<()> {
        let Some(mut guard) = self.guard.take() else { return Ok(()) };
        let closed = close_savepoint(&mut guard, keep);
        if guard.session.conn.is_autocommit() {
            // the engine itself ended the outer transaction: full disk, I/O
            fail_group(&mut guard);
            return Err(Error::Unavailable("base de données"));
        }
        closed?;
        let (sender, receiver) = oneshot::channel();
        guard.waiting.push(sender);
        if self.is_grouped {
            queue_flush(guard, self.writer.clone(), &self.runtime);
        } else {
            drop(flush(guard).await?);
        }
        receiver.await.map_err(Error::internal)?
    }
}

impl Drop for Unit {
    /// A unit dropped on its way (cancelled, panicked) leaves nothing behind.
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            if close_savepoint(&mut guard, false).is_err() || guard.session.conn.is_autocommit() {
                fail_group(&mut guard);
            } else {
                queue_flush(guard, self.writer.clone(), &self.runtime.clone());
            }
        }
    }
}

impl Reader {
    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("the connection goes home only at drop")
    }

    pub fn query(&mut self, statement: &Statement<'_>) -> Result<Vec<Row>> {
        self.session().query(statement)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            if !session.conn.is_autocommit() && step(&session.conn, "commit").is_err() {
                tracing::error!("a reader could not close its transaction");
            }
            self.home.lock().expect("no holder panics").push(session);
        }
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let conn = Connection::open_with_flags(path, flags).map_err(fault)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.busy_timeout(std::time::Duration::from_secs(10)).map_err(fault)?;
    // A plan depends on the text alone: otherwise each run of a list is planned again around its values.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(fault)?;
    conn.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; \
         pragma cache_size = -4000; pragma temp_store = memory; pragma journal_size_limit = 67108864",
    )
    .map_err(fault)?;
    Ok(conn)
}

fn read_only(conn: Connection) -> Result<Connection> {
    conn.execute_batch("pragma query_only = on").map_err(fault)?;
    Ok(conn)
}

/// A statement about transactions, prepared once per connection.
fn step(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.raw_execute().map(drop)
}

fn close_savepoint(writer: &mut Writer, keep: bool) -> Result<()> {
    if !keep {
        step(&writer.session.conn, "rollback to unit").map_err(fault)?;
    }
    step(&writer.session.conn, "release unit").map_err(fault)
}

fn fail_group(writer: &mut Writer) {
    writer.is_open = false;
    for waiting in writer.waiting.drain(..) {
        let _gone = waiting.send(Err(Error::Unavailable("base de données")));
    }
}

fn queue_flush(mut guard: OwnedMutexGuard<Writer>, writer: Arc<Mutex<Writer>>, runtime: &tokio::runtime::Handle) {
    if !std::mem::replace(&mut guard.is_flush_queued, true) {
        runtime.spawn(async move {
            let mut guard = writer.lock_owned().await;
            guard.is_flush_queued = false;
            if let Err(error) = flush(guard).await {
                tracing::error!(%error, "the flush of a group of units failed");
            }
        });
    }
}

/// Commits the outer transaction on a thread that may wait for the disk, and answers its units.
async fn flush(mut guard: OwnedMutexGuard<Writer>) -> Result<OwnedMutexGuard<Writer>> {
    if !guard.is_open {
        return Ok(guard);
    }
    let flushed = tokio::task::spawn_blocking(move || {
        match step(&guard.session.conn, "commit") {
            Ok(()) => {
                guard.is_open = false;
                for waiting in guard.waiting.drain(..) {
                    let _gone = waiting.send(Ok(()));
                }
            }
            Err(error) => {
                tracing::error!(%error, "commit refused");
                if !guard.session.conn.is_autocommit() {
                    let _ended = guard.session.conn.execute_batch("rollback");
                }
                fail_group(&mut guard);
            }
        }
        guard
    });
    flushed.await.map_err(Error::internal)
}

impl Session {
    fn new(conn: Connection) -> Self {
        Self { conn, texts: HashMap::new() }
    }

    fn query(&mut self, statement: &Statement<'_>) -> Result<Vec<Row>> {
        let text = self.text(&statement.sql)?;
        let mut prepared = self.conn.prepare_cached(&text.numbered).map_err(|e| described(e, &statement.sql))?;
        bind(&mut prepared, &statement.values)?;
        let mut cursor = prepared.raw_query();
        let mut rows = vec![];
        while let Some(row) = cursor.next().map_err(|e| described(e, &statement.sql))? {
            let values = (0..text.names.len()).map(|i| row.get(i)).collect::<Result<_, _>>();
            rows.push(Row(Cells::Sqlite { names: text.names.clone(), values: values.map_err(fault)? }));
        }
        Ok(rows)
    }

    fn run(&mut self, statement: &Statement<'_>) -> Result<u64> {
        let text = self.text(&statement.sql)?;
        let mut prepared = self.conn.prepare_cached(&text.numbered).map_err(|e| described(e, &statement.sql))?;
        bind(&mut prepared, &statement.values)?;
        let changed = prepared.raw_execute().map_err(|e| described(e, &statement.sql))?;
        Ok(changed as u64)
    }

    /// What is known of a text; all is forgotten when there are too many, as a list with many filters makes.
    fn text(&mut self, sql: &str) -> Result<Arc<Text>> {
        if let Some(text) = self.texts.get(sql) {
            return Ok(text.clone());
        }
        let numbered = numbered(sql);
        let prepared = self.conn.prepare_cached(&numbered).map_err(|e| described(e, sql))?;
        let names = prepared.column_names().map(str::to_owned).collect();
        drop(prepared);
        if self.texts.len() >= 2 * STATEMENTS {
            self.texts.clear();
        }
        let text = Arc::new(Text { numbered, names });
        self.texts.insert(sql.to_owned(), text.clone());
        Ok(text)
    }
}

/// Binds by number, the text saying `?1` for `$1`.
fn bind(prepared: &mut rusqlite::Statement<'_>, values: &[Value]) -> Result<()> {
    for (index, value) in values.iter().enumerate() {
        prepared.raw_bind_parameter(index + 1, Bound(value)).map_err(fault)?;
    }
    Ok(())
}

/// To SQLite `$1` is a name, to be looked for at each run and numbered by order of appearance; `?1` is the first.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find('$') {
        let is_number = rest[at + 1..].starts_with(|next: char| next.is_ascii_digit());
        out.push_str(&rest[..at]);
        out.push(if is_number { '?' } else { '$' });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out
}

struct Bound<'a>(&'a Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::{Value as V, ValueRef as R};
        Ok(match self.0 {
            Value::Null(_) | Value::List(_) => ToSqlOutput::Owned(V::Null),
            Value::Bool(value) => ToSqlOutput::Owned(V::Integer(i64::from(*value))),
            Value::I64(value) => ToSqlOutput::Owned(V::Integer(*value)),
            Value::F64(value) => ToSqlOutput::Owned(V::Real(*value)),
            Value::Text(value) => ToSqlOutput::Borrowed(R::Text(value.as_bytes())),
            Value::Uuid(value) => ToSqlOutput::Borrowed(R::Blob(value.as_bytes())),
            Value::Timestamp(value) => ToSqlOutput::Owned(V::Text(timestamp_text(*value))),
            Value::Date(value) => ToSqlOutput::Owned(V::Text(value.to_string())),
            Value::Json(value) => ToSqlOutput::Owned(V::Text(value.to_string())),
            Value::Bytes(value) => ToSqlOutput::Borrowed(R::Blob(value)),
        })
    }
}

fn described(error: rusqlite::Error, sql: &str) -> Error {
    match fault(error) {
        Error::Internal(error) => Error::Internal(error.context(sql.to_owned())),
        other => other,
    }
}

/// Full disk, I/O and locks are the database being away; the rest is a fault of ours.
fn fault(error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as C;
    match error.sqlite_error_code() {
        Some(
            C::DiskFull
            | C::SystemIoFailure
            | C::DatabaseBusy
            | C::DatabaseLocked
            | C::CannotOpen
            | C::ReadOnly
            | C::OutOfMemory
            | C::OperationAborted,
        ) => {
            tracing::error!(%error, "the database is away");
            Error::Unavailable("base de données")
        }
        Some(C::ConstraintViolation) => Error::Internal(anyhow::Error::new(error).context(super::Constraint)),
        _ => Error::Internal(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbers_whatever_their_order() {
        assert_eq!(numbered("a = $2 and b = $10 and c = '$x' and d = $1"), "a = ?2 and b = ?10 and c = '$x' and d = ?1");
        let conn = Connection::open_in_memory().expect("memory");
        let statement = Statement::new("select $2 || $1 || $2 as said", vec!["a".into(), "b".into()]).expect("well numbered");
        let rows = Session::new(conn).query(&statement).expect("said");
        assert_eq!(rows[0].get::<String>("said").expect("text"), "bab");
    }
}
