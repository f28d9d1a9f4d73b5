//! The service asks for missing pieces or information (L114-5): what, why, and before when. The dossier waits for its
//! author, and the clocks follow.

use jiff::civil::Date;
use kernel::{DossierId, Error, FieldErrors, Result, Tenant, Tx};
use teleservices::engine::Move;
use teleservices::package::{PieceWhen, Who};

use crate::events::PieceAsked;
use crate::phase::{Phase, is_open};
use crate::piece::PieceRequest;
use crate::rights::{self, INSTRUCT};
use crate::{course, store, thread, version};

/// One request.
pub struct AskPiece {
    /// The dossier.
    pub id: DossierId,
    /// Codes of pieces of the package.
    pub codes: Vec<String>,
    /// What the usager reads; for a piece asked only on a doubt, the doubt itself.
    pub reason: String,
    /// The last day; what the package gives otherwise.
    pub reply_before: Option<Date>,
    /// The mark of the dossier as whoever asks saw it ([`crate::Dossier::mark`]); none when nobody looked at a page.
    pub seen: Option<String>,
}

/// Asks. The mail goes by a reaction to [`PieceAsked`].
pub async fn ask_piece(tx: &mut Tx, tenant: &Tenant, input: AskPiece) -> Result<PieceRequest> {
    let mut dossier = store::dossier::lock(tx, input.id).await?;
    rights::allow(tx, INSTRUCT, &dossier)?;
    if input.seen.as_ref().is_some_and(|seen| *seen != dossier.mark()) {
        return Err(dossier.conflict(tx.zone()));
    }
    let before = store::counter::key_of(&dossier);
    let version = version::of(tx, dossier.version).await?;
    let package = &version.package;
    let reason = checked(&input, package)?;
    let (transition, waiting) = match dossier.phase {
        Phase::AttenteUsager => (None, dossier.state.clone()),
        _ => match version::led_by(&version, &dossier, Move::AskUsager, Who::Agent, tx.today()) {
            Some((step, state)) => (Some(step.id.clone()), state.id.clone()),
            None if is_open(dossier.phase) => {
                let sentence = "Le circuit de cette démarche ne prévoit pas de demander de pièce à cette étape.";
                return Err(Error::conflict("no-waiting-state", sentence));
            }
            None => return Err(dossier.conflict(tx.zone())),
        },
    };
    let earlier = store::piece::requests(tx, input.id).await?;
    let back_to = earlier.iter().find(|request| request.is_open()).map_or(&dossier.state, |request| &request.back_to).clone();
    let act = course::act(tx, &dossier);
    dossier.move_to(Phase::AttenteUsager, &waiting, &act)?;
    let request = PieceRequest {
        id: kernel::ids::Id::uuid(tx.new_id::<kernel::EventId>()),
        dossier: input.id,
        required: is_required(package, &input.codes),
        codes: input.codes,
        reason,
        asked_by: act.by,
        asked_at: act.at,
        reply_before: input.reply_before.unwrap_or_else(|| version::complement_end(tenant, package, tx.today())),
        satisfied_at: None,
        closed_at: None,
        back_to,
    };
    if request.reply_before <= tx.today() {
        return Err(Error::invalid("avant_le", "Donnez une date à venir, pour que la personne ait le temps de répondre."));
    }
    store::piece::insert_request(tx, &request).await?;
    course::save(tx, tenant, package, &mut dossier, before).await?;
    tx.emit(&PieceAsked {
        dossier: input.id,
        transition,
        pieces: request.codes.clone(),
        reply_before: request.reply_before,
        required: request.required,
    })
    .await?;
    Ok(request)
}

fn checked(input: &AskPiece, package: &teleservices::package::Package) -> Result<String> {
    let mut errors = FieldErrors::new();
    if input.codes.is_empty() {
        errors.push("pieces", "Choisissez au moins une pièce à demander.");
    }
    for code in &input.codes {
        if !package.pieces.iter().any(|piece| piece.id == *code) {
            errors.push("pieces", format!("« {code} » n’est pas une pièce de cette démarche."));
        }
    }
    let reason = thread::written("motif", &input.reason);
    if reason.is_err() {
        errors.push("motif", "Écrivez à la personne pourquoi vous demandez ce document, et comment le faire.");
    }
    errors.into_result()?;
    reason
}

/// The law's clock follows a piece that everybody must send, or without which nothing can be examined.
fn is_required(package: &teleservices::package::Package, codes: &[String]) -> bool {
    package.pieces.iter().any(|piece| codes.contains(&piece.id) && (piece.indispensable || piece.when == PieceWhen::Depot))
}
