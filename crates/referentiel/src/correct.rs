//! A person corrects what he said of himself. What somebody else certified is not his to change here: he asks.

use kernel::{Error, Result, Tx, UsagerId, t};
use serde_json::Value as Json;

use crate::{Golden, Level, NewFact, Record, Source, attributes::Attribute, read, record_facts, withdraw_facts::withdraw_former};

/// Whether the person may write this attribute himself: nothing is known of it, or only what he declared, and no
/// certified identity stands. The mail address is changed from the account, where it is confirmed.
pub fn can_correct(record: &Record, attribute: &Attribute) -> bool {
    let is_declared = |golden: &Golden| golden.fact.level == Level::Declared;
    let has_certified = record.values().any(|g| g.fact.level == Level::Certified && crate::attribute(&g.fact.attribute).is_some_and(|a| a.is_pivot));
    let is_own = matches!(attribute.code, "nom_usage" | "telephone" | "adresse") || record.contains_key(attribute.code);
    let is_open = is_own && !(attribute.is_pivot && has_certified) && !matches!(attribute.code, "courriel" | "quotient_familial");
    is_open && record.get(attribute.code).is_none_or(is_declared)
}

/// Records the person's own correction as a new fact; what he said before is withdrawn. `NotFound` for what he may not
/// change here, `Invalid` for a value that its kind refuses.
pub async fn correct(tx: &mut Tx, usager: UsagerId, attribute: &Attribute, value: Json) -> Result<()> {
    let record = read::record(tx, usager).await?;
    if !can_correct(&record, attribute) {
        return Err(Error::NotFound);
    }
    let fact = NewFact {
        attribute: attribute.code.into(),
        value,
        source: Source::Usager,
        source_label: t!("vous, sur la page Mes données"),
        level: Level::Declared,
        dossier: None,
    };
    record_facts(tx, usager, vec![fact]).await?;
    withdraw_former(tx, usager, attribute.code).await
}
