//! The SQL of what comes back: answers of applications and the files they leave.

use kernel::{ApplicationId, DossierId, Result, Row, Tx, params};

/// An answer that was already given.
pub(crate) struct KnownAnswer {
    pub dossier: DossierId,
    pub fingerprint: String,
    pub outcome: serde_json::Value,
}

pub(crate) async fn known_answer(tx: &mut Tx, application: ApplicationId, identifier: &str) -> Result<Option<KnownAnswer>> {
    let sql = "select dossier_id, fingerprint, cast(outcome as text) as outcome from application_answer \
               where tenant_id = $1 and application_id = $2 and identifier = $3";
    let read = |row: Row| -> Result<KnownAnswer> {
        Ok(KnownAnswer {
            dossier: row.get("dossier_id")?,
            fingerprint: row.get("fingerprint")?,
            outcome: serde_json::from_str(&row.get::<String>("outcome")?)?,
        })
    };
    tx.opt(sql, params![application, identifier]).await?.map(read).transpose()
}

/// Says whether this identifier is new; another unit that gives it at the same time waits for this one.
pub(crate) async fn insert_answer(tx: &mut Tx, application: ApplicationId, identifier: &str, dossier: DossierId, fingerprint: &str) -> Result<bool> {
    let (now, nothing) = (tx.now(), serde_json::json!({}));
    let sql = "insert into application_answer (tenant_id, application_id, identifier, dossier_id, fingerprint, outcome, received_at) \
               values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant_id, application_id, identifier) do nothing";
    tx.insert_unique(sql, params![application, identifier, dossier, fingerprint, nothing, now]).await
}

pub(crate) async fn save_outcome(tx: &mut Tx, application: ApplicationId, identifier: &str, outcome: serde_json::Value) -> Result<()> {
    let sql = "update application_answer set outcome = $4 where tenant_id = $1 and application_id = $2 and identifier = $3";
    tx.run_soon(sql, params![application, identifier, outcome]).await
}

/// A file that arrived, as it is kept: never its content.
#[derive(Debug, Clone)]
pub(crate) struct ArrivedFile {
    pub fingerprint: String,
    pub identifier: Option<String>,
    pub name: String,
    pub is_accepted: bool,
    pub reason: String,
    pub dossier: Option<DossierId>,
}

/// Whether this content, or this identifier, already made a dossier.
pub(crate) async fn accepted_file(tx: &mut Tx, application: ApplicationId, fingerprint: &str, identifier: Option<&str>) -> Result<Option<DossierId>> {
    let sql = "select dossier_id from incoming_file where tenant_id = $1 and application_id = $2 and state = 'accepted' \
               and (fingerprint = $3 or identifier = $4) limit 1";
    let row = tx.opt(sql, params![application, fingerprint, identifier.map(str::to_owned)]).await?;
    row.map_or(Ok(None), |row| row.get("dossier_id"))
}

/// Keeps what became of a file; one that was refused may be accepted later.
pub(crate) async fn save_file(tx: &mut Tx, application: ApplicationId, file: &ArrivedFile) -> Result<()> {
    let now = tx.now();
    let sql = "insert into incoming_file (tenant_id, application_id, fingerprint, identifier, name, state, reason, dossier_id, received_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (tenant_id, application_id, fingerprint) do update \
               set identifier = $4, name = $5, state = $6, reason = $7, dossier_id = $8, received_at = $9";
    let state = if file.is_accepted { "accepted" } else { "refused" };
    let values = params![application, &file.fingerprint, file.identifier.clone(), &file.name, state, &file.reason, file.dossier, now];
    tx.run_soon(sql, values).await
}

/// A line of the page of an application.
#[derive(Debug, Clone)]
pub(crate) struct FileLine {
    pub name: String,
    pub is_accepted: bool,
    pub reason: String,
    pub dossier: Option<DossierId>,
    pub received_at: jiff::Timestamp,
}

/// The last files of an application.
pub(crate) async fn last_files(tx: &mut Tx, application: ApplicationId) -> Result<Vec<FileLine>> {
    let sql = "select name, state, reason, dossier_id, received_at from incoming_file \
               where tenant_id = $1 and application_id = $2 order by received_at desc, fingerprint limit 20";
    let read = |row: &Row| -> Result<FileLine> {
        Ok(FileLine {
            name: row.get("name")?,
            is_accepted: row.get::<String>("state")? == "accepted",
            reason: row.get("reason")?,
            dossier: row.get("dossier_id")?,
            received_at: row.get("received_at")?,
        })
    };
    tx.all(sql, params![application]).await?.iter().map(read).collect()
}

/// Notes that the files of an application could not be fetched.
pub(crate) async fn note_fetch(tx: &mut Tx, application: ApplicationId, reason: &str) -> Result<()> {
    let sql = "update application set last_error = $3 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![application, reason]).await
}

/// Forgets what ended before this instant.
pub(crate) async fn purge(tx: &mut Tx, before: jiff::Timestamp) -> Result<()> {
    let sql = "delete from delivery where tenant_id = $1 and state in ('delivered', 'given_up') and created_at < $2";
    tx.run(sql, params![before]).await?;
    tx.run("delete from application_answer where tenant_id = $1 and received_at < $2", params![before]).await?;
    tx.run("delete from incoming_file where tenant_id = $1 and received_at < $2", params![before]).await?;
    let sql = "delete from application_key where tenant_id = $1 and expires_at < $2";
    tx.run_soon(sql, params![before]).await
}
