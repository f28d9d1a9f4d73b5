//! Teams ("services"): what receipts print of them, and their list.

use kernel::{Error, FieldErrors, OrgUnitId, Result, Tx};
use serde::{Deserialize, Serialize};

use crate::{MANAGE_AGENTS, store};

/// A team that handles dossiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgUnit {
    /// The team.
    pub id: OrgUnitId,
    /// How packages name it: `etat-civil`.
    pub slug: String,
    /// As printed: "Service de l’état civil".
    pub name: String,
    /// Mail address, printed on receipts.
    pub mail: String,
    /// Telephone, printed on receipts.
    pub phone: String,
    /// Postal address, printed on receipts.
    pub address: String,
}

/// The teams in activity, by name; at most 500.
pub async fn org_units(tx: &mut Tx) -> Result<Vec<OrgUnit>> {
    store::org_units(tx).await
}

/// One team, closed or not.
pub async fn org_unit(tx: &mut Tx, id: OrgUnitId) -> Result<OrgUnit> {
    store::org_unit(tx, id).await?.ok_or(Error::NotFound)
}

/// The team that a package names; `None` when the tenant has none of that name.
pub async fn org_unit_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<OrgUnit>> {
    store::org_unit_by_slug(tx, slug).await
}

/// Creates or changes a team. `Invalid` when what a receipt needs is missing: name, telephone, and a mail or postal address.
pub async fn save_org_unit(tx: &mut Tx, unit: OrgUnit) -> Result<OrgUnit> {
    tx.allow_any(MANAGE_AGENTS)?;
    let mut errors = FieldErrors::new();
    let is_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if unit.slug.is_empty() || !unit.slug.chars().all(is_slug) {
        errors.push("slug", "Écrivez un nom court en minuscules et traits d’union, par exemple etat-civil.");
    }
    if unit.name.trim().is_empty() {
        errors.push("name", "Écrivez le nom du service, par exemple Service de l’état civil.");
    }
    if unit.phone.trim().is_empty() {
        errors.push("phone", "Écrivez le téléphone du service : l’accusé de réception doit le porter.");
    }
    if unit.mail.trim().is_empty() && unit.address.trim().is_empty() {
        errors.push("mail", "Écrivez une adresse électronique ou postale : l’accusé de réception doit en porter une.");
    }
    errors.into_result()?;
    store::save_org_unit(tx, &unit).await?;
    Ok(unit)
}
