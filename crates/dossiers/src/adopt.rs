//! A draft begun before signing in becomes the account's, and what the registry knows of the person is proposed where
//! nothing was answered yet.

use kernel::{Actor, DossierId, Result, Tx};

use crate::model::Dossier;
use crate::start::prefill;
use crate::{store, version};

/// Adopts a draft, once; gives it as it stands.
pub async fn adopt(tx: &mut Tx, id: DossierId) -> Result<Dossier> {
    let mut dossier = store::dossier::lock(tx, id).await?;
    if !dossier.is_draft() || !take(tx.actor(), &mut dossier) {
        return Ok(dossier);
    }
    if let Some(usager) = dossier.usager {
        let version = version::of(tx, dossier.version).await?;
        prefill(tx, &version.package, usager, &mut dossier).await?;
    }
    store::dossier::save_draft(tx, &dossier).await?;
    Ok(dossier)
}

/// Whether this draft waits for the account of who acts.
pub(crate) fn is_to_adopt(actor: &Actor, dossier: &Dossier) -> bool {
    dossier.is_draft() && dossier.entered_by.is_none() && dossier.compte.is_none() && matches!(actor, Actor::Usager { .. })
}

/// Gives the draft to the account of who acts, if it waits for one.
pub(crate) fn take(actor: &Actor, dossier: &mut Dossier) -> bool {
    if !is_to_adopt(actor, dossier) {
        return false;
    }
    if let Actor::Usager { compte, usager, .. } = actor {
        dossier.compte = Some(*compte);
        dossier.usager = Some(*usager);
    }
    true
}
