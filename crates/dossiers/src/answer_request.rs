//! The usager says that what was asked for is there. Nothing may be missing; the dossier goes back to the service.

use kernel::{DossierId, Error, FieldErrors, Result, Tenant, Tx};
use teleservices::engine::Move;
use teleservices::package::{Package, Who};

use crate::events::RequestAnswered;
use crate::model::Dossier;
use crate::phase::Phase;
use crate::{course, store, version};

/// Answers every open request of the dossier. The caller has checked that it is the person's. Twice changes nothing.
pub async fn answer_request(tx: &mut Tx, tenant: &Tenant, id: DossierId) -> Result<Dossier> {
    let mut dossier = store::dossier::lock(tx, id).await?;
    let before = store::counter::key_of(&dossier);
    let requests = store::piece::requests(tx, id).await?;
    let open: Vec<_> = requests.iter().filter(|request| request.is_open()).collect();
    let Some(first) = open.first() else { return Ok(dossier) };
    let version = version::of(tx, dossier.version).await?;
    let pieces = store::piece::of_dossier(tx, id).await?;
    let mut errors = FieldErrors::new();
    for code in open.iter().flat_map(|request| request.missing(&pieces)) {
        errors.push(code, format!("Ajoutez ce document : {}.", version::piece_label(&version.package, code)));
    }
    errors.into_result()?;

    let act = course::act(tx, &dossier);
    let led = version::led_by(&version, &dossier, Move::UsagerAnswers, Who::Usager, tx.today());
    let (transition, (phase, state)) = match led {
        Some((step, state)) => (Some(step.id.clone()), (state.phase, state.id.clone())),
        None => (None, back(&version.package, &first.back_to)?),
    };
    dossier.move_to(phase, &state, &act)?;
    for request in open.iter().filter(|request| request.satisfied_at.is_none()) {
        store::piece::satisfy(tx, request.id, Some(act.at)).await?;
    }
    course::save(tx, tenant, &version.package, &mut dossier, before).await?;
    let pieces = open.iter().flat_map(|request| request.codes.clone()).collect();
    tx.emit(&RequestAnswered { dossier: id, transition, pieces }).await?;
    Ok(dossier)
}

/// Where the dossier goes back when the circuit does not say: to its examination if the circuit has one, since somebody has read it.
fn back(package: &Package, back_to: &str) -> Result<(Phase, String)> {
    let left = package.state(back_to).filter(|state| state.phase != Phase::Depose);
    let state = left
        .or_else(|| version::state_of_phase(package, Phase::EnInstruction))
        .or_else(|| package.state(back_to))
        .ok_or_else(|| Error::internal(format!("state {back_to} is not in the package")))?;
    Ok((state.phase, state.id.clone()))
}
