//! The rows of `dossier`: kept, read one at a time, locked, purged.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{DossierId, Error, Result, Row, Tx, Type, Value, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::channel::Channel;
use crate::delai::DelaiKind;
use crate::model::{Dossier, External, Moved};
use crate::numero::Numero;
use crate::phase::{Phase, from_code, is_open};
use crate::piece::Piece;
use crate::words::normalise;

/// Stands for "no date" in `due_on`, so that one index sorts the inbox.
pub(crate) const NO_DATE: Date = date(9999, 12, 31);

/// The columns of a whole dossier, in one place so that every reader gets the same.
pub(crate) const COLUMNS: &str = "id, number, slug, version_id, phase, state, channel, usager_id, compte_id, org_unit_id, agent_id, entered_by, \
         answers, origins, withheld, contact_name, contact_mail, file_key, external_source, external_ref, due_on, due_kind, legal_on, \
         created_at, saved_at, submitted_at, ended_at, expires_at, details, decision, moved_by, moved_at";

/// Keeps a new dossier.
pub(crate) async fn insert(tx: &mut Tx, dossier: &Dossier) -> Result<()> {
    let (source, reference) = external(dossier);
    let (due_on, due_kind) = due(dossier);
    tx.run_soon(
        "insert into dossier (tenant_id, id, number, slug, version_id, phase, state, channel, usager_id, compte_id, \
         org_unit_id, agent_id, entered_by, answers, origins, withheld, contact_name, contact_mail, search_key, file_key, \
         external_source, external_ref, is_open, due_on, due_kind, created_at, saved_at, submitted_at, expires_at, details) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
         $24, $25, $26, $27, $28, $29, $30)",
        params![
            dossier.id,
            dossier.number.as_ref().map(|n| n.as_str().to_owned()),
            dossier.slug.clone(),
            dossier.version,
            dossier.phase.code(),
            dossier.state.clone(),
            dossier.channel.code(),
            dossier.usager,
            dossier.compte,
            dossier.unit,
            dossier.agent,
            dossier.entered_by,
            json(&dossier.answers)?,
            json(&dossier.origins)?,
            json(&dossier.withheld)?,
            dossier.contact_name.clone(),
            dossier.contact_mail.clone(),
            search_key(dossier),
            dossier.file_key.clone(),
            source,
            reference,
            is_open(dossier.phase),
            due_on,
            due_kind,
            dossier.created_at,
            dossier.saved_at,
            dossier.submitted_at,
            dossier.expires_at,
            json(&dossier.details)?
        ],
    )
    .await
}

/// The dossier, or 404.
pub(crate) async fn load(tx: &mut Tx, id: DossierId) -> Result<Dossier> {
    let row = tx.one(&format!("select {COLUMNS} from dossier where tenant_id = $1 and id = $2"), params![id]).await?;
    read(&row)
}

/// The dossier with its pieces in the order they came, and whether the key of this hash opens it today, in one
/// statement: every page of a demand begins so. The dossier comes again with each of its few pieces.
pub(crate) async fn load_with_key(tx: &mut Tx, id: DossierId, key_hash: Option<&str>) -> Result<(Dossier, Vec<Piece>, bool)> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        let of_dossier = COLUMNS.split(", ").map(|column| format!("d.{column}")).collect::<Vec<_>>().join(", ");
        format!(
            "select {of_dossier}, {}, (select a.kind from dossier_access a where a.tenant_id = $1 and a.key_hash = $3 \
             and a.dossier_id = d.id and a.expires_at > $4) as opened \
             from dossier d left join piece p on p.tenant_id = $1 and p.dossier_id = d.id \
             where d.tenant_id = $1 and d.id = $2 order by p.id nulls first",
            super::piece::joined_columns()
        )
    });
    let now = tx.now();
    let rows = tx.all(&SQL, params![id, key_hash.unwrap_or_default(), now]).await?;
    let row = rows.first().ok_or(Error::NotFound)?;
    let pieces = rows.iter().filter_map(|row| super::piece::read_joined(row).transpose()).collect::<Result<_>>()?;
    Ok((read(row)?, pieces, row.get::<Option<String>>("opened")?.is_some()))
}

/// The dossier under lock, or 404.
pub(crate) async fn lock(tx: &mut Tx, id: DossierId) -> Result<Dossier> {
    let row = tx.lock_one(&format!("select {COLUMNS} from dossier where tenant_id = $1 and id = $2"), params![id]).await?.ok_or(Error::NotFound)?;
    read(&row)
}

