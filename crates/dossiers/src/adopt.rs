//! A draft begun before signing in becomes the account's, and what the registry knows of the person is proposed where
//! nothing was answered yet. Whoever began it may be somebody else, who handed its link over: from then on no earlier
//! key or link opens it, and no mail about it goes where only its beginner said.

use kernel::{Actor, DossierId, Result, Tx};

use crate::model::Dossier;
use crate::start::prefill;
use crate::{store, version};

/// Adopts a draft, once; gives it as it stands.
pub async fn adopt(tx: &mut Tx, id: DossierId) -> Result<Dossier> {
    let mut dossier = store::dossier::lock(tx, id).await?;
    if !dossier.is_draft() || !take(tx, &mut dossier).await? {
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

/// Gives the draft to the account of who acts, if it waits for one, and says whether it did; the caller saves it.
pub(crate) async fn take(tx: &mut Tx, dossier: &mut Dossier) -> Result<bool> {
    if !is_to_adopt(tx.actor(), dossier) {
        return Ok(false);
    }
    if let Actor::Usager { compte, usager, .. } = *tx.actor() {
        dossier.compte = Some(compte);
        dossier.usager = Some(usager);
    }
    dossier.contact_mail = None;
    store::access::close_all(tx, dossier.id).await?;
    Ok(true)
}
