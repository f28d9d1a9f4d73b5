//! PostgreSQL: a pool, one real transaction per unit. The opening travels with the first statement, in one
//! round trip, and carries the tenant for the row-level policies.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{
    NoTls,
    types::{ToSql, Type as PgType},
};

use super::{
    Row, Type, Value, dialect,
    statement::Statement,
    value::{Cells},
};
use crate::{Error, Result, TenantId};

pub(crate) struct Postgres {
    pool: Pool,
    url: String,
}

/// One transaction on one connection.
pub(crate) struct Unit {
    client: Option<Object>,
    opening: Option<String>,
}

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
        let client = self.pool.get().await.map_err(away)?;
        let mode = if can_write { "begin" } else { "begin read only" };
        let opening = match tenant {
            Some(tenant) => format!("{mode}; {}", dialect::enter_tenant(tenant)),
            None => mode.to_owned(),
        };
        Ok(Unit { client: Some(client), opening: Some(opening) })
    }

    /// A reading of the whole database as it is at its first statement.
    pub async fn snapshot(&self) -> Result<Unit> {
        let client = self.pool.get().await.map_err(away)?;
        Ok(Unit { client: Some(client), opening: Some(dialect::SNAPSHOT.to_owned()) })
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

    pub async fn query(&mut self, statement: &Statement<'_>) -> Result<Vec<Row>> {
        let types: Vec<PgType> = statement.values.iter().map(|v| pg_type(v.type_())).collect();
        let values: Vec<Bound<'_>> = statement.values.iter().map(Bound).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        let opening = self.opening.take();
        let client = self.client();
        let prepared = client.prepare_typed_cached(&statement.sql, &types).await;
        let prepared = prepared.map_err(|e| described(e, &statement.sql))?;
        let rows = match opening {
            // polled in order: the opening is on the wire before the statement, without waiting for its answer
            Some(opening) => {
                let (opened, rows) = tokio::join!(client.batch_execute(&opening), client.query(&prepared, &values));
                opened.map_err(fault)?;
                rows
            }
            None => client.query(&prepared, &values).await,
        };
        let rows = rows.map_err(|e| described(e, &statement.sql))?;
        Ok(rows.into_iter().map(|row| Row(Cells::Postgres(Arc::new(row)))).collect())
    }

    pub async fn run(&mut self, statement: &Statement<'_>) -> Result<u64> {
        let types: Vec<PgType> = statement.values.iter().map(|v| pg_type(v.type_())).collect();
        let values: Vec<Bound<'_>> = statement.values.iter().map(Bound).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| v as _).collect();
        let opening = self.opening.take();
        let client = self.client();
        let prepared = client.prepare_typed_cached(&statement.sql, &types).await;
        let prepared = prepared.map_err(|e| described(e, &statement.sql))?;
        let changed = match opening {
            Some(opening) => {
                let (opened, changed) = tokio::join!(client.batch_execute(&opening), client.execute(&prepared, &values));
                opened.map_err(fault)?;
                changed
            }
            None => client.execute(&prepared, &values).await,
        };
        changed.map_err(|e| described(e, &statement.sql))
    }

    /// Commits or rolls back, and gives the connection home.
    pub async fn end(mut self, keep: bool) -> Result<()> {
        let Some(client) = self.client.take() else { return Ok(()) };
        if self.opening.is_some() {
            return Ok(());
        }
        let ended = client.batch_execute(if keep { "commit" } else { "rollback" }).await;
        if ended.is_err() {
            drop(Object::take(client));
        }
        ended.map_err(fault)
    }
}

impl Drop for Unit {
    /// A unit dropped on its way closes its connection: the server rolls back.
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && self.opening.is_none()
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
    fn to_sql(
        &self,
        as_type: &PgType,
        out: &mut bytes::BytesMut,
    ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
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
