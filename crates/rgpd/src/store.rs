//! The SQL of habilitations, links, consents and oppositions.

use kernel::{ConsentId, HabilitationId, PartenaireId, Result, Row, Tx, UsagerId, Value, params};

use crate::{Basis, Consent, Habilitation};

pub(crate) async fn insert_habilitation(tx: &mut Tx, h: &Habilitation) -> Result<()> {
    let sql = "insert into habilitation (tenant_id, id, partenaire_id, purpose, title, attributes, basis, reference, \
               valid_from, valid_to, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (attributes, now) = (serde_json::to_value(&h.attributes)?, tx.now());
    let values = params![
        h.id, h.partenaire, &h.purpose, &h.title, attributes, h.basis.code(), &h.reference, h.valid_from, h.valid_to, now
    ];
    tx.run(sql, values).await.map(drop)
}

pub(crate) async fn close_habilitation(tx: &mut Tx, id: HabilitationId) -> Result<bool> {
    let now = tx.now();
    let sql = "update habilitation set closed_at = $3 where tenant_id = $1 and id = $2 and closed_at is null";
    Ok(tx.run(sql, params![id, now]).await? > 0)
}

pub(crate) async fn habilitations(tx: &mut Tx, of: Option<PartenaireId>) -> Result<Vec<Habilitation>> {
    const COLUMNS: &str = "id, partenaire_id, purpose, title, cast(attributes as text) as attributes, basis, reference, valid_from, valid_to";
    let rows = match of {
        Some(partenaire) => {
            let sql = format!("select {COLUMNS} from habilitation where tenant_id = $1 and partenaire_id = $2 and closed_at is null order by id limit 500");
            tx.all(&sql, params![partenaire]).await?
        }
        None => {
            let sql = format!("select {COLUMNS} from habilitation where tenant_id = $1 and closed_at is null order by id limit 500");
            tx.all(&sql, &[]).await?
        }
    };
    rows.iter().map(read_habilitation).collect()
}

fn read_habilitation(row: &Row) -> Result<Habilitation> {
    Ok(Habilitation {
        id: row.get("id")?,
        partenaire: row.get("partenaire_id")?,
        purpose: row.get("purpose")?,
        title: row.get("title")?,
        attributes: serde_json::from_str(&row.get::<String>("attributes")?)?,
        basis: Basis::read(&row.get::<String>("basis")?)?,
        reference: row.get("reference")?,
        valid_from: row.get("valid_from")?,
        valid_to: row.get("valid_to")?,
    })
}

/// Ties partners to a person; gives how many links are new.
pub(crate) async fn link(tx: &mut Tx, usager: UsagerId, partenaires: &[PartenaireId]) -> Result<u64> {
    if partenaires.is_empty() {
        return Ok(0);
    }
    let now = tx.now();
    let mut values: Vec<Value> = vec![usager.into(), now.into()];
    let rows: Vec<String> = partenaires
        .iter()
        .map(|partenaire| {
            values.push((*partenaire).into());
            format!("($1, ${}, $2, $3)", values.len() + 1)
        })
        .collect();
    let sql = format!(
        "insert into partner_link (tenant_id, partenaire_id, usager_id, informed_at) values {} on conflict do nothing",
        rows.join(", ")
    );
    tx.run(&sql, &values).await
}

pub(crate) async fn is_linked(tx: &mut Tx, ids: &[UsagerId], partenaire: PartenaireId) -> Result<bool> {
    let sql = "select partenaire_id from partner_link where tenant_id = $1 and partenaire_id = $2 and usager_id in ($3...) limit 1";
    Ok(tx.opt(sql, params![partenaire, Value::list(ids.iter().copied())]).await?.is_some())
}

pub(crate) async fn is_opposed(tx: &mut Tx, ids: &[UsagerId], partenaire: PartenaireId, purpose: &str) -> Result<bool> {
    let sql = "select usager_id from opposition where tenant_id = $1 and partenaire_id = $2 and purpose = $3 \
               and usager_id in ($4...) and refused_at is null limit 1";
    Ok(tx.opt(sql, params![partenaire, purpose, Value::list(ids.iter().copied())]).await?.is_some())
}

pub(crate) async fn live_consent(tx: &mut Tx, ids: &[UsagerId], partenaire: PartenaireId, purpose: &str) -> Result<bool> {
    let sql = "select id from consent where tenant_id = $1 and partenaire_id = $2 and purpose = $3 \
               and usager_id in ($4...) and withdrawn_at is null limit 1";
    Ok(tx.opt(sql, params![partenaire, purpose, Value::list(ids.iter().copied())]).await?.is_some())
}

pub(crate) async fn insert_consent(
    tx: &mut Tx, id: ConsentId, usager: UsagerId, partenaire: PartenaireId, purpose: &str, text: &str,
) -> Result<()> {
    let now = tx.now();
    let sql = "insert into consent (tenant_id, id, usager_id, partenaire_id, purpose, text_shown, given_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    tx.run(sql, params![id, usager, partenaire, purpose, text, now]).await.map(drop)
}

pub(crate) async fn withdraw_consent(tx: &mut Tx, usager: UsagerId, id: ConsentId) -> Result<bool> {
    let now = tx.now();
    let sql = "update consent set withdrawn_at = $4 where tenant_id = $1 and id = $2 and usager_id = $3 and withdrawn_at is null";
    Ok(tx.run(sql, params![id, usager, now]).await? > 0)
}

pub(crate) async fn consents(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<Consent>> {
    let sql = "select id, partenaire_id, purpose, given_at, withdrawn_at from consent \
               where tenant_id = $1 and usager_id in ($2...) order by given_at desc, id desc limit 200";
    let rows = tx.all(sql, params![Value::list(ids.iter().copied())]).await?;
    let read = |row: &Row| -> Result<Consent> {
        Ok(Consent {
            id: row.get("id")?,
            partenaire: row.get("partenaire_id")?,
            purpose: row.get("purpose")?,
            given_at: row.get("given_at")?,
            withdrawn_at: row.get("withdrawn_at")?,
        })
    };
    rows.iter().map(read).collect()
}
