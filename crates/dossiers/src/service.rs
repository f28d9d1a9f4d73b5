//! Who is in charge of a dossier, as the usager reaches him: the agent, the team. Where the team has no line or address of
//! its own, those of the front desk stand.

use std::sync::Arc;

use comptes::OrgUnit;
use kernel::{Kept, OrgUnitId, Result, Tenant, Tx};

use crate::accuse::Service;
use crate::model::Dossier;

/// The agent in charge, by name and role, which the usager has a right to know (L111-2): "Nadia Roussel, instructrice".
pub async fn agent(tx: &mut Tx, dossier: &Dossier) -> Result<Option<String>> {
    let Some(id) = dossier.agent else { return Ok(None) };
    let agent = comptes::store::agent(tx, id).await?;
    Ok(agent.map(|agent| [agent.name(), agent.job_title].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")))
}

/// Name, mail, address and telephone of a team, for a letter.
pub async fn of(tx: &mut Tx, tenant: &Tenant, unit: Option<OrgUnitId>) -> Result<Service> {
    let own = match unit {
        Some(unit) => Some(comptes::org_unit(tx, unit).await?),
        None => None,
    };
    Ok(or_desk(tenant, own.as_ref()))
}

/// The same as of some seconds ago, for a page.
pub async fn shown(tx: &mut Tx, tenant: &Tenant, unit: Option<OrgUnitId>) -> Result<Service> {
    let units = tx.kept::<Kept<Arc<Vec<OrgUnit>>>>();
    let units = units.of(tx, async |tx| comptes::org_units(tx).await.map(Arc::new)).await?;
    match units.iter().find(|of| Some(of.id) == unit) {
        Some(own) => Ok(or_desk(tenant, Some(own))),
        None => of(tx, tenant, unit).await,
    }
}

fn or_desk(tenant: &Tenant, own: Option<&OrgUnit>) -> Service {
    let desk = &tenant.settings;
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    let or = |own: Option<&String>, desk: &str| own.and_then(|text| filled(text)).or_else(|| filled(desk));
    Service {
        name: own.map_or_else(|| tenant.name.clone(), |own| own.name.clone()),
        mail: or(own.map(|own| &own.mail), &desk.mail),
        postal: or(own.map(|own| &own.address), &desk.address),
        phone: or(own.map(|own| &own.phone), &desk.phone),
    }
}
