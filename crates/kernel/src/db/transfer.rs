//! Everything that a database holds, row by row, to carry it to another one, of the same engine or not: what a backup
//! reads and a restoring writes. Which tables there are is said by the migrations, and the types of their columns by
//! the catalogue of the database. How rows are kept in between is not known here.

use serde_json::Value as Json;

use super::{Db, Engine, Row, Scope, Tx, Type, Value, dialect, migrate, tx};
use crate::{Actor, Error, Result, TenantId, db::migrate::Migration, ids::Id as _};

/// Rows read at once: the memory that a backup takes.
const PAGE: usize = 100;
/// Rows that travel in one statement when they are put back.
const BATCH: usize = 16;

/// A table as the catalogue describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the order of their making.
    pub columns: Vec<(String, Type)>,
    /// Places, in `columns`, of those of the primary key.
    key: Vec<usize>,
    /// Whether its rows belong to tenants, behind a policy.
    is_of_tenants: bool,
}

impl Db {
    /// One consistent reading of the whole installation, as long as it takes.
    pub async fn snapshot<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let conn = match &*self.engine {
            Engine::Sqlite(sqlite) => tx::Conn::SqliteReader(sqlite.reader().await?),
            Engine::Postgres(postgres) => tx::Conn::Postgres(postgres.snapshot().await?),
        };
        let mut tx = Tx::new(self, conn, nobody(), false);
        let out = work(&mut tx).await;
        tx.end(false).await?;
        out
    }

    /// Fills the installation in one unit of work, as long as it takes: nobody else is there yet.
    pub async fn load<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let conn = match &*self.engine {
            Engine::Sqlite(sqlite) => tx::Conn::Sqlite(sqlite.unit().await?),
            Engine::Postgres(postgres) => tx::Conn::Postgres(postgres.unit(None, true).await?),
        };
        let mut tx = Tx::new(self, conn, nobody(), true);
        let out = work(&mut tx).await;
        let ended = tx.end(out.is_ok()).await;
        out.and_then(|value| ended.map(|()| value))
    }

    /// Whether nothing was ever put in it: no table at all, or the empty ones of `migrate`. On PostgreSQL the policies
    /// hide the rows of tenants, but not the tenants themselves.
    pub async fn is_empty(&self, migrations: &[Migration]) -> Result<bool> {
        self.snapshot(async |tx| {
            for table in tables(tx, migrations).await? {
                if !tx.raw_all(&format!("select 1 as one from {} limit 1", table.name), vec![]).await?.is_empty() {
                    return Ok(false);
                }
            }
            Ok(true)
        })
        .await
    }
}

fn nobody() -> Scope {
    let tenant = TenantId::from(uuid::Uuid::nil());
    Scope { tenant, zone: jiff::tz::TimeZone::UTC, actor: Actor::system("sauvegarde") }
}

/// The tables that these migrations made, in the order of their making; the list of migrations itself is not one.
pub async fn tables(tx: &mut Tx, migrations: &[Migration]) -> Result<Vec<Table>> {
    let rows = tx.raw_all(dialect::catalogue(tx.db.is_postgres()), vec![]).await?;
    let mut found: Vec<Table> = vec![];
    for row in rows {
        let name: String = row.get("table_name")?;
        if found.last().is_none_or(|table| table.name != name) {
            found.push(Table { name, columns: vec![], key: vec![], is_of_tenants: false });
        }
        let table = found.last_mut().expect("one was pushed");
        table.add(&row)?;
    }
    let of_tenants = migrate::tables_of_tenants(migrations);
    let names = migrate::tables(migrations);
    let mut ordered = vec![];
    for name in names {
        if let Some(mut table) = found.iter().find(|table| table.name == name).cloned() {
            table.is_of_tenants = of_tenants.contains(&name);
            ordered.push(table);
        }
    }
    Ok(ordered)
}

/// Hands every row of a table to `take`, its values in the order of the columns.
pub async fn rows(tx: &mut Tx, table: &Table, mut take: impl FnMut(&[Value]) -> Result<()>) -> Result<()> {
    if !table.is_of_tenants {
        return pages(tx, table, None, &mut take).await;
    }
    let tenants = tx.raw_all("select id from tenant order by id", vec![]).await?;
    for tenant in tenants {
        let tenant: TenantId = tenant.get("id")?;
        enter(tx, tenant).await?;
        pages(tx, table, Some(tenant), &mut take).await?;
    }
    Ok(())
}

/// By the primary key: the page after the last row seen.
async fn pages(tx: &mut Tx, table: &Table, tenant: Option<TenantId>, take: &mut impl FnMut(&[Value]) -> Result<()>) -> Result<()> {
    let mut last: Option<Vec<Value>> = None;
    loop {
        let (sql, values) = table.page(tenant, last.as_deref());
        let found = tx.raw_all(&sql, values).await?;
        for row in &found {
            let values = table.values(row)?;
            take(&values)?;
            last = Some(values);
        }
        if found.len() < PAGE {
            return Ok(());
        }
    }
}

