//! One-time links sent by mail: for signing in, a new password, an invitation. They live shortly,
//! serve once, and are kept as hashes. The mail itself is a job of the domain that asked.

use jiff::{SignedDuration, Timestamp};
use kernel::{Error, Problem, Result, Tx, crypto::hash_token};
use serde::{Deserialize, Serialize};

use crate::store;

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signs an usager in, opening his account if there is none.
    SignIn,
    /// Lets an usager choose a new password.
    Password,
    /// Lets an invited agent set his password and second factor.
    Invitation,
}

impl Purpose {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Password => "password",
            Self::Invitation => "invitation",
        }
    }

    /// How long it lives: 15 minutes for what signs in, a day for a password (CNIL 2022-100), a week for an invitation.
    fn life(self) -> SignedDuration {
        match self {
            Self::SignIn => SignedDuration::from_mins(15),
            Self::Password => SignedDuration::from_hours(24),
            Self::Invitation => SignedDuration::from_hours(7 * 24),
        }
    }
}

/// A link that was opened.
#[derive(Debug, Clone)]
pub struct Link {
    /// The address it was sent to: whoever opens it holds it.
    pub mail: String,
    /// Ids that the purpose needs.
    pub payload: serde_json::Value,
    /// When it dies.
    pub expires_at: Timestamp,
}

/// Makes a link and gives its token, which is in no table: it goes into the mail and nowhere else.
pub async fn issue(tx: &mut Tx, purpose: Purpose, mail: &str, payload: serde_json::Value) -> Result<String> {
    let token = tx.random_token();
    let expires_at = tx.now().checked_add(purpose.life())?;
    store::insert_link(tx, &hash_token(&token), purpose, mail, payload, expires_at).await?;
    Ok(token)
}

/// Whether a link would open: for the page with the button, so that a mail scanner that follows links uses nothing.
pub async fn is_live(tx: &mut Tx, purpose: Purpose, token: &str) -> Result<bool> {
    store::live_link(tx, &hash_token(token), purpose).await
}

/// Opens a link. `Gone` when it served already or is too old, or never existed: the same sentence for all.
pub async fn redeem(tx: &mut Tx, purpose: Purpose, token: &str) -> Result<Link> {
    let hash = hash_token(token);
    let link = store::lock_link(tx, &hash, purpose).await?.ok_or_else(gone)?;
    if !store::use_link(tx, &hash).await? {
        return Err(gone());
    }
    Ok(link)
}

/// The one refusal of a link, whatever the cause.
pub fn gone() -> Error {
    let sentence = "Ce lien a déjà servi ou n’est plus valable. Demandez-en un nouveau.";
    Error::Gone(Problem { code: "link-gone", sentence: sentence.into() })
}
