//! The SQL of téléservices and their versions.

use crate::package::Files;
use jiff::Timestamp;
use kernel::{Error, Result, Row, TenantSettings, Tx, Value, VersionId, params};

/// A version, without its files.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct VersionRow {
    pub id: VersionId,
    pub slug: String,
    /// From 1, for each slug.
    pub number: i64,
    /// SHA-256 of the files.
    pub digest: String,
    pub published_at: Timestamp,
    /// Who published it, as the journal names him.
    pub published_by: String,
}

/// A version and the tenant's own words at this instant.
pub(crate) struct Found {
    pub row: VersionRow,
    pub tenant_name: String,
    /// As it is stored: compared, then read only when it changed.
    pub settings: String,
}

impl Found {
    pub fn settings(&self) -> Result<TenantSettings> {
        Ok(serde_json::from_str(&self.settings)?)
    }
}

const COLUMNS: &str = "v.id, v.slug, v.number, v.digest, v.published_at, v.published_by";
const WITH_TENANT: &str = "e.name as tenant_name, cast(e.settings as text) as settings";

/// The version online under a slug.
pub(crate) async fn online(tx: &mut Tx, slug: &str) -> Result<Option<Found>> {
    let sql = format!(
        "select {COLUMNS}, {WITH_TENANT} from teleservice t \
         join teleservice_version v on v.tenant_id = t.tenant_id and v.id = t.version_id \
         join tenant e on e.id = t.tenant_id \
         where t.tenant_id = $1 and t.slug = $2 and t.online = true"
    );
    tx.opt(&sql, params![slug]).await?.as_ref().map(found).transpose()
}

/// Every version online, by slug; a tenant has at most 500 démarches.
pub(crate) async fn all_online(tx: &mut Tx) -> Result<Vec<Found>> {
    let sql = format!(
        "select {COLUMNS}, {WITH_TENANT} from teleservice t \
         join teleservice_version v on v.tenant_id = t.tenant_id and v.id = t.version_id \
         join tenant e on e.id = t.tenant_id \
         where t.tenant_id = $1 and t.online = true order by t.slug limit 500"
    );
    tx.all(&sql, &[]).await?.iter().map(found).collect()
}

/// A version by id, online or not.
pub(crate) async fn by_id(tx: &mut Tx, id: VersionId) -> Result<Found> {
    let sql = format!(
        "select {COLUMNS}, {WITH_TENANT} from teleservice_version v join tenant e on e.id = v.tenant_id \
         where v.tenant_id = $1 and v.id = $2"
    );
    found(&tx.one(&sql, params![id]).await?)
}

/// The versions online and these others, in one statement; the newest of a slug last.
pub(crate) async fn online_and(tx: &mut Tx, ids: &[VersionId]) -> Result<Vec<Found>> {
    let sql = format!(
        "select {COLUMNS}, {WITH_TENANT} from teleservice_version v join tenant e on e.id = v.tenant_id \
         where v.tenant_id = $1 and (v.id in ($2...) or v.id in \
         (select t.version_id from teleservice t where t.tenant_id = $1 and t.online = true)) order by v.slug, v.number limit 1000"
    );
    tx.all(&sql, params![Value::list(ids.iter().copied())]).await?.iter().map(found).collect()
}

/// The files of a version.
pub(crate) async fn files(tx: &mut Tx, id: VersionId) -> Result<Files> {
    let sql = "select files from teleservice_version where tenant_id = $1 and id = $2";
    let text: String = tx.one(sql, params![id]).await?.get("files")?;
    Files::from_json(&serde_json::from_str(&text)?).map_err(|_| Error::internal(format!("the files of {id} are damaged")))
}

/// The tenant's name and settings, to check a package with the words it will have.
pub(crate) async fn tenant(tx: &mut Tx) -> Result<(String, TenantSettings)> {
    let sql = "select e.name, cast(e.settings as text) as settings from tenant e where e.id = $1 /* tenant_id */";
    let row = tx.one(sql, &[]).await?;
    Ok((row.get("name")?, serde_json::from_str(&row.get::<String>("settings")?)?))
}

/// The number after the last one.
pub(crate) async fn next_number(tx: &mut Tx, slug: &str) -> Result<i64> {
    let sql = "select max(number) as last from teleservice_version where tenant_id = $1 and slug = $2";
    let last: Option<i64> = tx.one(sql, params![slug]).await?.get("last")?;
    Ok(last.unwrap_or(0) + 1)
}

/// False when somebody took this number meanwhile.
pub(crate) async fn insert(tx: &mut Tx, row: &VersionRow, files: &Files) -> Result<bool> {
    let sql = "insert into teleservice_version (tenant_id, id, slug, number, digest, files, published_at, published_by) \
               values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
    let text = files.to_json().to_string();
    tx.insert_unique(sql, params![row.id, &row.slug, row.number, &row.digest, text, row.published_at, &row.published_by]).await
}

/// Puts a version online, in place of the one that was.
pub(crate) async fn put_online(tx: &mut Tx, slug: &str, version: VersionId) -> Result<()> {
    let now = tx.now();
    let sql = "insert into teleservice (tenant_id, slug, version_id, online, changed_at) values ($1, $2, $3, true, $4) \
               on conflict (tenant_id, slug) do update set version_id = excluded.version_id, online = true, changed_at = excluded.changed_at";
    tx.run_soon(sql, params![slug, version, now]).await
}

/// False when it was not online.
pub(crate) async fn take_off(tx: &mut Tx, slug: &str) -> Result<bool> {
    let now = tx.now();
    let sql = "update teleservice set online = false, changed_at = $3 where tenant_id = $1 and slug = $2 and online = true";
    Ok(tx.run(sql, params![slug, now]).await? > 0)
}

/// The last versions of a slug, newest first.
pub(crate) async fn versions(tx: &mut Tx, slug: &str) -> Result<Vec<VersionRow>> {
    let sql = format!("select {COLUMNS} from teleservice_version v where v.tenant_id = $1 and v.slug = $2 order by v.number desc limit 100");
    tx.all(&sql, params![slug]).await?.iter().map(read).collect()
}

/// Every démarche that was ever published, with its last state: version named by `teleservice`, online or not.
pub(crate) async fn every(tx: &mut Tx) -> Result<Vec<(VersionRow, bool)>> {
    let sql = format!(
        "select {COLUMNS}, t.online from teleservice t \
         join teleservice_version v on v.tenant_id = t.tenant_id and v.id = t.version_id \
         where t.tenant_id = $1 order by t.slug limit 500"
    );
    tx.all(&sql, &[]).await?.iter().map(|row| Ok((read(row)?, row.get("online")?))).collect()
}

fn found(row: &Row) -> Result<Found> {
    Ok(Found { row: read(row)?, tenant_name: row.get("tenant_name")?, settings: row.get("settings")? })
}

fn read(row: &Row) -> Result<VersionRow> {
    Ok(VersionRow {
        id: row.get("id")?,
        slug: row.get("slug")?,
        number: row.get("number")?,
        digest: row.get("digest")?,
        published_at: row.get("published_at")?,
        published_by: row.get("published_by")?,
    })
}
