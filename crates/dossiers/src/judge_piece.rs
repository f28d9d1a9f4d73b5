//! The agent's verdict on one piece. A refusal says why, in words the usager will read. A copy that is only there for
//! a check is erased as soon as the check is done, whatever it gave; the end of the dossier erases those nobody judged.

use kernel::{DossierId, Error, PieceId, Result, Tx};
use teleservices::package::Package;

use crate::events::PieceJudged;
use crate::piece::{Piece, Verdict};
use crate::remove_piece::erase_file;
use crate::rights::{self, INSTRUCT};
use crate::{store, thread, version};

/// One verdict.
pub struct JudgePiece {
    /// The dossier.
    pub id: DossierId,
    /// The piece.
    pub piece: PieceId,
    /// Accepted, refused, or to see again.
    pub verdict: Verdict,
    /// Why, when refused.
    pub motif: Option<String>,
}

/// Judges. The same verdict twice changes nothing.
pub async fn judge_piece(tx: &mut Tx, input: JudgePiece) -> Result<Piece> {
    let dossier = store::dossier::lock(tx, input.id).await?;
    rights::allow(tx, INSTRUCT, &dossier)?;
    let mut piece = store::piece::load(tx, input.id, input.piece).await?;
    let motif = match input.verdict {
        Verdict::Refusee => Some(thread::written("motif", input.motif.as_deref().unwrap_or_default())?),
        _ => None,
    };
    if piece.verdict == input.verdict && piece.verdict_motif == motif {
        return Ok(piece);
    }
    if piece.erased_at.is_some() {
        return Err(Error::conflict("piece-erased", "Ce document a été effacé après contrôle : son avis ne change plus."));
    }
    piece.verdict = input.verdict;
    piece.verdict_motif = motif;
    piece.verdict_by = Some(rights::actor_name(tx.actor(), &dossier));
    piece.verdict_at = Some(tx.now());
    let version = version::of(tx, dossier.version).await?;
    if piece.verdict != Verdict::AVerifier && is_for_a_check(&version.package, &piece) {
        erase(tx, &mut piece).await?;
    }
    store::piece::save(tx, &piece).await?;
    tx.emit(&PieceJudged { dossier: input.id, piece: piece.id, code: piece.code.clone(), verdict: piece.verdict.code() }).await?;
    Ok(piece)
}

/// Erases what was only there for a check and is still kept: at the end of a dossier, nothing will be checked any more.
pub(crate) async fn erase_copies_for_a_check(tx: &mut Tx, package: &Package, id: DossierId) -> Result<()> {
    for mut piece in store::piece::of_dossier(tx, id).await? {
        if piece.erased_at.is_none() && is_for_a_check(package, &piece) {
            erase(tx, &mut piece).await?;
            store::piece::save(tx, &piece).await?;
        }
    }
    Ok(())
}

fn is_for_a_check(package: &Package, piece: &Piece) -> bool {
    package.piece(&piece.code).is_some_and(|wanted| wanted.erase_after_check)
}

async fn erase(tx: &mut Tx, piece: &mut Piece) -> Result<()> {
    piece.erased_at = Some(tx.now());
    tx.enqueue(erase_file(piece.file)).await.map(drop)
}
