//! The unit of work: open transaction, tenant, actor, time, random source. Everything that a use case may touch
//! comes through it, so it cannot read a clock, another tenant or the network by accident.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Db, Row, Scope, Value, dialect, postgres, sqlite, statement::Statement};
use crate::{Actor, Error, OrgUnitId, Result, Right, TenantId, ids::Id};

/// The connection lent to a unit.
pub(super) enum Conn {
    Sqlite(sqlite::Unit),
    SqliteReader(sqlite::Reader),
    Postgres(postgres::Unit),
}

/// Names a unit of work within this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitId(u64);

static UNITS: AtomicU64 = AtomicU64::new(1);

/// A unit of work, or a reading. Statements are numbered `$1…$n`; `$1` is the tenant, bound here.
pub struct Tx {
    conn: Conn,
    pub(crate) db: Db,
    scope: Scope,
    now: Timestamp,
    unit: UnitId,
    can_write: bool,
    statements: u32,
    pub(crate) enqueued: u32,
}

impl Tx {
    pub(super) fn new(db: &Db, conn: Conn, scope: Scope, can_write: bool) -> Self {
        let unit = UnitId(UNITS.fetch_add(1, Ordering::Relaxed));
        Self { conn, db: db.clone(), now: db.clock.now(), unit, scope, can_write, statements: 0, enqueued: 0 }
    }

    /// The tenant of every statement.
    pub fn tenant(&self) -> TenantId {
        self.scope.tenant
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.scope.actor
    }

    /// The scope as a whole.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The instant of this unit: the same from its first line to its last.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What a domain keeps in memory beside the database: see [`Db::kept`].
    pub fn kept<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        self.db.kept()
    }

    /// Which unit this is: what was granted in one is worth nothing in another.
    pub fn unit_id(&self) -> UnitId {
        self.unit
    }

    /// The legal day, in the tenant's zone.
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.scope.zone.clone()).date()
    }

    /// The tenant's zone.
    pub fn zone(&self) -> &TimeZone {
        &self.scope.zone
    }

    /// A fresh identifier.
    pub fn new_id<I: Id>(&mut self) -> I {
        I::from(self.db.new_uuid(self.now))
    }

    /// 32 random bytes, as 43 characters for an address or a cookie.
    pub fn random_token(&mut self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.random_bytes::<32>())
    }

    /// Random bytes from the operating system's generator.
    pub fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        rand::fill(&mut bytes[..]);
        bytes
    }

    /// `Forbidden` unless the actor holds the right for this team.
    pub fn allow(&self, right: Right, unit: OrgUnitId) -> Result<()> {
        if self.actor().may(right, Some(unit)) { Ok(()) } else { Err(Error::Forbidden(right.0)) }
    }

    /// `Forbidden` unless the actor holds the right for at least one team.
    pub fn allow_any(&self, right: Right) -> Result<()> {
        if self.actor().may(right, None) { Ok(()) } else { Err(Error::Forbidden(right.0)) }
    }

    /// All rows. Lists carry their own limit.
    pub async fn all(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let values = self.with_tenant(params);
        self.raw_all(sql, values).await
    }

    /// The row, if there is one.
    pub async fn opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.all(sql, params).await?.into_iter().next())
    }

    /// The row, or `NotFound`.
    pub async fn one(&mut self, sql: &str, params: &[Value]) -> Result<Row> {
        self.opt(sql, params).await?.ok_or(Error::NotFound)
    }

    /// The row, locked until the end of the unit: a second unit waits, then sees what the first one did.
    pub async fn lock_one(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>> {
        if matches!(self.conn, Conn::Postgres(_)) {
            return self.opt(&dialect::for_update(sql), params).await;
        }
        self.opt(sql, params).await
    }

    /// Runs a statement that changes rows; gives how many.
    pub async fn run(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let values = self.with_tenant(params);
        self.raw_run(sql, values).await
    }

    /// Runs a statement of which nobody waits for the outcome: on PostgreSQL it travels with the next one. If it fails,
    /// the next one says so, or the end of the unit.
    pub async fn run_soon(&mut self, sql: &str, params: &[Value]) -> Result<()> {
        let values = self.with_tenant(params);
        let statement = self.changing(sql, values)?;
        match &mut self.conn {
            Conn::Sqlite(unit) => unit.run(&statement).map(drop),
            Conn::SqliteReader(_) => Err(Error::internal("a reader that writes")),
            Conn::Postgres(unit) => unit.run_soon(statement).await,
        }
    }

    /// Runs an `insert … on conflict do nothing`; says whether the row is new.
    pub async fn insert_unique(&mut self, sql: &str, params: &[Value]) -> Result<bool> {
        Ok(self.run(sql, params).await? > 0)
    }

    /// Rows of a statement of the installation: `$1` is the first value given.
    pub(crate) async fn raw_all(&mut self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>> {
        let statement = Statement::new(sql, values)?;
        self.count();
        match &mut self.conn {
            Conn::Sqlite(unit) => unit.query(&statement),
            Conn::SqliteReader(reader) => reader.query(&statement),
            Conn::Postgres(unit) => unit.query(statement).await,
        }
    }

    /// A changing statement of the installation: `$1` is the first value given.
    pub(crate) async fn raw_run(&mut self, sql: &str, values: Vec<Value>) -> Result<u64> {
        let statement = self.changing(sql, values)?;
        match &mut self.conn {
            Conn::Sqlite(unit) => unit.run(&statement),
            Conn::SqliteReader(_) => Err(Error::internal("a reader that writes")),
            Conn::Postgres(unit) => unit.run(statement).await,
        }
    }

    /// A changing statement, checked and counted.
    fn changing<'a>(&mut self, sql: &'a str, values: Vec<Value>) -> Result<Statement<'a>> {
        if !self.can_write {
            return Err(Error::internal(format!("a reading that writes: {sql}")));
        }
        self.count();
        Ok(Statement::new(sql, values)?)
    }

    pub(super) async fn end(self, keep: bool) -> Result<()> {
        match self.conn {
            Conn::Sqlite(unit) => unit.end(keep).await,
            Conn::SqliteReader(reader) => {
                drop(reader);
                Ok(())
            }
            Conn::Postgres(unit) => unit.end(keep).await,
        }
    }

    pub(super) fn has_jobs(&self) -> bool {
        self.enqueued > 0
    }

    fn with_tenant(&self, params: &[Value]) -> Vec<Value> {
        let mut values = Vec::with_capacity(params.len() + 1);
        values.push(self.scope.tenant.into());
        values.extend_from_slice(params);
        values
    }

    fn count(&mut self) {
        self.statements += 1;
        STATEMENTS.try_with(|counter| counter.set(counter.get() + 1)).ok();
    }
}

tokio::task_local! {
    /// Counts the statements of a task, for the test that bounds them per request.
    static STATEMENTS: std::cell::Cell<u32>;
}

/// Runs a future and says how many statements it executed; begin and commit are not counted.
pub async fn counting<T>(work: impl Future<Output = T>) -> (T, u32) {
    STATEMENTS
        .scope(std::cell::Cell::new(0), async {
            let out = work.await;
            (out, STATEMENTS.with(std::cell::Cell::get))
        })
        .await
}
