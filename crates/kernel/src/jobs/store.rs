//! The SQL of jobs and leases: statements of the installation, because a worker serves every tenant.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    Db, JobId, Result, TenantId,
    db::{Row, claim_jobs},
};

/// A job that was claimed.
pub(super) struct Claimed {
    pub tenant: TenantId,
    pub id: JobId,
    pub kind: String,
    pub payload: serde_json::Value,
    pub attempt: i64,
    pub lost: i64,
}

/// Takes due jobs, soonest first. A job whose lease ran out is claimed again and counts one loss more.
pub(super) async fn claim(db: &Db, owner: &str, lease: Duration, most: i64) -> Result<Vec<Claimed>> {
    let now = db.clock.now();
    let until = later(now, lease);
    let sql = claim_jobs(db.is_postgres());
    let values = vec![now.into(), owner.into(), until.into(), most.into()];
    let rows = db.installation(async |tx| tx.raw_all(&sql, values).await).await?;
    rows.iter().map(read).collect()
}

/// Whether a job is due: asked before claiming, so that an idle worker never takes the writer.
pub(super) async fn has_due(db: &Db) -> Result<bool> {
    let sql = "select id from job where state = 'waiting' and due_at <= $1 and (locked_until is null or locked_until < $1) \
               order by due_at limit 1";
    Ok(!db.installation_all(sql, &[db.clock.now().into()]).await?.is_empty())
}

/// Forgets a job that is done; says whether this owner still held it.
pub(super) async fn complete(db: &Db, job: &Claimed, owner: &str) -> Result<bool> {
    let sql = "delete from job where tenant_id = $1 and id = $2 and locked_by = $3";
    Ok(db.installation_run(sql, &[job.tenant.into(), job.id.into(), owner.into()]).await? > 0)
}

/// Gives a job back for later; a late owner changes nothing.
pub(super) async fn postpone(db: &Db, job: &Claimed, owner: &str, due_at: Timestamp, attempt: i64, error: Option<&str>) -> Result<()> {
    let sql = "update job set due_at = $4, attempt = $5, last_error = $6, locked_until = null, locked_by = null \
               where tenant_id = $1 and id = $2 and locked_by = $3";
    let values = [job.tenant.into(), job.id.into(), owner.into(), due_at.into(), attempt.into(), error.into()];
    db.installation_run(sql, &values).await.map(drop)
}

/// Sets a job aside: somebody must look at it.
pub(super) async fn put_aside(db: &Db, job: &Claimed, owner: &str, reason: &str) -> Result<()> {
    let sql = "update job set state = 'set_aside', last_error = $4, locked_until = null, locked_by = null, unique_key = null \
               where tenant_id = $1 and id = $2 and locked_by = $3";
    let values = [job.tenant.into(), job.id.into(), owner.into(), reason.into()];
    db.installation_run(sql, &values).await.map(drop)
}

/// Gives back every job that this owner holds: at a clean stop.
pub(super) async fn release(db: &Db, owner: &str) -> Result<u64> {
    let sql = "update job set locked_until = null, locked_by = null, attempt = attempt - 1 where locked_by = $1";
    db.installation_run(sql, &[owner.into()]).await
}

/// Takes or renews a lease of the installation; says whether this holder has it.
pub async fn lease(db: &Db, name: &str, holder: &str, lasts: Duration) -> Result<bool> {
    let now = db.clock.now();
    let sql = "insert into lease (name, holder, until) values ($1, $2, $3) on conflict (name) do update \
               set holder = $2, until = $3 where lease.holder = $2 or lease.until < $4";
    let values = [name.into(), holder.into(), later(now, lasts).into(), now.into()];
    Ok(db.installation_run(sql, &values).await? > 0)
}

pub(super) fn later(now: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| now.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

fn read(row: &Row) -> Result<Claimed> {
    Ok(Claimed {
        tenant: row.get("tenant_id")?,
        id: row.get("id")?,
        kind: row.get("kind")?,
        payload: serde_json::from_str(&row.get::<String>("payload")?)?,
        attempt: row.get("attempt")?,
        lost: row.get("lost")?,
    })
}
