//! The SQL of the web: sessions, answers already given, failed sign-ins. Nothing else reads or writes these tables.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::session::Session;
use crate::{Result, Row, Tx, params};

const SESSION: &str = "id, cast(actor as text) as actor, cast(level as text) as level, cast(data as text) as data, \
                       browser, created_at, seen_at, expires_at";

/// The live session of a cookie.
pub(super) async fn session_by_token(tx: &mut Tx, token_hash: &str) -> Result<Option<Session>> {
    let sql = format!("select {SESSION} from session where tenant_id = $1 and token_hash = $2 and expires_at > $3");
    let now = tx.now();
    tx.opt(&sql, params![token_hash, now]).await?.as_ref().map(read_session).transpose()
}

/// A session, locked.
pub(super) async fn lock_session(tx: &mut Tx, id: Uuid) -> Result<Option<Session>> {
    let sql = format!("select {SESSION} from session where tenant_id = $1 and id = $2");
    tx.lock_one(&sql, params![id]).await?.as_ref().map(read_session).transpose()
}

/// The live sessions of somebody, the last seen first.
pub(super) async fn sessions_of(tx: &mut Tx, subject: &str) -> Result<Vec<Session>> {
    let sql = format!(
        "select {SESSION} from session where tenant_id = $1 and subject = $2 and expires_at > $3 \
         order by seen_at desc limit 100"
    );
    let now = tx.now();
    tx.all(&sql, params![subject, now]).await?.iter().map(read_session).collect()
}

/// Writes a new session.
pub(super) async fn insert_session(tx: &mut Tx, token_hash: &str, session: &Session) -> Result<()> {
    let sql = "insert into session (tenant_id, id, token_hash, subject, actor, level, data, browser, created_at, \
               seen_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values = params![
        session.id,
        token_hash,
        session.actor.label(),
        serde_json::to_value(&session.actor)?,
        serde_json::to_value(&session.level)?,
        serde_json::Value::Object(session.data.clone()),
        &session.browser,
        session.created_at,
        session.seen_at,
        session.expires_at,
    ];
    tx.run_soon(sql, values).await
}

/// Replaces what a session holds.
pub(super) async fn save_session_data(tx: &mut Tx, session: &Session) -> Result<()> {
    let sql = "update session set data = $3 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![session.id, serde_json::Value::Object(session.data.clone())]).await
}

/// Notes that a session is in use.
pub(super) async fn touch_session(tx: &mut Tx, id: Uuid, expires_at: Timestamp) -> Result<()> {
    let sql = "update session set seen_at = $3, expires_at = $4 where tenant_id = $1 and id = $2";
    let now = tx.now();
    tx.run_soon(sql, params![id, now, expires_at]).await
}

/// Gives all the sessions of somebody other rights.
pub(super) async fn save_session_actor(tx: &mut Tx, subject: &str, actor: serde_json::Value) -> Result<u64> {
    tx.run("update session set actor = $3 where tenant_id = $1 and subject = $2", params![subject, actor]).await
}

/// Ends a session.
pub(super) async fn delete_session(tx: &mut Tx, id: Uuid) -> Result<bool> {
    Ok(tx.run("delete from session where tenant_id = $1 and id = $2", params![id]).await? > 0)
}

/// Ends one of somebody's own sessions.
pub(super) async fn delete_session_of(tx: &mut Tx, id: Uuid, subject: &str) -> Result<bool> {
    let sql = "delete from session where tenant_id = $1 and id = $2 and subject = $3";
    Ok(tx.run(sql, params![id, subject]).await? > 0)
}

/// Ends all the sessions of somebody.
pub(super) async fn delete_sessions_of(tx: &mut Tx, subject: &str) -> Result<u64> {
    tx.run("delete from session where tenant_id = $1 and subject = $2", params![subject]).await
}

