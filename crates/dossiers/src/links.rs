//! Links that open a dossier from a mail: the only key of whoever has no account. Only the hash is kept.

use jiff::{SignedDuration, Timestamp};
use kernel::crypto::hash_token;
use kernel::{DossierId, NewJob, Result, Tenant, Tx};

use crate::model::Dossier;
use crate::numero::Numero;
use crate::store;

/// How long a link to a deposited dossier opens it.
const FOLLOW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A fresh link to a dossier, for one mail; a draft's lasts as long as the draft. The draft of an account is found again
/// by signing in: its link opens nothing by itself.
pub(crate) async fn mint(tx: &mut Tx, tenant: &Tenant, dossier: &Dossier) -> Result<String> {
    if dossier.is_draft() && dossier.compte.is_some() {
        return Ok(tenant.url(&format!("/connexion?retour=/dossiers/{}", dossier.id)));
    }
    let token = tx.random_token();
    let until = dossier.expires_at.unwrap_or(tx.now() + FOLLOW);
    store::access::grant(tx, &hash_token(&token), dossier.id, "lien", until).await?;
    Ok(tenant.url(&format!("/reprendre/{token}")))
}

/// What a link opens, and whether it still does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// This dossier.
    Dossier(DossierId),
    /// Nothing any more: its time is over.
    Expired,
    /// Nothing ever.
    Nothing,
}

/// Reads a link.
pub async fn behind(tx: &mut Tx, token: &str) -> Result<Behind> {
    let now = tx.now();
    Ok(match store::access::behind_link(tx, &hash_token(token)).await? {
        Some((id, until)) if until > now => Behind::Dossier(id),
        Some(_) => Behind::Expired,
        None => Behind::Nothing,
    })
}

/// Opens a dossier to the browser that followed a link to it.
pub async fn open_to(tx: &mut Tx, id: DossierId, key_hash: &str) -> Result<Dossier> {
    let dossier = store::dossier::load(tx, id).await?;
    let until: Timestamp = dossier.expires_at.unwrap_or(tx.now() + FOLLOW);
    store::access::grant(tx, key_hash, id, "session", until).await?;
    Ok(dossier)
}

/// Somebody gives a number and an address: if they go together, a link is sent there. The answer never tells.
pub async fn ask_follow_link(tx: &mut Tx, number: &str, mail: &str) -> Result<()> {
    let Some(number) = Numero::parse(number) else { return Ok(()) };
    let Some(dossier) = store::dossier::by_number(tx, &number).await? else { return Ok(()) };
    if dossier.contact_mail.as_deref() == Some(&*mail.trim().to_lowercase()) {
        tx.enqueue(send(dossier.id)).await?;
    }
    Ok(())
}

/// Somebody gives an address: a link to each of its drafts is sent there. The answer never tells.
pub async fn ask_resume_links(tx: &mut Tx, mail: &str) -> Result<()> {
    let drafts = store::dossier::drafts_of_mail(tx, &mail.trim().to_lowercase()).await?;
    tx.enqueue_all(drafts.into_iter().map(send).collect()).await
}

/// The job that mails a link to a dossier; one that already waits is enough.
pub(crate) fn send(id: DossierId) -> NewJob {
    NewJob::new("SendResumeLink", serde_json::json!({ "dossier": id })).unique(format!("SendResumeLink:{id}"))
}
