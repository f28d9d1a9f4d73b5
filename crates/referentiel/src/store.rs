//! The SQL of persons, aliases and facts.

use jiff::Timestamp;
use kernel::{CompteId, Error, Result, Row, Tx, UsagerId, Value, params};
use serde::Serialize;

use crate::{Fact, Level, Source};

/// A person found by an agent's search.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The person.
    pub usager: UsagerId,
    /// The normalised name; screens show the record.
    pub search_key: String,
    /// Since when he is known.
    pub created_at: Timestamp,
}

pub(crate) async fn insert(tx: &mut Tx, id: UsagerId, compte: Option<CompteId>, key: &str, mail: Option<&str>) -> Result<()> {
    let now = tx.now();
    let sql = "insert into usager (tenant_id, id, compte_id, search_key, mail_key, created_at) values ($1, $2, $3, $4, $5, $6)";
    tx.run(sql, params![id, compte, key, mail, now]).await.map(drop)
}

pub(crate) async fn of_compte(tx: &mut Tx, compte: CompteId) -> Result<Option<UsagerId>> {
    let row = tx.opt("select id from usager where tenant_id = $1 and compte_id = $2", params![compte]).await?;
    row.map(|row| row.get("id")).transpose()
}

/// Persons without account who left this address: anonymous deposits.
pub(crate) async fn unattached_of_mail(tx: &mut Tx, mail: &str) -> Result<Vec<UsagerId>> {
    let sql = "select id from usager where tenant_id = $1 and mail_key = $2 and compte_id is null order by id limit 10";
    tx.all(sql, params![mail]).await?.iter().map(|row| row.get("id")).collect()
}

/// Persons of this normalised name who have an account.
pub(crate) async fn of_name(tx: &mut Tx, key: &str) -> Result<Vec<(UsagerId, CompteId)>> {
    let sql = "select id, compte_id from usager where tenant_id = $1 and search_key = $2 and compte_id is not null order by id limit 50";
    let rows = tx.all(sql, params![key]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("compte_id")?))).collect()
}

/// The name by which a person is found.
pub(crate) async fn rename(tx: &mut Tx, id: UsagerId, key: &str) -> Result<()> {
    tx.run("update usager set search_key = $3 where tenant_id = $1 and id = $2", params![id, key]).await.map(drop)
}

pub(crate) async fn attach(tx: &mut Tx, usager: UsagerId, compte: CompteId) -> Result<bool> {
    let sql = "update usager set compte_id = $3 where tenant_id = $1 and id = $2 and compte_id is null";
    Ok(tx.run(sql, params![usager, compte]).await? > 0)
}

/// The person known by this identifier and his other identifiers.
pub(crate) async fn aliases(tx: &mut Tx, id: UsagerId) -> Result<Vec<UsagerId>> {
    let sql = "select usager_id as id, cast(0 as bigint) as rank from usager_alias where tenant_id = $1 and alias_id = $2 \
               union all select id, cast(1 as bigint) as rank from usager where tenant_id = $1 and id = $2 \
               union all select alias_id as id, cast(2 as bigint) as rank from usager_alias where tenant_id = $1 and usager_id = $2 \
               order by rank, id";
    let rows = tx.all(sql, params![id]).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

pub(crate) async fn facts(tx: &mut Tx, usager: UsagerId) -> Result<Vec<Fact>> {
    let sql = "select id, attribute, cast(value as text) as value, source, source_label, level, dossier_id, recorded_at from fact \
               where tenant_id = $1 and withdrawn_at is null and (usager_id = $2 or usager_id in \
               (select alias_id from usager_alias where tenant_id = $1 and usager_id = $2)) order by recorded_at, id limit 2000";
    tx.all(sql, params![usager]).await?.iter().map(read_fact).collect()
}

pub(crate) async fn insert_facts(tx: &mut Tx, usager: UsagerId, facts: &[Fact]) -> Result<()> {
    let now = tx.now();
    let mut values: Vec<Value> = vec![usager.into(), now.into()];
    let mut rows = vec![];
    for fact in facts {
        let at = values.len() + 2;
        let numbers: Vec<String> = (at..at + 7).map(|n| format!("${n}")).collect();
        rows.push(format!("($1, $2, $3, {})", numbers.join(", ")));
        values.extend([
            fact.id.into(),
            fact.attribute.as_str().into(),
            serde_json::json!({ "v": fact.value }).into(),
            fact.source.code().into(),
            fact.source_label.as_str().into(),
            fact.level.rank().into(),
            fact.dossier.into(),
        ]);
    }
    let sql = format!(
        "insert into fact (tenant_id, usager_id, recorded_at, id, attribute, value, source, source_label, level, dossier_id) values {}",
        rows.join(", ")
    );
    tx.run(&sql, &values).await.map(drop)
}

/// Persons whose normalised name starts with the words given, by name, at most 25, after one if given.
/// The caller has checked `CONSULT`.
pub async fn search(tx: &mut Tx, words: &str, after: Option<(String, UsagerId)>) -> Result<Vec<Found>> {
    tx.allow_any(crate::CONSULT)?;
    let key = kinds::fold::search_key(words);
    if key.is_empty() {
        return Ok(vec![]);
    }
    let end = format!("{key}\u{10ffff}");
    let (from, from_id) = after.unwrap_or_else(|| (key.clone(), UsagerId::from(uuid::Uuid::nil())));
    let sql = "select id, search_key, created_at from usager where tenant_id = $1 and search_key >= $2 and search_key < $3 \
               and (search_key, id) > ($4, $5) order by search_key, id limit 25";
    let rows = tx.all(sql, params![&key, &end, &from, from_id]).await?;
    let read = |row: &Row| -> Result<Found> {
        Ok(Found { usager: row.get("id")?, search_key: row.get("search_key")?, created_at: row.get("created_at")? })
    };
    rows.iter().map(read).collect()
}

fn read_fact(row: &Row) -> Result<Fact> {
    let (source, level): (String, i64) = (row.get("source")?, row.get("level")?);
    let kept: serde_json::Value = serde_json::from_str(&row.get::<String>("value")?)?;
    Ok(Fact {
        id: row.get("id")?,
        attribute: row.get("attribute")?,
        value: kept.get("v").cloned().unwrap_or_default(),
        source: Source::of_code(&source).ok_or_else(|| Error::internal(format!("unknown source {source}")))?,
        source_label: row.get("source_label")?,
        level: Level::of_rank(level).ok_or_else(|| Error::internal(format!("unknown level {level}")))?,
        dossier: row.get("dossier_id")?,
        recorded_at: row.get("recorded_at")?,
    })
}
