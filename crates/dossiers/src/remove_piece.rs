//! Takes back a file its author added, as long as nobody has judged it.

use kernel::{DossierId, Error, NewJob, PieceId, Result, Tenant, Tx};

use crate::events::PieceRemoved;
use crate::piece::Verdict;
use crate::{course, store, version};

/// Removes. Twice changes nothing. The caller has checked that the dossier is the person's; the file goes by a job.
pub async fn remove_piece(tx: &mut Tx, tenant: &Tenant, id: DossierId, piece: PieceId) -> Result<()> {
    let mut dossier = store::dossier::lock(tx, id).await?;
    let piece = match store::piece::load(tx, id, piece).await {
        Err(Error::NotFound) => return Ok(()),
        found => found?,
    };
    let requests = store::piece::requests(tx, id).await?;
    let is_answering = requests.iter().any(|request| request.is_open() && Some(request.id) == piece.request);
    if !(dossier.is_draft() || is_answering && piece.verdict == Verdict::AVerifier) {
        return Err(Error::conflict("piece-kept", "Ce document fait partie d’une demande envoyée : il ne peut plus être retiré ici."));
    }
    store::piece::delete(tx, id, piece.id).await?;
    tx.enqueue(erase_file(piece.file)).await?;
    tx.emit(&PieceRemoved { dossier: id, piece: piece.id, code: piece.code }).await?;
    if is_answering {
        let version = version::of(tx, dossier.version).await?;
        course::settle_requests(tx, tenant, &version.package, &mut dossier).await?;
    }
    Ok(())
}

/// The job that erases a stored file.
pub(crate) fn erase_file(file: kernel::FileId) -> NewJob {
    NewJob::new("EraseFile", serde_json::json!({ "file": file }))
}
