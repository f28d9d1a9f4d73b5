//! Migrations: one text per step for both databases, forward only, each in one transaction.
//! The list is given by `parvis`, which embeds the files; this module orders, applies and remembers them.

use super::{Db, Engine, INSTALLATION_TABLES, dialect};
use crate::{Error, Result};

/// One step: its name (`0001_kernel`) and its text.
#[derive(Debug, Clone)]
pub struct Migration {
    /// File name without extension; the order is the order of names.
    pub name: String,
    /// One SQL text for both databases.
    pub sql: String,
}

/// What stands between the database and the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing to do.
    UpToDate,
    /// These steps are to be applied.
    Behind(Vec<String>),
    /// The database knows steps that this program does not: it is newer.
    Ahead(Vec<String>),
}

/// Compares without changing anything.
pub async fn state(db: &Db, migrations: &[Migration]) -> Result<State> {
    let applied = applied(db).await?;
    let unknown: Vec<String> = applied.iter().filter(|name| !migrations.iter().any(|m| m.name == **name)).cloned().collect();
    if !unknown.is_empty() {
        return Ok(State::Ahead(unknown));
    }
    let missing: Vec<String> = migrations.iter().map(|m| m.name.clone()).filter(|name| !applied.contains(name)).collect();
    Ok(if missing.is_empty() { State::UpToDate } else { State::Behind(missing) })
}

/// Applies what is missing and gives the names applied. `Refused` when the database is newer than the program.
pub async fn run(db: &Db, migrations: &[Migration]) -> Result<Vec<String>> {
    if let Engine::Postgres(postgres) = &*db.engine {
        postgres.script(dialect::ROLE).await?;
    }
    script(db, "create table if not exists migration (name text not null primary key, applied_at timestamptz not null)").await?;
    let missing = match state(db, migrations).await? {
        State::UpToDate => vec![],
        State::Behind(missing) => missing,
        State::Ahead(unknown) => {
            let sentence = format!(
                "La base de données est plus récente que ce programme (elle connaît « {} ») : installez la version de Parvis qui l’a faite.",
                unknown.join(" », « ")
            );
            return Err(Error::refused("schema-newer", sentence));
        }
    };
    for migration in migrations.iter().filter(|m| missing.contains(&m.name)) {
        let at = super::value::timestamp_text(db.clock.now());
        let remember = format!("insert into migration (name, applied_at) values ('{}', '{at}')", migration.name);
        let sql = migration.sql.trim().trim_end_matches(';');
        script(db, &format!("{sql};\n{remember}")).await?;
    }
    if let Engine::Postgres(postgres) = &*db.engine
        && !missing.is_empty()
    {
        let tables = tables_of_tenants(migrations);
        postgres.script(&dialect::policies(&tables)).await?;
    }
    Ok(missing)
}

/// The tables that migrations create and that belong to a tenant.
pub fn tables_of_tenants(migrations: &[Migration]) -> Vec<String> {
    tables(migrations).into_iter().filter(|name| !INSTALLATION_TABLES.contains(&name.as_str())).collect()
}

/// The tables that migrations create, in the order of their making.
pub fn tables(migrations: &[Migration]) -> Vec<String> {
    let lines = migrations.iter().flat_map(|m| m.sql.lines());
    let tables = lines.filter_map(|line| line.trim_start().strip_prefix("create table "));
    tables.filter_map(|rest| rest.split([' ', '(']).find(|w| !w.is_empty())).map(str::to_owned).collect()
}

async fn applied(db: &Db) -> Result<Vec<String>> {
    let exists = match &*db.engine {
        Engine::Sqlite(_) => "select name from sqlite_master where type = 'table' and name = $1",
        Engine::Postgres(_) => "select cast(tablename as text) as name from pg_tables where schemaname = 'public' and tablename = $1",
    };
    if db.installation_all(exists, &["migration".into()]).await?.is_empty() {
        return Ok(vec![]);
    }
    let rows = db.installation_all("select name from migration order by name", &[]).await?;
    rows.iter().map(|row| row.get("name")).collect()
}

async fn script(db: &Db, sql: &str) -> Result<()> {
    match &*db.engine {
        Engine::Sqlite(sqlite) => sqlite.script(sql).await,
        Engine::Postgres(postgres) => postgres.script(sql).await,
    }
}
