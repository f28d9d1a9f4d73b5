//! The usager withdraws a demand that is not ended. What he sent is kept as the law wants, nobody examines it any more.

use kernel::{DossierId, Error, Result, Tenant, Tx};
use teleservices::engine::Move;
use teleservices::package::Who;

use crate::events::DossierWithdrawn;
use crate::model::Dossier;
use crate::phase::Phase;
use crate::{course, store, version};

/// Withdraws. Twice changes nothing. The caller has checked that the dossier is the person's.
pub async fn withdraw(tx: &mut Tx, tenant: &Tenant, id: DossierId) -> Result<Dossier> {
    let mut dossier = store::dossier::lock(tx, id).await?;
    let before = store::counter::key_of(&dossier);
    let version = version::of(tx, dossier.version).await?;
    if dossier.phase == Phase::Retire {
        return Ok(dossier);
    }
    let led = version::led_by(&version, &dossier, Move::Withdraw, Who::Usager, tx.today());
    let Some((transition, state)) = led.map(|(step, state)| (step.id.clone(), state.id.clone())) else {
        return Err(Error::conflict("no-withdrawal", "Cette demande ne peut plus être retirée en ligne. Écrivez au service ou appelez-le."));
    };
    let act = course::act(tx, &dossier);
    if !dossier.withdraw(&state, &act)? {
        return Ok(dossier);
    }
    course::save(tx, tenant, &version.package, &mut dossier, before).await?;
    tx.emit(&DossierWithdrawn { dossier: id, teleservice: dossier.slug.clone(), transition, to: state }).await?;
    Ok(dossier)
}