fn read_session(row: &Row) -> Result<Session> {
    Ok(Session {
        id: Some(row.get("id")?),
        actor: serde_json::from_str(&row.get::<String>("actor")?)?,
        level: serde_json::from_str(&row.get::<String>("level")?)?,
        data: serde_json::from_str(&row.get::<String>("data")?)?,
        browser: row.get("browser")?,
        created_at: row.get("created_at")?,
        seen_at: row.get("seen_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// An answer already given, or being given by this unit.
pub(super) struct Answer {
    pub body_hash: String,
    pub status: u16,
    pub location: String,
}

/// Takes a key for this unit; false when it was taken before. A second unit waits here for the first.
pub(super) async fn take_key(tx: &mut Tx, key: &str, body_hash: &str) -> Result<bool> {
    let sql = "insert into idempotency (tenant_id, key, body_hash, status, location, created_at) \
               values ($1, $2, $3, 0, '', $4) on conflict do nothing";
    let now = tx.now();
    tx.insert_unique(sql, params![key, body_hash, now]).await
}

/// Writes the answer under a key taken by this unit.
pub(super) async fn save_answer(tx: &mut Tx, key: &str, status: u16, location: &str) -> Result<()> {
    let sql = "update idempotency set status = $3, location = $4 where tenant_id = $1 and key = $2";
    tx.run_soon(sql, params![key, i64::from(status), location]).await
}

/// The answer under a key.
pub(super) async fn answer(tx: &mut Tx, key: &str) -> Result<Option<Answer>> {
    let sql = "select body_hash, status, location from idempotency where tenant_id = $1 and key = $2";
    let Some(row) = tx.opt(sql, params![key]).await? else { return Ok(None) };
    let status = u16::try_from(row.get::<i64>("status")?).map_err(anyhow::Error::from)?;
    Ok(Some(Answer { body_hash: row.get("body_hash")?, status, location: row.get("location")? }))
}

/// Tries at signing in under one key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempts {
    pub failures: i64,
    pub last_at: Timestamp,
    pub blocked_until: Timestamp,
}

/// The tries under a key, locked.
pub(super) async fn lock_attempts(tx: &mut Tx, key: &str) -> Result<Option<Attempts>> {
    let sql = "select failures, last_at, blocked_until from login_attempt where tenant_id = $1 and key = $2";
    let Some(row) = tx.lock_one(sql, params![key]).await? else { return Ok(None) };
    Ok(Some(Attempts { failures: row.get("failures")?, last_at: row.get("last_at")?, blocked_until: row.get("blocked_until")? }))
}

/// Writes the tries under a key.
pub(super) async fn save_attempts(tx: &mut Tx, key: &str, attempts: Attempts) -> Result<()> {
    let sql = "insert into login_attempt (tenant_id, key, failures, last_at, blocked_until) \
               values ($1, $2, $3, $4, $5) on conflict (tenant_id, key) do update \
               set failures = excluded.failures, last_at = excluded.last_at, blocked_until = excluded.blocked_until";
    tx.run_soon(sql, params![key, attempts.failures, attempts.last_at, attempts.blocked_until]).await
}

/// Forgets the tries under a key.
pub(super) async fn delete_attempts(tx: &mut Tx, key: &str) -> Result<()> {
    tx.run_soon("delete from login_attempt where tenant_id = $1 and key = $2", params![key]).await
}

/// Removes what is past its time, and says how much.
pub(super) async fn purge(tx: &mut Tx) -> Result<u64> {
    let now = tx.now();
    let month = now - SignedDuration::from_hours(35 * 24);
    let day = now - SignedDuration::from_hours(48);
    let mut gone = tx.run("delete from session where tenant_id = $1 and expires_at < $2", params![now]).await?;
    gone += tx.run("delete from idempotency where tenant_id = $1 and created_at < $2", params![month]).await?;
    gone += tx.run("delete from login_attempt where tenant_id = $1 and last_at < $2", params![day]).await?;
    Ok(gone)
}
