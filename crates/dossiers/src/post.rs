//! What goes by post: letters to a person without mail address, or who refused electronic answers (CRPA, L112-14). They
//! are drawn like the others and wait on the page of the dossier; an agent prints them, posts them and notes the day.
//! It sends nothing by itself.

use jiff::civil::Date;
use kernel::{CourrierId, DossierId, Error, Result, Tx};

use crate::events::{AccuseSent, CourrierSent};
use crate::model::Dossier;
use crate::rights::{self, ENTER, INSTRUCT};
use crate::store;
use crate::thread::ACCUSE;

/// The model of the letter that asks for missing pieces, beside those of the packages.
pub const COMPLEMENT: &str = "complement";

/// The address where what the service writes goes by mail; none when it goes by post.
pub async fn mail_address(tx: &mut Tx, dossier: &Dossier) -> Result<Option<String>> {
    let (Some(mail), Some(compte)) = (&dossier.contact_mail, dossier.compte) else { return Ok(dossier.contact_mail.clone()) };
    let compte = comptes::store::compte(tx, compte).await?;
    let is_refused = compte.is_some_and(|compte| compte.electronic_reply_refused);
    Ok(Some(mail.clone()).filter(|_| !is_refused))
}

/// Notes that a letter was posted, or handed over, on that day. The journal keeps who says so; noted twice, the first
/// day stands.
pub async fn note_posting(tx: &mut Tx, id: DossierId, courrier: CourrierId, on: Date) -> Result<()> {
    let dossier = store::dossier::lock(tx, id).await?;
    rights::allow(tx, INSTRUCT, &dossier).or_else(|_| rights::allow(tx, ENTER, &dossier))?;
    let courriers = store::thread::courriers(tx, id).await?;
    let courrier = courriers.into_iter().find(|known| known.id == courrier).ok_or(Error::NotFound)?;
    if courrier.sent_at.is_some() {
        return Ok(());
    }
    if on > tx.today() || on < tx.zone().to_datetime(courrier.produced_at).date() {
        return Err(Error::invalid("envoi", "Donnez le jour de l’envoi : entre le jour où le courrier a été produit et aujourd’hui."));
    }
    let at = match on == tx.today() {
        true => tx.now(),
        false => on.at(12, 0, 0, 0).to_zoned(tx.zone().clone()).map_err(Error::internal)?.timestamp(),
    };
    store::thread::mark_sent(tx, courrier.id, at.max(courrier.produced_at)).await?;
    match courrier.model.as_str() {
        ACCUSE => tx.emit(&AccuseSent { dossier: id, by: "poste" }).await.map(drop),
        _ => tx.emit(&CourrierSent { dossier: id, courrier: courrier.id, model: courrier.model }).await.map(drop),
    }
}
