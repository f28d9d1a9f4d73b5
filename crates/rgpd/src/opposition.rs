//! Oppositions, GDPR article 21: to a reading that rests on a public task. The reading stops at once; the collectivité
//! answers within a month, and may refuse for reasons that it states.

use jiff::Timestamp;
use kernel::{Error, Event, PartenaireId, Result, Subject, Tx, UsagerId};
use serde::Serialize;

use crate::{Basis, habilitations, rights_request, store};

/// An opposition and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Opposition {
    /// Whose reading.
    pub partenaire: PartenaireId,
    /// For which purpose.
    pub purpose: String,
    /// What the person said of his situation.
    pub reason: String,
    /// When.
    pub made_at: Timestamp,
    /// When it was accepted for good.
    pub accepted_at: Option<Timestamp>,
    /// When it was refused: the reading goes on.
    pub refused_at: Option<Timestamp>,
}

/// A person opposed a reading.
#[derive(Serialize)]
pub struct OppositionMade {
    usager: UsagerId,
    partenaire: PartenaireId,
    purpose: String,
}

impl Event for OppositionMade {
    const KIND: &'static str = "OppositionMade";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// The person opposes; from this instant nothing leaves for this purpose. Opposing twice changes nothing.
/// `Invalid` without a reason; `NotFound` when there is no such reading; `Conflict` when the law allows no opposition.
pub async fn oppose(tx: &mut Tx, usager: UsagerId, partenaire: PartenaireId, purpose: &str, reason: &str) -> Result<()> {
    let held = habilitations(tx, Some(partenaire)).await?;
    let bases: Vec<Basis> = held.iter().filter(|h| h.purpose == purpose).map(|h| h.basis).collect();
    if bases.is_empty() {
        return Err(Error::NotFound);
    }
    if !bases.iter().any(|basis| basis.can_be_opposed()) {
        return Err(Error::conflict("cannot-oppose", "Cette lecture repose sur un texte qui ne permet pas de s’y opposer."));
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid("raison", "Dites en quelques mots ce qui, dans votre situation, justifie votre opposition."));
    }
    if store::oppose(tx, usager, partenaire, purpose, reason).await? {
        tx.emit(&OppositionMade { usager, partenaire, purpose: purpose.into() }).await?;
        rights_request::ask_about(tx, usager, partenaire, purpose, reason).await?;
    }
    Ok(())
}

/// The oppositions of a person, under all his identifiers, newest first.
pub async fn oppositions(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<Opposition>> {
    store::oppositions(tx, ids).await
}
