//! Who is in charge of a dossier, as the usager reaches him: the agent, the team. Where the team has no line or address of
//! its own, those of the front desk stand.

use kernel::{OrgUnitId, Result, Tenant, Tx};

use crate::accuse::Service;
use crate::model::Dossier;

/// The agent in charge, by name and role, which the usager has a right to know (L111-2): "Nadia Roussel, instructrice".
pub async fn agent(tx: &mut Tx, dossier: &Dossier) -> Result<Option<String>> {
    let Some(id) = dossier.agent else { return Ok(None) };
    let agent = comptes::store::agent(tx, id).await?;
    Ok(agent.map(|agent| [agent.name(), agent.job_title].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")))
}

/// Name, mail, address and telephone of a team.
pub async fn of(tx: &mut Tx, tenant: &Tenant, unit: Option<OrgUnitId>) -> Result<Service> {
    let desk = &tenant.settings;
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    let (name, mail, postal, phone) = match unit {
        Some(unit) => {
            let own = comptes::org_unit(tx, unit).await?;
            (own.name, filled(&own.mail), filled(&own.address), filled(&own.phone))
        }
        None => (tenant.name.clone(), None, None, None),
    };
    Ok(Service {
        name,
        mail: mail.or_else(|| filled(&desk.mail)),
        postal: postal.or_else(|| filled(&desk.address)),
        phone: phone.or_else(|| filled(&desk.phone)),
    })
}
