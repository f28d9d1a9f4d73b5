//! Partners and their keys. A key is shown once, kept as its hash; two may live together while one replaces the other.

use jiff::Timestamp;
use kernel::{Actor, Error, Event, FieldErrors, PartenaireId, Result, Subject, Tx, crypto::hash_token};
use serde::Serialize;

use crate::{MANAGE_PARTNERS, store};

/// A legal body that receives or sends data.
#[derive(Debug, Clone, Serialize)]
pub struct Partenaire {
    /// The partner.
    pub id: PartenaireId,
    /// As shown to usagers.
    pub name: String,
    /// 14 digits, or empty.
    pub siret: String,
    /// Whom to call.
    pub contact: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// A key of a partner, as it may be shown: its hash alone is kept.
#[derive(Debug, Clone, Serialize)]
pub struct PartnerKey {
    /// First signs of the hash: tells two keys apart.
    pub mark: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub closed_at: Option<Timestamp>,
}

/// A partner was registered.
#[derive(Serialize)]
pub struct PartenaireRegistered {
    partenaire: PartenaireId,
}

/// A key was made or closed.
#[derive(Serialize)]
pub struct PartnerKeyChanged {
    partenaire: PartenaireId,
    change: &'static str,
}

impl Event for PartenaireRegistered {
    const KIND: &'static str = "PartenaireRegistered";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

impl Event for PartnerKeyChanged {
    const KIND: &'static str = "PartnerKeyChanged";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// Registers a partner. `Invalid` without a name, or with a SIRET that is not one.
pub async fn register_partenaire(tx: &mut Tx, name: &str, siret: &str, contact: &str) -> Result<Partenaire> {
    tx.allow_any(MANAGE_PARTNERS)?;
    let siret: String = siret.chars().filter(|c| !c.is_whitespace()).collect();
    let mut errors = FieldErrors::new();
    if name.trim().is_empty() {
        errors.push("name", "Écrivez le nom de l’organisme, par exemple Caisse des écoles.");
    }
    if !siret.is_empty() && !is_siret(&siret) {
        errors.push("siret", "Vérifiez le SIRET : quatorze chiffres, par exemple 213 801 855 00015.");
    }
    errors.into_result()?;
    let partenaire = Partenaire { id: tx.new_id(), name: name.trim().into(), siret, contact: contact.trim().into(), created_at: tx.now() };
    store::insert_partenaire(tx, &partenaire).await?;
    tx.emit(&PartenaireRegistered { partenaire: partenaire.id }).await?;
    Ok(partenaire)
}

/// Fourteen digits whose Luhn sum is a multiple of ten.
fn is_siret(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let weigh = |(index, digit): (usize, &u32)| if index % 2 == 0 { (digit * 2) / 10 + (digit * 2) % 10 } else { *digit };
    digits.len() == 14 && text.len() == 14 && digits.iter().enumerate().map(weigh).sum::<u32>() % 10 == 0
}

/// The partners in activity, by name; at most 500.
pub async fn partenaires(tx: &mut Tx) -> Result<Vec<Partenaire>> {
    store::partenaires(tx).await
}

/// One partner.
pub async fn partenaire(tx: &mut Tx, id: PartenaireId) -> Result<Partenaire> {
    store::partenaire(tx, id).await?.ok_or(Error::NotFound)
}

/// The keys of a partner, the newest first.
pub async fn keys_of(tx: &mut Tx, id: PartenaireId) -> Result<Vec<PartnerKey>> {
    tx.allow_any(MANAGE_PARTNERS)?;
    store::keys_of(tx, id).await
}

/// A new key, shown once.
pub async fn issue_key(tx: &mut Tx, partenaire: PartenaireId) -> Result<String> {
    tx.allow_any(MANAGE_PARTNERS)?;
    let token = format!("parvis_{}", tx.random_token());
    store::insert_key(tx, &hash_token(&token), partenaire).await?;
    tx.emit(&PartnerKeyChanged { partenaire, change: "issued" }).await?;
    Ok(token)
}

/// Closes one key of a partner, told by its mark.
pub async fn close_key(tx: &mut Tx, partenaire: PartenaireId, mark: &str) -> Result<()> {
    tx.allow_any(MANAGE_PARTNERS)?;
    let keys = store::keys_of(tx, partenaire).await?;
    let key = keys.into_iter().find(|key| key.mark == mark && key.closed_at.is_none()).ok_or(Error::NotFound)?;
    store::close_key(tx, partenaire, &key.mark).await?;
    tx.emit(&PartnerKeyChanged { partenaire, change: "closed" }).await.map(drop)
}

/// The actor of a key, by its hash, if it is one of this tenant and in force.
pub async fn who_holds(tx: &mut Tx, token_hash: &str) -> Result<Option<Actor>> {
    store::partner_of_key(tx, token_hash).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siret_is_checked_by_its_sum() {
        assert!(is_siret("21380185500015"));
        assert!(!is_siret("21380185500016"));
        assert!(!is_siret("2138018550001"));
    }
}
