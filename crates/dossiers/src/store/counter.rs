//! Counters kept in sixteen slots, so that no row is written by every submission, and blocks of numbers.

use std::collections::BTreeMap;

use kernel::{Result, Tx, params};

use crate::model::Dossier;
use crate::numero::BLOCK;
use crate::phase::is_open;

/// How many rows share the writing of one counter.
const SLOTS: u8 = 16;

/// Moves a dossier from the counter where it stood to the one where it stands.
pub(crate) async fn shift(tx: &mut Tx, before: Option<String>, after: Option<String>) -> Result<()> {
    if before == after {
        return Ok(());
    }
    if let Some(key) = before {
        add(tx, &key, -1).await?;
    }
    if let Some(key) = after {
        add(tx, &key, 1).await?;
    }
    Ok(())
}

/// The counter of a dossier: its team, its téléservice, its state; none unless it is open.
pub(crate) fn key_of(dossier: &Dossier) -> Option<String> {
    let unit = dossier.unit.map(|unit| unit.to_string()).unwrap_or_default();
    is_open(dossier.phase).then(|| format!("{unit}/{}/{}/{}", dossier.slug, dossier.phase.code(), dossier.state))
}

async fn add(tx: &mut Tx, key: &str, n: i64) -> Result<()> {
    let [draw] = tx.random_bytes::<1>();
    tx.run_soon(
        "insert into dossier_counter (tenant_id, key, slot, n) values ($1, $2, $3, $4) \
         on conflict (tenant_id, key, slot) do update set n = dossier_counter.n + excluded.n",
        params![key.to_owned(), i64::from(draw % SLOTS), n],
    )
    .await
}

/// Every counter, summed.
pub(crate) async fn all(tx: &mut Tx) -> Result<BTreeMap<String, i64>> {
    let rows =
        tx.all("select key, cast(sum(n) as bigint) as n from dossier_counter where tenant_id = $1 group by key order by key", params![]).await?;
    rows.iter().map(|row| Ok((row.get("key")?, row.get("n")?))).collect()
}

/// Takes the next block of numbers of a year; gives its first.
pub(crate) async fn take_block(tx: &mut Tx, year: i16) -> Result<i64> {
    let row = tx
        .one(
            "insert into number_block (tenant_id, year, next_rank) values ($1, $2, $3) \
             on conflict (tenant_id, year) do update set next_rank = number_block.next_rank + $4 returning next_rank",
            params![i64::from(year), 1 + BLOCK, BLOCK],
        )
        .await?;
    Ok(row.get::<i64>("next_rank")? - BLOCK)
}
