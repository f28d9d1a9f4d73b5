//! Consents: given by the person for one purpose of one partner, withdrawn as easily. Only where it is free.

use jiff::{Timestamp, civil::Date};
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
    /// The words that he read: the proof.
    pub text_shown: String,
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

/// What a person agrees to, for one purpose of one partner.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    /// Who would read.
    pub partenaire: PartenaireId,
    /// Code of the purpose.
    pub purpose: String,
    /// The purpose in words.
    pub title: String,
    /// Codes of the attributes.
    pub attributes: Vec<String>,
    /// The text that frames it.
    pub reference: String,
    /// Until when, if it ends.
    pub valid_to: Option<Date>,
    /// Since when it is offered as it is: an older consent does not cover it.
    pub since: Timestamp,
}

/// What is offered to the persons' consent today, by partner and purpose.
pub async fn offers(tx: &mut Tx) -> Result<Vec<Offer>> {
    let mut offers: Vec<Offer> = vec![];
    for h in habilitations(tx, None).await?.into_iter().filter(|h| h.basis == Basis::Consent) {
        match offers.iter_mut().find(|o| o.partenaire == h.partenaire && o.purpose == h.purpose) {
            Some(offer) => {
                offer.attributes.extend(h.attributes.into_iter().filter(|a| !offer.attributes.contains(a)).collect::<Vec<_>>());
                offer.since = offer.since.max(h.granted_at);
            }
            None => offers.push(Offer {
                partenaire: h.partenaire,
                purpose: h.purpose,
                title: h.title,
                attributes: h.attributes,
                reference: h.reference,
                valid_to: h.valid_to,
                since: h.granted_at,
            }),
        }
    }
    Ok(offers)
}

/// The person agrees; the words that he read are kept as proof. Agreeing twice changes nothing.
/// `NotFound` when no habilitation in force rests on consent for this partner and purpose.
pub async fn give(tx: &mut Tx, usager: UsagerId, partenaire: PartenaireId, purpose: &str, text_shown: &str) -> Result<()> {
    let offers = offers(tx).await?;
    let offer = offers.iter().find(|o| o.partenaire == partenaire && o.purpose == purpose).ok_or(Error::NotFound)?;
    if store::live_consent(tx, &[usager], partenaire, purpose, offer.since).await? {
        return Ok(());
    }
    let consent: ConsentId = tx.new_id();
    store::insert_consent(tx, consent, usager, partenaire, purpose, text_shown).await?;
    store::link(tx, usager, partenaire).await?;
    tx.emit(&ConsentGiven { usager, consent, partenaire, purpose: purpose.into() }).await.map(drop)
}

/// The person, under all his identifiers, withdraws; from this instant nothing leaves on this basis. Withdrawing twice
/// changes nothing.
pub async fn withdraw(tx: &mut Tx, ids: &[UsagerId], consent: ConsentId) -> Result<()> {
    let usager = *ids.first().ok_or(Error::NotFound)?;
    if store::withdraw_consent(tx, ids, consent).await? {
        tx.emit(&ConsentWithdrawn { usager, consent }).await?;
    }
    Ok(())
}

/// The consents of a person, under all his identifiers, newest first, at most 200.
pub async fn consents(tx: &mut Tx, usager: &[UsagerId]) -> Result<Vec<Consent>> {
    store::consents(tx, usager).await
}
