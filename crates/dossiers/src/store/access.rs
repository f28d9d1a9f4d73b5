//! The rows of `dossier_access`: what opens a dossier without an account.

use jiff::Timestamp;
use kernel::DossierId;
use kernel::{Result, Tx, params};

/// Opens a dossier to the holder of a key.
pub(crate) async fn grant(tx: &mut Tx, key_hash: &str, id: DossierId, kind: &'static str, until: Timestamp) -> Result<()> {
    let now = tx.now();
    tx.run_soon(
        "insert into dossier_access (tenant_id, key_hash, dossier_id, kind, created_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6) on conflict (tenant_id, key_hash, dossier_id) do update set expires_at = excluded.expires_at",
        params![key_hash.to_owned(), id, kind, now, until],
    )
    .await
}

/// Closes a dossier to every key that opened it.
pub(crate) async fn close_all(tx: &mut Tx, id: DossierId) -> Result<()> {
    let now = tx.now();
    let sql = "update dossier_access set expires_at = $3 where tenant_id = $1 and dossier_id = $2";
    tx.run_soon(sql, params![id, now]).await
}

/// The dossier a mailed link opens.
pub(crate) async fn behind_link(tx: &mut Tx, key_hash: &str) -> Result<Option<(DossierId, Timestamp)>> {
    let row = tx
        .opt(
            "select dossier_id, expires_at from dossier_access where tenant_id = $1 and key_hash = $2 and kind = $3",
            params![key_hash.to_owned(), "lien"],
        )
        .await?;
    row.map(|row| Ok((row.get("dossier_id")?, row.get("expires_at")?))).transpose()
}

/// Forgets the keys whose time is over.
pub(crate) async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    tx.run("delete from dossier_access where tenant_id = $1 and expires_at < $2", params![now]).await
}
