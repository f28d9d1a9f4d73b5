//! PostgreSQL: a pool, one real transaction per unit. The opening, which carries the tenant for the row-level policies,
//! and the statements whose outcome nobody waits for travel with the first one whose outcome somebody does: one round
//! trip for all. A reading is closed without waiting for the answer.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::{FutureExt as _, future::join_all};
use tokio_postgres::{
    NoTls,
    types::{ToSql, Type as PgType},
};

use super::{Row, Type, Value, dialect, statement::Statement, value::Cells};
use crate::{Error, Result, TenantId, ids::Id as _};

pub(crate) struct Postgres {
    pool: Pool,
    url: String,
}

/// One transaction on one connection.
pub(crate) struct Unit {
    client: Option<Object>,
    /// What opens it, with its parameter; empty once sent.
    opening: Vec<(&'static str, Option<String>)>,
    /// What travels with the next statement.
    waiting: Vec<Ready>,
    can_write: bool,
}

/// A statement ready to leave.
struct Ready {
    sql: String,
    prepared: tokio_postgres::Statement,
    values: Vec<Value>,
}

/// Statements that wait at most, so that a long unit does not keep them all.
const WAITING: usize = 16;

impl Postgres {
    /// Prepares a pool; the first connection is made at the first use.
    pub fn new(url: &str, connections: usize) -> Result<Self> {
        let mut config: tokio_postgres::Config = url.parse().map_err(anyhow::Error::from)?;
        config.connect_timeout(Duration::from_secs(3));
        config.application_name("parvis");
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(5)))
            .create_timeout(Some(Duration::from_secs(4)))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { client.batch_execute(dialect::SESSION).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(anyhow::Error::from)?;
        Ok(Self { pool, url: url.to_owned() })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes a connection; the transaction opens with the first statement. No tenant: a statement of the installation.
    pub async fn unit(&self, tenant: Option<TenantId>, can_write: bool) -> Result<Unit> {
        let mut opening = vec![(if can_write { "begin" } else { "begin read only" }, None)];
        opening.extend(tenant.map(|tenant| (dialect::ENTER_TENANT, Some(tenant.uuid().to_string()))));
        self.opened(opening, can_write).await
    }

    /// A reading of the whole database as it is at its first statement.
    pub async fn snapshot(&self) -> Result<Unit> {
        self.opened(vec![(dialect::SNAPSHOT, None)], false).await
    }

    async fn opened(&self, opening: Vec<(&'static str, Option<String>)>, can_write: bool) -> Result<Unit> {
        let client = self.pool.get().await.map_err(away)?;
        Ok(Unit { client: Some(client), opening, waiting: vec![], can_write })
    }

    /// Runs a migration script whole, in one transaction, as the owner of the database.
    pub async fn script(&self, sql: &str) -> Result<()> {
        let client = self.owner().await?;
        client.batch_execute(&format!("begin; {sql}; commit")).await.map_err(fault)
    }

    /// A connection of its own, with the rights of the address given: migrations only.
    pub async fn owner(&self) -> Result<tokio_postgres::Client> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.map_err(fault)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "the owner's connection ended");
            }
        });
        Ok(client)
    }
}

impl Unit {
    fn client(&self) -> &Object {
        self.client.as_ref().expect("the client leaves only when the unit ends")
    }

    async fn ready(&self, statement: Statement<'_>) -> Result<Ready> {
        let types: Vec<PgType> = statement.values.iter().map(|v| pg_type(v.type_())).collect();
        let prepared = self.client().prepare_typed_cached(&statement.sql, &types).await;
        let prepared = prepared.map_err(|e| described(e, &statement.sql))?;
        Ok(Ready { sql: statement.sql.into_owned(), prepared, values: statement.values })
    }

    pub async fn query(&mut self, statement: Statement<'_>) -> Result<Vec<Row>> {
        let ready = self.ready(statement).await?;
        let rows = self.send(async |client| ready.query(client).await).await?;
        Ok(rows.into_iter().map(|row| Row(Cells::Postgres(Arc::new(row)))).collect())
    }

    pub async fn run(&mut self, statement: Statement<'_>) -> Result<u64> {
        let ready = self.ready(statement).await?;
        self.send(async |client| ready.run(client).await).await
    }

    /// Runs a statement with the next one.
    pub async fn run_soon(&mut self, statement: Statement<'_>) -> Result<()> {
        let ready = self.ready(statement).await?;
        self.waiting.push(ready);
        if self.waiting.len() < WAITING {
            return Ok(());
        }
        self.send(async |_| Ok(())).await
    }