/// The dossier of that number.
pub(crate) async fn by_number(tx: &mut Tx, number: &Numero) -> Result<Option<Dossier>> {
    let sql = format!("select {COLUMNS} from dossier where tenant_id = $1 and number = $2");
    tx.opt(&sql, params![number.as_str().to_owned()]).await?.as_ref().map(read).transpose()
}

/// Number and démarche of these dossiers.
pub(crate) async fn numbers(tx: &mut Tx, ids: &[DossierId]) -> Result<Vec<(DossierId, Option<String>, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "select id, number, slug from dossier where tenant_id = $1 and id in ($2...)";
    let rows = tx.all(sql, params![Value::list(ids.iter().copied())]).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("number")?, row.get("slug")?))).collect()
}

/// The dossier that another application knows under that number.
pub(crate) async fn by_external(tx: &mut Tx, external: &External) -> Result<Option<Dossier>> {
    let sql = format!("select {COLUMNS} from dossier where tenant_id = $1 and external_source = $2 and external_ref = $3");
    tx.opt(&sql, params![external.source.clone(), external.reference.clone()]).await?.as_ref().map(read).transpose()
}

/// Saves what is being filled: answers, origins, contact, owner; nothing of the circuit.
pub(crate) async fn save_draft(tx: &mut Tx, dossier: &Dossier) -> Result<()> {
    tx.run_soon(
        "update dossier set answers = $3, origins = $4, withheld = $5, contact_name = $6, contact_mail = $7, search_key = $8, \
         usager_id = $9, compte_id = $10, saved_at = $11, expires_at = $12 where tenant_id = $1 and id = $2",
        params![
            dossier.id,
            json(&dossier.answers)?,
            json(&dossier.origins)?,
            json(&dossier.withheld)?,
            dossier.contact_name.clone(),
            dossier.contact_mail.clone(),
            search_key(dossier),
            dossier.usager,
            dossier.compte,
            dossier.saved_at,
            dossier.expires_at
        ],
    )
    .await
}

/// Freezes a deposited dossier: answers, number, team, circuit and clock in one statement.
pub(crate) async fn save_submitted(tx: &mut Tx, dossier: &Dossier) -> Result<()> {
    let (due_on, due_kind) = due(dossier);
    tx.run_soon(
        "update dossier set answers = $3, number = $4, phase = $5, state = $6, usager_id = $7, org_unit_id = $8, \
         contact_name = $9, contact_mail = $10, search_key = $11, is_open = $12, due_on = $13, due_kind = $14, \
         saved_at = $15, submitted_at = $16, expires_at = $17, withheld = $18, legal_on = $19 where tenant_id = $1 and id = $2",
        params![
            dossier.id,
            json(&dossier.answers)?,
            dossier.number.as_ref().map(|n| n.as_str().to_owned()),
            dossier.phase.code(),
            dossier.state.clone(),
            dossier.usager,
            dossier.unit,
            dossier.contact_name.clone(),
            dossier.contact_mail.clone(),
            search_key(dossier),
            is_open(dossier.phase),
            due_on,
            due_kind,
            dossier.saved_at,
            dossier.submitted_at,
            dossier.expires_at,
            json(&dossier.withheld)?,
            dossier.legal_on
        ],
    )
    .await
}

/// Keeps the number a dossier has in the application it came from.
pub(crate) async fn save_external(tx: &mut Tx, dossier: &Dossier) -> Result<()> {
    let (source, reference) = external(dossier);
    let sql = "update dossier set external_source = $3, external_ref = $4 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![dossier.id, source, reference]).await
}

/// Saves the circuit side: phase, state, who is in charge, clock, decision.
pub(crate) async fn save_course(tx: &mut Tx, dossier: &Dossier) -> Result<()> {
    let (due_on, due_kind) = due(dossier);
    let decision = dossier.decision.as_ref().map(json).transpose()?;
    tx.run_soon(
        "update dossier set phase = $3, state = $4, org_unit_id = $5, agent_id = $6, is_open = $7, due_on = $8, due_kind = $9, \
         ended_at = $10, decision = $11, moved_by = $12, moved_at = $13, details = $14, legal_on = $15 where tenant_id = $1 and id = $2",
        params![
            dossier.id,
            dossier.phase.code(),
            dossier.state.clone(),
            dossier.unit,
            dossier.agent,
            is_open(dossier.phase),
            due_on,
            due_kind,
            dossier.ended_at,
            decision.unwrap_or(Value::Null(Type::Json)),
            dossier.moved.as_ref().map(|moved| moved.by.clone()),
            dossier.moved.as_ref().map(|moved| moved.at),
            json(&dossier.details)?,
            dossier.legal_on
        ],
    )
    .await
}

