//! The SQL of persons, aliases, facts and households.

use jiff::Timestamp;
use kernel::{CompteId, Error, FactId, FoyerId, Result, Row, Tx, UsagerId, Value, params};
use serde::Serialize;

use crate::{Fact, FoyerRole, Level, Member, Source};

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
    tx.run_soon(sql, params![id, compte, key, mail, now]).await
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
    tx.run_soon("update usager set search_key = $3 where tenant_id = $1 and id = $2", params![id, key]).await
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

/// The facts of a person, oldest first; the newest two thousand.
pub(crate) async fn facts(tx: &mut Tx, usager: UsagerId) -> Result<Vec<Fact>> {
    let sql = "select id, attribute, cast(value as text) as value, source, source_label, level, dossier_id, recorded_at from fact \
               where tenant_id = $1 and withdrawn_at is null and usager_id in (select id from usager where tenant_id = $1 and id = $2 \
               union all select alias_id from usager_alias where tenant_id = $1 and usager_id = $2) order by recorded_at desc, id desc limit 2000";
    tx.all(sql, params![usager]).await?.iter().rev().map(read_fact).collect()
}

pub(crate) async fn insert_facts(tx: &mut Tx, usager: UsagerId, facts: &[Fact]) -> Result<()> {
    let now = tx.now();
    let mut values: Vec<Value> = vec![usager.into(), now.into()];
    let mut others = String::new();
    for fact in facts {
        let at = values.len() + 2;
        if at > 4 {
            let numbers: Vec<String> = (at..at + 7).map(|n| format!("${n}")).collect();
            others.push_str(&format!(", ($1, $2, $3, {})", numbers.join(", ")));
        }
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
        "insert into fact (tenant_id, usager_id, recorded_at, id, attribute, value, source, source_label, level, dossier_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10){others}"
    );
    tx.run_soon(&sql, &values).await
}

/// Persons whose key starts with this one, by key, after one if given.
pub(crate) async fn by_key(tx: &mut Tx, key: &str, after: Option<(String, UsagerId)>, limit: u32) -> Result<Vec<Found>> {
    let end = format!("{key}\u{10ffff}");
    let (from, from_id) = after.unwrap_or_else(|| (key.to_owned(), UsagerId::from(uuid::Uuid::nil())));
    let sql = "select id, search_key, created_at from usager where tenant_id = $1 and search_key >= $2 and search_key < $3 \
               and (search_key, id) > ($4, $5) order by search_key, id limit $6";
    tx.all(sql, params![key, &end, &from, from_id, limit]).await?.iter().map(read_found).collect()
}

/// Persons of a mail address, normalised: several may share one.
pub(crate) async fn by_mail(tx: &mut Tx, mail: &str, limit: u32) -> Result<Vec<Found>> {
    let sql = "select id, search_key, created_at from usager where tenant_id = $1 and mail_key = $2 order by id limit $3";
    tx.all(sql, params![mail, limit]).await?.iter().map(read_found).collect()
}

/// Persons of a telephone, in the international form: a household may share one.
pub(crate) async fn by_phone(tx: &mut Tx, phone: &str, limit: u32) -> Result<Vec<Found>> {
    let sql = "select id, search_key, created_at from usager where tenant_id = $1 and phone_key = $2 order by id limit $3";
    tx.all(sql, params![phone, limit]).await?.iter().map(read_found).collect()
}

/// The telephone by which a person is found.
pub(crate) async fn set_phone(tx: &mut Tx, id: UsagerId, phone: Option<&str>) -> Result<()> {
    tx.run_soon("update usager set phone_key = $3 where tenant_id = $1 and id = $2", params![id, phone]).await
}

fn read_found(row: &Row) -> Result<Found> {
    Ok(Found { usager: row.get("id")?, search_key: row.get("search_key")?, created_at: row.get("created_at")? })
}

/// The facts that name several persons at once, each with whose it is.
pub(crate) async fn naming_facts(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<(UsagerId, Fact)>> {
    let sql = "select usager_id, id, attribute, cast(value as text) as value, source, source_label, level, dossier_id, recorded_at from fact \
               where tenant_id = $1 and usager_id in ($2...) and withdrawn_at is null \
               and attribute in ('nom_naissance', 'nom_usage', 'prenoms', 'date_naissance', 'adresse') \
               order by recorded_at desc, id desc limit 2000";
    let rows = tx.all(sql, params![Value::list(ids.iter().copied())]).await?;
    rows.iter().rev().map(|row| Ok((row.get("usager_id")?, read_fact(row)?))).collect()
}

/// The accounts of a person, under all his identifiers.
pub(crate) async fn comptes_of(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<CompteId>> {
    let sql = "select compte_id from usager where tenant_id = $1 and id in ($2...) and compte_id is not null order by id limit 100";
    tx.all(sql, params![Value::list(ids.iter().copied())]).await?.iter().map(|row| row.get("compte_id")).collect()
}

/// What the rows of a person say beside his facts.
pub(crate) async fn rows_of(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<(UsagerId, Option<String>, Timestamp)>> {
    let sql = "select id, mail_key, created_at from usager where tenant_id = $1 and id in ($2...) order by id limit 100";
    let rows = tx.all(sql, params![Value::list(ids.iter().copied())]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("mail_key")?, row.get("created_at")?))).collect()
}

pub(crate) async fn insert_foyer(tx: &mut Tx, id: FoyerId) -> Result<()> {
    let now = tx.now();
    tx.run_soon("insert into foyer (tenant_id, id, created_at) values ($1, $2, $3)", params![id, now]).await
}

pub(crate) async fn insert_member(tx: &mut Tx, foyer: FoyerId, member: &Member) -> Result<()> {
    let sql = "insert into foyer_member (tenant_id, foyer_id, usager_id, role, since) values ($1, $2, $3, $4, $5) on conflict do nothing";
    tx.run_soon(sql, params![foyer, member.usager, member.role.code(), member.since]).await
}

/// Those who belong today to a household of this person, himself included.
pub(crate) async fn members_with(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<Member>> {
    let sql = "select usager_id, role, since from foyer_member where tenant_id = $1 and until is null and foyer_id in \
               (select foyer_id from foyer_member where tenant_id = $1 and usager_id in ($2...) and until is null) \
               order by role, since, usager_id limit 50";
    let rows = tx.all(sql, params![Value::list(ids.iter().copied())]).await?;
    let read = |row: &Row| -> Result<Member> {
        let role: String = row.get("role")?;
        let role = FoyerRole::of_code(&role).ok_or_else(|| Error::internal(format!("unknown role {role}")))?;
        Ok(Member { usager: row.get("usager_id")?, role, since: row.get("since")? })
    };
    rows.iter().map(read).collect()
}

/// Withdraws facts: no reading sees them from now on.
pub(crate) async fn withdraw_facts(tx: &mut Tx, facts: &[FactId]) -> Result<()> {
    let now = tx.now();
    let sql = "update fact set withdrawn_at = $2 where tenant_id = $1 and withdrawn_at is null and id in ($3...)";
    tx.run_soon(sql, params![now, Value::list(facts.iter().copied())]).await
}

/// Removes facts withdrawn before an instant.
pub(crate) async fn purge_facts(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.run("delete from fact where tenant_id = $1 and withdrawn_at < $2", params![before]).await
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
