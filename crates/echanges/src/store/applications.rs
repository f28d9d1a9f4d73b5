//! The SQL of applications and of the keys by which they answer.

use jiff::Timestamp;
use kernel::{ApplicationId, Result, Row, Tx, params};

use crate::model::{Application, ApplicationStatus};

const COLUMNS: &str = "id, slug, name, channel, cast(options as text) as options, secret, contact, status, status_reason, \
                       failures, down_since, probe_at, last_error, last_success_at";

/// More than any tenant has.
const MOST: usize = 200;

/// Says whether the slug was free.
pub(crate) async fn insert_application(tx: &mut Tx, application: &Application) -> Result<bool> {
    let now = tx.now();
    let sql = "insert into application (tenant_id, id, slug, name, channel, options, secret, contact, status, status_reason, \
               failures, last_error, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', $11) \
               on conflict (tenant_id, slug) do nothing";
    let values = params![
        application.id,
        &application.slug,
        &application.name,
        &application.channel,
        application.options.clone(),
        application.sealed.clone(),
        &application.contact,
        application.status.code(),
        &application.status_reason,
        now
    ];
    tx.insert_unique(sql, values).await
}

/// Saves what an administrator may change.
pub(crate) async fn save_application(tx: &mut Tx, application: &Application) -> Result<()> {
    let sql = "update application set name = $3, channel = $4, options = $5, secret = $6, contact = $7, status = $8, \
               status_reason = $9 where tenant_id = $1 and id = $2";
    let values = params![
        application.id,
        &application.name,
        &application.channel,
        application.options.clone(),
        application.sealed.clone(),
        &application.contact,
        application.status.code(),
        &application.status_reason
    ];
    tx.run_soon(sql, values).await
}

pub(crate) async fn application(tx: &mut Tx, id: ApplicationId) -> Result<Application> {
    let sql = format!("select {COLUMNS} from application where tenant_id = $1 and id = $2");
    read(&tx.one(&sql, params![id]).await?)
}

/// The application, locked until the end of the unit.
pub(crate) async fn lock_application(tx: &mut Tx, id: ApplicationId) -> Result<Application> {
    let sql = format!("select {COLUMNS} from application where tenant_id = $1 and id = $2");
    read(&tx.lock_one(&sql, params![id]).await?.ok_or(kernel::Error::NotFound)?)
}

pub(crate) async fn application_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Application>> {
    let sql = format!("select {COLUMNS} from application where tenant_id = $1 and slug = $2");
    tx.opt(&sql, params![slug]).await?.as_ref().map(read).transpose()
}

/// All applications of the tenant, by name.
pub(crate) async fn applications(tx: &mut Tx) -> Result<Vec<Application>> {
    let sql = format!("select {COLUMNS} from application where tenant_id = $1 order by name, id limit {MOST}");
    tx.all(&sql, &[]).await?.iter().map(read).collect()
}

/// Notes one failure more.
pub(crate) async fn note_failure(tx: &mut Tx, id: ApplicationId, probe_at: Option<Timestamp>, reason: &str) -> Result<()> {
    let now = tx.now();
    let sql = "update application set failures = failures + 1, down_since = coalesce(down_since, $3), probe_at = $4, \
               last_error = $5 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, now, probe_at, reason]).await
}

/// Takes the one try that is left to a target that is down.
pub(crate) async fn take_probe(tx: &mut Tx, id: ApplicationId, probe_at: Timestamp) -> Result<()> {
    let sql = "update application set probe_at = $3 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, probe_at]).await
}

/// Notes that the application answers; writes once a minute at most when it did already.
pub(crate) async fn note_success(tx: &mut Tx, id: ApplicationId, before: Timestamp) -> Result<()> {
    let now = tx.now();
    let sql = "update application set failures = 0, down_since = null, probe_at = null, last_success_at = $3 \
               where tenant_id = $1 and id = $2 and (failures > 0 or last_success_at is null or last_success_at < $4)";
    tx.run_soon(sql, params![id, now, before]).await
}

/// Forgets the failures: the application was resumed or its address changed.
pub(crate) async fn forget_failures(tx: &mut Tx, id: ApplicationId) -> Result<()> {
    let sql = "update application set failures = 0, down_since = null, probe_at = null where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id]).await
}

fn read(row: &Row) -> Result<Application> {
    Ok(Application {
        id: row.get("id")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        channel: row.get("channel")?,
        options: serde_json::from_str(&row.get::<String>("options")?)?,
        sealed: row.get("secret")?,
        contact: row.get("contact")?,
        status: ApplicationStatus::read(&row.get::<String>("status")?)?,
        status_reason: row.get("status_reason")?,
        failures: row.get("failures")?,
        down_since: row.get("down_since")?,
        probe_at: row.get("probe_at")?,
        last_error: row.get("last_error")?,
        last_success_at: row.get("last_success_at")?,
    })
}

/// A key as it is shown: never itself.
#[derive(Debug, Clone)]
pub struct Key {
    /// Names it.
    pub hash: String,
    /// Its first characters.
    pub hint: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

pub(crate) async fn insert_key(tx: &mut Tx, application: ApplicationId, hash: &str, hint: &str) -> Result<()> {
    let now = tx.now();
    let sql = "insert into application_key (tenant_id, application_id, hash, hint, created_at) values ($1, $2, $3, $4, $5)";
    tx.run_soon(sql, params![application, hash, hint, now]).await
}

/// Gives the other keys of the application an end, if they had none sooner.
pub(crate) async fn expire_other_keys(tx: &mut Tx, application: ApplicationId, kept: &str, at: Timestamp) -> Result<u64> {
    let sql = "update application_key set expires_at = $4 where tenant_id = $1 and application_id = $2 and hash <> $3 \
               and (expires_at is null or expires_at > $4)";
    tx.run(sql, params![application, kept, at]).await
}

pub(crate) async fn delete_key(tx: &mut Tx, application: ApplicationId, hash: &str) -> Result<u64> {
    let sql = "delete from application_key where tenant_id = $1 and application_id = $2 and hash = $3";
    tx.run(sql, params![application, hash]).await
}

/// The keys of an application, newest first.
pub(crate) async fn keys(tx: &mut Tx, application: ApplicationId) -> Result<Vec<Key>> {
    let sql = "select hash, hint, created_at, expires_at from application_key where tenant_id = $1 and application_id = $2 \
               order by created_at desc, hash limit 20";
    let read = |row: &Row| -> Result<Key> {
        Ok(Key { hash: row.get("hash")?, hint: row.get("hint")?, created_at: row.get("created_at")?, expires_at: row.get("expires_at")? })
    };
    tx.all(sql, params![application]).await?.iter().map(read).collect()
}

/// Id and name of the application that holds a key today.
pub(crate) async fn key_holder(tx: &mut Tx, hash: &str) -> Result<Option<(ApplicationId, String)>> {
    let now = tx.now();
    let sql = "select application.id, application.name from application_key \
               join application on application.tenant_id = $1 and application.id = application_key.application_id \
               where application_key.tenant_id = $1 and application_key.hash = $2 \
               and (application_key.expires_at is null or application_key.expires_at > $3)";
    let row = tx.opt(sql, params![hash, now]).await?;
    row.map(|row| Ok((row.get("id")?, row.get("name")?))).transpose()
}