/// The drafts whose link goes to that address, newest first; a handful.
pub(crate) async fn drafts_of_mail(tx: &mut Tx, mail: &str) -> Result<Vec<DossierId>> {
    let rows = tx
        .all(
            "select id from dossier where tenant_id = $1 and contact_mail = $2 and phase = $3 order by id desc limit 5",
            params![mail, Phase::Brouillon.code()],
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// Drafts whose time is over, oldest first.
pub(crate) async fn expired_drafts(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<DossierId>> {
    let rows = tx
        .all(
            "select id from dossier where tenant_id = $1 and expires_at < $2 and phase = $3 order by expires_at, id limit $4",
            params![now, Phase::Brouillon.code(), limit],
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// Erases a dossier and all that hangs on it. Its files go with its key, and by their own removal.
pub(crate) async fn erase(tx: &mut Tx, id: DossierId) -> Result<()> {
    for sql in [
        "delete from dossier_access where tenant_id = $1 and dossier_id = $2",
        "delete from piece where tenant_id = $1 and dossier_id = $2",
        "delete from piece_request where tenant_id = $1 and dossier_id = $2",
        "delete from message where tenant_id = $1 and dossier_id = $2",
        "delete from note where tenant_id = $1 and dossier_id = $2",
        "delete from courrier where tenant_id = $1 and dossier_id = $2",
        "delete from dossier where tenant_id = $1 and id = $2",
    ] {
        tx.run(sql, params![id]).await?;
    }
    Ok(())
}

/// A row back to a value. A word the code does not know is a fault of ours, never of the person.
pub(crate) fn read(row: &Row) -> Result<Dossier> {
    let due_on: Date = row.get("due_on")?;
    let due_kind: String = row.get("due_kind")?;
    let phase: String = row.get("phase")?;
    let channel: String = row.get("channel")?;
    let source: Option<String> = row.get("external_source")?;
    let reference: Option<String> = row.get("external_ref")?;
    let moved_by: Option<String> = row.get("moved_by")?;
    let moved_at: Option<Timestamp> = row.get("moved_at")?;
    let number: Option<String> = row.get("number")?;
    let decision: Option<Json> = row.get("decision")?;
    Ok(Dossier {
        id: row.get("id")?,
        number: number.as_deref().and_then(Numero::parse),
        slug: row.get("slug")?,
        version: row.get("version_id")?,
        phase: from_code(&phase).ok_or_else(|| unknown("phase", &phase))?,
        state: row.get("state")?,
        channel: Channel::from_code(&channel).ok_or_else(|| unknown("channel", &channel))?,
        usager: row.get("usager_id")?,
        compte: row.get("compte_id")?,
        unit: row.get("org_unit_id")?,
        agent: row.get("agent_id")?,
        entered_by: row.get("entered_by")?,
        answers: from_json(row.get("answers")?)?,
        origins: from_json(row.get("origins")?)?,
        withheld: from_json(row.get("withheld")?)?,
        contact_name: row.get("contact_name")?,
        contact_mail: row.get("contact_mail")?,
        file_key: row.get("file_key")?,
        external: source.zip(reference).map(|(source, reference)| External { source, reference }),
        due: DelaiKind::from_code(&due_kind).map(|kind| (due_on, kind)),
        legal_on: row.get("legal_on")?,
        created_at: row.get("created_at")?,
        saved_at: row.get("saved_at")?,
        submitted_at: row.get("submitted_at")?,
        ended_at: row.get("ended_at")?,
        expires_at: row.get("expires_at")?,
        details: from_json(row.get("details")?)?,
        decision: decision.map(from_json).transpose()?,
        moved: moved_by.zip(moved_at).map(|(by, at)| Moved { by, at }),
    })
}

/// What a search by prefix looks into: the name, then the number.
pub(crate) fn search_key(dossier: &Dossier) -> String {
    normalise(&format!("{} {}", dossier.contact_name, dossier.number_text()))
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<Value> {
    Ok(Value::from(serde_json::to_value(value)?))
}

pub(crate) fn from_json<T: DeserializeOwned>(value: Json) -> Result<T> {
    Ok(serde_json::from_value(value)?)
}

pub(crate) fn unknown(column: &str, word: &str) -> Error {
    Error::Internal(anyhow::anyhow!("unknown {column} in the database: {word}"))
}

fn due(dossier: &Dossier) -> (Date, &'static str) {
    dossier.due.map_or((NO_DATE, "aucun"), |(date, kind)| (date, kind.code()))
}

fn external(dossier: &Dossier) -> (Option<String>, Option<String>) {
    dossier.external.clone().map(|external| (external.source, external.reference)).unzip()
}
