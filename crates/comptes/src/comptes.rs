//! The account of an usager: opened by a mailed link or FranceConnect, with a password if he wants one.

use kernel::{CompteId, Error, Event, Result, Subject, Tx};
use serde::Serialize;

use crate::store;

/// What an usager signs in with.
#[derive(Debug, Clone, Serialize)]
pub struct Compte {
    /// The account.
    pub id: CompteId,
    /// Login and address, normalised.
    pub mail: String,
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
    let compte = Compte {
        id: tx.new_id(),
        mail,
        is_mail_confirmed: true,
        password_hash: None,
        theme: "auto".into(),
        electronic_reply_refused: false,
    };
    store::insert_compte(tx, &compte).await?;
    tx.emit(&CompteOpened { compte: compte.id }).await?;
    Ok(compte)
}

/// Keeps a new password, hashed by the caller off the unit of work; other sessions of the account end.
pub async fn set_password(tx: &mut Tx, compte: CompteId, hash: &str) -> Result<()> {
    store::set_password(tx, compte, hash).await
}

/// Writes that an account was signed in.
pub async fn sign_in(tx: &mut Tx, compte: CompteId, means: &str) -> Result<()> {
    store::seen(tx, compte).await?;
    tx.emit(&CompteSignedIn { compte, means: means.into() }).await.map(drop)
}

/// The address as it is compared: trimmed, lower case; `None` when it is not one.
pub(crate) fn normal_mail(text: &str) -> Option<String> {
    let kind = kinds::kind("courriel")?;
    let input = kinds::Input::of(text);
    let value = kind.parse(&input, &kinds::Rule::default()).ok()??;
    value.as_str().map(str::to_lowercase)
}
