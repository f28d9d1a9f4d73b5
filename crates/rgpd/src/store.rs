//! The SQL of habilitations, links, consents, oppositions and requests about one's own data.

use jiff::{Timestamp, civil::Date};
use kernel::{ConsentId, Error, HabilitationId, PartenaireId, Result, RightsRequestId, Row, Tx, UsagerId, Value, params};

use crate::{Basis, Consent, Habilitation, Opposition, RightsRequest, rights_request::Kind};

/// A tie between a partner and a person.
pub(crate) struct Link {
    pub partenaire: PartenaireId,
    pub informed_at: Option<Timestamp>,
}

pub(crate) async fn insert_habilitation(tx: &mut Tx, h: &Habilitation) -> Result<()> {
    let sql = "insert into habilitation (tenant_id, id, partenaire_id, purpose, title, attributes, basis, reference, \
               valid_from, valid_to, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (attributes, now) = (serde_json::to_value(&h.attributes)?, tx.now());
    let values = params![h.id, h.partenaire, &h.purpose, &h.title, attributes, h.basis.code(), &h.reference, h.valid_from, h.valid_to, now];
    tx.run_soon(sql, values).await
}

pub(crate) async fn close_habilitation(tx: &mut Tx, id: HabilitationId) -> Result<bool> {
    let now = tx.now();
    let sql = "update habilitation set closed_at = $3 where tenant_id = $1 and id = $2 and closed_at is null";
    Ok(tx.run(sql, params![id, now]).await? > 0)
}

const HABILITATION: &str = "id, partenaire_id, purpose, title, cast(attributes as text) as attributes, basis, reference, \
                            valid_from, valid_to, created_at, closed_at";

pub(crate) async fn habilitations(tx: &mut Tx, of: Option<PartenaireId>) -> Result<Vec<Habilitation>> {
    let mut sql = format!("select {HABILITATION} from habilitation where tenant_id = $1 and closed_at is null");
    let rows = match of {
        Some(partenaire) => {
            sql.push_str(" and partenaire_id = $2 order by id limit 500");
            tx.all(&sql, params![partenaire]).await?
        }
        None => {
            sql.push_str(" order by id limit 500");
            tx.all(&sql, &[]).await?
        }
    };
    rows.iter().map(read_habilitation).collect()
}

pub(crate) async fn every_habilitation(tx: &mut Tx) -> Result<Vec<Habilitation>> {
    let sql = format!("select {HABILITATION} from habilitation where tenant_id = $1 order by closed_at desc nulls first, id desc limit 500");
    tx.all(&sql, &[]).await?.iter().map(read_habilitation).collect()
}

fn read_habilitation(row: &Row) -> Result<Habilitation> {
    Ok(Habilitation {
        id: row.get("id")?,
        partenaire: row.get("partenaire_id")?,
        purpose: row.get("purpose")?,
        title: row.get("title")?,
        attributes: serde_json::from_str(&row.get::<String>("attributes")?)?,
        basis: read_basis(&row.get::<String>("basis")?)?,
        reference: row.get("reference")?,
        valid_from: row.get("valid_from")?,
        valid_to: row.get("valid_to")?,
        granted_at: row.get("created_at")?,
        closed_at: row.get("closed_at")?,
    })
}

fn read_basis(code: &str) -> Result<Basis> {
    Basis::of_code(code).ok_or_else(|| Error::internal(format!("unknown basis {code}")))
}

/// Ties a partner to a person who was told nothing of its other readings.
pub(crate) async fn link(tx: &mut Tx, usager: UsagerId, partenaire: PartenaireId) -> Result<()> {
    let sql = "insert into partner_link (tenant_id, partenaire_id, usager_id, informed_at) values ($1, $2, $3, $4) on conflict do nothing";
    tx.run_soon(sql, params![partenaire, usager, None::<Timestamp>]).await
}

/// Ties partners to a person who was just told of their readings. The caller gives at least one.
pub(crate) async fn tell(tx: &mut Tx, usager: UsagerId, partenaires: &[PartenaireId]) -> Result<()> {
    let now = tx.now();
    let mut values: Vec<Value> = vec![usager.into(), now.into()];
    let mut others = String::new();
    for (at, partenaire) in partenaires.iter().enumerate() {
        values.push((*partenaire).into());
        if at > 0 {
            others.push_str(&format!(", ($1, ${}, $2, $3)", values.len() + 1));
        }
    }
    let sql = format!(
        "insert into partner_link (tenant_id, partenaire_id, usager_id, informed_at) values ($1, $4, $2, $3){others} \
         on conflict (tenant_id, partenaire_id, usager_id) do update set informed_at = excluded.informed_at"
    );
    tx.run_soon(&sql, &values).await
}