/// Puts rows back; those of one tenant come together.
pub async fn insert(tx: &mut Tx, table: &Table, rows: &[Vec<Value>]) -> Result<()> {
    for rows in rows.chunk_by(|a, b| table.tenant_of(a) == table.tenant_of(b)) {
        if let Some(tenant) = rows.first().and_then(|row| table.tenant_of(row)) {
            enter(tx, tenant).await?;
        }
        // Two texts per table, whatever the number of rows: both are prepared once.
        let (whole, rest) = rows.split_at(rows.len() - rows.len() % BATCH);
        for batch in whole.chunks(BATCH).chain(rest.chunks(1)) {
            tx.raw_run(&table.insert(batch.len()), batch.concat()).await?;
        }
    }
    Ok(())
}

async fn enter(tx: &mut Tx, tenant: TenantId) -> Result<()> {
    if tx.db.is_postgres() {
        tx.raw_all(dialect::ENTER_TENANT, vec![tenant.uuid().to_string().into()]).await?;
    }
    Ok(())
}

impl Table {
    fn add(&mut self, row: &Row) -> Result<()> {
        let (name, kind): (String, String) = (row.get("column_name")?, row.get("type_name")?);
        let of = Type::named(&kind).ok_or_else(|| Error::internal(format!("{}.{name}: type {kind}", self.name)))?;
        if row.get::<i64>("in_key")? > 0 {
            self.key.push(self.columns.len());
        }
        self.columns.push((name, of));
        Ok(())
    }

    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn page(&self, tenant: Option<TenantId>, last: Option<&[Value]>) -> (String, Vec<Value>) {
        let key = self.key.iter().filter(|at| tenant.is_none() || self.columns[**at].0 != "tenant_id");
        let key: Vec<usize> = key.copied().collect();
        let names = key.iter().map(|at| self.columns[*at].0.as_str()).collect::<Vec<_>>().join(", ");
        let (mut conditions, mut values) = (vec![], vec![]);
        if let Some(tenant) = tenant {
            values.push(Value::from(tenant.uuid()));
            conditions.push("tenant_id = $1".to_owned());
        }
        if let Some(last) = last.filter(|_| !key.is_empty()) {
            let from = values.len();
            values.extend(key.iter().map(|at| last[*at].clone()));
            conditions.push(format!("({names}) > ({})", numbers(from + 1, key.len())));
        }
        let conditions = if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) };
        let order = if names.is_empty() { String::new() } else { format!(" order by {names}") };
        (format!("select {} from {}{conditions}{order} limit {PAGE}", self.names(), self.name), values)
    }

    fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let lines: Vec<String> = (0..rows).map(|row| format!("({})", numbers(row * width + 1, width))).collect();
        format!("insert into {} ({}) values {}", self.name, self.names(), lines.join(", "))
    }

    fn values(&self, row: &Row) -> Result<Vec<Value>> {
        self.columns.iter().map(|(name, of)| read(row, name, *of)).collect()
    }

    fn tenant_of(&self, row: &[Value]) -> Option<TenantId> {
        let at = self.columns.iter().position(|(name, _)| name == "tenant_id").filter(|_| self.is_of_tenants)?;
        match row.get(at) {
            Some(Value::Uuid(id)) => Some(TenantId::from(*id)),
            _ => None,
        }
    }
}

/// `$3, $4, $5`.
fn numbers(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

fn read(row: &Row, name: &str, of: Type) -> Result<Value> {
    Ok(match of {
        Type::Bool => row.get::<Option<bool>>(name)?.into(),
        Type::I64 => row.get::<Option<i64>>(name)?.into(),
        Type::F64 => row.get::<Option<f64>>(name)?.into(),
        Type::Text => row.get::<Option<String>>(name)?.into(),
        Type::Uuid => row.get::<Option<uuid::Uuid>>(name)?.into(),
        Type::Timestamp => row.get::<Option<jiff::Timestamp>>(name)?.into(),
        Type::Date => row.get::<Option<jiff::civil::Date>>(name)?.into(),
        Type::Json => row.get::<Option<Json>>(name)?.into(),
        Type::Bytes => row.get::<Option<Vec<u8>>>(name)?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = [("tenant_id", Type::Uuid), ("id", Type::Uuid), ("number", Type::I64), ("text", Type::Text)];
        Table { name: "thing".into(), columns: columns.map(|(name, of)| (name.to_owned(), of)).to_vec(), key: vec![0, 1, 2], is_of_tenants: true }
    }

    #[test]
    fn a_page_begins_after_the_last_row_of_its_tenant() {
        let tenant = TenantId::from(uuid::Uuid::nil());
        let (sql, values) = table().page(Some(tenant), None);
        assert_eq!(
            (sql.as_str(), values.len()),
            ("select tenant_id, id, number, text from thing where tenant_id = $1 order by id, number limit 100", 1)
        );
        let last = [Value::Uuid(uuid::Uuid::nil()), Value::Uuid(uuid::Uuid::max()), 3_i64.into(), "x".into()];
        let (sql, values) = table().page(Some(tenant), Some(&last));
        assert!(sql.contains("where tenant_id = $1 and (id, number) > ($2, $3) order by id, number"), "{sql}");
        assert_eq!(values[1..], last[1..3]);
    }

    #[test]
    fn several_rows_travel_in_one_statement() {
        assert_eq!(table().insert(2), "insert into thing (tenant_id, id, number, text) values ($1, $2, $3, $4), ($5, $6, $7, $8)");
    }
}
