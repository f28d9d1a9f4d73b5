//! The account of an usager: opened by a mailed link or FranceConnect, with a password if he wants one.

use kernel::{CompteId, Error, Event, Result, Subject, Tx};
use serde::Serialize;

use crate::{Purpose, links, store};

/// What an usager signs in with.
#[derive(Debug, Clone, Serialize)]
pub struct Compte {
    /// The account.
    pub id: CompteId,
    /// Login and address, normalised; none when FranceConnect opened it beside the account that has the address.
    pub mail: Option<String>,
    /// Whether the address answered a link.
    pub is_mail_confirmed: bool,
    /// Password, argon2id.
    #[serde(skip)]
    pub password_hash: Option<String>,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// CRPA L112-14: the person refused electronic answers.
    pub electronic_reply_refused: bool,
}

/// An account was opened.
#[derive(Serialize)]
pub struct CompteOpened {
    compte: CompteId,
}

/// An account was signed in, and how.
#[derive(Serialize)]
pub struct CompteSignedIn {
    compte: CompteId,
    means: String,
}

impl Event for CompteOpened {
    const KIND: &'static str = "CompteOpened";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

impl Event for CompteSignedIn {
    const KIND: &'static str = "CompteSignedIn";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// The account of a confirmed address, opened if there is none. The caller holds the proof: a redeemed link, or an identity provider.
pub async fn open(tx: &mut Tx, mail: &str) -> Result<Compte> {
    let mail = normal_mail(mail).ok_or_else(|| Error::invalid("mail", "Écrivez une adresse électronique, par exemple nom@exemple.fr."))?;
    if let Some(compte) = store::compte_by_mail(tx, &mail).await? {
        store::confirm_mail(tx, compte.id).await?;
        return Ok(Compte { is_mail_confirmed: true, ..compte });
    }
    insert(tx, Some(mail)).await
}

/// An account without address: FranceConnect alone opens it.
pub async fn open_without_mail(tx: &mut Tx) -> Result<Compte> {
    insert(tx, None).await
}

async fn insert(tx: &mut Tx, mail: Option<String>) -> Result<Compte> {
    let compte = Compte {
        id: tx.new_id(),
        is_mail_confirmed: mail.is_some(),
        mail,
        password_hash: None,
        theme: "auto".into(),
        electronic_reply_refused: false,
    };
    store::insert_compte(tx, &compte).await?;
    tx.emit(&CompteOpened { compte: compte.id }).await?;
    Ok(compte)
}

/// An identity of a provider, linked to an account.
#[derive(Debug, Clone)]
pub struct LinkedIdentity {
    /// Whose.
    pub issuer: String,
    /// The person, there.
    pub sub: String,
    /// Since when.
    pub created_at: jiff::Timestamp,
}

/// An identity was tied to an account, or untied.
#[derive(Serialize)]
pub struct IdentityLinked {
    /// The account.
    pub compte: CompteId,
    /// `linked` or `unlinked`.
    pub change: &'static str,
}

impl Event for IdentityLinked {
    const KIND: &'static str = "IdentityLinked";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// Ties an identity to an account. The caller holds the proof that both are the same person's.
pub async fn link(tx: &mut Tx, compte: CompteId, issuer: &str, sub: &str) -> Result<()> {
    store::link_identity(tx, issuer, sub, Some(compte), None).await?;
    tx.emit(&IdentityLinked { compte, change: "linked" }).await.map(drop)
}

/// Unties an identity. `Conflict` when nothing else would let the person in again.
pub async fn unlink(tx: &mut Tx, compte: CompteId, issuer: &str) -> Result<()> {
    let known = store::compte(tx, compte).await?.ok_or(Error::NotFound)?;
    if known.mail.is_none() {
        let sentence = "C’est votre seul moyen de vous connecter : donnez d’abord une adresse électronique.";
        return Err(Error::conflict("last-means", sentence));
    }
    if !store::unlink_identity(tx, compte, issuer).await? {
        return Err(Error::NotFound);
    }
    tx.emit(&IdentityLinked { compte, change: "unlinked" }).await.map(drop)
}

/// Changes what a person chooses for himself. `Invalid` for a theme that does not exist.
pub async fn prefer(tx: &mut Tx, compte: CompteId, theme: &str, electronic_reply_refused: bool) -> Result<()> {
    check_theme(theme)?;
    store::set_preferences(tx, compte, theme, electronic_reply_refused).await
}

/// `Invalid` unless it is one of the themes.
pub(crate) fn check_theme(theme: &str) -> Result<()> {
    match ["auto", "light", "dark"].contains(&theme) {
        true => Ok(()),
        false => Err(Error::invalid("theme", "Choisissez un affichage : automatique, clair ou sombre.")),
    }
}

/// Keeps the new password that a mailed link allows, and gives the account; the caller ends its sessions.
pub async fn set_password_by_link(tx: &mut Tx, token: &str, hash: &str) -> Result<Compte> {
    let link = links::redeem(tx, Purpose::Password, token).await?;
    let compte = store::compte_by_mail(tx, &link.mail).await?.ok_or_else(links::gone)?;
    store::set_password(tx, compte.id, hash).await?;
    Ok(compte)
}

/// Keeps a new password, hashed by the caller off the unit of work; the caller ends the sessions.
pub async fn set_password(tx: &mut Tx, compte: CompteId, hash: &str) -> Result<()> {
    store::set_password(tx, compte, hash).await
}

/// Writes that an account was signed in.
pub async fn sign_in(tx: &mut Tx, compte: CompteId, means: &str) -> Result<()> {
    store::seen(tx, compte).await?;
    tx.emit(&CompteSignedIn { compte, means: means.into() }).await.map(drop)
}

/// The address as it is compared: trimmed, lower case; `None` when it is not one.
pub fn normal_mail(text: &str) -> Option<String> {
    let kind = kinds::kind("courriel")?;
    let input = kinds::Input::of(text);
    let value = kind.parse(&input, &kinds::Rule::default()).ok()??;
    value.as_str().map(str::to_lowercase)
}
