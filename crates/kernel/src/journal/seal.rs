//! The sealer: every second it takes the events that no seal covers, whatever their ids (a transaction that commits
//! late is not missed), builds their RFC 6962 tree head, signs it and chains it to the last one.
//! One per installation, by lease. It holds no key: `Signer` is given by the program.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::{Db, EventId, Result, TenantId, Tx, crypto::Mark, db::Value};

/// What signs a seal, and checks one with the keys of all generations.
pub trait Signer: Send + Sync {
    /// Name of the key in use, and the signature in hexadecimal.
    fn sign(&self, bytes: &[u8]) -> (String, String);
    /// Whether the signature is that key's.
    fn verify(&self, key_id: &str, bytes: &[u8], signature: &str) -> bool;
}

/// Events taken in one go; the rest waits for the next second.
const BATCH: i64 = 5_000;

/// Seals every second until the task is dropped, when this node holds the lease.
pub async fn run(db: Db, signer: Arc<dyn Signer>, holder: String) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let held = super::super::jobs::lease(&db, "sealer", &holder, Duration::from_secs(10)).await;
        match held {
            Ok(true) => {
                if let Err(error) = seal_once(&db, &*signer).await {
                    tracing::warn!(%error, "sealing failed, tried again in a second");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "no lease for the sealer"),
        }
    }
}

/// Seals what waits, of all tenants; gives how many events were sealed. A line without the mark of this program is
/// never signed: it is put aside, and `verify` tells of it.
pub async fn seal_once(db: &Db, signer: &dyn Signer) -> Result<usize> {
    let keys = db.marking_keys()?;
    let sql = "select tenant_id, event_id, hash, mark from unsealed order by tenant_id, event_id limit $1";
    let rows = db.installation_all(sql, &[BATCH.into()]).await?;
    let mut waiting: BTreeMap<TenantId, Vec<(EventId, String)>> = BTreeMap::new();
    let mut sealed = 0;
    for row in &rows {
        let (tenant, event, hash): (TenantId, EventId, String) = (row.get("tenant_id")?, row.get("event_id")?, row.get("hash")?);
        match keys.check_mark(hash.as_bytes(), &row.get::<String>("mark")?) {
            Mark::Ours => {
                sealed += 1;
                waiting.entry(tenant).or_default().push((event, hash));
            }
            Mark::Forged => set_aside(db, tenant, event).await?,
            Mark::UnknownKey => {
                tracing::error!(%tenant, %event, "a line of the journal bears a key that this process has not read: restart it after a rotation")
            }
        }
    }
    for (tenant, events) in waiting {
        db.installation(async |tx| seal(tx, tenant, &events, signer).await).await?;
    }
    Ok(sealed)
}

async fn set_aside(db: &Db, tenant: TenantId, event: EventId) -> Result<()> {
    tracing::error!(%tenant, %event, "a line of the journal was not written by this program: it is not sealed, run `parvis journal verify`");
    let sql = "delete from unsealed where tenant_id = $1 and event_id = $2";
    db.installation_run(sql, &[tenant.into(), event.into()]).await.map(drop)
}

async fn seal(tx: &mut Tx, tenant: TenantId, events: &[(EventId, String)], signer: &dyn Signer) -> Result<()> {
    let last = "select number, hash from seal where tenant_id = $1 order by number desc limit 1";
    let last = tx.raw_all(last, vec![tenant.into()]).await?;
    let (number, previous) = match last.first() {
        Some(row) => (row.get::<i64>("number")? + 1, row.get::<String>("hash")?),
        None => (1, String::new()),
    };
    let root = hex(&tree_head(&events.iter().map(|(_, hash)| hash.as_str()).collect::<Vec<_>>()));
    let ids: Vec<String> = events.iter().map(|(id, _)| id.to_string()).collect();
    let now = tx.now();
    let hash = seal_hash(tenant, number, now, &ids.join(" "), &root, &previous);
    let (key_id, signature) = signer.sign(hash.as_bytes());
    let sql = "insert into seal (tenant_id, number, at, events, root, previous, hash, key_id, signature) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values: Vec<Value> = vec![
        tenant.into(),
        number.into(),
        now.into(),
        ids.join(" ").into(),
        root.into(),
        previous.into(),
        hash.into(),
        key_id.into(),
        signature.into(),
    ];
    tx.raw_run(sql, values).await?;
    for chunk in events.chunks(500) {
        let ids = Value::list(chunk.iter().map(|(id, _)| *id));
        tx.raw_run("delete from unsealed where tenant_id = $1 and event_id in ($2...)", vec![tenant.into(), ids]).await?;
    }
    Ok(())
}

/// What a seal signs.
pub(super) fn seal_hash(tenant: TenantId, number: i64, at: Timestamp, events: &str, root: &str, previous: &str) -> String {
    let text = format!("{tenant}\n{number}\n{at}\n{events}\n{root}\n{previous}");
    hex(&Sha256::digest(text.as_bytes()))
}

/// RFC 6962, section 2.1: the hash of a Merkle tree over the leaves, in order.
pub(super) fn tree_head(leaves: &[&str]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest(b"").into(),
        [leaf] => Sha256::new().chain_update([0]).chain_update(leaf.as_bytes()).finalize().into(),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            Sha256::new().chain_update([1]).chain_update(tree_head(left)).chain_update(tree_head(right)).finalize().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_head_is_the_one_of_rfc_6962() {
        // test vectors of the certificate transparency reference implementation: leaves "", 0x00, 0x10
        assert_eq!(hex(&tree_head(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(&tree_head(&[""])), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(hex(&tree_head(&["", "\0"])), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
        assert_eq!(hex(&tree_head(&["", "\0", "\u{10}"])), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    }
}
