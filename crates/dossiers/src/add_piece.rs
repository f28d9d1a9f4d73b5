//! Attaches a stored file to a draft, or to a request the service made. The file was stored, sniffed and scanned
//! before the unit of work opened; if this refuses, the caller removes it.

use kernel::files::{Scan as FileScan, Stored};
use kernel::{DossierId, Error, PieceId, Result, Tenant, Tx};
use teleservices::Version;
use uuid::Uuid;

use crate::events::PieceAdded;
use crate::filling::Filling;
use crate::model::Dossier;
use crate::piece::{Piece, Scan, Verdict};
use crate::words::size_text;
use crate::{course, rights, store, version};

/// A stored file, and the piece it answers.
pub struct AddPiece {
    /// The dossier.
    pub id: DossierId,
    /// The piece of the package.
    pub code: String,
    /// The stored file.
    pub stored: Stored,
}

/// Attaches. The same file sent twice is one piece: the second time, the first one is given back and `is_new` says so.
pub async fn add_piece(tx: &mut Tx, tenant: &Tenant, input: AddPiece) -> Result<Added> {
    let mut dossier = store::dossier::lock(tx, input.id).await?;
    let version = version::of(tx, dossier.version).await?;
    let wanted = version.package.piece(&input.code).ok_or(Error::NotFound)?;
    let pieces = store::piece::of_dossier(tx, dossier.id).await?;
    if let Some(same) = pieces.iter().find(|p| p.code == input.code && p.sha256 == input.stored.sha256 && p.counts()) {
        return Ok(Added { piece: same.clone(), is_new: false });
    }
    let request = expected(tx, &dossier, &version, &input.code).await?;
    judge_size_and_kind(wanted, &input.stored, &input.code)?;
    let already = pieces.iter().filter(|p| p.code == input.code && p.counts() && p.request == request).count();
    if already >= usize::from(wanted.max_files) {
        let sentence = format!("« {} » a déjà {already} fichier(s), c’est la limite. Retirez-en un avant d’en ajouter un autre.", wanted.label);
        return Err(Error::invalid(input.code, sentence));
    }
    let piece = piece(tx, &dossier, input, request);
    store::piece::insert(tx, &piece).await?;
    tx.emit(&PieceAdded { dossier: dossier.id, piece: piece.id, code: piece.code.clone() }).await?;
    if request.is_some() {
        course::settle_requests(tx, tenant, &version.package, &mut dossier).await?;
    }
    Ok(Added { piece, is_new: true })
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Added {
    /// The piece.
    pub piece: Piece,
    /// False when the very same file was already there: the caller removes the second copy.
    pub is_new: bool,
}

/// Is that piece expected now: by the form of a draft, or by an open request? Gives the request.
async fn expected(tx: &mut Tx, dossier: &Dossier, version: &Version, code: &str) -> Result<Option<Uuid>> {
    if dossier.is_draft() {
        let setting = version::setting(version, dossier, tx.today());
        let is_asked = Filling::new(&version.package, &setting, &dossier.answers).pieces().iter().any(|piece| piece.id == code);
        return if is_asked { Ok(None) } else { Err(Error::NotFound) };
    }
    let requests = store::piece::requests(tx, dossier.id).await?;
    let open = requests.iter().find(|request| !dossier.phase.is_ended() && request.is_open() && request.codes.iter().any(|asked| asked == code));
    match open {
        Some(request) => Ok(Some(request.id)),
        None => Err(Error::conflict("piece-not-expected", "Le service n’attend pas ce document. Écrivez-lui un message si vous voulez l’envoyer.")),
    }
}

fn judge_size_and_kind(wanted: &teleservices::package::Piece, stored: &Stored, code: &str) -> Result<()> {
    let kind = stored.content_type.rsplit('/').next().unwrap_or_default();
    if !wanted.formats.contains(&kind) {
        let sentence = format!("« {} » n’est pas un fichier attendu ici. Envoyez : {}.", stored.name, wanted.formats.join(", "));
        return Err(Error::invalid(code, sentence));
    }
    if stored.size > wanted.max_size {
        let sizes = (size_text(to_i64(stored.size)), size_text(to_i64(wanted.max_size)));
        let sentence =
            format!("« {} » pèse {}, la limite est de {}. Prenez-le en photo, ou envoyez les pages une par une.", stored.name, sizes.0, sizes.1);
        return Err(Error::invalid(code, sentence));
    }
    Ok(())
}

fn piece(tx: &mut Tx, dossier: &Dossier, input: AddPiece, request: Option<Uuid>) -> Piece {
    Piece {
        id: tx.new_id::<PieceId>(),
        dossier: dossier.id,
        code: input.code,
        file: input.stored.id,
        name: input.stored.name,
        content_type: input.stored.content_type.to_owned(),
        size: to_i64(input.stored.size),
        sha256: input.stored.sha256,
        scan: match input.stored.scan {
            FileScan::Clean => Scan::Clean,
            FileScan::Pending => Scan::Pending,
            FileScan::Infected => Scan::Infected,
        },
        verdict: Verdict::AVerifier,
        verdict_motif: None,
        verdict_by: None,
        verdict_at: None,
        request,
        added_by: rights::actor_name(tx.actor(), dossier),
        added_at: tx.now(),
        erased_at: None,
    }
}

fn to_i64(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
