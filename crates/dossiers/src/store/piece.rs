//! The rows of `piece` and `piece_request`.

use jiff::Timestamp;
use kernel::{DossierId, PieceId};
use kernel::{Error, Result, Row, Tx, params};
use uuid::Uuid;

use super::dossier::{from_json, json, unknown};
use crate::piece::{Piece, PieceRequest, Scan, Verdict};

const COLUMNS: &str = "id, dossier_id, code, file_id, name, content_type, size, sha256, scan, verdict, verdict_motif, verdict_by, \
         verdict_at, request_id, added_by, added_at, erased_at";

/// Keeps a new piece.
pub(crate) async fn insert(tx: &mut Tx, piece: &Piece) -> Result<()> {
    tx.run_soon(
        "insert into piece (tenant_id, id, dossier_id, code, file_id, name, content_type, size, sha256, scan, verdict, \
         request_id, added_by, added_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            piece.id,
            piece.dossier,
            piece.code.clone(),
            piece.file,
            piece.name.clone(),
            piece.content_type.clone(),
            piece.size,
            piece.sha256.clone(),
            piece.scan.code(),
            piece.verdict.code(),
            piece.request,
            piece.added_by.clone(),
            piece.added_at
        ],
    )
    .await
}

/// The pieces of a dossier, in the order they came.
pub(crate) async fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Piece>> {
    let sql = format!("select {COLUMNS} from piece where tenant_id = $1 and dossier_id = $2 order by id");
    tx.all(&sql, params![dossier]).await?.iter().map(read).collect()
}

/// One piece of a dossier, or 404.
pub(crate) async fn load(tx: &mut Tx, dossier: DossierId, id: PieceId) -> Result<Piece> {
    let sql = format!("select {COLUMNS} from piece where tenant_id = $1 and dossier_id = $2 and id = $3");
    read(&tx.one(&sql, params![dossier, id]).await?)
}

/// Removes a piece; true if it was there.
pub(crate) async fn delete(tx: &mut Tx, dossier: DossierId, id: PieceId) -> Result<bool> {
    let n = tx.run("delete from piece where tenant_id = $1 and dossier_id = $2 and id = $3", params![dossier, id]).await?;
    Ok(n > 0)
}

/// Saves the verdict of an agent, of the scanner, and the erasure of a checked copy.
pub(crate) async fn save(tx: &mut Tx, piece: &Piece) -> Result<()> {
    tx.run_soon(
        "update piece set scan = $3, verdict = $4, verdict_motif = $5, verdict_by = $6, verdict_at = $7, erased_at = $8 \
         where tenant_id = $1 and id = $2",
        params![
            piece.id,
            piece.scan.code(),
            piece.verdict.code(),
            piece.verdict_motif.clone(),
            piece.verdict_by.clone(),
            piece.verdict_at,
            piece.erased_at
        ],
    )
    .await
}

/// Pieces whose scan is not finished, with the sealed keys of their files, from one on.
pub(crate) async fn pending(tx: &mut Tx, after: Option<PieceId>, limit: i64) -> Result<Vec<(Piece, Vec<u8>)>> {
    let after = after.unwrap_or_else(|| PieceId::from(Uuid::nil()));
    let sql = format!(
        "select {COLUMNS}, (select file_key from dossier where tenant_id = $1 and id = piece.dossier_id) as file_key \
         from piece where tenant_id = $1 and scan = $2 and id > $3 and erased_at is null order by id limit $4"
    );
    let rows = tx.all(&sql, params![Scan::Pending.code(), after, limit]).await?;
    rows.iter().map(|row| Ok((read(row)?, row.get("file_key")?))).collect()
}

/// Keeps a new request for pieces.
pub(crate) async fn insert_request(tx: &mut Tx, request: &PieceRequest) -> Result<()> {
    tx.run_soon(
        "insert into piece_request (tenant_id, id, dossier_id, codes, reason, is_required, asked_by, asked_at, reply_before, \
         satisfied_at, closed_at, back_to) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            request.id,
            request.dossier,
            json(&request.codes)?,
            request.reason.clone(),
            request.required,
            request.asked_by.clone(),
            request.asked_at,
            request.reply_before,
            request.satisfied_at,
            request.closed_at,
            request.back_to.clone()
        ],
    )
    .await
}

