//! Consents: given by the person for one purpose of one partner, withdrawn as easily. Only where it is free.

use jiff::Timestamp;
use kernel::{ConsentId, Error, Event, PartenaireId, Result, Subject, Tx, UsagerId};
use serde::Serialize;

use crate::{Basis, habilitations, store};

/// A consent and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Consent {
    /// The consent.
    pub id: ConsentId,
    /// Who may read.
    pub partenaire: PartenaireId,
    /// For which purpose.
    pub purpose: String,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Timestamp>,
}

/// A consent was given.
#[derive(Serialize)]
pub struct ConsentGiven {
    usager: UsagerId,
    consent: ConsentId,
    partenaire: PartenaireId,
    purpose: String,
}

/// A consent was withdrawn.
#[derive(Serialize)]
pub struct ConsentWithdrawn {
    usager: UsagerId,
    consent: ConsentId,
}

impl Event for ConsentGiven {
    const KIND: &'static str = "ConsentGiven";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

impl Event for ConsentWithdrawn {
    const KIND: &'static str = "ConsentWithdrawn";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// The person agrees; the words that he read are kept as proof. Agreeing twice changes nothing.
/// `NotFound` when no habilitation in force rests on consent for this partner and purpose.
pub async fn give(tx: &mut Tx, usager: UsagerId, partenaire: PartenaireId, purpose: &str, text_shown: &str) -> Result<()> {
    let offered = habilitations(tx, Some(partenaire)).await?;
    if !offered.iter().any(|h| h.basis == Basis::Consent && h.purpose == purpose) {
        return Err(Error::NotFound);
    }
    if store::live_consent(tx, &[usager], partenaire, purpose).await? {
        return Ok(());
    }
    let consent: ConsentId = tx.new_id();
    store::insert_consent(tx, consent, usager, partenaire, purpose, text_shown).await?;
    store::link(tx, usager, &[partenaire]).await?;
    tx.emit(&ConsentGiven { usager, consent, partenaire, purpose: purpose.into() }).await.map(drop)
}

/// The person withdraws; from this instant nothing leaves on this basis. Withdrawing twice changes nothing.
pub async fn withdraw(tx: &mut Tx, usager: UsagerId, consent: ConsentId) -> Result<()> {
    if store::withdraw_consent(tx, usager, consent).await? {
        tx.emit(&ConsentWithdrawn { usager, consent }).await?;
    }
    Ok(())
}

/// The consents of a person, under all his identifiers, newest first, at most 200.
pub async fn consents(tx: &mut Tx, usager: &[UsagerId]) -> Result<Vec<Consent>> {
    store::consents(tx, usager).await
}
