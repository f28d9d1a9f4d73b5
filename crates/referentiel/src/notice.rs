//! What a person is told of the readings that need no consent (GDPR article 14, CRPA L114-8): who, what, why, on what
//! basis. Shown before a demand is sent; `rgpd::inform` then records that it was.

use kernel::{Kept, Result, Tx};
use rgpd::Basis;
use serde::Serialize;

use crate::readings::yours;

/// One reading that the person is told of.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// The partner.
    pub who: String,
    /// "votre quotient familial, votre adresse postale"
    pub what: String,
    /// The purpose, in words.
    pub title: String,
    /// What makes it lawful, and the text.
    pub basis: String,
    /// Whether the person may oppose.
    pub can_oppose: bool,
}

/// The readings of partners that are in force and rest on no consent, as of some seconds ago.
pub async fn notices(tx: &mut Tx) -> Result<Vec<Notice>> {
    let kept = tx.kept::<Kept<Vec<Notice>>>();
    kept.of(tx, async |tx| in_force(tx, |basis| basis != Basis::Consent).await).await
}

/// Every reading in force, whatever makes it lawful: the list that CRPA L114-8 III wants public.
pub async fn public_readings(tx: &mut Tx) -> Result<Vec<Notice>> {
    in_force(tx, |_| true).await
}

async fn in_force(tx: &mut Tx, is_wanted: impl Fn(Basis) -> bool) -> Result<Vec<Notice>> {
    let told: Vec<_> = rgpd::habilitations(tx, None).await?.into_iter().filter(|h| is_wanted(h.basis)).collect();
    if told.is_empty() {
        return Ok(vec![]);
    }
    let partenaires = comptes::partenaires(tx).await?;
    let notice = |h: &rgpd::Habilitation| {
        let who = partenaires.iter().find(|partenaire| partenaire.id == h.partenaire)?;
        Some(Notice {
            who: who.name.clone(),
            what: h.attributes.iter().map(|code| yours(code)).collect::<Vec<_>>().join(", "),
            title: h.title.clone(),
            basis: format!("{} ({})", h.basis.label(), h.reference),
            can_oppose: h.basis.can_be_opposed(),
        })
    };
    Ok(told.iter().filter_map(notice).collect())
}