/// The requests made about a dossier, oldest first.
pub(crate) async fn requests(tx: &mut Tx, dossier: DossierId) -> Result<Vec<PieceRequest>> {
    let rows = tx
        .all(
            "select id, dossier_id, codes, reason, is_required, asked_by, asked_at, reply_before, satisfied_at, closed_at, back_to \
             from piece_request where tenant_id = $1 and dossier_id = $2 order by id",
            params![dossier],
        )
        .await?;
    rows.iter().map(read_request).collect()
}

/// Writes when everything that a request asks for was there; `None`: something is missing again.
pub(crate) async fn satisfy(tx: &mut Tx, id: Uuid, at: Option<Timestamp>) -> Result<()> {
    let n = tx.run("update piece_request set satisfied_at = $3 where tenant_id = $1 and id = $2", params![id, at]).await?;
    if n == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Ends the requests of a dossier that waits for its author no more.
pub(crate) async fn close_requests(tx: &mut Tx, dossier: DossierId, at: Timestamp) -> Result<()> {
    let sql = "update piece_request set closed_at = $3 where tenant_id = $1 and dossier_id = $2 and closed_at is null";
    tx.run_soon(sql, params![dossier, at]).await
}

/// The columns of a piece `p` that comes with its dossier, each under a name of its own.
pub(super) fn joined_columns() -> String {
    COLUMNS.split(", ").map(|column| format!("p.{column} as piece_{column}")).collect::<Vec<_>>().join(", ")
}

/// The piece of a row that has [`joined_columns`]; none for a dossier without pieces.
pub(super) fn read_joined(row: &Row) -> Result<Option<Piece>> {
    match row.get::<Option<PieceId>>("piece_id")? {
        Some(_) => read_as(row, "piece_").map(Some),
        None => Ok(None),
    }
}

fn read(row: &Row) -> Result<Piece> {
    read_as(row, "")
}

fn read_as(row: &Row, prefix: &str) -> Result<Piece> {
    let name = |column: &str| format!("{prefix}{column}");
    let scan: String = row.get(&name("scan"))?;
    let verdict: String = row.get(&name("verdict"))?;
    Ok(Piece {
        id: row.get(&name("id"))?,
        dossier: row.get(&name("dossier_id"))?,
        code: row.get(&name("code"))?,
        file: row.get(&name("file_id"))?,
        name: row.get(&name("name"))?,
        content_type: row.get(&name("content_type"))?,
        size: row.get(&name("size"))?,
        sha256: row.get(&name("sha256"))?,
        scan: Scan::from_code(&scan).ok_or_else(|| unknown("scan", &scan))?,
        verdict: Verdict::from_code(&verdict).ok_or_else(|| unknown("verdict", &verdict))?,
        verdict_motif: row.get(&name("verdict_motif"))?,
        verdict_by: row.get(&name("verdict_by"))?,
        verdict_at: row.get(&name("verdict_at"))?,
        request: row.get(&name("request_id"))?,
        added_by: row.get(&name("added_by"))?,
        added_at: row.get(&name("added_at"))?,
        erased_at: row.get(&name("erased_at"))?,
    })
}

fn read_request(row: &Row) -> Result<PieceRequest> {
    Ok(PieceRequest {
        id: row.get("id")?,
        dossier: row.get("dossier_id")?,
        codes: from_json(row.get("codes")?)?,
        reason: row.get("reason")?,
        required: row.get("is_required")?,
        asked_by: row.get("asked_by")?,
        asked_at: row.get("asked_at")?,
        reply_before: row.get("reply_before")?,
        satisfied_at: row.get("satisfied_at")?,
        closed_at: row.get("closed_at")?,
        back_to: row.get("back_to")?,
    })
}