    /// Sends what opens the unit, what waits, then the last statement, all polled in this order, so on the wire in this
    /// order, without waiting between them. The first that fails is the error: those after it were refused for it.
    async fn send<T>(&mut self, last: impl AsyncFnOnce(&Object) -> Result<T>) -> Result<T> {
        let (opening, waiting) = (std::mem::take(&mut self.opening), std::mem::take(&mut self.waiting));
        let client = self.client();
        if opening.is_empty() && waiting.is_empty() {
            return last(client).await;
        }
        let mut before = Vec::with_capacity(opening.len() + waiting.len());
        for (sql, parameter) in opening {
            let prepared = client.prepare_cached(sql).await.map_err(fault)?;
            before.push(Ready { sql: sql.to_owned(), prepared, values: parameter.into_iter().map(Value::Text).collect() });
        }
        before.extend(waiting);
        let (sent, last) = tokio::join!(join_all(before.iter().map(|ready| ready.run(client))), last(client));
        sent.into_iter().collect::<Result<Vec<u64>>>()?;
        last
    }

    /// Commits or rolls back, and gives the connection home.
    pub async fn end(mut self, keep: bool) -> Result<()> {
        let is_silent = !self.opening.is_empty();
        if is_silent && (self.waiting.is_empty() || !keep) {
            self.client = None;
            return Ok(());
        }
        if !self.can_write {
            // The pool's next user speaks after it, on the same wire.
            let closing = self.client().batch_execute("commit").now_or_never();
            let is_lost = matches!(closing, Some(Err(_)));
            let client = self.client.take();
            if is_lost {
                drop(client.map(Object::take));
            }
            return Ok(());
        }
        let ended = match keep {
            true => self.send(async |client| client.batch_execute("commit").await.map_err(fault)).await,
            false => self.client().batch_execute("rollback").await.map_err(fault),
        };
        let client = self.client.take();
        if ended.is_err() {
            drop(client.map(Object::take));
        }
        ended
    }
}

impl Ready {
    fn with<'a>(values: &'a [Bound<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
        values.iter().map(|value| value as _).collect()
    }

    async fn query(&self, client: &Object) -> Result<Vec<tokio_postgres::Row>> {
        let values: Vec<Bound<'_>> = self.values.iter().map(Bound).collect();
        client.query(&self.prepared, &Self::with(&values)).await.map_err(|e| described(e, &self.sql))
    }

    async fn run(&self, client: &Object) -> Result<u64> {
        let values: Vec<Bound<'_>> = self.values.iter().map(Bound).collect();
        client.execute(&self.prepared, &Self::with(&values)).await.map_err(|e| described(e, &self.sql))
    }
}

impl Drop for Unit {
    /// A unit dropped on its way closes its connection: the server rolls back.
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && self.opening.is_empty()
        {
            drop(Object::take(client));
        }
    }
}

fn pg_type(of: Type) -> PgType {
    match of {
        Type::Bool => PgType::BOOL,
        Type::I64 => PgType::INT8,
        Type::F64 => PgType::FLOAT8,
        Type::Text => PgType::TEXT,
        Type::Uuid => PgType::UUID,
        Type::Timestamp => PgType::TIMESTAMPTZ,
        Type::Date => PgType::DATE,
        Type::Json => PgType::JSONB,
        Type::Bytes => PgType::BYTEA,
    }
}

#[derive(Debug)]
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self, as_type: &PgType, out: &mut bytes::BytesMut) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            Value::Null(_) | Value::List(_) => Ok(tokio_postgres::types::IsNull::Yes),
            Value::Bool(value) => value.to_sql(as_type, out),
            Value::I64(value) => value.to_sql(as_type, out),
            Value::F64(value) => value.to_sql(as_type, out),
            Value::Text(value) => value.to_sql(as_type, out),
            Value::Uuid(value) => value.to_sql(as_type, out),
            Value::Timestamp(value) => value.to_sql(as_type, out),
            Value::Date(value) => value.to_sql(as_type, out),
            Value::Json(value) => value.to_sql(as_type, out),
            Value::Bytes(value) => value.to_sql(as_type, out),
        }
    }
    fn accepts(_: &PgType) -> bool {
        true
    }
    tokio_postgres::types::to_sql_checked!();
}

fn described(error: tokio_postgres::Error, sql: &str) -> Error {
    match fault(error) {
        Error::Internal(error) => Error::Internal(error.context(sql.to_owned())),
        other => other,
    }
}

/// A lost connection, a server that stops, a lost race (40001, 40P01) or a full disk: the database is away,
/// try again. The rest is a fault of ours.
pub(super) fn fault(error: tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else {
        tracing::error!(%error, "the database is away");
        return Error::Unavailable("base de données");
    };
    let code = db.code().code();
    if matches!(code, "40001" | "40P01" | "53100" | "53200" | "53300") || code.starts_with("57P") || code.starts_with("08") {
        tracing::error!(%error, code, "the database is away");
        return Error::Unavailable("base de données");
    }
    if code.starts_with("23") {
        return Error::Internal(anyhow::Error::new(error).context(super::Constraint));
    }
    Error::Internal(error.into())
}

fn away(error: deadpool_postgres::PoolError) -> Error {
    tracing::error!(%error, "no connection to the database");
    Error::Unavailable("base de données")
}
