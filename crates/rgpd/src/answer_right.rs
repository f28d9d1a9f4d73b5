//! The answer to a request of a person about his data: granted, or refused with the reasons and the remedy.

use kernel::{Error, Event, Result, RightsRequestId, Subject, Tx, UsagerId};
use serde::Serialize;

use crate::{AUDIT, RightsRequest, rights_request::Kind, store};

/// A request was answered.
#[derive(Serialize)]
pub struct RightsRequestAnswered {
    usager: UsagerId,
    request: RightsRequestId,
    is_granted: bool,
}

impl Event for RightsRequestAnswered {
    const KIND: &'static str = "RightsRequestAnswered";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// Answers. A refused opposition lets the reading go on; a granted one stops it for good.
/// `Invalid` without words: the person must know what was done, or why not. `Conflict` when it was answered already.
pub async fn answer_right(tx: &mut Tx, id: RightsRequestId, is_granted: bool, answer: &str) -> Result<RightsRequest> {
    tx.allow_any(AUDIT)?;
    let request = store::lock_request(tx, id).await?;
    if request.answered_at.is_some() {
        return Err(Error::conflict("already-answered", "Cette demande a déjà reçu une réponse."));
    }
    let answer = answer.trim();
    if answer.is_empty() {
        return Err(Error::invalid("reponse", "Écrivez ce qui a été fait, ou pourquoi la demande est refusée : la personne lira ce texte."));
    }
    store::save_answer(tx, id, is_granted, answer).await?;
    if let (Kind::Opposition, Some(partenaire), Some(purpose)) = (request.kind, request.partenaire, &request.purpose) {
        let now = tx.now();
        let (accepted, refused) = if is_granted { (Some(now), None) } else { (None, Some(now)) };
        store::settle_opposition(tx, request.usager, partenaire, purpose, accepted, refused).await?;
    }
    tx.emit(&RightsRequestAnswered { usager: request.usager, request: id, is_granted }).await?;
    Ok(request)
}
