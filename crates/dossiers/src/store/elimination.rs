//! The rows of `elimination`: dossiers whose time of keeping is over, waiting for the visa of the archives.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{DossierId, Result, Tx, params};

use crate::elimination::Listed;

/// Ended dossiers of a téléservice, the oldest end first, that are not yet listed.
pub(crate) async fn ended_before(tx: &mut Tx, slug: &str, before: Timestamp, limit: i64) -> Result<Vec<(DossierId, String, Timestamp)>> {
    let rows = tx
        .all(
            "select id, number, ended_at from dossier where tenant_id = $1 and slug = $2 and ended_at < $3 \
             and id not in (select dossier_id from elimination where tenant_id = $1 and slug = $2) order by ended_at, id limit $4",
            params![slug, before, limit],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get::<Option<String>>("number")?.unwrap_or_default(), row.get("ended_at")?))).collect()
}

/// Lists a dossier.
pub(crate) async fn insert(tx: &mut Tx, listed: &Listed) -> Result<bool> {
    tx.insert_unique(
        "insert into elimination (tenant_id, dossier_id, number, slug, ended_on, rule, listed_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        params![listed.dossier, &listed.number, &listed.slug, listed.ended_on, &listed.rule, listed.listed_at],
    )
    .await
}

/// What waits for a visa, oldest end first.
pub(crate) async fn waiting(tx: &mut Tx, after: Option<(Date, DossierId)>, limit: i64) -> Result<Vec<Listed>> {
    let (date, id) = after.unwrap_or((super::FIRST, DossierId::from(uuid::Uuid::nil())));
    let rows = tx
        .all(
            "select dossier_id, number, slug, ended_on, rule, listed_at from elimination where tenant_id = $1 \
             and eliminated_at is null and (ended_on, dossier_id) > ($2, $3) order by ended_on, dossier_id limit $4",
            params![date, id, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Listed {
                dossier: row.get("dossier_id")?,
                number: row.get("number")?,
                slug: row.get("slug")?,
                ended_on: row.get("ended_on")?,
                rule: row.get("rule")?,
                listed_at: row.get("listed_at")?,
            })
        })
        .collect()
}

/// Writes the visa on the line of a dossier that was eliminated; false if it was not waiting.
pub(crate) async fn close(tx: &mut Tx, id: DossierId, visa: &str, at: Timestamp) -> Result<bool> {
    let sql = "update elimination set visa = $3, eliminated_at = $4 where tenant_id = $1 and dossier_id = $2 and eliminated_at is null";
    Ok(tx.run(sql, params![id, visa, at]).await? > 0)
}
