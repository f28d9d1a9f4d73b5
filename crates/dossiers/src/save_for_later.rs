//! "Enregistrer et reprendre plus tard": the address where the link goes is kept with the draft, and the link is sent.

use kernel::{DossierId, Error, Result, Tx};
use kinds::{Input, Rule};

use crate::model::Dossier;
use crate::{links, store};

/// Keeps the address and sends the link, if a mail may leave. The caller has checked that the draft is the person's.
pub async fn save_for_later(tx: &mut Tx, id: DossierId, mail: &str, may_mail: bool) -> Result<Dossier> {
    let mut dossier = store::dossier::lock(tx, id).await?;
    dossier.must_be_draft()?;
    let mail = address(mail)?;
    dossier.contact_mail = Some(mail);
    store::dossier::save_draft(tx, &dossier).await?;
    if may_mail {
        tx.enqueue(links::send(id)).await?;
    }
    Ok(dossier)
}

/// A mail address as the kind of that name reads it, in lower case.
pub(crate) fn address(typed: &str) -> Result<String> {
    let kind = kinds::kind("courriel").ok_or_else(|| Error::internal("no kind courriel"))?;
    let read = kinds::read_answer(kind, &Input::of(typed), &Rule::default());
    let value = read.map_err(|refusal| Error::invalid("courriel", refusal.sentence))?;
    let text = value.as_ref().and_then(|value| value.as_str()).unwrap_or_default();
    Ok(text.to_lowercase())
}
