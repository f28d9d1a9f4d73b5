//! Who is in charge: an agent takes a dossier, gives it to a colleague, or to another team.

use kernel::{AgentId, DossierId, OrgUnitId, Result, Tenant, Tx};

use crate::events::DossierAssigned;
use crate::model::Dossier;
use crate::rights::{self, INSTRUCT};
use crate::{course, store, version};

/// Assigns. Nothing changes when it is already so.
pub async fn assign(tx: &mut Tx, tenant: &Tenant, id: DossierId, unit: Option<OrgUnitId>, agent: Option<AgentId>) -> Result<Dossier> {
    let mut dossier = store::dossier::lock(tx, id).await?;
    rights::allow(tx, INSTRUCT, &dossier)?;
    if dossier.unit == unit && dossier.agent == agent {
        return Ok(dossier);
    }
    let before = store::counter::key_of(&dossier);
    let version = version::of(tx, dossier.version).await?;
    dossier.unit = unit;
    dossier.agent = agent;
    course::save(tx, tenant, &version.package, &mut dossier, before).await?;
    tx.emit(&DossierAssigned { dossier: id, unit }).await?;
    Ok(dossier)
}
