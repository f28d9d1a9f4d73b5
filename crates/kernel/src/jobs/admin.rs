//! What an administrator sees and does of his tenant's jobs: those set aside, and their replay.

use jiff::Timestamp;
use serde::Serialize;

use crate::{JobId, Result, Tx, params};

/// A job that somebody must look at.
#[derive(Debug, Clone, Serialize)]
pub struct SetAside {
    /// The job.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// Tries made.
    pub attempt: i64,
    /// Why it stopped; nothing personal.
    pub reason: String,
    /// The ids it works on.
    pub payload: serde_json::Value,
}

/// The jobs set aside, newest first, at most 100, before one if given.
pub async fn set_aside(tx: &mut Tx, before: Option<JobId>) -> Result<Vec<SetAside>> {
    let last = before.unwrap_or_else(|| JobId::from(uuid::Uuid::max()));
    let sql = "select id, kind, created_at, attempt, coalesce(last_error, '') as reason, cast(payload as text) as payload \
               from job where tenant_id = $1 and state = 'set_aside' and id < $2 order by id desc limit 100";
    let rows = tx.all(sql, params![last]).await?;
    let read = |row: &crate::Row| -> Result<SetAside> {
        Ok(SetAside {
            id: row.get("id")?,
            kind: row.get("kind")?,
            created_at: row.get("created_at")?,
            attempt: row.get("attempt")?,
            reason: row.get("reason")?,
            payload: serde_json::from_str(&row.get::<String>("payload")?)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Puts a job back in the queue, as new. `NotFound` when it is not set aside.
pub async fn replay(tx: &mut Tx, id: JobId) -> Result<()> {
    let now = tx.now();
    let sql = "update job set state = 'waiting', due_at = $3, attempt = 0, lost = 0 \
               where tenant_id = $1 and id = $2 and state = 'set_aside'";
    tx.enqueued += 1;
    if tx.run(sql, params![id, now]).await? == 0 { Err(crate::Error::NotFound) } else { Ok(()) }
}

/// How many jobs of the tenant wait, up to 1 000.
pub async fn waiting_count(tx: &mut Tx) -> Result<i64> {
    let sql = "select cast(count(*) as bigint) as n from (select id from job where tenant_id = $1 and state = 'waiting' limit 1000) as some";
    tx.one(sql, &[]).await?.get("n")
}