/// The partners tied to a person, and when he was last told of their readings.
pub(crate) async fn links(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<Link>> {
    let sql = "select partenaire_id, informed_at from partner_link where tenant_id = $1 and usager_id in ($2...) limit 1000";
    let rows = tx.all(sql, params![Value::list(ids.iter().copied())]).await?;
    rows.iter().map(|row| Ok(Link { partenaire: row.get("partenaire_id")?, informed_at: row.get("informed_at")? })).collect()
}

/// The ties of one partner to a person. Asked for an unknown person too, so that both cost the same.
pub(crate) async fn links_of(tx: &mut Tx, ids: &[UsagerId], partenaire: PartenaireId) -> Result<Vec<Link>> {
    let sql = "select partenaire_id, informed_at from partner_link \
               where tenant_id = $1 and partenaire_id = $2 and usager_id in ($3...) limit 100";
    let rows = tx.all(sql, params![partenaire, Value::list(ids.iter().copied())]).await?;
    rows.iter().map(|row| Ok(Link { partenaire: row.get("partenaire_id")?, informed_at: row.get("informed_at")? })).collect()
}

pub(crate) async fn is_opposed(tx: &mut Tx, ids: &[UsagerId], partenaire: PartenaireId, purpose: &str) -> Result<bool> {
    let sql = "select usager_id from opposition where tenant_id = $1 and partenaire_id = $2 and purpose = $3 \
               and usager_id in ($4...) and refused_at is null limit 1";
    Ok(tx.opt(sql, params![partenaire, purpose, Value::list(ids.iter().copied())]).await?.is_some())
}

/// Whether a consent given since an instant is alive.
pub(crate) async fn live_consent(tx: &mut Tx, ids: &[UsagerId], partenaire: PartenaireId, purpose: &str, since: Timestamp) -> Result<bool> {
    let sql = "select id from consent where tenant_id = $1 and partenaire_id = $2 and purpose = $3 \
               and usager_id in ($4...) and given_at >= $5 and withdrawn_at is null limit 1";
    Ok(tx.opt(sql, params![partenaire, purpose, Value::list(ids.iter().copied()), since]).await?.is_some())
}

pub(crate) async fn insert_consent(tx: &mut Tx, id: ConsentId, usager: UsagerId, partenaire: PartenaireId, purpose: &str, text: &str) -> Result<()> {
    let now = tx.now();
    let sql = "insert into consent (tenant_id, id, usager_id, partenaire_id, purpose, text_shown, given_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    tx.run_soon(sql, params![id, usager, partenaire, purpose, text, now]).await
}

pub(crate) async fn withdraw_consent(tx: &mut Tx, ids: &[UsagerId], id: ConsentId) -> Result<bool> {
    let now = tx.now();
    let sql = "update consent set withdrawn_at = $4 where tenant_id = $1 and id = $2 and usager_id in ($3...) and withdrawn_at is null";
    Ok(tx.run(sql, params![id, Value::list(ids.iter().copied()), now]).await? > 0)
}

pub(crate) async fn consents(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<Consent>> {
    let sql = "select id, partenaire_id, purpose, text_shown, given_at, withdrawn_at from consent \
               where tenant_id = $1 and usager_id in ($2...) order by given_at desc, id desc limit 200";
    let rows = tx.all(sql, params![Value::list(ids.iter().copied())]).await?;
    let read = |row: &Row| -> Result<Consent> {
        Ok(Consent {
            id: row.get("id")?,
            partenaire: row.get("partenaire_id")?,
            purpose: row.get("purpose")?,
            text_shown: row.get("text_shown")?,
            given_at: row.get("given_at")?,
            withdrawn_at: row.get("withdrawn_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Writes an opposition, or opens again one that was refused; `false` when one stands already.
pub(crate) async fn oppose(tx: &mut Tx, usager: UsagerId, partenaire: PartenaireId, purpose: &str, reason: &str) -> Result<bool> {
    let now = tx.now();
    let sql = "insert into opposition (tenant_id, usager_id, partenaire_id, purpose, reason, made_at) values ($1, $2, $3, $4, $5, $6) \
               on conflict (tenant_id, usager_id, partenaire_id, purpose) do update set reason = excluded.reason, \
               made_at = excluded.made_at, refused_at = null where opposition.refused_at is not null";
    Ok(tx.run(sql, params![usager, partenaire, purpose, reason, now]).await? > 0)
}

pub(crate) async fn settle_opposition(
    tx: &mut Tx,
    usager: UsagerId,
    partenaire: PartenaireId,
    purpose: &str,
    accepted: Option<Timestamp>,
    refused: Option<Timestamp>,
) -> Result<()> {
    let sql = "update opposition set accepted_at = $5, refused_at = $6 \
               where tenant_id = $1 and usager_id = $2 and partenaire_id = $3 and purpose = $4";
    tx.run_soon(sql, params![usager, partenaire, purpose, accepted, refused]).await
}

pub(crate) async fn oppositions(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<Opposition>> {
    let sql = "select partenaire_id, purpose, reason, made_at, accepted_at, refused_at from opposition \
               where tenant_id = $1 and usager_id in ($2...) order by made_at desc limit 500";
    let rows = tx.all(sql, params![Value::list(ids.iter().copied())]).await?;
    let read = |row: &Row| -> Result<Opposition> {
        Ok(Opposition {
            partenaire: row.get("partenaire_id")?,
            purpose: row.get("purpose")?,
            reason: row.get("reason")?,
            made_at: row.get("made_at")?,
            accepted_at: row.get("accepted_at")?,
            refused_at: row.get("refused_at")?,
        })
    };
    rows.iter().map(read).collect()
}

const REQUEST: &str = "id, usager_id, kind, partenaire_id, purpose, text, made_at, due_on, answered_at, is_granted, answer";

pub(crate) async fn insert_request(tx: &mut Tx, request: &RightsRequest) -> Result<()> {
    let sql = "insert into rights_request (tenant_id, id, usager_id, kind, partenaire_id, purpose, text, made_at, due_on) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = params![
        request.id,
        request.usager,
        request.kind.code(),
        request.partenaire,
        request.purpose.clone(),
        &request.text,
        request.made_at,
        request.due_on
    ];
    tx.run_soon(sql, values).await
}

/// A request, locked.
pub(crate) async fn lock_request(tx: &mut Tx, id: RightsRequestId) -> Result<RightsRequest> {
    let sql = format!("select {REQUEST} from rights_request where tenant_id = $1 and id = $2");
    tx.lock_one(&sql, params![id]).await?.as_ref().map(read_request).transpose()?.ok_or(Error::NotFound)
}

/// A request as it stands.
pub(crate) async fn request(tx: &mut Tx, id: RightsRequestId) -> Result<RightsRequest> {
    let sql = format!("select {REQUEST} from rights_request where tenant_id = $1 and id = $2");
    read_request(&tx.one(&sql, params![id]).await?)
}

pub(crate) async fn save_answer(tx: &mut Tx, id: RightsRequestId, is_granted: bool, answer: &str) -> Result<()> {
    let now = tx.now();
    let sql = "update rights_request set answered_at = $3, is_granted = $4, answer = $5 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, now, is_granted, answer]).await
}

pub(crate) async fn requests_of(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<RightsRequest>> {
    let sql = format!("select {REQUEST} from rights_request where tenant_id = $1 and usager_id in ($2...) order by made_at desc, id desc limit 100");
    tx.all(&sql, params![Value::list(ids.iter().copied())]).await?.iter().map(read_request).collect()
}

/// Requests that wait, the nearest date first.
pub(crate) async fn waiting_requests(tx: &mut Tx) -> Result<Vec<RightsRequest>> {
    let sql = format!("select {REQUEST} from rights_request where tenant_id = $1 and answered_at is null order by due_on, id limit 200");
    tx.all(&sql, &[]).await?.iter().map(read_request).collect()
}

/// Requests that were answered, the last first.
pub(crate) async fn answered_requests(tx: &mut Tx) -> Result<Vec<RightsRequest>> {
    let sql =
        format!("select {REQUEST} from rights_request where tenant_id = $1 and answered_at is not null order by answered_at desc, id desc limit 50");
    tx.all(&sql, &[]).await?.iter().map(read_request).collect()
}

fn read_request(row: &Row) -> Result<RightsRequest> {
    let kind: String = row.get("kind")?;
    Ok(RightsRequest {
        id: row.get("id")?,
        usager: row.get("usager_id")?,
        kind: Kind::of_code(&kind).ok_or_else(|| Error::internal(format!("unknown request {kind}")))?,
        partenaire: row.get("partenaire_id")?,
        purpose: row.get("purpose")?,
        text: row.get("text")?,
        made_at: row.get("made_at")?,
        due_on: row.get::<Date>("due_on")?,
        answered_at: row.get("answered_at")?,
        is_granted: row.get("is_granted")?,
        answer: row.get("answer")?,
    })
}

/// Removes proofs past their prescription: consents withdrawn and requests answered before an instant, and the ties and
/// oppositions of partners whose last habilitation was closed before it. Says how many rows went.
pub(crate) async fn purge(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    const NO_MORE: &str = "partenaire_id not in (select partenaire_id from habilitation \
                           where tenant_id = $1 and (closed_at is null or closed_at >= $2))";
    let mut gone = tx.run("delete from consent where tenant_id = $1 and withdrawn_at < $2", params![before]).await?;
    gone += tx.run("delete from rights_request where tenant_id = $1 and answered_at < $2", params![before]).await?;
    gone += tx.run(&format!("delete from partner_link where tenant_id = $1 and {NO_MORE}"), params![before]).await?;
    gone += tx.run(&format!("delete from opposition where tenant_id = $1 and {NO_MORE}"), params![before]).await?;
    Ok(gone)
}
